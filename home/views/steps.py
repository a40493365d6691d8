"""A student fills in a sheet of their own: one question a screen, saved as they go, left and come back to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from keywork import clock
from keywork.absences import keyworker_of
from keywork.access import Can
from keywork.attempts import attempt
from keywork.errors import NotWhole
from keywork.guards import GET, POST, permission_required
from keywork.http import SchoolRequest
from keywork.saving import Saving, is_autosave
from keywork.words import translated, worded
from questionnaires.bound_questions import NOT_ANSWERED, Stored, tick_areas
from questionnaires.fields import SCALE, Field, columns_of, is_empty
from safety import worry_audience as safety
from safety.models import Worry
from students.models import Student
from tsp.models import Attachment, Sheet
from tsp.questions.templates import Tool, current
from tsp.sheets import attachments
from tsp.sheets import permissions as sheet_permissions
from tsp.sheets.actions import decline, start_sheet, term_of
from tsp.sheets.answers import save_answers, stored_answers
from tsp.sheets.audiences import asked, bound_questions, stage_words
from tsp.sheets.soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS, TOOLS

from ..actions import hand_in
from ..turns import student_sheets
from .student import its_questions, me_of, own_page, own_sheet

HOME = "portal:my_page"
# Questions one may draw, photograph or say instead.
IN_PLACE_OF_WORDS = frozenset({"words", "line", "rows", "circle"})


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One screen of a sheet: a question, or one row of a table that has its rows given."""

    slug: str
    question: Field
    title: str
    row: int | None = None

    def answered(self, value: Any) -> bool:
        if is_empty(value) or self.row is None:
            return not is_empty(value)
        first, *others = columns_of(self.question)
        row: dict[str, Any] = next(
            (row for row in value if row.get(first.key) == self.question.rows[self.row]), {}
        )
        return any(row.get(one.key) for one in others)


def steps_of(tool: Tool) -> list[SheetStep]:
    steps = []
    for one in asked(tool, "student"):
        if one.rows:
            steps += [
                SheetStep(f"{one.slug}-{slug.replace('_', '-')}", one, stage_words(slug, "student"), row)
                for row, slug in enumerate(one.rows)
            ]
        else:
            steps.append(SheetStep(one.slug, one, one.wording("student")))
    return steps


def _tool_or_404(tool: str) -> None:
    if tool not in STUDENT_TOOLS or not current().has(tool):
        raise Http404


def _begin(request: SchoolRequest, me: Student, tool: str) -> Sheet:
    return start_sheet(
        by=request.user,
        student=me,
        tool=tool,
        term=term_of(clock.today(), request.school),
        wording=Sheet.Wording.STUDENT,
    )


@permission_required(Can.VIEW_MY_PAGE)
def start(request: SchoolRequest, tool: str) -> HttpResponse:
    """What it is, who reads it, how one may answer; starting it leads to its first question."""
    me = me_of(request)
    _tool_or_404(tool)
    open_one = next((one for one in student_sheets(me) if one.tool == tool and one.is_open), None)
    if request.method == "POST":
        sheet = open_one or _begin(request, me, tool)
        return redirect(_first_open(sheet, stored_answers(sheet) if open_one else {}))
    context = {
        "title": TOOLS[tool].student_title,
        "slug": tool,
        "readers": worded(TOOLS[tool].student_readers),
        "begun": open_one,
        "with_attachments": TOOLS[tool].files,
        "keyworker": keyworker_of(me),
        "asked_to_share": tool in ASKED_TO_SHARE,
    }
    return own_page(request, "home/start.html", me, context)


@permission_required(Can.VIEW_MY_PAGE)
def rather_not(request: SchoolRequest, tool: str) -> HttpResponse:
    """ "I would rather not": kept without fault, with a word why for whoever wants to say one."""
    me = me_of(request)
    _tool_or_404(tool)
    context: dict[str, Any] = {"title": TOOLS[tool].student_title, "slug": tool}
    if request.method == "POST":
        words = request.POST.get("words", "")
        sheet = _begin(request, me, tool)
        _, no = attempt(lambda: decline(by=request.user, sheet=sheet, words=words))
        if no is None:
            messages.success(request, "That is OK. You can change your mind any time.")
            return redirect(HOME)
        context |= {"words": words, "error": str(no)}
    return own_page(request, "home/rather_not.html", me, context, status=422 if "error" in context else 200)


def _first_open(sheet: Sheet, stored: dict[str, Stored]) -> str:
    """The first screen without an answer: where somebody who comes back goes on."""
    for one in steps_of(its_questions(sheet)[1]):
        if not one.answered(stored.get(one.question.slug, NOT_ANSWERED).value):
            return reverse("home:step", args=[sheet.pk, one.slug])
    return reverse("home:end", args=[sheet.pk])


