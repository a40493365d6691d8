"""The school itself: its name, calendar and policy, all as data."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q


def new_stamp() -> pgtrigger.Trigger:
    """Whoever changes such a row, and by whatever means, every process learns of it (keywork.school)."""
    return pgtrigger.Trigger(
        name="new_stamp",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="UPDATE keywork_school SET stamp = gen_random_uuid(); RETURN NULL;",
    )


class School(models.Model):
    """One row. `stamp` is new after every change of calendar or policy, so caches know (keywork.school)."""

    name = models.CharField(max_length=150, default="Our school")
    went_live_on = models.DateField(help_text="No duty is counted from before this day (C1).")
    opened_on = models.DateField(
        null=True, blank=True, help_text="When its set-up in the browser was finished."
    )
    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="only_one_school")]

    def __str__(self) -> str:
        return self.name


class AcademicYear(models.Model):
    slug = models.CharField(max_length=7, unique=True, help_text="2025-26")
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = models.CharField(max_length=200, default="example", help_text="verified, derived or example")
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["starts_on"]

    def __str__(self) -> str:
        return self.slug.replace("-", "/")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class HalfTerm(models.Model):
    """First and last school day of a half-term block, staff-only days included (domain 1.8)."""

    year = models.ForeignKey(AcademicYear, on_delete=models.CASCADE, related_name="half_terms")
    slug = models.CharField(max_length=20, unique=True, help_text="2025-26-autumn-1")
    name = models.CharField(max_length=40)
    term = models.CharField(max_length=20, help_text="2025-26-autumn")
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        triggers = [new_stamp()]
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="half_term_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class InsetDay(models.Model):
    day = models.DateField(unique=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        triggers = [new_stamp()]
        ordering = ["day"]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Closure(models.Model):
    """The school was shut on these days (snow, flood): they are not pupil days."""

    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        triggers = [new_stamp()]
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="closure_in_order")
        ]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PolicyVersion(models.Model):
    """A preset with the school's own changes, in force from a date until the next version."""

    pgh_event_model: ClassVar[Any]  # by pghistory

    effective_on = models.DateField(unique=True)
    preset = models.CharField(max_length=40)
    overrides = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        triggers = [new_stamp()]
        ordering = ["effective_on"]
