"""Reports as a keyworker of the invented school would write them, and last term's, released, for its parents to open."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction

from keywork import clock, school
from keywork.calendar import Term
from keywork.models import Assignment, User
from outbox.models import Job
from reports import actions
from reports.kinds import KINDS, TSP_TERMLY, terms_to_report
from reports.writing import actions as writing
from students.models import FamilyLink, Student

from . import cast
from .words import fill, texts, words_for

# What a keyworker would write, where the record has no words: by section, by what is asked for.
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


def written(kind: str, student: Student, term: Term, by: User) -> Any:
    """A report with words in every section that asks for them. Raises Refused where there is nothing to say."""
    report, said = writing.begin(student=student, kind=kind, term=term.id, by=by), Words(student)
    for section in KINDS[kind].sections:
        lines = list(report.lines.filter(section=section.key).order_by("place", "pk"))
        words = {line.pk: line.text or said.answer(line.prompt) for line in lines if not line.is_left_out}
        out = [line.pk for line in lines if line.is_left_out]
        new = said.lines(section.key)[len(words) :] if section.asks else []
        wanted = writing.Wanted(words, out, new)
        writing.write_section(report=report, section=section.key, wanted=wanted, by=by)
    return report


@transaction.atomic
def release_last_term() -> int:
    """Last term's report for home of Kacper and Teddy, and how school kept in touch with parent@; how many."""
    today, (head, coordinator) = clock.today(), (_user(name) for name in ("head", "coordinator"))
    ended = [term for term in terms_to_report(school.load(), today) if term.ends_on < today]
    parents = [f"{name}@{cast.DOMAIN}" for name in ("parent", "parent2")]
    links = FamilyLink.objects.for_reports(today).filter(member__user__email__in=parents).order_by("student")
    here = links.filter(student__joined_on__lte=ended[0].ends_on) if ended else links.none()
    batches, mine = [], [link.student for link in here.filter(member__user__email=parents[0])]
    if mine:
        batches += [actions.order_batch(kind=next(iter(KINDS)), term=ended[0].id, students=mine, by=head)]
    assignments = Assignment.objects.keyworkers(today).filter(
        student__in=here.values("student"), user__email__startswith="keyworker@"
    )
    reports = []
    for assignment in assignments.select_related("student", "user"):
        report = written(TSP_TERMLY, assignment.student, ended[0], assignment.user)
        report.refresh_from_db()
        reports.append(writing.send(report=report, by=assignment.user, version=report.version))
    if reports:
        batches += writing.approve(reports=reports, by=coordinator)
    for batch in batches:
        actions.make_reports(batch=batch, student_ids=batch.students.values_list("student", flat=True))
        actions.release(reports=batch.reports.all(), by=head)
    Job.objects.all().delete()  # they are made, and nobody is e-mailed about an invented child
    return sum(batch.total for batch in batches)


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@{cast.DOMAIN}")
