"""The mail to a keyworker about what is missing, outside the request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from outbox import kinds
from outbox.kinds import Letter

from .class_view.completeness import in_words
from .models import Reminder
from .questions import templates


@kinds.mail("tsp.chase", kinds.STAFF_MAIL, waits=True)
def write_reminder(chases: list[int], kind_words: str, due: dict[str, str] | None = None) -> Iterator[Letter]:
    """One mail to a keyworker about what is missing; `chases` are all theirs, `kind_words` name the form.

    `due` are ISO dates by student id, as the duty names them.
    """
    dates = {int(pk): date.fromisoformat(day) for pk, day in (due or {}).items()}
    rows = list(
        Reminder.objects.filter(pk__in=chases)
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
    body = render_to_string("tsp/email/reminder.txt", context)
    subject = (
        "Something is missing in a TSP" if len(rows) == 1 else f"Something is missing in {len(rows)} TSPs"
    )
    yield Letter(keyworker, subject, body)
