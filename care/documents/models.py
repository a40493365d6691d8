"""A document filed to a student's record: what it is, of which day, from whom, and its words."""

from __future__ import annotations

from typing import Any, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork.access import Can
from keywork.levels import Level
from keywork.models import User
from keywork.opened_by import readable_q
from keywork.voided import StandingQuerySet, void_is_whole
from students.models import Student


class DocumentQuerySet(StandingQuerySet):
    def readable_by(self, user: Any) -> Self:
        """As entries of the log: by the student, and by how far each is seen."""
        return self.filter(readable_q(user, Can.VIEW_LOG))


@pghistory.track(exclude=["text"])
class FiledDocument(models.Model):
    """`text` are the words of its file, read by the worker; `words` what was typed or pasted beside it.

    One that was filed with a `meeting` is never read more widely than that.
    """

    class Kind(models.TextChoices):
        BEHAVIOUR = "behaviour", "Behaviour report"
        INTERVENTION = "intervention", "Report on an intervention"
        AGENCY = "agency", "Report from outside school"
        PROGRESS = "progress", "Progress note"
        EMAIL = "email", "E-mail"
        OTHER = "other", "Another document"

    class Reading(models.TextChoices):
        NONE = "none", "No file to read"
        WAITING = "waiting", "Its words are being read"
        READ = "read", "Its words are found"
        NO_WORDS = "no_words", "A picture: its words are not found"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="documents")
    meeting = models.ForeignKey(
        "care.Meeting", on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=150)
    dated_on = models.DateField("date on it")
    author = models.CharField("from whom", max_length=150)
    level = models.CharField("who can read this", max_length=12, choices=Level.choices, default=Level.GENERAL)
    words = models.TextField(blank=True)
    file = models.FileField(upload_to="documents/", blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    reading = models.CharField(max_length=8, choices=Reading.choices, default=Reading.NONE)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-dated_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(author=""), name="document_says_whose"),
            models.CheckConstraint(condition=~Q(file="") | ~Q(words=""), name="document_has_something"),
            void_is_whole("document_voided_whole"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_filed",
                fields=["student", "meeting", "file", "sha256", "words", "filed_by", "filed_at"],
            ),
        ]
