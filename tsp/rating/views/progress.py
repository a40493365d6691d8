"""A student's TSP tab: this term, the pictures of progress, and every term before."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from keywork import clock, goal_links
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from students.models import Student
from students.record import record_context

from ...deadlines import term_shown
from ...duties import TspDuty
from ...sheets.lines import sheet_lines
from .. import history, pictures
from ..record import earlier_terms, point_lines


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
        "goals": goal_links.column(found, term_id, request.user),
        "lines": sheet_lines(found, term_id, request.user),
        "terms": pictures.over_terms(points, today),
        "earlier": earlier_terms(found, points, term_id if lines else "", today),
        "judges": allows(request.user, Can.VIEW_PLANS, found),
        **_profile(request, points, today),
    }
    return render(request, "tsp/pic_student.html", context | record_context(request, found, "tsp"))


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
