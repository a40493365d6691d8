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
    follow_ups = ArrayField(
        models.CharField(max_length=30),
        default=list,
        help_text="Keys of the follow-ups it told of, each after what it told: asked, late, ended, left",
    )

    class Meta:
        ordering = ["-day", "user_id"]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]


class DigestChoice(models.Model):
    """What somebody chose about their digest, on their own page; without a row everything comes on each school day.

    `without` are values of `contacts.escalation.NotificationKind`: what may be left out, and what may wait a week, is said there.
    """

    user = models.OneToOneField("keywork.User", on_delete=models.CASCADE, related_name="digest_choice")
    weekly = models.BooleanField(default=False)
    without = ArrayField(models.CharField(max_length=20), default=list, blank=True)
