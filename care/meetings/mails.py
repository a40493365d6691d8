"""Telling who was there of the minutes, and home of a summary, without a word of either."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from keywork.models import User
from keywork.words import marked
from outbox import kinds
from outbox.kinds import Letter

from ..decisions.known import who_may_know
from ..decisions.mails import letter_home
from ..models import Meeting


@kinds.mail("care.meeting_summary", "Mails about a meeting", waits=False)
def shared(meeting: int) -> Iterator[Letter]:
    """To each parent and carer it was shared with who may know today and has an account."""
    row = Meeting.objects.filter(pk=meeting, voided_at__isnull=True).select_related("student").first()
    if row is None:
        return
    links = who_may_know(row.student).filter(member__in=row.summary_for)
    family = User.objects.filter(is_active=True, roles__contains=["family"])
    title = marked("A meeting about your child")
    said = marked("{school} has written down for you what a meeting was about.")
    for user in family.filter(family_member__in=links.values("member")).order_by("pk"):
        yield letter_home(user, row.student_id, title, said)


@kinds.mail("care.minutes", kinds.STAFF_MAIL, waits=True)
def written(meeting: int) -> Iterator[Letter]:
    """To the staff who were there and may read them today, but for who wrote them."""
    rows = Meeting.objects.filter(pk=meeting, voided_at__isnull=True, minutes_at__isnull=False)
    row = rows.select_related("minutes_by").first()
    if row is None:
        return
    there = User.objects.filter(is_active=True, pk__in=row.attendees.filter(came=True).values("user"))
    for user in there.exclude(pk=row.minutes_by_id or 0).order_by("pk"):
        if not Meeting.objects.readable_by(user).filter(pk=row.pk).exists():
            continue
        context = {
            "name": user.get_short_name(),
            "by": row.minutes_by.name if row.minutes_by else school.load().name,
            "on": row.on,
            "url": settings.BASE_URL.rstrip("/") + reverse("care:meeting", args=[row.student_id, row.pk]),
        }
        body = render_to_string("care/email/minutes.txt", context)
        yield Letter(user, "Minutes of a meeting you were at", body)
