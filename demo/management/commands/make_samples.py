"""A PDF and a Word file of every kind of report, of students of the invented school, into a directory; nothing is kept of it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.html import format_html, format_html_join

from care.models import PlanVersion
from demo.papers import TEXTS, Words, written
from keywork import clock, school
from keywork.calendar import Term
from keywork.errors import Refused
from keywork.models import Assignment, User
from keywork.school import SchoolFacts
from portal import oversight_report
from reports import contact_log, plan_paper, printing, profile, rendering
from reports.kinds import KINDS, terms_to_report
from reports.pack import actions as packs
from reports.pack import content, making
from reports.pack.words import FIELDS
from reports.writing import build
from students.models import Student


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        keyworker = User.objects.filter(email="keyworker@demo.keywork.example").first()
        if keyworker is None:
            raise CommandError("Samples are made of the invented school. Load it first: make run.")
        directory.mkdir(parents=True, exist_ok=True)
        facts, today = school.load(), clock.today()
        assignments = Assignment.objects.current(today).filter(user=keyworker, kind=Assignment.Kind.KEYWORKER)
        students = [
            assignment.student
            for assignment in assignments.select_related("student").order_by("student__in_order")
        ]
        with transaction.atomic():
            for name, paper in self.samples(students, keyworker, terms_to_report(facts, today)[0], facts):
                pdf = paper.made("")
                (directory / f"{name}.pdf").write_bytes(pdf.content)
                (directory / f"{name}.docx").write_bytes(paper.made(printing.WORD).content)
                self.stdout.write(f"{name}: {pdf.pages} page{'' if pdf.pages == 1 else 's'}")
            transaction.set_rollback(True)

    def samples(
        self, students: list[Student], by: User, term: Term, facts: SchoolFacts
    ) -> Iterator[tuple[str, printing.Paper]]:
        today = clock.today()
        for kind in KINDS.values():
            for student in students:
                try:
                    page = (
                        build.contexts(kind, [written(kind.slug, student, term, by)], term, facts)
                        if kind.is_written
                        else kind.build([student], term, today, facts)
                    )[student.pk][0]
                except Refused:  # nothing to say
                    continue
                yield kind.slug, printing.Paper(rendering.page(kind.template, page), known_on=today)
                break
        coordinator = User.objects.get(email="coordinator@demo.keywork.example")
        yield from self.pack(students[-1], term, facts, coordinator)
        head = User.objects.get(email="head@demo.keywork.example")
        yield "profile", profile.paper(students[-1].pk, by.pk)
        plans = PlanVersion.objects.newest().filter(plan__student__in=students, plan__kind="risk")
        for version in plans.order_by("plan__student__in_order")[:1]:
            yield "plan", plan_paper.paper(version.pk)
        yield "oversight", oversight_report.paper(head.pk, term.id)
        days = [day.isoformat() for day in (today - timedelta(days=365), today)]
        yield "contact-log", contact_log.paper(students[-1].pk, by.pk, *days)

    def pack(
        self, student: Student, term: Term, facts: SchoolFacts, by: User
    ) -> Iterator[tuple[str, printing.Paper]]:
        pack = packs.begin(
            student=student, starts_on=term.starts_on, ends_on=clock.today(), authority="Netherwick", by=by
        )
        said = Words(student)
        words = {name: said.said(TEXTS["pack"].get(name, "")) for name in FIELDS}
        packs.write(pack=pack, words=words, authority="Netherwick", version=pack.version)
        pack.refresh_from_db()
        pack.ordered_by, pack.ordered_at = by, clock.now()
        told = {**TEXTS["document"], "dated_on": date.fromisoformat(TEXTS["document"]["dated_on"])}
        document = packs.attach(pack=pack, facts=told, pdf=ContentFile(self.document(said)), by=by)
        rows = packs.rows_of(pack, by)
        frozen = content.frozen(pack, [one for one in rows if one.chosen], len(rows), facts)
        yield "evidence-pack", making.paper(frozen)
        document.file.delete(save=False)  # the row goes with all else

    def document(self, said: Words) -> bytes:
        """What somebody outside school sends: a page of their own."""
        told = TEXTS["document"]
        lines = format_html_join("", "<p>{}</p>", ((said.said(line),) for line in TEXTS["advice"]))
        page = format_html(
            '<!doctype html><html lang="en-GB"><title>{}</title><body class="kp-paper"><h1>{}</h1>{}</body></html>',
            told["title"],
            told["title"],
            lines,
        )
        return rendering.pdf(page).content
