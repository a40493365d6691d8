"""A student reads what is theirs: their sheets, what an adult wrote for them, and who may see it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from keywork import clock
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import looked_up, opened
from keywork.duty_words import listed
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from students.models import Student

from ...goals.lines import goal_lines
from ...models import Sheet
from ...questions import templates
from ...questions.bound_questions import NOT_ANSWERED, ShownAnswer, Stored, shown
from ...sheets import permissions as sheet_permissions
from ...sheets.actions import mark_checked, share_with_home, term_of
from ...sheets.answers import stored_answers
from ...sheets.attachments import of_sheet
from ...sheets.lines import state_of
from ...sheets.soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS, TOOLS
from ..actions import note_of, say_not_right
from ..people import AtHome, names_of, people_at_home
from ..student_pages import (
    for_placement,
    keyworker_of,
    student_sheets,
    student_turns,
    to_check,
    told_in_their_words,
)


def me_of(request: SchoolRequest) -> Student:
    """The student whose page this is; 404 for an account that is nobody's yet."""
    me = Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE).first()
    if me is None:
        raise Http404
    looked_up(request, me.pk, "own sheets")
    return me


def its_questions(sheet: Sheet) -> tuple[templates.Template, templates.Tool]:
    """The form a sheet was begun on, and its tool."""
    form = templates.version(sheet.template_id)
    return form, for_placement(form.tool(sheet.tool), sheet.student)


def own_page(
    request: SchoolRequest, name: str, student: Student, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of few words; that it was opened is written down."""
    if request.method in ("GET", "HEAD"):
        opened(request, student, "own sheets", context.get("title", ""))
    else:
        looked_up(request, student.pk, "own sheets")
    return render(
        request,
        name,
        {"gentle": True, "student": student, **context},
        status=status,
    )


@require_safe
@permission_required(Can.VIEW_MY_PAGE)
def mine(request: SchoolRequest) -> HttpResponse:
    """My goals, my turn, and everything I have said."""
    me = me_of(request)
    today = clock.today()
    term = term_of(today, request.school)
    in_term = request.school.calendar.term_on(today) is not None and me.is_on_roll(today)
    sheets = [
        {"sheet": one, "title": TOOLS[one.tool].student_title, "state": state_of(one)}
        for one in student_sheets(me)
        if not one.is_open
    ]
    return own_page(
        request,
        "tsp/own_mine.html",
        me,
        {
            "turns": student_turns(me, term, in_term),
            "goals": goal_lines(me, term, request.user),
            "sheets": sheets,
            "asks": [(tool, TOOLS[tool]) for tool in STUDENT_TOOLS],
        },
    )


def _my_done(request: SchoolRequest, pk: int) -> Sheet:
    rows = sheet_permissions.readable(request.user).filter(tool__in=STUDENT_TOOLS, done_at__isnull=False)
    rows = rows.exclude(wording=Sheet.Wording.PARENT)
    return get_object_or_404(rows.visible_to(request.user, Can.VIEW_MY_PAGE), pk=pk)


@require_safe
@permission_required(Can.VIEW_MY_PAGE)
def read(request: SchoolRequest, pk: int) -> HttpResponse:
    return _read(request, _my_done(request, pk))


def _read(request: SchoolRequest, sheet: Sheet, status: int = 200, **more: Any) -> HttpResponse:
    form, tool = its_questions(sheet)
    stored = stored_answers(sheet)
    note = note_of(stored)
    context = {
        "sheet": sheet,
        "title": TOOLS[sheet.tool].student_title,
        "answers": told(tool, form, "student", stored),
        "files": of_sheet(sheet),
        "by_adult": sheet.wording == Sheet.Wording.STAFF,
        "to_check": bool(to_check([sheet], sheet.term)),
        "note": note.value if note else "",
        "asked_to_share": sheet.tool in ASKED_TO_SHARE,
        "people": _share_choices(sheet),
        "keyworker": keyworker_of(sheet.student),
    }
    return own_page(request, "tsp/own_read.html", sheet.student, {**context, **more}, status=status)


def _share_choices(sheet: Sheet) -> list[tuple[AtHome, bool]]:
    if sheet.tool not in ASKED_TO_SHARE:
        return []
    return [(one, one.member_id in sheet.shared_with) for one in people_at_home(sheet.student, clock.today())]


def told(
    tool: templates.Tool, form: templates.Template, audience: templates.Audience, stored: dict[str, Stored]
) -> list[ShownAnswer]:
    """Every question with an answer, whoever gave it, in the order of the form."""
    questions = (*tool.fields, *tool.retired)
    lines = [
        told_in_their_words(shown(one, form, audience, stored.get(one.slug, NOT_ANSWERED)), one, audience)
        for one in questions
    ]
    return [line for line in lines if not line.empty]


@require_POST
@permission_required(Can.VIEW_MY_PAGE)
def check(request: SchoolRequest, pk: int) -> HttpResponse:
    """ "Is this right?" Yes; or no, and what is not."""
    sheet = _my_done(request, pk)
    if sheet.wording != Sheet.Wording.STAFF:
        raise Http404
    if request.POST.get("right") == "yes":
        mark_checked(by=request.user, sheet=sheet)
        messages.success(request, "Thank you. You said it is right.")
        return redirect("tsp:own_read", sheet.pk)
    words = request.POST.get("words", "")
    _, no = attempt(lambda: say_not_right(by=request.user, sheet=sheet, words=words))
    if no is not None:
        return _read(request, sheet, status=422, error=str(no), words=words)
    messages.success(request, "Thank you for saying so. Your words are beside it now.")
    return redirect("tsp:own_read", sheet.pk)


@require_POST
@permission_required(Can.VIEW_MY_PAGE)
def share(request: SchoolRequest, pk: int) -> HttpResponse:
    """Whether home may see it, changed at any time."""
    sheet = _my_done(request, pk)
    if "share-asked" not in request.POST or sheet.tool not in ASKED_TO_SHARE:
        return _read(request, sheet, status=422, share_error="Choose who may see it, or nobody")
    row = share_with_home(by=request.user, sheet=sheet, share=request.POST.getlist("share"))
    names = listed(names_of(row.shared_with))
    messages.success(request, f"Saved. {names} can see it." if names else "Saved. Nobody at home sees it.")
    return redirect("tsp:own_read", sheet.pk)
