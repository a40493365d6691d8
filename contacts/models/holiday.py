"""Long holidays of one student: who covers which week, and what staff are told of it afterwards."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from keywork.scoped import ScopedQuerySet


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class HolidayWeek(models.Model):
    """Who keeps in touch with home in a week of a long holiday. What C16 asks for in it is theirs."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="holiday_weeks")
    starts_on = models.DateField()
    ends_on = models.DateField()
    covered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["student", "starts_on"], name="holiday_week_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="holiday_week_in_order"),
        ]


class Briefing(models.Model):
    """What home told in a holiday, as it was sent to the student's staff: it stays as it was."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="briefings")
    closed_from = models.DateField("first day of the holiday")
    closed_to = models.DateField("last day of the holiday")
    words = models.TextField("what staff should know")
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["student", "closed_from"], name="briefing_once_a_holiday"),
            models.CheckConstraint(condition=~Q(words=""), name="briefing_has_words"),
        ]
        triggers = [pgtrigger.Protect(name="stays_as_sent", operation=pgtrigger.Update | pgtrigger.Delete)]


class BriefingReaderQuerySet(ScopedQuerySet):
    student_path = "briefing__student_id"


class BriefingReader(models.Model):
    """Somebody it was sent to, frozen with it, and when they read it."""

    briefing = models.ForeignKey(Briefing, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    mailed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = BriefingReaderQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["briefing", "user"], name="briefing_reader_once")]
