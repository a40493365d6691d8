"""The head's view of independence across the school, as a page and as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from keywork import replica
from keywork.access import Can, has_capability
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.spreadsheet import csv_answer, harmless
from keywork.words import worded
from students.models import Student

from .. import school_view
from ..models import Round

STAGES = {
    "primary": "Up to Year 6",
    "lower": "Years 7 to 9",
    "upper": "Years 10 and 11",
    "sixth": "Year 12 and on",
}
KINDS = {"domain": "Domains", "pfa": "Preparing for adulthood"}


def stage(nc_year: str, placement: str) -> str:
    """The part of the school a year group belongs to; "X" and nursery count with the youngest."""
    year = int(nc_year) if nc_year.isdecimal() else 0
    if year >= 12:
        return "sixth"
    if year >= 10:
        return "upper"
    return "lower" if year >= 7 else "primary"


def placing(nc_year: str, placement: str) -> str:
    return placement


GROUPINGS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "stage": ("by age", stage, STAGES),
    "placement": ("by placement", placing, dict(Student.Placement.choices)),
}


@permission_required(Can.VIEW_SCHOOL_ILSA, GET)
def school(request: SchoolRequest) -> HttpResponse:
    rounds = list(Round.objects.order_by("-year"))
    wanted = request.GET.get("year")
    chosen = next((one for one in rounds if one.year == wanted), rounds[0] if rounds else None)
    by, grouping = _asked(request)
    context: dict[str, Any] = {
        "rounds": rounds,
        "round": chosen,
        "by": by,
        "kinds": KINDS,
        "grouping": grouping,
        "groupings": {key: words for key, (words, _, _) in GROUPINGS.items()},
        "least": school_view.SMALL_GROUP,
        "rounds_url": reverse("ilsa:rounds") if has_capability(request.user, Can.RUN_ILSA) else "",
    }
    if chosen is not None:
        table, heads = _table(request, chosen, by, grouping), list(GROUPINGS[grouping][2].values())
        context |= {
            "heads": heads,
            "rows": [(row, list(zip(heads, row.groups, strict=True))) for row in table.rows],
            "asked": school_view.assessed(chosen),
        }
    return render(request, "ilsa/school.html", context)


def _asked(request: SchoolRequest) -> tuple[str, str]:
    """The rows and the columns of the table: a key of KINDS and one of GROUPINGS."""
    by, grouping = request.GET.get("by", ""), request.GET.get("groups", "")
    return by if by in KINDS else "domain", grouping if grouping in GROUPINGS else "stage"


def _table(
    request: SchoolRequest, chosen: Round, by: str, grouping: str, read: replica.Read = replica.directly
) -> school_view.SchoolTable:
    _, group_of, names = GROUPINGS[grouping]
    students = list(
        Student.objects.visible_to(request.user, Can.VIEW_SCHOOL_ILSA).values_list("pk", flat=True)
    )
    return read(lambda: school_view.table(chosen, students, by=by, group_of=group_of, groups=tuple(names)))


@permission_required(Can.VIEW_SCHOOL_ILSA, GET)
def school_csv(request: SchoolRequest, year: str) -> HttpResponse:
    """The same table with one decimal; small groups are left out here too."""
    chosen = get_object_or_404(Round, year=year)
    by, grouping = _asked(request)
    table = _table(request, chosen, by, grouping, read=replica.read)
    names = GROUPINGS[grouping][2]
    lines: list[list[Any]] = [
        [KINDS[by], "Whole school", worded("Students"), *(names[group] for group in table.groups)]
    ]
    for row in table.rows:
        figures = [row.whole.exported, row.whole.students, *(figure.exported for figure in row.groups)]
        lines.append([harmless(row.title), *("" if value is None else value for value in figures)])
    return csv_answer(f"independence-{year}.csv", lines)
