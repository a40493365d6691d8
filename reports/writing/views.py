"""Writing a report, and checking it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify

from keywork import clock, school
from keywork.access import Can, allows, holds_for_all
from keywork.audit import opened
from keywork.duty_words import listed
from keywork.editing import press, save
from keywork.form_drafts import FormDrafts, drafts_of, keeps_typed
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import User
from keywork.numbers import number_in
from keywork.reading_age import FAMILIES, hardest, reading_age, sentences_of
from keywork.school import SchoolFacts
from students.models import Student
from students.record import record_form, record_page

from .. import printing, rendering
from ..kinds import WRITTEN, terms_to_report
from ..masking import Masker, names_around
from ..models import Batch
from ..reading import is_whole, may, theirs
from ..sections import Section
from . import actions, build, versions
from .forms import ApproveForm, BeginForm, FillAgainForm, SectionForm, SendBackForm
from .models import WrittenLine, WrittenReport, WrittenReportQuerySet

State = WrittenReport.State
A_PAGE = 50


def _reports() -> WrittenReportQuerySet:
    return WrittenReport.objects.select_related("student", "started_by", "sent_by", "decided_by")


@permission_required(Can.MAKE_REPORTS, GET_POST)
def written_list(request: SchoolRequest) -> HttpResponse:
    """What is to be written and what is to be checked; whoever approves may approve many at once."""
    mine = _reports().visible_to(request.user, Can.MAKE_REPORTS).order_by("student__in_order", "pk")
    checks = _reports().visible_to(request.user, Can.RELEASE_REPORTS).filter(state=State.SENT)
    checks = checks.for_another(request.user)
    waiting = list(checks.order_by("sent_at", "pk")[:A_PAGE])
    form = ApproveForm(posted(request), waiting=waiting)
    chosen = set(request.POST.getlist("reports"))
    done = save(
        request,
        form,
        lambda: actions.approve(
            reports=[one for one in waiting if f"{one.pk}-{one.version}" in chosen], by=request.user
        ),
    )
    if done is not None:
        return _to_orders(request, done)
    paged = Paginator(mine.filter(state__in=[State.DRAFT, State.RETURNED]), A_PAGE)
    page = paged.get_page(request.GET.get("page"))
    lines, facts = actions.lines_of([*page, *waiting]), school.load()
    unwritten = list(mine.filter(state__in=[State.DRAFT, State.RETURNED]))
    context = {
        "page": page,
        "needs": actions.missing_in_all(unwritten),
        "to_write": len(unwritten),
        "rows": [_row(request, one, lines[one.pk], facts) for one in page],
        "waiting": [_row(request, one, lines[one.pk], facts) for one in waiting],
        "waiting_count": checks.count(),
        "sent": list(mine.filter(state=State.SENT).exclude(pk__in=[one.pk for one in waiting])[:A_PAGE]),
        "form": form,
        "chosen": chosen,
        "approves": holds_for_all(request.user, Can.RELEASE_REPORTS),
    }
    return render(request, "reports/written_list.html", context, status=form.status)


def _to_orders(request: SchoolRequest, orders: list[Batch]) -> HttpResponse:
    """To the order that was made; to the list of all where there are several, one for each kind and term."""
    if len(orders) == 1:
        messages.success(request, "Approved. The PDFs are being made; release them from the order.")
        return redirect("reports:batch", pk=orders[0].pk)
    terms = school.load().calendar
    names = listed([f"{WRITTEN[one.kind].name} ({terms.term(one.term).name.lower()})" for one in orders])
    words = f"Approved. The PDFs are being made in {len(orders)} orders: {names}. Release them from each of these."
    messages.success(request, words)
    return redirect("reports:list")


def _row(
    request: SchoolRequest, report: WrittenReport, lines: list[WrittenLine], facts: SchoolFacts
) -> dict[str, Any]:
    return {
        "report": report,
        "name": f"{WRITTEN[report.kind].name}, {facts.calendar.term(report.term).name}",
        "missing": theirs(actions.missing(report, lines), request.user, report.student),
        "ticked": f"{report.pk}-{report.version}",
    }


@permission_required(Can.MAKE_REPORTS, GET_POST)
def begin(request: SchoolRequest, pk: int) -> HttpResponse:
    """Begin a student's report, or go on with the one there is."""
    student = get_visible_or_404(Student.objects.all(), request, Can.MAKE_REPORTS, pk=pk)
    terms = terms_to_report(school.load(), clock.today())
    form = BeginForm(posted(request), kinds=list(WRITTEN.values()), terms=terms)
    begun = save(
        request,
        form,
        lambda: actions.begin(student=student, by=request.user, **form.cleaned_data),
        beside="term",
    )
    if begun is not None:
        return redirect("reports:written", pk=begun.pk)
    back, title = reverse("reports:student", args=[student.pk]), "Begin a report"
    intro = "It is filled from the record. Where one was begun already, you go on with that."
    return record_form(request, student, "reports", form, title=title, page=title, back=back, intro=intro)


