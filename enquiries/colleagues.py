"""Whom a keyworker may ask inside the school: mentor, core team and teachers of a student."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from keywork.access import shut_out
from keywork.models import Assignment

# Those who have a part in the round-up (domain 2.4).
ASKED_KINDS: Final = (Assignment.Kind.MENTOR, Assignment.Kind.CORE, Assignment.Kind.TEACHER)


def colleagues(students: Iterable[int], on: date) -> dict[int, list[Assignment]]:
    """Of each student the posts of the day, each person once, in the order of names; never the student's own family.

    Two queries, however many students.
    """
    rows = list(
        Assignment.objects.current(on)
        .filter(student__in=list(students), kind__in=ASKED_KINDS, user__is_active=True)
        .select_related("user")
        .order_by("student", "user__in_order", "user_id", "kind")
    )
    family = shut_out(row.user for row in rows)
    once: dict[int, dict[int, Assignment]] = defaultdict(dict)
    for row in rows:
        if (row.user_id, row.student_id) not in family:
            once[row.student_id].setdefault(row.user_id, row)
    return {student_id: list(assignments.values()) for student_id, assignments in once.items()}
