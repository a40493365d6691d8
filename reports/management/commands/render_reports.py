"""PDFs without the browser: one file a student in a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from keywork import clock, school
from reports import rendering
from reports.files import missing_in_words
from reports.kinds import KINDS, students_of, terms_to_report
from students.models import Student


class Command(BaseCommand):
    help = "Render reports of a kind and term into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", required=True, choices=sorted(KINDS))
        parser.add_argument("--term", required=True, help="for example 2026-27-autumn")
        parser.add_argument("--out", required=True, type=Path)
        parser.add_argument("--student", type=int, help="only this student's id")

    def handle(self, *args: Any, **options: Any) -> None:
        facts, today = school.load(), clock.today()
        terms = {term.id: term for term in terms_to_report(facts, today)}
        term = terms.get(options["term"])
        if term is None:
            raise CommandError(f"No such term has begun. Choose one of: {', '.join(terms)}.")
        chosen = students_of(Student.objects.all(), term, today)
        if options["student"]:
            chosen = chosen.filter(pk=options["student"])
            if not chosen:
                raise CommandError(f"No student {options['student']} was on roll in {term.name}.")
        kind, out = KINDS[options["kind"]], options["out"]
        out.mkdir(parents=True, exist_ok=True)
        students = list(chosen)
        contexts, made = kind.build(students, term, today, facts), 0
        for student in students:
            name = re.sub(
                r"[^\w-]+", "-", f"{student.surname}-{student.known_as}-{student.pk}-{kind.slug}-{term.id}"
            )
            for number, one in enumerate(contexts[student.pk], 1):  # one for each household
                document = rendering.pdf(rendering.page(kind.template, one))
                ending = f"-{number}" if one["written_for"] else ""
                (out / f"{name}{ending}.pdf").write_bytes(document.content)
                if document.missing:
                    self.stderr.write(f"{name}{ending}.pdf: {missing_in_words(document.missing)}")
                made += 1
        self.stdout.write(f"{made} PDFs in {out}.")
