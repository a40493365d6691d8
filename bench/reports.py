"""Reports a minute through the whole pipe, and the ratio to bare WeasyPrint on the same HTML."""

from __future__ import annotations

import json
import time

import django

django.setup()

from weasyprint import HTML  # noqa: E402  settings must be ready first

from bench.timing import percentile  # noqa: E402
from keywork import clock, school  # noqa: E402
from keywork.models import User  # noqa: E402
from reports import actions, rendering, sheets  # noqa: E402
from reports.kinds import KINDS, terms_to_report  # noqa: E402
from students.models import Student  # noqa: E402

STUDENTS = 30


def main() -> None:
    facts, today = school.load(), clock.today()
    term = terms_to_report(facts, today)[0]
    kind = KINDS["keeping-in-touch"]
    students = list(Student.objects.on_roll(today)[:STUDENTS])
    head = User.objects.get(email="head@demo.keywork.example")
    fonts, sheet = sheets._style()

    def bare(html: str) -> None:
        HTML(string=html).write_pdf(
            stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True
        )

    contexts = kind.build(students, term, today, facts)
    pages = {student.pk: rendering.page(kind.template, contexts[student.pk][0]) for student in students}
    first = pages[students[0].pk]
    bare(first), rendering.pdf(first)
    ratios, whole, plain = [], [], []
    for student in students:  # in turn, one student at a time, so that a drift touches both alike
        batch = actions.Batch.objects.create(
            kind=kind.slug, term=term.id, known_on=today, total=1, created_by=head, created_at=clock.now()
        )
        began = time.perf_counter()
        actions.make_reports(batch=batch, student_ids=[student.pk])
        ours = time.perf_counter() - began
        began = time.perf_counter()
        bare(pages[student.pk])
        theirs = time.perf_counter() - began
        ratios.append(ours / theirs)
        whole.append(ours)
        plain.append(theirs)
    print(
        json.dumps(
            {
                "pdfs_per_minute_one_core": round(60 / percentile(whole, 0.5)),
                "ms_each": round(percentile(whole, 0.5) * 1000, 1),
                "bare_weasyprint_ms_each": round(percentile(plain, 0.5) * 1000, 1),
                "ratio_to_bare": round(percentile(ratios, 0.5), 3),
            }
        )
    )


main()
