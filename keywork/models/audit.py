"""Who opened what, and whether the nightly work ran: rows that are only added. And what was last at work, and what the
cache holds while Redis is away."""

from __future__ import annotations

from typing import Any, NoReturn

import pgtrigger
from django.db import models

from keywork import clock


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise TypeError(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows are never deleted.")


class RecordOpening(models.Model):
    """Somebody opened something of a student's. No foreign keys: the trail outlives what it names (DP-2)."""

    at = models.DateTimeField()
    user_id = models.BigIntegerField()
    user_name = models.CharField(max_length=150)
    student_id = models.BigIntegerField()
    what = models.CharField(max_length=40, help_text="record, people, report, export …")
    detail = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["student_id", "-at"], name="opening_student"),
            models.Index(fields=["user_id", "-at"], name="opening_user"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("RecordOpening rows are never deleted.")


class JobRun(models.Model):
    """One run of a scheduled job, so that a job that stopped running is itself noticed."""

    name = models.CharField(max_length=40)
    as_of = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["name", "-finished_at"], name="jobrun_latest")]


class Heartbeat(models.Model):
    """When a part of Keywork was last at work: `beat`, `worker`, and as `sent NAME` each job that beat sends."""

    name = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()

    @classmethod
    def note(cls, name: str) -> None:
        """It is at work now."""
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=name, at=clock.now())],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at"],
        )


class Cached(models.Model):
    """One value of the cache that Redis could not take (keywork.cache)."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.TextField(help_text="JSON")
    ends_at = models.DateTimeField(null=True, help_text="By the machine's own time")
