"""What kinds of report there are. A later kind is one more entry here, with a builder and a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from keywork.calendar import Term
from keywork.school import SchoolFacts
from students.models.student import StudentQuerySet

from . import keeping_in_touch

# Student id to the contexts of the template, one for each household it is written for: `household` is its key,
# `written_for` the names, empty where there is one household. Fixed number of queries for any number of students.
Builder = Callable[[Sequence[Any], Term, date, SchoolFacts], Mapping[int, Sequence[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Kind:
    slug: str
    name: str
    about: str
    template: str
    build: Builder

    def title(self, student: Any, term: Term, written_for: str = "") -> str:
        about = f"{student.known_as}: {self.name.lower()}, {term.name}"
        return f"{about}, for {written_for}"[:200] if written_for else about


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
    )
}


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
