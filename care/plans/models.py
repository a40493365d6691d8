"""The plans a keyworker keeps for a student (domain 1.12): one of a kind, in versions that never change again."""

from __future__ import annotations

from typing import Any, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork.models import User
from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none
from students.models import Student

from . import permissions
from .kinds import PlanKind, kind_of


class StudentPlanQuerySet(ScopedQuerySet):
    def readable_by(self, user: Any) -> Self:
        """Those whose kind this person reads, of the students they read it of."""
        return self.filter(permissions.readable(user))

    def in_force(self) -> Self:
        return self.filter(ended_on__isnull=True)


@pghistory.track()
class StudentPlan(models.Model):
    """A student has one plan of a kind at most. The newest version is in force until the plan is ended."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="kept_plans")
    # A slug of care.plans.kinds, without choices: a new kind of plan needs no migration.
    kind = models.SlugField("kind of plan", max_length=30)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField("no longer in force since", null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.CharField("why it is no longer in force", max_length=300, blank=True)

    objects = StudentPlanQuerySet.as_manager()

    class Meta:
        ordering = ["student", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["student", "kind"], name="one_plan_of_a_kind"),
            models.CheckConstraint(condition=~Q(kind=""), name="kept_plan_has_kind"),
            all_or_none("kept_plan_ended_whole", "ended_on", "ended_by", words="ended_why"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} of student {self.student_id}"

    @property
    def of_kind(self) -> PlanKind:
        return kind_of(self.kind)


class PlanVersionQuerySet(ScopedQuerySet):
    student_path = "plan__student_id"

    def readable_by(self, user: Any) -> Self:
        return self.filter(permissions.readable(user, "plan__"))

    def newest(self) -> Self:
        """The newest version of each plan that is in force."""
        return self.filter(is_newest=True, plan__ended_on__isnull=True)


@pghistory.track()
class PlanVersion(models.Model):
    """What a plan says from a day on: `words` of its sections by key, and why it was written. Only `is_newest` changes."""

    plan = models.ForeignKey(StudentPlan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_newest = models.BooleanField(default=True)
    words = models.JSONField(default=dict)
    why = models.CharField("why it was written", max_length=300)
    review_by = models.DateField("to be looked at again by")
    read_by = models.DateField("to be read by")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    written_on = models.DateField(help_text="London date of written_at")

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="version_of_kept_plan_once"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(is_newest=True),
                include=["written_on", "review_by"],  # what the duty asks of a whole school
                name="one_newest_version_of_kept_plan",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="versions_of_kept_plan_from_one"),
            models.CheckConstraint(condition=~Q(why=""), name="version_of_kept_plan_says_why"),
            models.CheckConstraint(
                condition=Q(review_by__gt=models.F("written_on")), name="kept_plan_is_looked_at_again"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_written",
                fields=[
                    "plan", "number", "words", "why", "review_by", "read_by", "written_by", "written_at", "written_on",
                ],
            ),
        ]  # fmt: skip

    @property
    def sections(self) -> list[tuple[str, str, str]]:
        return self.plan.of_kind.ordered(self.words)
