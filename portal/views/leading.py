"""The homes of those who lead: coordinator, safeguarding lead, SENCo, administrator."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from keywork import clock
from keywork.access import Can, has_capability
from keywork.audit import opened_each
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.jobs import late_job
from safety.worry_audience import open_worries, thin_cover

from .. import leading
from ..calendar_changes import next_year_missing


@permission_required(Can.FOLLOW_TSP, GET)
def coordinator(request: SchoolRequest) -> HttpResponse:
    """How complete the TSP is, whom to chase, what to check, reports to release."""
    today = clock.today()
    context = leading.coordinating(request.user, today, request.school.itself)
    opened_each(request, {scale.goal.student_id for scale in context["to_check"]}, "goals to check")
    context |= {"today": today, "edits_form": has_capability(request.user, Can.EDIT_TEMPLATES)}
    return render(request, "portal/coordinator.html", context)


@permission_required(Can.VIEW_RESTRICTIONS, GET)
def safeguarding(request: SchoolRequest) -> HttpResponse:
    """Holds, restrictions and restricted entries; what students said stands above them."""
    today = clock.today()
    context = leading.safeguarding(request.user, today) | {
        "today": today,
        "worries": open_worries(request.user),
        "cover": thin_cover(),
    }
    return render(request, "portal/safeguarding.html", context)


@permission_required(Can.EDIT_PLANS, GET)
def reviews(request: SchoolRequest) -> HttpResponse:
    """Annual reviews of those whose plan one keeps, and outcomes that nothing is done towards."""
    today = clock.today()
    context = leading.reviews(request.user, today, request.school.itself) | {
        "today": today,
        "keeps_forms": has_capability(request.user, Can.KEEP_AUTHORITY_FORMS),
    }
    return render(request, "portal/reviews.html", context)


@permission_required(Can.MANAGE_ACCOUNTS, GET)
def administrator(request: SchoolRequest) -> HttpResponse:
    """Accounts, people and imports in numbers, with where to go for each."""
    today = clock.today()
    context = leading.administering(request.user, today) | {
        "today": today,
        "late_job": late_job(),
        "missing_year": next_year_missing(request.school.calendar, today),
        "cover": thin_cover(),
        "mends_cover": True,
    }
    return render(request, "portal/administrator.html", context)
