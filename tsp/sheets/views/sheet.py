"""Reading soft tools: all of a student's sheets, one sheet, and what helps."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from care.profile.page import profile_of
from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.calendar import term_name
from keywork.grouped import grouped
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from questionnaires import fields
from questionnaires.bound_questions import ShownAnswer, shown
from students.models import Student

from ...models import Sheet, Tool
from ...questions import templates
from .. import attachments
from .. import permissions as sheet_permissions
from ..actions import changed_since_done, term_of
from ..agreed import left
from ..answers import NOT_RIGHT, stored_answers
from ..lines import LEVELS, sheet_lines, state_of, whose
from ..soft_tools import TOOLS
from ..what_helps import parts_of
from .pages import about, framed, low_answer, together
from .restorative import agreed_of, asked_for, first_contacts, still_open

SHEETS_SHOWN = 60


@permission_required(Can.VIEW_STUDENT, GET)
def sheets(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everything people told us about one student, as far as this reader may know of it, and how to add to it."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_STUDENT, pk=pk)
    user = request.user
    opened(request, student, "sheets")
    term = term_of(clock.today(), request.school)
    known = list(sheet_permissions.known_of(user, student)[:SHEETS_SHOWN])
    groups = [(label, [one for one in known if one.tool == tool]) for tool, label in Tool.choices]
    context: dict[str, Any] = {
        "lines": sheet_lines(student, term, user),
        "term_name": term_name(term),
        "groups": [(label, [_row(one) for one in rows]) for label, rows in groups if rows],
        "starts": _starts(user, student),
        "may_observe": allows(user, Can.OBSERVE, student),
        "may_add_input": allows(user, Can.ADD_INPUT, student),
        "may_record_restorative": allows(user, Can.RECORD_RESTORATIVE, student),
    }
    return framed(request, "tsp/sheet_list.html", student, context)


def _starts(user: Any, student: Student) -> list[tuple[str, str]]:
    if not allows(user, Can.FILL_SHEETS, student):
        return []
    form = templates.current()
    return [
        (label, reverse("tsp:sheet_start", args=[student.pk, tool]))
        for tool, label in Tool.choices
        if TOOLS[tool].staff_fill == Can.FILL_SHEETS and form.has(tool)
    ]


def _row(sheet: Sheet) -> dict[str, Any]:
    state = state_of(sheet)
    return {"sheet": sheet, "whose": whose(sheet), "state": state, "level": LEVELS[state]}


@permission_required(Can.VIEW_STRATEGIES, GET)
def sheet(request: SchoolRequest, pk: int) -> HttpResponse:
    """One sheet as it is read; for who may only know of it, how far it is."""
    row = get_visible_or_404(sheet_permissions.known(request.user), request, Can.VIEW_STRATEGIES, pk=pk)
    student = row.student
    opened(request, student, "sheet", f"{row.get_tool_display()}, {row.pk}")
    context = about(request, row)
    if context["reads"]:
        context |= _read(row, context["tool"], context["form_version"])
        context |= low_answer(request, row)
        context["together"] = together(sheet_permissions.readable(request.user), row)
        if row.tool == Tool.RESTORATIVE:
            context |= _restorative(request, row)
    return framed(request, "tsp/sheet.html", student, context)


def _read(row: Sheet, tool: templates.Tool, form: templates.Template) -> dict[str, Any]:
    stored = stored_answers(row)
    answers = [
        shown(one, form, row.audience, stored[one.slug])
        for one in (*tool.fields, *tool.retired)
        if one.slug in stored
    ]
    files = grouped(attachments.of_sheet(row), lambda one: one.field)
    known = {answer.name for answer in answers}
    answers += [  # said in a picture or a recording alone
        ShownAnswer(name=one.slug, label=one.wording(row.audience), type="none")
        for one in tool.fields
        if one.slug in files and one.slug not in known
    ]
    ticks = []
    if TOOLS[row.tool].ticks:
        for statement in form.statements.values():
            answer = stored.get(fields.STATEMENT + statement.slug)
            if answer is not None and not fields.is_empty(answer.value):
                ticks.append(shown(fields.tick_of(statement), form, row.audience, answer))
    changed = changed_since_done(row, [one for name, one in stored.items() if name != NOT_RIGHT])
    filled = [(one, files[one.name]) for one in answers if not one.empty or one.name in files]
    return {"answers": filled, "ticks": ticks, "changed": changed, "not_right": stored.get(NOT_RIGHT)}


def _restorative(request: SchoolRequest, row: Sheet) -> dict[str, Any]:
    """Who calls it and what was agreed, of this student's record alone."""
    agreed, parts = agreed_of(row), asked_for(row)
    return {
        "is_restorative": True,
        "agreed": agreed,
        "to_take": left(row),
        "parts_asked": parts,
        **still_open(agreed, parts),
        "today": clock.today(),
        "first_contacts": first_contacts(row.student),
        "may_agree": row.voided_at is None and allows(request.user, Can.RECORD_RESTORATIVE, row.student),
    }


@permission_required(Can.VIEW_STRATEGIES, GET)
def what_helps(request: SchoolRequest, pk: int) -> HttpResponse:
    """The newest strengths profile and regulation map, with home's view: for every member of staff."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_STRATEGIES, pk=pk)
    opened(request, student, "what helps")
    context = {"parts": parts_of(request.user, student), **profile_of(request.user, student)}
    return framed(request, "tsp/sheet_what_helps.html", student, context, tab="profile")
