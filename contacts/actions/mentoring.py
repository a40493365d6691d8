"""Planning a slot, saying what became of it, moving it; and the times of drop-in."""

from __future__ import annotations

from datetime import date, time, timedelta

from django.db import IntegrityError, transaction

from keywork import clock, school
from keywork.access import Can, allows
from keywork.dates import day_in_full, time_of_day
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.school import SchoolFacts
from students.models import Student

from .. import mentoring as rules
from ..models import DropInTime
from ..models.mentoring import MentoringSlot as Slot

Status = Slot.Status
AHEAD = timedelta(days=90)  # slots are planned a term ahead at most


@transaction.atomic
def plan_slot(
    *,
    by: User,
    student: Student,
    on: date,
    at: time | None,
    minutes: int,
    where: str,
    focus: str = "",
    moved_from: Slot | None = None,
    facts: SchoolFacts | None = None,
) -> Slot:
    """A slot with whoever plans it; one that is moved stays with its mentor. Raises Refused."""
    facts = facts or school.load()
    mentor = moved_from.mentor if moved_from else by
    _on_roll(student, on)
    if on > clock.today() + AHEAD:
        raise Refused("Choose a day within the next three months", "on")
    # Two people planning for one student, or one person twice, wait for each other.
    Student.objects.select_for_update().filter(pk=student.pk).first()
    User.objects.select_for_update().filter(pk=mentor.pk).first()
    week = rules.week_of(on)
    theirs = _booked(student_id=student.pk, on__range=week)
    if no := rules.too_many(theirs, on, facts.policy(on), student.known_as):
        raise Refused(no, "on")
    for slots, words in (
        (_booked(mentor_id=mentor.pk, on=on), "Another slot begins at {at} that day and is not over by then"),
        (theirs, "{who} has another slot from {at} that day"),
    ):
        met = rules.clash(slots, rules.Booked(on, minutes, at=at))
        if met is not None and met.at is not None:
            raise Refused(words.format(who=student.known_as, at=time_of_day(met.at)), "at")
    return Slot.objects.create(
        student=student,
        mentor=mentor,
        on=on,
        at=at,
        minutes=minutes,
        where=where.strip(),
        focus=focus.strip(),
        planned_by=by,
        planned_at=clock.now(),
        moved_from=moved_from,
    )


@transaction.atomic
def log_drop_in(
    *, by: User, student: Student, on: date, minutes: int, where: str = "", focus: str = ""
) -> Slot:
    """The student came by: nothing was planned, so no limit holds. Raises Refused for a day to come."""
    _on_roll(student, on)
    if on > clock.today():
        raise Refused("Choose a date that is today or earlier", "on")
    now = clock.now()
    return Slot.objects.create(
        student=student,
        mentor=by,
        kind=Slot.Kind.DROP_IN,
        on=on,
        minutes=minutes,
        where=where.strip(),
        focus=focus.strip(),
        status=Status.ATTENDED,
        planned_by=by,
        planned_at=now,
        marked_by=by,
        marked_at=now,
    )


@transaction.atomic
def mark_slot(*, by: User, slot: Slot, status: str, note: str = "") -> Slot:
    """What became of it; it may be put right by marking it again. Raises Refused."""
    slot = _open(slot, by)
    if status not in (Status.ATTENDED, Status.NO_SHOW, Status.CANCELLED):
        raise Refused("Say what became of it", "status")
    if status != Status.CANCELLED and slot.on > clock.today():
        raise Refused(f"It is only on {day_in_full(slot.on, clock.today())}", "status")
    if slot.kind == Slot.Kind.SLOT and slot.status not in rules.COUNTED and status in rules.COUNTED:
        _room_in_week(slot)
    slot.status, slot.note = status, note.strip()
    slot.marked_by, slot.marked_at = by, clock.now()
    slot.save(update_fields=["status", "note", "marked_by", "marked_at"])
    return slot


def _room_in_week(slot: Slot) -> None:
    """Another may have taken its place since it was called off. Raises Refused."""
    student = Student.objects.select_for_update().get(pk=slot.student_id)
    theirs = _booked(student_id=student.pk, on__range=rules.week_of(slot.on))
    if no := rules.too_many(theirs, slot.on, school.load().policy(slot.on), student.known_as):
        raise Refused(f"{no}. If they came all the same, log it as a drop-in", "status")


@transaction.atomic
def move_slot(*, by: User, slot: Slot, on: date, at: time | None, where: str) -> Slot:
    """To another day or time: the old one says so, and the new one has its place. Raises Refused."""
    slot = _open(slot, by)
    if slot.status != Status.PLANNED:
        raise Refused("It is marked already. Plan another one")
    if (on, at) == (slot.on, slot.at):
        raise Refused("Choose another day or time", "on")
    slot.status, slot.marked_by, slot.marked_at = Status.MOVED, by, clock.now()
    slot.save(update_fields=["status", "marked_by", "marked_at"])
    return plan_slot(
        by=by,
        student=slot.student,
        on=on,
        at=at,
        minutes=slot.minutes,
        where=where,
        focus=slot.focus,
        moved_from=slot,
    )


def _open(slot: Slot, by: User) -> Slot:
    if not allows(by, Can.LOG, slot.student):
        raise Refused("You do not log for this student")
    slot = Slot.objects.select_for_update(of=("self",)).select_related("student", "mentor").get(pk=slot.pk)
    if slot.status == Status.MOVED:
        raise ChangedMeanwhile(words="It was moved meanwhile")
    return slot


def _on_roll(student: Student, on: date) -> None:
    if not student.is_on_roll(on):
        raise Refused(f"{student.known_as} is not at school on {day_in_full(on, clock.today())}", "on")


def _booked(**of: object) -> list[rules.Booked]:
    rows = Slot.objects.filter(**of, kind=Slot.Kind.SLOT).values_list("on", "minutes", "status", "at")
    return [rules.Booked(*row) for row in rows]


def add_drop_in(*, by: User, weekday: int, time: str, where: str) -> DropInTime:
    """Published to one's own students at once. Raises Refused for one that stands already."""
    try:
        with transaction.atomic():
            return DropInTime.objects.create(
                user=by, weekday=weekday, time=time, where=where.strip(), created_at=clock.now()
            )
    except IntegrityError as error:
        raise Refused("This time is published already", "time") from error


def remove_drop_in(*, by: User, one: DropInTime) -> None:
    if one.user_id != by.pk:
        raise Refused("This is a time of somebody else")
    one.delete()
