"""Meetings about a student, what was said in them, who was there, and what each agreed to do."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork import clock
from keywork.access import Can, scope_q
from keywork.dates import day_in_full
from keywork.levels import Level
from keywork.opened_by import levels_of, readable_q
from keywork.scoped import ScopedQuerySet
from keywork.voided import Voidable, all_or_none, void_is_whole
from keywork.words import translated
from students.models import FamilyMember, Student

from ..meetings.kinds import MeetingKind, kind_of

LONGEST_POINT, LONGEST_NAME = 200, 120  # of an agenda, and of somebody from outside


def readable_levels(user: Any, student: Any) -> list[str]:
    """The levels of meetings about this student that this person reads, and so writes."""
    return levels_of(user, student, Can.VIEW_MEETINGS)


class MeetingQuerySet(ScopedQuerySet):
    def readable_by(self, user: Any) -> Self:
        """By its level; and by the staff named for it who may open the record."""
        readable = readable_q(user, Can.VIEW_MEETINGS)
        named = Attendee.objects.filter(user=getattr(user, "pk", None)).values("meeting")
        return self.filter(readable | (Q(pk__in=named) & scope_q(user, Can.VIEW_STUDENT, "student_id")))


@pghistory.track()
class Meeting(Voidable):
    """Planned, held, called off with a reason; never deleted.

    `summary` is what home reads of it, `summary_for` the family members (ids) it was shared with by name.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="meetings")
    kind = models.SlugField(
        max_length=20
    )  # of meetings.kinds, without choices: another kind needs no migration
    on = models.DateField("day")
    at = models.TimeField("begins at", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("how long, in minutes", default=30)
    place = models.CharField("where", max_length=120, blank=True)
    led_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="who leads it"
    )  # fmt: skip
    level = models.CharField("who can read it", max_length=12, choices=Level.choices, default=Level.GENERAL)
    summary = models.TextField("summary for home", blank=True)
    summary_for = ArrayField(models.BigIntegerField(), default=list, blank=True)
    summary_at = models.DateTimeField(null=True)
    minutes_at = models.DateTimeField("minutes first written", null=True)
    minutes_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            void_is_whole("meeting_voided_whole"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="author_stays", fields=["student", "made_by", "made_at"]),
        ]

    @property
    def named(self) -> MeetingKind:
        return kind_of(self.kind)

    @property
    def in_words(self) -> str:
        """ "Core group, Wednesday 2 December"."""
        return f"{translated(self.named.name)}, {day_in_full(self.on, clock.today())}"

    @property
    def is_ahead(self) -> bool:
        return self.on > clock.today()


class OfMeetingQuerySet(ScopedQuerySet):
    student_path = "meeting__student_id"


@pghistory.track()
class AgendaItem(models.Model):
    """One point: planned, and what was said to it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="agenda")
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=LONGEST_POINT)
    said = models.TextField("what was said", blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    pgh_event_model: ClassVar[Any]  # by pghistory

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "place", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="agenda_has_title")]


@pghistory.track()
class Attendee(models.Model):
    """Somebody asked to come: of the staff, of the family, the student, or by name from outside. `came` once it is known."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendees")
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, null=True, related_name="+")
    is_student = models.BooleanField(default=False)
    outside = models.CharField("name and role", max_length=LONGEST_NAME, blank=True)
    came = models.BooleanField(null=True)

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, member__isnull=True, is_student=False, outside="")
                | Q(user__isnull=True, member__isnull=False, is_student=False, outside="")
                | Q(user__isnull=True, member__isnull=True, is_student=True, outside="")
                | (Q(user__isnull=True, member__isnull=True, is_student=False) & ~Q(outside="")),
                name="attendee_is_somebody",
            ),
            models.UniqueConstraint(
                fields=["meeting", "user", "member", "is_student", "outside"],
                name="attendee_once",
                nulls_distinct=False,
            ),
        ]

    @property
    def name(self) -> str:
        if self.user is not None:
            return self.user.name
        if self.member is not None:
            return self.member.name
        return self.meeting.student.known_as if self.is_student else self.outside


class ActionQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        """Neither done nor given up, and of a meeting that stands."""
        return self.filter(done_on__isnull=True, dropped_at__isnull=True, meeting__voided_at__isnull=True)

    def readable_by(self, user: Any) -> Self:
        """What was agreed in what one reads, and what is one's own to do of a student whose record one may open."""
        readable = Q(owner=getattr(user, "pk", None)) & scope_q(user, Can.VIEW_STUDENT, "student_id")
        readable |= Q(repair_id__isnull=True) & readable_q(user, Can.VIEW_MEETINGS)
        repair = Q(repair_id__isnull=False) & scope_q(user, Can.VIEW_SHEETS, "student_id")
        return self.filter(readable | repair)


@pghistory.track()
class Action(models.Model):
    """What somebody agreed to do by a day, in a meeting or after a conflict. One owner, one date.

    `repair_id` is the sheet of a restorative conversation (of `tsp`, which stands above). `level` is that of where it
    was agreed. `first_due_on` stays when it is moved.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="actions")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, related_name="actions")
    repair_id = models.BigIntegerField(null=True, db_index=True)
    level = models.CharField(max_length=12, choices=Level.choices, default=Level.GENERAL)
    what = models.CharField(max_length=300)
    owner = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, related_name="actions", verbose_name="who"
    )
    due_on = models.DateField("by")
    first_due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField("what came of it", max_length=300, blank=True)
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    drop_reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="action_has_words"),
            models.CheckConstraint(
                condition=Q(meeting__isnull=False, repair_id__isnull=True)
                | Q(meeting__isnull=True, repair_id__isnull=False),
                name="action_agreed_somewhere",
            ),
            all_or_none("action_done_by_somebody", "done_on", "done_by"),
            all_or_none("action_dropped_whole", "dropped_at", "dropped_by", words="drop_reason"),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_on"],
                condition=Q(done_on__isnull=True, dropped_at__isnull=True),
                name="care_action_open",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_agreed",
                fields=["student", "meeting", "repair_id", "first_due_on", "made_by", "made_at"],
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.done_on is None and self.dropped_at is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < clock.today()
