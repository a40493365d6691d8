"""A PDF and a Word file of every kind of report, of students of the invented school, into a directory; nothing is kept of it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.html import format_html, format_html_join

from demo.texts import texts
from demo.words import fill, words_for
from keywork import clock, school
from keywork.calendar import Term
from keywork.errors import Refused
from keywork.models import Assignment, User
from keywork.school import SchoolFacts
from portal import oversight_report
from reports import contact_log, printing, profile, rendering
from reports.kinds import KINDS, terms_to_report
from reports.pack import actions as packs
from reports.pack import content, making
from reports.pack.words import FIELDS
from reports.writing import actions as writing
from reports.writing import build
from students.models import Student

# What a keyworker would write, where the invented school's record has no words: by section, by what is asked for.
TEXTS = texts("samples")


class Words:
    """Words of one student. Each of several for the same question is used in turn."""

    def __init__(self, student: Student) -> None:
        home = student.family_links.order_by("priority", "pk").select_related("member").first()
        who = home.member.forename if home else "Home"
        self.about = words_for(student.known_as, student.sex or "T", student.pronouns, "", who)
        self.used: Counter[str] = Counter()

    def said(self, words: str) -> str:
        return fill(words, self.about)

    def answer(self, prompt: str) -> str:
        begins, answers = next(one for one in TEXTS["prompts"] if self.said(one[0]) in prompt)
        self.used[begins] += 1
        return self.said(answers[(self.used[begins] - 1) % len(answers)])

    def lines(self, section: str) -> list[str]:
        return [self.said(line) for line in TEXTS["lines"].get(section, ())]


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
        posts = Assignment.objects.current(today).filter(user=keyworker, kind=Assignment.Kind.KEYWORKER)
        students = [post.student for post in posts.select_related("student").order_by("student__in_order")]
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
                if kind.is_written:
                    page = self.written(kind.slug, student, term, facts, by)
                else:
                    page = kind.build([student], term, today, facts)[student.pk][0]
                if page is not None:
                    yield kind.slug, printing.Paper(rendering.page(kind.template, page), known_on=today)
                    break
        coordinator = User.objects.get(email="coordinator@demo.keywork.example")
        yield from self.pack(students[-1], term, facts, coordinator)
        head = User.objects.get(email="head@demo.keywork.example")
        yield "profile", profile.paper(students[-1].pk, by.pk)
        yield "oversight", oversight_report.paper(head.pk, term.id)
        days = [day.isoformat() for day in (today - timedelta(days=365), today)]
        yield "contact-log", contact_log.paper(students[-1].pk, by.pk, *days)

    def written(self, kind: str, student: Student, term: Term, facts: SchoolFacts, by: User) -> Any:
        """A report with words in every section that asks for them; None of whom there is nothing to say."""
        try:
            report = writing.begin(student=student, kind=kind, term=term.id, by=by)
        except Refused:
            return None
        said = Words(student)
        for section in KINDS[kind].sections:
            lines = list(report.lines.filter(section=section.key).order_by("place", "pk"))
            words = {line.pk: line.text or said.answer(line.prompt) for line in lines if not line.is_left_out}
            out = [line.pk for line in lines if line.is_left_out]
            short = section.asks and len(words) < len(said.lines(section.key))
            new = said.lines(section.key)[len(words) :] if short else []
            wanted = writing.Wanted(words, out, new)
            writing.write_section(report=report, section=section.key, wanted=wanted, by=by)
        return build.contexts(KINDS[kind], [report], term, facts)[student.pk][0]

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
