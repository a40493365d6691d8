"""A parent's or carer's own pages about their child: what they tell us, and what they may read. No jargon."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from goals.lines import goal_lines
from keywork import clock
from keywork.absences import keyworker_of
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.names import is_blank
from keywork.saving import BASE, CHANGED_SINCE, is_autosave, preview_token, was_changed
from keywork.words import filled
from questionnaires.bound_questions import Stored, tick_areas
from students.models import FamilyMember, Student
from tsp.models import Sheet, Tool
from tsp.questions import templates
from tsp.sheets import permissions as sheet_permissions
from tsp.sheets.actions import decline, finish, start_sheet, term_of
from tsp.sheets.answers import missing, save_answers, stored_answers
from tsp.sheets.attachments import of_sheet
from tsp.sheets.audiences import NOTHING_YET, answers_given, asked, bound_questions
from tsp.sheets.lines import talk_now, talks_of
from tsp.sheets.soft_tools import AT_HOME, TOOLS

from .. import feelings, turns

CHILD_HOME = "portal:family_child"


def _anything(request: SchoolRequest) -> bool:
    """Was anything answered? Nothing is begun for an empty form."""
    asked_about = [name.removeprefix(BASE) for name in request.POST if name.startswith(BASE)]
    return any(not is_blank(text) for name in asked_about for text in request.POST.getlist(name))


def child_of(request: SchoolRequest, pk: int) -> tuple[Student, FamilyMember]:
    """The child, and who this person is to them."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)
    return student, turns.member_of(request.user, student)


def _term(request: SchoolRequest) -> str:
    return term_of(clock.today(), request.school)


