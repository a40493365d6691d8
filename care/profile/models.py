"""What a student was given (overlays, large print, a stress ball), and what staff tried with them."""

from __future__ import annotations

from datetime import date

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from keywork.models import User
from keywork.scoped import ScopedQuerySet
from keywork.voided import StandingQuerySet, void_is_whole
from students.models import Student


@pghistory.track()
class Resource(models.Model):
    """Something given to a student. What is not in use any more stays, with why."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="resources")
    what = models.CharField(max_length=100)
    note = models.CharField("where it is, which one", max_length=200, blank=True)
    given_on = models.DateField("given on")
    trial_until = models.DateField("on trial until", null=True, blank=True)
    how = models.CharField("how it goes", max_length=300, blank=True)
    ended_on = models.DateField("not in use since", null=True, blank=True)
    ended_why = models.CharField("why it is not in use any more", max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-ended_on", "what", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="resource_is_something"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_why="")
                | (Q(ended_on__gte=F("given_on")) & ~Q(ended_why="")),
                name="resource_ended_whole",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def state(self, today: date) -> tuple[str, str]:
        """Level and word of its badge."""
        if self.ended_on is not None:
            return "none", "Not in use"
        if self.trial_until is not None and self.trial_until >= today:
            return "open", "On trial"
        return "ok", "In use"


@pghistory.track()
class Tried(models.Model):
    """What somebody of the staff tried with a student, and what happened."""

    class Helped(models.TextChoices):
        YES = "yes", "It helped"
        PARTLY = "partly", "It helped a little"
        NO = "no", "It did not help"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="tried")
    what = models.CharField("what I tried", max_length=300)
    happened = models.CharField("what happened", max_length=500)
    helped = models.CharField(max_length=6, choices=Helped.choices)
    on = models.DateField("when")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name_plural = "tried"
        constraints = [
            models.CheckConstraint(condition=~Q(what="") & ~Q(happened=""), name="tried_says_both"),
            void_is_whole("tried_voided_whole"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]
