"""Lists begin by themselves or by hand; their points are ticked, not needed, or given another owner and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from keywork import clock, school
from keywork.access import Can, allows, has_capability
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.quiet import is_school_day
from keywork.school import SchoolFacts
from keywork.words import worded
from students.models import Student

from ..meetings.actions import owners
from ..models import Checklist, ListVersion, Point
from . import rules
from .in_force import in_force
from .kinds import OWNERS, ListKind
from .ticks import known

MOST_POINTS = 40
ENDED = "This list has ended. It stays as it was"
SAID = "Somebody has already said how this point stands"


@transaction.atomic
def start_due(*, today: date | None = None) -> int:
    """Begin every list that is to run by its rule and does not; how many. For the work of each morning."""
    today = today or clock.today()
    facts, kinds = school.load(), in_force()
    running = set(Checklist.objects.values_list("student", "slug", "anchor_on"))
    count = 0
    here = Student.objects.filter(Q(left_on__isnull=True) | Q(left_on__gte=today))
    for student in here.order_by("pk"):
        for kind in kinds.values():
            on = anchor_of(kind, student, today, facts)
            if on is not None and (student.pk, kind.slug, on) not in running:
                _begin(kind, student, on, facts, None)
                count += 1
    return count


def anchor_of(kind: ListKind, student: Student, today: date, facts: SchoolFacts) -> date | None:
    """The day it is counted from, where the rule says that it runs today."""
    policy = facts.policy(today)
    first_year, post16 = policy.first_year_contact_role, policy.post16_liaison
    if kind.starts == rules.Start.SIXTH_FORM and post16 is None:
        return None
    return rules.anchor(
        kind.starts,
        rules.Stay(student.joined_on, student.left_on, student.nc_year),
        today,
        kind.lead_days,
        first_year.months if first_year is not None else 12,
        post16.nc_year if post16 is not None else 11,
        post16.months_before_sixth_form if post16 is not None else 6,
    )


@transaction.atomic
def start(*, by: User, student: Student, slug: str) -> Checklist:
    """Begin one by hand: counted from its rule's day, else from today. Raises Refused."""
    if not allows(by, Can.KEEP_CHECKLISTS, student):
        raise Refused(worded("Only those who work with the student begin a list"))
    kind = in_force().get(slug)
    if kind is None:
        raise Refused("Choose one of the lists")
    today, facts = clock.today(), school.load()
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    on = anchor_of(kind, student, today, facts) or today
    there = Checklist.objects.filter(student=student, slug=slug)
    if there.filter(Q(ended_at__isnull=True) | Q(anchor_on=on)).exists():
        raise Refused("This list is there already")
    return _begin(kind, student, on, facts, by)


def _begin(kind: ListKind, student: Student, on: date, facts: SchoolFacts, by: User | None) -> Checklist:
    made = Checklist.objects.create(
        student=student,
        slug=kind.slug,
        number=kind.number,
        name=kind.name,
        led_by=kind.led_by,
        anchor_on=on,
        counts_from=on - timedelta(days=kind.lead_days),
        started_at=clock.now(),
        started_by=by,
    )
    is_open = partial(is_school_day, calendar=facts.calendar)
    for place, point in enumerate(kind.points, 1):
        Point.objects.create(
            checklist=made,
            place=place,
            what=point.what,
            role=point.owner,
            ticks=point.ticks,
            due_on=rules.due_on(on, point.days, is_open),
        )
    return made


@transaction.atomic
def end(*, by: User, checklist: Checklist, reason: str) -> Checklist:
    """The whole list is not needed; it stays to be read. Raises Refused."""
    row = Checklist.objects.select_for_update(of=("self",)).get(pk=checklist.pk)
    if not allows(by, Can.KEEP_CHECKLISTS, row.student_id):
        raise Refused(worded("Only those who work with the student end a list"))
    if row.ended_at is not None:
        raise Refused(ENDED)
    if not reason.strip():
        raise Refused("Say why", "reason")
    row.ended_at, row.ended_by, row.end_reason = clock.now(), by, reason.strip()
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    return row


