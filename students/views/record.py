"""A student's record: what is owed, the timeline, who kept watch when, what they hand over, and who opened it."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock, duties
from keywork.access import Can, allows
from keywork.audit import WORRY, details_for, opened
from keywork.dates import london_date
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, POST, get_visible_or_404, page_of, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Assignment, RecordOpening, User
from keywork.school import SchoolFacts
from keywork.words import worded

from .. import chronicle
from ..actions import keyworker as actions
from ..figures import of_half_term
from ..forms.people import HandOverForm
from ..lookup import find_student
from ..models import HandOverNote, MadeKnown, Student
from ..record import record_page
from ..rules import how_long

OPENINGS_A_PAGE = 50


@permission_required(Can.VIEW_STUDENT)
def record(request: SchoolRequest, pk: int) -> HttpResponse:
    """Owed and the timeline for those who may read the log; in words why not, for the others."""
    student = find_student(request, Can.VIEW_STUDENT, pk)
    reads = allows(request.user, Can.VIEW_LOG, student)
    asked: dict[str, Any] = {
        "kind": request.GET.get("kind", ""),
        "search": request.GET.get("q", "").strip()[:100],
        "before": chronicle.place_of(request.GET.get("before", "")),
    }
    before = asked["before"]
    opened(request, student, "record", detail="earlier entries" if before else "")
    context: dict[str, Any] = {"student": student, "reads": reads, **asked}
    school, today = request.school, clock.today()
    if reads and before and request.htmx:
        context |= _timeline(chronicle.page(student, request.user, school=school, **asked), school)
        return render(request, "students/_timeline.html", context)
    if reads:
        states = duties.states_for([student], today, school=school)
        context |= _timeline(chronicle.page(student, request.user, school=school, **asked), school)
        owed = sorted(states[student.pk], key=lambda state: state.urgency)
        context["owed"] = [(state, page_of(state, request.user)) for state in owed]
        context["reminders"] = duties.reminders_for(states, today, school=school).get(student.pk, [])
        context["kinds"] = chronicle.kinds()
        context["may_pair"] = allows(request.user, Can.SHARE_HOLIDAYS, student)
        context["may_hold"] = allows(request.user, Can.PLACE_HOLD, student)
        context["may_write"] = allows(request.user, Can.MAKE_REPORTS, student)
        context["may_fill"] = allows(request.user, Can.EDIT_PLANS, student)
        if allows(request.user, Can.VIEW_FAMILY, student):
            context["figures"] = of_half_term(student, today, today, school.calendar)
        context["may_log"] = allows(request.user, Can.LOG, student) and student.is_on_roll(today)
    return record_page(request, student, "timeline", "students/record.html", context)


def _timeline(page: chronicle.Page, school: SchoolFacts) -> dict[str, Any]:
    return {"page": page, "groups": list(chronicle.by_time(page.entries, clock.today(), school.calendar))}


@permission_required(Can.VIEW_STUDENT)
def keyworkers(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everyone who has been, is or will be around the student, kind by kind, newest first."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_STUDENT, pk=pk)
    opened(request, student, "keyworkers")
    today = clock.today()
    assignments = list(
        Assignment.objects.filter(student=student)
        .with_last_day()
        .select_related("user", "assigned_by")
        .order_by("-starts_on", "-pk")
    )
    groups = [
        (
            kind.label,
            [_assignment_row(assignment, today) for assignment in assignments if assignment.kind == kind],
        )
        for kind in Assignment.Kind
    ]
    kinds_shown = [(label, group) for label, group in groups if group]
    context = {
        "groups": kinds_shown,
        "made_known": _made_known(student),
        "reasons": allows(request.user, Can.VIEW_LOG, student),
        "assigns": allows(request.user, Can.ASSIGN, student),
        "hands_over": allows(request.user, Can.HAND_OVER, student),
        "passes_on": allows(request.user, Can.PASS_ON_REQUEST, student),
    }
    return record_page(request, student, "keyworkers", "students/keyworkers.html", context)


class Notified(NamedTuple):
    """Who was told on a day that somebody is keyworker: the family is counted, not named."""

    keyworker: User
    starts_on: date
    on: date
    people: list[str]


def _made_known(student: Student) -> list[Notified]:
    """Newest keyworker first, by the days on which people were told."""
    rows = MadeKnown.objects.filter(student=student).select_related("keyworker", "notified")
    found: dict[tuple[int, date, date], tuple[Notified, list[MadeKnown]]] = {}
    for row in rows:
        on = london_date(row.notified_at)
        key = (row.keyworker_id, row.starts_on, on)
        found.setdefault(key, (Notified(row.keyworker, row.starts_on, on, []), []))[1].append(row)
    for notified, those in found.values():
        at_home = sum(row.notified_as == MadeKnown.As.FAMILY for row in those)
        for row in those:
            if row.notified_as != MadeKnown.As.FAMILY:
                house = " (house leader)" if row.notified_as == MadeKnown.As.HOUSE else ""
                notified.people.append(f"{row.notified.name}{house}")
        if at_home:
            notified.people.append(f"{at_home} at home")
    return [notified for notified, _ in found.values()]


class AssignmentRow(NamedTuple):
    assignment: Assignment
    is_current: bool
    account_was_closed: bool
    never_held: bool
    length: str


def _assignment_row(assignment: Assignment, today: date) -> AssignmentRow:
    begun = not assignment.is_yet_to_begin
    never_held = assignment.last_day is not None and assignment.last_day < assignment.starts_on
    last = max(min(assignment.last_day or today, today), assignment.starts_on)
    return AssignmentRow(
        assignment,
        is_current=begun and (assignment.last_day is None or assignment.last_day >= today),
        account_was_closed=assignment.last_day != assignment.ends_on,
        never_held=never_held,
        length=how_long(assignment.starts_on, last) if begun and not never_held else "",
    )


@permission_required(Can.VIEW_OPENINGS)
def openings(request: SchoolRequest, pk: int) -> HttpResponse:
    """Who opened what of this record and when, newest first; opening this list is itself kept.

    Not who opened a worry: that there is one is known to those alone whom it is shown to (safety.worry_audience).
    """
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_OPENINGS, pk=pk)
    opened(request, student, "openings")
    page = Paginator(
        RecordOpening.objects.filter(student_id=student.pk).exclude(what=WORRY), OPENINGS_A_PAGE
    ).get_page(request.GET.get("page"))
    context = {"page": page, "rows": details_for(request.user, student, page)}
    return record_page(request, student, "openings", "students/openings.html", context)


@permission_required(Can.HAND_OVER, GET_POST)
@keeps_typed
def hand_over(request: SchoolRequest, pk: int) -> HttpResponse:
    """What was written for whoever comes after, newest first, and a note more."""
    student = get_visible_or_404(Student.objects.all(), request, Can.HAND_OVER, pk=pk)
    form = HandOverForm(posted(request))
    made = save(
        request, form, lambda: actions.write_note(student=student, by=request.user, **form.cleaned_data)
    )
    if made is not None:
        messages.success(
            request,
            worded("The note is saved. The next keyworker finds it on Today until they have read it."),
        )
        return redirect("students:hand_over", pk)
    opened(request, student, "hand-over notes")
    notes = HandOverNote.objects.filter(student=student).select_related("written_by", "read_by")
    context = {
        "notes": [(note, _may_say_read(request, note)) for note in notes],
        "form": form,
        "back_url": reverse("students:keyworkers", args=[pk]),
    }
    return record_page(request, student, "keyworkers", "students/hand_over.html", context, form.status)


def _may_say_read(request: SchoolRequest, note: HandOverNote) -> bool:
    """Only whoever it is for: a Head who looks at it has not read it in their place."""
    if note.read_at is not None or note.written_by_id == request.user.pk:
        return False
    assignments = Assignment.objects.keyworkers(clock.today())
    return assignments.filter(student=note.student_id, user=request.user).exists()


@permission_required(Can.HAND_OVER, POST)
def hand_over_read(request: SchoolRequest, pk: int, note_id: int) -> HttpResponse:
    note = get_visible_or_404(HandOverNote.objects.all(), request, Can.HAND_OVER, student=pk, pk=note_id)
    if _may_say_read(request, note):
        actions.note_read(note=note, by=request.user)
        messages.success(request, "Noted. It stays here, and off Today.")
    return redirect("students:hand_over", pk)
