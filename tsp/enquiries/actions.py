"""Whom the TSP may ask, and the sheet on which whoever was asked writes: begun with their first word, then handed in.

The words stand on an ordinary sheet, so that whoever reads the core team's sheets reads it like any other: their
part of the team input, or of a parent or carer their conversation sheet. For who comes by a link, `author_words`
says who they are; there is no account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from enquiries import actions as enquiries
from enquiries.colleagues import colleagues as of_students
from enquiries.models import Enquiry
from keywork import clock
from keywork.errors import Refused
from keywork.models import Assignment, User
from keywork.words import worded
from questionnaires.fields import is_empty
from students.models import FamilyLink, FamilyMember, Student

from ..models import Sheet, Tool
from ..questions import templates
from ..sheets.actions import start_sheet
from ..sheets.lines import people_at_home, talk_now, talks_of
from . import INPUT, TALK

ROLE = "role"  # who answers; filled in with what is known, theirs to change, and no answer by itself


# ------------------------------------------------------------------------------------------ asking


def colleagues(student: Student) -> list[Assignment]:
    """The posts of today's mentor, core team and teachers, each person once; never the student's own family."""
    return of_students([student.pk], clock.today()).get(student.pk, [])


def ask_colleagues(
    *,
    by: User,
    student: Student,
    term: str,
    people: Iterable[User],
    areas: Sequence[str],
    question: str,
    answer_by: date,
) -> list[Enquiry]:
    """One enquiry each, and a mail each. Raises Refused for who has no part in the student, or is asked already."""
    chosen = list(people)
    allowed = {row.user_id for row in colleagues(student)}
    strangers = [user.name for user in chosen if user.pk not in allowed]
    if strangers:
        raise Refused(f"{strangers[0]} is no longer in the team of {student.known_as}", "people")
    return enquiries.ask_colleagues(
        by=by,
        student=student,
        people=chosen,
        answer_by=answer_by,
        kind=INPUT,
        period=term,
        parts=list(areas),
        question=question.strip(),
    )


def ask_outside(
    *,
    by: User,
    student: Student,
    term: str,
    name: str,
    role: str,
    email: str,
    areas: Sequence[str],
    question: str,
    days: int,
) -> tuple[Enquiry, str]:
    """A link by mail, and the code that goes with it, which only the caller ever sees. Raises Refused."""
    if not areas and not question.strip():
        raise Refused("Choose an area or write a question", "areas")
    return enquiries.ask_by_link(
        by=by,
        student=student,
        days=days,
        kind=INPUT,
        period=term,
        name=name.strip(),
        role=role.strip(),
        email=email.strip().lower(),
        parts=list(areas),
        question=question.strip(),
    )


def reachable_at_home(student: Student) -> list[FamilyLink]:
    """Who may be sent a link: nobody under a restriction, nobody who left, nobody without an address."""
    return [link for link in people_at_home(student) if link.member.email]


@transaction.atomic
def ask_home(
    *, by: User, student: Student, term: str, member: FamilyMember, days: int
) -> tuple[Enquiry, str]:
    """A link by mail, and the code that goes with it, which only the caller ever sees. Raises Refused."""
    enquiries.refuse_on_hold(student)
    link = next((one for one in reachable_at_home(student) if one.member_id == member.pk), None)
    if link is None:
        raise Refused("Choose whom to ask", "member")
    name = link.member.name
    told = talk_now(talks_of(student, link.member), term)
    if told is not None and (why := _why_not(told, name)):
        raise Refused(why, "member")
    return enquiries.ask_by_link(
        by=by,
        student=student,
        days=days,
        kind=TALK,
        period=term,
        member=link.member,
        name=name[:100],
        role=link.relationship,
        email=link.member.email,
    )


def _why_not(told: Sheet, name: str) -> str:
    if told.done_at is not None:
        return f"{name} has told us this term. It stands among the sheets"
    if told.declined_at is not None:
        return f"{name} would rather not this term, and is not asked again"
    if told.wording != Sheet.Wording.PARENT:
        return f"A talk with {name} is being written down. Finish that sheet first"
    return ""


# --------------------------------------------------------------------------------------- answering


def says_anything(values: Mapping[str, Any]) -> bool:
    """Whether one of these answers (field to value) says something about the student."""
    return any(name != ROLE and not is_empty(value) for name, value in values.items())


def sheet_of(row: Enquiry) -> Sheet:
    """The sheet they write on, begun with their first word. Raises Refused."""
    if row.member is not None:
        return _talk_of(row, row.member)
    if row.target_id is not None:
        return Sheet.objects.select_for_update().get(pk=row.target_id)
    sheet = Sheet.objects.create(
        student=row.student,
        tool=Tool.TEAM,
        template_id=templates.current().version_id,
        term=row.period,
        wording=Sheet.Wording.STAFF,
        happened_on=clock.today(),
        author=row.user,
        author_words="" if row.user_id is not None else f"{row.name}, {row.role}",
        started_at=clock.now(),
    )
    row.target_id = sheet.pk
    row.save(update_fields=["target_id"])
    return sheet


def _talk_of(row: Enquiry, member: FamilyMember) -> Sheet:
    """The conversation this parent or carer has begun, by the link or signed in; else a new one."""
    sheet = start_sheet(
        by=None,
        student=row.student,
        tool=Tool.PARENT,
        term=row.period,
        wording=Sheet.Wording.PARENT,
        member=member,
        author_words=f"{row.name} ({row.role})" if row.role else row.name,
    )
    if sheet.wording != Sheet.Wording.PARENT:
        raise Refused(worded("The keyworker is writing down what was said"))
    return Sheet.objects.select_for_update().get(pk=sheet.pk)


@transaction.atomic
def hand_in(*, enquiry: Enquiry) -> Sheet:
    """What was kept is their answer, once. Raises Refused when nothing was written."""
    row = enquiries.locked(enquiry, "waiting")
    sheet = sheet_of(row)
    if not says_anything({answer.field: answer.value for answer in sheet.answers.all()}):
        raise Refused("Write something first")
    now = clock.now()
    sheet.done_at, sheet.done_by = now, row.user
    if row.member_id is None:
        sheet.happened_on = clock.today()
    sheet.version += 1
    sheet.save(update_fields=["done_at", "done_by", "happened_on", "version"])
    row.target_id, row.answered_at = sheet.pk, now
    row.save(update_fields=["target_id", "answered_at"])
    return sheet
