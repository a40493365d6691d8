"""Saving a sheet field by field, however many people write in it at once (keywork.saving; questionnaires.fields knows the values).

The same action serves the keyworker's page and those of students and parents: who may write is tsp.sheets.permissions's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.http import QueryDict

from keywork import clock
from keywork.attempts import attempt
from keywork.errors import Refused
from keywork.models import User
from keywork.saving import NOTHING, YOU, Current, Saving, name_for, typed_fields
from questionnaires import fields
from questionnaires.bound_questions import Stored
from safety.actions.worries import open_worry
from safety.models import Worry

from ..models import Answer, Sheet, Tool
from ..questions import templates
from . import permissions as sheet_permissions
from .soft_tools import TOOLS

# Where a student says that what an adult wrote for them is not right (domain 2.4: "my keyworker wrote this").
NOT_RIGHT = "not-right"
SHUT = "This sheet is closed and cannot be written in any more"


def stored_answers(sheet: Sheet) -> dict[str, Stored]:
    """Every answer of a sheet by field; one query."""
    return {
        row.field: Stored(row.value, row.version, row.by.name if row.by else "", row.at)
        for row in Answer.objects.filter(sheet=sheet).select_related("by")
    }


def row_of(sheet: Sheet) -> Sheet:
    """Locked, with what its titles need."""
    rows = Sheet.objects.select_for_update(of=("self",)).select_related("student", "author", "member")
    return rows.get(pk=sheet.pk)


def locked(sheet: Sheet, by: User) -> Sheet:
    """The row as it is now, kept for this writer. Raises Refused when it may not be written in."""
    row = row_of(sheet)
    if not sheet_permissions.may_fill(by, row):
        raise Refused(SHUT)
    return row


@transaction.atomic
def save_answers(*, by: User, sheet: Sheet, data: QueryDict) -> Saving:
    """Write what may be written; what somebody else changed meanwhile, or what is wrong, is said field by field.

    `data` is a POST with a `base:<field>` for each field that came (keywork.saving). "keep-theirs" names a field whose
    stored words stand.
    """
    saving = Saving()
    row, no = attempt(lambda: locked(sheet, by))
    if row is None:
        saving.refused = str(no)
        return saving
    form = templates.version(row.template_id)
    tool, ticks_here = form.tool(row.tool), TOOLS[row.tool].ticks

    def known(name: str) -> fields.Field | None:
        question = fields.question(name, tool.fields, form)
        return None if question is not None and question.type == "tick" and not ticks_here else question

    save_typed(saving, by=by, data=data, form=form, known=known, sheet=row)
    return saving


def save_typed(
    saving: Saving,
    *,
    by: User | None,
    data: QueryDict,
    form: templates.Template,
    known: Callable[[str], fields.Field | None],
    sheet: Sheet | None,
    begin: Callable[[], Sheet] | None = None,
) -> None:
    """What came, over a sheet that is locked; what became of it stands in `saving`.

    `known` is the question of a name. Without a `sheet` yet, it is begun with the first word that is written. `by` is
    nobody for who comes by a link.
    """
    rows = Answer.objects.filter(sheet=sheet).select_related("by") if sheet else ()
    stored = {one.field: one for one in rows}
    for typed in typed_fields(data):
        if typed.field == data.get("keep-theirs"):
            continue
        question = known(typed.field)
        if question is None:
            saving.wrong(typed, "This is not part of the form any more. Load the page again")
            continue
        answer = stored.get(typed.field)
        came = replace(typed, values=tuple(data.getlist(typed.field)))
        try:
            value = fields.parse(question, came.values, form, answer.value if answer else None)
            if sheet is not None:
                _check_day(sheet, question, value)
        except fields.Wrong as wrong:
            saving.wrong(came, str(wrong))
            continue
        # Decided on its value: how its inputs lie is nothing.
        current = Current(answer.version, fields.canonical(answer.value)) if answer else NOTHING
        now = replace(came, values=fields.canonical(value))
        if saving.to_write(now, current, came=came, theirs=partial(_theirs, question, answer, by)):
            if sheet is None:
                assert begin is not None
                sheet = begin()
            written = write_answer(by=by, sheet=sheet, name=came.field, value=value, answer=answer)
            saving.wrote(came.field, written.version, now.values)


def _theirs(question: fields.Field, answer: Answer | None, by: User | None) -> Current:
    if answer is None:
        return NOTHING
    who = YOU if answer.by is None and by is None else name_for(answer.by, by)
    return Current(answer.version, tuple(fields.inputs(question, answer.value)), who, answer.at)


def write_answer(*, by: User | None, sheet: Sheet, name: str, value: Any, answer: Answer | None) -> Answer:
    """Write one value over the row as it was read under the sheet's lock (`locked`), or make the row."""
    now = clock.now()
    if sheet.tool == Tool.OBSERVATION and name == "when" and value:
        sheet.happened_on = date.fromisoformat(value)
        sheet.save(update_fields=["happened_on"])
    notify_if_not_safe(by, sheet, {name: value})
    if answer is None:
        return Answer.objects.create(sheet=sheet, field=name, value=value, by=by, at=now)
    answer.value, answer.by, answer.at, answer.version = value, by, now, answer.version + 1
    answer.save(update_fields=["value", "by", "at", "version"])
    return answer


def notify_if_not_safe(by: User | None, sheet: Sheet, values: Mapping[str, Any]) -> None:
    """A low "how safe I feel" reaches those who keep the student safe at once, finished sheet or not (domain 2.4).

    Also what an adult writes down for the student. A parent's sheet asks no such question.
    """
    if by is None or sheet.tool != Tool.VOICE:
        return
    tool = templates.version(sheet.template_id).tool(sheet.tool)
    if any(fields.is_alert(one, values.get(one.slug)) for one in tool.fields):
        open_worry(by=by, student=sheet.student, source=Worry.Source.VOICE, source_id=sheet.pk)


def _check_day(sheet: Sheet, question: fields.Field, value: Any) -> None:
    if sheet.tool == Tool.OBSERVATION and question.type == "date":
        if not value:
            raise fields.Wrong("Write the day it was seen")
        if value > clock.today().isoformat():
            raise fields.Wrong("Choose a date that is today or earlier")


def missing(sheet: Sheet, stored: Mapping[str, Stored]) -> dict[str, str]:
    """What the form wants before a sheet is done: field to sentence, "" for the whole."""
    tool = templates.version(sheet.template_id).tool(sheet.tool)
    found = {
        one.slug: f"Fill in “{one.wording(sheet.audience)}”"
        for one in tool.fields
        if one.required and fields.is_empty(stored[one.slug].value if one.slug in stored else None)
    }
    something = any(not fields.is_empty(one.value) for one in stored.values())
    if not something and not found and not sheet.attachments.filter(removed_at__isnull=True).exists():
        found[""] = "Nothing is written here yet"
    return found
