"""The households no contact has reached for six weeks (C15)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from keywork import clock
from keywork.access import Can, holds_for_all
from keywork.audit import exported
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.spreadsheet import harmless, table_answer
from keywork.words import worded

from ..households import not_reached
from ..misses import HOUSEHOLD_NOT_REACHED_DAYS

PAGE = 50


@permission_required(Can.OVERSEE, GET)
def households(request: SchoolRequest) -> HttpResponse:
    """Longest unreached first. Names are for those who may see family details; others read what they are."""
    today = clock.today()
    found = not_reached(request.user, today, request.school)
    context = {
        "today": today,
        "days": HOUSEHOLD_NOT_REACHED_DAYS,
        "page": Paginator(found.households, PAGE).get_page(request.GET.get("page")),
        "without_pr": found.without_pr,
        "names": holds_for_all(request.user, Can.VIEW_FAMILY),
        "logs": holds_for_all(request.user, Can.LOG),
    }
    return render(request, "contacts/households.html", context)


@permission_required(Can.OVERSEE, GET)
def download(request: SchoolRequest, kind: str) -> HttpResponse:
    """The same rows as a file, with names only for those who may see family details; whose they were is kept."""
    today = clock.today()
    found = not_reached(request.user, today, request.school).households
    exported(request, sorted({home.student.pk for home in found}), "households not reached")
    names = holds_for_all(request.user, Can.VIEW_FAMILY)
    heads = [worded("Student"), "Year", "Household"]
    lines = [[*heads, "Who may be contacted there", "Last reached", "On hold until"]]
    for home in found:
        people = [
            f"{person.member.name}, {person.relationship}".strip(", ")
            if names
            else person.relationship or "Parent or carer"
            for person in home.people
        ]
        days = [on.isoformat() if on else "" for on in (home.last_on, home.held_until)]
        cells = [home.student.name, home.student.year_label, home.label, "; ".join(people), *days]
        lines.append([harmless(cell) for cell in cells])
    return table_answer(kind, f"households-{today.isoformat()}", lines)
