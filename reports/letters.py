"""Copies on paper: each behind a cover letter to one named person, all in one file for the printer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from io import BytesIO
from typing import BinaryIO, NamedTuple, cast

import pikepdf

from keywork import clock, contact_hold, school
from keywork.absences import away_until
from keywork.models import User
from students.models import FamilyLink

from . import printing, rendering
from .keeping_in_touch import people_of
from .models import Recipient, Report, ReportQuerySet


class CoverLetter(NamedTuple):
    """In front of one copy: whom to ring, until when they are away, and whom to ring until then."""

    copy: Recipient
    keyworker: User | None
    away_until: date | None
    covers: User | None


def on_paper(reports: ReportQuerySet, on: date) -> list[Recipient]:
    """The copies of these reports to print today, by student.

    Who is under a restriction in force, no longer family, or whose student's home is on hold, gets no letter; nor who
    has since moved out of the household it was written for.
    """
    rows = list(
        Recipient.objects.filter(report__in=reports, channel=Recipient.Channel.PAPER)
        .select_related("report__student", "member__user", "sent_by")
        .order_by("report__student__in_order", "report", "pk")
    )
    students = {row.report.student_id for row in rows}
    links = {
        (link.student_id, link.member_id): link
        for link in FamilyLink.objects.for_reports(on).filter(student__in=students)
    }
    held = contact_hold.students_on_hold(students, on)
    found = []
    for row in rows:
        link = links.get((row.report.student_id, row.member_id))
        if link is None or not row.report.is_for(link):
            continue
        if row.report.student_id not in held and row.report.pdf:
            found.append(row)
    return found


def paper(report_ids: Sequence[int]) -> printing.Paper:
    """As `printed_with`, of the copies of these reports that go on paper today."""
    return printed_with(on_paper(Report.objects.filter(pk__in=report_ids).releasable(), clock.today()))


def printed_with(envelopes: Sequence[Recipient]) -> printing.Paper:
    """One PDF: a letter, its report, the next letter. The letters are drawn together, a page or more each."""
    return printing.Paper(
        page_of(envelopes), partial(_bound, envelopes), tuple(one.report.sha256 for one in envelopes)
    )


def page_of(envelopes: Sequence[Recipient]) -> str:
    """The letters as a web page. Each says how to reach the student's keyworker or, without one, whoever sent it.

    While the keyworker is away it names the deputy too, or whoever sent it.
    """
    today = clock.today()
    people = people_of({one.report.student_id for one in envelopes}, today)
    away = away_until(today)
    written = []
    for one in envelopes:
        keyworker, deputy = (people.get((one.report.student_id, kind)) for kind in ("keyworker", "deputy"))
        away_to = away.get(keyworker.pk) if keyworker else None
        covers = next((who for who in (deputy, one.sent_by) if who and who.pk not in away), None)
        written.append(CoverLetter(one, keyworker, away_to, covers))
    return rendering.page(
        "reports/cover_letter.html", {"letters": written, "school": school.load(), "today": today}
    )


def _bound(envelopes: Sequence[Recipient], html: str) -> rendering.Pdf:
    drawn = rendering.pdf_parts(html, [f"letter-{one.pk}" for one in envelopes])
    out = pikepdf.new()
    with pikepdf.open(BytesIO(drawn.content)) as covers:
        for envelope, pages in zip(envelopes, drawn.parts, strict=True):
            for number in pages:
                out.pages.append(covers.pages[number])
            with envelope.report.pdf.open("rb") as file, pikepdf.open(cast(BinaryIO, file)) as report:
                out.pages.extend(report.pages)
            if len(out.pages) % 2:  # printed on both sides, the next letter starts a sheet of its own
                out.add_blank_page(page_size=(595.28, 841.89))
        with covers.open_metadata() as told, out.open_metadata() as metadata:
            metadata["dc:title"] = told["dc:title"]
    out.Root.Lang = "en-GB"
    out.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    made = BytesIO()
    out.save(made)
    return rendering.Pdf(made.getvalue(), len(out.pages), drawn.missing)
