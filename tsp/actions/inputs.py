"""What somebody who was asked writes: kept as they type, then handed in.

The words stand on an ordinary sheet, so that whoever reads the core team's sheets reads it like any other: their
part of the team input, or of a parent or carer their conversation sheet. For who comes by a link, `author_words`
says who they are; there is no account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from keywork import clock
from keywork.errors import Refused
from students.models import FamilyMember

from .. import templates
from ..fields import is_empty
from ..models import Answer, Ask, Sheet, Tool
from .asks import state_of
from .sheets import start_sheet

ROLE = "role"  # who answers; filled in with what is known, theirs to change, and no answer by itself


def says_anything(values: Mapping[str, Any]) -> bool:
    """Whether one of these answers (field to value) says something about the student."""
    return any(name != ROLE and not is_empty(value) for name, value in values.items())


def _open(ask: Ask) -> Ask:
    """The row, locked, while it may be answered. Raises Refused."""
    rows = Ask.objects.select_for_update(of=("self",)).select_related("student", "user", "member")
    row = rows.get(pk=ask.pk)
    if state_of(row) != "waiting":
        raise Refused("This can no longer be answered")
    return row


def sheet_of(row: Ask) -> Sheet:
    """The sheet they write on, begun with their first word. Raises Refused."""
    if row.member is not None:
        return _talk_of(row, row.member)
    if row.sheet_id is not None:
        return Sheet.objects.select_for_update().get(pk=row.sheet_id)
    now = clock.now()
    sheet = Sheet.objects.create(
        student=row.student,
        tool=Tool.TEAM,
        template_id=templates.current().version_id,
        term=row.term,
        wording=Sheet.Wording.STAFF,
        happened_on=clock.today(),
        author=row.user,
        author_words="" if row.user_id is not None else f"{row.name}, {row.role}",
        started_at=now,
    )
    row.sheet = sheet
    row.save(update_fields=["sheet"])
    return sheet


def _talk_of(row: Ask, member: FamilyMember) -> Sheet:
    """The conversation this parent or carer has begun, by the link or signed in; else a new one."""
    sheet = start_sheet(
        by=None,
        student=row.student,
        tool=Tool.PARENT,
        term=row.term,
        wording=Sheet.Wording.PARENT,
        member=member,
        author_words=f"{row.name} ({row.role})" if row.role else row.name,
    )
    if sheet.wording != Sheet.Wording.PARENT:
        raise Refused("The keyworker is writing down what was said")
    return Sheet.objects.select_for_update().get(pk=sheet.pk)


@transaction.atomic
def keep_answers(*, ask: Ask, values: Mapping[str, Any], seen: Mapping[str, int]) -> dict[str, Answer]:
    """Keep these answers (field to value) as they are typed; `seen` is the version of each that was shown.

    Returns the rows as they now stand: one whose version was newer than what was seen is left as it is, and is
    told by its value. Raises Refused when it can no longer be answered.
    """
    row = _open(ask)
    sheet = sheet_of(row)
    known = {one.field: one for one in sheet.answers.select_for_update()}
    now = clock.now()
    for name, value in values.items():
        answer = known.get(name)
        if answer is None:
            known[name] = Answer.objects.create(sheet=sheet, field=name, value=value, by=row.user, at=now)
        elif answer.version == seen.get(name, 0) and answer.value != value:
            answer.value, answer.by, answer.at = value, row.user, now
            answer.version += 1
            answer.save(update_fields=["value", "by", "at", "version"])
    return {name: known[name] for name in values}


@transaction.atomic
def hand_in(*, ask: Ask) -> Sheet:
    """What was kept is their answer, once. Raises Refused when nothing was written."""
    row = _open(ask)
    sheet = sheet_of(row)
    if not says_anything({answer.field: answer.value for answer in sheet.answers.all()}):
        raise Refused("Write something first")
    now = clock.now()
    sheet.done_at, sheet.done_by = now, row.user
    if row.member_id is None:
        sheet.happened_on = clock.today()
    sheet.version += 1
    sheet.save(update_fields=["done_at", "done_by", "happened_on", "version"])
    row.sheet, row.answered_at = sheet, now
    row.save(update_fields=["sheet", "answered_at"])
    return sheet
