"""The student, and the days they were away."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date
from functools import cached_property
from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from keywork import clock, names
from keywork.addresses import numbered
from keywork.known import rows_of
from keywork.names import LONGEST_ORDER, FoundBy, KeepsNameKeys, OrderKey
from keywork.scoped import ScopedQuerySet

from ..stays import Stay, stay_on

NAME_FIELDS = ("legal_forename", "legal_surname", "preferred_forename", "preferred_surname")


class StudentQuerySet(ScopedQuerySet):
    student_path = "pk"

    def on_roll(self, on: date) -> StudentQuerySet:
        return self.on_roll_during(on, on)

    def on_roll_during(self, first: date, last: date) -> StudentQuerySet:
        """Those on roll on at least one of these days, both inclusive, in whichever of their stays."""
        before = EarlierStay.objects.filter(student=OuterRef("pk"), joined_on__lte=last, left_on__gte=first)
        latest = (Q(left_on__isnull=True) | Q(left_on__gte=first)) & Q(joined_on__lte=last)
        return self.filter(latest | Exists(before))

    def leavers(self, on: date) -> StudentQuerySet:
        return self.filter(left_on__lt=on)

    def with_is_back(self) -> StudentQuerySet:
        """`is_back` of each: whether they had left before."""
        return self.annotate(is_back=Exists(EarlierStay.objects.filter(student=OuterRef("pk"))))


@pghistory.track(exclude=["photo", "in_order", "found_by"])
class Student(KeepsNameKeys, models.Model):
    """A student of the school. The UPN is never a login name and never stands in a URL (domain 1.9).

    `joined_on` and `left_on` are of the latest stay on roll; those before it are `EarlierStay`.
    """

    class Placement(models.TextChoices):
        DAY = "day", "Day"
        WEEKLY = "weekly", "Weekly residential"
        TERMLY = "termly", "Termly residential"
        PART = "part", "Part-week residential"

    class SenStatus(models.TextChoices):
        EHCP = "E", "EHC plan"
        SUPPORT = "K", "SEN support"
        NONE = "N", "No SEN"

    class Need(models.TextChoices):
        COMMUNICATION = "communication_interaction", "Communication and interaction"
        COGNITION = "cognition_learning", "Cognition and learning"
        SEMH = "semh", "Social, emotional and mental health"
        SENSORY = "sensory_physical", "Sensory and physical"

    legal_forename = models.CharField(max_length=100, help_text="The whole name of someone who has only one.")
    legal_surname = models.CharField(max_length=100, blank=True)
    preferred_forename = models.CharField(max_length=100, blank=True)
    preferred_surname = models.CharField(max_length=100, blank=True)
    pronouns = models.CharField(max_length=30, blank=True)
    born_on = models.DateField("date of birth")
    sex = models.CharField(max_length=1, blank=True, choices=[("M", "Male"), ("F", "Female")])
    upn = models.CharField("UPN", max_length=13, blank=True)
    former_upn = models.CharField("former UPN", max_length=13, blank=True)
    mis_id = models.CharField("MIS number", max_length=40, blank=True)
    nc_year = models.CharField("year group", max_length=2, help_text="N1, N2, R, 1 to 14 or X")
    reg_group = models.CharField("form", max_length=40, blank=True)
    placement = models.CharField(max_length=10, choices=Placement.choices, default=Placement.DAY)
    sen_status = models.CharField("SEN status", max_length=1, choices=SenStatus.choices, blank=True)
    sen_types = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    needs = ArrayField(models.CharField(max_length=30, choices=Need.choices), default=list, blank=True)
    home_language = models.CharField(max_length=60, blank=True)
    read_first = models.CharField(
        "read first", max_length=300, blank=True, help_text="What anyone must know before they ring or meet."
    )
    looked_after = models.BooleanField(default=False)
    # What the forms of local authorities ask for besides.
    maintained_by = models.CharField(
        "authority that maintains the plan",
        max_length=100,
        blank=True,
        help_text="It decides which form is filled.",
    )
    pupil_premium = models.CharField(
        max_length=3, blank=True, choices=[("yes", "Yes"), ("no", "No")], help_text="Empty: not known"
    )
    ethnicity = models.CharField(max_length=80, blank=True)
    address = models.TextField("own address", blank=True)
    phone = models.CharField("own phone", max_length=30, blank=True)
    email = models.EmailField("own e-mail", blank=True)
    social_worker = models.CharField(max_length=120, blank=True)
    social_worker_reach = models.CharField("how to reach the social worker", max_length=200, blank=True)
    photo = models.FileField(upload_to="photos/", blank=True)
    joined_on = models.DateField("first day on roll")
    left_on = models.DateField("last day on roll", null=True, blank=True)
    known_from = models.DateField(
        "records here since",
        null=True,
        blank=True,
        help_text="The day Keywork first knew the student: nothing before it is owed (C1). Empty: since the first day.",
    )
    user = models.OneToOneField(
        "keywork.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="student"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1)

    # The name people use, kept by the database so that it can be sorted and searched.
    known_as = models.GeneratedField(
        expression=Coalesce(NullIf("preferred_forename", Value("")), "legal_forename"),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )
    surname = models.GeneratedField(
        expression=Coalesce(NullIf("preferred_surname", Value("")), "legal_surname"),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )

    in_order = OrderKey(max_length=LONGEST_ORDER, blank=True, editable=False)
    found_by = FoundBy(blank=True, editable=False)
    is_back: bool  # of those asked for `with_is_back`

    objects = StudentQuerySet.as_manager()

    class Meta:
        ordering = ["in_order", "pk"]
        permissions = [
            ("view_log", "Can read this student's key worker log"),
            ("cover", "Can cover for this student's keyworker"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="student_roll_in_order",
            ),
            models.CheckConstraint(
                condition=Q(joined_on__gt=F("born_on")), name="student_born_before_joining"
            ),
            models.UniqueConstraint(fields=["upn"], condition=~Q(upn=""), name="student_upn_once"),
            models.UniqueConstraint(fields=["mis_id"], condition=~Q(mis_id=""), name="student_mis_id_once"),
        ]
        indexes = [models.Index(fields=["in_order", "id"], name="student_in_order")]
        triggers = [
            pgtrigger.Trigger(
                name="after_earlier_stays",
                operation=pgtrigger.UpdateOf("joined_on"),
                when=pgtrigger.Before,
                func="""
                    IF EXISTS (SELECT FROM students_earlierstay stay
                               WHERE stay.student_id = NEW.id AND stay.left_on >= NEW.joined_on) THEN
                        RAISE EXCEPTION 'A stay on roll begins after those before it.'
                            USING ERRCODE = 'exclusion_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return numbered("students:record").format(self.pk)

    @property
    def name(self) -> str:
        return f"{self.known_as} {self.surname}".strip()

    name_fields = NAME_FIELDS

    def name_keys(self) -> dict[str, str]:
        """By which the student is put in order and found; made of names alone, so that they can be made again."""
        known_as = self.preferred_forename or self.legal_forename
        surname = self.preferred_surname or self.legal_surname
        every = dict.fromkeys((known_as, surname, self.legal_forename, self.legal_surname))
        return {"in_order": names.in_order(surname, known_as), "found_by": names.folded(" ".join(every))}

    @property
    def full_name(self) -> str:
        """Preferred name with the legal forename behind it where they differ."""
        if self.known_as == self.legal_forename:
            return self.name
        return f"{self.known_as} ({self.legal_forename}) {self.surname}".strip()

    @property
    def opens_pages(self) -> bool:
        """Whether they have an account for the pages of students that is open."""
        return self.user is not None and self.user.signs_in_as("student")

    @property
    def initials(self) -> str:
        """All that an e-mail may ever say of a student."""
        return f"{self.known_as[:1]}{self.surname[:1]}".upper()

    @property
    def year_label(self) -> str:
        return {"R": "Reception", "X": "Ungraded", "N1": "Nursery 1", "N2": "Nursery 2"}.get(
            self.nc_year, f"Year {self.nc_year}"
        )

    @property
    def placement_label(self) -> str:
        return PLACEMENTS[self.placement]

    @property
    def stays(self) -> list[Stay]:
        """Every stay on roll, oldest first. One query unless `earlier_stays` was prefetched."""
        before = sorted(Stay(one.joined_on, one.left_on) for one in self.earlier_stays.all())
        return [*before, Stay(self.joined_on, self.left_on)]

    def stays_near(self, on: date) -> list[Stay]:
        """The stays, less those that have nothing to do with a day; no query once the latest has begun."""
        return [Stay(self.joined_on, self.left_on)] if self.joined_on <= on else self.stays

    def stay_on(self, on: date) -> Stay:
        return stay_on(self.stays_near(on), on)

    @cached_property
    def speaks_for_self(self) -> bool:
        """Did they decide, from 16 on, that school asks them in the place of their parents? One query, once."""
        return self.own_choices.filter(replaced_at__isnull=True, speaks_for_self=True).exists()

    def is_on_roll(self, on: date) -> bool:
        """On a day in one of the stays; all but the latest are over by today."""
        if self.joined_on <= on or on >= clock.today():
            return Stay(self.joined_on, self.left_on).includes(on)
        return self.stay_on(on).includes(on)


