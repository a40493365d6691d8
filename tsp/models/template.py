"""The template as versioned data, and what staff propose to change in it. Nothing here is about any student."""

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
    """One version of the TSP form. There is at most one draft; a published version never changes again.

    The database itself refuses to change or delete a published row: records made with it rely on every word.
    `digest` is of the published content, so that what is cached or claimed about it can be proved.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    number = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField(help_text="A document of the schema keywork.tsp-template/1")
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
            models.UniqueConstraint(fields=["status"], condition=Q(status="draft"), name="tsp_one_draft"),
            models.CheckConstraint(
                condition=Q(status="draft", published_at__isnull=True, digest="")
                | (Q(status="published", published_at__isnull=False) & ~Q(note="") & ~Q(digest="")),
                name="tsp_published_whole",
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


@pghistory.track()
class Proposal(models.Model):
    """A change to the form that a member of staff proposes; the coordinator answers in words.

    `about` names a statement ("comm-ask-help"), a soft tool ("tool:student-voice") or nothing in particular;
    `about_words` is how it read when it was proposed.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Waiting for an answer"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    about = models.CharField(max_length=80, blank=True)
    about_words = models.CharField(max_length=300, blank=True)
    text = models.CharField("what to change", max_length=1000)
    reason = models.CharField("why", max_length=1000)
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (
                    ~Q(status="open")
                    & ~Q(answer="")
                    & Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
                name="tsp_proposal_answered_whole",
            )
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk} ({self.get_status_display()})"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN
