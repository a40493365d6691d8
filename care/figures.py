"""What Oversight counts of plans and of reviews: rows that the viewer may read, each with a student and a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from enquiries.kinds import about_one_of
from enquiries.models import Enquiry
from keywork import clock
from keywork.access import Can, scope_q
from keywork.policy import Policy

from .models import PlanVersion, Review, StudentPlan
from .plans import TO_READ
from .reviews.rules import PAPERS, REPORT


def reviews(user: Any, policy: Policy | None = None) -> QuerySet[Any]:
    """Those that were held, by the day."""
    return Review.objects.visible_to(user, Can.VIEW_REVIEWS).standing().filter(held_on__isnull=False)


def talks_in_time(user: Any, policy: Policy) -> QuerySet[Any]:
    """With a talk before it that was long enough and in its time: `rules.talk_result` as a condition."""
    minute = Value(timedelta(minutes=1), output_field=DurationField())
    lasted = ExpressionWrapper(F("talk_minutes") * minute, output_field=DurationField())
    meets_on, talk_on = TruncDate("meets_at", tzinfo=clock.LONDON), TruncDate("talk_at", tzinfo=clock.LONDON)
    return (
        reviews(user)
        .alias(talk_ends=F("talk_at") + lasted, meets_on=meets_on, talk_on=talk_on)
        .filter(
            talk_minutes__gte=policy.review_pre_meeting_minutes or 0,
            talk_ends__lte=F("meets_at"),
            talk_on__gte=F("meets_on") - timedelta(days=policy.review_pre_meeting_within_days),
        )
    )


def papers_in_time(user: Any, policy: Policy) -> QuerySet[Any]:
    rows = reviews(user).alias(meets_on=TruncDate("meets_at", tzinfo=clock.LONDON))
    return rows.filter(papers_on__lte=F("meets_on") - PAPERS)


def reports_in_time(user: Any, policy: Policy) -> QuerySet[Any]:
    return reviews(user).filter(report_on__lte=F("held_on") + REPORT)


def plans_overdue(user: Any, policy: Policy) -> QuerySet[Any]:
    """In force today and not looked at again by their day (`due_on`)."""
    newest = FilteredRelation("versions", condition=Q(versions__is_newest=True))
    rows = StudentPlan.objects.readable_by(user).in_force()
    return rows.annotate(newest=newest, due_on=F("newest__review_by")).filter(due_on__lt=clock.today())


def not_read(user: Any, policy: Policy) -> QuerySet[Any]:
    """One for each person who must read a plan in force and has not said so in time."""
    of_plans = about_one_of(PlanVersion.objects.readable_by(user).newest())
    waiting = Enquiry.objects.waiting().filter(of_plans, kind=TO_READ, answer_by__lt=clock.today())
    return waiting.filter(scope_q(user, Can.VIEW_KEPT_PLANS, "student_id"))
