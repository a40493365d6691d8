"""Meetings that a family or a student asks for, the times offered for them, and messages between home and school.

No enquiry (enquiries/) is any of these: that is asked once, by staff, and answered once by a day. A meeting is asked
for by home, is moved by either side, and a time offered for it may be taken by one family alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork import clock
from keywork.final import final_once
from keywork.scoped import ScopedQuerySet

from .meetings import rules


class How(models.TextChoices):
    SCHOOL = "school", "At school"
    PHONE = "phone", "By phone"
    VIDEO = "video", "By video"


class OfferedTimeQuerySet(ScopedQuerySet):
    def free(self, now: datetime) -> OfferedTimeQuerySet:
        """Still to come, not taken back, and nobody's yet."""
        taken = Appointment.objects.filter(time=models.OuterRef("pk"), called_off_at__isnull=True)
        free = self.filter(~models.Exists(taken), starts_at__gt=now, taken_back_at__isnull=True)
        return free.select_related("user")


@pghistory.track()
class OfferedTime(models.Model):
    """A time at which somebody at school can meet: one student and their family, or (`student` empty) any of theirs."""

    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="offered_times")
    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, null=True, blank=True, related_name="offered_times"
    )
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField("how long, in minutes")
    how = models.CharField(max_length=6, choices=How.choices)
    where = models.CharField(max_length=120, blank=True)
    offered_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    meeting: Appointment | None  # set by home.meetings.lines

    objects = OfferedTimeQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(5, 240)), name="offered_minutes_sane"),
            models.UniqueConstraint(
                fields=["user", "starts_at"],
                condition=Q(taken_back_at__isnull=True),
                name="offered_once",
            ),
        ]


class AppointmentQuerySet(ScopedQuerySet):
    def standing(self) -> AppointmentQuerySet:
        return self.filter(called_off_at__isnull=True)

    def settled(self) -> AppointmentQuerySet:
        """Both sides have said yes, and nobody has written down yet that it was had."""
        return self.standing().filter(settled_at__isnull=False, contact__isnull=True, session__isnull=True)

    def waiting_for_school(self, now: datetime) -> AppointmentQuerySet:
        """Home or the student asked, and no time is offered that is still to come."""
        gone = Q(settled_at__isnull=True, starts_at__lt=now)
        return self.standing().filter(
            Q(starts_at__isnull=True) | gone, contact__isnull=True, session__isnull=True
        )


@pghistory.track()
class Appointment(models.Model):
    """A meeting of somebody at home (`member`) with school, or (`member` empty) a chat that the student asked for.

    `user` is whom it is with. Without `starts_at` it waits for school to offer a time; that waits until home has said
    yes (`settled_at`). An offered `time` that home picks is settled at once. It was had once it is in the log: `contact`,
    or of a chat `session`.
    """

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="meetings_asked")
    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.PROTECT, null=True, related_name="meetings"
    )
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_on = models.DateField()
    words = models.CharField("what they said", max_length=1000, blank=True)
    time = models.ForeignKey(OfferedTime, on_delete=models.PROTECT, null=True, related_name="meetings")
    starts_at = models.DateTimeField(null=True)
    minutes = models.PositiveSmallIntegerField("how long, in minutes", null=True)
    how = models.CharField(max_length=6, choices=How.choices, blank=True)
    where = models.CharField(max_length=120, blank=True)
    answer = models.CharField("what school said", max_length=1000, blank=True)
    answered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    called_off_words = models.CharField("why", max_length=300, blank=True)
    contact = models.OneToOneField(
        "contacts.HomeContact", on_delete=models.PROTECT, null=True, related_name="meeting"
    )
    session = models.OneToOneField(
        "contacts.KeyworkSession", on_delete=models.PROTECT, null=True, related_name="chat"
    )
    version = models.PositiveIntegerField(default=1)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["time"],
                condition=Q(called_off_at__isnull=True, time__isnull=False),
                name="offered_time_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, minutes__isnull=True, how="", settled_at__isnull=True)
                | (Q(starts_at__isnull=False, minutes__range=(5, 240)) & ~Q(how="")),
                name="meeting_time_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="who_asked_stays", fields=["student", "member", "asked_by", "asked_at", "asked_on"]
            ),
            final_once(
                "called_off_at",
                name="called_off_stays",
                fields=["called_off_at", "called_off_by", "called_off_words"],
            ),
        ]
        indexes = [
            models.Index(fields=["student", "-asked_on", "-id"], name="meeting_student"),
            models.Index(
                fields=["student"],
                condition=Q(called_off_at__isnull=True, contact__isnull=True, session__isnull=True),
                name="meeting_open",
            ),
        ]

    @property
    def is_chat(self) -> bool:
        return self.member_id is None

    @property
    def read_id(self) -> str:
        """The part of a page that is read aloud."""
        return f"read-meeting-{self.pk}"

    @property
    def ends_at(self) -> datetime | None:
        return self.starts_at + timedelta(minutes=self.minutes or 0) if self.starts_at else None

    @property
    def state(self) -> rules.State:
        return rules.state_of(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            is_settled=self.settled_at is not None,
            is_off=self.called_off_at is not None,
            is_had=self.contact_id is not None or self.session_id is not None,
            now=clock.now(),
        )


class HomeMessageQuerySet(ScopedQuerySet):
    def unread_at_school(self) -> HomeMessageQuerySet:
        return self.filter(from_home=True, read_at__isnull=True)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class HomeMessage(models.Model):
    """One message of one person at home and school about one student; only those two sides read it.

    It is in the log as a contact; the words here are what was sent, whatever is put right there.
    """

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="home_messages")
    member = models.ForeignKey("students.FamilyMember", on_delete=models.PROTECT, related_name="messages")
    from_home = models.BooleanField()
    words = models.TextField()
    written_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    contact = models.OneToOneField(
        "contacts.HomeContact", on_delete=models.PROTECT, related_name="home_message"
    )
    read_at = models.DateTimeField("the other side read it at", null=True)
    read_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = HomeMessageQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="what_was_sent_stays",
                fields=["student", "member", "from_home", "words", "written_by", "written_at", "contact"],
            ),
        ]
        indexes = [
            models.Index(fields=["student", "member", "written_at"], name="message_thread"),
            models.Index(
                fields=["student"], condition=Q(from_home=True, read_at__isnull=True), name="message_unread"
            ),
        ]


class DetailsProposalQuerySet(ScopedQuerySet):
    student_path = "link__student_id"

    def waiting(self) -> DetailsProposalQuerySet:
        return self.filter(decided_at__isnull=True, withdrawn_at__isnull=True)


@pghistory.track()
class DetailsProposal(models.Model):
    """What somebody at home asks to have changed of their details: `fields` by name, as they would have them.

    Accepted, it is written by the one action that changes such details, whose history says what stood before. A newer
    one of the same person takes its place (`withdrawn_at`).
    """

    link = models.ForeignKey("students.FamilyLink", on_delete=models.PROTECT, related_name="proposals")
    fields = models.JSONField()
    proposed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(default=False)
    answer = models.CharField("what they read", max_length=300, blank=True)

    objects = DetailsProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["link"],
                condition=Q(decided_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_details_proposal",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="what_was_proposed_stays", fields=["link", "fields", "proposed_by", "proposed_at"]
            ),
        ]
