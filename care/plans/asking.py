"""That a plan is to be read, as a kind of enquiry: it comes by mail, stands on Today, and is answered on the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from enquiries.kinds import EnquiryKind, about_one_of
from enquiries.models import Enquiry
from keywork.access import Can

from . import TO_READ
from .models import PlanVersion


class PlanToRead(EnquiryKind):
    """Whoever may read the plan today may say so. Nothing of a mail says what kind of plan it is."""

    slug, name, page_title = TO_READ, "a plan to read", "A plan to read"
    read_by = Can.VIEW_KEPT_PLANS
    to_read = True
    subjects = ("A plan to read in Keywork", "A reminder: a plan to read in Keywork")
    template = "care/email/plan_to_read.txt"

    def for_colleague(self, user: Any) -> Q:
        return about_one_of(PlanVersion.objects.readable_by(user))

    def own_page(self, enquiry: Enquiry, user: Any) -> str:
        return page_of(_version(enquiry))

    def followed_at(self, enquiry: Enquiry) -> str:
        return page_of(_version(enquiry))

    def abouts(self, rows: Sequence[Enquiry]) -> dict[int, str]:
        found = PlanVersion.objects.select_related("plan").in_bulk([int(row.period) for row in rows])
        said = {}
        for row in rows:
            version = found[int(row.period)]
            said[row.pk] = f"{version.plan.of_kind.name}, version {version.number}, to read"
        return said


def _version(enquiry: Enquiry) -> PlanVersion:
    return PlanVersion.objects.select_related("plan").get(pk=int(enquiry.period))


def page_of(version: PlanVersion) -> str:
    return reverse("care:kept", args=[version.plan.student_id, version.plan.kind])
