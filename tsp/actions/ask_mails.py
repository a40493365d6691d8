"""What people who are asked hear by e-mail: who asks, by when and where.

Of the student a colleague and a professional learn the initials alone, a parent or carer nothing at all. Each mail
is written with the ask and sent by the worker once that has committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from keywork.tasks import send_message

from ..models import Ask

Asked = Literal["colleague", "outside", "home"]

_SUBJECTS: Final[Mapping[Asked, tuple[str, str]]] = {
    "colleague": (
        "Your view is asked for in Keywork",
        "A reminder: your view is asked for in Keywork",
    ),
    "outside": (
        "Your professional view is asked for",
        "A reminder: your professional view is asked for",
    ),
    "home": (
        "The school would like to hear from you",
        "A reminder: the school would like to hear from you",
    ),
}


def write_to_colleague(ask: Ask, *, again: bool = False) -> None:
    _write(ask, "colleague", reverse("tsp:ask_answer", args=[ask.pk]), again, reminder=again)


def write_with_link(ask: Ask, token: str, *, again: bool = False, reminder: bool = False) -> None:
    """`again`: this link takes the place of one that was sent before."""
    kind: Asked = "outside" if ask.member_id is None else "home"
    _write(ask, kind, reverse("tsp:asked_by_link", args=[token]), again, reminder)


def _write(ask: Ask, kind: Asked, path: str, again: bool, reminder: bool) -> None:
    context = {
        "ask": ask,
        "name": ask.user.get_short_name() if ask.user else ask.name,
        "initials": ask.student.initials,
        "school_name": school.load().name,
        "url": settings.BASE_URL.rstrip("/") + path,
        "again": again,
    }
    body = render_to_string(f"tsp/email/ask_{kind}.txt", context)
    subject, to = _SUBJECTS[kind][reminder], [ask.user.email if ask.user else ask.email]
    transaction.on_commit(lambda: send_message.delay(subject, body, to), robust=True)