def my_sheet(request: SchoolRequest, pk: int) -> Sheet:
    """A sheet this student may write in; 404 for any other."""
    return get_object_or_404(
        sheet_permissions.fillable(request.user)
        .filter(tool__in=STUDENT_TOOLS)
        .visible_to(request.user, Can.VIEW_MY_PAGE),
        pk=pk,
    )


@permission_required(Can.VIEW_MY_PAGE)
def step(request: SchoolRequest, pk: int, step: str) -> HttpResponse:
    """One question. Script saves while they answer; every button saves first and then leads on."""
    sheet = my_sheet(request, pk)
    _, here, before, behind = _place(sheet, step)
    saving = None
    if request.method == "POST":
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.refused:
            messages.info(request, "This is closed now. What you wrote before is safe.")
            return redirect(HOME)
        if wrong := _keep_files(request, sheet, here):
            return _show_step(request, sheet, step, saving, file_error=wrong)
        if saving.status == 200 and _newly_told(request, here, sheet):
            return redirect(f"{reverse('safety:sent')}?sheet={sheet.pk}")
        if saving.status == 200:
            return _lead_on(request, sheet, here, before, behind)
    return _show_step(request, sheet, step, saving)


def _place(sheet: Sheet, slug: str) -> tuple[int, SheetStep, SheetStep | None, SheetStep | None]:
    """The place of a screen (from 0), itself, the one before and the one behind it; 404 for a slug that is none."""
    steps = steps_of(its_questions(sheet)[1])
    place = next((place for place, one in enumerate(steps) if one.slug == slug), None)
    if place is None:
        raise Http404
    return place, steps[place], steps[place - 1] if place else None, next(iter(steps[place + 1 :]), None)


def _keep_files(request: SchoolRequest, sheet: Sheet, one: SheetStep) -> str:
    """A picture, a recording, or both, chosen beside a question, whichever button was pressed; what is wrong, or ""."""
    for name in ("picture", "sound"):
        upload = request.FILES.get(name)
        if isinstance(upload, UploadedFile):
            add = partial(attachments.attach, by=request.user, sheet=sheet)
            _, no = attempt(partial(add, field=one.question.slug, upload=upload))
            if no is not None:
                return str(no)
    return ""


@permission_required(Can.VIEW_MY_PAGE, POST)
def attach(request: SchoolRequest, pk: int, step: str) -> HttpResponse:
    sheet = my_sheet(request, pk)
    here = _place(sheet, step)[1]
    saving = save_answers(by=request.user, sheet=sheet, data=request.POST)  # what was typed beside it stays
    wrong = _keep_files(request, sheet, here)
    if not request.FILES:
        wrong = "Choose a picture or a recording first"
    if wrong or saving.status != 200:
        return _show_step(request, sheet, step, saving, file_error=wrong)
    messages.success(request, "Added.")
    return redirect("home:step", sheet.pk, step)


@permission_required(Can.VIEW_MY_PAGE, POST)
def take_off(request: SchoolRequest, pk: int) -> HttpResponse:
    """A picture or recording off the sheet again; back to the question it stood with."""
    mine = sheet_permissions.fillable(request.user).filter(tool__in=STUDENT_TOOLS)
    mine = mine.visible_to(request.user, Can.VIEW_MY_PAGE)
    file = get_object_or_404(Attachment.objects.filter(removed_at__isnull=True, sheet__in=mine), pk=pk)
    attachments.remove(by=request.user, attachment=file)
    messages.success(request, "Taken off.")
    here = [one.slug for one in steps_of(its_questions(file.sheet)[1]) if one.question.slug == file.field]
    if not here:
        return redirect("home:end", file.sheet_id)
    asked_from = request.POST.get("step", "")
    return redirect("home:step", file.sheet_id, asked_from if asked_from in here else here[0])


def _newly_told(request: SchoolRequest, one: SheetStep, sheet: Sheet) -> bool:
    """Was this answer just told to those who keep the student safe? Who has it is shown once, not at each Next."""
    if one.question.alert_if_at_most is None:
        return False
    worry = worry_of(sheet)
    if worry is None or request.session.get("told_of") == worry.pk:
        return False
    request.session["told_of"] = worry.pk
    return True


def worry_of(sheet: Sheet) -> Worry | None:
    """What was told because of an answer on this sheet, and is open."""
    return Worry.objects.open().filter(source=Worry.Source.VOICE, source_id=sheet.pk).first()


