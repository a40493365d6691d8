"""Who was told who a student’s keyworker is, and what one keyworker leaves to the next."""

from __future__ import annotations

import pghistory
from django.db import models

from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


class HandOverNoteQuerySet(ScopedQuerySet):
    def unread_by(self, user_id: int) -> HandOverNoteQuerySet:
        """Not read by anybody yet; one's own are no news to oneself."""
        return self.filter(read_at__isnull=True).exclude(written_by=user_id)


@pghistory.track()
class HandOverNote(models.Model):
    """`read_by` is the keyworker who first said that they have read it."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="hand_over_notes")
    words = models.TextField()
    written_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    read_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = HandOverNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]


class MadeKnown(models.Model):
    """`notified` had a mail that says, or leads to, who is keyworker from `starts_on`: once, however often it is tried."""

    class As(models.TextChoices):
        TEAM = "team", "Staff around the student"
        HOUSE = "house", "House leader"
        FAMILY = "family", "Family"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="made_known")
    keyworker = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(worded_lazy("keyworker from"))
    notified = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    notified_as = models.CharField(max_length=10, choices=As.choices)
    notified_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "notified_at", "pk"]
        verbose_name_plural = "made known"
        constraints = [
            models.UniqueConstraint(
                fields=["student", "keyworker", "starts_on", "notified"], name="made_known_once"
            )
        ]
