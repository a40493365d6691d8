"""Support before a plan: the cycles, who may be put forward, and the clock of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.dates import day_in_full, number_of_days
from keywork.editing import save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student
from students.record import record_context, record_form

from ..earliest import since_birth
from ..models import EhcPlan
from ..over import Over, unless_over
from . import actions, rules
from .forms import CycleForm, RequestForm
from .models import NeedsAssessment, SupportCycle

TITLES = {
    "decide": "The authority says whether it assesses, within six weeks",
    "no_plan": "If there will be no plan, it says so by week 16",
    "comments": "The family may answer the draft, for at least 15 days",
    "final": "The final plan, by week 20",
}
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class StepLine:
    title: str
    when: str
    level: str
    word: str


def step_lines(assessment: NeedsAssessment, today: date) -> list[StepLine]:
    """The clock of a request in words."""
    is_over = assessment.facts.is_over
    found = []
    for step in rules.steps_of(assessment.facts):
        away = (step.due_on - today).days
        if step.done_on is not None:
            level, word = "ok", "Done" if step.done_on <= step.due_on else "Done late"
        elif not step.needed or is_over:
            level, word = "none", "Not required"
        elif away < 0:
            level, word = "overdue", f"{number_of_days(-away)} late"
        else:
            level, word = ("soon", "Soon") if away <= SOON_DAYS else ("open", "To come")
        done = f" {day_in_full(step.done_on, today)}." if step.done_on else ""
        found.append(StepLine(TITLES[step.slug], f"By {day_in_full(step.due_on, today)}.{done}", level, word))
    return found


def _over(
    request: SchoolRequest, pk: int, cycle_id: int | None = None, assessment_id: int | None = None
) -> Over | None:
    model, row_id = (SupportCycle, cycle_id) if cycle_id is not None else (NeedsAssessment, assessment_id)
    row = _row(request, model, pk, row_id)
    if row.voided_at is None:
        return None
    url = reverse("care:assessment", args=[pk])
    return Over(row.student, actions.TAKEN_BACK, "See the support before a plan", url, "plan")


@permission_required(Can.VIEW_REVIEWS, GET)
def support(request: SchoolRequest, pk: int) -> HttpResponse:
    """The request that is open, the cycles, and what speaks for putting the student forward."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_REVIEWS, pk=pk)
    opened(request, student, "support before a plan")
    cycles = list(SupportCycle.objects.filter(student=student))
    asked = list(NeedsAssessment.objects.filter(student=student))
    done = sum(one.voided_at is None and one.reviewed_on is not None for one in cycles)
    has_plan = EhcPlan.objects.filter(student=student).exists()
    today = clock.today()
    context = {
        "cycles": cycles,
        "today": today,
        "requests": [(one, step_lines(one, today)) for one in asked],
        "is_asked": any(one.voided_at is None and not one.facts.is_over for one in asked),
        "eligible": rules.Eligible(has_plan, len(student.needs), done),
        "edits": allows(request.user, Can.EDIT_PLANS, student),
        "packs": allows(request.user, Can.MAKE_PACK, student),
        **record_context(request, student, "plan"),
    }
    return render(request, "care/support.html", context)


@permission_required(Can.EDIT_PLANS, GET_POST)
@keeps_typed
def cycle_add(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    form = since_birth(CycleForm(posted(request), initial={"starts_on": clock.today()}), student)
    made = save(
        request,
        form,
        lambda: actions.begin_cycle(by=request.user, student=student, fields=form.details()),
    )
    if made is not None:
        messages.success(request, f"Cycle {made.number} is saved.")
        return redirect("care:assessment", pk=pk)
    return _form(request, student, form, "A cycle of support", "A new cycle of support")


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
@keeps_typed
def cycle(request: SchoolRequest, pk: int, cycle_id: int) -> HttpResponse:
    """What was given, and what came of it."""
    one = _row(request, SupportCycle, pk, cycle_id)
    form = since_birth(CycleForm(posted(request), cycle=one), one.student)
    saved = save(
        request,
        form,
        lambda: actions.edit_cycle(by=request.user, cycle=one, fields=form.details(), version=one.version),
    )
    if saved is not None:
        messages.success(request, f"Cycle {one.number} is saved.")
        return redirect("care:assessment", pk=pk)
    away = reverse("care:cycle_void", args=[pk, one.pk])
    return _form(request, one.student, form, f"Cycle {one.number} of support", "A cycle of support", away)


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
def cycle_void(request: SchoolRequest, pk: int, cycle_id: int) -> HttpResponse:
    """It was never given, or written for somebody else."""
    one = _row(request, SupportCycle, pk, cycle_id)
    return _void(request, one, f"Take cycle {one.number} back", "Taking a cycle back")


@permission_required(Can.EDIT_PLANS, GET_POST)
@keeps_typed
def request_add(request: SchoolRequest, pk: int) -> HttpResponse:
    """A request to the authority: its weeks run from this day."""
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    initial = {"authority": student.maintained_by, "requested_by": "school"}
    form = since_birth(RequestForm(posted(request), initial=initial), student)
    made = save(
        request, form, lambda: actions.ask_for(by=request.user, student=student, fields=form.details())
    )
    if made is not None:
        by = day_in_full(rules.clock_of(made.requested_on).decide_by)
        messages.success(request, f"It is written down. The authority answers by {by}.")
        return redirect("care:assessment", pk=pk)
    return _form(request, student, form, "Ask for an EHC needs assessment", "Asking for a needs assessment")


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
@keeps_typed
def request_edit(request: SchoolRequest, pk: int, assessment_id: int) -> HttpResponse:
    one = _row(request, NeedsAssessment, pk, assessment_id)
    form = since_birth(RequestForm(posted(request), assessment=one), one.student)
    saved = save(
        request,
        form,
        lambda: actions.edit_request(
            by=request.user, assessment=one, fields=form.details(), version=one.version
        ),
    )
    if saved is not None:
        messages.success(request, "It is saved.")
        return redirect("care:assessment", pk=pk)
    away = reverse("care:assessment_void", args=[pk, one.pk])
    return _form(request, one.student, form, "The EHC needs assessment", "A needs assessment", away)


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
def request_void(request: SchoolRequest, pk: int, assessment_id: int) -> HttpResponse:
    one = _row(request, NeedsAssessment, pk, assessment_id)
    return _void(request, one, "Take the request back", "Taking a request back")


def _row(request: SchoolRequest, model: Any, pk: int, row_id: int | None) -> Any:
    rows = model.objects.select_related("student")
    return get_visible_or_404(rows, request, Can.EDIT_PLANS, student=pk, pk=row_id)


def _void(request: SchoolRequest, row: Any, title: str, page: str) -> HttpResponse:
    form, done = save_reason(
        request,
        lambda reason: actions.take_back(by=request.user, row=row, reason=reason),
        button="Take it back",
        missing="Say why",
    )
    if done is not None:
        messages.success(request, "It is taken back, and stays on the page crossed out.")
        return redirect("care:assessment", pk=row.student_id)
    return _form(request, row.student, form, title, page)


def _form(
    request: SchoolRequest, student: Student, form: Any, title: str, page: str, take_back: str = ""
) -> HttpResponse:
    more = {"take_back_url": take_back, "template": "care/support_form.html"}
    back = reverse("care:assessment", args=[student.pk])
    return record_form(request, student, "plan", form, title=title, page=page, back=back, **more)
