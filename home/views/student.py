"""A student reads what is theirs: their sheets, what an adult wrote for them, and who may see it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from goals.lines import goal_lines
from keywork import clock
from keywork.absences import keyworker_of
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import looked_up, opened
from keywork.guards import GET, POST, permission_required
from keywork.http import SchoolRequest
from keywork.words import all_of, filled
from questionnaires.bound_questions import NOT_ANSWERED
from students.models import Student
from students.people_at_home import AtHome, chosen, names_of, people_at_home, usual
from tsp.models import Sheet
from tsp.questions import templates
from tsp.sheets import permissions as sheet_permissions
from tsp.sheets.actions import mark_checked, share_with_home, term_of
from tsp.sheets.answers import NOT_RIGHT, stored_answers
from tsp.sheets.attachments import of_sheet
from tsp.sheets.audiences import answers_given, for_placement
from tsp.sheets.soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS, TOOLS

from ..actions import say_not_right
from ..turns import student_sheets, student_turns, to_check


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
    return render(request, name, {"gentle": True, "student": student, **context}, status=status)


def own_sheet(
    request: SchoolRequest, sheet: Sheet, name: str, status: int = 200, **more: Any
) -> HttpResponse:
    """A page about one sheet with everything said on it, and whom at home it may be shown to."""
    form, tool = its_questions(sheet)
    stored = stored_answers(sheet)
    context = {
        "sheet": sheet,
        "title": TOOLS[sheet.tool].student_title,
        "answers": answers_given((*tool.fields, *tool.retired), form, "student", stored),
        "files": of_sheet(sheet),
        "asked_to_share": sheet.tool in ASKED_TO_SHARE,
        "people": _share_choices(request, sheet),
        "keyworker": keyworker_of(sheet.student),
    }
    return own_page(request, name, sheet.student, context | more, status=status)


def _share_choices(request: SchoolRequest, sheet: Sheet) -> list[tuple[AtHome, bool]]:
    """Whom at home the student may choose, each with whether they are chosen: as typed, as stored, or as usual."""
    if sheet.tool not in ASKED_TO_SHARE:
        return []
    people = people_at_home(sheet.student, clock.today())
    if "share-asked" in request.POST:
        now = chosen(people, request.POST.getlist("share"))
    elif sheet.done_at is None and sheet.share_with_home is None:
        now = usual(people)
    else:
        now = sheet.shared_with
    return [(one, one.member_id in now) for one in people]


@permission_required(Can.VIEW_MY_PAGE, GET)
def sheets(request: SchoolRequest) -> HttpResponse:
    """My goals, my turn, and everything I have said."""
    me = me_of(request)
    today = clock.today()
    term = term_of(today, request.school)
    in_term = request.school.calendar.term_on(today) is not None and me.is_on_roll(today)
    mine, form = student_sheets(me), templates.current()
    context = {
        "turns": student_turns(mine, term, in_term, form),
        "goals": goal_lines(me, term, request.user),
        "sheets": [(one, TOOLS[one.tool].student_title) for one in mine if not one.is_open],
        "asks": [(tool, TOOLS[tool]) for tool in STUDENT_TOOLS if form.has(tool)],
    }
    return own_page(request, "home/sheets.html", me, context)


def _my_done(request: SchoolRequest, pk: int) -> Sheet:
    rows = sheet_permissions.readable(request.user).filter(tool__in=STUDENT_TOOLS, done_at__isnull=False)
    rows = rows.exclude(wording=Sheet.Wording.PARENT)
    return get_object_or_404(rows.visible_to(request.user, Can.VIEW_MY_PAGE), pk=pk)


@permission_required(Can.VIEW_MY_PAGE, GET)
def read(request: SchoolRequest, pk: int) -> HttpResponse:
    return _read(request, _my_done(request, pk))


def _read(request: SchoolRequest, sheet: Sheet, status: int = 200, **more: Any) -> HttpResponse:
    more |= {
        "by_adult": sheet.wording == Sheet.Wording.STAFF,
        "to_check": bool(to_check([sheet], sheet.term)),
        "note": stored_answers(sheet).get(NOT_RIGHT, NOT_ANSWERED).value,
    }
    return own_sheet(request, sheet, "home/read.html", status, **more)


@permission_required(Can.VIEW_MY_PAGE, POST)
def check(request: SchoolRequest, pk: int) -> HttpResponse:
    """ "Is this right?" Yes; or no, and what is not."""
    sheet = _my_done(request, pk)
    if sheet.wording != Sheet.Wording.STAFF:
        raise Http404
    if request.POST.get("right") == "yes":
        mark_checked(by=request.user, sheet=sheet)
        messages.success(request, "Thank you. You said it is right.")
        return redirect("home:read", sheet.pk)
    words = request.POST.get("words", "")
    _, no = attempt(lambda: say_not_right(by=request.user, sheet=sheet, words=words))
    if no is not None:
        return _read(request, sheet, status=422, error=str(no), words=words)
    messages.success(request, "Thank you for saying so. Your words are beside it now.")
    return redirect("home:read", sheet.pk)


@permission_required(Can.VIEW_MY_PAGE, POST)
def share(request: SchoolRequest, pk: int) -> HttpResponse:
    """Whether home may see it, changed at any time."""
    sheet = _my_done(request, pk)
    if "share-asked" not in request.POST or sheet.tool not in ASKED_TO_SHARE:
        return _read(request, sheet, status=422, share_error="Choose who may see it, or nobody")
    row = share_with_home(by=request.user, sheet=sheet, share=request.POST.getlist("share"))
    names = all_of(names_of(row.shared_with))
    can = filled("Saved. {names} can see it.", names=names)
    messages.success(request, can if names else "Saved. Nobody at home sees it.")
    return redirect("home:read", sheet.pk)
