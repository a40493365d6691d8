"""Telling who keeps a plan that a colleague asks something about it: neither the plan nor the question stands in a mail."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from enquiries.models import Enquiry
from keywork import clock, school
from keywork.models import Assignment, User
from outbox import kinds
from outbox.kinds import Letter

from . import TO_READ, permissions
from .models import PlanVersion

QUESTION = "care.plan_question"


@kinds.mail(QUESTION, kinds.STAFF_MAIL, waits=True)
def asked(enquiry: int) -> Iterator[Letter]:
    row = Enquiry.objects.filter(pk=enquiry, kind=TO_READ).select_related("student", "user").first()
    if row is None or row.user is None:
        return
    version = PlanVersion.objects.select_related("plan__student", "written_by").get(pk=int(row.period))
    for user in answering(version):
        if user == row.user:
            continue
        context = {
            "name": user.get_short_name(),
            "by": row.user.name,
            "initials": row.student.initials,
            "school_name": school.load().name,
            "url": settings.BASE_URL.rstrip("/") + reverse("students:record", args=[row.student_id]),
        }
        yield Letter(
            user,
            "A question about a plan you keep",
            render_to_string("care/email/plan_question.txt", context),
        )


def answering(version: PlanVersion) -> list[User]:
    """Who wrote this version, while they keep the plan; otherwise those of the student's staff who keep it today."""
    plan, writer = version.plan, version.written_by
    if writer.is_active and permissions.keeps(writer, plan.of_kind, plan.student):
        return [writer]
    posts = Assignment.objects.current(clock.today()).filter(student=plan.student_id, user__is_active=True)
    people = list(dict.fromkeys(post.user for post in posts.select_related("user").order_by("pk")))
    return [user for user in people if permissions.keeps(user, plan.of_kind, plan.student)]
