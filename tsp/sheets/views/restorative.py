"""What follows a restorative conversation: who calls it, and what was agreed, with one person and one day each.

Each student's record has its own; nobody of the other student's people ever sees them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from care.meetings import actions as agreeing
from care.meetings.forms import AgreeForm
from care.models import Action, PartAsked
from care.over import Over, unless_over
from care.restorative import actions as asking
from keywork import clock
from keywork.access import Can
from keywork.duty_words import listed
from keywork.editing import save
from keywork.errors import Refused
from keywork.form_drafts import keeps_typed
from keywork.forms import KeyworkForm
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Assignment, User
from keywork.names import ended
from keywork.words import filled, worded
from students.models import Student

from ...models import Sheet, Tool
from .. import actions as sheet_actions
from .. import agreed
from .. import permissions as sheet_permissions
from ..forms import NOBODY, AskPartForm, TakeAgreedForm, TakePartForm
from .pages import framed

CALL = "Call the restorative conversation"
CROSSED_OUT = "This record was crossed out. It stays as it was"
ANSWER_WITHIN = timedelta(days=2)


def first_contacts(student: Student) -> list[User]:
    """Keyworker and mentor: whom one turns to in a conflict (process 8)."""
    kinds = (Assignment.Kind.KEYWORKER, Assignment.Kind.MENTOR)
    assignments = Assignment.objects.current(clock.today()).filter(student=student, kind__in=kinds)
    return [assignment.user for assignment in assignments.select_related("user").order_by("kind", "pk")]


def agreed_of(row: Sheet) -> list[Action]:
    return list(Action.objects.filter(repair_id=row.pk).select_related("owner"))


def asked_for(row: Sheet) -> list[PartAsked]:
    return list(PartAsked.objects.filter(repair_id=row.pk).select_related("asked"))


def still_open(agreed: list[Action], parts: list[PartAsked]) -> dict[str, bool]:
    """What crossing the record out ends, for `tsp/_sheet_void.html`."""
    return {
        "agreed_open": any(one.is_open for one in agreed),
        "parts_open": any(one.answered_at is None for one in parts),
    }


def _record(request: SchoolRequest, pk: int) -> Sheet:
    """The record of a restorative conversation that this person may write to, while it stands (`_crossed_out`)."""
    rows = sheet_permissions.readable(request.user).filter(tool=Tool.RESTORATIVE)
    found: Sheet = get_visible_or_404(rows.select_related("student"), request, Can.RECORD_RESTORATIVE, pk=pk)
    return found


def _crossed_out(request: SchoolRequest, pk: int) -> Over | None:
    row = _record(request, pk)
    if row.voided_at is None:
        return None
    return Over(row.student, CROSSED_OUT, "See the record", reverse("tsp:sheet", args=[pk]), "tsp")


def _beside(
    request: SchoolRequest, row: Sheet, form: KeyworkForm, title: str, heading: str, intro: str
) -> HttpResponse:
    """One form beside the record."""
    context = {
        "form": form,
        "title": title,
        "heading": heading,
        "intro": intro,
        "back_url": reverse("tsp:sheet", args=[row.pk]),
    }
    return framed(request, "tsp/after_conflict.html", row.student, context, form.status)


def _standing(row: Sheet) -> Sheet:
    """Raises Refused."""
    if row.voided_at is not None:
        raise Refused(CROSSED_OUT)
    return row


@permission_required(Can.RECORD_RESTORATIVE, GET_POST)
@unless_over(_crossed_out)
@keeps_typed
def ask(request: SchoolRequest, pk: int) -> HttpResponse:
    """Another student's keyworker is asked to take part: on their Today until they answer."""
    row = _record(request, pk)
    staff = asking.colleagues(row.student, request.user)
    form = AskPartForm(
        posted(request),
        staff=staff,
        initial={"due_on": clock.today() + ANSWER_WITHIN},
    )
    made = save(
        request,
        form,
        lambda: asking.ask(
            by=request.user,
            student=row.student,
            repair_id=_standing(row).pk,
            happened_on=row.happened_on,
            asked=form.staff[form.cleaned_data["asked"]],
            whom=form.cleaned_data["whom"],
            due_on=form.cleaned_data["due_on"],
        ),
    )
    if made is not None:
        messages.success(request, f"{made.asked.name} is asked. It stands on their Today until they answer.")
        return redirect("tsp:sheet", pk=row.pk)
    intro = worded("They keep a record of their own for their student. Neither of you reads the other’s.")
    heading = worded("Ask another student’s keyworker to take part")
    return _beside(request, row, form, "Asking a colleague", heading, intro)


