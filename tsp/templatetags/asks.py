"""`{% load asks %}{% asks_url as url %}`: where this reader asks others about the student of the page, or ""."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.urls import reverse

from keywork.access import Can, allows

register = template.Library()


@register.simple_tag(takes_context=True)
def asks_url(context: Context) -> str:
    student, request = context.get("student"), context.get("request")
    if student is None or request is None or not allows(request.user, Can.ASK_FOR_INPUT, student):
        return ""
    return reverse("tsp:asks", args=[student.pk])
