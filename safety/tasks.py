"""Telling people that a student has said something, by e-mail that says neither who nor what."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock
from keywork.models import User
from keywork.school import load
from keywork.tasks import TRY_AGAIN

from . import seeing
from .models import Worry, WorryReader
from .rules import ANSWER_WITHIN

SUBJECT = "Something in Keywork needs you now"
AGAIN = "Something in Keywork still waits"


@shared_task(**TRY_AGAIN)
def mail_worry(worry_id: int) -> None:
    """Everyone it is shown to and who has not been told yet; each is written down as told once it is sent."""
    waiting = WorryReader.objects.filter(
        worry=worry_id, left_out=False, mailed_at__isnull=True, user__is_active=True, opened_at__isnull=True
    )
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            row = waiting.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if row is None:  # another worker is at it, or was
                continue
            _send(SUBJECT, row.user, worry_id)
            row.mailed_at = clock.now()
            row.save(update_fields=["mailed_at"])


@shared_task
def remind() -> None:
    """Every few minutes: what the mail of the first moment missed, and what has waited too long."""
    for worry in Worry.objects.open().filter(taken_at__isnull=True).select_related("student"):
        mail_worry.delay(worry.pk)
        if worry.reminded_at is None and worry.said_at <= clock.now() - ANSWER_WITHIN:
            say_it_waits.delay(worry.pk)


@shared_task(**TRY_AGAIN)
def say_it_waits(worry_id: int) -> None:
    """Nobody has it yet: those who lead are told again, and the headteacher that something waits, not what.

    Where there is no headteacher, the Head of Social Education is told instead, but never of a worry about an
    adult who works at the school.
    """
    with transaction.atomic():
        rows = Worry.objects.open().filter(pk=worry_id, taken_at__isnull=True, reminded_at__isnull=True)
        worry = rows.select_for_update(of=("self",)).select_related("student").first()
        if worry is None:
            return
        out = set(worry.readers.filter(left_out=True).values_list("user", flat=True))
        found = seeing.audience(worry.student)
        others = found.headteachers or (() if worry.about_staff else _heads())
        for user in dict.fromkeys((*found.leads, *others)):
            if user.pk not in out:
                _send(AGAIN, user, worry_id)
        worry.reminded_at = clock.now()
        worry.save(update_fields=["reminded_at"])


def _heads() -> tuple[User, ...]:
    return tuple(User.objects.filter(is_active=True, roles__contains=["head"]).order_by("name", "pk"))


def _send(subject: str, user: User, worry_id: int) -> None:
    sees = seeing.seen_by(user).filter(pk=worry_id).exists()
    path = reverse("safety:worries") if sees else ""
    context = {
        "user": user,
        "school_name": load().name,
        "url": settings.BASE_URL.rstrip("/") + path if path else "",
    }
    send_mail(subject, render_to_string("safety/email/worry.txt", context), None, [user.email])
