"""The TSP tab of a student's record: the points of the term, what stands beside them, and the terms before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from keywork.calendar import Term, term_name
from keywork.dates import day_in_full, day_short
from keywork.duties import Status, named_date

from ..deadlines import BASELINE, REVIEW
from ..duties import TspState
from .history import PointScores


@dataclass(frozen=True, slots=True)
class PointLine:
    """The baseline or the review of the term: how it stands in words, and the way in."""

    title: str
    level: str
    label: str
    when: str
    url: str = ""
    act: str = ""  # "Start the baseline", "Go on", "Read it"
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EarlierTerm:
    """One term before, each of its points with its day."""

    name: str
    points: Sequence[tuple[str, str, str]]  # "Baseline", "18 September 2025", address


def point_lines(
    student: Any, state: TspState, points: Sequence[PointScores], today: date, *, rates: bool
) -> list[PointLine]:
    """Both points of the term shown; none where no term is."""
    term = state.standing.term
    if term is None:
        return []
    mine = {one.kind: one for one in points if one.term == term.id}
    return [_line(student, term, kind, state, mine.get(kind), today, rates) for kind in (BASELINE, REVIEW)]


def _line(
    student: Any,
    term: Term,
    kind: str,
    state: TspState,
    point: PointScores | None,
    today: date,
    rates: bool,
) -> PointLine:
    title = _title(kind, state)
    url = reverse("tsp:workspace", args=[student.pk, term.id, kind])
    if state.standing.kind == kind and state.status is not Status.NONE:
        act = _act(kind, point, rates) if point is not None or state.action_url else ""
        return PointLine(
            title,
            state.level,
            state.label,
            state.when,
            url if act else "",
            act,
            [] if state.is_plain else state.reasons,
        )
    act = _act(kind, point, rates) if point is not None else ""
    if point is not None and point.done_on is not None:
        return PointLine(title, "ok", "Done", f"Finished {day_in_full(point.done_on, today)}", url, act)
    if kind == BASELINE:  # the review is what matters now
        return PointLine(
            title, "missed", "Missed", "Change is measured from the first ratings.", url if act else "", act
        )
    review = state.standing.review
    if review is None:
        return PointLine(title, "none", "Not owed", "", url if act else "", act)
    due_on = review.period.due_on
    due = named_date(due_on, state.school.calendar.last_pupil_day_on_or_before(due_on), today) or due_on
    when = f"{day_short(review.period.opens_on, today)} to {day_in_full(due, today)}"
    return PointLine(title, "none", "Not open yet", when, url if act else "", act)


def _title(kind: str, state: TspState) -> str:
    review = state.standing.review
    if kind == BASELINE:
        return "Baseline"
    return "Closing review" if review is not None and review.closing else "Review"


def _act(kind: str, point: PointScores | None, rates: bool) -> str:
    if point is None:
        return f"Start the {kind}" if rates else ""
    return "Go on" if rates and not point.finished else "Read it"


def earlier_terms(student: Any, points: Sequence[PointScores], shown: str, today: date) -> list[EarlierTerm]:
    """Every term with a point but the one shown above, newest first."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for one in reversed(points):
        if one.term != shown:
            day = day_short(one.done_on, today) if one.done_on else "not finished"
            url = reverse("tsp:workspace", args=[student.pk, one.term, one.kind])
            found.setdefault(one.term, []).insert(
                0, ("Baseline" if one.kind == BASELINE else "Review", day, url)
            )
    return [EarlierTerm(term_name(term), lines) for term, lines in found.items()]
