"""A student's TSP tab: the assessment points of this term, the pictures of progress, and every term before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from keywork import clock, goal_links
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.calendar import Term, term_name
from keywork.dates import day_in_full, day_short
from keywork.duties import Status, named_date
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from students.models import Student
from students.record import record_page

from ...deadlines import BASELINE, REVIEW, term_shown
from ...duties import TspDuty, TspState
from ...sheets.lines import sheet_lines
from .. import history, pictures
from ..history import PointScores


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


@permission_required(Can.VIEW_TSP, GET)
def student(request: SchoolRequest, pk: int) -> HttpResponse:
    """As many queries for one term as for ten. `from` is the baseline the profile begins at."""
    found = get_visible_or_404(Student.objects.all(), request, Can.VIEW_TSP, pk=pk)
    opened(request, found, "TSP")
    today, school = clock.today(), request.school.itself
    state = TspDuty().states([found], today, school=school)[0]
    points = history.points_of(found, school.calendar)
    term = state.standing.term or term_shown(today, school.calendar)
    term_id = term.id if term else ""
    lines = point_lines(found, state, points, today, rates=allows(request.user, Can.RATE, found))
    context: dict[str, Any] = {
        "term": term,
        "duty": state,
        "point_lines": lines,
        "goals": goal_links.goals().column(found, term_id, request.user),
        "lines": sheet_lines(found, term_id, request.user),
        "terms": pictures.over_terms(points, today),
        "earlier": earlier_terms(found, points, term_id if lines else "", today),
        "judges": allows(request.user, Can.VIEW_PLANS, found),
        **_profile(request, points, today),
    }
    return record_page(request, found, "tsp", "tsp/pic_student.html", context)


def _profile(request: SchoolRequest, points: list[history.PointScores], today: Any) -> dict[str, Any]:
    """The picture and its starts; anything but one of them begins where it usually does."""
    rated = [one for one in points if one.completion.answered]
    choices = pictures.starts(rated)
    start = next((one for one in choices if str(one.pk) == request.GET.get("from")), None)
    start = start or pictures.usual_start(rated)
    if start is None:
        return {}
    return {
        "profile": pictures.profile(points, start, today),
        "starts": [(one.pk, pictures.point_label(one, today)) for one in reversed(choices)],
    }
