"""What kinds of report there are. A later kind is one more entry here, with its sections and a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from keywork.calendar import Term
from keywork.school import SchoolFacts
from keywork.words import worded_lazy
from students.models.student import StudentQuerySet

from . import keeping_in_touch
from .sections import Section, home, independence, meeting, review, tsp
from .writing import build as writing

# Student id to the contexts of the template, one for each household it is written for: `household` is its key,
# `written_for` the names, empty where there is one household. Fixed number of queries for any number of students.
Builder = Callable[[Sequence[Any], Term, date, SchoolFacts], Mapping[int, Sequence[dict[str, Any]]]]


def days_of_term(student: Any, term: Term, today: date) -> tuple[date, date]:
    return term.starts_on, min(term.ends_on, today)


class Kept(NamedTuple):
    """A copy that goes to nobody: whose it is, and what becomes of it."""

    whose: str
    words: str


def _nothing_more(context: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _approved(kind: str) -> Builder:
    """What makes a kind that somebody writes."""

    def build(
        students: Sequence[Any], term: Term, known_on: date, school: SchoolFacts
    ) -> Mapping[int, Sequence[dict[str, Any]]]:
        return writing.approved(KINDS[kind], students, term, school)

    return build


@dataclass(frozen=True)
class ReportKind:
    """`sections` of one that somebody writes; one without is made from the record as it stands, by `build`.

    `each_term`: drafts of it are begun by themselves when the reviews of a term open. `span` says the first and the
    last day a report of a term is about, or raises Refused. `drawn` adds to a copy's context what its template needs
    worked out of the facts and of the lines that stand. `kept` are copies that are not for any home, by household.
    """

    slug: str
    name: str
    about: str
    template: str
    build: Builder
    sections: tuple[Section, ...] = ()
    for_family: bool = True
    each_term: bool = False
    span: Callable[[Any, Term, date], tuple[date, date]] = field(default=days_of_term)
    drawn: Callable[[Mapping[str, Any]], dict[str, Any]] = field(default=_nothing_more)
    kept: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def is_written(self) -> bool:
        return bool(self.sections)

    @cached_property
    def section(self) -> Mapping[str, Section]:
        return {one.key: one for one in self.sections}

    def title(self, student: Any, term: Term, written_for: str = "") -> str:
        about = f"{student.known_as}: {self.name.lower()}, {term.name}"
        return f"{about}, for {written_for}"[:200] if written_for else about


TSP_TERMLY, ANNUAL_REVIEW, ILSA = "tsp-termly", "annual-review", "ilsa"

KINDS: dict[str, ReportKind] = {
    kind.slug: kind
    for kind in (
        ReportKind(
            "keeping-in-touch",
            "Keeping in touch",
            worded_lazy(
                "How school and home kept in touch this term, and when the student met their keyworker."
            ),
            "reports/keeping_in_touch.html",
            keeping_in_touch.build,
        ),
        ReportKind(
            TSP_TERMLY,
            "Report for home",
            worded_lazy("How the student is getting on this term, for the family: written by the keyworker."),
            "reports/tsp_termly.html",
            _approved(TSP_TERMLY),
            each_term=True,
            sections=(
                Section(
                    "own-words",
                    "In my words",
                    offers=tsp.own_words,
                    asks=worded_lazy("Three lines are enough. Write what the student says, as they say it."),
                    needed=True,
                ),
                Section(
                    "gone-well",
                    "What has gone well",
                    offers=tsp.examples,
                    asks=worded_lazy(
                        "Begin with the day. Use first names for family and staff, none for other students."
                    ),
                    needed=True,
                ),
                Section(
                    "areas",
                    "Nine areas",
                    facts=tsp.areas,
                    sources=tsp.rated_in,
                    offers=tsp.why_harder,
                    summary=tsp.areas_in_words,
                ),
                Section(
                    "goals",
                    "Goals",
                    facts=tsp.goals,
                    sources=tsp.goals_of,
                    offers=tsp.what_helped,
                    summary=tsp.goals_in_words,
                ),
                Section(
                    "being-here",
                    "Being here and joining in",
                    offers=home.being_here,
                    asks="One sentence on attendance, one on joining in.",
                    needed=True,
                ),
                Section(
                    "in-touch",
                    "How we kept in touch",
                    facts=home.in_touch,
                    sources=home.in_the_log,
                    summary=home.in_touch_in_words,
                ),
                Section(
                    "next-term",
                    "Next term",
                    offers=tsp.next_goals,
                    asks=worded_lazy("What the student will work on."),
                    needed=True,
                ),
                Section(
                    "at-home",
                    "What home can do",
                    asks="One thing a line, small enough to be done.",
                    needed=True,
                ),
            ),
        ),
        ReportKind(
            ANNUAL_REVIEW,
            "Annual-review report",
            worded_lazy(
                "Social progress since the last review of the plan, for the meeting: written by the keyworker."
            ),
            "reports/annual_review.html",
            _approved(ANNUAL_REVIEW),
            for_family=False,
            span=review.days,
            drawn=review.drawn,
            sections=(
                Section(
                    "short",
                    "In short",
                    facts=review.short,
                    sources=review.in_plan_and_outcomes,
                    summary=review.short_in_words,
                    asks="Three sentences: what is better, what is harder, what we suggest.",
                    needed=True,
                ),
                Section(
                    "own-words",
                    "In my words",
                    offers=review.own_words,
                    asks=worded_lazy("What the student wants the meeting to hear, as they say it."),
                    needed=True,
                ),
                Section(
                    "home-views",
                    "What home says",
                    offers=review.home_views,
                    asks="Begin with the name. Where nobody answered, say how often they were asked.",
                    needed=True,
                ),
                Section("works", "What works", offers=review.works, asks="A thing a line."),
                Section("not", "What does not", offers=review.works_not, asks="A thing a line."),
                Section("friends", "Friends, community, safety", offers=review.friends),
                Section(
                    "here",
                    "Being here, joining in, keeping in touch",
                    facts=review.here,
                    sources=review.in_the_log,
                    offers=review.here_offers,
                    summary=review.here_in_words,
                ),
                Section(
                    "plans",
                    "Health, risk and support plans",
                    offers=review.plans,
                    asks="A plan a line: its name, from when it is in force, when it is looked at next.",
                ),
                Section(
                    "outcomes",
                    "Outcomes in section E",
                    facts=review.plan_outcomes,
                    sources=review.in_plan_and_outcomes,
                    offers=review.outcome_lines,
                    summary=review.outcomes_in_words,
                ),
                Section(
                    "areas",
                    "Nine areas",
                    facts=review.areas,
                    sources=review.rated_in,
                    offers=review.why_harder,
                    summary=tsp.areas_in_words,
                ),
                Section(
                    "goals", "Goals", facts=review.goals, sources=tsp.goals_of, summary=tsp.goals_in_words
                ),
                Section(
                    "independence",
                    "Independence",
                    facts=independence.latest,
                    sources=independence.rated_by,
                    offers=independence.others_answers,
                    summary=independence.in_words,
                ),
                Section(
                    "adulthood",
                    "Preparing for adulthood",
                    facts=review.adulthood,
                    sources=review.in_the_plan,
                    offers=review.adulthood_lines,
                    summary=review.adulthood_in_words,
                ),
                Section(
                    "changes",
                    "Changes we suggest to the plan",
                    offers=review.changes,
                    asks="What else should change, and because of what.",
                ),
                Section(
                    "disagreements",
                    "What is not agreed",
                    offers=meeting.disagreements,
                    asks="Who sees what differently, in a line each. Where all agree, say so.",
                    needed=True,
                ),
                Section(
                    "circulation",
                    "Who gets this report",
                    offers=review.circulation,
                    asks=worded_lazy("A person a line, with what they are to the student."),
                    needed=True,
                ),
            ),
        ),
        ReportKind(
            ILSA,
            "Independence report",
            worded_lazy(
                "What the student does alone, as each person sees it, and the three things they chose to work on."
            ),
            "reports/ilsa.html",
            _approved(ILSA),
            span=independence.days,
            drawn=independence.copy,
            kept={
                independence.SCHOOL: Kept(
                    "For school",
                    "It holds what everybody answered and is for the record: whoever may read reports opens it here.",
                ),
                independence.STUDENT: Kept(
                    worded_lazy("For the student"),
                    "Print it and look at it together. Once they have answered, the same figures are on their own page.",
                ),
            },
            sections=(
                Section(
                    "ratings",
                    "Each person’s view",
                    facts=independence.of_year,
                    sources=independence.rated_by,
                    offers=independence.own_answers,
                    summary=independence.in_words,
                ),
                Section(
                    "own-words",
                    "In my words",
                    offers=tsp.own_words,
                    asks=worded_lazy("What the student says about doing things alone, as they say it."),
                    needed=True,
                ),
                Section(
                    "unseen",
                    "Not seen yet",
                    asks="How there will be a chance to see what nobody could see, and by when.",
                ),
                Section("priorities", "Three things to work on", offers=independence.priorities),
            ),
        ),
    )
}
WRITTEN: Mapping[str, ReportKind] = {slug: kind for slug, kind in KINDS.items() if kind.is_written}
MADE_AT_ONCE: Mapping[str, ReportKind] = {slug: kind for slug, kind in KINDS.items() if not kind.is_written}


def students_of(students: StudentQuerySet, term: Term, today: date) -> StudentQuerySet:
    """Those a report on the term is about: on roll at some time of it, up to today."""
    return students.on_roll_during(term.starts_on, min(term.ends_on, today))


def terms_to_report(school: SchoolFacts, today: date) -> list[Term]:
    """Terms that have begun since the school went live, latest first."""
    terms, live_on = school.calendar.terms, school.went_live_on
    return [term for term in terms if term.starts_on <= today and term.ends_on >= live_on][::-1]
