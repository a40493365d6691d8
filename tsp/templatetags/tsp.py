"""Pieces of forms that save themselves, and the way to asking others: `{% load tsp %}`."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from keywork import saving
from keywork.access import Can, allows

register = template.Library()


@register.simple_tag
def stored_value(name: str, version: int, value: object = None, form: str = "") -> SafeString:
    """The hidden partner of a field: `{% stored_value "narrative:summary" version text %}`; `form` when it stands outside."""
    held = saving.base(version or 0, saving.as_values(value))
    if form:
        return format_html('<input type="hidden" name="base:{}" value="{}" form="{}">', name, held, form)
    return format_html('<input type="hidden" name="base:{}" value="{}">', name, held)


@register.simple_tag(takes_context=True)
def asks_url(context: Context) -> str:
    """Where this reader asks others about the student of the page, or ""."""
    student, request = context.get("student"), context.get("request")
    if student is None or request is None or not allows(request.user, Can.ASK_FOR_INPUT, student):
        return ""
    return reverse("tsp:asks", args=[student.pk])