@permission_required(Can.MAKE_REPORTS, GET)
def written(request: SchoolRequest, pk: int) -> HttpResponse:
    """The report as it stands: each section with its lines and where they are from."""
    return _show(request, get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk))


def _show(request: SchoolRequest, report: WrittenReport, form: SendBackForm | None = None) -> HttpResponse:
    may_check = _may_check(request, report)
    if form is None:
        form = SendBackForm()
        if may_check and not report.is_written:
            request.form_drafts = drafts_of(request, "reports:written_send_back", report.pk)
            request.form_drafts.draw(form)
        form.initial["version"] = report.version  # which is read now, whenever the words were begun
    elif form.is_overtaken:  # the report of now stands above, to be read before the same words go again
        form.retype("version", str(report.version))
    form.helper.form_action = reverse("reports:written_send_back", args=[report.pk])
    opened(request, report.student, "written report", detail=WRITTEN[report.kind].name)
    kind = WRITTEN[report.kind]
    mine = theirs(kind.sections, request.user, report.student)
    every = list(report.lines.select_related("added_by").order_by("place", "pk"))
    missing = theirs(actions.missing(report, every), request.user, report.student)
    lines = [one for one in every if one.section in {section.key for section in mine}]
    span = actions.span_of(report, school.load())
    standing = [one for one in lines if not one.is_left_out]
    sections = []
    for section in mine:
        of_section = [one for one in standing if one.section == section.key]
        sections.append(
            {
                "section": section,
                "lines": of_section,
                "left_out": [one for one in lines if one.section == section.key and one.is_left_out],
                "sources": section.sources(span),
                "summary": section.summary(report.facts.get(section.key, {})),
                "missing": section in missing,
                "age": _age(of_section),
            }
        )
    context = {
        "report": report,
        "kind": kind,
        "term": school.load().calendar.term(report.term),
        "sections": sections,
        "missing": missing,
        "age": _age(standing),
        "too_hard": FAMILIES,
        "hardest": _hardest(standing),
        "named": _naming(report.student, standing),
        "released": report.is_written
        and report.student.reports.released().filter(kind=report.kind, term=report.term).exists(),
        "steps": [one for one in versions.versions(report) if one.is_step][::-1],
        "homes": list(enumerate(build.homes_of(report))),
        "form": form,
        "may_check": may_check,
        "another": may_check
        and report.state == State.SENT
        and not actions.may_approve(report, request.user)
        and actions.approved_by_another(request.user),
    }
    return record_page(request, report.student, "reports", "reports/written.html", context, form.status)


def _may_check(request: SchoolRequest, report: WrittenReport) -> bool:
    """Who releases reports, and reads every section of this one."""
    user, student = request.user, report.student
    return allows(user, Can.RELEASE_REPORTS, student) and is_whole(
        WRITTEN[report.kind].sections, user, student
    )


def _age(lines: list[WrittenLine]) -> float | None:
    return reading_age([one for line in lines for one in sentences_of(line.text)])


def _hardest(lines: list[WrittenLine]) -> tuple[str, list[str]] | None:
    text = "\n".join(one.text for one in lines)
    return hardest(text) if text and (_age(lines) or 0) > FAMILIES else None


