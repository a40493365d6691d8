"""Per outcome of the EHC plan: all that bears on it since the last review, and the keyworker's judgement."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from care.models import Outcome
from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student
from students.record import record_context

from ..actions import judge as judge_outcome
from ..outcomes import outcomes_view
from ..step_forms import JudgementForm
from .write import refused


@permission_required(Can.VIEW_TSP, GET)
def outcomes(request: SchoolRequest, pk: int) -> HttpResponse:
    """Goals, ratings and evidence outcome by outcome, for an annual review (domain 2.6)."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_TSP, pk=pk)
    opened(request, student, "outcomes")
    shown = outcomes_view(student, request.user, school=request.school)
    context = {
        "shown": shown,
        "judges": allows(request.user, Can.JUDGE_OUTCOMES, student),
        "in_term": request.school.calendar.term_on(clock.today()) is not None,
    }
    return render(request, "goals/outcomes.html", context | record_context(request, student, "tsp"))


@permission_required(Can.JUDGE_OUTCOMES, GET_POST)
@keeps_typed
def judge(request: SchoolRequest, pk: int, outcome_id: int) -> HttpResponse:
    """The keyworker's word on one outcome, today; the ones before it stay."""
    rows = Outcome.objects.in_force().select_related("plan__student")
    outcome = get_visible_or_404(rows, request, Can.JUDGE_OUTCOMES, plan__student=pk, pk=outcome_id)
    student = outcome.plan.student
    back = f"{reverse('goals:outcomes', args=[pk])}#outcome-{outcome.pk}"
    if outcome.status != Outcome.Status.OPEN:
        words = f"Outcome {outcome.number} is marked as {outcome.get_status_display().lower()} in the plan"
        return refused(request, student, words, back)
    newest = outcome.judgements.select_related("by").order_by("-made_on", "-pk").first()
    form = JudgementForm(posted(request), initial={"seen": newest.pk if newest else 0})
    made = save(
        request,
        form,
        lambda: judge_outcome(
            by=request.user,
            outcome=outcome,
            word=form.cleaned_data["word"],
            words=form.cleaned_data["words"],
            seen=form.cleaned_data["seen"] or 0,
        ),
    )
    if made is not None:
        messages.success(request, f"Your judgement of outcome {outcome.number} is saved.")
        return redirect(back)
    if form.is_overtaken:  # both judgements stay: saving again adds to theirs
        form.retype("seen", str(form.newer.pk) if form.newer else "0")
    context = {"outcome": outcome, "newest": newest, "theirs": form.newer, "form": form, "back_url": back}
    page = context | record_context(request, student, "tsp")
    return render(request, "goals/judge.html", page, status=form.status)
