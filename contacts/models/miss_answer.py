"""What was said to a miss: how it came, by those around the student; and that the Head has seen it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet


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
