"""Ordering reports, watching them being made, proofing, releasing; and reading them at home."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Prefetch, Q, QuerySet, Window
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork import clock, school
from keywork.access import Can, allows, has_capability, holds_for_all
from keywork.attempts import attempt
from keywork.audit import exported, opened
from keywork.editing import press, save, save_reason
from keywork.guards import GET, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, attachment, posted
from keywork.names import ended
from students.models import Student
from students.record import record_page

from . import actions, files, letters, printing, rendering, word
from .files import report_name, served
from .forms import OrderForm, ReleaseForm
from .kinds import KINDS, students_of, terms_to_report
from .models import (
    REPORTS_PAGE,
    Batch,
    BatchStudent,
    OutsideCopy,
    Recipient,
    Report,
    ReportComment,
    ReportQuerySet,
)
from .outside.views import show_codes
from .release import (
    DONE,
    State,
    counted_by_state,
    going_in_words,
    never_in_words,
    release_rows,
    waiting_in_words,
)
from .writing.build import NotApproved

A_PAGE = 50
POLL_SECONDS = 2


class OrderRow(NamedTuple):
    batch: Batch
    kind: str
    term: str


def _batches(request: SchoolRequest) -> QuerySet[Batch]:
    """One's own orders; those of the whole school too for who makes reports for the school."""
    mine = Q(created_by=request.user)
    if has_capability(request.user, Can.MAKE_SCHOOL_REPORTS):
        mine |= Q(whole_school=True)
    return Batch.objects.filter(mine)


@permission_required(Can.VIEW_REPORTS)
def report_list(request: SchoolRequest) -> HttpResponse:
    """Order reports, and those ordered before with their progress."""
    facts, today = school.load(), clock.today()
    terms = {term.id: term.name for term in facts.calendar.terms}
    everyone = holds_for_all(request.user, Can.MAKE_REPORTS)
    reported = terms_to_report(facts, today)
    allowed = Student.objects.visible_to(request.user, Can.MAKE_REPORTS)
    # Whom there can be a report on: on roll at some time of a term on offer; the form asks again for its own.
    students = reduce(or_, (students_of(allowed, term, today) for term in reported), Student.objects.none())
    form = OrderForm(
        request.POST or None,
        terms=reported,
        students=students,
        of_term=lambda term: students_of(allowed, term, today),
        everyone=everyone,
    )
    batch = save(
        request,
        form,
        lambda: actions.order_batch(
            kind=form.cleaned_data["kind"],
            term=form.cleaned_data["term"],
            students=form.chosen,
            by=request.user,
            whole_school=everyone and form.cleaned_data["who"] == "all",
        ),
    )
    if batch is not None:
        return redirect("reports:batch", pk=batch.pk)
    counted = _batches(request).annotate(made=actions.MADE, released=actions.RELEASED)
    in_order = counted.select_related("created_by").order_by("-created_at", "-pk")
    batches = Paginator(in_order, A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "page": batches,
        "orders": [OrderRow(one, KINDS[one.kind].name, terms.get(one.term, one.term)) for one in batches],
        "can_make": form.has_students,
        "would_make": everyone,
        "keeps_letterhead": has_capability(request.user, Can.KEEP_LETTERHEAD),
        "keeps_forms": has_capability(request.user, Can.KEEP_AUTHORITY_FORMS),
        "exports": has_capability(request.user, Can.EXPORT_SCHOOL),
        "writes": form.has_students,
    }
    if not form.has_students:
        ready = Report.objects.visible_to(request.user, Can.VIEW_REPORTS).releasable()
        made = Paginator(ready.select_related("student"), A_PAGE)
        context["readable"] = made.get_page(request.GET.get("made"))
    return render(request, "reports/list.html", context, status=422 if form.is_bound else 200)


