"""What every entry of the key worker log has: when, by whom, how far seen, approved, voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, NoReturn, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.access import Can
from keywork.levels import Level
from keywork.opened_by import levels_of, opened_by, readable_q
from keywork.policy import Policy
from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none

OPENED_BY = opened_by(Can.VIEW_LOG)


def readable_levels(user: Any, student: Any) -> list[str]:
    """The twin of `readable_by` for one student: the levels whose entries this person may read, and so write."""
    return levels_of(user, student, Can.VIEW_LOG)


class EntryQuerySet(ScopedQuerySet):
    def readable_by(self, user: Any) -> Self:
        """Entries this person may read: the log of the student, and the level of the entry."""
        return self.filter(readable_q(user, Can.VIEW_LOG))

    def delete(self) -> NoReturn:
        raise TypeError("Entries of the log are voided with a reason, never deleted (C17).")


class LogEntry(models.Model):
    """Facts shared by contacts and sessions. `happened_on` drives every clock; `logged_on` is kept too (C10)."""

    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, related_name="%(class)ss", db_index=False
    )
    happened_on = models.DateField("when")
    happened_time = models.TimeField("time", null=True, blank=True)
    topics = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    notes = models.TextField(blank=True)
    level = models.CharField("who can read this", max_length=12, choices=Level.choices, default=Level.GENERAL)
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    logged_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    logged_at = models.DateTimeField()
    logged_on = models.DateField(help_text="London date of logged_at")
    changed_on = models.DateField(
        null=True, blank=True, help_text="London date of the last change that made it count, if any (C10)"
    )
    needs_approval = models.BooleanField(
        default=False, help_text="Logged, or made to count, past the back-dating limit (C10)"
    )
    approved_on = models.DateField(null=True, blank=True)
    approved_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    approval_reason = models.CharField(max_length=300, blank=True)
    voided_on = models.DateField(null=True, blank=True)
    voided_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    void_reason = models.CharField(max_length=300, blank=True)
    moved_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to",
        help_text="The crossed-out entry on the record it was first written into",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1)

    pgh_event_model: ClassVar[Any]  # of each kind, by pghistory

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-happened_on", "-pk"]

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Entries of the log are voided with a reason, never deleted (C17).")

    @property
    def made_by_name(self) -> str:
        return self.made_by.name

    @property
    def judged_on(self) -> date:
        """The day C10 judges it by: of the change that made it count, or when it was written down."""
        return self.changed_on or self.logged_on

    @property
    def logged_days_late(self) -> int:
        return (self.judged_on - self.happened_on).days

    def counts_more(self, changes: Mapping[str, Any], policies: Sequence[Policy]) -> bool:
        """Whether with `changes` it counts where it did not before, under any of these policies (C10, H9)."""
        raise NotImplementedError


def entry_triggers() -> list[pgtrigger.Trigger]:
    """An entry is voided, never deleted (C17), and says for good whom it is about, who wrote it and when."""
    return [
        pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(
            name="author_stays", fields=["student", "made_by", "logged_by", "logged_at", "logged_on"]
        ),
    ]


def entry_constraints(name: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(happened_on__lte=models.F("logged_on")), name=f"{name}_not_in_future"
        ),
        all_or_none(f"{name}_voided_whole", "voided_on", "voided_by", words="void_reason"),
        all_or_none(f"{name}_approved_whole", "approved_on", "approved_by", words="approval_reason"),
    ]
