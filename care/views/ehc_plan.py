"""The EHC plan of a student: the version in force, those before it, and the outcomes of section E."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.editing import EditForm, save
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted, stored
from keywork.names import ended
from students.models import Student
from students.record import record_context

from ..actions import ehc_plan as actions
from ..earliest import since_birth
from ..forms.ehc_plan import NewPlanForm, PlanForm
from ..models import EhcPlan, Outcome
from ..plan_types import EHCP, plan_type
from ..reviews.page import why_by
from ..reviews.rules import review_by


@permission_required(Can.VIEW_PLANS, GET)
def plan(request: SchoolRequest, pk: int) -> HttpResponse:
    """The version in force, or in words that there is none."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_PLANS, pk=pk)
    return _show(request, student, None)


@permission_required(Can.VIEW_PLANS, GET)
def plan_version(request: SchoolRequest, pk: int, number: int) -> HttpResponse:
    """One version as it was."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_PLANS, pk=pk)
    return _show(request, student, number)


def _show(request: SchoolRequest, student: Student, number: int | None) -> HttpResponse:
    versions = list(student.plans.select_related("created_by").order_by("-number"))
    shown = next((one for one in versions if number in (None, one.number)), None)
    if number is not None and shown is None:
        raise Http404
    opened(request, student, "plan", detail=f"version {shown.number}" if shown else "")
    is_current = shown is not None and shown is versions[0]
    written = shown.next_review_on if shown else None
    review_on = review_by(written, shown.since) if shown and written else None
    outcomes = list(shown.outcomes.select_related("same_as").order_by("number")) if shown else []
    context: dict[str, Any] = {
        "plan": shown,
        "kind": shown.kind if shown else plan_type(EHCP),
        "outcomes": outcomes,
        "open_count": sum(outcome.status == Outcome.Status.OPEN for outcome in outcomes),
        "versions": versions,
        "newest": versions[0] if versions else None,
        "is_current": is_current,
        "review_by": review_on,
        "why_by": why_by(written, shown.since) if shown and written else "",
        "review_is_late": bool(is_current and review_on and review_on < clock.today()),
        "edits": allows(request.user, Can.EDIT_PLANS, student),
        "reads_reviews": allows(request.user, Can.VIEW_REVIEWS, student),
        "reads_tsp": is_current and allows(request.user, Can.VIEW_TSP, student),
    }  # fmt: skip
    return render(request, "care/plan.html", context | record_context(request, student, "plan"))


@permission_required(Can.VIEW_PLANS, GET)
def plan_pdf(request: SchoolRequest, pk: int, number: int) -> HttpResponseBase:
    """The document itself, to keep, as a browser does not draw a PDF in a sandbox; opening it is recorded."""
    rows = EhcPlan.objects.select_related("student")
    shown = get_visible_or_404(rows, request, Can.VIEW_PLANS, student=pk, number=number)
    answer = stored(shown.pdf, "application/pdf", f"{shown.plan_type}-version-{number}", to_keep=True)
    opened(request, shown.student, "plan", detail=f"PDF of version {number}")
    return answer


@permission_required(Can.EDIT_PLANS, GET_POST)
def plan_add(request: SchoolRequest, pk: int) -> HttpResponse:
    """The first plan, or the next version after an amendment, with a look at what carries over."""
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    before = student.plans.order_by("-number").first()
    outcomes = list(before.outcomes.order_by("number")) if before else []
    seen = actions.seen_as(before, outcomes)
    files = request.FILES if request.method == "POST" else None
    form = NewPlanForm(posted(request), files, before=before, outcomes=outcomes, seen=seen)
    since_birth(form, student)
    made = save(
        request,
        form,
        lambda: actions.add_plan(
            student=student,
            fields=form.facts(),
            carry=form.carried(),
            seen=form.cleaned_data["seen"],
            pdf=form.cleaned_data["pdf"],
            by=request.user,
        ),
    )
    if made is not None:
        messages.success(request, _saved(made))
        return redirect("care:plan", pk=pk)
    if form.is_overtaken:  # the outcomes to copy are those of now
        form.retype("seen", seen)
    context = {"before": before, "next_number": before.number + 1 if before else 1}
    return form_page(request, "care/plan_add.html", student, form, context)


def _saved(made: EhcPlan) -> str:
    if made.number == 1:
        return f"The {made.kind.name} is saved. Add its outcomes next."
    count = made.outcomes.count()
    carried = "1 outcome carried" if count == 1 else f"{count} outcomes carried"
    return f"Version {made.number} is saved, with {carried} over. Put their wording right where it changed."


@permission_required(Can.EDIT_PLANS, GET_POST)
def plan_edit(request: SchoolRequest, pk: int, number: int) -> HttpResponse:
    """Put the facts or the document of the version in force right."""
    rows = EhcPlan.objects.select_related("student")
    row = get_visible_or_404(rows, request, Can.EDIT_PLANS, student=pk, number=number)
    if is_superseded(row):
        return refused(request, row)
    form = PlanForm(posted(request), request.FILES if request.method == "POST" else None, plan=row)
    since_birth(form, row.student)
    saved = save(
        request,
        form,
        lambda: actions.edit_plan(
            plan=row,
            fields=form.facts(),
            version=row.version,
            pdf=form.cleaned_data["pdf"],
            remove_pdf=form.cleaned_data.get("remove_pdf", False),
            by=request.user,
        ),
    )
    if form.refused is not None and is_superseded(row):
        return refused(request, row)
    if saved is not None:
        messages.success(request, "The plan’s details are saved.")
        return redirect("care:plan", pk=pk)
    return form_page(request, "care/plan_edit.html", row.student, form, {"plan": row})


def is_superseded(row: EhcPlan) -> bool:
    return EhcPlan.objects.filter(student=row.student_id, number__gt=row.number).exists()


def refused(request: SchoolRequest, row: EhcPlan, words: str = "") -> HttpResponse:
    """409: the plan as it stands does not allow this, and why."""
    context = {
        "plan": row,
        "is_refusal": True,
        "words": ended(words or actions.FOLLOWED.format(row.number)),
        **record_context(request, row.student, "plan"),
    }
    return render(request, "care/plan_refused.html", context, status=409)


def form_page(
    request: SchoolRequest, template: str, student: Student, form: EditForm | None, more: dict[str, Any]
) -> HttpResponse:
    context = {"form": form, "back_url": reverse("care:plan", args=[student.pk]), **more}
    context |= record_context(request, student, "plan")
    return render(request, template, context, status=form.status if form is not None else 200)
