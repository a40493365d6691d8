"""A parent's or carer's own pages about their child: what they tell us, and what they may read. No jargon."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from keywork import clock
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.guards import get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.names import is_blank
from keywork.saving import BASE, CHANGED_SINCE, Saving, is_autosave, preview_token, was_changed
from students.models import FamilyMember, Student

from ...feelings import readers as feelings
from ...goals.lines import goal_lines
from ...models import Sheet, Tool
from ...questions import templates
from ...questions.bound_questions import BoundQuestion, Stored, bind_questions, tick_areas
from ...sheets import permissions as sheet_permissions
from ...sheets.actions import decline, finish, start_sheet, term_of
from ...sheets.answers import missing, save_answers, stored_answers
from ...sheets.attachments import of_sheet
from ...sheets.soft_tools import AT_HOME, TOOLS
from .. import parent_pages
from ..parent_pages import NOTHING_YET
from ..student_pages import asked, in_their_words, keyworker_of
from .student import told


def _anything(request: SchoolRequest) -> bool:
    """Was anything answered? Nothing is begun for an empty form."""
    asked_about = [name.removeprefix(BASE) for name in request.POST if name.startswith(BASE)]
    return any(not is_blank(text) for name in asked_about for text in request.POST.getlist(name))


def _child(request: SchoolRequest, pk: int) -> Student:
    return get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)


def _term(request: SchoolRequest) -> str:
    return term_of(clock.today(), request.school)


def _page(
    request: SchoolRequest, name: str, student: Student, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        opened(request, student, "home sheets", context.get("title", ""))
    return render(request, name, {"gentle": True, "student": student, **context}, status=status)


@require_safe
@permission_required(Can.VIEW_FAMILY_HOME)
def child(request: SchoolRequest, pk: int) -> HttpResponse:
    """Goals, what helps, what the child chose to share, and what this parent told us."""
    student = _child(request, pk)
    member = parent_pages.member_of(request.user, student)
    term, today = _term(request), clock.today()
    in_term = request.school.calendar.term_on(today) is not None and student.is_on_roll(today)
    done = [one for one in parent_pages.talks_of(student, member) if one.done_at]
    context = {
        "turns": parent_pages.parent_turns(request.user, student, member, term, in_term),
        "feeling": feelings.shown_at_home(request.user, student, today),
        "goals": goal_lines(student, term, request.user),
        "helps": [
            (TOOLS[sheet.tool].home_title, sheet)
            for sheet in parent_pages.helps(request.user, student).values()
        ],
        "shared": [
            (TOOLS[sheet.tool].home_title, sheet)
            for sheet in parent_pages.shared_sheets(request.user, student)
        ],
        "talks": done,
        "views": [one for one in parent_pages.home_views(request.user, student) if one.done_at],
        "may_write": in_term,
    }
    return _page(request, "tsp/own_child.html", student, context)


@require_safe
@permission_required(Can.VIEW_FAMILY_HOME)
def read(request: SchoolRequest, pk: int, sheet_pk: int) -> HttpResponse:
    """One sheet home may read: theirs, the school's on what helps, or what the child chose to share."""
    student = _child(request, pk)
    rows = sheet_permissions.readable(request.user).filter(student=student, done_at__isnull=False)
    rows = rows.filter(tool__in=AT_HOME).visible_to(request.user, Can.VIEW_FAMILY_HOME)
    sheet = get_object_or_404(rows, pk=sheet_pk)
    form = templates.version(sheet.template_id)
    is_theirs = sheet.wording == Sheet.Wording.PARENT
    stored = stored_answers(sheet)
    context = {
        "sheet": sheet,
        "title": "What you told us about home"
        if is_theirs and sheet.tool == Tool.REGULATION
        else TOOLS[sheet.tool].home_title,
        "answers": told(form.tool(sheet.tool), form, "parent", stored),
        "files": of_sheet(sheet),
        "by_child": TOOLS[sheet.tool].student and not is_theirs,
        "change_url": _change_url(sheet) if is_theirs else "",
    }
    return _page(request, "tsp/own_child_sheet.html", student, context)


def _change_url(sheet: Sheet) -> str:
    name = "tsp:own_talk" if sheet.tool == Tool.PARENT else "tsp:own_home_view"
    return reverse(name, args=[sheet.student_id])


@permission_required(Can.VIEW_FAMILY_HOME)
def talk(request: SchoolRequest, pk: int) -> HttpResponse:
    """The conversation sheet in a parent's words, theirs alone: saved as they type, sent when they say so."""
    student = _child(request, pk)
    member = parent_pages.member_of(request.user, student)
    sheet = parent_pages.talk_now(parent_pages.talks_of(student, member), _term(request))
    if sheet is not None and sheet.wording != Sheet.Wording.PARENT and (sheet.is_open or sheet.done_at):
        return _page(
            request,
            "tsp/own_talk_theirs.html",
            student,
            {"sheet": sheet, "title": TOOLS[Tool.PARENT].home_title},
        )
    if sheet is not None and sheet.declined_at:
        sheet = None  # they may change their mind

    context = {"title": f"{student.known_as} at home", "is_talk": True}
    begin = partial(_begin_talk, request, student, member)
    return _write(request, student, Tool.PARENT, sheet, begin, context)


def _begin_talk(request: SchoolRequest, student: Student, member: FamilyMember) -> Sheet:
    return start_sheet(
        by=request.user,
        student=student,
        tool=Tool.PARENT,
        term=_term(request),
        wording=Sheet.Wording.PARENT,
        member=member,
    )