@permission_required(Can.RECORD_RESTORATIVE, GET_POST)
@keeps_typed
def part(request: SchoolRequest, pk: int) -> HttpResponse:
    """What a colleague asks: of whose record it comes is not said, and nothing of it is read."""
    rows = PartAsked.objects.asked_of(request.user).select_related("asked_by")
    row: PartAsked = get_object_or_404(rows, pk=pk)
    mine = Student.objects.visible_to(request.user, Can.RECORD_RESTORATIVE).on_roll(clock.today())
    form = TakePartForm(posted(request), students=list(mine.exclude(pk=row.student_id)))

    def answer() -> Sheet | PartAsked:
        chosen = form.cleaned_data["student"]
        if chosen == NOBODY:
            return asking.answer(by=request.user, part=row, words=form.cleaned_data["words"])
        term = sheet_actions.term_of(row.happened_on, request.school)
        return sheet_actions.take_part(by=request.user, part=row, student=form.known[chosen], term=term)

    made = save(request, form, answer) if row.answered_at is None else None
    if isinstance(made, Sheet):
        messages.success(
            request, f"{row.asked_by.name} knows now. This record is read by your student’s people alone."
        )
        return redirect("tsp:sheet_fill", pk=made.pk)
    if made is not None:
        messages.success(request, f"{row.asked_by.name} knows now.")
        return redirect("portal:today")
    context = {"part": row, "form": form, "back_url": reverse("portal:today")}
    return render(request, "tsp/part_asked.html", context, status=form.status)


@permission_required(Can.RECORD_RESTORATIVE, GET_POST)
@unless_over(_crossed_out)
@keeps_typed
def agree(request: SchoolRequest, pk: int) -> HttpResponse:
    """Who calls it, or what was agreed: on that person's Today until it is done."""
    row = _record(request, pk)
    student = row.student
    first = first_contacts(student)
    nothing_yet = not agreed_of(row)
    initial: dict[str, Any] = {}
    if nothing_yet and row.done_at is None:
        initial = {"what": CALL, "owner": first[0].pk if first else None, "due_on": clock.today()}
    form = AgreeForm(posted(request), staff=agreeing.owners(student), initial=initial)
    made = save(
        request,
        form,
        lambda: agreeing.agree(
            by=request.user,
            student=student,
            repair_id=_standing(row).pk,
            level="general",
            **form.facts_told(),
        ),
    )
    if made is not None:
        messages.success(request, f"It stands on {made.owner.get_short_name()}’s Today until it is done.")
        return redirect("tsp:sheet", pk=row.pk)
    contacts = f"First contacts: {ended(', '.join(one.name for one in first))} " if first else ""
    apart = filled(
        "Do not name the other student: this is {name}’s, and each student’s part stays apart.",
        name=student.known_as,
    )
    return _beside(request, row, form, "After a conflict", "Who does what by when", contacts + apart)


@permission_required(Can.RECORD_RESTORATIVE, GET_POST)
@unless_over(_crossed_out)
@keeps_typed
def take(request: SchoolRequest, pk: int) -> HttpResponse:
    """What the record says was agreed becomes somebody's to do, as it is written there."""
    row = _record(request, pk)
    if row.voided_at is not None:  # it was crossed out meanwhile: of ticks nothing is left to do
        messages.warning(request, ended(CROSSED_OUT))
        return redirect("tsp:sheet", pk=row.pk)
    lines = agreed.left(row)
    if not lines:  # sent twice, or somebody else added the last of them
        messages.info(request, "All that the record says was agreed is added.")
        return redirect("tsp:sheet", pk=row.pk)
    form = TakeAgreedForm(posted(request), lines=lines, staff=agreeing.owners(row.student))
    made = save(request, form, lambda: agreed.take(by=request.user, sheet=row, chosen=form.chosen))
    if made is not None:
        names = listed(list(dict.fromkeys(one.owner.get_short_name() for one in made)))
        messages.success(request, f"Added. It stands on Today of {names} until it is done.")
        return redirect("tsp:sheet", pk=row.pk)
    intro = filled(
        "As it is written in {name}’s record. Tick what an adult at school sees to, and say by when. Whoever does it "
        "reads these words: leave out a line that names the other student.",
        name=row.student.known_as,
    )
    title = "Who does what was agreed"
    return _beside(request, row, form, title, title, intro)
