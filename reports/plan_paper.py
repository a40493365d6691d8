"""A version of a plan that a keyworker keeps, on paper: for who reads it, and for home where its kind says so."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from care.plans import permissions
from care.plans.models import PlanVersion
from keywork import clock
from keywork.audit import opened
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.models import Assignment
from keywork.school import load
from keywork.words import worded

from . import printing, rendering

TEMPLATE = "reports/kept_plan.html"


def context(version: PlanVersion) -> dict[str, Any]:
    plan = version.plan
    assignments = (
        Assignment.objects.current(clock.today()).filter(student=plan.student_id).select_related("user")
    )
    held = {assignment.kind: assignment.user for assignment in assignments.order_by("-starts_on", "-pk")}
    return {
        "school": load(),
        "student": plan.student,
        "plan": plan,
        "kind": plan.of_kind,
        "version": version,
        "kept_by": [held[kind] for kind in plan.of_kind.kept_by if kind in held],
        "seen_by": worded(permissions.seen_by(plan.of_kind)),
        "is_in_force": version.is_newest and plan.ended_on is None,
        "known_on": clock.today(),
    }


def paper(version_id: int) -> printing.Paper:
    version = PlanVersion.objects.select_related("plan__student", "written_by").get(pk=version_id)
    said = context(version)
    return printing.Paper(rendering.page(TEMPLATE, said), forms=printing.FORMS, known_on=said["known_on"])


def printed(request: SchoolRequest, version: PlanVersion) -> HttpResponse:
    plan = version.plan
    detail = f"{plan.of_kind.name}, version {version.number}, on paper"
    name = (
        "" if permissions.is_guarded(plan.of_kind) else f"-{plan.kind}"
    )  # others see the disk it is kept on
    return printing.answer(
        request,
        paper(version.pk),
        kind="plan",
        args=[version.pk],
        filename=f"plan{name}-version-{version.number}",
        about=plan.student,
        log=lambda: opened(request, plan.student, "plan", detail=detail),
    )


@permission_required(permissions.READ, GET)
def kept_plan(request: SchoolRequest, pk: int, kind: str, number: int) -> HttpResponse:
    rows = PlanVersion.objects.readable_by(request.user).select_related("plan__student")
    which = {"plan__student": pk, "plan__kind": kind, "number": number}
    return printed(request, get_visible_or_404(rows, request, permissions.READ, **which))
