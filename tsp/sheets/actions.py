"""Soft tools from the first word to the last: begun, done, declined, crossed out (domain 2.4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from care.meetings import actions as agreeing
from care.models import PartAsked
from care.restorative import actions as restorative
from enquiries.models import Enquiry, EnquiryQuerySet
from keywork import clock
from keywork.access import Can, allows
from keywork.errors import NotWhole, Refused
from keywork.models import User
from keywork.school import SchoolFacts
from keywork.words import worded
from questionnaires import fields
from students.models import FamilyLink, FamilyMember, Student
from students.people_at_home import chosen, people_at_home

from .. import deadlines
from ..enquiries import INPUT, TALK
from ..models import Answer, Sheet, Tool
from ..questions import templates
from . import permissions as sheet_permissions
from .answers import SHUT, locked, missing, notify_if_not_safe, row_of, stored_answers
from .soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS, TOOLS

LONGEST_WORDS = 300


def term_of(day: date, school: SchoolFacts) -> str:
    """The term a sheet of this day serves: the latest whose first pupil day has come, before the first the first."""
    term = deadlines.term_shown(day, school.calendar)
    return term.id if term is not None else school.calendar.terms[0].id


@transaction.atomic
def start_sheet(
    *,
    by: User | None,
    student: Student,
    tool: str,
    term: str,
    wording: str = Sheet.Wording.STAFF,
    happened_on: date | None = None,
    member: FamilyMember | None = None,
    together: uuid.UUID | None = None,
    author_words: str = "",
) -> Sheet:
    """A new sheet, or the one already open where there can be only one. Raises Refused.

    `member` is whose conversation it is; they must be somebody a keyworker may contact today. `by` is None for
    who comes by a link: `author_words` then says who they are.
    """
    today = clock.today()
    happened_on = happened_on or today
    if happened_on > today:
        raise Refused("Choose a date that is today or earlier", "happened_on")
    if (tool == Tool.PARENT) != (member is not None):
        raise Refused("Choose whom you spoke with", "member")
    if member is not None and wording == Sheet.Wording.STAFF:
        links = FamilyLink.objects.for_keywork(today).filter(student=student, member=member)
        if not links.exists():
            raise Refused("Choose whom you spoke with", "member")
    open_one = _open_one(by, student, tool, wording, member, term)
    if open_one is not None:
        return open_one
    sheet = Sheet(
        student=student,
        tool=tool,
        template_id=templates.current().version_id,
        term=term,
        wording=wording,
        member=member,
        happened_on=happened_on,
        author=by,
        author_words=author_words,
        together=together,
        started_at=clock.now(),
    )
    try:
        with transaction.atomic():
            sheet.save()
    except IntegrityError:  # somebody began the same a moment ago
        other = _open_one(by, student, tool, wording, member, term)
        if other is None:
            raise
        return other
    return sheet


def _open_one(
    by: User | None, student: Student, tool: str, wording: str, member: FamilyMember | None, term: str
) -> Sheet | None:
    rows = Sheet.objects.standing().filter(
        student=student, tool=tool, done_at__isnull=True, declined_at__isnull=True
    )
    if TOOLS[tool].one_at_a_time:
        at_home = wording == Sheet.Wording.PARENT
        rows = (
            rows.filter(wording=wording, author=by) if at_home else rows.exclude(wording=Sheet.Wording.PARENT)
        )
    elif tool == Tool.PARENT:
        rows = rows.filter(member=member)
    elif tool == Tool.TEAM:
        rows = rows.filter(author=by, term=term)
    else:
        return None
    return rows.select_related("student", "author", "member").first()


@transaction.atomic
def start_restorative(
    *, by: User, students: Sequence[Student], term: str, happened_on: date | None = None
) -> list[Sheet]:
    """One restorative conversation: a record of its own for each student, read by that student's people alone.

    Raises Refused for a student about whom `by` may not write one.
    """
    if not students or not all(allows(by, Can.RECORD_RESTORATIVE, student) for student in students):
        raise Refused(worded("Choose from your own students"), "students")
    together = uuid.uuid4() if len(students) > 1 else None
    return [
        start_sheet(
            by=by,
            student=student,
            tool=Tool.RESTORATIVE,
            term=term,
            happened_on=happened_on,
            together=together,
        )
        for student in students
    ]


@transaction.atomic
def take_part(*, by: User, part: PartAsked, student: Student, term: str) -> Sheet:
    """The record of one's own student after the conflict that one was asked about. Raises Refused."""
    if student.pk == part.student_id or not allows(by, Can.RECORD_RESTORATIVE, student):
        raise Refused(worded("Choose from your own students"), "student")
    asking = Sheet.objects.select_for_update(of=("self",)).get(pk=part.repair_id)
    if asking.together is None:
        asking.together = uuid.uuid4()
        asking.save(update_fields=["together"])
    sheet = start_sheet(
        by=by,
        student=student,
        tool=Tool.RESTORATIVE,
        term=term,
        happened_on=part.happened_on,
        together=asking.together,
    )
    restorative.answer(by=by, part=part, begun=[sheet.pk])
    return sheet


@transaction.atomic
def write_whole(*, by: User, student: Student, tool: str, term: str, values: Mapping[str, Any]) -> Sheet:
    """A sheet written and done in one go (the quick observation). Raises NotWhole, Refused."""
    happened_on = date.fromisoformat(values["when"]) if values.get("when") else None
    sheet = start_sheet(by=by, student=student, tool=tool, term=term, happened_on=happened_on)
    now = clock.now()
    Answer.objects.bulk_create(
        Answer(sheet=sheet, field=name, value=value, by=by, at=now)
        for name, value in values.items()
        if not fields.is_empty(value)
    )
    return finish(by=by, sheet=sheet)


