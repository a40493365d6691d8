"""Mails of the TSP, outside the request. Each is told by ids what it is about, and makes its own link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock, school
from keywork.tasks import TRY_AGAIN

from . import templates
from .completeness import in_words
from .models import Ask, Chase

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


@shared_task(**TRY_AGAIN)
def write_ask(ask_id: int, again: bool, reminder: bool) -> None:
    """The mail of an ask. None where it was answered, taken back or barred meanwhile."""
    from .actions.ask_mails import token_of  # it queues mails through this module

    asks = Ask.objects.waiting().select_related("student", "asked_by", "user")
    ask = asks.filter(pk=ask_id).first()
    if ask is None or Ask.objects.barred(clock.today()).filter(pk=ask_id).exists():
        return
    kind: Asked = "colleague" if ask.user else "outside" if ask.member_id is None else "home"
    path = (
        reverse("tsp:ask_answer", args=[ask.pk])
        if ask.user
        else reverse("tsp:asked_by_link", args=[token_of(ask.link_seed)])
    )
    context = {
        "ask": ask,
        "name": ask.user.get_short_name() if ask.user else ask.name,
        "initials": ask.student.initials,
        "school_name": school.load().name,
        "url": settings.BASE_URL.rstrip("/") + path,
        "again": again,
    }
    body = render_to_string(f"tsp/email/ask_{kind}.txt", context)
    send_mail(_SUBJECTS[kind][reminder], body, None, [ask.user.email if ask.user else ask.email])


@shared_task(**TRY_AGAIN)
def write_chase(chase_ids: list[int], kind_words: str, due: dict[str, str] | None = None) -> None:
    """One mail to a keyworker about what is missing; `chase_ids` are all theirs, `kind_words` name the form.

    `due` are ISO dates by student id, as the duty names them.
    """
    dates = {int(pk): date.fromisoformat(day) for pk, day in (due or {}).items()}
    rows = list(
        Chase.objects.filter(pk__in=chase_ids)
        .select_related("student", "keyworker", "sent_by")
        .order_by("student_id")
    )
    if not rows or not rows[0].keyworker.is_active:
        return
    form, keyworker, by = templates.current(), rows[0].keyworker, rows[0].sent_by
    context = {
        "name": keyworker.get_short_name(),
        "by": by.name,
        "kind": kind_words,
        "school_name": school.load().name,
        "lines": [
            (row.student.initials, dates.get(row.student_id), ", ".join(in_words(row.missing, form)))
            for row in rows
        ],
        "url": settings.BASE_URL.rstrip("/") + reverse("portal:today"),
    }
    body = render_to_string("tsp/email/chase.txt", context)
    subject = (
        "Something is missing in a TSP" if len(rows) == 1 else f"Something is missing in {len(rows)} TSPs"
    )
    send_mail(subject, body, None, [keyworker.email])
