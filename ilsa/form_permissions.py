"""Whose answers a reader sees: staff all of them; home and the student their own, the keyworker's and what was agreed.

A parent sees another parent's rating only where the school's policy says so (by default it does not), and only
while no restriction shuts that parent out of the child's record. Notes on an item are for staff and their writer.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from keywork import clock
from keywork.policy import Policy
from students.models import FamilyLink

from .models import Assessment, RaterForm
from .models.assessment import Role


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
