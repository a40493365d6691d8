"""A mentor's week, one slot, what one student had, and the times of drop-in."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened, opened_each
from keywork.dates import day_in_full
from keywork.editing import press, save
from keywork.guards import POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.lookup import find_student
from students.models import Student
from students.record import record_context

from .. import mentoring as rules
from ..actions import mentoring as actions
from ..forms.mentoring import DropInForm, DropInTimeForm, MarkForm, MoveForm, SlotForm
from ..mentoring_loads import drop_in_lines, loads
from ..models import DropInTime, MentoringSlot

SHOWN = 60  # slots on a student's page
Status = MentoringSlot.Status


@permission_required(Can.LOG)
def week(request: SchoolRequest) -> HttpResponse:
    """One's own slots of a week; posting plans one."""
    today = clock.today()
    form = _slot_form(request, posted(request))
    made = save(
        request,
        form,
        lambda: actions.plan_slot(by=request.user, facts=request.school, **_told(request, form)),
    )
    if made is not None:
        messages.success(request, f"Planned for {day_in_full(made.on, today)}.")
        return redirect(_back(made))
    return _week(request, form=form, status=form.status)


@permission_required(Can.LOG, POST)
def drop_in(request: SchoolRequest) -> HttpResponse:
    form = DropInForm(request.POST, students=_students(request), action=reverse("contacts:drop_in"))
    made = save(request, form, lambda: actions.log_drop_in(by=request.user, **_told(request, form)))
    if made is not None:
        messages.success(request, "The drop-in is in the log.")
        return redirect(_back(made))
    return _week(request, dropped=form, status=form.status)


@permission_required(Can.LOG, POST)
def add_time(request: SchoolRequest) -> HttpResponse:
    form = _time_form(request, request.POST)
    if save(request, form, lambda: actions.add_drop_in(by=request.user, **form.cleaned_data)) is not None:
        messages.success(
            request, request.school.policy(clock.today()).worded("Published. Your students see it.")
        )
        return redirect("contacts:mentoring")
    return _week(request, time_form=form, status=form.status)