@permission_required(Can.VIEW_REPORTS, GET)
def batch(request: SchoolRequest, pk: int) -> HttpResponse:
    """One order: how far it is, and its reports to proof. Over htmx only the part that moves."""
    orders = _batches(request).select_related("created_by", "cancelled_by").annotate(made=actions.MADE)
    order: Any = get_object_or_404(orders, pk=pk)
    reports = Report.objects.visible_to(request.user, Can.VIEW_REPORTS).filter(batch=order)
    in_order = reports.select_related("student").order_by("student__in_order", "pk")
    copies = Window(Count("pk"), partition_by=[F("student")])  # one for each household
    page = Paginator(in_order.annotate(copies=copies), A_PAGE).get_page(request.GET.get("page"))
    waiting = reports.unreleased()
    failed = order.students.filter(state=BatchStudent.State.FAILED).select_related("student")
    visible = failed.visible_to(request.user, Can.VIEW_REPORTS).order_by("student__in_order", "pk")
    job_states = set(actions.jobs_of(order).unfinished().values_list("state", flat=True))
    on_paper = Recipient.objects.filter(channel=Recipient.Channel.PAPER)
    context = {
        "batch": order,
        "made": order.made,
        "missing": order.total - order.made,
        "failed": list(visible[:A_PAGE]),
        "failed_count": failed.count(),
        "going": bool(job_states) and order.cancelled_at is None and order.made < order.total,
        "may_make": has_capability(request.user, Can.MAKE_REPORTS) and actions.to_make(order).exists(),
        "page": page,
        "kind": KINDS[order.kind],
        "term_name": _term_name(order.term),
        "poll_seconds": POLL_SECONDS,
        "may_release": has_capability(request.user, Can.RELEASE_REPORTS),
        "to_release": waiting.count(),
        "on_paper": on_paper.filter(report__in=reports.releasable()).count(),
    }
    part = request.headers.get("HX-Target") == "batch"
    return render(request, "reports/_batch.html" if part else "reports/batch.html", context)


