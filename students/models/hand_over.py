"""What a keyworker who goes, or the Head, writes down for whoever comes after."""

from __future__ import annotations

import pghistory
from django.db import models

from keywork.scoped import ScopedQuerySet


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
