"""Students: everyone for those who hold the school, one's own for a keyworker."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_tables2 import RequestConfig

from keywork import clock, duties
from keywork.access import Can, allows, holds_for_all
from keywork.guards import door
from keywork.models import Assignment

from ..filters import StudentFilter
from ..models import Student
from ..tables import StudentTable

PAGE = 50
SHOWN = ("known_as", "surname", "nc_year", "placement", "joined_on", "left_on")


@door(Can.LIST_STUDENTS)
def listing(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    keyworker = (
        Assignment.objects.current(today)
        .filter(student=OuterRef("pk"), kind=Assignment.Kind.KEYWORKER)
        .values("user__name")[:1]
    )
    mine = Student.objects.visible_to(request.user, Can.VIEW_STUDENT)
    found = StudentFilter(request.GET, queryset=mine)
    students = found.qs.only(*SHOWN).annotate(keyworker_name=Subquery(keyworker))
    table = StudentTable(students)
    RequestConfig(request, paginate={"per_page": PAGE}).configure(table)
    page = [row.record for row in table.paginated_rows]
    table.owed = _next_owed(request, page, today)
    if not table.owed:
        table.columns.hide("owed")
    return render(
        request,
        "students/list.html",
        {
            "table": table,
            "filter": found,
            "everyone": holds_for_all(request.user, Can.VIEW_STUDENT),
            "count": table.page.paginator.count,
            "filtered": any(request.GET.get(name) for name in ("q", "year", "placement", "roll")),
        },
    )


def _next_owed(request: HttpRequest, page: list[Student], today: Any) -> dict[int, duties.DutyState]:
    """The most urgent state of each student on the page whose log the reader may read."""
    open_to_me = [student for student in page if allows(request.user, Can.VIEW_LOG, student) and student.is_on_roll(today)]
    states = duties.states_for(open_to_me, today, school=request.school)  # type: ignore[attr-defined]
    return {pk: min(owed, key=lambda state: state.urgency) for pk, owed in states.items() if owed}
