"""What a decision comes from, as a link for whoever may read that: a meeting, a plan, the EHC plan or its review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.urls import reverse

from keywork.access import Can

from ..models import Decision, EhcPlan, Meeting, PlanVersion, Review
from ..plans.at_home import shared


class Whence(NamedTuple):
    words: str
    url: str


def _meeting(user: Any, of: Decision) -> Whence | None:
    row = Meeting.objects.readable_by(user).filter(pk=of.origin_id or 0, student=of.student_id).first()
    url = row and reverse("care:meeting", args=[of.student_id, row.pk])
    return Whence(row.in_words, url) if row and url else None


def _plan(user: Any, of: Decision) -> Whence | None:
    rows = PlanVersion.objects.readable_by(user).select_related("plan")
    row = rows.filter(pk=of.origin_id or 0, plan__student=of.student_id).first()
    if row is None:
        return None
    url = reverse("care:kept_version", args=[of.student_id, row.plan.kind, row.number])
    return Whence(f"{row.plan.of_kind.name}, version {row.number}", url)


def _ehc_plan(user: Any, of: Decision) -> Whence | None:
    rows = EhcPlan.objects.visible_to(user, Can.VIEW_PLANS)
    row = rows.filter(pk=of.origin_id or 0, student=of.student_id).first()
    url = row and reverse("care:plan_version", args=[of.student_id, row.number])
    return Whence(f"EHC plan, version {row.number}", url) if row and url else None


def _review(user: Any, of: Decision) -> Whence | None:
    rows = Review.objects.visible_to(user, Can.VIEW_REVIEWS)
    row = rows.filter(pk=of.origin_id or 0, student=of.student_id).first()
    url = row and reverse("care:review", args=[of.student_id, row.pk])
    return Whence("Review of the EHC plan", url) if row and url else None


FINDERS: Mapping[str, Callable[[Any, Decision], Whence | None]] = {
    "meeting": _meeting,
    "plan": _plan,
    "ehc-plan": _ehc_plan,
    "review": _review,
}


def plan_at_home(user: Any, of: Decision) -> PlanVersion | None:
    """The version that a parent or carer was told of, while it is in force; one query at most."""
    if of.origin != "plan" or of.origin_id is None:
        return None
    rows = shared().visible_to(user, Can.VIEW_FAMILY_HOME).filter(plan__student=of.student_id)
    return rows.filter(pk=of.origin_id).select_related("plan").first()


def whence(user: Any, of: Decision) -> Whence | None:
    """For its page; one query at most."""
    find = FINDERS.get(of.origin) if of.origin_id is not None else None
    return find(user, of) if find else None
