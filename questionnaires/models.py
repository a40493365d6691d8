"""A form as versioned data: what the forms of TSP and ILSA have in common as rows."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q


class VersionQuerySet(models.QuerySet):
    def published(self) -> VersionQuerySet:
        return self.filter(status=Version.Status.PUBLISHED)

    def drafts(self) -> VersionQuerySet:
        return self.filter(status=Version.Status.DRAFT)


class Version(models.Model):
    """One version of a form. There is at most one draft; a published version never changes again.

    The database itself refuses to change or delete a published row: records made with it rely on every word.
    `content` is a document of the app's schema; `digest` is of the published content, so that what is cached or claimed
    about it can be proved.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    number = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content: models.JSONField
    digest = models.CharField(max_length=64, blank=True)
    note = models.CharField("what changed", max_length=500, blank=True)
    lock = models.PositiveIntegerField(default=1, help_text="Counts up with every change of a draft")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="draft"), name="%(app_label)s_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_at__isnull=True, digest="")
                | (Q(status="published", published_at__isnull=False) & ~Q(note="") & ~Q(digest="")),
                name="%(app_label)s_published_whole",
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
