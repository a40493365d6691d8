"""Ordering reports, watching them being made, proofing, releasing; and reading them at home."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keywork import clock, school
from keywork.access import Can, allows, has_capability, holds_for_all
from keywork.audit import opened
from keywork.guards import door, find
from students.models import Student
from students.record import record_context

from . import actions
from .forms import OrderForm, WithdrawForm
from .kinds import KINDS, terms_to_report
from .models import Batch, Recipient, Report

A_PAGE = 50
POLL_SECONDS = 2


def _batches(request: HttpRequest) -> QuerySet[Batch]:
    """One's own orders; those of the whole school too for who makes reports for the school."""
    mine = Q(created_by=request.user)
    if has_capability(request.user, Can.MAKE_SCHOOL_REPORTS):
        mine |= Q(whole_school=True)
    return Batch.objects.filter(mine)


@door(Can.VIEW_REPORTS)
def report_list(request: HttpRequest) -> HttpResponse:
    """Order reports, and those ordered before with their progress."""
    facts, today = school.load(), clock.today()
    terms = {term.id: term.name for term in facts.calendar.terms}
    everyone = holds_for_all(request.user, Can.MAKE_REPORTS)
    students = list(
        Student.objects.visible_to(request.user, Can.MAKE_REPORTS)
        .on_roll(today)
        .values_list("pk", "known_as", "surname")
    )
    form = OrderForm(
        request.POST or None, terms=terms_to_report(facts, today), students=students, everyone=everyone
    )
    if request.method == "POST" and form.is_valid():
        ids = form.student_ids
        batch = actions.order_batch(
            kind=form.cleaned_data["kind"],
            term=form.cleaned_data["term"],
            students=list(Student.objects.visible_to(request.user, Can.MAKE_REPORTS).filter(pk__in=ids)),
            by=request.user,
            whole_school=everyone and form.cleaned_data["who"] == "all",
        )
        return redirect("reports:batch", pk=batch.pk)
    batches = Paginator(
        _batches(request)
        .select_related("created_by")
        .annotate(made=Count("reports"))
        .order_by("-created_at", "-pk"),
        A_PAGE,
    ).get_page(request.GET.get("page"))
    for batch in batches:
        batch.kind_name, batch.term_name = KINDS[batch.kind].name, terms.get(batch.term, batch.term)
    context = {"form": form, "page": batches, "can_make": bool(students)}
    return render(request, "reports/list.html", context, status=422 if form.is_bound else 200)


@require_GET
@door(Can.VIEW_REPORTS)
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: how far it is, and its reports to proof. Over htmx only the part that moves."""
    order = get_object_or_404(_batches(request).select_related("created_by"), pk=pk)
    reports = Report.objects.visible_to(request.user, Can.VIEW_REPORTS).filter(batch=order)
    page = Paginator(
        reports.select_related("student").order_by("student__surname", "student__known_as", "pk"), A_PAGE
    ).get_page(request.GET.get("page"))
    term = next((term.name for term in school.load().calendar.terms if term.id == order.term), order.term)
    waiting = reports.filter(rendered_at__isnull=False, released_at__isnull=True, withdrawn_at__isnull=True)
    context = {
        "batch": order,
        "made": order.reports.count(),
        "page": page,
        "kind": KINDS[order.kind],
        "term_name": term,
        "poll_seconds": POLL_SECONDS,
        "to_release": waiting.count() if has_capability(request.user, Can.RELEASE_REPORTS) else 0,
    }
    part = request.headers.get("HX-Target") == "batch"
    return render(request, "reports/_batch.html" if part else "reports/batch.html", context)


@require_GET
@door(Can.VIEW_REPORTS)
def student(request: HttpRequest, pk: int) -> HttpResponse:
    """A student's reports, newest first: the Reports tab of the record."""
    who = find(Student.objects.all(), request, Can.VIEW_REPORTS, pk=pk)
    reports = list(
        who.reports.select_related("batch__created_by", "released_by")
        .prefetch_related(Prefetch("recipients", Recipient.objects.select_related("member").order_by("pk")))
        .order_by("-rendered_at", "-pk")
    )
    opened(request, who, "reports")
    context = {
        "reports": reports,
        "can_release": allows(request.user, Can.RELEASE_REPORTS, who),
        "can_make": allows(request.user, Can.MAKE_REPORTS, who),
    }
    return render(request, "reports/student.html", context | record_context(request, who, "reports"))


def _served(report: Report) -> FileResponse:
    if not report.pdf:
        raise Http404
    response = FileResponse(
        report.pdf.open("rb"), content_type="application/pdf", filename=f"{report.kind}.pdf"
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@door(Can.VIEW_REPORTS)
def pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The document itself; opening it is recorded."""
    report = find(Report.objects.select_related("student"), request, Can.VIEW_REPORTS, pk=pk)
    opened(request, report.student, "report", detail=report.title)
    return _served(report)


@require_GET
@door(Can.VIEW_FAMILY_HOME)
def family_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A released report, for a recipient who may still follow this child today."""
    mine = Report.objects.released().filter(recipients__member__user=request.user).select_related("student")
    report = find(mine, request, Can.VIEW_FAMILY_HOME, pk=pk)
    opened(request, report.student, "report", detail=report.title)
    actions.opened_by(report=report, user=request.user)
    return _served(report)


@require_POST
@door(Can.RELEASE_REPORTS)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Release one report to the family."""
    report = find(Report.objects.all(), request, Can.RELEASE_REPORTS, pk=pk)
    if actions.release(reports=[report], by=request.user):
        reached = report.recipients.count()
        messages.success(request, f"Report released to {reached} {'person' if reached == 1 else 'people'}.")
    else:
        messages.warning(request, "This report was released or withdrawn already.")
    return redirect("reports:student", pk=report.student_id)


@require_POST
@door(Can.RELEASE_REPORTS)
def release_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Release every report of an order that is ready."""
    order = get_object_or_404(_batches(request), pk=pk)
    count = actions.release(
        reports=Report.objects.visible_to(request.user, Can.RELEASE_REPORTS).filter(batch=order),
        by=request.user,
    )
    messages.success(
        request, f"{count} report{'' if count == 1 else 's'} released. Families are told by e-mail."
    )
    return redirect("reports:batch", pk=order.pk)


@door(Can.RELEASE_REPORTS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a report back, with a reason."""
    report = find(Report.objects.select_related("student"), request, Can.RELEASE_REPORTS, pk=pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(report=report, reason=form.cleaned_data["reason"], by=request.user)
        except actions.ReportRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Report withdrawn. Families no longer see it.")
            return redirect("reports:student", pk=report.student_id)
    context: dict[str, Any] = {
        "form": form,
        "report": report,
        "back": reverse("reports:student", args=[report.student_id]),
    }
    return render(request, "reports/withdraw.html", context, status=422 if form.is_bound else 200)
