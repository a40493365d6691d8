"""Reminding keyworkers of what is missing: one mail a keyworker, once a day for each of their students at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction

from keywork import clock
from keywork.dates import LONDON
from keywork.grouped import grouped
from keywork.keyworker_history import reachable
from keywork.models import Assignment, User
from outbox import actions as outbox
from students.models import Student

from ..models import Reminder


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of it: the rows written, and the students nobody could be written to about."""

    sent: Sequence[Reminder]
    reminded_today: Sequence[int]
    nobody: Sequence[int]


@transaction.atomic
def remind(
    *,
    by: User,
    term: str,
    kind_words: str,
    missing: Mapping[int, Sequence[str]],
    due: Mapping[int, date | None] | None = None,
) -> Reminded:
    """Write to the keyworkers of these students (id to the codes of what is missing, and to the due date).

    A student whose keyworker was written to today is left out, also when somebody else presses at the same
    moment; so is one without a keyworker who can be reached.
    """
    # Both wait here for each other, in the same order.
    students = {
        one.pk: one for one in Student.objects.select_for_update().filter(pk__in=list(missing)).order_by("pk")
    }
    keyworkers = reachable(Assignment.Kind.KEYWORKER, clock.today(), students)
    midnight = datetime.combine(clock.today(), time(0), LONDON)
    reminded = set(
        Reminder.objects.filter(student__in=list(students), sent_at__gte=midnight).values_list(
            "student", "keyworker"
        )
    )
    now = clock.now()
    rows = [
        Reminder(
            student=students[pk],
            term=term,
            keyworker=keyworkers[pk],
            missing=list(codes),
            sent_at=now,
            sent_by=by,
        )
        for pk, codes in missing.items()
        if codes and pk in keyworkers and (pk, keyworkers[pk].pk) not in reminded
    ]
    Reminder.objects.bulk_create(rows)
    for mine in grouped(rows, lambda row: row.keyworker_id).values():
        ids = [row.pk for row in mine]
        dates = {str(pk): day.isoformat() for pk in missing if (day := (due or {}).get(pk)) is not None}
        outbox.do("tsp.chase", chases=ids, kind_words=kind_words, due=dates)
    return Reminded(
        sent=rows,
        reminded_today=[pk for pk in missing if pk in keyworkers and (pk, keyworkers[pk].pk) in reminded],
        nobody=[pk for pk in missing if pk not in keyworkers],
    )
