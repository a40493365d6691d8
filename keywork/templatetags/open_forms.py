"""`{% csrf_token %}`, in every template: the token as Django draws it, and beside it the key of the form."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html_join

from keywork import form_keys

register = template.Library()


class OpenFormNode(CsrfTokenNode):
    def render(self, context: Context) -> str:
        token = super().render(context)
        request = context.get("request")
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return token
        # What it sends again waits until it is saved (keywork.pending): the page that shows it again says which that is.
        waits = [("pending", one.pk) for one in getattr(request, "sent_again", [])]
        fields = [(form_keys.FIELD, form_keys.make(user.pk)), *waits]
        return token + format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.tag
def csrf_token(parser: Parser, token: Token) -> OpenFormNode:
    return OpenFormNode()
