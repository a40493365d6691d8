"""The key worker log of some days on paper: every contact and session that whoever asks may read, oldest first.

What they may not read is not on it, as on the page of the log. Entries stand by term, and a holiday with the term
before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from itertools import groupby
from typing import Any

from crispy_forms.layout import Layout
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from contacts.models import HomeContact, KeyworkSession
from contacts.timeline import whole_log
from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.calendar import SchoolCalendar, Term
from keywork.forms import Actions, KeyworkFormHelper, primary, quiet_link, secondary
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.models import Assignment, User
from keywork.school import load
from keywork.timeline import Entry
from students.models import Student
from students.record import record_context

from . import printing, rendering
from .forms import DaysForm

TEMPLATE = "reports/student_log.html"
LONG = (
    1200  # letters of an entry that may go on, on the next page: whole it would leave up to half a page empty
)
KINDS = frozenset({"contact", "session", "mentoring"})


def context(
    student: Student, reader: User, first: date | None, last: date | None, whole: bool = False
) -> dict[str, Any]:
    """What stands on it. `whole` is the log within a student's whole file, with the words that were crossed out.

    What was moved to another's record is about them, and on none of their papers but that.
    """
    school, today = load(), clock.today()
    entries = whole_log(
        student, reader, kinds=KINDS, since=first, until=last, policy=school.policy(last or today)
    )
    moved = {
        (kind, pk)
        for kind, model in (("contact", HomeContact), ("session", KeyworkSession))
        for pk in model.objects.filter(student=student, moved_to__isnull=False).values_list("pk", flat=True)
    }
    kept = [entry for entry in reversed(entries) if (entry.kind, entry.pk) not in moved]
    kept.sort(key=lambda entry: (entry.on, entry.at or time.max))
    assignments = Assignment.objects.current(today).filter(student=student, kind=Assignment.Kind.KEYWORKER)
    standing = [entry for entry in kept if not entry.voided]
    return {
        "school": school,
        "student": student,
        "keyworker": assignments.select_related("user").first(),
        "reader": reader,
        "whole": whole,
        "first": first,
        "last": last,
        "known_on": today,
        "long": LONG,
        "count": len(kept),
        "reached": sum(entry.kind == "contact" and entry.level == "ok" for entry in standing),
        "tries": sum(entry.kind == "contact" and entry.level != "ok" for entry in standing),
        "held": sum(entry.kind == "session" and entry.level == "ok" for entry in standing),
        "not_held": sum(entry.kind == "session" and entry.level != "ok" for entry in standing),
        "crossed_out": len(kept) - len(standing),
        "terms": _by_term(kept, school.calendar.terms),
    }


def _by_term(entries: Sequence[Entry], terms: Sequence[Term]) -> list[tuple[str, list[Entry]]]:
    """The entries, oldest first, under the name of the term that began last before each."""

    def heading(entry: Entry) -> str:
        begun = [term.name for term in terms if term.starts_on <= entry.on]
        return begun[-1] if begun else "Before the terms that Keywork knows"

    return [(name, list(of)) for name, of in groupby(entries, heading)]


def paper(student_id: int, reader_id: int, first: str, last: str) -> printing.Paper:
    """The days as they are written in a job: 2026-09-07."""
    student, reader = Student.objects.get(pk=student_id), User.objects.get(pk=reader_id)
    said = context(student, reader, date.fromisoformat(first), date.fromisoformat(last))
    return printing.Paper(rendering.page(TEMPLATE, said), forms=printing.FORMS, known_on=said["known_on"])


class LogDaysForm(DaysForm):
    """It asks for the paper, and so is sent with GET."""

    def layout(self) -> Layout:
        buttons = (
            primary("PDF"),
            secondary("Large print", name=printing.LARGE, value="1"),
            secondary("Word file", name=printing.WORD, value="1"),
        )
        return Layout("starts_on", "ends_on", Actions(*buttons, quiet_link("Back", "back_url")))

    @property
    def helper(self) -> KeyworkFormHelper:
        asks = super().helper
        asks.form_method, asks.disable_csrf = "get", True
        return asks


@permission_required(Can.VIEW_LOG, GET)
def log_paper(request: SchoolRequest, pk: int) -> HttpResponse:
    """Which days, then the paper; `?term=` begins with the days of a term."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_LOG, pk=pk)
    form = LogDaysForm(request.GET if "starts_on" in request.GET else None)
    if form.is_bound and form.is_valid():
        days = [form.cleaned_data[name].isoformat() for name in ("starts_on", "ends_on")]
        return printing.answer(
            request,
            paper(student.pk, request.user.pk, *days),
            kind="log",
            args=[student.pk, request.user.pk, *days],
            filename="-".join(("contact-log", *days)),
            about=student,
            log=lambda: opened(request, student, "log", detail=f"on paper, {' to '.join(days)}"),
        )
    of_record = record_context(request, student, "timeline")
    came_on = of_record["stays"][0].joined_on
    form.initial = _days(request.school.calendar, request.GET.get("term", ""), came_on)
    asked = {**of_record, "form": form, "back_url": reverse("contacts:log", args=[student.pk])}
    return render(request, "reports/log_paper.html", asked, status=form.status)


def _days(calendar: SchoolCalendar, term_id: str, came_on: date) -> dict[str, date]:
    """Those of the term that is asked for up to today, or since the student came."""
    today = clock.today()
    term = next((one for one in calendar.terms if one.id == term_id and one.starts_on <= today), None)
    if term is None:
        return {"starts_on": min(came_on, today), "ends_on": today}
    return {"starts_on": term.starts_on, "ends_on": min(calendar.until_next_term(term), today)}