def _show_step(
    request: SchoolRequest, sheet: Sheet, slug: str, saving: Saving | None = None, file_error: str = ""
) -> HttpResponse:
    form = its_questions(sheet)[0]
    place, one, before, behind = _place(sheet, slug)
    [drawn] = bound_questions([one.question], form, "student", stored_answers(sheet), saving)
    most = one.question.alert_if_at_most
    context = {
        "sheet": sheet,
        "step": one,
        "number": place + 1,
        "of": len(steps_of(its_questions(sheet)[1])),
        "before": before,
        "behind": behind,
        "question": drawn,
        "with_attachments": TOOLS[sheet.tool].files and drawn.drawn_as in IN_PLACE_OF_WORDS,
        "attachments": [file for file in attachments.of_sheet(sheet) if file.field == one.question.slug],
        "file_error": file_error,
        "title": TOOLS[sheet.tool].student_title,
        "audience": safety.audience(sheet.student) if most is not None else None,
        # "Not at all" or "A little": the answers to this question that are told at once
        "alerts": worded(" or ").join(
            f"“{translated(SCALE[str(value)])}”" for value in range(0 if most is None else most + 1)
        ),
    }
    status = 422 if file_error else saving.status if saving else 200
    return own_page(request, "home/step.html", sheet.student, context, status=status)


def _lead_on(
    request: SchoolRequest, sheet: Sheet, here: SheetStep, before: SheetStep | None, behind: SheetStep | None
) -> HttpResponse:
    match request.POST.get("go", ""):
        case "back" if before:
            return redirect("home:step", sheet.pk, before.slug)
        case "stop":
            messages.success(request, "Saved. It waits for you here.")
            return redirect(HOME)
        case "next" if behind:
            return redirect("home:step", sheet.pk, behind.slug)
        case "next":
            return redirect("home:end", sheet.pk)
    return redirect("home:step", sheet.pk, here.slug)  # a plain save, or more lines


@permission_required(Can.VIEW_MY_PAGE)
def end(request: SchoolRequest, pk: int) -> HttpResponse:
    """What they said, on one page; may home see it; and that they are done."""
    sheet = my_sheet(request, pk)
    error = wanted = ""
    if request.method == "POST" and "check" not in request.POST:  # Enter looks again, and hands in nothing
        share = request.POST.getlist("share") if "share-asked" in request.POST else None
        _, no = attempt(lambda: hand_in(by=request.user, sheet=sheet, share=share))
        if no is None:
            messages.success(request, "Thank you. It is in.")
            return redirect("safety:sent" if worry_of(sheet) else HOME)
        if isinstance(no, NotWhole):
            wanted = "Nothing is here yet. You can answer one question, or say that you would rather not."
        else:
            error = str(no)
    stored = stored_answers(sheet)
    rows = [
        (one, one.answered(stored.get(one.question.slug, NOT_ANSWERED).value))
        for one in steps_of(its_questions(sheet)[1])
    ]
    more = {"rows": rows, "may_tick": TOOLS[sheet.tool].ticks, "error": error, "wanted": wanted}
    return own_sheet(request, sheet, "home/end.html", 422 if error or wanted else 200, **more)


@permission_required(Can.VIEW_MY_PAGE, GET)
def ticks(request: SchoolRequest, pk: int) -> HttpResponse:
    """The nine areas, for whoever wants to tick what is true of them."""
    sheet = _ticked(request, pk)
    form = its_questions(sheet)[0]
    counts = [area.ticked for area in tick_areas(form, "student", stored_answers(sheet))]
    context = {"sheet": sheet, "areas": list(zip(form.areas, counts, strict=True))}
    return own_page(request, "home/ticks.html", sheet.student, context)


@permission_required(Can.VIEW_MY_PAGE)
def tick_area(request: SchoolRequest, pk: int, area: str) -> HttpResponse:
    sheet = _ticked(request, pk)
    form = its_questions(sheet)[0]
    slugs = [one.slug for one in form.areas]
    if area not in slugs:
        raise Http404
    place = slugs.index(area)
    saving = None
    if request.method == "POST":
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.status == 200:
            if request.POST.get("go") == "next" and place + 1 < len(slugs):
                return redirect("home:tick_area", sheet.pk, slugs[place + 1])
            return redirect("home:ticks", sheet.pk)
    context = {
        "sheet": sheet,
        "area": tick_areas(form, "student", stored_answers(sheet), saving)[place],
        "slug": area,
        "number": place + 1,
        "of": len(slugs),
        "is_last": place + 1 == len(slugs),
    }
    status = saving.status if saving else 200
    return own_page(request, "home/tick_area.html", sheet.student, context, status=status)


def _ticked(request: SchoolRequest, pk: int) -> Sheet:
    sheet = my_sheet(request, pk)
    if not TOOLS[sheet.tool].ticks:
        raise Http404
    return sheet
