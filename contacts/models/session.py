"""Keywork sessions: the student and their keyworker sit down together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q

from keywork.policy import Policy
from keywork.words import worded_lazy

from .entry import LogEntry, entry_constraints, entry_triggers


@pghistory.track()
class KeyworkSession(LogEntry):
    """One session, or one that did not come about. Only held sessions meet a half-term (H2)."""

    class Status(models.TextChoices):
        HELD = "held", "We met"
        DECLINED = "declined", worded_lazy("The student said not now")
        CANCELLED = "cancelled", "Cancelled"
        NO_SHOW = "no_show", worded_lazy("The student did not come")

    class How(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        REMOTE = "remote", "By phone or video"

    class Topic(models.TextChoices):
        ATTENDANCE = "attendance", "Attendance"
        ENGAGEMENT = "engagement", "Engagement"
        POINTS = "points", "Points"
        SOCIAL_PROGRESS = "social_progress", "Social progress"
        FEELINGS = "feelings", "How they feel"
        FRIENDS = "friends", "Friends"
        GOALS = "goals", "Goals"
        HOME = "home", "Home"
        OTHER = "other", "Something else"

    class Went(models.TextChoices):
        DONE = "done", "Done"
        GOES_ON = "goes_on", "Goes on"
        NOT_DONE = "not_done", "Not done"
        NOT_NEEDED = "not_needed", "No longer needed"

    status = models.CharField("what happened", max_length=10, choices=Status.choices)
    how = models.CharField(max_length=10, choices=How.choices, default=How.IN_PERSON)
    minutes = models.PositiveSmallIntegerField("how long, in minutes", null=True, blank=True)
    agreed = models.TextField("what you agreed", blank=True)
    answered = models.JSONField(
        "how it went",
        default=list,
        blank=True,
        help_text="Of what was agreed before: session, line (contacts.agreeing) and one of Went",
    )
    catch_up_for = models.CharField(
        max_length=20, blank=True, help_text="Half-term this makes up for: its slug (H6)"
    )

    class Meta(LogEntry.Meta):
        constraints = [
            *entry_constraints("session"),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__range=(1, 600)), name="session_minutes_sane"
            ),
        ]
        triggers = entry_triggers()
        indexes = [
            models.Index(fields=["student", "-happened_on", "-id"], name="session_student"),
            # facts.sessions reads a half-term of the whole school in one sweep of days.
            models.Index(
                fields=["-happened_on"],
                condition=Q(voided_on__isnull=True),
                include=[
                    "student",
                    "id",
                    "status",
                    "topics",
                    "catch_up_for",
                    "needs_approval",
                    "approved_on",
                    "logged_on",
                ],
                name="session_recent",
            ),
        ]

    def counts_more(self, changes: Mapping[str, Any], policies: Sequence[Policy]) -> bool:
        """A session held (H2), or one that was offered and declined (H5)."""
        told = {
            name: changes.get(name, getattr(self, name))
            for name in ("status", "topics", "catch_up_for", "happened_on")
        }
        if told["status"] not in (self.Status.HELD, self.Status.DECLINED):
            return False
        return (
            told["status"] != self.status
            or told["happened_on"] != self.happened_on
            or told["catch_up_for"] != self.catch_up_for
            or not set(told["topics"]) <= set(self.topics)
        )
