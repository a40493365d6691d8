"""A decision is announced, read, answered, replied to and, when it is not so any more, withdrawn. Never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from keywork import clock, contact_hold
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from keywork.words import translated, worded
from outbox import actions as outbox
from students.models import Student

from ..models import Decision, DecisionReader
from .known import OVER, known_to, who_may_know

ANSWER_DAYS = 14  # how long home is given, where nobody says otherwise
LONGEST_ANSWER = 2000
WITHDRAWN = "This decision is withdrawn already"
NOTHING_ASKED = "There is nothing to answer here any more"
Given = DecisionReader.Given


def asked_until(student: Student) -> date:
    """ANSWER_DAYS after home is told: today, or on the morning after a hold on contact."""
    held_until = contact_hold.students_on_hold([student.pk], clock.today()).get(student.pk)
    told_on = held_until + timedelta(days=1) if held_until is not None else clock.today()
    return told_on + timedelta(days=ANSWER_DAYS)


@transaction.atomic
def announce(
    *,
    by: User,
    student: Student,
    what: str,
    why: str,
    decided_by: str,
    from_on: date,
    asks: str,
    answer_by: date | None,
    members: Iterable[int],
    with_student: bool = False,
    origin: str = "",
    origin_id: int | None = None,
) -> Decision:
    """Share a decision with each of `members` (ids) by name, and with the student where chosen. Raises Refused.

    Whoever may not know of this student is left out, whoever asked for it.
    """
    if not allows(by, Can.KEEP_MEETINGS, student):
        raise Refused(worded("Only those who work with the student announce a decision"))
    if answer_by is not None and answer_by < clock.today():
        raise Refused("Choose today or a later day", "answer_by")
    known, wanted = {link.member_id for link in who_may_know(student)}, set(members)
    if known and not (wanted & known) and not with_student:
        raise Refused("Choose who is told", "people")
    return _announce(
        by=by,
        members=wanted & known,
        with_student=with_student,
        tells=True,
        student=student,
        what=what.strip(),
        why=why.strip(),
        decided_by=decided_by.strip(),
        from_on=from_on,
        asks=asks,
        answer_by=answer_by,
        origin=origin,
        origin_id=origin_id,
    )


@transaction.atomic
def announce_change(
    *,
    by: User,
    student: Student,
    what: str,
    why: str = "",
    from_on: date,
    origin: str,
    origin_id: int | None = None,
    decided_by: str = "",
    asked: bool = False,
    tells: bool = True,
) -> Decision:
    """For code: a change of keyworker, support or plan that was just made is a decision, for each who may know.

    Whoever calls it has looked at who may make the change. With `asked` home is to say that they have read it, and it
    is late after ANSWER_DAYS. Whoever speaks for themselves is told, and asked, too. Without `tells` another letter of the same change tells them (`note_notified`).
    """
    return _announce(
        by=by,
        members={link.member_id for link in who_may_know(student)},
        with_student=student.speaks_for_self,
        tells=tells,
        student=student,
        what=what,
        why=why,
        decided_by=decided_by or by.name,
        from_on=from_on,
        asks=Decision.Asks.READ,
        answer_by=asked_until(student) if asked else None,
        origin=origin,
        origin_id=origin_id,
    )


def _announce(
    *, by: User, members: Iterable[int], with_student: bool, tells: bool, **fields: Any
) -> Decision:
    made = Decision.objects.create(announced_by=by, announced_at=clock.now(), **fields)
    for pk in [*sorted(members), *([None] if with_student else [])]:
        DecisionReader.objects.create(decision=made, member_id=pk)
    if tells and members:
        outbox.do("care.decision", decision=made.pk)
    return made


@transaction.atomic
def withdraw(*, by: User, decision: Decision, reason: str) -> Decision:
    """It is not so any more: those it was shared with are told, and see why. Raises Refused."""
    if not allows(by, Can.KEEP_MEETINGS, decision.student_id):
        raise Refused(worded("Only those who work with the student take a decision back"))
    row = _withdraw(by, decision, reason)
    if row.readers.filter(member__isnull=False).exists():
        outbox.do("care.decision_withdrawn", decision=row.pk)
    return row


@transaction.atomic
def withdraw_change(*, by: User, decision: Decision, reason: str) -> Decision:
    """For code: the change it came of is taken back, by who may do that; what follows tells home. Raises Refused."""
    return _withdraw(by, decision, reason)


def _withdraw(by: User, decision: Decision, reason: str) -> Decision:
    row = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if row.withdrawn_at is not None:
        raise Refused(WITHDRAWN)
    if not reason.strip():
        raise Refused("Say why, in a sentence that home can read", "reason")
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = by, clock.now(), reason.strip()
    row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return row


@transaction.atomic
def note_notified(*, readers: Iterable[int]) -> None:
    """A letter that leads to the decision went to these (ids)."""
    for row in DecisionReader.objects.filter(pk__in=list(readers), notified_at__isnull=True):
        row.notified_at = clock.now()
        row.save(update_fields=["notified_at"])


@transaction.atomic
def note_read(*, by: User, reader: DecisionReader) -> None:
    """They opened it themselves for the first time."""
    row = _own(by, reader)
    if row.read_at is None:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])


@transaction.atomic
def answer(*, by: User, reader: DecisionReader, given: str, words: str = "") -> DecisionReader:
    """What a parent, carer or the student says to it; they may say something else later. Raises Refused."""
    row = _own(by, reader)
    row.read_at = row.read_at or clock.now()
    return _answer(row, by, given, words)


@transaction.atomic
def note_answer(*, by: User, reader: DecisionReader, given: str, words: str = "") -> DecisionReader:
    """What they said to it on the phone or face to face, written down by staff. Raises Refused."""
    row = _locked(reader)
    if not allows(by, Can.KEEP_MEETINGS, row.decision.student_id):
        raise Refused(worded("Only those who work with the student write this down"))
    return _answer(row, by, given, words)


@transaction.atomic
def reply(*, by: User, reader: DecisionReader, words: str) -> DecisionReader:
    """What the school says to a question or to no agreement; home reads it beside the decision. Raises Refused."""
    row = _locked(reader)
    if not allows(by, Can.KEEP_MEETINGS, row.decision.student_id):
        raise Refused(worded("Only those who work with the student answer this"))
    if row.decision.withdrawn_at is not None or not is_asked(row):
        raise Refused(NOTHING_ASKED)
    if not words.strip():
        raise Refused("Write your answer", "words")
    row.reply, row.replied_by, row.replied_at = words.strip(), by, clock.now()
    row.save(update_fields=["reply", "replied_by", "replied_at"])
    if row.member_id is not None:
        outbox.do("care.decision_reply", reader=row.pk)
    return row


def is_asked(reader: DecisionReader) -> bool:
    """Do they wait for the school to say something?"""
    return reader.answer in (Given.QUESTION, Given.DISAGREE)


def _own(by: User, reader: DecisionReader) -> DecisionReader:
    row = _locked(reader)
    if not known_to(by, row.decision.student).filter(pk=row.pk).exists():
        raise Refused("This was not shared with you")
    return row


def _locked(reader: DecisionReader) -> DecisionReader:
    rows = DecisionReader.objects.select_for_update(of=("self",))
    return rows.select_related("decision__student").get(pk=reader.pk)


def _answer(row: DecisionReader, by: User, given: str, words: str) -> DecisionReader:
    words = words.replace("\x00", "").strip()
    if row.decision.withdrawn_at is not None:
        raise Refused(translated(OVER))
    if given not in dict(row.decision.answers):
        raise Refused("Choose one of the answers", "answer")
    if given in (Given.QUESTION, Given.DISAGREE) and not words:
        raise Refused("Write what you would like to ask or say. A few words are enough", "words")
    if len(words) > LONGEST_ANSWER:
        raise Refused(f"Keep it to {LONGEST_ANSWER} characters", "words")
    row.answer, row.words, row.answered_by, row.answered_at = given, words, by, clock.now()
    row.reply, row.replied_by, row.replied_at = "", None, None
    row.save()
    return row
