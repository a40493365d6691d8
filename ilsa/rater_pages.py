"""How each rater comes to their form: staff, a parent or carer, the student (the page is one); and whose answers a
reader sees: staff all of them, home and the student their own, the keyworker's and what was agreed.

A parent sees another parent's rating only where the school's policy says so (by default it does not), and only while
no restriction shuts that parent out of the child's record. Notes on an item are for staff and their writer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import looked_up
from keywork.guards import get_visible_or_404
from keywork.http import SchoolRequest
from keywork.policy import Policy
from keywork.words import filled
from students.models import FamilyLink, Student

from .models import Assessment, RaterForm, Role


@dataclass(frozen=True, slots=True)
class RaterPages:
    """The form, and the names of the pages around it. `args` come before the domain in their addresses."""

    form: RaterForm
    part: str
    send: str
    args: tuple[object, ...]
    base: str
    home: str
    home_words: str
    typing: bool = False  # somebody types in what another person wrote on paper

    def part_url(self, domain: str) -> str:
        return reverse(self.part, args=[*self.args, domain])

    def send_url(self) -> str:
        return reverse(self.send, args=self.args)


def by_staff(request: SchoolRequest, pk: int) -> RaterPages:
    """The keyworker's own form, or another's typed in from paper."""
    forms = RaterForm.objects.select_related("assessment__student", "assessment__round", "member")
    form = get_visible_or_404(forms, request, Can.RATE_ILSA, pk=pk)
    year = form.assessment.round.year
    return RaterPages(
        form,
        "ilsa:part",
        "ilsa:send",
        (form.pk,),
        "students/record_base.html",
        reverse("ilsa:compare", args=[form.assessment.student_id, year]),
        f"Back to {form.assessment.student.known_as}’s independence",
        typing=form.role != Role.KEYWORKER,
    )


def by_student(request: SchoolRequest, year: str) -> RaterPages:
    students = Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE)
    form = _theirs(students, year, role=Role.PUPIL)
    looked_up(request, form.assessment.student_id, "independence")
    return RaterPages(
        form,
        "ilsa:my_part",
        "ilsa:my_send",
        (year,),
        "base.html",
        reverse("portal:my_page"),
        "Back to my page",
    )


def by_parent(request: SchoolRequest, pk: int, year: str) -> RaterPages:
    """Their own form and no other parent's: who shares a child still answers for themself."""
    student, link = child_and_link(request, pk)
    form = _theirs(Student.objects.filter(pk=student.pk), year, role=Role.PARENT, member=link.member_id)
    return RaterPages(
        form,
        "ilsa:child_part",
        "ilsa:child_send",
        (student.pk, year),
        "base.html",
        reverse("portal:family_child", args=[student.pk]),
        filled("Back to {name}", name=student.known_as),
    )


def child_and_link(request: SchoolRequest, pk: int) -> tuple[Student, FamilyLink]:
    """A child the reader may follow, and the reader's own link to the child. Raises Http404."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)
    links = FamilyLink.objects.of_account(request.user).unrestricted(clock.today())
    link = links.filter(student=student).first()
    if link is None:
        raise Http404
    return student, link


def _theirs(students: QuerySet[Any], year: str, **which: Any) -> RaterForm:
    return get_object_or_404(
        RaterForm.objects.select_related("assessment__student", "assessment__round", "member"),
        assessment__student__in=students,
        assessment__round__year=year,
        **which,
    )


def all_forms(assessment: Assessment) -> QuerySet[RaterForm]:
    """For staff."""
    return RaterForm.objects.filter(assessment=assessment).select_related("member", "rater", "typed_by")


def forms_for_student(assessment: Assessment) -> QuerySet[RaterForm]:
    return all_forms(assessment).filter(role__in=[Role.KEYWORKER, Role.PUPIL])


def forms_for_parent(
    assessment: Assessment, link: FamilyLink, policy: Policy, on: date | None = None
) -> QuerySet[RaterForm]:
    """`link` is the reader's own to this child."""
    mine = Q(role=Role.PARENT, member=link.member_id)
    if policy.ilsa_parents_see_each_other:
        free = FamilyLink.objects.for_reports(on or clock.today()).filter(student=assessment.student_id)
        mine |= Q(role=Role.PARENT, member__in=free.values("member"))
    return all_forms(assessment).filter(mine | Q(role=Role.KEYWORKER))