@transaction.atomic
def finish(*, by: User, sheet: Sheet, share: Iterable[int | str] | None = None) -> Sheet:
    """Done: those who may read it now read it. A sheet done before keeps its day. Raises NotWhole, Refused.

    `share` is whom at home the student lets see it (ids of family members, none for nobody); wanted of the tools
    that ask each time, unless it was answered before ("share" among what is missing).
    """
    row = locked(sheet, by)
    stored = stored_answers(row)
    wanted = missing(row, stored)
    asked = row.tool in ASKED_TO_SHARE
    if asked and share is None and row.share_with_home is None:
        wanted["share"] = "Say who at home may see this, or nobody"
    if wanted:
        raise NotWhole(wanted)
    if asked and share is not None:
        row.shared_with = chosen(people_at_home(row.student, clock.today()), share)
        row.share_with_home = bool(row.shared_with)
    if row.done_at is None:
        row.done_at, row.done_by = clock.now(), by
    row.version += 1
    row.save(update_fields=["done_at", "done_by", "share_with_home", "shared_with", "version"])
    notify_if_not_safe(by, row, {name: one.value for name, one in stored.items()})
    if row.tool == Tool.TEAM:  # whoever was asked has answered, whichever way they came
        rows = Enquiry.objects.waiting().filter(student=row.student, kind=INPUT, period=row.term, user=by)
        rows.filter(Q(target_id__isnull=True) | Q(target_id=row.pk)).update(
            target_id=row.pk, answered_at=row.done_at
        )
    elif row.tool == Tool.PARENT:
        _asked_by_link(row).update(answered_at=row.done_at)
    return row


def _asked_by_link(row: Sheet) -> EnquiryQuerySet:
    """The link that asks the same parent or carer for the same: there is nothing left for it to do."""
    return Enquiry.objects.waiting().filter(
        student=row.student, kind=TALK, period=row.term, member=row.member
    )


@transaction.atomic
def decline(*, by: User, sheet: Sheet, words: str) -> Sheet:
    """They would rather not, in their words, without fault; what was begun is set aside. Raises Refused."""
    row = row_of(sheet)
    if not sheet_permissions.may_decline(by, row):
        raise Refused(SHUT)
    row.declined_at, row.declined_noted_by, row.version = clock.now(), by, row.version + 1
    row.declined_words = words_of(words)
    row.save(update_fields=["declined_at", "declined_noted_by", "declined_words", "version"])
    if row.tool == Tool.PARENT:
        _asked_by_link(row).update(declined_at=row.declined_at, declined_words=row.declined_words)
    return row


@transaction.atomic
def start_declined(
    *, by: User, student: Student, tool: str, term: str, words: str, member: FamilyMember | None = None
) -> Sheet:
    """Asked, and they would rather not: nothing was begun. Raises Refused."""
    return decline(
        by=by,
        sheet=start_sheet(by=by, student=student, tool=tool, term=term, member=member),
        words=words,
    )


@transaction.atomic
def void(*, by: User, sheet: Sheet, reason: str) -> Sheet:
    """Crossed out with a reason: it stays for the staff who read it, and counts no more. Raises Refused.

    What was agreed in it and is not done, and who has not answered, is asked of nobody any more.
    """
    row = row_of(sheet)
    if not sheet_permissions.may_void(by, row):
        raise Refused("This sheet cannot be crossed out any more")
    reason = words_of(reason)
    if not reason:
        raise Refused("Say why it is crossed out", "reason")
    row.voided_at, row.voided_by, row.void_reason, row.version = clock.now(), by, reason, row.version + 1
    row.save(update_fields=["voided_at", "voided_by", "void_reason", "version"])
    if row.tool == Tool.RESTORATIVE:
        agreeing.give_up(by=by, repair_id=row.pk)
        restorative.give_up(repair_id=row.pk)
    return row


@transaction.atomic
def mark_checked(*, by: User, sheet: Sheet) -> Sheet:
    """The student has read what an adult wrote for them and agrees. Raises Refused."""
    row = locked(sheet, by)
    if row.tool not in STUDENT_TOOLS or row.done_at is None:
        raise Refused("It is checked once it is done")
    Sheet.objects.filter(pk=row.pk).update(checked_at=clock.now(), version=F("version") + 1)
    row.refresh_from_db()
    return row


@transaction.atomic
def share_with_home(*, by: User, sheet: Sheet, share: Iterable[int | str]) -> Sheet:
    """Whom at home the student lets see this one: ids of family members, none for nobody. Raises Refused."""
    row = locked(sheet, by)
    if row.tool not in ASKED_TO_SHARE:
        raise Refused(worded("This sheet is not one the student is asked about"))
    who = chosen(people_at_home(row.student, clock.today()), share)
    Sheet.objects.filter(pk=row.pk).update(
        share_with_home=bool(who), shared_with=who, version=F("version") + 1
    )
    row.refresh_from_db()
    return row


def changed_since_done(sheet: Sheet, answers: Iterable[Any]) -> Any:
    """The newest answer written after the sheet was done, None when it stands as it was finished."""
    if sheet.done_at is None:
        return None
    late = [one for one in answers if one.at is not None and one.at > sheet.done_at]
    return max(late, key=lambda one: one.at, default=None)


def words_of(words: str) -> str:
    """A few words on one line. Raises Refused when they are many."""
    clean = " ".join(words.replace("\x00", "").split())
    if len(clean) > LONGEST_WORDS:
        raise Refused(f"Keep it to {LONGEST_WORDS} characters", "words")
    return clean
