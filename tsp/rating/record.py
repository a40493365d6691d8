"""The TSP tab of a student's record: the windows of the term, what stands beside them, and the terms before."""

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
from .history import WindowScores


@dataclass(frozen=True, slots=True)
class WindowLine:
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
    """One term before, each of its windows with its day."""

    name: str
    windows: Sequence[tuple[str, str, str]]  # "Baseline", "18 September 2025", address


def window_lines(
    student: Any, state: TspState, windows: Sequence[WindowScores], today: date, *, rates: bool
) -> list[WindowLine]:
    """Both windows of the term shown; none where no term is."""
    term = state.standing.term
    if term is None:
        return []
    mine = {one.kind: one for one in windows if one.term == term.id}
    return [_line(student, term, kind, state, mine.get(kind), today, rates) for kind in (BASELINE, REVIEW)]


def _line(
    student: Any,
    term: Term,
    kind: str,
    state: TspState,
    window: WindowScores | None,
    today: date,
    rates: bool,
) -> WindowLine:
    title = _title(kind, state)
    url = reverse("tsp:workspace", args=[student.pk, term.id, kind])
    if state.standing.kind == kind and state.status is not Status.NONE:
        act = _act(kind, window, rates) if window is not None or state.action_url else ""
        return WindowLine(
            title,
            state.level,
            state.label,
            state.when,
            url if act else "",
            act,
            [] if state.is_plain else state.reasons,
        )
    act = _act(kind, window, rates) if window is not None else ""
    if window is not None and window.done_on is not None:
        return WindowLine(title, "ok", "Done", f"Finished {day_in_full(window.done_on, today)}", url, act)
    if kind == BASELINE:  # the review is what matters now
        return WindowLine(
            title, "missed", "Missed", "Change is measured from the first ratings.", url if act else "", act
        )
    review = state.standing.review
    if review is None:
        return WindowLine(title, "none", "Not owed", "", url if act else "", act)
    due_on = review.window.due_on
    due = named_date(due_on, state.school.calendar.last_pupil_day_on_or_before(due_on), today) or due_on
    when = f"{day_short(review.window.opens_on, today)} to {day_in_full(due, today)}"
    return WindowLine(title, "none", "Not open yet", when, url if act else "", act)


def _title(kind: str, state: TspState) -> str:
    review = state.standing.review
    if kind == BASELINE:
        return "Baseline"
    return "Closing review" if review is not None and review.closing else "Review"


def _act(kind: str, window: WindowScores | None, rates: bool) -> str:
    if window is None:
        return f"Start the {kind}" if rates else ""
    return "Go on" if rates and not window.finished else "Read it"


def earlier_terms(
    student: Any, windows: Sequence[WindowScores], shown: str, today: date
) -> list[EarlierTerm]:
    """Every term with a window but the one shown above, newest first."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for one in reversed(windows):
        if one.term != shown:
            day = day_short(one.done_on, today) if one.done_on else "not finished"
            url = reverse("tsp:workspace", args=[student.pk, one.term, one.kind])
            found.setdefault(one.term, []).insert(
                0, ("Baseline" if one.kind == BASELINE else "Review", day, url)
            )
    return [EarlierTerm(term_name(term), lines) for term, lines in found.items()]
