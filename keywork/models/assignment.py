"""Who stands in which relation to which student, and when. Access is computed from these rows."""

from __future__ import annotations

from datetime import date, timedelta

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Cast, Least, TruncDate

from ..clock import LONDON, now, today
from ..words import worded_lazy


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """A post is held while its dates say so and the person's account is open.

    From the (London) day an account is closed on, whoever's it is stands in no post, but for one that was to end on
    that very day; the rows stay until somebody hands them over.
    """

    def current(self, on: date) -> AssignmentQuerySet:
        """Posts held on a day."""
        open_then = Q(user__deactivated_at__isnull=True) | Q(user__deactivated_at__date__gt=on)
        was_the_last = Q(user__deactivated_at__date=on, ends_on=on)
        return self.dated(on).filter(open_then | was_the_last)

    def keyworkers(self, on: date) -> AssignmentQuerySet:
        """The keyworkers of a day: one for each student who has one."""
        return self.current(on).filter(kind=Assignment.Kind.KEYWORKER)

    def dated(self, on: date) -> AssignmentQuerySet:
        """Posts whose dates include a day, those of closed accounts too: to be handed over."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)

    def with_last_day(self) -> AssignmentQuerySet:
        """`last_day` of each, as `last_day` says it in Python; None while it goes on."""
        closed_on = TruncDate("user__deactivated_at", tzinfo=LONDON)
        day_before = Cast(closed_on - Value(timedelta(days=1), models.DurationField()), models.DateField())
        sooner = Least("ends_on", day_before, output_field=models.DateField())
        return self.annotate(last_day=Case(When(ends_on=closed_on, then="ends_on"), default=sooner))

    def overlapping(self, start: date, end: date) -> AssignmentQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=start), starts_on__lte=end)

    def not_over(self, on: date) -> AssignmentQuerySet:
        """Posts held on a day or to come."""
        return self.with_last_day().filter(Q(last_day__isnull=True) | Q(last_day__gte=on))


def last_day(ends_on: date | None, closed_on: date | None) -> date | None:
    """Of a post: the day it ends, or the day before the account was closed, where that was sooner."""
    if closed_on is None or ends_on == closed_on:
        return ends_on
    before = closed_on - timedelta(days=1)
    return before if ends_on is None else min(ends_on, before)


def _never_two_at_once(kind: str) -> ExclusionConstraint:
    # int8range turns the plain student id into something GiST can compare without btree_gist.
    return ExclusionConstraint(
        name=f"one_{kind}_at_a_time",
        expressions=[
            (
                Func(F("student_id"), F("student_id"), Value("[]"), function="int8range"),
                RangeOperators.OVERLAPS,
            ),
            (Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange"), RangeOperators.OVERLAPS),
        ],
        condition=Q(kind=kind),
    )


FIRST_IN_POST = "First in this post"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Assignment(models.Model):
    """A dated relation; both dates inclusive, `ends_on` empty while open (domain 5.3)."""

    class Kind(models.TextChoices):
        KEYWORKER = "keyworker", worded_lazy("Keyworker")
        DEPUTY = "deputy", worded_lazy("Deputy keyworker")
        MENTOR = "mentor", worded_lazy("Academic mentor")
        CORE = "core", "Core team"
        TEACHER = "teacher", "Teacher"
        HOUSE = "house", "House leader"

    class Reason(models.TextChoices):
        FIRST = "first", worded_lazy("First keyworker")
        STUDENT_REQUEST = "student_request", worded_lazy("The student asked for a change")
        RELATIONSHIP = (
            "relationship_settled_elsewhere",
            worded_lazy("The student gets on well with someone else"),
        )
        STAFF_LEFT = "staff_left", "Member of staff left"
        STAFF_ABSENCE = "staff_absence", "Member of staff is away"
        WORKLOAD = "workload", "Workload"
        STUDENT_LEFT = "student_left", worded_lazy("Student left")
        OTHER = "other", "Another reason"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=40, choices=Reason.choices, default=Reason.FIRST)
    reason_note = models.CharField(max_length=500, blank=True)
    over_cap_reason = models.CharField(max_length=500, blank=True)
    end_reason = models.CharField(max_length=40, choices=Reason.choices, blank=True)
    end_note = models.CharField(max_length=500, blank=True)
    assigned_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(default=now, editable=False)
    ended_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    last_day: date | None  # of those asked for `with_last_day`

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["student_id", "kind", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="assignment_in_order"
            ),
            _never_two_at_once("keyworker"),
            _never_two_at_once("deputy"),
            _never_two_at_once("mentor"),
            models.UniqueConstraint(
                fields=["student", "user", "kind"],
                condition=Q(ends_on__isnull=True),
                name="one_open_assignment_each",
            ),
        ]
        indexes = [
            # access.reach reads by user on every request; the duty providers read by kind and date.
            models.Index(fields=["user", "starts_on"], name="assignment_user"),
            models.Index(fields=["kind", "student", "starts_on"], name="assignment_kind_student"),
        ]

    @property
    def reason_words(self) -> str:
        """Why it began: the reason of a first keyworker stands with whoever else was named without another one."""
        if self.reason == self.Reason.FIRST and self.kind != self.Kind.KEYWORKER:
            return FIRST_IN_POST
        return reason_in_words(self.reason)

    @property
    def end_reason_words(self) -> str:
        return reason_in_words(self.end_reason)

    @property
    def is_yet_to_begin(self) -> bool:
        return self.starts_on > today()


def reason_in_words(reason: str) -> str:
    """One of Keywork's reasons, or one that the school's policy adds."""
    labels = dict(Assignment.Reason.choices)
    return str(labels.get(reason, reason.replace("_", " ").capitalize()))
