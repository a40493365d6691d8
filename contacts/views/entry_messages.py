"""What is said after a write: what happened and what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from keywork import clock, form_keys
from keywork.access import heads
from keywork.audit import shows_nothing
from keywork.dates import day_in_full, number_of_days
from keywork.duties import Status
from keywork.http import SchoolRequest
from keywork.names import ended
from keywork.words import worded

from ..duties import HomeContactDuty
from ..half_term import half_term
from ..models import HomeContact
from ..models.entry import LogEntry


def noun(entry: LogEntry) -> str:
    return "contact" if isinstance(entry, HomeContact) else "session"


def entry_url(entry: LogEntry) -> str:
    return reverse(f"contacts:{noun(entry)}", args=[entry.pk])


def saved(request: SchoolRequest, entry: LogEntry, *, siblings: Sequence[LogEntry], back: str) -> None:
    """ "Contact saved. Mo's next home contact is due Monday 7 December. Undo"; of a session, what is left to talk about."""
    what = noun(entry).capitalize()
    words = [f"{what} saved."]
    if siblings:
        names = " and ".join(row.student.known_as for row in siblings)
        words = [f"{what} saved for {entry.student.known_as} and {ended(names)}"]
    if entry.needs_approval:
        late = number_of_days(entry.logged_days_late)
        words.append(f"It is {late} late: it will count once {head_names()} approves it.")
    elif what == "Contact":
        words.append(_next_contact(request, entry))
    else:
        words.append(_half_term(request, entry))
    text = " ".join(word for word in words if word)
    undo = f"{reverse(f'contacts:undo_{noun(entry)}', args=[entry.pk])}?{urlencode({'next': back})}"
    text = format_html(
        '{} <a href="{}" hx-post="{}" hx-vals=\'{{"csrfmiddlewaretoken": "{}", "{}": "{}"}}\'>Undo</a>',
        text, undo, undo, get_token(request), form_keys.FIELD, form_keys.make(request.user.pk),
    )  # fmt: skip
    (messages.warning if entry.needs_approval else messages.success)(request, text)


def _next_contact(request: SchoolRequest, entry: LogEntry) -> str:
    """The next due date, from the same function every page asks."""
    today = clock.today()
    student = entry.student
    state = HomeContactDuty().states([student], today, school=request.school)[0]
    if state.due_on is None or state.status in (Status.NONE, Status.NOT_OWED):
        return ""
    if state.status is Status.OVERDUE:
        due = day_in_full(state.due_on, today)
        return f"{student.known_as}’s home contact is still overdue: it was due {due}."
    assert state.by is not None
    return f"{student.known_as}’s next home contact is due {day_in_full(state.by, today)}."


def _half_term(request: SchoolRequest, entry: LogEntry) -> str:
    """ "Two of three talked about; engagement by Friday 18 December."; of the half-term the session was in."""
    school = request.school
    found = half_term(entry.student, entry.happened_on, clock.today(), request.user, school)
    return found.after if found else ""


def head_names() -> str:
    names = list(heads().order_by("pk").values_list("name", flat=True)[:2])
    return " or ".join(names) or worded("the Head of Social Education")


def amended(request: SchoolRequest, entry: LogEntry) -> None:
    text = f"{noun(entry).capitalize()} changed. The version before is kept below it."
    if entry.needs_approval and entry.approved_on is None:
        text += f" As it stands now it counts once {head_names()} approves it."
        messages.warning(request, text)
    else:
        messages.success(request, text)


def not_yours(entry: LogEntry) -> str:
    return (
        f"Only {entry.made_by.name} or {worded('the Head of Social Education')} can change this {noun(entry)}"
    )


def refused(
    request: SchoolRequest, entry: LogEntry, words: str, *, status: int, typed: str = ""
) -> HttpResponse:
    """The record's own rule said no: a page that says why, with what was typed, and nothing of the record."""
    shows_nothing(request)
    context: dict[str, Any] = {"words": words, "entry": entry, "entry_url": entry_url(entry), "typed": typed}
    return render(request, "contacts/refused.html", context, status=status)
