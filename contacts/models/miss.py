"""What was missed, kept as a fact: written once by the nightly job, withdrawn if shown wrong, never deleted; what was said
to it: how it came, by those around the student, and that the Head has seen it."""

from __future__ import annotations

from typing import Any, NoReturn

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none
from keywork.words import worded_lazy


class MissQuerySet(ScopedQuerySet):
    def standing(self) -> MissQuerySet:
        return self.filter(withdrawn_at__isnull=True)

    def delete(self) -> NoReturn:
        raise TypeError("A miss is withdrawn with a reason, never deleted.")


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Miss(models.Model):
    """One due date of one duty that passed unmet. The unique constraint is what makes it exactly once."""

    class Class(models.TextChoices):
        MISSED = "missed", "Missed"
        ATTEMPTED = "attempted", "Tried and not reached"
        HANDOVER = "handover", "During a handover"
        UNASSIGNED = "unassigned", worded_lazy("No keyworker")

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="misses")
    duty = models.CharField(max_length=30)
    due_on = models.DateField()
    klass = models.CharField("class", max_length=12, choices=Class.choices)
    keyworker = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    as_of = models.DateField()
    detected_at = models.DateTimeField()
    keyworker_notified_at = models.DateTimeField(null=True)
    head_notified_at = models.DateTimeField(null=True)
    alerted_from = models.DateTimeField(
        null=True, help_text="When it turned out to be attempted (C7): Heads told before are told again"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawal_reason = models.CharField(max_length=300, blank=True)

    objects = MissQuerySet.as_manager()

    class Meta:
        ordering = ["-due_on", "student_id"]
        constraints = [
            models.UniqueConstraint(fields=["student", "duty", "due_on"], name="miss_once"),
            all_or_none("miss_withdrawn_whole", "withdrawn_at", words="withdrawal_reason"),
        ]
        indexes = [
            # The two digests each read what they have not told yet.
            models.Index(
                fields=["keyworker"],
                condition=Q(keyworker_notified_at__isnull=True),
                name="miss_unnotified_keyworker",
            ),
            models.Index(
                fields=["due_on"], condition=Q(head_notified_at__isnull=True), name="miss_unnotified_head"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="what_was_missed_stays", fields=["student", "duty", "due_on", "detected_at"]
            ),
        ]

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A miss is withdrawn with a reason, never deleted.")

    @property
    def said(self) -> str:
        """How it came, in the words of whoever was there; "" while nobody has said."""
        answer = getattr(self, "answer", None)
        return answer.reason if answer else ""

    @property
    def said_by(self) -> str:
        answer = getattr(self, "answer", None)
        return answer.given_by.name if answer and answer.given_by else ""

    @property
    def keyworker_name(self) -> str:
        return self.keyworker.name if self.keyworker else ""

    @property
    def withdrawn_by_name(self) -> str:
        return self.withdrawn_by.name if self.withdrawn_by else ""


class MissAnswerQuerySet(ScopedQuerySet):
    student_path = "miss__student_id"


@pghistory.track()
class MissAnswer(models.Model):
    """At most one of each miss, with a reason, an acknowledgement or both; the miss itself stays as it was recorded."""

    miss = models.OneToOneField("contacts.Miss", on_delete=models.PROTECT, related_name="answer")
    reason = models.CharField(max_length=500, blank=True)
    given_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)

    objects = MissAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="", given_at__isnull=True) | (~Q(reason="") & Q(given_at__isnull=False)),
                name="miss_reason_whole",
            )
        ]
