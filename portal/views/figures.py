"""Oversight in numbers: week, half-term and term against the last, the students behind a number, silences."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from keywork import clock
from keywork.access import Can, has_capability
from keywork.audit import exported
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.spreadsheet import harmless, table_answer
from keywork.words import worded

from ..figures import FIGURES, behind, lines
from ..figures import silences as found_silences
from ..periods import Period, periods

PAGE = 25  # on a phone each is a quarter of a screen


def _period(request: SchoolRequest) -> tuple[list[Period], Period]:
    found = periods(request.school.calendar, clock.today())
    asked = request.GET.get("period", "week")
    return found, next((one for one in found if one.key == asked), found[0])


@permission_required(Can.OVERSEE, GET)
def figures(request: SchoolRequest) -> HttpResponse:
    """One period at a time, so that a phone has room for now, then and the whole of then."""
    every, period = _period(request)
    policy = request.school.policy(clock.today())
    context = {
        "every": every,
        "period": period,
        "lines": lines(request.user, period, policy),
        "may_see_outcomes": has_capability(request.user, Can.EDIT_PLANS),
    }
    return render(request, "portal/oversight_figures.html", context)


@permission_required(Can.OVERSEE, GET)
def figures_file(request: SchoolRequest, kind: str) -> HttpResponse:
    """The numbers of all periods as a file; no student is in it."""
    every, _ = _period(request)
    policy = request.school.policy(clock.today())
    rows: list[list[Any]] = [
        ["Period", "From", "To", "Figure", "Now", "By the same day before", "All of the one before"]
    ]
    for period in every:
        for line in lines(request.user, period, policy):
            cells = [period.name, period.first.isoformat(), period.last.isoformat(), str(line.figure.name)]
            counts = [line.now, line.same, line.whole]
            rows.append([*cells, *("" if one is None else one for one in counts)])
    return table_answer(kind, f"oversight-figures-{clock.today().isoformat()}", rows)


@permission_required(Can.OVERSEE, GET)
def figure(request: SchoolRequest, name: str) -> HttpResponse:
    """The students behind one number."""
    one = FIGURES.get(name)
    if one is None:
        raise Http404
    _, period = _period(request)
    first, last, when = period.first, period.last, period.name
    if request.GET.get("of") == "before" and period.before_first and period.before_last:
        first, last, when = period.before_first, period.before_last, period.before_name
    rows = behind(request.user, one, first, last, request.school.policy(clock.today()))
    context = {
        "figure": one,
        "period": period,
        "when": when,
        "first": first,
        "last": last,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/oversight_figure.html", context)


@permission_required(Can.OVERSEE, GET)
def silences(request: SchoolRequest) -> HttpResponse:
    """For how long nothing happened with each student, longest first."""
    today = clock.today()
    found = found_silences(request.user, today, request.school.policy(today))
    context = {
        "today": today,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/oversight_silences.html", context)


@permission_required(Can.OVERSEE, GET)
def silences_file(request: SchoolRequest, kind: str) -> HttpResponse:
    today = clock.today()
    found = found_silences(request.user, today, request.school.policy(today))
    exported(request, [one.student.pk for one in found], "silences")

    def day(on: date | None) -> str:
        return on.isoformat() if on else ""

    rows: list[list[Any]] = [
        [worded("Student"), "Year", "Home last reached", "Last session held", "Days of silence"]
    ]
    for one in found:
        cells = [one.student.name, one.student.year_label, day(one.home_on), day(one.session_on)]
        rows.append([*(harmless(cell) for cell in cells), (today - one.quiet_since).days])
    return table_answer(kind, f"silences-{today.isoformat()}", rows)
