"""The form of the Independent Living Skills Assessment as versioned data. Nothing here is about any student."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q


class TemplateVersionQuerySet(models.QuerySet):
    def published(self) -> TemplateVersionQuerySet:
        return self.filter(status=TemplateVersion.Status.PUBLISHED)

    def drafts(self) -> TemplateVersionQuerySet:
        return self.filter(status=TemplateVersion.Status.DRAFT)


@pghistory.track(exclude=["content"])
class TemplateVersion(models.Model):
    """One version of the form. There is at most one draft; the database never lets a published one change."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    number = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField(help_text="A document of the schema keywork.ilsa-template/1")
    digest = models.CharField(max_length=64, blank=True)
    note = models.CharField("what changed", max_length=500, blank=True)
    lock = models.PositiveIntegerField(default=1, help_text="Counts up with every change of a draft")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = TemplateVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="draft"), name="ilsa_one_draft"),
            models.CheckConstraint(
                condition=Q(status="draft", published_at__isnull=True, digest="")
                | (Q(status="published", published_at__isnull=False) & ~Q(note="") & ~Q(digest="")),
                name="ilsa_published_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_for_good",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="published"),
            )
        ]

    def __str__(self) -> str:
        return f"Version {self.number}" + ("" if self.is_published else " (draft)")

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED
