"""Mentoring slots with one student, and when a person of staff can be dropped in on."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


@pghistory.track()
class MentoringSlot(models.Model):
    """A time set aside for one student, or one on which they dropped in. Never deleted: it is marked what became of it."""

    class Kind(models.TextChoices):
        SLOT = "slot", "Mentoring"
        DROP_IN = "drop_in", "Drop-in"

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        ATTENDED = "attended", "Came"
        NO_SHOW = "no_show", "Did not come"
        MOVED = "moved", "Moved"
        CANCELLED = "cancelled", "Called off"

    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, related_name="mentoring", db_index=False
    )
    mentor = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SLOT)
    on = models.DateField("day")
    at = models.TimeField("time", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("how long, in minutes")
    where = models.CharField(max_length=80, blank=True)
    focus = models.CharField(
        max_length=300, blank=True, help_text=worded_lazy("Read by the core team, not by the student.")
    )
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PLANNED)
    note = models.TextField(blank=True)
    planned_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    planned_at = models.DateTimeField()
    marked_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    marked_at = models.DateTimeField(null=True, blank=True)
    moved_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to"
    )

    objects = ScopedQuerySet.as_manager()
    student_id: int
    mentor_id: int

    class Meta:
        ordering = ["on", "at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(1, 600)), name="mentoring_minutes_sane"),
            models.CheckConstraint(
                condition=Q(status="planned", marked_by__isnull=True, marked_at__isnull=True)
                | (~Q(status="planned") & Q(marked_by__isnull=False, marked_at__isnull=False)),
                name="mentoring_marked_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="whose_stays", fields=["student", "mentor", "kind", "planned_by", "planned_at"]
            ),
        ]
        indexes = [
            models.Index(fields=["student", "-on", "-id"], name="mentoring_student"),
            models.Index(fields=["mentor", "on"], name="mentoring_mentor"),
        ]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DropInTime(models.Model):
    """A time of the week at which a student may come by this person, as their students read it."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"

    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="drop_in_times")
    weekday = models.PositiveSmallIntegerField("day", choices=Weekday.choices)
    time = models.CharField("when", max_length=40, help_text="One of the times of the policy (drop_in)")
    where = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["weekday", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "weekday", "time"], name="drop_in_once"),
            models.CheckConstraint(condition=Q(weekday__lte=4), name="drop_in_on_a_school_day"),
        ]
