"""Writing goals: begun, changed, sent to a second adult, checked, withdrawn. Two editors never overwrite each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from care.models import Outcome
from keywork import clock, goal_links
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import shows_nothing
from keywork.editing import save
from keywork.errors import ChangedMeanwhile
from keywork.form_drafts import FormDrafts, begun
from keywork.forms import ReasonForm
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.numbers import number_in
from students.models import Student
from students.record import record_page
from tsp.models import GasScale, Goal
from tsp.questions import templates

from .. import actions
from ..forms import GoalForm, LevelsForm
from ..gas_scales import being_written, in_force
from ..lines import steps_of
from ..step_forms import CheckForm


@permission_required(Can.KEEP_GOALS, GET_POST)
def add(request: SchoolRequest, pk: int) -> HttpResponse:
    """A new goal. `?statement=`, `?area=` or `?from=` (keywork.goal_links) name what it grows from."""
    student = get_visible_or_404(Student.objects.all(), request, Can.KEEP_GOALS, pk=pk)
    if no := actions.too_many(student):
        return refused(request, student, no, reverse("goals:goals", args=[pk]))
    if (answer := begun(FormDrafts(request, "goal-new", student.pk))) is not None:
        return answer
    template = templates.current()
    form = _goal_form(request, student, template, initial=_begin(request, template, student))
    made = save(
        request,
        form,
        lambda: actions.start_goal(
            by=request.user,
            student=student,
            calendar=request.school.calendar,
            fields=form.goal_values(),
            scale=form.scale_values(),
            outcomes=form.linked(),
            ask=form.asks,
            grew_from=form.cleaned_data["grew_from"],
        ),
    )
    if made is not None:
        _say(request, form)
        return redirect("goals:goal", pk=made.pk)
    return _form_page(request, student, form)


@permission_required(Can.KEEP_GOALS, GET_POST)
def edit(request: SchoolRequest, pk: int) -> HttpResponse:
    """A goal that is not agreed yet, whole; or other levels for one that is."""
    goal = goal_or_404(request, Can.KEEP_GOALS, pk)
    if goal.withdrawn_at or goal.closed_at:
        words = "This goal was withdrawn" if goal.withdrawn_at else "This goal has ended"
        return refused(request, goal.student, f"{words}, so it stays as it is", _url(goal))
    scales = list(goal.scales.select_related("written_by", "sent_back_by"))
    written, agreed = being_written(scales), in_force(scales)
    drafts = FormDrafts(request, f"goal-{goal.pk}", goal.student_id)
    if (answer := begun(drafts)) is not None:
        return answer
    form: LevelsForm
    if goal.agreed_at is None:
        template = templates.version(goal.template_id)
        form = _goal_form(request, goal.student, template, goal=goal, scale=written)
    elif "student_words" in request.POST:
        drafts.keep()
        words = "These levels were agreed while you were writing, so they stay as they are"
        return refused(request, goal.student, words, _url(goal))
    else:
        # New levels begin as the ones agreed, without their reason.
        begin = {} if written or agreed is None else {"reason": ""}
        form = LevelsForm(posted(request), student=goal.student, scale=written or agreed, initial=begin)

    def save_it() -> Goal | GasScale:
        told: dict[str, Any] = {
            "by": request.user,
            "goal": goal,
            "version": written.version if written else 0,
            "scale": form.scale_values(),
            "ask": form.asks,
        }
        if isinstance(form, GoalForm):
            return actions.save_goal(fields=form.goal_values(), outcomes=form.linked(), **told)
        return actions.change_levels(reason=form.cleaned_data["reason"], **told)

    if save(request, form, save_it) is not None:
        _say(request, form)
        return redirect("goals:goal", pk=pk)
    return _form_page(request, goal.student, form, goal=goal, written=written)


@permission_required(Can.KEEP_GOALS, POST)
def ask(request: SchoolRequest, pk: int) -> HttpResponse:
    goal = goal_or_404(request, Can.KEEP_GOALS, pk)
    version = number_in(request.POST.get("version", "")) or 0
    return pressed(
        request, goal, lambda: actions.ask_for_check(by=request.user, goal=goal, version=version), ASKED
    )


@permission_required(Can.KEEP_GOALS, POST)
def keep_levels(request: SchoolRequest, pk: int) -> HttpResponse:
    goal = goal_or_404(request, Can.KEEP_GOALS, pk)
    said = "The new levels are dropped. Those agreed stay in force."
    return pressed(request, goal, lambda: actions.keep_levels(by=request.user, goal=goal), said)


@permission_required(Can.CHECK_GOALS, GET_POST)
def check(request: SchoolRequest, pk: int) -> HttpResponse:
    """A second adult reads the levels by the rules of writing them, and agrees or sends them back."""
    goal = goal_or_404(request, Can.CHECK_GOALS, pk)
    scales = list(goal.scales.select_related("written_by"))
    scale = being_written(scales)
    if scale is None or scale.asked_at is None or goal.withdrawn_at or goal.closed_at:
        words = "Nobody is asking for a check of these levels now"
        return refused(request, goal.student, words, _url(goal))
    if request.user.pk in actions.writers(scale):
        words = "You wrote these levels, so somebody else checks them"
        return refused(request, goal.student, words, _url(goal))
    form = CheckForm(posted(request), initial={"version": scale.version})
    conflict, status = "", None

    def decide() -> str:
        given = form.cleaned_data
        told = {"by": request.user, "goal": goal, "version": given["version"]}
        if given["decision"] == "agree":
            actions.check_levels(**told)
            return "Checked and agreed. The levels are locked from now on."
        actions.send_back(words=given["words"], **told)
        return f"Sent back to {scale.written_by.name} with your words."

    if said := save(request, form, decide):
        messages.success(request, said)
        return redirect("goals:goal", pk=pk)
    if isinstance(form.refused, ChangedMeanwhile):  # the levels of now, to be read before it goes again
        conflict, status = form.refused.by or "Somebody", form.status
        form = CheckForm(request.POST | {"version": str(scale.version)})
    elif form.refused is not None:
        return refused(request, goal.student, str(form.refused), _url(goal))
    context = {
        "goal": goal,
        "scale": scale,
        "steps": steps_of(scale, scale.baseline),
        "before": in_force(scales),
        "form": form,
        "conflict": conflict,
        "back_url": _url(goal),
    }
    return record_page(request, goal.student, "tsp", "goals/check.html", context, status or form.status)


@permission_required(Can.KEEP_GOALS, GET_POST)
def withdraw(request: SchoolRequest, pk: int) -> HttpResponse:
    goal = goal_or_404(request, Can.KEEP_GOALS, pk)
    if goal.withdrawn_at or goal.closed_at:
        words = "This goal was withdrawn already" if goal.withdrawn_at else "This goal has ended"
        return refused(request, goal.student, words, _url(goal))
    return because(
        request,
        goal,
        ReasonForm(
            posted(request), button="Withdraw this goal", missing="Say why the goal is withdrawn", rows=2
        ),
        partial(actions.withdraw_goal, by=request.user, goal=goal),
        said="The goal is withdrawn. It stays listed with your reason.",
        template="goals/withdraw.html",
    )


ASKED = "A second adult is asked to check. It waits for them under “Goals to check”."


def goal_or_404(request: SchoolRequest, can: Can, pk: int) -> Goal:
    return get_visible_or_404(Goal.objects.select_related("student"), request, can, pk=pk)


def pressed(request: SchoolRequest, goal: Goal, act: Callable[[], Any], said: str) -> HttpResponse:
    """One press on the page of a goal, and back to it."""
    _, no = attempt(act)
    if isinstance(no, ChangedMeanwhile):
        words = f"{no.by} changed the levels meanwhile. Read them again, then ask"
        return refused(request, goal.student, words, _url(goal))
    if no is not None:
        return refused(request, goal.student, str(no), _url(goal))
    messages.success(request, said)
    return redirect("goals:goal", pk=goal.pk)


def because(
    request: SchoolRequest,
    goal: Goal,
    form: ReasonForm,
    act: Callable[..., Any],
    *,
    said: str,
    template: str,
    **more: Any,
) -> HttpResponse:
    """What is done to a goal with a reason, on a page that asks for it."""
    if save(request, form, lambda: act(reason=form.cleaned_data["reason"])) is not None:
        messages.success(request, said)
        return redirect("goals:goal", pk=goal.pk)
    if form.refused is not None:
        return refused(request, goal.student, str(form.refused), _url(goal))
    context = {"goal": goal, "form": form, "back_url": _url(goal), **more}
    return record_page(request, goal.student, "tsp", template, context, form.status)


def refused(request: SchoolRequest, student: Student, words: str, back: str) -> HttpResponse:
    """409: as things stand this cannot be done, and why. Nothing of the record stands on that page."""
    shows_nothing(request)
    context = {"words": words, "back_url": back, "is_refusal": True}
    return record_page(request, student, "tsp", "goals/refused.html", context, 409)


def _goal_form(
    request: SchoolRequest,
    student: Student,
    template: templates.Template,
    *,
    goal: Goal | None = None,
    scale: GasScale | None = None,
    initial: dict[str, Any] | None = None,
) -> GoalForm:
    today = clock.today()
    rows = Outcome.objects.in_force().filter(plan__student=student, status=Outcome.Status.OPEN)
    outcomes = list(rows.order_by("number"))
    if goal is not None:
        known = {one.pk for one in outcomes}
        outcomes += [one for one in goal.outcomes.all() if one.pk not in known]
    if scale is None:
        calendar = request.school.calendar
        term = calendar.term_on(today)
        last = calendar.last_pupil_day_on_or_before(term.ends_on) if term else None
        initial = {"review_on": last if last and last > today else None, **(initial or {})}
    return GoalForm(
        posted(request),
        student=student,
        template=template,
        outcomes=outcomes,
        weighted=request.school.policy(today).tsp_goal_weights,
        goal=goal,
        scale=scale,
        initial=initial,
    )


def _begin(request: SchoolRequest, template: templates.Template, student: Student) -> dict[str, Any]:
    origin = goal_links.origin(request.GET.get("from", ""), student.pk)
    if origin is not None:
        begin = {"grew_from": origin.ref, "need": origin.need, "pfa": [origin.pfa]}
        return begin | (
            {"area": origin.area} if any(one.slug == origin.area for one in template.areas) else {}
        )
    statement = template.statements.get(request.GET.get("statement", ""))
    if statement is not None and statement.active:
        return {"statement": statement.slug, "area": statement.area}
    area = request.GET.get("area", "")
    return {"area": area} if any(one.slug == area for one in template.areas) else {}


def _say(request: SchoolRequest, form: LevelsForm) -> None:
    messages.success(
        request, f"Saved. {ASKED}" if form.asks else "Saved. Ask for a check when it is finished."
    )


def _url(goal: Goal) -> str:
    return reverse("goals:goal", args=[goal.pk])


def _form_page(request: SchoolRequest, student: Student, form: LevelsForm, **more: Any) -> HttpResponse:
    goal = more.get("goal")
    back = _url(goal) if goal else reverse("goals:goals", args=[student.pk])
    context = {"form": form, "back_url": back, **more}
    return record_page(request, student, "tsp", "goals/form.html", context, form.status)
