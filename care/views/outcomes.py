"""The outcomes of the plan in force: adding, wording, how they ended."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student

from ..actions import ehc_plan as actions
from ..earliest import since_birth
from ..forms.ehc_plan import OutcomeForm, OutcomeStatusForm
from ..models import Outcome
from .ehc_plan import form_page, is_superseded, refused


@permission_required(Can.EDIT_PLANS, GET_POST)
@keeps_typed
def add(request: SchoolRequest, pk: int) -> HttpResponse:
    """One outcome more in the version in force; its number is the next one, unless the plan says otherwise."""
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    plan = get_object_or_404(student.plans.current())
    plan.student = student
    highest = plan.outcomes.aggregate(highest=Max("number"))["highest"] or 0
    form = since_birth(OutcomeForm(posted(request), initial={"number": highest + 1}), student)
    made = save(request, form, lambda: actions.add_outcome(plan=plan, fields=form.columns(), by=request.user))
    if made is not None:
        messages.success(request, f"Outcome {made.number} is added.")
        return redirect(_back(pk, made))
    if form.refused is not None and is_superseded(plan):
        return refused(request, plan)
    return form_page(request, "care/outcome_add.html", student, form, {"plan": plan})


@permission_required(Can.EDIT_PLANS, GET_POST)
@keeps_typed
def edit(request: SchoolRequest, pk: int, outcome_id: int) -> HttpResponse:
    """Wording, tags and date of an outcome."""
    outcome = _outcome(request, pk, outcome_id)
    if is_superseded(outcome.plan):
        return refused(request, outcome.plan)
    form = since_birth(OutcomeForm(posted(request), outcome=outcome), outcome.plan.student)
    saved = save(
        request,
        form,
        lambda: actions.edit_outcome(
            outcome=outcome, fields=form.columns(), version=outcome.version, by=request.user
        ),
    )
    if form.refused is not None and is_superseded(outcome.plan):
        return refused(request, outcome.plan)
    if saved is not None:
        messages.success(request, f"Outcome {saved.number} is saved.")
        return redirect(_back(pk, saved))
    return form_page(request, "care/outcome_edit.html", outcome.plan.student, form, {"outcome": outcome})


@permission_required(Can.EDIT_PLANS, GET_POST)
def status(request: SchoolRequest, pk: int, outcome_id: int) -> HttpResponse:
    """Achieved, no longer sought, or open again."""
    outcome = _outcome(request, pk, outcome_id)
    if is_superseded(outcome.plan):
        return refused(request, outcome.plan)
    form = since_birth(OutcomeStatusForm(posted(request), outcome=outcome), outcome.plan.student)
    saved = save(
        request,
        form,
        lambda: actions.set_status(
            outcome=outcome,
            status=form.cleaned_data["status"],
            closed_on=form.cleaned_data["closed_on"],
            note=form.cleaned_data["closed_note"],
            version=outcome.version,
            by=request.user,
        ),
    )
    if form.refused is not None and is_superseded(outcome.plan):
        return refused(request, outcome.plan)
    if saved is not None:
        words = saved.get_status_display().lower()
        messages.success(request, f"Outcome {saved.number} is marked as {words}.")
        return redirect(_back(pk, saved))
    return form_page(request, "care/outcome_status.html", outcome.plan.student, form, {"outcome": outcome})


@permission_required(Can.EDIT_PLANS, GET_POST)
def remove(request: SchoolRequest, pk: int, outcome_id: int) -> HttpResponse:
    """Take out an outcome that is not in the plan; asked once more first."""
    outcome = _outcome(request, pk, outcome_id)
    if is_superseded(outcome.plan):
        return refused(request, outcome.plan)
    if request.method == "POST":
        _, no = attempt(lambda: actions.remove_outcome(outcome=outcome, by=request.user))
        if no is not None:
            return refused(request, outcome.plan, str(no))
        messages.success(request, f"Outcome {outcome.number} is taken out of the plan.")
        return redirect("care:plan", pk=pk)
    return form_page(request, "care/outcome_remove.html", outcome.plan.student, None, {"outcome": outcome})


def _outcome(request: SchoolRequest, pk: int, outcome_id: int) -> Outcome:
    rows = Outcome.objects.select_related("plan__student")
    return get_visible_or_404(rows, request, Can.EDIT_PLANS, plan__student=pk, pk=outcome_id)


def _back(pk: int, outcome: Outcome) -> str:
    return f"{reverse('care:plan', args=[pk])}#outcome-{outcome.pk}"
