"""What is to be done after a commit, each a row of the transaction that asks for it; the queue carries its id alone."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from .kinds import KINDS


def message_id() -> str:
    """For a letter: the same whenever it is sent, so that a mailbox knows it again."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid4().hex}@{domain or 'keywork'}>"


class JobQuerySet(models.QuerySet["Job"]):
    def due(self, now: datetime) -> JobQuerySet:
        """To be done now: its time has come, or whoever was at it has not been heard of for too long."""
        return self.filter(
            Q(state=Job.State.WAITING, due_at__lte=now) | Q(state=Job.State.RUNNING, leased_until__lte=now)
        )

    def same_as(self, job: Job) -> JobQuerySet:
        """Other rows that ask for the same as this one: none where it may be done twice."""
        return self.filter(kind=job.kind, key=job.key).exclude(Q(key="") | Q(pk=job.pk))

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])


class Job(models.Model):
    """One thing to be done, and how far it is. A done one is kept for a month."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being done"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        GIVEN_UP = "given_up", "Given up"

    kind = models.CharField(max_length=60, help_text="The name of a function (outbox.kinds)")
    arguments = models.JSONField(help_text="Ids and little more: no address, link, name or secret")
    key = models.CharField(
        max_length=80, blank=True, help_text="What may be asked for twice and is to be done once"
    )
    asked_anew = models.BooleanField(
        default=False,
        help_text="The same was asked for while it was being done: another row is the one to ask",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    since = models.DateTimeField(
        help_text="When it was first due, or somebody asked that it be tried once more"
    )
    due_at = models.DateTimeField(help_text="When it is tried next")
    queued_at = models.DateTimeField(null=True, blank=True, help_text="When its id was last put in the queue")
    tries = models.PositiveIntegerField(default=0, help_text="In a row in which nothing of it got done")
    tried_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=64, blank=True, help_text="Which message of the queue is at it")
    leased_until = models.DateTimeField(null=True, blank=True, help_text="Until when that one is believed")
    error = models.CharField(max_length=300, blank=True, help_text="Why the last try did not work, in words")
    detail = models.CharField(max_length=300, blank=True, help_text="Kind of error and place in the code")
    kept_for = models.JSONField(
        default=list, help_text="Students (ids) whose home is left alone: letters of it are kept"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state__in=["waiting", "failed"], asked_anew=False) & ~Q(key=""),
                name="asked_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["waiting", "running", "failed"]), name="job_open"
            ),
            models.Index(fields=["kind", "key", "-id"], condition=~Q(key=""), name="job_of_key"),
            models.Index(fields=["finished_at"], name="job_finished"),
        ]

    @property
    def words(self) -> str:
        """What it is, in the plural."""
        return KINDS[self.kind].words if self.kind in KINDS else self.kind


class Mail(models.Model):
    """One letter to one person. Its words and address are read when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        REFUSED = "refused", "Refused"
        KEPT = "kept", "Kept until home may be written to"
        NOT_NEEDED = "not_needed", "No longer needed"
        GIVEN_UP = "given_up", "Given up"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="mails")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    to = GenericForeignKey()
    part = models.CharField(max_length=20, blank=True)
    message_id = models.CharField(max_length=255, default=message_id)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    address = models.CharField(
        max_length=64, blank=True, help_text="A digest of the address it was last sent to"
    )
    tries = models.PositiveIntegerField(default=0)
    repeats = models.PositiveIntegerField(
        default=0, help_text="How often it was sent again although the server may have had it"
    )
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "content_type", "object_id", "part"], name="one_letter_each"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"), name="sent_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="mail_to"),
            models.Index(fields=["job"], condition=Q(state="refused"), name="mail_refused"),
        ]