def child_page(
    request: SchoolRequest, name: str, student: Student, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        opened(request, student, "home sheets", context.get("title", ""))
    context = {"gentle": True, "for_family": True, "student": student, **context}
    return render(request, name, context, status=status)


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def child(request: SchoolRequest, pk: int) -> HttpResponse:
    """Goals, what helps, what the child chose to share, and what this parent told us."""
    student, member = child_of(request, pk)
    term, today = _term(request), clock.today()
    in_term = request.school.calendar.term_on(today) is not None and student.is_on_roll(today)

    def titled(sheets: Any) -> list[tuple[str, Sheet]]:
        return [(TOOLS[sheet.tool].home_title, sheet) for sheet in sheets]

    context = {
        "turns": turns.parent_turns(request.user, student, member, term, in_term),
        "feeling": feelings.shown_at_home(request.user, student, today),
        "goals": goal_lines(student, term, request.user),
        "helps": titled(turns.helps(request.user, student).values()),
        "shared": titled(turns.shared_sheets(request.user, student)),
        "talks": [one for one in talks_of(student, member) if one.done_at],
        "views": [one for one in turns.home_views(request.user, student) if one.done_at],
        "may_write": in_term,
    }
    return child_page(request, "home/child.html", student, context)


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def read(request: SchoolRequest, pk: int, sheet_pk: int) -> HttpResponse:
    """One sheet home may read: theirs, the school's on what helps, or what the child chose to share."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)
    rows = sheet_permissions.readable(request.user).filter(student=student, done_at__isnull=False)
    rows = rows.filter(tool__in=AT_HOME).visible_to(request.user, Can.VIEW_FAMILY_HOME)
    sheet = get_object_or_404(rows, pk=sheet_pk)
    form = templates.version(sheet.template_id)
    tool = form.tool(sheet.tool)
    is_theirs = sheet.wording == Sheet.Wording.PARENT
    title = TOOLS[sheet.tool].home_title
    if is_theirs and sheet.tool == Tool.REGULATION:
        title = "What you told us about home"
    page = "home:talk" if sheet.tool == Tool.PARENT else "home:home_view"
    context = {
        "sheet": sheet,
        "title": title,
        "answers": answers_given((*tool.fields, *tool.retired), form, "parent", stored_answers(sheet)),
        "files": of_sheet(sheet),
        "by_child": TOOLS[sheet.tool].student and not is_theirs,
        "change_url": reverse(page, args=[sheet.student_id]) if is_theirs else "",
    }
    return child_page(request, "home/child_sheet.html", student, context)


@permission_required(Can.VIEW_FAMILY_HOME)
def talk(request: SchoolRequest, pk: int) -> HttpResponse:
    """The conversation sheet in a parent's words, theirs alone: saved as they type, sent when they say so."""
    student, member = child_of(request, pk)
    sheet = talk_now(talks_of(student, member), _term(request))
    if sheet is not None and sheet.wording != Sheet.Wording.PARENT and (sheet.is_open or sheet.done_at):
        context = {"sheet": sheet, "title": TOOLS[Tool.PARENT].home_title}
        return child_page(request, "home/talk_theirs.html", student, context)
    if sheet is not None and sheet.declined_at:
        sheet = None  # they may change their mind
    begin = partial(_begin, request, student, Tool.PARENT, member)
    context = {"title": filled("{name} at home", name=student.known_as), "is_talk": True}
    return _write(request, student, Tool.PARENT, sheet, begin, context)


def _begin(request: SchoolRequest, student: Student, tool: str, member: FamilyMember | None = None) -> Sheet:
    return start_sheet(
        by=request.user,
        student=student,
        tool=tool,
        term=_term(request),
        wording=Sheet.Wording.PARENT,
        member=member,
    )


@permission_required(Can.VIEW_FAMILY_HOME)
def home_view(request: SchoolRequest, pk: int) -> HttpResponse:
    """How it is at home, beside the school's regulation map: written and read by this parent and by staff."""
    student, _ = child_of(request, pk)
    views, term = turns.home_views(request.user, student), _term(request)
    sheet = next((one for one in views if one.is_open), None)
    sheet = sheet or next((one for one in views if one.done_at and one.term == term), None)
    context = {
        "title": filled("What helps {name} at home", name=student.known_as),
        "school_map": turns.helps(request.user, student).get(Tool.REGULATION),
    }
    begin = partial(_begin, request, student, Tool.REGULATION)
    return _write(request, student, Tool.REGULATION, sheet, begin, context)


def _write(
    request: SchoolRequest,
    student: Student,
    tool: str,
    sheet: Sheet | None,
    begin: Callable[[], Sheet],
    context: dict[str, Any],
) -> HttpResponse:
    """One page with every question. The sheet is begun with the first word that is saved."""
    saving = None
    wanted = ""
    go = request.POST.get("go", "")
    context |= {"keyworker": keyworker_of(student), "here": request.path}
    if request.method == "POST" and sheet is None and not _anything(request):
        wanted = NOTHING_YET if go == "send" else ""
    elif request.method == "POST":
        sheet = sheet or begin()
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.status == 200 and go == "send":
            stored = stored_answers(sheet)
            if missing(sheet, stored):
                wanted = NOTHING_YET
            elif "sure" not in request.POST or was_changed(request.POST, _shown(stored)):
                return _check(request, student, sheet, stored, context)
            else:
                finish(by=request.user, sheet=sheet)
                messages.success(request, "Thank you. It is with the school now.")
                return redirect("home:child", student.pk)
        elif saving.status == 200 and go == "stop":
            messages.success(request, "Saved. It waits for you here.")
            return redirect(CHILD_HOME, student.pk)
    form = templates.version(sheet.template_id) if sheet else templates.current()
    stored = stored_answers(sheet) if sheet else {}
    drawn = bound_questions(asked(form.tool(tool), "parent"), form, "parent", stored, saving)
    context |= {
        "sheet": sheet,
        "questions": drawn,
        "problems": [(one.first_id, one.error) for one in drawn if one.error],
        "wanted": wanted,
        "saved": saving is not None and saving.status == 200 and not wanted,
    }
    status = 422 if wanted else saving.status if saving else 200
    return child_page(request, "home/talk.html", student, context, status=status)


def _check(
    request: SchoolRequest, student: Student, sheet: Sheet, stored: dict[str, Stored], context: dict[str, Any]
) -> HttpResponse:
    """What they say on one page, before it goes."""
    form = templates.version(sheet.template_id)
    tool = form.tool(sheet.tool)
    context |= {
        "answers": answers_given((*tool.fields, *tool.retired), form, "parent", stored),
        "ticked": sum(area.ticked for area in tick_areas(form, "parent", stored)),
        "preview_token": preview_token(_shown(stored)),
        "changed": CHANGED_SINCE if "sure" in request.POST else "",
    }
    return child_page(request, "home/talk_check.html", student, context)


def _shown(stored: dict[str, Stored]) -> dict[str, Any]:
    return {name: one.value for name, one in stored.items()}


@permission_required(Can.VIEW_FAMILY_HOME)
def ticks(request: SchoolRequest, pk: int) -> HttpResponse:
    """What a parent sees at home, ticked statement by statement, for whoever wants to."""
    student, member = child_of(request, pk)
    sheet = talk_now(talks_of(student, member), _term(request))
    if sheet is not None and sheet.wording != Sheet.Wording.PARENT:
        return redirect("home:talk", student.pk)
    if sheet is not None and sheet.declined_at:
        sheet = None
    saving = None
    if request.method == "POST" and (sheet or _anything(request)):
        sheet = sheet or _begin(request, student, Tool.PARENT, member)
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.status == 200 and request.POST.get("go") == "back":
            return redirect("home:talk", student.pk)
    form = templates.version(sheet.template_id) if sheet else templates.current()
    context = {
        "sheet": sheet,
        "title": filled("What you see {name} do", name=student.known_as),
        "areas": tick_areas(form, "parent", stored_answers(sheet) if sheet else {}, saving),
    }
    status = saving.status if saving else 200
    return child_page(request, "home/talk_ticks.html", student, context, status=status)


@permission_required(Can.VIEW_FAMILY_HOME)
def rather_not(request: SchoolRequest, pk: int) -> HttpResponse:
    """They would rather not this term: kept without fault."""
    student, member = child_of(request, pk)
    context: dict[str, Any] = {"title": "I would rather not"}
    if request.method == "POST":
        words = request.POST.get("words", "")
        sheet = _begin(request, student, Tool.PARENT, member)
        _, no = attempt(lambda: decline(by=request.user, sheet=sheet, words=words))
        if no is None:
            messages.success(request, "That is fine. You can change your mind any time.")
            return redirect(CHILD_HOME, student.pk)
        context |= {"words": words, "error": str(no)}
    status = 422 if "error" in context else 200
    return child_page(request, "home/talk_not.html", student, context, status=status)
