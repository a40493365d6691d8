"""The pair of keyworker and mentor: who covers which week of a long holiday, and what staff are told afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows, has_capability
from keywork.audit import opened
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.keyworker_history import holders_on
from keywork.models import Assignment, User
from keywork.words import worded
from students.lookup import find_student
from students.models import Student
from students.record import record_context

from .. import holidays as rules
from ..actions import holidays as actions
from ..forms.other import BriefingForm, CoverForm
from ..holiday_cover import draft, told_in
from ..models import Briefing, HolidayWeek
from ..timeline import whole_log

LATELY = timedelta(days=28)
SHOWN = 12
ON_A_PAGE = 15  # of the holiday: on a phone each student is a screen half full
PAIR = (Assignment.Kind.KEYWORKER, Assignment.Kind.MENTOR, Assignment.Kind.DEPUTY)
KINDS = frozenset({"contact", "session", "mentoring"})


@permission_required(Can.SHARE_HOLIDAYS)
def pair(request: SchoolRequest, student_id: int) -> HttpResponse:
    """What keyworker and mentor share of one student; posting says who covers the weeks of the holiday."""
    student = find_student(request, Can.SHARE_HOLIDAYS, student_id)
    today, school = clock.today(), request.school
    policy = school.policy(today)
    closure = rules.to_share_out(today, policy, school.calendar)
    form: CoverForm | None = None
    if closure is not None:
        weeks = rules.weeks_of(closure)
        kept = list(
            HolidayWeek.objects.filter(student=student, starts_on__range=closure).select_related("covered_by")
        )
        form = CoverForm(
            posted(request),
            weeks=weeks,
            people=_people(student),
            kept=kept,
            today=today,
        )
        shown = form
        if save(
            request,
            form,
            lambda: actions.share_out(by=request.user, student=student, weeks=shown.shared()),
        ):
            messages.success(request, worded("Saved. Both of you and the Head of Social Education see it."))
            return redirect("contacts:pair", student.pk)
    elif request.method == "POST":
        return redirect("contacts:pair", student.pk)
    over = rules.just_over(today, policy, school.calendar)
    briefings = list(Briefing.objects.filter(student=student).select_related("sent_by"))
    opened(request, student, "pair")
    context = {
        **record_context(request, student, "timeline"),
        "holders": _people(student),
        "closure": closure,
        "form": form,
        "entries": whole_log(
            student, request.user, kinds=KINDS, since=today - LATELY, until=today, policy=policy
        )[:SHOWN],
        "over": over,
        "may_brief": over is not None
        and allows(request.user, Can.BRIEF_STAFF, student)
        and all(one.closed_from != over[0] for one in briefings),
        "briefings": briefings,
    }
    return render(request, "contacts/pair.html", context, status=form.status if form else 200)


@permission_required(Can.SHARE_HOLIDAYS)
def holidays(request: SchoolRequest) -> HttpResponse:
    """The long holiday to come, student by student: who covers which week. The Head sees everyone, others theirs."""
    today, school = clock.today(), request.school
    closure = rules.to_share_out(today, school.policy(today), school.calendar)
    students = list(
        Student.objects.visible_to(request.user, Can.SHARE_HOLIDAYS).on_roll(today).order_by("in_order", "pk")
    )
    context: dict[str, Any] = {"closure": closure, "may_assign": has_capability(request.user, Can.ASSIGN)}
    if closure is not None:
        weeks = rules.weeks_of(closure)
        covered = {
            (one.student_id, one.starts_on): one.covered_by.name
            for one in HolidayWeek.objects.visible_to(request.user, Can.SHARE_HOLIDAYS)
            .filter(starts_on__range=closure)
            .select_related("covered_by")
        }
        pairs: dict[int, dict[str, str]] = {}
        for holder in holders_on([one.pk for one in students], today):
            pairs.setdefault(holder.student_id, {})[holder.kind] = holder.name
        context["weeks"] = weeks
        rows = [
            (
                student,
                pairs.get(student.pk, {}),
                [(week, covered.get((student.pk, week[0]), "")) for week in weeks],
            )
            for student in students
        ]
        # First those of whom a week is open.
        rows.sort(key=lambda row: all(name for _, name in row[2]))
        context["open"] = sum(any(not name for _, name in found) for _, _, found in rows)
        context["page"] = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "contacts/holidays.html", context)


@permission_required(Can.BRIEF_STAFF)
@keeps_typed
def brief(request: SchoolRequest, student_id: int) -> HttpResponse:
    """Write down for the student's staff what home told in the holiday, and send it. It begins with the log."""
    student = find_student(request, Can.BRIEF_STAFF, student_id)
    today, school = clock.today(), request.school
    closure = rules.just_over(today, school.policy(today), school.calendar)
    if closure is None or Briefing.objects.filter(student=student, closed_from=closure[0]).exists():
        return redirect("contacts:pair", student.pk)
    contacts = told_in([student.pk], closure)
    form = BriefingForm(posted(request), initial={"words": draft(contacts, today)})
    sent = save(
        request,
        form,
        lambda: actions.brief_staff(
            by=request.user, student=student, closure=closure, words=form.cleaned_data["words"]
        ),
    )
    if sent is not None:
        messages.success(
            request, f"Sent to everyone around {student.known_as}. You see here who has read it."
        )
        return redirect("contacts:briefing", sent.pk)
    if request.method != "POST":
        opened(request, student, "briefing")
    context = {
        **record_context(request, student, "timeline"),
        "form": form,
        "closure": closure,
        "contacts": contacts,
        "readers": [user for user in actions.staff_around(student, today) if user.pk != request.user.pk],
        "back": reverse("contacts:pair", args=[student.pk]),
    }
    return render(request, "contacts/brief.html", context, status=form.status)


@permission_required(Can.READ_BRIEFINGS, GET)
def briefing(request: SchoolRequest, pk: int) -> HttpResponse:
    rows = Briefing.objects.select_related("student", "sent_by")
    one = get_visible_or_404(rows, request, Can.READ_BRIEFINGS, pk=pk)
    opened(request, one.student, "briefing", str(one.pk))
    actions.mark_read(by=request.user, briefing=one)
    sees_readers = allows(request.user, Can.SHARE_HOLIDAYS, one.student)
    context = {
        "briefing": one,
        "student": one.student,
        "readers": list(one.readers.select_related("user").order_by("user__name")) if sees_readers else [],
        "sees_readers": sees_readers,
    }
    return render(request, "contacts/briefing.html", context)


def _people(student: Student) -> list[tuple[User, str]]:
    """Keyworker, mentor and deputy of today, each with what they are."""
    assignments = Assignment.objects.current(clock.today()).filter(student=student, kind__in=PAIR)
    order = {kind: place for place, kind in enumerate(PAIR)}
    found = sorted(
        assignments.select_related("user"), key=lambda assignment: order[Assignment.Kind(assignment.kind)]
    )
    return [(assignment.user, assignment.get_kind_display().lower()) for assignment in found]
