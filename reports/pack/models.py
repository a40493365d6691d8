"""Evidence for a needs assessment: what was chosen and read, what was covered and why, and the file made of it."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.final import final_once
from keywork.scoped import ScopedQuerySet

from ..files import has_digest


@pghistory.track(exclude=["content", "pdf"])
class EvidencePack(models.Model):
    """One pack, from the choice of its days until its file is made. Once ordered it stays as it was read."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="evidence_packs")
    starts_on = models.DateField("from")
    ends_on = models.DateField("to")
    authority = models.CharField("authority that is asked", max_length=100)
    # Decisions about what is offered: the key of an item to whether it goes in. Others go in as they are offered.
    chosen: Any = models.JSONField(default=dict, blank=True)
    # What was typed: the slug of a field of `words.FIELDS` to its words.
    words: Any = models.JSONField(default=dict, blank=True)
    begun_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ordered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField(null=True, blank=True)
    # All that is printed, plain values, as it was read; so that the file never changes with the record.
    content: Any = models.JSONField(default=dict, blank=True)
    pdf = models.FileField(upload_to="packs/%Y/%m/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(default=0)
    printed_with = models.CharField(
        max_length=12, blank=True, help_text="Digest of template and style sheet it was made with"
    )
    missing_signs = models.CharField(max_length=100, blank=True, help_text="Signs no font could show")
    made_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at", "-pk"]
        verbose_name = "evidence pack"
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=models.F("ends_on")), name="pack_in_order"),
            models.CheckConstraint(
                condition=Q(ordered_at__isnull=True, ordered_by__isnull=True, made_at__isnull=True)
                | Q(ordered_at__isnull=False, ordered_by__isnull=False),
                name="pack_ordered_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            final_once(
                "ordered_at",
                name="ordered_stays",
                fields=[
                    "student",
                    "starts_on",
                    "ends_on",
                    "authority",
                    "chosen",
                    "words",
                    "content",
                    "ordered_at",
                    "ordered_by",
                ],
            ),
            final_once(
                "made_at", name="made_stays", fields=["pdf", "sha256", "pages", "printed_with", "made_at"]
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.ordered_at is None

    def is_whole(self) -> bool:
        return has_digest(self.pdf, self.sha256)


class PartOfPackQuerySet(ScopedQuerySet):
    student_path = "pack__student_id"


@pghistory.track()
class PackReading(models.Model):
    """One text of a pack as somebody read it: which names they left standing, what they covered besides, and why.

    `digest` is of the text they read; a text that was changed since has to be read again.
    """

    pack = models.ForeignKey(EvidencePack, on_delete=models.PROTECT, related_name="readings")
    key = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    leave = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    cover = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = PartOfPackQuerySet.as_manager()

    class Meta:
        ordering = ["pack", "pk"]
        verbose_name = "reading of an evidence pack"
        constraints = [
            models.UniqueConstraint(fields=["pack", "key"], name="pack_text_once"),
            models.CheckConstraint(
                condition=Q(leave=[], cover=[]) | ~Q(reason=""), name="pack_decided_with_reason"
            ),
        ]


@pghistory.track(exclude=["file"])
class PackDocument(models.Model):
    """Somebody else's report, a PDF, put behind the pack. What was taken out stays, and is not printed."""

    pack = models.ForeignKey(EvidencePack, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=120)
    author = models.CharField("who wrote it", max_length=120)
    dated_on = models.DateField("its date")
    advice = models.TextField("what it recommends, and what came of it", max_length=1000, blank=True)
    file = models.FileField(upload_to="packs/documents/")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    added_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PartOfPackQuerySet.as_manager()

    class Meta:
        ordering = ["dated_on", "pk"]
        verbose_name = "document of an evidence pack"
