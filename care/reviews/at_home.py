"""The review to come as whoever is invited finds it at home: a parent or carer, and the student on My page."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from keywork import clock
from keywork.access import Can, allows
from students.models import FamilyLink, Student

from .models import ReviewPerson


def reviews_at_home(user: Any, student: Student) -> list[ReviewPerson]:
    """Their own part in each review to come that they are invited to, soonest first; one query.

    Until the end of its day, or until it was held. Of parents and carers those who may be invited today.
    """
    today = clock.today()
    since = datetime.combine(today, time(0), clock.LONDON)
    if allows(user, Can.VIEW_MY_PAGE, student):
        return list(_own(student, since))
    if allows(user, Can.VIEW_FAMILY_HOME, student):
        return list(_of_home(student, since, user, today))
    return []


def _own(student: Student, since: datetime) -> QuerySet:
    return _coming(student, since).filter(role=ReviewPerson.Role.STUDENT)


def _of_home(student: Student, since: datetime, user: Any, on: date) -> QuerySet:
    links = FamilyLink.objects.for_reports(on).filter(student=OuterRef("review__student"))
    return _coming(student, since).filter(Exists(links.filter(member=OuterRef("member"))), member__user=user)


def _coming(student: Student, since: datetime) -> QuerySet:
    rows = ReviewPerson.objects.standing().filter(
        invited_on__isnull=False,
        review__student=student,
        review__voided_at__isnull=True,
        review__held_on__isnull=True,
        review__meets_at__gte=since,
    )
    return rows.select_related("review").order_by("review__meets_at", "pk")