PLACEMENTS = dict(Student.Placement.choices)


class EarlierStayQuerySet(ScopedQuerySet):
    def of(self, ids: Sequence[int] | None = None, known_on: date | None = None) -> dict[int, list[Stay]]:
        """The stays before the latest of those who have any, oldest first; one query. Without `ids`, of everybody."""
        found: dict[int, list[Stay]] = {}
        known = self if known_on is None else rows_of("students.EarlierStay", known_on)
        rows = (known if ids is None else known.filter(student__in=ids)).order_by("student_id", "joined_on")
        for student_id, *stay in rows.values_list("student_id", "joined_on", "left_on"):
            found.setdefault(student_id, []).append(Stay(*stay))
        return found

    def at(self, students: Sequence[Any], on: date, known_on: date | None = None) -> Sequence[Any]:
        """The same students, each with the first and last day of the stay that decides about a day.

        Students are instances or named tuples with `pk`, `joined_on` and `left_on`. One query, and none where
        everybody's latest stay has begun by then.
        """
        if all(student.joined_on <= on for student in students):
            return students
        before = self.of([student.pk for student in students if student.joined_on > on], known_on)
        return [
            with_stay(one, stay_on(all_stays(before[one.pk], one), on)) if one.pk in before else one
            for one in students
        ]


