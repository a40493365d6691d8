"""What is known of TSP in one term, of many students: three queries at most, and one more for how far it is.

`known_on` asks for what was known at the end of that day (`keywork.known`). A window that was opened again counts from
the day it was first finished: its history knows that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, When

from keywork import prepared
from keywork.calendar import Span, Term
from keywork.dates import overdue_from
from keywork.known import rows_of, versions_of
from keywork.sql import any_of
from students.away import absences

from ..models import AssessmentPoint


class WindowFact(NamedTuple):
    """One window, as it is read. `digest`, of its form, is there while it is unfinished."""

    student_id: int
    kind: str
    pk: int
    done_on: date | None
    is_open: bool
    reopened_reason: str
    template_id: int
    digest: str | None = None


# Of each student that has any, by kind: the rows of the windows that somebody has opened, each as WindowFact(*row).
Windows = Mapping[str, Mapping[int, tuple[Any, ...]]]


def windows_of_term(
    ids: Sequence[int], term: Term, as_of: date, known_on: date | None = None
) -> tuple[Windows, Mapping[int, set[date]]]:
    """The windows, and of those that were opened again the days on which they had been finished."""
    rows = prepared.rows_as_known(known_on, _windows, ids, term.id, as_of)
    found: dict[str, dict[int, tuple[Any, ...]]] = {kind: {} for kind in AssessmentPoint.Kind.values}
    for row in rows:
        found[row[1]][row[0]] = row
    return found, _finished_before([row[2] for row in rows if row[5]], known_on)


def days_done(row: tuple[Any, ...] | None, earlier: Mapping[int, set[date]]) -> tuple[date, ...]:
    """The days on which the window was finished, oldest first."""
    if row is None:
        return ()
    _, _, pk, done_on, is_open, *_ = row
    if pk not in earlier:
        return () if is_open else (done_on,)
    return tuple(sorted(earlier[pk] if is_open else {*earlier[pk], done_on}))


def _windows(ids: Any, term: str, as_of: date, *, known_on: date | None) -> QuerySet:
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
        )
        .values_list("student", "kind", "id", "done_on", "is_open", "reopened_reason", "template", "digest")
    )


class Rated:
    """How many statements of each of some windows were rated: one query, with the first line that says it.

    Ratings count from the day they were made or confirmed.
    """

    def __init__(self, windows: Sequence[int], as_of: date, known_on: date | None) -> None:
        self._windows, self._before, self._known_on = windows, overdue_from(as_of), known_on

    @cached_property
    def counts(self) -> Mapping[int, int]:
        if not self._windows:
            return {}
        return dict(prepared.rows_as_known(self._known_on, _rated, self._windows, self._before))


def _rated(windows: Any, before: datetime, *, known_on: date | None) -> QuerySet:
    rated = rows_of("tsp.Rating", known_on).filter(any_of("window", windows), confirmed_at__lt=before)
    return rated.order_by().values_list("window").annotate(Count("id"))


def _finished_before(reopened: Sequence[int], known_on: date | None) -> dict[int, set[date]]:
    """The days on which windows that were opened again had been finished."""
    found: dict[int, set[date]] = {}
    if reopened:
        for pk, day in prepared.rows_as_known(known_on, _days_finished, reopened):
            found.setdefault(pk, set()).add(day)
    return found


def _days_finished(windows: Any, *, known_on: date | None) -> QuerySet:
    past = versions_of("tsp.AssessmentPoint", known_on).filter(
        any_of("pgh_obj", windows), done_on__isnull=False
    )
    if known_on is not None:
        past = past.filter(finished_at__date__lte=known_on)
    return past.order_by().values_list("pgh_obj", "done_on")


def away_of_leavers(
    students: Sequence[Any], term: Term, as_of: date, known_on: date | None
) -> Mapping[int, tuple[Span, ...]]:
    """When those who leave in the term were away in it (T6)."""
    leavers = [one.pk for one in students if one.left_on and term.starts_on <= one.left_on <= term.ends_on]
    return absences(leavers, term.starts_on, as_of, known_on) if leavers else {}
