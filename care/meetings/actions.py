"""A meeting is planned, held, written down, shared; what was agreed in it is done, moved or given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from keywork import clock
from keywork.access import Can, allows, staff_who
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.words import worded
from outbox import actions as outbox
from students.models import Student

from ..decisions.known import who_may_know
from ..documents.actions import narrow
from ..models import Action, AgendaItem, Attendee, Meeting
from ..models.meeting import LONGEST_NAME, LONGEST_POINT, readable_levels

FACTS = ("kind", "on", "at", "minutes", "place", "led_by", "level")
RECORD_CROSSED_OUT = "The record that it was agreed in was crossed out."
CALLED_OFF = "This meeting was called off. It stays as it was"
NOT_HELD = "Minutes are written once it was held"
LEVEL_TOO_HIGH = "Choose a level that you can read yourself"


@transaction.atomic
def plan(
    *,
    by: User,
    student: Student,
    facts: Mapping[str, Any],
    agenda: Sequence[str],
    **people: Any,
) -> Meeting:
    """A meeting to come, or one that was held, with `people` as of `_put_people`. Raises Refused."""
    _may_hold(by, student, facts["level"])
    told = {name: facts[name] for name in FACTS}
    made = Meeting.objects.create(student=student, made_by=by, made_at=clock.now(), **told)
    _put_agenda(made, agenda)
    _put_people(made, **people)
    return made


@transaction.atomic
def change(
    *,
    by: User,
    meeting: Meeting,
    version: int,
    facts: Mapping[str, Any],
    agenda: Sequence[str],
    **people: Any,
) -> Meeting:
    """Another day, place or agenda, or other people. Raises Refused, ChangedMeanwhile."""
    row = _locked(by, meeting, version)
    _may_hold(by, row.student, facts["level"])
    for name in FACTS:
        setattr(row, name, facts[name])
    _save(row, *FACTS)
    Action.objects.filter(meeting=row).exclude(level=row.level).update(level=row.level)
    narrow(row)
    _put_agenda(row, agenda)
    _put_people(row, **people)
    return row


@transaction.atomic
def write_minutes(
    *, by: User, meeting: Meeting, version: int, said: Mapping[int, str], came: Iterable[int]
) -> Meeting:
    """What was said to each point (id to words) and who was there (ids); each save is kept.

    Staff who were there are mailed that they can be read, once. Raises Refused.
    """
    row = _locked(by, meeting, version)
    if row.is_ahead:
        raise Refused(NOT_HELD)
    for item in AgendaItem.objects.select_for_update().filter(meeting=row):
        words = said.get(item.pk, item.said).strip()
        if words != item.said:
            item.said, item.version = words, item.version + 1
            item.save(update_fields=["said", "version"])
    there = set(came)
    for one in row.attendees.all():
        if one.came != (one.pk in there):
            one.came = one.pk in there
            one.save(update_fields=["came"])
    is_first = row.minutes_at is None
    row.minutes_at, row.minutes_by = row.minutes_at or clock.now(), by
    _save(row, "minutes_at", "minutes_by")
    if is_first:
        outbox.do("care.minutes", key=str(row.pk), meeting=row.pk)
    return row


@transaction.atomic
def share_summary(*, by: User, meeting: Meeting, version: int, words: str, members: Iterable[int]) -> Meeting:
    """What home reads of it: chosen people (ids), in words of its own; the minutes stay at school. Raises Refused."""
    row = _locked(by, meeting, version)
    known = {link.member_id for link in who_may_know(row.student)}
    chosen = sorted(known & set(members))
    if not words.strip():
        raise Refused("Write what home reads", "words")
    if not chosen:
        raise Refused("Choose who reads it", "people")
    row.summary, row.summary_for, row.summary_at = words.strip(), chosen, clock.now()
    _save(row, "summary", "summary_for", "summary_at")
    outbox.do("care.meeting_summary", key=str(row.pk), meeting=row.pk)
    return row


@transaction.atomic
def call_off(*, by: User, meeting: Meeting, reason: str) -> Meeting:
    """It is not held, or was written down by mistake: it stays, crossed out, and what was agreed is asked of nobody."""
    row = _locked(by, meeting, meeting.version)
    if not reason.strip():
        raise Refused("Say why", "reason")
    row.voided_at, row.voided_by, row.void_reason = clock.now(), by, reason.strip()
    _save(row, "voided_at", "voided_by", "void_reason")
    return row


# ------------------------------------------------------------------------------------ what was agreed


@transaction.atomic
def agree(
    *, by: User, student: Student, what: str, owner: User, due_on: date, meeting: Meeting | None = None,
    repair_id: int | None = None, level: str = "",
) -> Action:  # fmt: skip
    """What one person will do by a day: it stands on their Today until it is done. Raises Refused.

    Of a restorative conversation whoever calls it has looked at who may write there.
    """
    if meeting is not None:
        meeting = _locked(by, meeting, meeting.version)
        level = meeting.level
    if owner not in owners(student):
        raise Refused(worded("Choose somebody who works with the student"), "owner")
    if due_on < clock.today():
        raise Refused("Choose today or a later day", "due_on")
    return Action.objects.create(
        student=student,
        meeting=meeting,
        repair_id=repair_id,
        level=level,
        what=what.strip(),
        owner=owner,
        due_on=due_on,
        first_due_on=due_on,
        made_by=by,
        made_at=clock.now(),
    )


def owners(student: Student) -> list[User]:
    """Who can be given something to do for this student: whoever may open the record; two queries."""
    return staff_who(Can.VIEW_STUDENT, student.pk)


@transaction.atomic
def do(*, by: User, action: Action, note: str = "") -> Action:
    """It is done, today. Raises Refused."""
    row = _open(by, action)
    row.done_on, row.done_by, row.note = clock.today(), by, note.strip()
    _save(row, "done_on", "done_by", "note")
    return row


@transaction.atomic
def undo(*, by: User, action: Action) -> Action:
    """It is not done after all. Raises Refused."""
    row = _mine(by, action)
    row.done_on, row.done_by, row.note = None, None, ""
    _save(row, "done_on", "done_by", "note")
    return row


@transaction.atomic
def move(*, by: User, action: Action, due_on: date, owner: User | None = None) -> Action:
    """Another day, or another owner; both days stay to be read. Raises Refused."""
    row = _open(by, action)
    if due_on < clock.today():
        raise Refused("Choose today or a later day", "due_on")
    if owner is not None and owner != row.owner and owner not in owners(row.student):
        raise Refused(worded("Choose somebody who works with the student"), "owner")
    row.due_on, row.owner = due_on, owner or row.owner
    _save(row, "due_on", "owner")
    return row


@transaction.atomic
def drop(*, by: User, action: Action, reason: str) -> Action:
    """It will not be done. Raises Refused."""
    row = _open(by, action)
    if not reason.strip():
        raise Refused("Say why it will not be done", "reason")
    return _drop(row, by, reason.strip())


@transaction.atomic
def give_up(*, by: User, repair_id: int) -> None:
    """What is open of a restorative record that is crossed out is asked of nobody any more.

    Whoever calls it has looked at who may cross the record out.
    """
    for row in Action.objects.open().filter(repair_id=repair_id).select_for_update(of=("self",)):
        _drop(row, by, RECORD_CROSSED_OUT)


def _drop(row: Action, by: User, reason: str) -> Action:
    row.dropped_at, row.dropped_by, row.drop_reason = clock.now(), by, reason
    _save(row, "dropped_at", "dropped_by", "drop_reason")
    return row


def may_act(user: User, action: Action) -> bool:
    """Its owner; and those who hold meetings about the student and read where it was agreed."""
    if action.owner_id == user.pk:
        return allows(user, Can.VIEW_STUDENT, action.student_id)
    if action.repair_id is not None:
        return allows(user, Can.RECORD_RESTORATIVE, action.student_id)
    holds = allows(user, Can.KEEP_MEETINGS, action.student_id)
    return holds and action.level in readable_levels(user, action.student_id)


def _mine(by: User, action: Action) -> Action:
    row = Action.objects.select_for_update(of=("self",)).select_related("student", "owner").get(pk=action.pk)
    if not may_act(by, row):
        raise Refused("Only its owner and those who hold the meetings say how it stands")
    if row.meeting is not None and row.meeting.voided_at is not None:
        raise Refused("The meeting was called off, so nobody is asked for it any more")
    return row


def _open(by: User, action: Action) -> Action:
    row = _mine(by, action)
    if not row.is_open:
        raise Refused("Somebody has already said how it ended")
    return row


def _may_hold(by: User, student: Student, level: str) -> None:
    if not allows(by, Can.KEEP_MEETINGS, student):
        raise Refused(worded("Only those who work with the student hold meetings about them"))
    if level not in readable_levels(by, student):
        raise Refused(LEVEL_TOO_HIGH, "level")


def _locked(by: User, meeting: Meeting, version: int) -> Meeting:
    row = Meeting.objects.select_for_update(of=("self",)).select_related("student").get(pk=meeting.pk)
    readable = Meeting.objects.readable_by(by).filter(pk=row.pk)
    if not allows(by, Can.KEEP_MEETINGS, row.student) or not readable:
        raise Refused(worded("Only those who work with the student change this"))
    if row.version != version:
        raise ChangedMeanwhile(row)
    if row.voided_at is not None:
        raise Refused(CALLED_OFF)
    return row


def _save(row: Any, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])


def _lines(typed: Iterable[str], most: int, field: str) -> list[str]:
    """Each line once, without what is empty. Raises Refused for one that there is no room for."""
    found = list(dict.fromkeys(line.strip() for line in typed if line.strip()))
    for line in found:
        if len(line) > most:
            words = f"Make this line shorter: “{line[:30]}…” has {len(line)} characters, and there is room for {most}"
            raise Refused(words, field)
    return found


def _put_agenda(row: Meeting, titles: Sequence[str]) -> None:
    """In this order; a point that something was said to stays."""
    before = {item.title: item for item in row.agenda.all()}
    wanted = _lines(titles, LONGEST_POINT, "agenda")
    lost = [item for title, item in before.items() if title not in wanted]
    for item in lost:
        if item.said:
            raise Refused(f"“{item.title}” has minutes, so it stays on the agenda", "agenda")
        item.delete()
    for place, title in enumerate(wanted, 1):
        item = before.get(title) or AgendaItem(meeting=row, title=title, place=place)
        if item.pk is None or item.place != place:
            item.place = place
            item.save()


def _put_people(
    row: Meeting,
    staff: Iterable[int] = (),
    family: Iterable[int] = (),
    outside: Sequence[str] = (),
    with_student: bool = False,
) -> None:
    """Those who may be asked; whoever is taken off again was never asked."""
    open_to = {user.pk for user in owners(row.student)}
    known = {link.member_id for link in who_may_know(row.student)}
    wanted: set[tuple[str, Any]] = {("user_id", pk) for pk in staff if pk in open_to}
    wanted |= {("member_id", pk) for pk in family if pk in known}
    wanted |= {("outside", name) for name in _lines(outside, LONGEST_NAME, "outside")}
    wanted |= {("is_student", True)} if with_student else set()
    for one in row.attendees.all():
        key = _key(one)
        if key in wanted:
            wanted.remove(key)
        elif one.came is None:
            one.delete()
    for name, value in sorted(wanted, key=str):
        Attendee.objects.create(meeting=row, **{name: value})


def _key(one: Attendee) -> tuple[str, Any]:
    if one.user_id is not None:
        return "user_id", one.user_id
    if one.member_id is not None:
        return "member_id", one.member_id
    return ("is_student", True) if one.is_student else ("outside", one.outside)
