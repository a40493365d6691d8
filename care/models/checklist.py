"""Lists that run for a student, with an owner and a day for each point; and the versions a school wrote of them."""

from __future__ import annotations

from typing import Any, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork import clock
from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none
from students.models import Student

from ..checklists.kinds import OWNERS
from ..checklists.ticks import ticked_on, ticked_pk


@pghistory.track()
class ListVersion(models.Model):
    """A version of a list as the school wrote it, after the one that is shipped. What runs keeps its own points."""

    slug = models.SlugField(max_length=20)
    number = models.PositiveSmallIntegerField("version")
    points = models.JSONField()  # as in fixtures/checklists.json
    published_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["slug", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="list_version_once"),
            models.CheckConstraint(condition=Q(number__gte=2), name="list_versions_after_the_shipped"),
        ]
        triggers = [
            pgtrigger.Protect(name="stays_as_published", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


@pghistory.track()
class Checklist(models.Model):
    """One list of one student. `counts_from` is the day from which an entry ticks a point by itself."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="checklists")
    slug = models.SlugField(max_length=20)
    number = models.PositiveSmallIntegerField("version")
    name = models.CharField(max_length=80)
    led_by = models.SlugField(max_length=20)  # a role
    anchor_on = models.DateField()
    counts_from = models.DateField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-anchor_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["student", "slug", "anchor_on"], name="checklist_once"),
            all_or_none("checklist_ended_whole", "ended_at", "ended_by", words="end_reason"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]


class PointQuerySet(ScopedQuerySet):
    student_path = "checklist__student_id"

    def with_ticks(self) -> Self:
        """`auto_on`: the day of the entry that ticks it; `auto_pk` which."""
        return self.annotate(auto_on=ticked_on(), auto_pk=ticked_pk())

    def open(self) -> Self:
        """Neither done by anybody nor by itself, and of a list that runs."""
        return self.with_ticks().filter(
            done_on__isnull=True,
            skipped_at__isnull=True,
            auto_on__isnull=True,
            checklist__ended_at__isnull=True,
        )


@pghistory.track()
class Point(models.Model):
    """One point of a list. `owner` where a person was named; else whoever is `role` of the student or of the school."""

    checklist = models.ForeignKey(Checklist, on_delete=models.PROTECT, related_name="points")
    place = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200)
    role = models.SlugField(max_length=20)
    owner = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField("by")
    ticks = models.SlugField(max_length=20, blank=True)  # of checklists.ticks: what ticks it by itself
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    skipped_at = models.DateTimeField("not needed since", null=True)
    skipped_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    skip_reason = models.CharField("why it is not needed", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = PointQuerySet.as_manager()

    class Meta:
        ordering = ["checklist", "due_on", "place"]
        constraints = [
            all_or_none("point_done_by_somebody", "done_on", "done_by"),
            all_or_none("point_skipped_whole", "skipped_at", "skipped_by", words="skip_reason"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    auto_on: Any = None  # of with_ticks
    auto_pk: Any = None
    link = ""  # the page of what ticked it

    @property
    def owner_name(self) -> str:
        return self.owner.name if self.owner is not None else str(OWNERS.get(self.role, self.role))

    @property
    def is_done(self) -> bool:
        return self.done_on is not None or self.auto_on is not None

    @property
    def is_open(self) -> bool:
        return not self.is_done and self.skipped_at is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < clock.today()
