"""Contacts with home, and the holds that stop the clock."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import F, Q

from contacts import clock
from keywork.levels import Level
from keywork.policy import Policy
from keywork.scoped import ScopedQuerySet

from .entry import EntryQuerySet, LogEntry, entry_constraints, entry_triggers


class ContactQuerySet(EntryQuerySet):
    def seen_at_home(self, known_on: date | None = None) -> Self:
        """What home may know of: general entries that stand and that nobody withheld with a reason.

        The one rule for the family's page and for paper. With whom each was is for the caller to ask: what was
        said with one household is not another's to read (DP-13). `known_on`: only what was known that day.
        """
        stands = Q(voided_on__isnull=True)
        if known_on is not None:
            stands = (stands | Q(voided_on__gt=known_on)) & Q(logged_on__lte=known_on)
        return self.filter(stands, level=Level.GENERAL, withheld_reason="")


@pghistory.track()
class HomeContact(LogEntry):
    """One contact, or attempt, with one student's home. Siblings on one call share `call` (C15)."""

    class Direction(models.TextChoices):
        OUT = "out", "We contacted them"
        IN = "in", "They contacted us"

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone call"
        TEXT = "text", "Text"
        EMAIL = "email", "E-mail"
        MEETING = "meeting", "Meeting"
        VIDEO = "video", "Video call"
        LETTER = "letter", "Letter"
        PLANNER = "planner", "Planner"
        POSTCARD = "postcard", "Postcard"
        MESSAGE = "message", "Message in Keywork"

    class Reached(models.TextChoices):
        SPOKE = "spoke", "We spoke"
        REPLIED = "replied", "They replied"
        MESSAGE = "message", "Message left"
        NO_ANSWER = "no_answer", "No answer"
        FAILED = "failed", "It failed"

    class Outcome(models.TextChoices):
        TWO_WAY = "two_way", "Two-way"
        DELIVERED = "delivered", "Delivered"
        VOICEMAIL = "voicemail", "Voicemail"
        NO_ANSWER = "no_answer", "No answer"
        FAILED = "failed", "Failed"

    class Topic(models.TextChoices):
        ATTENDANCE = "attendance", "Attendance"
        ENGAGEMENT = "engagement", "Engagement"
        SOCIAL_PROGRESS = "social_progress", "Social progress"
        HEALTH = "health", "Health"
        GOING_WELL = "going_well", "Going well"
        FOLLOW_UP = "follow_up", "Something to follow up"

    call = models.UUIDField(default=uuid.uuid4, help_text="Shared by siblings on one call")
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    channel = models.CharField("how", max_length=10, choices=Channel.choices)
    reached = models.CharField("did you reach them?", max_length=10, choices=Reached.choices)
    outcome = models.CharField(
        max_length=10, choices=Outcome.choices
    )  # clock.outcome(reached, channel), at writing
    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.PROTECT, null=True, related_name="contacts"
    )
    with_name = models.CharField("with whom", max_length=220)  # as they were called that day
    person_marked = models.BooleanField(help_text="Was marked for keywork contact that day (C6)")
    shared = models.BooleanField("share a summary with home", default=False)
    shared_summary = models.TextField("home will see", blank=True)
    withheld_reason = models.CharField(
        "why home does not see it", max_length=300, blank=True, help_text="Empty: home sees it on their page"
    )

    objects = ContactQuerySet.as_manager()  # type: ignore[misc]  # a manager in place of the base’s, as Django has it

    class Meta(LogEntry.Meta):
        constraints = [
            *entry_constraints("contact"),
            models.CheckConstraint(
                condition=Q(shared=False) | ~Q(shared_summary=""), name="contact_shared_has_words"
            ),
            models.CheckConstraint(
                condition=Q(withheld_reason="") | Q(shared=False), name="contact_withheld_not_shared"
            ),
        ]
        triggers = entry_triggers()
        indexes = [
            # The timeline and the log read a student's contacts newest first.
            models.Index(fields=["student", "-happened_on", "-id"], name="contact_student"),
            # facts.last_contacts reads the last contact that can stop the clock, one probe a student.
            models.Index(
                fields=["student", "-happened_on", "-outcome"],
                condition=Q(outcome__in=["two_way", "delivered"], voided_on__isnull=True),
                include=["channel", "person_marked", "needs_approval", "approved_on", "logged_on"],
                name="contact_counting",
            ),
            # The same of a whole school, of whom most had one of late.
            models.Index(
                fields=["-happened_on"],
                condition=Q(outcome__in=["two_way", "delivered"], voided_on__isnull=True),
                include=["student", "outcome", "channel", "person_marked", "needs_approval", "approved_on"],
                name="contact_recent",
            ),
            models.Index(fields=["call"], name="contact_call"),
        ]

    def counts_more(self, changes: Mapping[str, Any], policies: Sequence[Policy]) -> bool:
        def counting(told: Mapping[str, Any], policy: Policy) -> bool:
            outcome, channel, marked = (
                told.get(name, getattr(self, name)) for name in ("outcome", "channel", "person_marked")
            )
            return clock.qualifies(outcome, channel, marked, policy)

        moved = changes.get("happened_on", self.happened_on) != self.happened_on
        return any(counting(changes, policy) and (moved or not counting({}, policy)) for policy in policies)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ContactHold(models.Model):
    """Days on which home must not be contacted; both inclusive. Held days never count (C12)."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="contact_holds")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300)
    placed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()

    pgh_event_model: ClassVar[Any]  # by pghistory

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="hold_in_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
        ]


def held_until(student_ids: Iterable[int], on: date) -> dict[int, date]:
    """For keywork.contact_hold: those with a hold on this day, each with the last day of it and what follows on it."""
    holds = ContactHold.objects.filter(student__in=list(student_ids), ends_on__gte=on)
    found: dict[int, date] = {}
    for pk, first, last in holds.order_by("starts_on").values_list("student", "starts_on", "ends_on"):
        if first <= max(on, found[pk] + timedelta(days=1) if pk in found else on):
            found[pk] = last
    return found
