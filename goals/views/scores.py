"""Scoring goals: the keyworker's score, an independent second view, what was wrong, the end."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork.access import Can
from keywork.editing import save
from keywork.forms import ReasonForm
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.record import record_page
from tsp.models import Goal, GoalScore

from .. import score_actions as actions
from .. import sources as goal_sources
from ..gas_scales import in_force
from ..lines import steps_of
from ..step_forms import ScoreForm
from .write import because, goal_or_404, pressed, refused


@permission_required(Can.KEEP_GOALS, GET_POST)
def score(request: SchoolRequest, pk: int) -> HttpResponse:
    goal = goal_or_404(request, Can.KEEP_GOALS, pk)
    return _score(request, goal, second=False)


@permission_required(Can.CHECK_GOALS, GET_POST)
def second(request: SchoolRequest, pk: int) -> HttpResponse:
    """Another adult's own view of the same goal; the page does not tell them the score there is."""
    goal = goal_or_404(request, Can.CHECK_GOALS, pk)
    return _score(request, goal, second=True)


def _score(request: SchoolRequest, goal: Goal, *, second: bool) -> HttpResponse:
    student, back = goal.student, reverse("goals:goal", args=[goal.pk])
    scale, why = in_force(list(goal.scales.all())), actions.why_not_scored(goal)
    if scale is None or why:
        return refused(request, student, why, back)
    if second and actions.has_scored(request.user, scale):
        return refused(request, student, actions.YOU_SCORED, back)
    sources = goal_sources.offered(student, request.user, since=scale.agreed_on, school=request.school)
    form = ScoreForm(posted(request), scale=scale, known_as=student.known_as, sources=sources, second=second)

    def score() -> GoalScore:
        given = form.cleaned_data
        return actions.score_goal(
            by=request.user,
            goal=goal,
            scale_id=given["scale"],
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
        form.retype("scale", str(scale.pk))
    context = {
        "goal": goal,
        "scale": scale,
        "steps": steps_of(scale, None),
        "form": form,
        "second": second,
        "conflict": form.is_overtaken,
        "back_url": back,
    }
    return record_page(request, student, "tsp", "goals/score.html", context, form.status)


@permission_required(Can.KEEP_GOALS, POST)
def end(request: SchoolRequest, pk: int) -> HttpResponse:
    goal = goal_or_404(request, Can.KEEP_GOALS, pk)
    said = "The goal has ended at its last score."
    return pressed(request, goal, lambda: actions.close_goal(by=request.user, goal=goal), said)


@permission_required(Can.KEEP_GOALS, GET_POST)
def void(request: SchoolRequest, pk: int) -> HttpResponse:
    """Cross a score out with a reason; the one before it is the level again."""
    row = get_visible_or_404(
        GoalScore.objects.select_related("goal__student", "by"), request, Can.KEEP_GOALS, pk=pk
    )
    if row.voided_at is not None:
        back = reverse("goals:goal", args=[row.goal_id])
        return refused(request, row.goal.student, "It was crossed out already", back)
    return because(
        request,
        row.goal,
        ReasonForm(
            posted(request), button="Cross it out", missing="Say why the score is crossed out", rows=2
        ),
        partial(actions.void_score, by=request.user, score=row),
        said="The score is crossed out. It stays in the record with your reason.",
        template="goals/void.html",
        score=row,
    )
