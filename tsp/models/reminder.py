"""Reminding keyworkers of what is not complete of a TSP."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from keywork.scoped import ScopedQuerySet


@pghistory.track(meta={"db_table": "tsp_chaseevent"})
class Reminder(models.Model):
    """A reminder the coordinator sent to a student's keyworker; `missing` says in codes what was not there."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_reminders")
    term = models.CharField(max_length=20)
    keyworker = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    missing = ArrayField(models.CharField(max_length=60), default=list)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "tsp_chase"
        ordering = ["-sent_at", "-pk"]
