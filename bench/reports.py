"""Reports a minute through the whole pipe, and the ratio to bare WeasyPrint on the same HTML: in turn in one process,
and two processes of ours in turn with two that only print; then the memory of one process over 600 reports.

`python -m bench.reports 4` measures four students and 40 reports, to see that it runs.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from weasyprint import HTML

from bench.timing import percentile
from keywork import clock, school
from keywork.calendar import Term
from keywork.models import User
from keywork.school import SchoolFacts
from reports import actions, rendering, sheets
from reports.kinds import KINDS, ReportKind, terms_to_report
from reports.writing import actions as writing
from students.models import Student

STUDENTS = 60
MANY = 10  # reports of one process for each student, for its memory, looked at after each tenth of them
PROCESSES = 2
EACH = 10  # students of one process in one turn
BEGAN = time.perf_counter()


def main(count: int = STUDENTS) -> None:
    facts, today = school.load(), clock.today()
    term = terms_to_report(facts, today)[0]
    students = list(Student.objects.on_roll(today)[:count])
    head = User.objects.get(email="head@demo.keywork.example")
    _write(students, term.id, head, User.objects.get(email="coordinator@demo.keywork.example"))
    _said("written")
    found: dict[str, Any] = dict(_measured(KINDS["keeping-in-touch"], students, term, today, facts, head))
    _said("in turn", found)
    found["two_processes"] = _side_by_side(KINDS["tsp-termly"], students, term, facts, head)
    _said("side by side", found["two_processes"])
    found["memory_mb"] = _memory(term, head, students)
    _said("memory", found["memory_mb"])
    print(json.dumps({**found, "seconds": round(time.perf_counter() - BEGAN)}))


def _said(what: str, figures: Any = "") -> None:
    """How far it is, and what was found so far: a run that is stopped has not been for nothing."""
    print(f"  {time.perf_counter() - BEGAN:4.0f} s  {what} {figures}", file=sys.stderr, flush=True)


def _write(students: Sequence[Student], term: str, by: User, checker: User) -> None:
    """A report for home of each, approved by another person."""
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
        writing.approve(reports=sent, by=checker)


def _measured(
    kind: ReportKind, students: Sequence[Student], term: Term, today: date, facts: SchoolFacts, head: User
) -> dict[str, float]:
    """Ours, from the rows to the file kept, beside bare WeasyPrint on the same pages."""
    contexts = kind.build(students, term, today, facts)
    pages = {one.pk: [rendering.page(kind.template, each) for each in contexts[one.pk]] for one in students}
    first = pages[students[0].pk][0]
    _bare(first)
    rendering.pdf(first)
    ratios, whole, plain = [], [], []
    for student in students:  # in turn, one student at a time, so that a drift touches both alike
        began = time.perf_counter()
        _make(kind, term, head, student)
        ours = (time.perf_counter() - began) / len(pages[student.pk])
        began = time.perf_counter()
        for html in pages[student.pk]:
            _bare(html)
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


def _bare(html: str) -> None:
    fonts, sheet = sheets._style()
    HTML(string=html).write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True)


def _side_by_side(
    kind: ReportKind, students: Sequence[Student], term: Term, facts: SchoolFacts, head: User
) -> dict[str, Any]:
    """Seconds of two processes that make everybody's reports, and of two that only print the same pages; twice each.

    All four are there from the beginning and are in turn at some students: what else the machine does slows both alike.
    `of_bare_cpu` is of their processor time, with that of Postgres, which waiting for a core does not change.
    """
    contexts = kind.build(students, term, clock.today(), facts)
    rounds = [
        students[start : start + PROCESSES * EACH] for start in range(0, len(students), PROCESSES * EACH)
    ]
    bare, ours = ([_Other(what) for _ in range(PROCESSES)] for what in ("bare", "ours"))
    seconds = {"bare": 0.0, "ours": 0.0}
    processor = {"bare": 0.0, "ours": 0.0}
    ratios, made = [], 0
    with tempfile.TemporaryDirectory() as directory:
        for number, some in enumerate([*rounds, *rounds]):
            halves = [some[each::PROCESSES] for each in range(PROCESSES)]
            batch = _ordered(kind, term, head, len(some))
            pages = []
            for each, half in enumerate(halves):
                html = [rendering.page(kind.template, page) for one in half for page in contexts[one.pk]]
                made += len(html)
                pages.append(Path(directory, f"{number}-{each}.json"))
                pages[-1].write_text(json.dumps(html))
            work = [
                ("bare", bare, [str(path) for path in pages]),
                (
                    "ours",
                    ours,
                    [" ".join(str(pk) for pk in (batch.pk, *(one.pk for one in half))) for half in halves],
                ),
            ]
            took = {what: _together(others, told) for what, others, told in work[:: -1 if number % 2 else 1]}
            ratios.append(took["bare"][0] / took["ours"][0])
            for what, (passed, worked) in took.items():
                seconds[what] += passed
                processor[what] += worked
    for one in (*bare, *ours):
        one.end()
    return {
        "reports": made // 2,
        "ours_s": round(seconds["ours"] / 2, 2),
        "bare_s": round(seconds["bare"] / 2, 2),
        "of_bare_speed": round(seconds["bare"] / seconds["ours"], 2),
        "of_bare_speed_rounds": [round(one, 2) for one in sorted(ratios)],
        "of_bare_cpu": round(processor["bare"] / processor["ours"], 2),
    }


class _Other:
    """A process of the same school, warm and waiting to be told what to do: a line for each time."""

    def __init__(self, what: str) -> None:
        self._run = subprocess.Popen(
            [sys.executable, "-m", "bench.reports", what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.answered()

    def tell(self, line: str) -> None:
        assert self._run.stdin is not None
        self._run.stdin.write(f"{line}\n")
        self._run.stdin.flush()

    def answered(self) -> float:
        """Seconds of a processor it has worked."""
        assert self._run.stdout is not None
        said, worked = self._run.stdout.readline().split()
        assert said == "ready"
        return float(worked)

    def end(self) -> None:
        self._run.communicate()


def _together(others: Sequence[_Other], lines: Sequence[str]) -> tuple[float, float]:
    """Seconds until the last of them is done, and those of a processor that they worked."""
    began = time.perf_counter()
    for one, line in zip(others, lines, strict=True):
        one.tell(line)
    worked = sum(one.answered() for one in others)
    return time.perf_counter() - began, worked


def _process(what: str) -> None:
    """One of them: of `ours` a line is a batch and students, of `bare` a file of pages."""
    page = '<html lang="en-GB"><title>Warm</title><body class="kp-paper"><p>Warm.</p></body></html>'
    if what == "bare":
        _bare(page)
    else:
        rendering.pdf(page)
        school.load()
    print("ready 0", flush=True)
    for line in sys.stdin:
        began = _worked()
        if what == "bare":
            for html in json.loads(Path(line.strip()).read_text()):
                _bare(html)
        else:
            batch, *students = map(int, line.split())
            actions.make_reports(batch=actions.Batch.objects.get(pk=batch), student_ids=students)
        print("ready", _worked() - began, flush=True)


def _worked() -> float:
    """Seconds of a processor that this process worked, with what Postgres does for it."""
    worked = time.process_time()
    if connection.connection is not None:
        fields = (
            Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rsplit(")", 1)[1].split()
        )
        worked += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return worked


def _ordered(kind: ReportKind, term: Term, head: User, total: int) -> actions.Batch:
    return actions.Batch.objects.create(
        kind=kind.slug,
        term=term.id,
        known_on=clock.today(),
        total=total,
        created_by=head,
        created_at=clock.now(),
    )


def _make(kind: ReportKind, term: Term, head: User, student: Student) -> None:
    actions.make_reports(batch=_ordered(kind, term, head, 1), student_ids=[student.pk])


def _memory(term: Term, head: User, students: Sequence[Student]) -> list[int]:
    """Of this process, in MB, after each tenth of MANY reports for home for each student: one for each household."""
    kind, made = KINDS["tsp-termly"], 0
    found: list[int] = []
    for student in itertools.cycle(students):
        batch = _ordered(kind, term, head, 1)
        actions.make_reports(batch=batch, student_ids=[student.pk])
        made += batch.reports.count()
        if made >= (len(found) + 1) * len(students):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            found.append(round(pages * resource.getpagesize() / 2**20))
        if len(found) == MANY:
            return found
    return found


if __name__ == "__main__":
    if sys.argv[1:2] in (["bare"], ["ours"]):
        _process(sys.argv[1])
    else:
        main(*map(int, sys.argv[1:]))
