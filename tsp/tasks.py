"""Mails of the TSP, outside the request. Each is told by ids what it is about, and makes its own link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, Literal

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock, school
from outbox import kinds
from outbox.kinds import Letter

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


@kinds.mail("tsp.ask", "Mails that ask for a view on a TSP")
def write_ask(ask: int, again: bool, reminder: bool) -> Iterator[Letter]:
    """The mail of an ask. None where it was answered, taken back or barred meanwhile."""
    from .actions.ask_mails import ASKED  # it asks for mails by the names in this module

    asks = Ask.objects.waiting().select_related("student", "asked_by", "user")
    row = asks.filter(pk=ask).first()
    if row is None or Ask.objects.barred(clock.today()).filter(pk=ask).exists():
        return
    kind: Asked = "colleague" if row.user else "outside" if row.member_id is None else "home"
    path = (
        reverse("tsp:ask_answer", args=[row.pk])
        if row.user
        else reverse("tsp:asked_by_link", args=[ASKED.token(row.link_seed)])
    )
    context = {
        "ask": row,
        "name": row.user.get_short_name() if row.user else row.name,
        "initials": row.student.initials,
        "school_name": school.load().name,
        "url": settings.BASE_URL.rstrip("/") + path,
        "again": again,
    }
    body = render_to_string(f"tsp/email/ask_{kind}.txt", context)
    yield Letter(row.user or row, _SUBJECTS[kind][reminder], body)


@kinds.mail("tsp.chase", kinds.STAFF_MAIL)
def write_chase(chases: list[int], kind_words: str, due: dict[str, str] | None = None) -> Iterator[Letter]:
    """One mail to a keyworker about what is missing; `chases` are all theirs, `kind_words` name the form.

    `due` are ISO dates by student id, as the duty names them.
    """
    dates = {int(pk): date.fromisoformat(day) for pk, day in (due or {}).items()}
    rows = list(
        Chase.objects.filter(pk__in=chases)
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
    yield Letter(keyworker, subject, body)
