"""Mail about a review, and reminders of advice that is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from enquiries import actions as enquiries
from enquiries.models import Enquiry
from keywork import clock, school
from keywork.access import Can, staff_who
from keywork.errors import Refused
from keywork.models import User
from keywork.reader import writing_to
from keywork.words import marked, worded
from outbox import kinds
from outbox.kinds import Letter

from .actions import KIND, LATE_CAME, MOVED
from .inviting import at_home
from .kinds import when
from .models import Review, ReviewPerson

LATE = "care.late_advice"
MOVED_WORDS = marked("A meeting has another date")
LATE_WORDS = marked("More has come for a meeting")


@kinds.mail(MOVED, "Mails that a meeting has another date", waits=False)
def notify_moved(review: int, moved: str = "") -> Iterator[Letter]:
    """To everybody invited who can be reached by e-mail: the date as it is now, unless it is past.

    `moved` is when it was (ISO 8601): of one that was moved once more the later letter tells.
    """
    row = Review.objects.standing().select_related("student").filter(pk=review).first()
    if row is None or row.held_on is not None or row.meets_at <= clock.now():
        return
    if moved and row.moved_at != datetime.fromisoformat(moved):
        return
    asks = Enquiry.objects.waiting().filter(kind=KIND, period=str(row.pk))
    waiting = dict(asks.values_list("target_id", "pk"))
    for person, to, signs_in in _invited(row):
        asked = waiting.get(person.pk) if signs_in else None
        page = reverse("enquiries:answer", args=[asked]) if asked else ""
        yield _letter(row, person, to, MOVED_WORDS, "care/email/review_moved.txt", page)


@kinds.mail(LATE_CAME, "Mails that advice came after the papers", waits=False)
def notify_late(review: int, person: int) -> Iterator[Letter]:
    """To everybody who has had the papers, but for whose advice it is: nothing of what it says, and where it is read."""
    row = Review.objects.standing().select_related("student").filter(pk=review).first()
    if row is None or row.held_on is not None:
        return
    staff = {user.pk for user in staff_who(Can.VIEW_REVIEWS, row.student_id)}
    for one, to, signs_in in _invited(row):
        if one.pk == person:
            continue
        page = ""
        if signs_in and (one.member_id or signs_in.pk in staff):
            name = "care:review_papers" if one.member_id else "care:review"
            page = reverse(name, args=[row.student_id, row.pk])
        yield _letter(row, one, to, LATE_WORDS, "care/email/late_advice.txt", page)


def _invited(row: Review) -> Iterator[tuple[ReviewPerson, Any, User | None]]:
    """Who is invited and can be written to, to which address, and the account they sign in with."""
    invited = row.people.filter(voided_at__isnull=True, invited_on__isnull=False)
    may = {link.member_id for link in at_home(row.student)}
    for person in invited.select_related("user", "member__user", "added_by", "review__student"):
        to: Any = person.user or (person.member and (person.member.user or person.member)) or person
        if not to.email or (person.member_id and person.member_id not in may):
            continue
        signs_in = person.user or (person.member.user if person.member else None)
        if signs_in and not (person.member.opens_pages if person.member else signs_in.is_active):
            continue
        yield person, to, signs_in


def _letter(row: Review, person: ReviewPerson, to: Any, subject: str, template: str, page: str) -> Letter:
    with writing_to(to):
        context = {
            "name": to.get_short_name() if hasattr(to, "get_short_name") else to.name,
            "initials": "" if person.member_id else row.student.initials,
            "when": when(row.meets_at),
            "by": person.added_by.name,
            "school_name": school.load().name,
            "url": page and settings.BASE_URL.rstrip("/") + page,
        }
        home = (row.student_id,) if person.member_id else ()
        return Letter(to, worded(subject), render_to_string(template, context), home=home)


@kinds.job(LATE, "Reminders of late advice")
def remind_late(day: str) -> None:
    """Once, on the morning after the day it was asked for by; nothing on a later day."""
    as_of = date.fromisoformat(day)
    if as_of != clock.today():
        return
    late = ReviewPerson.objects.filter(
        voided_at__isnull=True,
        advice_by=as_of - timedelta(days=1),
        advice_on__isnull=True,
        advice_declined_on__isnull=True,
        review__held_on__isnull=True,
        review__voided_at__isnull=True,
    )
    for ask in Enquiry.objects.waiting().filter(kind=KIND, target_id__in=late.values("pk")):
        try:
            enquiries.remind(by=ask.asked_by, enquiry=ask, by_itself=True)
        except Refused:
            continue  # they heard from us today, or may not be written to
