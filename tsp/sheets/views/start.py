"""Beginning a sheet: with the student, with one parent, as a colleague, after a conflict, or in one screen."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import save
from keywork.errors import NotWhole
from keywork.form_drafts import FormDrafts
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.saving import Saving, Typed
from keywork.words import worded
from questionnaires import fields
from questionnaires.bound_questions import Stored, bind_questions
from students.models import Student

from ...models import Sheet, Tool
from ...questions import templates
from .. import actions
from .. import permissions as sheet_permissions
from ..forms import ConversationForm, DeclineForm, RestorativeForm
from ..lines import people_at_home
from ..soft_tools import ASKED_TO_SHARE, TOOLS
from .pages import framed

DRAFT = "observation"  # the name under which what is typed is kept until it is saved
WITH_PEOPLE = [tool for tool, soft_tool in TOOLS.items() if soft_tool.staff_fill == Can.FILL_SHEETS]


def _tool(slug: str) -> templates.Tool:
    form = templates.current()
    if slug not in WITH_PEOPLE or not form.has(slug):
        raise Http404
    return form.tool(slug)


@permission_required(Can.FILL_SHEETS, GET_POST)
def start(request: SchoolRequest, pk: int, tool: str) -> HttpResponse:
    """Begin one of the tools filled in with the student or with home; an open one is gone on with."""
    student = get_visible_or_404(Student.objects.all(), request, Can.FILL_SHEETS, pk=pk)
    shown = _tool(tool)
    links = people_at_home(student) if tool == Tool.PARENT else []
    form = ConversationForm(posted(request), links=links) if tool == Tool.PARENT else None
    if form is None and request.method == "POST":
        return _begin(request, student, tool)

    def begin() -> HttpResponse:
        assert form is not None
        member, day = form.members[form.cleaned_data["member"]], form.cleaned_data["happened_on"]
        return _begin(request, student, tool, member=member, happened_on=day)

    if form is not None and (begun := save(request, form, begin)) is not None:
        return begun
    context = {
        "tool": shown,
        "slug": tool,
        "form": form,
        "links": links,
        "open_one": None if form else _open(request, student, tool),
        "asks_home": tool in ASKED_TO_SHARE,
        "back_url": reverse("tsp:sheets", args=[student.pk]),
    }
    return framed(request, "tsp/sheet_start.html", student, context, form.status if form else 200)


def _open(request: SchoolRequest, student: Student, tool: str) -> Sheet | None:
    rows = sheet_permissions.known(request.user).filter(
        student=student, tool=tool, done_at__isnull=True, declined_at__isnull=True, voided_at__isnull=True
    )
    return rows.exclude(wording=Sheet.Wording.PARENT).first()


def _begin(request: SchoolRequest, student: Student, tool: str, **more: Any) -> HttpResponse:
    term = actions.term_of(more.get("happened_on") or clock.today(), request.school)
    sheet = actions.start_sheet(by=request.user, student=student, tool=tool, term=term, **more)
    if not sheet_permissions.may_fill(request.user, sheet):
        whose = student.known_as if sheet.wording == Sheet.Wording.STUDENT else "Home"
        messages.info(request, f"{whose} has begun this alone. You read it once it is done.")
        return redirect("tsp:sheet", pk=sheet.pk)
    return redirect("tsp:sheet_fill", pk=sheet.pk)


@permission_required(Can.FILL_SHEETS, GET_POST)
def declined(request: SchoolRequest, pk: int, tool: str) -> HttpResponse:
    """They were asked and would rather not: written down in their words, and nothing is held against them."""
    student = get_visible_or_404(Student.objects.all(), request, Can.FILL_SHEETS, pk=pk)
    shown = _tool(tool)
    form = DeclineForm(posted(request), links=people_at_home(student) if tool == Tool.PARENT else None)
    made = save(
        request,
        form,
        lambda: actions.start_declined(
            by=request.user,
            student=student,
            tool=tool,
            term=actions.term_of(clock.today(), request.school),
            words=form.cleaned_data["words"],
            member=form.members.get(form.cleaned_data.get("member", "")),
        ),
    )
    if made is not None:
        messages.success(request, "Written down. It can be asked again whenever it suits them.")
        return redirect("tsp:sheets", pk=student.pk)
    back = reverse("tsp:sheet_start", args=[student.pk, tool])
    context = {"tool": shown, "form": form, "back_url": back}
    return framed(request, "tsp/sheet_declined.html", student, context, form.status)


@permission_required(Can.ADD_INPUT, GET_POST)
def input_add(request: SchoolRequest, pk: int) -> HttpResponse:
    """A colleague's own entry of the team input: what it is for, then a form that saves itself."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ADD_INPUT, pk=pk)
    term = actions.term_of(clock.today(), request.school)
    if request.method == "POST":
        return _begin(request, student, Tool.TEAM)
    mine = Sheet.objects.standing().filter(student=student, tool=Tool.TEAM, author=request.user, term=term)
    context = {
        "tool": templates.current().tool(Tool.TEAM),
        "mine": list(mine.select_related("student", "author")),
    }
    return framed(request, "tsp/sheet_input.html", student, context)