def all_stays(before: Sequence[Stay], student: Any) -> list[Stay]:
    """Those before the latest, and the latest: of a student as known on a day gone by it may be one of those."""
    latest = Stay(student.joined_on, student.left_on)
    return [*(stay for stay in before if stay.joined_on < latest.joined_on), latest]


def with_stay(student: Any, stay: Stay) -> Any:
    """The student as in that stay, to compute with and never to save."""
    if hasattr(student, "_replace"):  # a named tuple
        return student._replace(joined_on=stay.joined_on, left_on=stay.left_on)
    found = copy(student)
    found.joined_on, found.left_on = stay
    return found


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class EarlierStay(models.Model):
    """A stay on roll that ended before the student came back; the latest is `Student.joined_on` and `left_on`."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="earlier_stays")
    joined_on = models.DateField("first day on roll")
    left_on = models.DateField("last day on roll")

    objects = EarlierStayQuerySet.as_manager()

    class Meta:
        ordering = ["joined_on"]
        constraints = [
            models.CheckConstraint(condition=Q(left_on__gte=F("joined_on")), name="earlier_stay_in_order"),
            ExclusionConstraint(
                name="one_stay_at_a_time",
                expressions=[
                    # A range of one id: GiST can compare it without btree_gist.
                    (
                        Func(F("student_id"), F("student_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("joined_on"), F("left_on"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="before_the_latest",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF EXISTS (SELECT FROM students_student student
                               WHERE student.id = NEW.student_id AND student.joined_on <= NEW.left_on) THEN
                        RAISE EXCEPTION 'An earlier stay on roll ends before the latest begins.'
                            USING ERRCODE = 'exclusion_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Absence(models.Model):
    """Full days a student was away; both dates inclusive. Counts for H4 and the reminder of C11."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_in_order")
        ]
        indexes = [models.Index(fields=["student", "ends_on"], name="absence_student")]


class WeekQuerySet(ScopedQuerySet):
    def between(self, first: date, last: date) -> Self:
        """Weeks of which some days are among these, both inclusive: a term may begin on a Tuesday and end on a Thursday."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Attendance(models.Model):
    """Sessions (half days) of one week or another short time, as one source has them. Imports fill it."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="attendance")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    source = models.CharField(
        max_length=60, help_text="Where the figures come from, in words: MIS, register."
    )
    possible = models.PositiveSmallIntegerField("sessions possible")
    attended = models.PositiveSmallIntegerField("sessions attended")
    authorised = models.PositiveSmallIntegerField("sessions missed, authorised", default=0)
    unauthorised = models.PositiveSmallIntegerField("sessions missed, unauthorised", default=0)
    suspended_days = models.DecimalField("days suspended", max_digits=4, decimal_places=1, default=0)
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    objects = WeekQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "source"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "starts_on", "source"], name="attendance_once_a_source"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="attendance_in_order"),
            models.CheckConstraint(
                condition=Q(possible__gte=F("attended") + F("authorised") + F("unauthorised")),
                name="attendance_adds_up",
            ),
            models.CheckConstraint(condition=Q(suspended_days__gte=0), name="attendance_suspended_days"),
            models.CheckConstraint(condition=~Q(source=""), name="attendance_has_source"),
        ]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Points(models.Model):
    """Points a student was given in one week, as one source has them. Imports fill it."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="points")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    source = models.CharField(max_length=60, help_text="Where the figures come from, in words.")
    achievement = models.PositiveSmallIntegerField("achievement points", default=0)
    behaviour = models.PositiveSmallIntegerField("behaviour points", default=0)
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    objects = WeekQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "source"]
        verbose_name_plural = "points"
        constraints = [
            models.UniqueConstraint(fields=["student", "starts_on", "source"], name="points_once_a_source"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="points_in_order"),
            models.CheckConstraint(condition=~Q(source=""), name="points_has_source"),
        ]
