"""What is known of TSP in one term, of many students: two queries at most, and one more for how far it is; and when
the baseline or review of any term is owed: the duty's own answer, for the pages that show one assessment point.

`known_on` asks for what was known at the end of that day (`keywork.known`). A point that was opened again counts
from the day it was first finished: its history knows that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, When

from keywork import clock, prepared
from keywork.calendar import Term
from keywork.chunks import OnRoll
from keywork.dates import overdue_from
from keywork.duties import named_date
from keywork.known import rows_of, versions_of
from keywork.school import SchoolFacts
from keywork.sql import any_of
from students.away import read_absences

from .. import deadlines
from ..deadlines import Done, TspFacts
from ..models import AssessmentPoint


class PointFact(NamedTuple):
    """One point, as it is read. `digest`, of its form, is there while it is unfinished."""

    student_id: int
    kind: str
    pk: int
    done_on: date | None
    is_open: bool
    reopened_reason: str
    template_id: int
    digest: str | None = None
    finished_before: Sequence[date] | None = (
        None  # of one that was opened again, the days on which it had been
    )


# Of each student that has any, by kind: the rows of the points that somebody has opened, each as PointFact(*row).
Points = Mapping[str, Mapping[int, tuple[Any, ...]]]


def points_of_term(
    ids: Sequence[int], term: Term, as_of: date, known_on: date | None = None
) -> prepared.Read:
    """The points of each of some students, by kind (Points)."""
    return prepared.Read(_points, ids, term.id, as_of, known_on=known_on, then=_by_kind)


def _by_kind(rows: Sequence[tuple[Any, ...]]) -> Points:
    found: dict[str, dict[int, tuple[Any, ...]]] = {kind: {} for kind in AssessmentPoint.Kind.values}
    for row in rows:
        found[row[1]][row[0]] = row
    return found


def days_done(row: tuple[Any, ...] | None) -> tuple[date, ...]:
    """The days on which the point was finished, oldest first."""
    if row is None:
        return ()
    _, _, _, done_on, is_open, *_, earlier = row
    if not earlier:
        return () if is_open else (done_on,)
    return tuple(sorted({*earlier} if is_open else {*earlier, done_on}))


def _points(ids: Any, term: str, as_of: date, *, known_on: date | None) -> QuerySet:
    unfinished = Q(finished_at__isnull=True) | Q(done_on__gt=as_of)
    if known_on is not None:  # what was loaded finished was unfinished until then
        unfinished |= Q(finished_at__date__gt=known_on)
    return (
        rows_of("tsp.AssessmentPoint", known_on)
        .filter(any_of("student", ids), term=term)
        .order_by()
        .annotate(
            is_open=Case(When(unfinished, then=True), default=False),
            digest=Case(When(unfinished, then=F("template__digest"))),
            finished_before=Case(When(~Q(reopened_reason=""), then=ArraySubquery(_days_finished(known_on)))),
        )
        .values_list(
            "student",
            "kind",
            "id",
            "done_on",
            "is_open",
            "reopened_reason",
            "template",
            "digest",
            "finished_before",
        )
    )


class Rated:
    """How many statements of each of some points were rated: one query, with the first line that says it.

    Ratings count from the day they were made or confirmed.
    """

    def __init__(self, points: Sequence[int], as_of: date, known_on: date | None) -> None:
        self._points, self._before, self._known_on = points, overdue_from(as_of), known_on

    @cached_property
    def counts(self) -> Mapping[int, int]:
        if not self._points:
            return {}
        return dict(prepared.rows_as_known(self._known_on, _rated, self._points, self._before))


def _rated(points: Any, before: datetime, *, known_on: date | None) -> QuerySet:
    rated = rows_of("tsp.Rating", known_on).filter(any_of("point", points), confirmed_at__lt=before)
    return rated.order_by().values_list("point").annotate(Count("id"))


def _days_finished(known_on: date | None) -> QuerySet:
    """Of a point, by its history, the days on which it was finished."""
    past = versions_of("tsp.AssessmentPoint", known_on).filter(pgh_obj=OuterRef("id"), done_on__isnull=False)
    if known_on is not None:
        past = past.filter(finished_at__date__lte=known_on)
    return past.order_by().values("done_on")


def away_of_leavers(
    students: Sequence[Any], term: Term, as_of: date, known_on: date | None
) -> prepared.Read | None:
    """When those who leave in the term were away in it (T6); None where nobody does."""
    leavers = [one.pk for one in students if one.left_on and term.starts_on <= one.left_on <= term.ends_on]
    return read_absences(leavers, term.starts_on, as_of, known_on) if leavers else None


class DueSummary(NamedTuple):
    """First day and last day in time, and `by`, the one date that every page names."""

    opens_on: date
    due_on: date
    by: date


def due_summaries(
    students: Sequence[Any], term: Term, kind: str, as_of: date, school: SchoolFacts
) -> Mapping[int, DueSummary]:
    """Of each student who owes it, by id. One query, and another where somebody leaves in the term.

    Students are rows as those of `keywork.chunks`, in the stay on roll that the term is part of.
    """
    points = points_of_term([one.pk for one in students], term, as_of).now()
    leavers = away_of_leavers(students, term, as_of, None)
    away = leavers.now() if leavers else {}

    @cache
    def period(facts: TspFacts) -> DueSummary | None:
        found = deadlines.period_owed(facts, term, kind, as_of, school)
        if found is None:
            return None
        do_by = school.calendar.last_pupil_day_on_or_before(found.due_on)
        return DueSummary(
            found.opens_on, found.due_on, named_date(found.due_on, do_by, as_of) or found.due_on
        )

    asked = {}
    for one in students:
        done = Done(*(days_done(points[each].get(one.pk)) for each in (deadlines.BASELINE, deadlines.REVIEW)))
        facts = TspFacts(one.joined_on, one.left_on, one.known_from, done, away.get(one.pk, ()))
        asked[one.pk] = period(facts)
    return {pk: found for pk, found in asked.items() if found is not None}


def due_summary_of(student: Any, term: Term, kind: str, school: SchoolFacts) -> DueSummary | None:
    """Of one student, today; None where none is owed."""
    joined_on, left_on = student.stay_on(term.ends_on)
    if joined_on > term.ends_on or (left_on is not None and left_on < term.starts_on):
        return None
    stay = OnRoll(student.pk, joined_on, left_on, student.known_from)
    return due_summaries([stay], term, kind, clock.today(), school).get(student.pk)
