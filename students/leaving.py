"""What a last day on roll does, looked at before it is saved: the change itself, made and rolled back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from keywork import clock
from keywork.dates import day_in_full
from keywork.duty_words import listed
from keywork.leaving import still_waiting
from keywork.models import Assignment, User

from .actions.students import move_last_day
from .models import Student


@dataclass(frozen=True, slots=True)
class Leaving:
    """In sentences; `token` comes back with the confirmation, so that nobody saves what they have not seen."""

    lines: Sequence[str]
    token: str


def preview(student: Student, last_day: date | None, *, by: User | None) -> Leaving:
    """What would end, go on or be planned no more if this became the last day on roll (None: no last day)."""
    before = _assignments(student)
    with transaction.atomic():
        row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
        was, row.left_on = row.left_on, last_day
        move_last_day(row, was, by=by)
        after = _assignments(student)
        transaction.set_rollback(True)
    today = clock.today()
    lines = _what_ends(before, after, today)
    if last_day is None:
        lines.append(f"{student.known_as} stays on roll, and what is due goes on.")
    else:
        lines.append(
            "Contact with home, keywork sessions, TSP and independence are owed until "
            f"{day_in_full(last_day, today)}. Nothing falls due after it; what is overdue by then stays as it is."
        )
        lines += still_waiting(student.pk)
    rows = sorted((row.pk, row.starts_on, row.ends_on) for row in before.values())
    token = hashlib.sha256(repr((last_day, rows, lines)).encode()).hexdigest()[:16]
    return Leaving(lines, token)


def preview_all(students: Sequence[Student], last_day: date, *, by: User) -> Leaving:
    """The same of several who leave on one day, each line under a name."""
    each = [(student, preview(student, last_day, by=by)) for student in students]
    lines = [f"{student.name}: {line}" for student, found in each for line in found.lines]
    return Leaving(lines, hashlib.sha256("".join(found.token for _, found in each).encode()).hexdigest()[:16])


def _assignments(student: Student) -> dict[int, Assignment]:
    found = Assignment.objects.filter(student=student).select_related("user").order_by("user__in_order", "pk")
    return {row.pk: row for row in found}


def _what_ends(before: dict[int, Assignment], after: dict[int, Assignment], today: date) -> list[str]:
    lines = []
    moved: dict[tuple[str, date | None], list[str]] = {}
    for kind in Assignment.Kind:
        for pk, row in after.items():
            if row.kind == kind and row.ends_on != before[pk].ends_on:
                moved.setdefault((str(kind.label), row.ends_on), []).append(row.user.name)
    for (label, ends_on), people in moved.items():
        until = f"last day {day_in_full(ends_on, today)}" if ends_on else "goes on, with no last day"
        lines.append(f"{label} {listed(people)}: {until}.")
    lines += [
        f"{row.user.name} does not become {row.get_kind_display().lower()} on {day_in_full(row.starts_on, today)}: "
        "that plan goes."
        for pk, row in before.items()
        if pk not in after
    ]
    return lines or ["Nobody’s post ends by this."]
