"""What the page of what helps a student says besides the sheets: for those who work with the student."""

from __future__ import annotations

from typing import Any

from keywork import clock
from keywork.access import Can, allows

from ..plans.models import PlanVersion
from .models import Resource, Tried

MOST_TRIED = 20


def profile_of(reader: Any, student: Any) -> dict[str, Any]:
    """Three queries; nothing for who does not work with the student."""
    if not allows(reader, Can.VIEW_PROFILE, student):
        return {}
    today = clock.today()
    versions = PlanVersion.objects.newest().filter(plan__student=student, plan__kind="profile")
    given = Resource.objects.filter(student=student)
    resources = sorted(given, key=lambda one: (one.ended_on is not None, one.what.lower()))
    return {
        "reads_profile": True,
        "profile": versions.select_related("plan", "written_by").first(),
        "resources": [(one, *one.state(today)) for one in resources],
        "tried": list(Tried.objects.standing().filter(student=student).select_related("by")[:MOST_TRIED]),
        "keeps_profile": allows(reader, Can.KEEP_PLANS, student),
        "tells_tried": allows(reader, Can.ADD_INPUT, student),
    }