def _naming(student: Student, lines: list[WrittenLine]) -> list[str]:
    """Lines of the report that name somebody of another family, or may."""
    masker = Masker(names_around(student))
    said = [one.text for one in lines if one.text]
    return [text for text in said if (found := masker.mask(text)).covered or found.marked]


@permission_required(Can.MAKE_REPORTS, GET)
def compare(request: SchoolRequest, pk: int) -> HttpResponse:
    """What changed from one version (`?from=`; the one decided on last) to another (`?to=`; the newest)."""
    report = get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk)
    found = versions.versions(report)
    after = _chosen(request, "to", found) or found[-1]
    before = _chosen(request, "from", found) or versions.usual(found, after)
    sections = theirs(WRITTEN[report.kind].sections, request.user, report.student)
    opened(request, report.student, "written report", detail="versions beside each other")
    context = {
        "report": report,
        "kind": WRITTEN[report.kind],
        "term": school.load().calendar.term(report.term),
        "versions": found[::-1],
        "before": before,
        "after": after,
        "parts": versions.between(report, sections, before, after),
    }
    return record_page(request, report.student, "reports", "reports/written_compare.html", context)


def _chosen(request: SchoolRequest, name: str, found: list[versions.Version]) -> versions.Version | None:
    number = number_in(request.GET.get(name, ""))
    return next((one for one in found if one.number == number), None)


@permission_required(Can.MAKE_REPORTS, GET_POST)
@keeps_typed
def section(request: SchoolRequest, pk: int, key: str) -> HttpResponse:
    """Write one section: change its lines, leave some out, add some."""
    report = get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk)
    kind = WRITTEN[report.kind]
    if key not in kind.section or not may(kind.section[key], request.user, report.student):
        raise Http404
    after = _next(theirs(kind.sections, request.user, report.student), key)
    part = kind.section[key]
    lines = list(report.lines.filter(section=key).order_by("place", "pk"))
    form = SectionForm(posted(request), section=part, lines=lines, today=clock.today())
    saved = save(
        request,
        form,
        lambda: actions.write_section(report=report, section=key, wanted=form.wanted(), by=request.user),
    )
    if saved is not None:
        messages.success(request, f"“{part.title}” is saved.")
        if "stay" in request.POST or after is None:
            return redirect("reports:written", pk=pk)
        return redirect("reports:written_section", pk=pk, key=after.key)
    opened(request, report.student, "written report", detail=part.title)
    context = {
        "report": report,
        "section": part,
        "kind": kind,
        "said": report.facts.get(key, {}),
        "sections": theirs(kind.sections, request.user, report.student),
        "sources": part.sources(actions.span_of(report, school.load())),
        "fields": bool(lines or part.asks),
        "lines": lines,
        "form": form,
        "next": after,
        "unsent": [] if report.is_written else _unsent(request.form_drafts, lines),
        "age": _age([one for one in lines if not one.is_left_out]),
        "back_url": reverse("reports:written", args=[pk]),
    }
    template = "reports/written_section.html"
    return record_page(request, report.student, "reports", template, context, form.status)


def _unsent(drafts: FormDrafts, lines: list[WrittenLine]) -> list[str]:
    """What somebody typed in a section that cannot be written in now, and that stands in none of its lines."""
    stands = {line.text for line in lines}
    return [
        value.strip()
        for draft in drafts.all
        for name, values in draft.data.items()
        for value in values
        if name.startswith(("words-", "new")) and value.strip() and value.strip() not in stands
    ]


def _next(sections: list[Section], key: str) -> Section | None:
    after = [one.key for one in sections].index(key) + 1
    return sections[after] if after < len(sections) else None


