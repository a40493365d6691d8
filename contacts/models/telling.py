"""What was told to whom by e-mail, so that everybody is told at least once and nobody twice in a day."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Digest(models.Model):
    """One day's e-mail to one person. The unique constraint keeps it to one, however many workers run."""

    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="digests")
    day = models.DateField()
    sent_at = models.DateTimeField()
    misses = ArrayField(models.BigIntegerField(), default=list, help_text="Ids of the misses it told of")
    absences = ArrayField(
        models.BigIntegerField(), default=list, help_text="Ids of the staff absences it told of"
    )

    class Meta:
        ordering = ["-day", "user_id"]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]

    def __str__(self) -> str:
        return f"Digest of user {self.user_id} on {self.day}"
