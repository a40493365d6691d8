"""The households no contact has reached for six weeks (C15)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from keywork import clock
from keywork.access import Can, holds_for_all
from keywork.guards import permission_required
from keywork.http import SchoolRequest

from ..households import not_reached
from ..misses import HOUSEHOLD_NOT_REACHED_DAYS

PAGE = 50


@permission_required(Can.OVERSEE)
def households(request: SchoolRequest) -> HttpResponse:
    """Longest unreached first. Names are for those who may see family details; others read what they are."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
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