@permission_required(Can.MAKE_REPORTS, GET_POST)
def days(request: SchoolRequest, pk: int) -> HttpResponse:
    """Fill it again from the record, from other days too."""
    report = get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk)
    form = FillAgainForm(posted(request), report=report, today=clock.today())
    filled = save(
        request,
        form,
        lambda: actions.fill_again(report=report, version=report.version, **form.details()),
    )
    if filled is not None:
        messages.success(request, "Filled again. What you wrote or left out is as it was.")
        return redirect("reports:written", pk=pk)
    return record_form(
        request,
        report.student,
        "reports",
        form,
        title="Fill it again from the record",
        page="Fill a report again",
        back=reverse("reports:written", args=[pk]),
        intro="Entries of these days become lines. What you wrote, added or left out stays.",
    )


@permission_required(Can.MAKE_REPORTS, POST)
def send(request: SchoolRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk)
    said = "Sent to be checked. You can take it back until it is."
    press(request, lambda: actions.send(report=report, by=request.user, version=_version(request)), said)
    return redirect("reports:written", pk=pk)


@permission_required(Can.MAKE_REPORTS, POST)
def take_back(request: SchoolRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk)
    said = "You have it back. Send it again when it is ready."
    press(request, lambda: actions.take_back(report=report, by=request.user, version=_version(request)), said)
    return redirect("reports:written", pk=pk)


@permission_required(Can.RELEASE_REPORTS, GET_POST)
@keeps_typed
def send_back(request: SchoolRequest, pk: int) -> HttpResponse:
    """Back to its writer, with what to change; the form stands on the report itself."""
    report = get_visible_or_404(_reports(), request, Can.RELEASE_REPORTS, pk=pk)
    if request.method != "POST":
        query = request.GET.urlencode()
        return redirect(f"{reverse('reports:written', args=[pk])}{f'?{query}' if query else ''}#back")
    form = SendBackForm(request.POST)
    done = save(
        request,
        form,
        lambda: actions.send_back(
            report=report,
            comment=form.cleaned_data["comment"],
            by=request.user,
            version=_version(request),
        ),
    )
    if done is None:
        return _show(request, report, form)
    messages.success(request, "Sent back, with your words at its top.")
    return redirect("reports:written_list")


@permission_required(Can.RELEASE_REPORTS, POST)
def approve(request: SchoolRequest, pk: int) -> HttpResponse:
    """Approve one as it was read, and have its PDF made."""
    report = get_visible_or_404(_reports(), request, Can.RELEASE_REPORTS, pk=pk)
    report.version = _version(request)  # that was read
    orders: list[Batch] = []
    said = "Approved. The PDF is being made; release it from here."
    if press(request, lambda: orders.extend(actions.approve(reports=[report], by=request.user)), said):
        return redirect("reports:batch", pk=orders[0].pk)
    return redirect("reports:written", pk=pk)


def _version(request: SchoolRequest) -> int:
    """The version the page showed; 0, which none is, where it was not sent."""
    return number_in(request.POST.get("version", "")) or 0


@permission_required(Can.MAKE_REPORTS, GET)
def pages(request: SchoolRequest, pk: int, home: int) -> HttpResponse:
    """The sheets as they will be printed, for one of its households; `?large=1` in large print, `?word=1` as Word."""
    report = get_visible_or_404(_reports(), request, Can.MAKE_REPORTS, pk=pk)
    if home >= len(build.homes_of(report)):
        raise Http404
    kind = WRITTEN[report.kind]
    return printing.answer(
        request,
        paper(pk, home, request.user.pk),
        kind="written",
        args=[pk, home, request.user.pk],
        filename=f"{slugify(kind.name)}-{report.term}{f'-{home + 1}' if home else ''}",
        about=report.student,
        log=lambda: opened(request, report.student, "written report", detail="as it will be printed"),
    )


def paper(pk: int, home: int, reader_id: int) -> printing.Paper:
    """A written report as it stands, for the printer of one household; its reader sees the sections that are theirs."""
    report = WrittenReport.objects.select_related("student").get(pk=pk)
    facts, kind = school.load(), WRITTEN[report.kind]
    term, reader = facts.calendar.term(report.term), User.objects.get(pk=reader_id)
    drawn = build.contexts(kind, [report], term, facts, reader)[report.student_id]
    html = rendering.page(kind.template, drawn[home])
    return printing.Paper(html, forms=printing.FORMS, known_on=report.filled_on)
