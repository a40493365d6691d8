"""Reports a minute through the whole pipe, and the ratio to bare WeasyPrint on the same HTML."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import django

django.setup()

from weasyprint import HTML  # noqa: E402  settings must be ready first

from bench.timing import percentile  # noqa: E402
from keywork import clock, school  # noqa: E402
from keywork.calendar import Term  # noqa: E402
from keywork.models import User  # noqa: E402
from keywork.school import SchoolFacts  # noqa: E402
from reports import actions, rendering, sheets  # noqa: E402
from reports.kinds import KINDS, Kind, terms_to_report  # noqa: E402
from reports.writing import actions as writing  # noqa: E402
from students.models import Student  # noqa: E402

STUDENTS = 30
MANY = 600  # reports of one process, for its memory


def main() -> None:
    facts, today = school.load(), clock.today()
    term = terms_to_report(facts, today)[0]
    students = list(Student.objects.on_roll(today)[:STUDENTS])
    head = User.objects.get(email="head@demo.keywork.example")
    _write(students, term.id, head)
    found = {"keeping-in-touch": _measured(KINDS["keeping-in-touch"], students, term, today, facts, head)}
    found["tsp-termly"] = _measured(KINDS["tsp-termly"], students, term, today, facts, head)
    print(json.dumps({**found.pop("keeping-in-touch"), **found, "memory_mb": _memory(term, head, students)}))


def _write(students: Sequence[Student], term: str, by: User) -> None:
    """A report for home of each, approved."""
    sent = []
    for student in students:
        report = writing.begin(student=student, kind="tsp-termly", term=term, by=by)
        if not report.is_written:
            continue
        for section in ("own-words", "gone-well", "being-here", "next-term", "at-home"):
            wanted = writing.Wanted({}, [], ["In a few words.", "And in a few more of them."])
            report = writing.write_section(report=report, section=section, wanted=wanted, by=by)
        report.lines.filter(prompt__gt="", recorded="").update(words="It was a hard term for everyone.")
        sent.append(writing.send(report=report, by=by, version=report.version))
    if sent:
        writing.approve(reports=sent, by=by)


def _measured(
    kind: Kind, students: Sequence[Student], term: Term, today: date, facts: SchoolFacts, head: User
) -> dict[str, float]:
    """Ours, from the rows to the file kept, beside bare WeasyPrint on the same pages."""
    fonts, sheet = sheets._style()

    def bare(html: str) -> None:
        HTML(string=html).write_pdf(
            stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True
        )

    contexts = kind.build(students, term, today, facts)
    pages = {one.pk: [rendering.page(kind.template, each) for each in contexts[one.pk]] for one in students}
    first = pages[students[0].pk][0]
    bare(first)
    rendering.pdf(first)
    ratios, whole, plain = [], [], []
    for student in students:  # in turn, one student at a time, so that a drift touches both alike
        began = time.perf_counter()
        _make(kind, term, today, head, student)
        ours = (time.perf_counter() - began) / len(pages[student.pk])
        began = time.perf_counter()
        for html in pages[student.pk]:
            bare(html)
        theirs = (time.perf_counter() - began) / len(pages[student.pk])
        ratios.append(ours / theirs)
        whole.append(ours)
        plain.append(theirs)
    return {
        "pdfs_per_minute_one_core": round(60 / percentile(whole, 0.5)),
        "ms_each": round(percentile(whole, 0.5) * 1000, 1),
        "bare_weasyprint_ms_each": round(percentile(plain, 0.5) * 1000, 1),
        "ratio_to_bare": round(percentile(ratios, 0.5), 3),
        "of_bare_speed": round(1 / percentile(ratios, 0.5), 2),
    }


def _make(kind: Kind, term: Term, today: date, head: User, student: Student) -> None:
    batch = actions.Batch.objects.create(
        kind=kind.slug, term=term.id, known_on=today, total=1, created_by=head, created_at=clock.now()
    )
    actions.make_reports(batch=batch, student_ids=[student.pk])


def _memory(term: Term, head: User, students: Sequence[Student]) -> list[int]:
    """Of this process, in MB, after each hundred of MANY reports for home."""
    found, made, kind = [], 0, KINDS["tsp-termly"]
    while made < MANY:
        for student in students:
            _make(kind, term, clock.today(), head, student)
            made += 1
            if made % 100 == 0:
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                found.append(round(pages * resource.getpagesize() / 2**20))
    return found


main()
