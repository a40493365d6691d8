"""What a student says of not feeling safe: one model, whichever page they said it on."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


class WorryQuerySet(ScopedQuerySet):
    def open(self) -> WorryQuerySet:
        """Those of which nobody has said yet what was done."""
        return self.filter(done_at__isnull=True)

    def said_by_student(self) -> WorryQuerySet:
        """What stands on the student's own page: nothing that somebody at home said."""
        return self.exclude(source=Worry.Source.HOME)

    def said_at_home_by(self, user: Any) -> WorryQuerySet:
        return self.filter(source=Worry.Source.HOME, written_by=user)


@pghistory.track()
class Worry(models.Model):
    """A student does not feel safe, or somebody at home fears for them (source "home"). It stays open until somebody who leads safeguarding says what was done.

    Who sees it is safety.worry_audience's to say. `words` are the student's own; `written_by` is whose account they came
    from, the student's or that of the adult who wrote down what they said. `source_id` is the sheet of a voice
    sheet's answer. `taken_by` has it and has not finished. No case notes: the case belongs in the school's own
    safeguarding system.
    """

    class Source(models.TextChoices):
        PAGE = "page", "on the page “I do not feel safe”"
        FEELING = "feeling", "on the page “How I feel”"
        VOICE = "voice", worded_lazy("on the student voice sheet")
        HOME = "home", "by somebody at home"

    class Done(models.TextChoices):
        SPOKE = "spoke", "Somebody spoke with them"
        RECORDED = "recorded", "It is in our safeguarding system"
        WITH = "with", "Another adult is looking after it"
        NOTHING = "nothing", "It was pressed by mistake; they said so when asked"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="worries")
    source = models.CharField(max_length=10, choices=Source.choices)
    source_id = models.BigIntegerField(null=True)
    words = models.CharField("in their words", max_length=2000, blank=True)
    about_staff = models.BooleanField("about an adult who works at the school", default=False)
    said_at = models.DateTimeField()
    written_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    done = ArrayField(models.CharField(max_length=10, choices=Done.choices), default=list)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField("when it was said again that it waits", null=True)

    objects = WorryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "worries"
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done=[]) | (Q(done_at__isnull=False) & ~Q(done=[])),
                name="safety_worry_done_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["said_at"], condition=Q(done_at__isnull=True), name="safety_worry_open")
        ]

    @property
    def from_home(self) -> bool:
        return self.source == self.Source.HOME


class WorryReader(models.Model):
    """Somebody a worry was shown to by name, or kept from (`left_out`); when they were told and first opened it."""

    class Why(models.TextChoices):
        LEAD = "lead", "leads safeguarding"
        HEADTEACHER = "headteacher", "headteacher"
        KEYWORKER = "keyworker", worded_lazy("keyworker")

    worry = models.ForeignKey(Worry, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=12, choices=Why.choices)
    left_out = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["worry", "user"], name="safety_reader_once")]
