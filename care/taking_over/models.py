"""That a keyworker has taken over: once for each post."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q

from keywork.models import Assignment, User
from keywork.scoped import ScopedQuerySet
from students.models import HandOverNote, Student

from ..models.ehc_plan import EhcPlan
from ..plans.models import StudentPlan


@pghistory.track()
class TakingOver(models.Model):
    """`read` says in words what they said they had read; it is empty of a post that began before Keywork asked."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="taken_over")
    post = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="taken_over")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    read = models.JSONField(default=list, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "taken over"
        triggers = [pgtrigger.ReadOnly(name="stays_as_said", fields=["student", "by", "at", "read"])]


def not_taken_over(student: OuterRef | int, on: Any, user: Any = None) -> Q:
    """A condition: the keyworker of a day has something to read, and has not said that they have read it."""
    assignments = Assignment.objects.filter(
        student=student, kind=Assignment.Kind.KEYWORKER, starts_on__lte=on, taken_over__isnull=True
    ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    if user is not None:
        assignments = assignments.filter(user=user)
    unread = HandOverNote.objects.filter(student=student, read_at__isnull=True)
    something = (
        Q(Exists(EhcPlan.objects.filter(student=student)))
        | Q(Exists(StudentPlan.objects.in_force().filter(student=student)))
        | Q(Exists(unread))
    )
    return Q(Exists(assignments)) & something
