"""The People tab: the team, the family, named exceptions, days away."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.dates import day_in_full
from keywork.editing import save
from keywork.guards import POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.models import User

from ..actions import students as actions
from ..actions.sharing import end_sharing, share_record
from ..figures import of_half_term
from ..forms.people import WHAT, AbsenceForm, ShareForm
from ..models import Absence, Attendance, FamilyLink, Points, Student, StudentAccess
from ..record import record_page, team
from ..rules import is_young_person

ABSENCES_SHOWN = 20
WEEKS_SHOWN = 6


@permission_required(Can.VIEW_STUDENT)
def people(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_STUDENT, pk=pk)
    opened(request, student, "people")
    return _page(request, student)


@permission_required(Can.SHARE_RECORD, POST)
def share(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.SHARE_RECORD, pk=pk)
    form = ShareForm(request.POST, users=_shareable())
    shared = save(request, form, lambda: share_record(student=student, by=request.user, **form.cleaned_data))
    if shared is not None:
        until = day_in_full(shared.expires_on, clock.today())
        messages.success(request, f"{shared.user.name} can open this record until {until}.")
        return redirect("students:people", pk=pk)
    return _page(request, student, share_form=form, status=422)


@permission_required(Can.SHARE_RECORD, POST)
def end_share(request: SchoolRequest, pk: int, access_id: int) -> HttpResponse:
    shared = get_visible_or_404(
        StudentAccess.objects.select_related("user"),
        request,
        Can.SHARE_RECORD,
        content_object=pk,
        pk=access_id,
    )
    end_sharing(shared=shared, by=request.user)
    messages.success(request, f"{shared.user.name} can no longer open this record.")
    return redirect("students:people", pk=pk)


@permission_required(Can.RECORD_ABSENCE, POST)
def add_absence(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.RECORD_ABSENCE, pk=pk)
    form = AbsenceForm(request.POST)
    kept = save(
        request, form, lambda: actions.record_absence(student=student, by=request.user, **form.cleaned_data)
    )
    if kept is not None:
        messages.success(
            request, f"{student.known_as}’s days away are kept. What is owed takes them into account."
        )
        return redirect("students:people", pk=pk)
    return _page(request, student, absence_form=form, status=422)


@permission_required(Can.RECORD_ABSENCE, POST)
def remove_absence(request: SchoolRequest, pk: int, absence_id: int) -> HttpResponse:
    absence = get_visible_or_404(
        Absence.objects.all(), request, Can.RECORD_ABSENCE, student=pk, pk=absence_id
    )
    actions.remove_absence(absence=absence, by=request.user)
    messages.success(request, "Those days are taken off the list.")
    return redirect("students:people", pk=pk)


def _shareable() -> Any:
    return User.objects.filter(is_active=True, roles__contains=["staff"])


def _posting_to(url_name: str, form: Any, student: Student) -> Any:
    form.helper.form_action = reverse(url_name, args=[student.pk])
    return form


def _page(
    request: SchoolRequest,
    student: Student,
    *,
    share_form: ShareForm | None = None,
    absence_form: AbsenceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, today = request.user, clock.today()
    is_old_enough = is_young_person(student.born_on, today)
    context: dict[str, Any] = {
        "team": team(student, today),
        "edits": allows(user, Can.EDIT_PEOPLE, student),
        "gives_cards": allows(user, Can.GIVE_CARDS, student),
        "asks_own_choice": is_old_enough and allows(user, Can.RECORD_OWN_CHOICE, student),
        "previews": allows(user, Can.ANSWER_HOME, student),
        "corrects": allows(user, Can.CORRECT_DETAILS, student),
        "restricts": allows(user, Can.VIEW_RESTRICTIONS, student),
    }
    if allows(user, Can.VIEW_FAMILY, student):
        context["sees_family"] = True
        context["asked_for"] = _asked_for(student)
        context["attendance"] = Attendance.objects.filter(student=student)[:WEEKS_SHOWN]
        context["points"] = Points.objects.filter(student=student)[:WEEKS_SHOWN]
        context["figures"] = of_half_term(student, today, today, request.school.calendar)
        context["family"] = _family(student, today, reads_orders=context["restricts"])
    if allows(user, Can.SHARE_RECORD, student):
        context["share_form"] = _posting_to(
            "students:share", share_form or ShareForm(users=_shareable()), student
        )
        context["shared"] = _shared(student, today)
    if allows(user, Can.RECORD_ABSENCE, student):
        context["absence_form"] = _posting_to("students:add_absence", absence_form or AbsenceForm(), student)
        context["absences"] = Absence.objects.filter(student=student)[:ABSENCES_SHOWN]
    return record_page(request, student, "people", "students/people.html", context, status)


def _asked_for(student: Student) -> list[tuple[str, str]]:
    """What the forms of local authorities ask for about the student, with what is kept of it."""
    worker = ", ".join(filter(None, (student.social_worker, student.social_worker_reach)))
    told = [
        ("Authority that maintains the plan", student.maintained_by),
        ("Pupil premium", student.get_pupil_premium_display()),
        ("Ethnicity", student.ethnicity),
        ("Own address", student.address),
        ("Own phone", student.phone),
        ("Own e-mail", student.email),
        ("Social worker", worker),
    ]
    return [(label, words) for label, words in told if words]


class FamilyRow(NamedTuple):
    link: FamilyLink
    is_restricted: bool
    order: str  # what a court ordered


def _family(student: Student, today: date, *, reads_orders: bool) -> list[FamilyRow]:
    """Open links, most important first. What a court ordered is read only by those who may."""
    links = FamilyLink.objects.filter(student=student, ended_on__isnull=True).select_related("member")
    return [
        FamilyRow(link, True, link.court_restriction if reads_orders else "")
        if link.is_restricted(today)
        else FamilyRow(link, False, "")
        for link in links
    ]


def _shared(student: Student, today: date) -> list[tuple[StudentAccess, str]]:
    """Who else may do something, until when; and in words, what."""
    words = dict(WHAT)
    rows = (
        StudentAccess.objects.in_force(today)
        .filter(content_object=student)
        .select_related("user", "granted_by", "permission")
        .order_by("expires_on", "pk")
    )
    return [(row, words.get(row.permission.codename, row.permission.name)) for row in rows]