@permission_required(Can.LOG, POST)
def remove_time(request: SchoolRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(DropInTime, user=request.user, pk=pk)
    press(request, lambda: actions.remove_drop_in(by=request.user, one=one), "It is no longer published.")
    return redirect("contacts:mentoring")


@permission_required(Can.LOG)
def slot(request: SchoolRequest, pk: int) -> HttpResponse:
    one = _slot(request, pk)
    form = MarkForm(posted(request), slot=one)
    if save(request, form, lambda: actions.mark_slot(by=request.user, slot=one, **form.details())):
        messages.success(request, "Saved.")
        return redirect(_back(one))
    if request.method != "POST":
        opened(request, one.student, "mentoring", str(one.pk))
    context = {
        "slot": one,
        "student": one.student,
        "form": None if one.status == Status.MOVED else form,
        "back": _back(one),
    }
    return render(request, "contacts/mentoring_slot.html", context, status=form.status)


@permission_required(Can.LOG)
def move(request: SchoolRequest, pk: int) -> HttpResponse:
    one = _slot(request, pk)
    if one.status != Status.PLANNED:
        return redirect("contacts:mentoring_slot", pk)
    begins = {"on": one.on, "at": one.at, "where": one.where}
    form = MoveForm(posted(request), initial=begins)
    moved = save(request, form, lambda: actions.move_slot(by=request.user, slot=one, **form.cleaned_data))
    if moved is not None:
        messages.success(request, f"Moved to {day_in_full(moved.on, clock.today())}.")
        return redirect(_back(moved))
    if request.method != "POST":
        opened(request, one.student, "mentoring", str(one.pk))
    context = {
        "slot": one,
        "student": one.student,
        "form": form,
        "back": reverse("contacts:mentoring_slot", args=[pk]),
    }
    return render(request, "contacts/mentoring_move.html", context, status=form.status)


@permission_required(Can.VIEW_LOG)
def of_student(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = find_student(request, Can.VIEW_LOG, student_id)
    opened(request, student, "mentoring")
    today, policy = clock.today(), request.school.policy(clock.today())
    rows = list(
        MentoringSlot.objects.visible_to(request.user, Can.VIEW_LOG)
        .filter(student=student)
        .select_related("mentor")
        .order_by("-on", "-pk")[:SHOWN]
    )
    weeks = [
        (monday, list(slots)) for monday, slots in groupby(rows, key=lambda one: rules.week_of(one.on)[0])
    ]
    slots_alone = (one for one in rows if one.kind == MentoringSlot.Kind.SLOT)
    booked = [rules.Booked(one.on, one.minutes, one.status, one.at) for one in slots_alone]
    context = {
        **record_context(request, student, "timeline"),
        "weeks": weeks,
        "this_week": rules.load(booked, today).slots,
        "asked": rules.asked_for(policy) if rules.is_window(today, request.school.calendar) else "",
        "may_log": allows(request.user, Can.LOG, student) and student.is_on_roll(today),
    }
    return render(request, "contacts/mentoring_student.html", context)


def _slot(request: SchoolRequest, pk: int) -> MentoringSlot:
    rows = MentoringSlot.objects.select_related("student", "mentor")
    return get_visible_or_404(rows, request, Can.LOG, pk=pk)


def _told(request: SchoolRequest, form: SlotForm) -> dict[str, Any]:
    """What the form says, with the student themselves."""
    pk = form.cleaned_data["student"]
    student = get_visible_or_404(Student.objects.all(), request, Can.LOG, pk=pk)
    return {**form.cleaned_data, "student": student}


def _back(one: MentoringSlot) -> str:
    return f"{reverse('contacts:mentoring')}?week={one.on}"


def _students(request: SchoolRequest) -> list[tuple[int, str]]:
    rows = Student.objects.visible_to(request.user, Can.LOG).on_roll(clock.today())
    return [(one.pk, one.name) for one in rows.only("known_as", "surname").order_by("in_order", "pk")]


def _slot_form(request: SchoolRequest, data: Any) -> SlotForm:
    begins: dict[str, Any] = {"minutes": rules.lengths(request.school.policy(clock.today()))[0]}
    if (asked := request.GET.get("student", "")).isdecimal():
        begins["student"] = asked
    return SlotForm(
        data,
        students=_students(request),
        policy=request.school.policy(clock.today()),
        action=reverse("contacts:mentoring"),
        initial=begins,
    )


def _time_form(request: SchoolRequest, data: Any = None) -> DropInTimeForm:
    policy = request.school.policy(clock.today())
    return DropInTimeForm(data, policy=policy, action=reverse("contacts:drop_in_add"))


def _asked_week(request: SchoolRequest, today: date) -> date:
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return today
    return day if MINYEAR < day.year < MAXYEAR else today


def _week(
    request: SchoolRequest,
    *,
    form: SlotForm | None = None,
    dropped: DropInForm | None = None,
    time_form: DropInTimeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.today()
    policy = request.school.policy(today)
    first, last = rules.week_of(_asked_week(request, today))
    slots = list(
        MentoringSlot.objects.visible_to(request.user, Can.LOG)
        .filter(mentor=request.user, on__range=(first, last))
        .select_related("student")
        .order_by("on", "at", "pk")
    )
    opened_each(request, {one.student_id for one in slots}, "mentoring")
    students = _students(request)
    context = {
        "first": first,
        "last": last,
        "before": first - timedelta(days=7),
        "after": first + timedelta(days=7),
        "is_now": first <= today <= last,
        "today": today,
        "days": [(day, list(those)) for day, those in groupby(slots, key=lambda one: one.on)],
        "load": loads(first, [request.user.pk]).get(request.user.pk, rules.Load()),
        "asked": rules.asked_for(policy),
        "form": form or _slot_form(request, None),
        "dropped": dropped
        or DropInForm(students=students, action=reverse("contacts:drop_in"), initial={"on": today}),
        "drop_in": policy.drop_in is not None,
        "always": rules.is_always_open(policy),
        "times": drop_in_lines(request.user.pk, policy),
        "time_form": time_form or (_time_form(request) if rules.offered_times(policy) else None),
    }
    return render(request, "contacts/mentoring.html", context, status=status)