@permission_required(Can.VIEW_FAMILY_HOME)
def home_view(request: SchoolRequest, pk: int) -> HttpResponse:
    """How it is at home, beside the school's regulation map: written and read by this parent and by staff."""
    student = _child(request, pk)
    parent_pages.member_of(request.user, student)
    views = parent_pages.home_views(request.user, student)
    term = _term(request)
    sheet = next((one for one in views if one.is_open), None)
    sheet = sheet or next((one for one in views if one.done_at and one.term == term), None)

    def begin() -> Sheet:
        return start_sheet(
            by=request.user, student=student, tool=Tool.REGULATION, term=term, wording=Sheet.Wording.PARENT
        )

    context = {
        "title": f"What helps {student.known_as} at home",
        "school_map": parent_pages.helps(request.user, student).get(Tool.REGULATION),
    }
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
    if request.method == "POST" and sheet is None and not _anything(request):
        wanted = NOTHING_YET if request.POST.get("go") == "send" else ""
    elif request.method == "POST":
        sheet = sheet or begin()
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.status == 200 and request.POST.get("go") == "send":
            stored = stored_answers(sheet)
            if missing(sheet, stored):
                wanted = NOTHING_YET
            elif "sure" not in request.POST or was_changed(request.POST, _shown(stored)):
                return _check(request, student, sheet, stored, context)
            else:
                finish(by=request.user, sheet=sheet)
                messages.success(request, "Thank you. It is with the school now.")
                return redirect("tsp:own_child", student.pk)
        elif saving.status == 200 and request.POST.get("go") == "stop":
            messages.success(request, "Saved. It waits for you here.")
            return redirect("portal:family_child", student.pk)
    form = templates.version(sheet.template_id) if sheet else templates.current()
    stored = stored_answers(sheet) if sheet else {}
    drawn = _boxes(form, tool, stored, saving)
    context |= {
        "sheet": sheet,
        "boxes": drawn,
        "problems": [(one.first_id, one.error) for one in drawn if one.error],
        "keyworker": keyworker_of(student),
        "wanted": wanted,
        "saved": saving is not None and saving.status == 200 and not wanted,
        "here": request.path,
    }
    status = 422 if wanted else saving.status if saving else 200
    return _page(request, "tsp/own_talk.html", student, context, status=status)


def _check(
    request: SchoolRequest, student: Student, sheet: Sheet, stored: dict[str, Stored], context: dict[str, Any]
) -> HttpResponse:
    """What they say on one page, before it goes."""
    form = templates.version(sheet.template_id)
    context |= {
        "answers": told(form.tool(sheet.tool), form, "parent", stored),
        "ticked": sum(area.ticked for area in tick_areas(form, "parent", stored)),
        "keyworker": keyworker_of(student),
        "here": request.path,
        "seal": preview_token(_shown(stored)),
        "changed": CHANGED_SINCE if "sure" in request.POST else "",
    }
    return _page(request, "tsp/own_talk_check.html", student, context)


def _shown(stored: dict[str, Stored]) -> dict[str, Any]:
    return {name: one.value for name, one in stored.items()}


def _boxes(
    form: templates.Template, tool: str, stored: dict[str, Stored], saving: Saving | None
) -> list[BoundQuestion]:
    questions = asked(form.tool(tool), "parent")
    known = {one.slug: one for one in questions}
    return [
        in_their_words(one, known[one.name], "parent")
        for one in bind_questions(questions, form, "parent", stored, saving)
    ]


@permission_required(Can.VIEW_FAMILY_HOME)
def ticks(request: SchoolRequest, pk: int) -> HttpResponse:
    """What a parent sees at home, ticked statement by statement, for whoever wants to."""
    student = _child(request, pk)
    member = parent_pages.member_of(request.user, student)
    sheet = parent_pages.talk_now(parent_pages.talks_of(student, member), _term(request))
    if sheet is not None and sheet.wording != Sheet.Wording.PARENT:
        return redirect("tsp:own_talk", student.pk)
    if sheet is not None and sheet.declined_at:
        sheet = None
    saving = None
    if request.method == "POST" and (sheet or _anything(request)):
        sheet = sheet or _begin_talk(request, student, member)
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.status == 200 and request.POST.get("go") == "back":
            return redirect("tsp:own_talk", student.pk)
    form = templates.version(sheet.template_id) if sheet else templates.current()
    context = {
        "sheet": sheet,
        "title": f"What you see {student.known_as} do",
        "areas": tick_areas(form, "parent", stored_answers(sheet) if sheet else {}, saving),
    }
    status = saving.status if saving else 200
    return _page(request, "tsp/own_talk_ticks.html", student, context, status=status)


@permission_required(Can.VIEW_FAMILY_HOME)
def rather_not(request: SchoolRequest, pk: int) -> HttpResponse:
    """They would rather not this term: kept without fault."""
    student = _child(request, pk)
    member = parent_pages.member_of(request.user, student)
    context: dict[str, Any] = {"title": "I would rather not"}
    if request.method != "POST":
        return _page(request, "tsp/own_talk_not.html", student, context)
    words = request.POST.get("words", "")
    sheet = _begin_talk(request, student, member)
    _, no = attempt(lambda: decline(by=request.user, sheet=sheet, words=words))
    if no is not None:
        context |= {"words": words, "error": str(no)}
        return _page(request, "tsp/own_talk_not.html", student, context, status=422)
    messages.success(request, "That is fine. You can change your mind any time.")
    return redirect("portal:family_child", student.pk)