@permission_required(Can.MAKE_REPORTS, POST)
def batch_again(request: SchoolRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(_batches(request), pk=pk)
    count = actions.make_the_rest(batch=order, by=request.user)
    if not count:
        messages.info(request, "Every report of this order is made.")
    return redirect("reports:batch", pk=order.pk)


@permission_required(Can.MAKE_REPORTS, POST)
def batch_cancel(request: SchoolRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(_batches(request), pk=pk)
    said = "Cancelled. What is made stays."
    press(request, lambda: actions.cancel_batch(batch=order, by=request.user), said)
    return redirect("reports:batch", pk=order.pk)


@permission_required(Can.VIEW_REPORTS, GET)
def student(request: SchoolRequest, pk: int) -> HttpResponse:
    """A student's reports, newest first: the Reports tab of the record."""
    who = get_visible_or_404(Student.objects.all(), request, Can.VIEW_REPORTS, pk=pk)
    reports = list(
        who.reports.visible_to(request.user, Can.VIEW_REPORTS)
        .select_related("batch__created_by", "released_by")
        .prefetch_related(
            Prefetch("recipients", Recipient.objects.select_related("member").order_by("pk")),
            Prefetch("comments", ReportComment.objects.select_related("member")),
            Prefetch(
                "outside_copies", OutsideCopy.objects.filter(sent_at__isnull=False).select_related("report")
            ),
        )
        .order_by("-rendered_at", "-pk")
    )
    opened(request, who, REPORTS_PAGE)
    written = list(who.written_reports.order_by("-started_at", "-pk"))
    terms = {term.id: term.name for term in school.load().calendar.terms} if written else {}
    for one in written:
        one.kind_name, one.term_name = KINDS[one.kind].name, terms.get(one.term, one.term)
    context = {
        "reports": reports,
        "written": written,
        "can_release": allows(request.user, Can.RELEASE_REPORTS, who),
        "can_make": allows(request.user, Can.MAKE_REPORTS, who),
        "fills_form": allows(request.user, Can.EDIT_PLANS, who),
        "reads_log": allows(request.user, Can.VIEW_LOG, who),
        "takes_out_file": allows(request.user, Can.TAKE_OUT_FILE, who),
        "makes_pack": allows(request.user, Can.MAKE_PACK, who),
    }
    return record_page(request, who, "reports", "reports/student.html", context)


@permission_required(Can.VIEW_REPORTS, GET)
def pdf(request: SchoolRequest, pk: int) -> HttpResponseBase:
    """The document itself; opening it is recorded."""
    report = get_visible_or_404(Report.objects.select_related("student"), request, Can.VIEW_REPORTS, pk=pk)
    opened(request, report.student, "report", detail=report.title)
    return served(report)


@permission_required(Can.MAKE_REPORTS, GET)
def word_file(request: SchoolRequest, pk: int) -> HttpResponse:
    """The same report to be finished in Word: what was known on its day, or what was approved."""
    report = get_visible_or_404(Report.objects.select_related("student"), request, Can.MAKE_REPORTS, pk=pk)
    facts, kind = school.load(), KINDS[report.kind]
    try:
        made = kind.build([report.student], facts.calendar.term(report.term), report.known_on, facts)
    except NotApproved:
        messages.warning(request, "It is being written anew. A Word file is to be had once that is approved.")
        return redirect("reports:student", pk=report.student_id)
    page = next((one for one in made[report.student_id] if one["household"] == report.household), None)
    if page is None or report.rendered_at is None:
        no = "Its family’s homes are others since it was made. Make it anew for a Word file."
        messages.warning(request, no)
        return redirect("reports:student", pk=report.student_id)
    if "report" in page and page["report"].decided_at > report.rendered_at:
        messages.warning(request, "A newer one was approved since. Its Word file is beside that.")
        return redirect("reports:student", pk=report.student_id)
    content = word.word(rendering.page(kind.template, page), made_at=report.rendered_at, title=report.title)
    exported(request, [report.student_id], f"{kind.name} as a Word file")
    return attachment(content, word.CONTENT_TYPE, f"{report_name(report)}.docx")


@permission_required(Can.READ_RELEASED, GET)
def family_pdf(request: SchoolRequest, pk: int) -> HttpResponseBase:
    """A released report, for a recipient who may still follow this child today."""
    mine = Report.objects.released().filter(recipients__member__user=request.user).select_related("student")
    report = get_visible_or_404(mine, request, Can.READ_RELEASED, pk=pk)
    opened(request, report.student, "report", detail=report.title)
    return served(report, lambda: actions.opened_by(report=report, user=request.user))


@permission_required(Can.RELEASE_REPORTS)
def release(request: SchoolRequest, pk: int) -> HttpResponse:
    """Who of the family gets one report, and sending it."""
    report = get_visible_or_404(Report.objects.select_related("student"), request, Can.RELEASE_REPORTS, pk=pk)
    if request.method == "GET":
        opened(request, report.student, "report", detail=f"Who gets {report.title}")
    reports = Report.objects.filter(pk=report.pk)
    back = reverse("reports:student", args=[report.student_id])
    return _release_list(request, reports, report.title, back, report)


@permission_required(Can.RELEASE_REPORTS)
def release_batch(request: SchoolRequest, pk: int) -> HttpResponse:
    """Who gets which report of an order, and sending those that are ticked."""
    order = get_object_or_404(_batches(request), pk=pk)
    reports = Report.objects.visible_to(request.user, Can.RELEASE_REPORTS).filter(batch=order)
    title = f"{KINDS[order.kind].name}, {_term_name(order.term)}"
    return _release_list(request, reports, title, reverse("reports:batch", args=[order.pk]))


def _release_list(
    request: SchoolRequest, reports: ReportQuerySet, title: str, back: str, report: Report | None = None
) -> HttpResponse:
    """The list before a release. It goes out only when the button carried the number that is ticked.

    `report` where it is the list of one, which somebody outside can be put on.
    """
    ready = reports.releasable().select_related("student")
    rows = release_rows(ready.order_by("student__in_order", "pk"), clock.today())
    sent_in = posted(request)  # with nothing ticked too
    form = ReleaseForm(sent_in, keys=[row.key for row in rows if row.goes])
    if request.method == "POST" and rows and all(row.state in DONE for row in rows):
        messages.warning(request, "Nothing was sent again: there is nobody left to send to.")
        return redirect(back)
    recount = False
    if form.is_bound and form.is_valid():
        if form.is_confirmed:
            done = actions.release(reports=reports, by=request.user, to=form.cleaned_data["to"])
            if done.outside:
                return show_codes(request, done.outside, _released_words(done), back)
            messages.success(request, _released_words(done))
            return redirect(back)
        recount = True
    going = counted_by_state(row for row in rows if row.key in form.ticked)
    counts = counted_by_state(rows)
    context = {
        "title": title,
        "rows": rows,
        "form": form,
        "recount": recount,
        "ticked": form.ticked,
        "counts": counts,
        "students": len({row.report.student_id for row in rows}),
        "held_students": len({row.report.student_id for row in rows if row.state is State.HELD}),
        "go_out": going_in_words(going),
        "wait": waiting_in_words(counts, going),
        "never": never_in_words(counts),
        "back": back,
        "adds_outside": report,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "reports/release.html", context, status=status)


def _released_words(done: actions.Released) -> str:
    """What happened, in numbers: "8 reports released. 10 people told by e-mail, 41 copies need paper: print them."."""
    if not done.reports:
        words = "Nothing was released."
    else:
        people = (
            f"{done.notified} {'person' if done.notified == 1 else 'people'}"
            if done.notified
            else "Nobody was"
        )
        paper = {0: "nobody needs paper", 1: "1 copy needs paper: print it"}.get(
            done.paper, f"{done.paper} copies need paper: print them"
        )
        words = f"{done.reports} report{'' if done.reports == 1 else 's'} released. {people} told by e-mail, {paper}."
    if done.outside:
        count = len(done.outside)
        words += f" {count} {'link is' if count == 1 else 'links are'} on the way to people outside."
    if done.damaged == 1:
        words += " 1 report was not released: its file is missing or damaged. Make it again from the order."
    elif done.damaged:
        words += f" {done.damaged} reports were not released: their files are missing or damaged. "
        words += "Make them again from the order."
    return words


def _term_name(term_id: str) -> str:
    return next((term.name for term in school.load().calendar.terms if term.id == term_id), term_id)


TOGETHER = {"zip": (files.zipped, "application/zip"), "pdf": (files.bound, "application/pdf")}


@permission_required(Can.VIEW_REPORTS, GET)
def batch_file(request: SchoolRequest, pk: int, ending: str) -> HttpResponse:
    """All of an order as an archive, or as one document for the printer."""
    order = get_object_or_404(_batches(request), pk=pk)
    reports = Report.objects.visible_to(request.user, Can.VIEW_REPORTS).filter(batch=order).releasable()
    found = list(reports.select_related("student").order_by("student__in_order", "pk"))
    made, content_type = TOGETHER[ending]
    content, no = attempt(lambda: made(found))
    if content is None or not found:
        words = ended(str(no)) if no is not None else "No report of this order is made yet."
        messages.warning(request, words)
        return redirect("reports:batch", pk=order.pk)
    exported(request, sorted({one.student_id for one in found}), f"an order of reports as {ending.upper()}")
    return attachment(content, content_type, f"{order.kind}-{order.term}.{ending}")


@permission_required(Can.RELEASE_REPORTS, GET)
def batch_paper(request: SchoolRequest, pk: int) -> HttpResponse:
    """The copies of an order that go out on paper, each behind its cover letter: one file for the printer."""
    order = get_object_or_404(_batches(request), pk=pk)
    reports = Report.objects.visible_to(request.user, Can.RELEASE_REPORTS).filter(batch=order)
    return _paper(request, reports, reverse("reports:batch", args=[order.pk]))


@permission_required(Can.RELEASE_REPORTS, GET)
def paper(request: SchoolRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(Report.objects.all(), request, Can.RELEASE_REPORTS, pk=pk)
    back = reverse("reports:student", args=[report.student_id])
    return _paper(request, Report.objects.filter(pk=report.pk), back)


def _paper(request: SchoolRequest, reports: ReportQuerySet, back: str) -> HttpResponse:
    envelopes = letters.on_paper(reports.releasable(), clock.today())
    if not envelopes:
        messages.info(request, "No copy needs paper today.")
        return redirect(back)
    students = sorted({one.report.student_id for one in envelopes})
    return printing.answer(
        request,
        letters.printed_with(envelopes),
        kind="letters",
        args=[sorted({one.report_id for one in envelopes})],
        filename="reports-on-paper",
        log=lambda: exported(request, students, "reports on paper"),
    )


@permission_required(Can.RELEASE_REPORTS)
def withdraw(request: SchoolRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(Report.objects.select_related("student"), request, Can.RELEASE_REPORTS, pk=pk)
    form, withdrawn = save_reason(
        request,
        lambda reason: actions.withdraw(report=report, reason=reason, by=request.user),
        label="Why it is taken back",
        button="Withdraw report",
        missing="Say why, for those who read the record later",
        back=None,
    )
    if withdrawn is not None:
        messages.success(request, "Report withdrawn. Families no longer see it.")
        return redirect("reports:student", pk=report.student_id)
    back = reverse("reports:student", args=[report.student_id])
    context = {"form": form, "report": report, "back": back}
    return render(request, "reports/withdraw.html", context, status=form.status)
