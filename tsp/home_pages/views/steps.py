"""A student fills in a sheet of their own: one question a screen, saved as they go, left and come back to."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from keywork import clock
from keywork.access import Can
from keywork.attempts import attempt
from keywork.errors import NotWhole
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.saving import Saving, is_autosave
from keywork.words import worded
from safety import worry_audience as safety
from safety.models import Worry

from ...models import Sheet
from ...questions import templates
from ...questions.bound_questions import NOT_ANSWERED, BoundQuestion, Stored, bind_question, tick_areas
from ...questions.fields import SCALE
from ...sheets import permissions as sheet_permissions
from ...sheets.actions import decline, start_sheet, term_of
from ...sheets.answers import save_answers, stored_answers
from ...sheets.attachments import attach, of_sheet
from ...sheets.soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS, TOOLS
from ..actions import hand_in
from ..people import AtHome, chosen, people_at_home, usual
from ..student_pages import SheetStep, after, answered, in_their_words, keyworker_of, steps_of, student_sheets
from .student import its_questions, me_of, own_page, told

HOME = "portal:my_page"
# Questions one may draw, photograph or say instead.
IN_PLACE_OF_WORDS = frozenset({"words", "line", "rows", "circle"})


@permission_required(Can.VIEW_MY_PAGE)
def start(request: SchoolRequest, tool: str) -> HttpResponse:
    """What it is, who reads it, how one may answer; starting it leads to its first question."""
    me = me_of(request)
    if tool not in STUDENT_TOOLS:
        raise Http404
    open_one = next((one for one in student_sheets(me) if one.tool == tool and one.is_open), None)
    if request.method == "POST":
        sheet = open_one or start_sheet(
            by=request.user,
            student=me,
            tool=tool,
            term=term_of(clock.today(), request.school),
            wording=Sheet.Wording.STUDENT,
        )
        return redirect(_first_open(sheet, stored_answers(sheet) if open_one else {}))
    return own_page(
        request,
        "tsp/own_start.html",
        me,
        {
            "title": TOOLS[tool].student_title,
            "slug": tool,
            "readers": worded(TOOLS[tool].student_readers),
            "begun": open_one,
            "with_attachments": TOOLS[tool].files,
            "keyworker": keyworker_of(me),
            "asked_to_share": tool in ASKED_TO_SHARE,
        },
    )


@permission_required(Can.VIEW_MY_PAGE)
def rather_not(request: SchoolRequest, tool: str) -> HttpResponse:
    """ "I would rather not": kept without fault, with a word why for whoever wants to say one."""
    me = me_of(request)
    if tool not in STUDENT_TOOLS:
        raise Http404
    context: dict[str, Any] = {"title": TOOLS[tool].student_title, "slug": tool}
    if request.method != "POST":
        return own_page(request, "tsp/own_rather_not.html", me, context)
    words = request.POST.get("words", "")
    sheet = start_sheet(
        by=request.user,
        student=me,
        tool=tool,
        term=term_of(clock.today(), request.school),
        wording=Sheet.Wording.STUDENT,
    )
    _, no = attempt(lambda: decline(by=request.user, sheet=sheet, words=words))
    if no is not None:
        context |= {"words": words, "error": str(no)}
        return own_page(request, "tsp/own_rather_not.html", me, context, status=422)
    messages.success(request, "That is OK. You can change your mind any time.")
    return redirect(HOME)


def _first_open(sheet: Sheet, stored: dict[str, Stored]) -> str:
    """The first screen without an answer: where somebody who comes back goes on."""
    steps = steps_of(its_questions(sheet)[1])
    waiting = (one for one in steps if not answered(one, stored.get(one.question.slug, NOT_ANSWERED).value))
    found = next(waiting, None)
    if found is None:
        return reverse("tsp:own_end", args=[sheet.pk])
    return reverse("tsp:own_step", args=[sheet.pk, found.slug])


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
    steps = steps_of(its_questions(sheet)[1])
    try:
        place, before, behind = after(steps, step)
    except KeyError:
        raise Http404 from None
    saving = None
    if request.method == "POST":
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if not saving.refused and (wrong := keep_files(request, sheet, steps[place])):
            return show_step(request, sheet, step, saving, file_error=wrong)
        if saving.status == 200 and not saving.refused and _newly_told(request, steps[place], sheet):
            return redirect(f"{reverse('safety:told')}?sheet={sheet.pk}")
        if saving.refused:
            messages.info(request, "This is closed now. What you wrote before is safe.")
            return redirect(HOME)
        if saving.status == 200:
            return _lead_on(request, sheet, steps[place], before, behind)
    return show_step(request, sheet, step, saving)


def keep_files(request: SchoolRequest, sheet: Sheet, one: SheetStep) -> str:
    """A picture, a recording, or both, chosen beside a question, whichever button was pressed; what is wrong, or ""."""
    for name in ("picture", "sound"):
        upload = request.FILES.get(name)
        if isinstance(upload, UploadedFile):
            _, no = attempt(
                partial(attach, by=request.user, sheet=sheet, field=one.question.slug, upload=upload)
            )
            if no is not None:
                return str(no)
    return ""


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


def show_step(
    request: SchoolRequest, sheet: Sheet, slug: str, saving: Saving | None = None, file_error: str = ""
) -> HttpResponse:
    """The screen of one question. Raises KeyError for a slug that is none."""
    form, tool = its_questions(sheet)
    steps = steps_of(tool)
    place, before, behind = after(steps, slug)
    one = steps[place]
    status = 422 if file_error else saving.status if saving else 200
    drawn = _box(one, form, stored_answers(sheet), saving)
    context = {
        "sheet": sheet,
        "step": one,
        "number": place + 1,
        "of": len(steps),
        "before": before,
        "behind": behind,
        "box": drawn,
        "with_attachments": TOOLS[sheet.tool].files and drawn.drawn_as in IN_PLACE_OF_WORDS,
        "attachments": [file for file in of_sheet(sheet) if file.field == one.question.slug],
        "file_error": file_error,
        "title": TOOLS[sheet.tool].student_title,
        "audience": safety.audience(sheet.student) if one.question.alert_if_at_most is not None else None,
        "alerts": _alerting(one),
    }
    return own_page(request, "tsp/own_step.html", sheet.student, context, status=status)


def _alerting(one: SheetStep) -> str:
    """ "Not at all" or "A little": the answers to this question that are told at once; "" where none is."""
    most = one.question.alert_if_at_most
    if most is None:
        return ""
    return " or ".join(f"“{SCALE[str(value)]}”" for value in range(most + 1))


def _box(
    one: SheetStep, form: templates.Template, stored: dict[str, Stored], saving: Saving | None
) -> BoundQuestion:
    slug = one.question.slug
    made = bind_question(
        one.question,
        form,
        "student",
        stored.get(slug, NOT_ANSWERED),
        typed=saving.mine.get(slug) if saving else None,
        error=saving.errors.get(slug, "") if saving else "",
        theirs=saving.conflicts.get(slug) if saving else None,
    )
    return in_their_words(made, one.question, "student")


def _lead_on(
    request: SchoolRequest, sheet: Sheet, here: SheetStep, before: SheetStep | None, behind: SheetStep | None
) -> HttpResponse:
    match request.POST.get("go", ""):
        case "back" if before:
            return redirect("tsp:own_step", sheet.pk, before.slug)
        case "stop":
            messages.success(request, "Saved. It waits for you here.")
            return redirect(HOME)
        case "next" if behind:
            return redirect("tsp:own_step", sheet.pk, behind.slug)
        case "next":
            return redirect("tsp:own_end", sheet.pk)
    return redirect("tsp:own_step", sheet.pk, here.slug)  # a plain save, or more lines


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
            return redirect("safety:told" if worry_of(sheet) else HOME)
        if isinstance(no, NotWhole):
            wanted = "Nothing is here yet. You can answer one question, or say that you would rather not."
        else:
            error = str(no)
    tool = its_questions(sheet)[1]
    stored = stored_answers(sheet)
    rows = [(one, answered(one, stored.get(one.question.slug, NOT_ANSWERED).value)) for one in steps_of(tool)]
    context = {
        "sheet": sheet,
        "title": TOOLS[sheet.tool].student_title,
        "rows": rows,
        "answers": told(tool, its_questions(sheet)[0], "student", stored),
        "files": of_sheet(sheet),
        "asked_to_share": sheet.tool in ASKED_TO_SHARE,
        "people": share_choices(request, sheet),
        "may_tick": TOOLS[sheet.tool].ticks,
        "keyworker": keyworker_of(sheet.student),
        "error": error,
        "wanted": wanted,
    }
    return own_page(
        request, "tsp/own_end.html", sheet.student, context, status=422 if error or wanted else 200
    )


def share_choices(request: SchoolRequest, sheet: Sheet) -> list[tuple[AtHome, bool]]:
    """Whom at home the student may choose, each with whether they are chosen: as typed, as stored, or as usual."""
    if sheet.tool not in ASKED_TO_SHARE:
        return []
    people = people_at_home(sheet.student, clock.today())
    if "share-asked" in request.POST:
        now = chosen(people, request.POST.getlist("share"))
    else:
        now = usual(people) if sheet.share_with_home is None else sheet.shared_with
    return [(one, one.member_id in now) for one in people]


@require_safe
@permission_required(Can.VIEW_MY_PAGE)
def ticks(request: SchoolRequest, pk: int) -> HttpResponse:
    """The nine areas, for whoever wants to tick what is true of them."""
    sheet = _ticked(request, pk)
    form, _ = its_questions(sheet)
    stored = stored_answers(sheet)
    areas = [
        (area, sum(bool(stored.get(f"statement:{one.slug}", NOT_ANSWERED).value) for one in area.statements))
        for area in form.areas
    ]
    return own_page(request, "tsp/own_ticks.html", sheet.student, {"sheet": sheet, "areas": areas})


@permission_required(Can.VIEW_MY_PAGE)
def tick_area(request: SchoolRequest, pk: int, area: str) -> HttpResponse:
    sheet = _ticked(request, pk)
    form, _ = its_questions(sheet)
    place = next((place for place, one in enumerate(form.areas) if one.slug == area), None)
    if place is None:
        raise Http404
    saving = None
    if request.method == "POST":
        saving = save_answers(by=request.user, sheet=sheet, data=request.POST)
        if is_autosave(request):
            return saving.response()
        if saving.status == 200:
            behind = form.areas[place + 1 : place + 2]
            if request.POST.get("go") == "next" and behind:
                return redirect("tsp:own_tick_area", sheet.pk, behind[0].slug)
            return redirect("tsp:own_ticks", sheet.pk)
    here = tick_areas(form, "student", stored_answers(sheet), saving)[place]
    context = {
        "sheet": sheet,
        "area": here,
        "slug": area,
        "number": place + 1,
        "of": len(form.areas),
        "is_last": place + 1 == len(form.areas),
    }
    status = saving.status if saving else 200
    return own_page(request, "tsp/own_tick_area.html", sheet.student, context, status=status)


def _ticked(request: SchoolRequest, pk: int) -> Sheet:
    sheet = my_sheet(request, pk)
    if not TOOLS[sheet.tool].ticks:
        raise Http404
    return sheet
