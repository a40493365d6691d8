"""Scoring goals: the keyworker's score, an independent second view, what was wrong, the end."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keywork.access import Can
from keywork.attempts import attempt
from keywork.dates import london_date
from keywork.editing import save
from keywork.guards import get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from students.record import record_context
from tsp.models import Goal, GoalScore

from .. import score_actions as actions
from .. import sources as goal_sources
from ..gas_scales import in_force
from ..lines import steps_of
from ..step_forms import ReasonForm, ScoreForm
from .write import FORM_METHODS, refused


@require_http_methods(FORM_METHODS)
@permission_required(Can.KEEP_GOALS)
def score(request: SchoolRequest, pk: int) -> HttpResponse:
    """Where the student stands now, and how it is known."""
    goal = get_visible_or_404(Goal.objects.select_related("student"), request, Can.KEEP_GOALS, pk=pk)
    return _score(request, goal, second=False)


@require_http_methods(FORM_METHODS)
@permission_required(Can.CHECK_GOALS)
def second(request: SchoolRequest, pk: int) -> HttpResponse:
    """Another adult's own view of the same goal; the page does not tell them the score there is."""
    goal = get_visible_or_404(Goal.objects.select_related("student"), request, Can.CHECK_GOALS, pk=pk)
    return _score(request, goal, second=True)


def _score(request: SchoolRequest, goal: Goal, *, second: bool) -> HttpResponse:
    student, back = goal.student, reverse("goals:goal", args=[goal.pk])
    ladder = in_force(list(goal.ladders.all()))
    if goal.withdrawn_at or goal.closed_at or ladder is None:
        words = "The goal is scored once its levels are agreed"
        if goal.withdrawn_at:
            words = "This goal was withdrawn, so it is not scored any more"
        elif goal.closed_at:
            words = "This goal has ended. Cross its last score out if that was wrong"
        return refused(request, student, words, back)
    if second and goal.scores.standing().filter(ladder=ladder, second=False, by=request.user).exists():
        words = "You scored this goal, so somebody else gives the second view"
        return refused(request, student, words, back)
    sources = goal_sources.offered(
        student,
        request.user,
        since=london_date(ladder.agreed_at),  # type: ignore[arg-type]  # in force means agreed
        school=request.school,
    )
    make = partial(ScoreForm, ladder=ladder, known_as=student.known_as, sources=sources, second=second)
    form = make()
    if request.method == "POST":
        form = make(request.POST)

        def score() -> GoalScore:
            given = form.cleaned_data
            return actions.score_goal(
                by=request.user,
                goal=goal,
                ladder_id=given["ladder"],
                level=given["level"],
                partial=given.get("partial", False),
                scored_on=given["scored_on"],
                evidence=given["evidence"],
                source=form.source_chosen(),
                second=second,
                end=given.get("end", False),
            )

        if save(request, form, score) is not None:
            messages.success(request, "Your view is saved beside the score." if second else "Score saved.")
            return redirect("goals:goal", pk=goal.pk)
        if form.is_overtaken:  # the same words, to be placed on the levels that are in force now
            form.retype("ladder", str(ladder.pk))
    context = {
        "goal": goal,
        "ladder": ladder,
        "steps": steps_of(ladder, None),
        "form": form,
        "second": second,
        "conflict": form.is_overtaken,
        "back_url": back,
    }
    page = context | record_context(request, student, "tsp")
    return render(request, "goals/score.html", page, status=form.status)


@require_POST
@permission_required(Can.KEEP_GOALS)
def end(request: SchoolRequest, pk: int) -> HttpResponse:
    """The goal ends at the level it has."""
    goal = get_visible_or_404(Goal.objects.select_related("student"), request, Can.KEEP_GOALS, pk=pk)
    _, no = attempt(lambda: actions.close_goal(by=request.user, goal=goal))
    if no is not None:
        return refused(request, goal.student, str(no), reverse("goals:goal", args=[pk]))
    messages.success(request, "The goal has ended at its last score.")
    return redirect("goals:goal", pk=pk)


@require_http_methods(FORM_METHODS)
@permission_required(Can.KEEP_GOALS)
def void(request: SchoolRequest, pk: int) -> HttpResponse:
    """Cross a score out with a reason; the one before it is the level again."""
    row = get_visible_or_404(
        GoalScore.objects.select_related("goal__student", "by"), request, Can.KEEP_GOALS, pk=pk
    )
    student, back = row.goal.student, reverse("goals:goal", args=[row.goal_id])
    if row.voided_at is not None:
        return refused(request, student, "It was crossed out already", back)
    make = partial(ReasonForm, button="Cross it out", sentence="Say why the score is crossed out")
    form = make(request.POST if request.method == "POST" else None)
    done = save(
        request,
        form,
        lambda: actions.void_score(by=request.user, score=row, reason=form.cleaned_data["reason"]),
    )
    if done is not None:
        messages.success(request, "The score is crossed out. It stays in the record with your reason.")
        return redirect(back)
    if form.refused is not None:
        return refused(request, student, str(form.refused), back)
    context = {"score": row, "goal": row.goal, "form": form, "back_url": back}
    page = context | record_context(request, student, "tsp")
    return render(request, "goals/void.html", page, status=form.status)
