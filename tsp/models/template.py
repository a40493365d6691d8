"""The template as versioned data, and what staff propose to change in it. Nothing here is about any student."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from questionnaires.models import Version


@pghistory.track(exclude=["content"])
class TemplateVersion(Version):
    content = models.JSONField(help_text="A document of the schema keywork.tsp-template/1")


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

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN
