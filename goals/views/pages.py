"""Reading goals: those of a term and what they came to, one goal whole, those that wait for a second adult; and per
outcome of the EHC plan all that bears on it since the last review, and the keyworker's judgement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from care.models import Outcome
from keywork import clock, goal_links
from keywork.access import Can, allows, has_capability
from keywork.audit import opened, opened_each
from keywork.calendar import term_name
from keywork.dates import london_date
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student
from students.record import record_page
from tsp.models import Goal
from tsp.questions import templates
from tsp.rating import rules

from .. import sources as goal_sources
from ..actions import judge as judge_outcome
from ..actions import serving_term, writers
from ..gas_scales import above_expected, being_written, in_force, standing_score, waiting_for
from ..lines import column, goal_lines, goal_rows, steps_of
from ..outcomes import outcomes_view
from ..step_forms import JudgementForm
from .write import goal_or_404, refused


@permission_required(Can.VIEW_TSP, GET)
def goals(request: SchoolRequest, pk: int) -> HttpResponse:
    """The goals of a term and what they came to (domain 2.5): levels in words first, T last."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_TSP, pk=pk)
    opened(request, student, "goals")
    context = _terms(request, Goal.objects.filter(student=student))
    shown = goal_lines(student, context["term"], request.user)
    context |= {
        "goals": shown,
        "own": [line for line in shown if line.term == context["term"]],
        "carried": [line for line in shown if line.term != context["term"]],
        "result": shown.attainment,
    }
    return record_page(request, student, "tsp", "goals/goals.html", context)


@permission_required(Can.VIEW_TSP, GET)
def goal(request: SchoolRequest, pk: int) -> HttpResponse:
    """One goal: its scale, what was agreed, every score, what may be done next."""
    row = goal_or_404(request, Can.VIEW_TSP, pk)
    student, user = row.student, request.user
    opened(request, student, "goal")
    whole = next(one for one in goal_rows(student.pk) if one.pk == row.pk)
    whole.student = student
    shown = column(student, whole.term, user, "staff", [whole])
    agreed, written = in_force(whole.all_scales), being_written(whole.all_scales)
    keeps, checks = allows(user, Can.KEEP_GOALS, student), allows(user, Can.CHECK_GOALS, student)
    line = shown.lines[0]
    form = templates.version(whole.template_id)
    wrote = written is not None and user.pk in writers(written)
    scorers = {
        score.by_id
        for score in whole.all_scores
        if agreed and score.scale_id == agreed.pk and not score.second and score.voided_at is None
    }
    context = {
        "goal": whole,
        "line": line,
        "agreed": agreed,
        "written": written,
        "current": agreed or written,
        "origin": goal_links.origin(whole.grew_from, whole.student_id) if whole.grew_from else None,
        "statement": form.statements[whole.statement].staff if whole.statement else "",
        "pfa": [choice.label for choice in Outcome.Pfa if choice in whole.pfa],
        "new_steps": steps_of(written, None) if agreed and written else (),
        "scores": _scores(request, whole, keeps),
        "earlier": [
            (one, steps_of(one, None)) for one in whole.all_scales if one.agreed_at and one is not agreed
        ],
        "level": standing_score(whole.all_scores, agreed),
        "keeps": keeps and line.is_active,
        "may_check": bool(checks and line.is_active and written and written.asked_at and not wrote),
        "wrote": wrote,
        "may_second": bool(checks and line.is_active and agreed and user.pk not in scorers),
        "weighted": request.school.policy(london_date(whole.started_at)).tsp_goal_weights,
        "term_words": term_name(whole.term),
    }
    return record_page(request, student, "tsp", "goals/goal.html", context)


def _scores(request: SchoolRequest, whole: Any, keeps: bool) -> list[dict[str, Any]]:
    """Each score with what it rests on (`entry`), if this reader may read it."""
    wanted = {(one.source_kind, one.source_pk) for one in whole.all_scores if one.source_kind}
    entries = goal_sources.readable(whole.student, request.user, wanted, school=request.school)
    scales = {one.pk: one for one in whole.all_scales}
    may_void = keeps and whole.withdrawn_at is None
    return [
        {
            "score": one,
            "label": rules.level_label(one.level),
            "level": rules.level_in_words(one.level, one.partial),
            "words": scales[one.scale_id].levels[one.level],
            "entry": entries.get((one.source_kind, one.source_pk)),
            "hidden": bool(one.source_kind) and (one.source_kind, one.source_pk) not in entries,
            "void_url": reverse("goals:score_void", args=[one.pk])
            if may_void and one.voided_at is None
            else "",
        }
        for one in whole.all_scores
    ]


def _terms(request: SchoolRequest, goals: Any) -> dict[str, Any]:
    """The terms to choose from, this one and those with any of these goals, and the one that is asked for."""
    known = sorted(set(goals.values_list("term", flat=True)), reverse=True)
    now = serving_term(request.school.calendar)
    terms = known if now in known else [now, *known]
    term = request.GET.get("term", "")
    term = term if term in terms else now
    return {
        "term": term,
        "term_words": term_name(term),
        "terms": [(one, term_name(one)) for one in terms],
        "is_now": term == now,
    }


@permission_required(Can.CHECK_GOALS, GET)
def to_check(request: SchoolRequest) -> HttpResponse:
    """Scales that wait for a second adult, oldest first: those this person may check, and those they wrote."""
    rows = waiting_for(request.user)
    opened_each(request, {row.goal.student_id for row in rows}, "goals to check")
    context = {
        "rows": [row for row in rows if not row.mine],
        "mine": [row for row in rows if row.mine],
        "follows": has_capability(request.user, Can.FOLLOW_TSP),
    }
    return render(request, "goals/to_check.html", context)


@permission_required(Can.FOLLOW_TSP, GET)
def difficulty(request: SchoolRequest) -> HttpResponse:
    """How many goals were scored above what was expected, for those who oversee them (domain 2.5)."""
    context = _terms(request, Goal.objects.visible_to(request.user, Can.FOLLOW_TSP))
    context["share"] = above_expected(request.user, context["term"])
    return render(request, "goals/difficulty.html", context)


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
    return record_page(request, student, "tsp", "goals/outcomes.html", context)


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
    return record_page(request, student, "tsp", "goals/judge.html", context, form.status)