@transaction.atomic
def tick(*, by: User, point: Point, note: str = "") -> Point:
    """Done, today. Raises Refused."""
    row = _open(by, point)
    row.done_on, row.done_by, row.note = clock.today(), by, note.strip()
    return _save(row, "done_on", "done_by", "note")


@transaction.atomic
def skip(*, by: User, point: Point, reason: str) -> Point:
    """Not needed for this student. Raises Refused."""
    row = _open(by, point)
    if not reason.strip():
        raise Refused("Say why it is not needed", "note")
    row.skipped_at, row.skipped_by, row.skip_reason = clock.now(), by, reason.strip()
    return _save(row, "skipped_at", "skipped_by", "skip_reason")


@transaction.atomic
def take_back(*, by: User, point: Point) -> Point:
    """Neither done nor left out after all; what ticked itself goes with its entry alone. Raises Refused."""
    row = _mine(by, point)
    row.done_on, row.done_by, row.note = None, None, ""
    row.skipped_at, row.skipped_by, row.skip_reason = None, None, ""
    return _save(row, "done_on", "done_by", "note", "skipped_at", "skipped_by", "skip_reason")


@transaction.atomic
def arrange(*, by: User, point: Point, due_on: date, owner: User | None) -> Point:
    """Another day, or a person by name; without one it is again whoever has the post. Raises Refused."""
    row = _open(by, point)
    if owner is not None and owner not in owners(row.checklist.student):
        raise Refused(worded("Choose somebody who works with the student"), "owner")
    if due_on != row.due_on and due_on < clock.today():
        raise Refused("Choose today or a later day", "due_on")
    row.due_on, row.owner = due_on, owner
    return _save(row, "due_on", "owner")


@transaction.atomic
def publish(*, by: User, slug: str, seen: int, points: Sequence[Mapping[str, Any]]) -> ListVersion:
    """The list from now on: what runs keeps its version. `seen` is the number that was changed. Raises Refused."""
    if not has_capability(by, Can.EDIT_TEMPLATES):
        raise Refused(worded("Only the TSP coordinator changes a list"))
    kind = in_force().get(slug)
    if kind is None:
        raise Refused("Choose one of the lists")
    if kind.number != seen:
        raise ChangedMeanwhile(kind)
    if not points or len(points) > MOST_POINTS:
        raise Refused(f"A list has one point at least, and {MOST_POINTS} at most")
    for one in points:
        if one["owner"] not in OWNERS or one["ticks"] not in {"", *known()} or not one["what"].strip():
            raise Refused("Each point has words, an owner and a number of days")
    return ListVersion.objects.create(
        slug=slug, number=seen + 1, points=list(points), published_by=by, published_at=clock.now()
    )


def may_tick(user: User, point: Point) -> bool:
    """Its owner by name; and those who keep the lists of the student."""
    student_id = point.checklist.student_id
    if point.owner_id == user.pk and allows(user, Can.VIEW_STUDENT, student_id):
        return True
    return allows(user, Can.KEEP_CHECKLISTS, student_id)


def _mine(by: User, point: Point) -> Point:
    rows = Point.objects.select_for_update(of=("self",)).select_related("checklist__student")
    row = rows.get(pk=point.pk)
    if not may_tick(by, row):
        raise Refused("Only its owner and those who keep the list say how it stands")
    if row.checklist.ended_at is not None:
        raise Refused(ENDED)
    return row


def is_open(point: Point) -> bool:
    """Has nobody said yet how it stands? What was ticked by itself may still be said."""
    return point.done_on is None and point.skipped_at is None


def _open(by: User, point: Point) -> Point:
    row = _mine(by, point)
    if not is_open(row):
        raise Refused(SAID)
    return row


def _save(row: Point, *fields: str) -> Point:
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    return row
