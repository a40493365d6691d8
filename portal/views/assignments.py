"""The assignments board: who has nobody, whom each keyworker has, and each change looked at before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from contacts.holidays import to_share_out
from keywork import clock
from keywork.absences import away_until
from keywork.access import Can, scope_q
from keywork.actions.assignments import ONE_AT_A_TIME
from keywork.attempts import attempt
from keywork.editing import save
from keywork.errors import Refused
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Assignment, User
from students.models import ChangeRequest, Student
from students.record import team
from students.rules import how_long

from ..board import board as read_board
from ..board import people
from ..changes import Assign, AssignmentsEffect, End, Move, ShareOut, TakeBack
from ..forms.assignments import AssignForm, EndForm, ShareOutForm, TakeBackForm
from ..previewed import Change, carry_out, preview, two_steps
from ..sharing import ORDER, Suggestion, assignments_to_move, in_order, suggest, suggest_keyworkers

Kind = Assignment.Kind


@permission_required(Can.ASSIGN, GET)
def board(request: SchoolRequest) -> HttpResponse:
    today = clock.today()
    cap = _cap(request, today)
    found = read_board(request.user, today, cap, request.GET)
    now = Assignment.objects.keyworkers(today).filter(student=OuterRef("student"))
    asked: Any = ChangeRequest.objects.answered_by(request.user)
    asked = (
        asked.filter(answered_at__isnull=True)
        .select_related("student", "asked_by")
        .annotate(
            with_name=Subquery(now.values("user__name")[:1]), with_since=Subquery(now.values("starts_on")[:1])
        )
    )
    suggested = suggest_keyworkers(list(found.nobody), today, cap)
    context = {
        "board": found,
        "holiday": to_share_out(today, request.school.policy(today), request.school.calendar),
        "nobody": [(student, suggested[student.pk]) for student in found.nobody],
        "requests": [
            (one, f"{one.with_name} ({how_long(one.with_since, today)})" if one.with_since else "")
            for one in asked
        ],
        "q": request.GET.get("q", "")[:100],
        "today": today,
    }
    return render(request, "portal/assignments.html", context)


@permission_required(Can.ASSIGN, GET_POST)
def assign(request: SchoolRequest, student_id: int) -> HttpResponse:
    """Name somebody for a student: fill in, look at what would happen, do it."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ASSIGN, pk=student_id)
    today = clock.today()
    assignments = team(student, today)
    first = max(today, student.joined_on)
    never = not Assignment.objects.filter(student=student, kind=Kind.KEYWORKER).exists()
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else Kind.KEYWORKER
    suggested = None
    if kind == Kind.KEYWORKER:
        suggested = suggest_keyworkers([student], first, _cap(request, first))[student.pk]
    named = suggested.user.pk if suggested and suggested.user else ""
    initial = {
        "kind": kind,
        "user": request.GET.get("user", named),
        "starts_on": first,
        "reason": Assignment.Reason.FIRST if never else "",
    }

    def form_of(data: Any, no: Refused | None) -> AssignForm:
        asks = "over_cap_reason"  # above the limit, once that was asked for
        on = _day_typed(data or {}, first)
        return AssignForm(
            data,
            people=people(on, _cap(request, on)),
            asks_cap=asks in (data or ()) or (no is not None and no.field == asks),
            suggested=suggested,
            initial=initial,
        )

    def change_of(form: AssignForm) -> Change[AssignmentsEffect]:
        given = dict(form.cleaned_data)
        given["user"] = form.person(User.objects)
        return Assign(student=student, **given)

    context = {
        "student": student,
        "assignments": assignments,
        "today": today,
        "back_url": _back(request, student),
    }
    return two_steps(
        request,
        "portal/assignments_assign.html",
        context,
        form_of,
        change_of,
        label=lambda form: f"Assign {form.person(User.objects).get_short_name()}",
    )


@permission_required(Can.ASSIGN, GET_POST)
def end(request: SchoolRequest, pk: int) -> HttpResponse:
    """End a post that has begun."""
    assignment = _assignment(request, pk)
    if assignment.starts_on > clock.today():
        return redirect("portal:take_back", pk)
    return two_steps(
        request,
        "portal/assignments_end.html",
        _context(request, assignment),
        lambda data, no: EndForm(data, initial={"ends_on": clock.today()}),
        lambda form: End(student=assignment.student, assignment=assignment, **form.cleaned_data),
        label=lambda form: "End it",
    )


