"""Telling people that a student has said something, by e-mail that says neither who nor what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock
from keywork.access import Can, heads, holds_for_all
from keywork.models import User
from keywork.school import load
from outbox import kinds
from outbox.kinds import Letter

from . import worry_audience
from .models import Worry, WorryReader

SUBJECT = "Something in Keywork needs you now"
AGAIN = "Something in Keywork still waits"


@kinds.mail("safety.worry", kinds.STAFF_MAIL, waits=False)
def worry_said(worry: int) -> Iterator[Letter]:
    """To everyone it is shown to who has not read it; each is written down as told once it is sent."""
    waiting = WorryReader.objects.filter(
        worry=worry, left_out=False, mailed_at__isnull=True, user__is_active=True, opened_at__isnull=True
    )
    for row in waiting.select_related("user").order_by("pk"):
        told = WorryReader.objects.filter(pk=row.pk)
        yield _letter(SUBJECT, row.user, worry, partial(told.update, mailed_at=clock.now()))


@kinds.mail("safety.worry_waits", kinds.STAFF_MAIL, waits=False)
def worry_waits(worry: int) -> Iterator[Letter]:
    """Nobody has it yet: those who lead are told again, and the headteacher that something waits, not what.

    Where there is no headteacher, the Head of Social Education is told instead, but never of a worry about an
    adult who works at the school.
    """
    row = Worry.objects.open().filter(pk=worry, taken_at__isnull=True).select_related("student").first()
    if row is None:
        return
    out = set(row.readers.filter(left_out=True).values_list("user", flat=True))
    found = worry_audience.audience(row.student)
    others = found.headteachers or (() if row.about_staff else heads().order_by("in_order", "pk"))
    shown = row.readers.filter(left_out=False).exclude(why=WorryReader.Why.KEYWORKER)
    told = [one.user for one in shown.select_related("user") if holds_for_all(one.user, Can.VIEW_WORRIES)]
    in_their_place = (*told, *worry_audience.stand_ins(Worry.objects.filter(pk=worry)).get(row.pk, ()))
    for user in dict.fromkeys((*found.leads, *in_their_place, *others)):
        if user.pk not in out:
            again = Worry.objects.filter(pk=worry, reminded_at__isnull=True)
            yield _letter(AGAIN, user, worry, partial(again.update, reminded_at=clock.now()))


def _letter(subject: str, user: User, worry: int, sent: partial[Any]) -> Letter:
    sees = worry_audience.seen_by(user).filter(pk=worry).exists()
    path = reverse("safety:worries") if sees else ""
    context = {
        "user": user,
        "school_name": load().name,
        "url": settings.BASE_URL.rstrip("/") + path if path else "",
    }
    return Letter(user, subject, render_to_string("safety/email/worry.txt", context), sent=sent)