@permission_required(Can.RECORD_RESTORATIVE, GET_POST)
def restorative_add(request: SchoolRequest, pk: int) -> HttpResponse:
    """A restorative conversation: one record for each student who took part and is this person's to write about."""
    student = get_visible_or_404(Student.objects.all(), request, Can.RECORD_RESTORATIVE, pk=pk)
    theirs = Student.objects.visible_to(request.user, Can.RECORD_RESTORATIVE)
    given = {"students": list(theirs.on_roll(clock.today()) | theirs.filter(pk=student.pk))}
    form = RestorativeForm(
        posted(request),
        initial={"students": [str(student.pk)], "happened_on": clock.today()},
        **given,
    )

    def begin() -> list[Sheet]:
        day = form.cleaned_data["happened_on"]
        return actions.start_restorative(
            by=request.user,
            students=form.chosen(),
            term=actions.term_of(day, request.school),
            happened_on=day,
        )

    made = save(request, form, begin)
    if made is not None:
        first = next((one for one in made if one.student_id == student.pk), made[0])
        if len(made) > 1:
            begun = f"{len(made)} records begun, one for each {worded('student')}."
            messages.success(request, f"{begun} This is {first.student.known_as}’s.")
        return redirect("tsp:sheet_fill", pk=first.pk)
    context = {"form": form, "back_url": reverse("tsp:sheets", args=[student.pk])}
    return framed(request, "tsp/sheet_restorative.html", student, context, form.status)


@permission_required(Can.OBSERVE, GET_POST)
def observe(request: SchoolRequest, pk: int) -> HttpResponse:
    """Something seen, in one screen; `?statement=<slug>` ticks what it is evidence for."""
    student = get_visible_or_404(Student.objects.all(), request, Can.OBSERVE, pk=pk)
    form = templates.current()
    tool = form.tool(Tool.OBSERVATION)
    stored = {"when": Stored(clock.today().isoformat())}
    asked = request.GET.get("statement", "")
    if asked in form.statements:
        stored["statements"] = Stored([asked])
    saving, status = None, 200
    drafts = FormDrafts(request, DRAFT, student.pk, begins_anew=bool(asked))
    if (answer := drafts.answer(request.path)) is not None:
        return answer
    if request.method == "POST" and "discard" in request.POST:
        drafts.end()
        return redirect("tsp:observe", pk=student.pk)
    draft = drafts.chosen
    if draft is not None:
        saving = Saving(mine={one.slug: tuple(draft.data.get(one.slug, ())) for one in tool.fields})
    if request.method == "POST":
        saving, status = Saving(), 422
        values = _values(request, tool, form, saving)
        day = date.fromisoformat(values["when"]) if values.get("when") else clock.today()

        def write() -> None:
            actions.write_whole(
                by=request.user,
                student=student,
                tool=Tool.OBSERVATION,
                term=actions.term_of(day, request.school),
                values=values,
            )
            drafts.end()

        if not saving.errors:
            _, no = attempt(write)
            if no is None:
                messages.success(request, "Observation saved. It stands on the timeline.")
                return redirect("tsp:sheets", pk=student.pk)
            saving.errors |= no.missing if isinstance(no, NotWhole) else {"when": str(no)}
        drafts.keep()
    drawn = bind_questions(tool.fields, form, "staff", stored, saving)
    context = {
        "draft": draft,
        "drafts": drafts,
        "draft_url": reverse("keywork:draft", args=[student.pk, DRAFT]),
        "saved_at": draft.updated_at if draft else None,
        "tool": tool,
        "questions": drawn,
        "problems": problems(drawn, saving),
        "back_url": reverse("tsp:sheets", args=[student.pk]),
    }
    return framed(request, "tsp/sheet_observe.html", student, context, status)


def _values(
    request: SchoolRequest, tool: templates.Tool, form: templates.Template, saving: Saving
) -> dict[str, Any]:
    """Every question's value as it came; what is wrong goes to `saving`, what was typed stays there."""
    values = {}
    for one in tool.fields:
        typed = Typed(one.slug, tuple(request.POST.getlist(one.slug)), 0, "")
        saving.mine[one.slug] = typed.values
        try:
            values[one.slug] = fields.parse(one, typed.values, form)
        except fields.Wrong as wrong:
            saving.wrong(typed, str(wrong))
    return values


def problems(drawn: list[Any], saving: Saving | None) -> list[tuple[str, str]]:
    """What the error summary lists: sentence and where it leads."""
    if saving is None:
        return []
    places = {"share": "share-yes"} | {box.name: box.first_id for box in drawn}
    return [(words, places.get(name, "")) for name, words in saving.errors.items()]
