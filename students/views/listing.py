"""Students: everyone for those who hold the school, one's own for a keyworker."""

from __future__ import annotations

from datetime import date

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django_tables2 import RequestConfig

from keywork import clock, duties
from keywork.access import Can, allows, has_capability, holds_for_all
from keywork.guards import door
from keywork.http import SchoolRequest
from keywork.models import Assignment

from ..filters import StudentFilter
from ..models import Student
from ..tables import StudentTable

PAGE = 30  # two pages of a usual school of sixty, and no endless one on a phone
SHOWN = ("known_as", "surname", "nc_year", "placement", "joined_on", "left_on", "known_from")


@door(Can.LIST_STUDENTS)
def listing(request: SchoolRequest) -> HttpResponse:
    today = clock.today()
    keyworker = (
        Assignment.objects.current(today)
        .filter(student=OuterRef("pk"), kind=Assignment.Kind.KEYWORKER)
        .order_by()
    )
    mine = Student.objects.visible_to(request.user, Can.VIEW_STUDENT)
    found = StudentFilter(request.GET, queryset=mine)
    students = found.qs.only(*SHOWN).annotate(
        keyworker_name=Subquery(keyworker.values("user__name")[:1]),
        keyworker_order=Subquery(keyworker.values("user__in_order")[:1]),
    )
    table = StudentTable(students)
    RequestConfig(request, paginate={"per_page": PAGE}).configure(table)
    page = [row.record for row in table.paginated_rows]
    for student in page:
        student.here = student.is_on_roll(today)
    table.shows_owed = _add_owed(request, [student for student in page if student.here], today)
    if not table.shows_owed:
        table.columns.hide("owed")
    return render(
        request,
        "students/list.html",
        {
            "table": table,
            "filter": found,
            "edits": has_capability(request.user, Can.EDIT_PEOPLE),
            "imports": has_capability(request.user, Can.IMPORT_PEOPLE),
            "everyone": holds_for_all(request.user, Can.VIEW_STUDENT),
            "count": table.page.paginator.count,
            "filtered": any(request.GET.get(name) for name in ("q", "year", "placement", "roll")),
        },
    )


def _add_owed(request: SchoolRequest, page: list[Student], today: date) -> bool:
    """Give each student whose log the reader may read the most urgent state; False when there is none."""
    open_to_me = [student for student in page if allows(request.user, Can.VIEW_LOG, student)]
    states = duties.states_for(open_to_me, today, school=request.school)
    for student in open_to_me:
        student.owed = min(states[student.pk], key=lambda state: state.urgency, default=None)
    return bool(open_to_me)
