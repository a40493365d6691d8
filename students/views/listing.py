"""Students: everyone for those who hold the school, one's own for a keyworker."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django_tables2 import RequestConfig

from keywork import clock, duties
from keywork.access import Can, has_capability, holds_for_all, of_these
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.keyworker_history import keyworkers

from ..filters import StudentFilter
from ..models import Student
from ..tables import StudentRow, StudentTable

PAGE = 30  # two pages of a usual school of sixty, and no endless one on a phone
SHOWN = ("known_as", "surname", "nc_year", "placement", "joined_on", "left_on", "known_from")


@permission_required(Can.LIST_STUDENTS)
def listing(request: SchoolRequest) -> HttpResponse:
    today = clock.today()
    mine = Student.objects.visible_to(request.user, Can.VIEW_STUDENT)
    found = StudentFilter(request.GET, queryset=mine)
    table = StudentTable(found.qs.only(*SHOWN))
    RequestConfig(request, paginate={"per_page": PAGE}).configure(table)
    page: list[Student] = [row.record for row in table.paginated_rows]
    in_post = keyworkers([student.pk for student in page], today, today)
    owed = _most_urgent(request, [student for student in page if student.is_on_roll(today)], today)
    table.shown = [
        StudentRow(
            student,
            is_here=student.is_on_roll(today),
            keyworker_name=next((period.name for period in in_post.get(student.pk, ())), ""),
            owed=owed.get(student.pk),
        )
        for student in page
    ]
    table.shows_owed = bool(owed)
    if not owed:
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


def _most_urgent(
    request: SchoolRequest, page: list[Student], today: date
) -> dict[int, duties.DutyState | None]:
    """The most urgent state of each student whose log the reader may read."""
    mine = of_these(request.user, Can.VIEW_LOG, [student.pk for student in page])
    open_to_me = [student for student in page if student.pk in mine]
    states = duties.states_for(open_to_me, today, school=request.school)
    return {
        student.pk: min(states[student.pk], key=lambda state: state.urgency, default=None)
        for student in open_to_me
    }
