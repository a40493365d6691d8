"""Telling people about a change of keyworker, outside the request. One message a person, each tried again alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from keywork import school
from keywork.models import User
from keywork.tasks import TRY_AGAIN
from students.models import Student

from .telling import TOLD_AT_HOME, News, What, family_accounts, to_family, to_staff


def _news(
    what: str,
    kind: str,
    on: str,
    student_ids: list[int],
    incoming: int | None,
    outgoing: list[int],
    at_home: bool = True,
) -> News:
    day = date.fromisoformat(on)
    return News(What(what), kind, day, tuple(student_ids), incoming, tuple(outgoing), at_home)


@shared_task
def tell_of_change(*plain: Any) -> None:
    """Mail the families and the staff of one change (portal.telling.News, in plain values)."""
    news = _news(*plain)
    if news.at_home and news.kind in TOLD_AT_HOME:
        for pk in family_accounts(news.student_ids).order_by("email").values_list("pk", flat=True):
            tell_family.delay(pk, *plain)
    staff = User.objects.filter(pk__in=[news.incoming, *news.outgoing], is_active=True)
    for pk in staff.order_by("pk").values_list("pk", flat=True):
        tell_staff.delay(pk, *plain)


@shared_task(**TRY_AGAIN)
def tell_family(user_id: int, *plain: Any) -> None:
    """A parent or carer; nobody who may not hear of it any more."""
    news = _news(*plain)
    user = family_accounts(news.student_ids).filter(pk=user_id).first()
    if user is not None:
        subject, body = to_family(news, school.load().name, settings.BASE_URL + reverse("portal:family"))
        send_mail(subject, body, None, [user.email])


@shared_task(**TRY_AGAIN)
def tell_staff(user_id: int, *plain: Any) -> None:
    """Somebody whose students these become or were."""
    news = _news(*plain)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        students = Student.objects.filter(pk__in=news.student_ids).order_by("pk")
        initials = [student.initials for student in students]
        link = settings.BASE_URL + reverse("portal:today")
        subject, body = to_staff(news, initials, incoming=user.pk == news.incoming, link=link)
        send_mail(subject, body, None, [user.email])
