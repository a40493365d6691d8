"""Copies on paper: each behind a cover letter to one named person, all in one file for the printer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from keywork import clock, contact_hold, school
from keywork.absences import away_until
from keywork.models import User
from students.models import FamilyLink

from . import printing, rendering
from .binding import Book
from .keeping_in_touch import people_of
from .models import Recipient, Report, ReportQuerySet

TEMPLATE = "reports/cover_letter.html"


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
    rows = Recipient.objects.filter(report__in=reports, channel=Recipient.Channel.PAPER)
    rows = rows.select_related("report__student", "member__user", "sent_by")
    rows = rows.order_by("report__student__in_order", "report", "pk")
    students = {row.report.student_id for row in rows}
    family = FamilyLink.objects.for_reports(on).filter(student__in=students)
    links = {(link.student_id, link.member_id): link for link in family}
    held = contact_hold.students_on_hold(students, on)
    found = []
    for row in rows:
        link = links.get((row.report.student_id, row.member_id))
        is_theirs = link is not None and row.report.is_for(link)
        if is_theirs and row.report.student_id not in held and row.report.pdf:
            found.append(row)
    return found


def paper(report_ids: Sequence[int]) -> printing.Paper:
    return printed_with(on_paper(Report.objects.filter(pk__in=report_ids).releasable(), clock.today()))


def printed_with(envelopes: Sequence[Recipient]) -> printing.Paper:
    """One PDF: a letter, its report, the next letter."""
    written = written_to(envelopes)
    digests = tuple(one.report.sha256 for one in envelopes)
    return printing.Paper(page_of(written), partial(_bound, written), digests)


def written_to(envelopes: Sequence[Recipient]) -> list[CoverLetter]:
    """Each says how to reach the student's keyworker or, without one, whoever sent it.

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
    return written


def page_of(letters: Sequence[CoverLetter]) -> str:
    return rendering.page(TEMPLATE, {"letters": letters, "school": school.load(), "today": clock.today()})


def _bound(letters: Sequence[CoverLetter], _: str) -> rendering.Pdf:
    """Each letter is drawn by itself, so that it is read out in front of its own report."""
    book, missing = Book(f"Reports on paper – {school.load().name}"), ""
    for letter in letters:
        cover, report = rendering.pdf(page_of([letter])), letter.copy.report
        missing += cover.missing
        book.add(cover.content, f"To {letter.copy.member.name}")
        with report.pdf.open("rb") as file:
            book.add(file.read(), report.title)
        book.end_sheet()  # printed on both sides, the next letter starts a sheet of its own
    return rendering.Pdf(book.written(), len(book.pdf.pages), "".join(sorted(set(missing))))
