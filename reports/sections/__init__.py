"""What reports are put together from: a section reads its part of the record, and says how it looks on paper.

    Section("goals", "Goals", facts=tsp.goals, offers=tsp.what_helped)

`facts` gives plain values (JSON), kept with the report when it goes to be checked, so that the document never changes
with the record. `offers` gives the lines that the keyworker begins with: each may be changed or left out, and leads to
the entry it was taken from; `sources` leads to where the facts were taken from. Which sections a report has, its `Kind` says (reports.kinds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from keywork.access import Can
from keywork.calendar import Term
from keywork.school import SchoolFacts
from students.models import Student


@dataclass(frozen=True, slots=True)
class Span:
    """What a report is about: a student, and the days from `first` to `last` of a term, as known on `known_on`."""

    student: Student
    term: Term
    first: date
    last: date
    known_on: date
    school: SchoolFacts


@dataclass(frozen=True, slots=True)
class Offer:
    """A line a section begins with.

    `words` are those of the record, and empty where a `prompt` asks the keyworker for them. `source` says in words
    where they are from, `about` what the line belongs to (a goal, an area). `shared_with` are the family members who
    may read it (keys of FamilyMember), None for everyone who gets the report.
    """

    key: str  # the same entry offered again is the same line: "evidence-12"
    words: str = ""
    on: date | None = None
    source: str = ""
    url: str = ""
    prompt: str = ""
    about: str = ""
    shared_with: Sequence[int] | None = None
    chosen: bool = True  # does it stand in the report from the start, or only when the writer puts it in?


class Source(NamedTuple):
    """Where in the record something stands: a link, in words."""

    words: str
    url: str


def _nothing(span: Span) -> Any:
    return {}


def _none(span: Span) -> Sequence[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report. `asks` is what the writer may add, in a sentence; empty where nobody writes here.

    `can` is the right without which nobody of staff sees, writes or opens it, beside that to make the report
    (reports.reading).
    """

    key: str
    title: str
    facts: Callable[[Span], Any] = field(default=_nothing)
    offers: Callable[[Span], Sequence[Offer]] = field(default=_none)
    sources: Callable[[Span], Sequence[Source]] = field(default=_none)
    asks: str = ""
    can: Can | None = None
    needed: bool = False  # is a report without a line here not whole?
    summary: Callable[[Any], str] = field(default=lambda facts: "")  # of its facts, for the list of sections
