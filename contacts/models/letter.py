"""E-mail between a record and home: what is written from the record, and what reaches the student's secret address."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork import clock
from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


@pghistory.track()
class HomeLetter(models.Model):
    """An e-mail to one person at home. It is in the log once the mail server took it: `contact`, or why not."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="home_letters")
    member = models.ForeignKey("students.FamilyMember", on_delete=models.PROTECT, related_name="+")
    with_name = models.CharField(max_length=220)  # as they were called that day
    words = models.TextField()
    written_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    contact = models.OneToOneField(
        "contacts.HomeContact", on_delete=models.PROTECT, null=True, related_name="home_letter"
    )
    not_logged = models.CharField(max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]


class LogAddress(models.Model):
    """Where staff send a copy of an e-mail to have it in the log of one student. Whoever knows it can write there."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="log_addresses")
    local = models.CharField("before the @", max_length=40, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "log addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=Q(ended_at__isnull=True), name="one_log_address"
            )
        ]


class Refusal(models.TextChoices):
    """Why a message became no draft, as the administrator reads it."""

    NO_ADDRESS = "no_address", worded_lazy("No address of a student stands in it")
    OLD_ADDRESS = "old_address", worded_lazy("The student’s address has been replaced by another")
    STRANGER = "stranger", "The sender is no member of staff with an open account"
    NOT_THEIRS = "not_theirs", worded_lazy("The sender may not write into the log of this student")
    NOT_PROVEN = "not_proven", "Your mail server does not vouch for the sender"
    UNREADABLE = "unreadable", "It could not be read"
    AUTOMATIC = "automatic", "It was sent by a program, not by a person"


TO_PUT_BACK: Final = timedelta(days=1)  # what was thrown away


class IncomingMailQuerySet(ScopedQuerySet):
    def waiting(self) -> IncomingMailQuerySet:
        return self.filter(state=IncomingMail.State.WAITING)

    def thrown_away(self) -> IncomingMailQuerySet:
        """What can still be put back."""
        since = clock.now() - TO_PUT_BACK
        return self.filter(state=IncomingMail.State.THROWN_AWAY, ended_at__gt=since)

    def aside(self) -> IncomingMailQuerySet:
        """What an administrator may want to look at: not what programs sent."""
        return self.filter(state=IncomingMail.State.REFUSED).exclude(why=Refusal.AUTOMATIC)


class IncomingMail(models.Model):
    """One message to one address, handled once (`key`). Its words are here only while it waits for somebody's decision, and a
    day after it was thrown away.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        LOGGED = "logged", "In the log"
        THROWN_AWAY = "thrown_away", "Thrown away"
        REFUSED = "refused", "Refused"

    key = models.CharField(max_length=64, unique=True, help_text="A digest of its Message-ID and address")
    received_at = models.DateTimeField()
    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, null=True, related_name="incoming_mails"
    )
    sender = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    sender_address = models.CharField(max_length=254, blank=True)
    sent_on = models.DateField(null=True)
    subject = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    is_from_home = models.BooleanField(default=False)
    member = models.ForeignKey("students.FamilyMember", on_delete=models.PROTECT, null=True, related_name="+")
    left_out = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    why = models.CharField(max_length=12, choices=Refusal.choices, blank=True)
    contact = models.OneToOneField(
        "contacts.HomeContact", on_delete=models.PROTECT, null=True, related_name="incoming_mail"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = IncomingMailQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="refused", words="", subject="") & ~Q(why="")
                | Q(~Q(state="refused"), student__isnull=False, sender__isnull=False, why=""),
                name="incoming_refused_keeps_nothing",
            ),
            models.CheckConstraint(
                condition=Q(contact__isnull=True) | Q(state="logged"), name="incoming_contact_logged"
            ),
        ]
        indexes = [models.Index(fields=["student"], condition=Q(state="waiting"), name="incoming_waiting")]


MOST_FILES: Final = 10


class MailFileQuerySet(ScopedQuerySet):
    student_path = "mail__student_id"


class MailFile(models.Model):
    """A picture or PDF that came with a message, made anew. It is read by whoever reads the entry it belongs to."""

    mail = models.ForeignKey(IncomingMail, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    file = models.FileField(upload_to="mail/")

    objects = MailFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