@permission_required(Can.ASSIGN, GET_POST)
def take_back(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take back a post that has not begun. What happens stands on the page from the start."""
    assignment = _assignment(request, pk)
    if assignment.starts_on <= clock.today():
        return redirect("portal:end_assignment", pk)
    form = TakeBackForm(posted(request))
    change = TakeBack(student=assignment.student, assignment=assignment)
    context = _context(request, assignment) | {"form": form}

    def make() -> AssignmentsEffect:
        change.reason = form.cleaned_data["reason"]
        return carry_out(change, preview_token=request.POST.get("preview_token", ""), by=request.user)

    made = save(request, form, make)
    if made is not None:
        messages.success(request, made.said)
        return redirect(context["back_url"])
    status = form.status
    effect, no = attempt(lambda: preview(change, by=request.user))
    if effect is None:
        context["refused"], status = str(no), 409
    else:
        context["effect"] = effect
    return render(request, "portal/assignments_take_back.html", context, status=status)


@permission_required(Can.ASSIGN, GET_POST)
def hand_over(request: SchoolRequest, user_id: int) -> HttpResponse:
    """Share out what one person holds over several people, or give it all to one."""
    person = get_object_or_404(
        User.objects.filter(assignments__kind__in=ONE_AT_A_TIME).distinct(), pk=user_id
    )
    today = clock.today()
    on = _day_typed(request.POST, today)
    everything = list(assignments_to_move(person, on))
    seen = set(
        Assignment.objects.filter(
            scope_q(request.user, Can.ASSIGN, "student_id"),
            pk__in=[assignment.pk for assignment in everything],
        ).values_list("pk", flat=True)
    )
    assignments = in_order(assignment for assignment in everything if assignment.pk in seen)
    cap = _cap(request, on)
    suggested = suggest(assignments, person, on, cap)
    choices: dict[str, list[tuple[int, str]]] = {
        kind: people(on, cap, kind=kind, leaving_out=person.pk) for kind in ORDER
    }

    # Somebody away comes back: the cover ends with the absence unless somebody writes another day.
    away = away_until(today, [person.pk]).get(person.pk) if person.is_active else None
    why = Assignment.Reason.STAFF_ABSENCE if away else ""
    why = why if person.is_active else Assignment.Reason.STAFF_LEFT

    def form_of(data: Any, _: Refused | None) -> ShareOutForm:
        return ShareOutForm(
            data,
            person=person,
            assignments=assignments,
            people=choices,
            suggested=suggested,
            initial={
                "starts_on": today,
                "reason": why,
                "ends_on": away,
            },
        )

    def change_of(form: ShareOutForm) -> Change[AssignmentsEffect]:
        given, moves = form.cleaned_data, form.moves()
        takers = User.objects.in_bulk([pk for pk, _ in moves.values()])
        return ShareOut(
            from_user=person,
            starts_on=given["starts_on"],
            reason=given["reason"],
            reason_note=given["reason_note"],
            ends_on=given["ends_on"],
            moves={assignment: Move(takers[pk], why) for assignment, (pk, why) in moves.items()},
        )

    context = {
        "person": person,
        "count": len({assignment.student_id for assignment in assignments}),
        "others": len(everything) > len(assignments),
        "back_url": reverse("portal:assignments"),
    }
    data = _filled_in(request, assignments, suggested)
    if data.get("do") in ("suggest", "everyone") and form_of(data, None).lacks_only_answers:
        form = form_of(None, None)
        form.initial |= data.dict()
        return render(request, "portal/assignments_move.html", {**context, "form": form, "filled": True})
    return two_steps(
        request,
        "portal/assignments_move.html",
        context,
        form_of,
        change_of,
        label=lambda form: "Move one post" if len(form.moves()) == 1 else f"Move {len(form.moves())} posts",
        data=data,
    )


def _filled_in(
    request: SchoolRequest, assignments: Sequence[Assignment], suggested: Mapping[int, Suggestion]
) -> Any:
    """What was typed; a row that was not asked about, or all of them when it was pressed, as suggested or for one."""
    data = request.POST.copy()
    pressed, one = data.get("do"), data.get("everyone")
    for assignment in assignments:
        name, user = f"to-{assignment.pk}", suggested[assignment.pk].user
        if pressed == "everyone" and one:
            data[name] = one
        elif pressed == "suggest" or name not in data:
            data[name] = str(user.pk) if user else ""
    return data


def _context(request: SchoolRequest, assignment: Assignment) -> dict[str, Any]:
    student = assignment.student
    return {"student": student, "assignment": assignment, "back_url": _back(request, student)}


def _assignment(request: SchoolRequest, pk: int) -> Assignment:
    assignments = Assignment.objects.filter(scope_q(request.user, Can.ASSIGN, "student_id")).select_related(
        "student", "user"
    )
    return get_object_or_404(assignments, pk=pk)


def _cap(request: SchoolRequest, on: date) -> int | None:
    return request.school.policy(on).caseload_cap


def _day_typed(data: Any, otherwise: date) -> date:
    """The first day that was typed; the form says so when it is none."""
    with suppress(ValueError):
        return date.fromisoformat(data.get("starts_on", ""))
    return otherwise


def _back(request: SchoolRequest, student: Student) -> str:
    """The student's own page for who came from there, the board for everyone else."""
    if request.GET.get("back") == "record":
        return reverse("students:keyworkers", args=[student.pk])
    return reverse("portal:assignments")
