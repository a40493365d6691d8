"""Search: a student by name or number, leavers included, among those one may open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from keywork import clock
from keywork.access import Can
from keywork.guards import door
from students.finding import matching
from students.models import Student

MOST = 50
SHOWN = ("known_as", "surname", "legal_forename", "nc_year", "placement", "joined_on", "left_on")


@door(Can.LIST_STUDENTS)
def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:100]
    context = {"typed": typed, "today": clock.today()}
    if typed:
        visible = Student.objects.visible_to(request.user, Can.VIEW_STUDENT)
        found = list(matching(visible, typed).only(*SHOWN)[: MOST + 1])
        for student in found:
            student.has_left = student.left_on is not None and student.left_on < context["today"]
        context |= {"found": found[:MOST], "more": len(found) > MOST}
    return render(request, "portal/search.html", context)
