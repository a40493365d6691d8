"""Telling people about a change of keyworker, outside the request. One message a person, each tried again alone."""

from __future__ import annotations

from datetime import date

from celery import shared_task
from django.conf import settings
from django.urls import reverse

from keywork import school
from keywork.models import User
from keywork.tasks import send_message
from students.models import Student

from .telling import TOLD_AT_HOME, News, What, family_accounts, to_family, to_staff


@shared_task
def tell_of_change(
    what: str, kind: str, on: str, student_ids: list[int], incoming: int | None, outgoing: list[int]
) -> None:
    """Mail the families and the staff of one change (portal.telling.News, in plain values)."""
    news = News(What(what), kind, date.fromisoformat(on), tuple(student_ids), incoming, tuple(outgoing))
    if kind in TOLD_AT_HOME:
        subject, body = to_family(news, school.load().name, settings.BASE_URL + reverse("portal:family"))
        for email in family_accounts(student_ids).order_by("email").values_list("email", flat=True):
            send_message.delay(subject, body, [email])
    initials = [student.initials for student in Student.objects.filter(pk__in=student_ids).order_by("pk")]
    today = settings.BASE_URL + reverse("portal:today")
    for user in User.objects.filter(pk__in=[incoming, *outgoing], is_active=True).order_by("pk"):
        subject, body = to_staff(news, initials, incoming=user.pk == incoming, link=today)
        send_message.delay(subject, body, [user.email])
