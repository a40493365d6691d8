"""What kinds of report there are. A later kind is one more entry here, with its sections and a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from keywork.calendar import Term
from keywork.school import SchoolFacts
from students.models.student import StudentQuerySet

from . import keeping_in_touch
from .sections import Section, home, tsp
from .writing import build as writing

# Student id to the contexts of the template, one for each household it is written for: `household` is its key,
# `written_for` the names, empty where there is one household. Fixed number of queries for any number of students.
Builder = Callable[[Sequence[Any], Term, date, SchoolFacts], Mapping[int, Sequence[dict[str, Any]]]]


@dataclass(frozen=True)
class Kind:
    """`sections` of one that somebody writes; one without is made from the record as it stands, by `build`.

    `each_term`: drafts of it are begun by themselves when the reviews of a term open.
    """

    slug: str
    name: str
    about: str
    template: str
    build: Builder
    sections: tuple[Section, ...] = ()
    for_family: bool = True
    each_term: bool = False

    @property
    def is_written(self) -> bool:
        return bool(self.sections)

    @cached_property
    def section(self) -> Mapping[str, Section]:
        return {one.key: one for one in self.sections}

    def title(self, student: Any, term: Term, written_for: str = "") -> str:
        about = f"{student.known_as}: {self.name.lower()}, {term.name}"
        return f"{about}, for {written_for}"[:200] if written_for else about


TSP_TERMLY = "tsp-termly"

KINDS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "keeping-in-touch",
            "Keeping in touch",
            "How school and home kept in touch this term, and when the student met their keyworker.",
            "reports/keeping_in_touch.html",
            keeping_in_touch.build,
        ),
        Kind(
            TSP_TERMLY,
            "Report for home",
            "How the student is getting on this term, for the family: written by the keyworker.",
            "reports/tsp_termly.html",
            writing.builder(TSP_TERMLY),
            each_term=True,
            sections=(
                Section(
                    "own-words",
                    "In my words",
                    offers=tsp.own_words,
                    asks="Three lines are enough. Write what the student says, as they say it.",
                    needed=True,
                ),
                Section(
                    "gone-well",
                    "What has gone well",
                    offers=tsp.examples,
                    asks="Begin with the day. Use first names for family and staff, none for other students.",
                    needed=True,
                ),
                Section(
                    "areas",
                    "Nine areas",
                    facts=tsp.areas,
                    offers=tsp.why_harder,
                    summary=tsp.areas_in_words,
                ),
                Section(
                    "goals", "Goals", facts=tsp.goals, offers=tsp.what_helped, summary=tsp.goals_in_words
                ),
                Section(
                    "being-here",
                    "Being here and joining in",
                    offers=home.attendance,
                    asks="One sentence on attendance, one on joining in.",
                    needed=True,
                ),
                Section(
                    "in-touch", "How we kept in touch", facts=home.in_touch, summary=home.in_touch_in_words
                ),
                Section(
                    "next-term",
                    "Next term",
                    offers=tsp.next_goals,
                    asks="What the student will work on.",
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
    )
}
WRITTEN: Mapping[str, Kind] = {slug: kind for slug, kind in KINDS.items() if kind.is_written}
MADE_AT_ONCE: Mapping[str, Kind] = {slug: kind for slug, kind in KINDS.items() if not kind.is_written}


def students_of(students: StudentQuerySet, term: Term, today: date) -> StudentQuerySet:
    """Those a report on the term is about: on roll at some time of it, up to today."""
    return students.on_roll_during(term.starts_on, min(term.ends_on, today))


def terms_to_report(school: SchoolFacts, today: date) -> list[Term]:
    """Terms that have begun since the school went live, latest first."""
    begun = [
        term
        for term in school.calendar.terms
        if term.starts_on <= today and term.ends_on >= school.went_live_on
    ]
    return begun[::-1]
