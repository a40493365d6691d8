"""Pieces of a student's card on Today, written here: `{% load cards %}`. A deputy may have two dozen cards."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from keywork.addresses import numbered
from keywork.duties import DutyState
from keywork.templatetags.kw import icon_svg, state_badge
from students.models import Student

from ..cards import Card

register = template.Library()


@register.simple_tag
def card_head(card: Card) -> SafeString:
    """The student's name, leading to their record, and the line under it."""
    student = card.student
    link = f'<a href="{numbered("students:record").format(student.pk)}">{escape(student.full_name)}</a>'
    return mark_safe(f'<header><h2>{link}</h2><p class="kw-meta">{escape(card.meta)}</p></header>')


@register.simple_tag
def card_duties(card: Card) -> SafeString:
    """The rows that need somebody now, and the rest folded away behind a line."""
    return mark_safe(_listed(card.rows, card.student) + (_folded(card) if card.folded else ""))


def _listed(rows: Sequence[DutyState], student: Student) -> str:
    return f'<ul class="kw-duties">{"".join([_duty(row, student) for row in rows])}</ul>' if rows else ""


def _duty(row: DutyState, student: Student) -> str:
    name = escape(row.name)
    if url := row.page_url:
        about = f'<span class="visually-hidden"> of {escape(student.name)}</span>'
        name = f'<a href="{escape(url)}">{name}{about}</a>'
    words = row.when
    when = f'<span class="kw-when">{escape(words)}</span>' if words else ""
    return f'<li class="kw-duty"><div>{name}{when}</div>{state_badge(row)}</li>'


def _folded(card: Card) -> str:
    about = f'<span class="visually-hidden"> for {escape(card.student.name)}</span>'
    return (
        f'<details class="kw-more"><summary>{icon_svg("chevron-right")}<span>{escape(card.folded)}{about}</span></summary>'
        f"{_listed(card.folded_rows, card.student)}</details>"
    )


@register.simple_tag
def card_actions(card: Card) -> SafeString:
    """Log contact, log session: links to the form's page, which htmx opens inside the card."""
    return mark_safe(
        '<div class="kw-actions">'
        + _action(card.student, "contacts:log_contact", "contact", " data-focus")
        + _action(card.student, "contacts:log_session", "session", "")
        + "</div>"
    )


def _action(student: Student, form: str, kind: str, focus: str) -> str:
    pk = student.pk
    return (
        f'<a{focus} class="btn btn-secondary" href="{numbered(form).format(pk)}"'
        f' hx-get="{numbered("portal:card").format(pk)}?open={kind}" hx-target="#s-{pk}" hx-swap="outerHTML">'
        f'Log {kind}<span class="visually-hidden"> for {escape(student.name)}</span></a>'
    )
