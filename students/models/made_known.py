"""Who was told who a student's keyworker is, and when: kept for good, when the mail itself is long forgotten."""

from __future__ import annotations

from django.db import models

from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


class MadeKnown(models.Model):
    """`told` had a mail that says, or leads to, who is keyworker from `starts_on`: once, however often it is tried."""

    class As(models.TextChoices):
        TEAM = "team", "Staff around the student"
        HOUSE = "house", "House leader"
        FAMILY = "family", "Family"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="made_known")
    keyworker = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(worded_lazy("keyworker from"))
    told = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    told_as = models.CharField(max_length=10, choices=As.choices)
    told_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "told_at", "pk"]
        verbose_name_plural = "made known"
        constraints = [
            models.UniqueConstraint(
                fields=["student", "keyworker", "starts_on", "told"], name="made_known_once"
            )
        ]
