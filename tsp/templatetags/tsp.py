"""Pieces of forms that save themselves: `{% load tsp %}`."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from keywork import saving

register = template.Library()


@register.simple_tag
def seen(name: str, version: int, value: object = None, form: str = "") -> SafeString:
    """The hidden partner of a field: `{% seen "narrative:summary" version text %}`; `form` when it stands outside."""
    held = saving.base(version or 0, saving.as_values(value))
    if form:
        return format_html('<input type="hidden" name="base:{}" value="{}" form="{}">', name, held, form)
    return format_html('<input type="hidden" name="base:{}" value="{}">', name, held)
