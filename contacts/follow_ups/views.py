"""Asking about an entry, what one has asked, taking it back, and asking somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from enquiries import actions as enquiries
from enquiries.lines import lines_of
from enquiries.models import Enquiry
from keywork import clock, school
from keywork.access import Can
from keywork.audit import looked_up, opened, opened_each
from keywork.editing import press, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, POST, permission_required
from keywork.http import SchoolRequest, posted

from ..timeline import entry_of
from ..views import entry_messages
from ..views.entries import find_entry
from . import actions
from .kinds import FollowUpForm


@permission_required(Can.VIEW_LOG, GET_POST)
@keeps_typed
def ask(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    entry = find_entry(request, Can.VIEW_LOG, kind, pk)
    if entry.voided_on is not None:
        return entry_messages.refused(request, entry, "This entry has already been crossed out", status=409)
    people = actions.may_be_asked(entry, request.user)
    form = FollowUpForm(posted(request), people=people)
    made = save(
        request,
        form,
        lambda: actions.ask(by=request.user, entry=entry, **form.details()),
    )
    if made is not None:
        messages.success(
            request, f"Asked. {made.user.name} finds it on Today, and you are told what came of it."
        )
        return redirect(entry_messages.entry_url(entry))
    if request.method != "POST":
        opened(request, entry.student, kind, str(entry.pk))
    return _form_page(request, entry, form, {"people": people})


@permission_required(Can.VIEW_LOG, GET)
def asked(request: SchoolRequest) -> HttpResponse:
    """What one has asked of colleagues: what waits first."""
    rows = actions.lately(actions.asked_by(request.user)).order_by("answer_by", "pk")
    lines = lines_of(rows.select_related("student"), request.user)
    opened_each(request, {line.enquiry.student_id for line in lines}, "asked of colleagues")
    waiting = [line for line in lines if line.state == "waiting"]
    context = {
        "waiting": waiting,
        "ended": [line for line in reversed(lines) if line.state != "waiting"],
        "cannot": actions.who_cannot([line.enquiry for line in waiting]),
        "today": clock.today(),
    }
    return render(request, "contacts/follow_ups.html", context)


@permission_required(Can.VIEW_LOG, POST)
def take_back(request: SchoolRequest, pk: int) -> HttpResponse:
    row = _find(request, pk)
    said = f"Taken back: {row.respondent} need not do it any more."
    press(request, lambda: enquiries.withdraw(by=request.user, enquiry=row), said)
    return redirect("contacts:follow_ups")


@permission_required(Can.VIEW_LOG, GET_POST)
@keeps_typed
def ask_another(request: SchoolRequest, pk: int) -> HttpResponse:
    """The same of somebody else: whoever was asked has left, or cannot."""
    row = _find(request, pk)
    entry = actions.entry_of(row)
    people = [user for user in actions.may_be_asked(entry, request.user) if user != row.user]
    form = FollowUpForm(posted(request), people=people, asks_again=True)
    made = save(request, form, lambda: actions.ask_another(by=request.user, row=row, **form.details()))
    if made is not None:
        messages.success(request, f"Asked. {made.user.name} finds it on Today in place of {row.respondent}.")
        return redirect("contacts:follow_ups")
    return _form_page(request, entry, form, {"people": people, "row": row})


def _find(request: SchoolRequest, pk: int) -> Enquiry:
    rows = actions.asked_by(request.user).select_related("student", "user", "asked_by")
    row: Enquiry = get_object_or_404(rows, pk=pk)
    looked_up(request, row.student_id, "enquiry")
    return row


def _form_page(request: SchoolRequest, entry: Any, form: FollowUpForm, more: dict[str, Any]) -> HttpResponse:
    context = {
        "form": form,
        "entry": entry,
        "noun": entry_messages.noun(entry),
        "student": entry.student,
        "shown": [entry_of(entry, school.load().policy(entry.logged_on))],
        "back": entry_messages.entry_url(entry),
        **more,
    }
    return render(request, "contacts/follow_up.html", context, status=form.status)
