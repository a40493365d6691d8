"""Who was keyworker when, for many students in one query each: what a duty and a miss name beside the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from .access import shut_out
from .calendar import SchoolCalendar
from .charges import charge
from .duties import MissFact
from .models import Assignment, User
from .sql import as_array, prepared_rows

# The last day of a post in SQL, as `with_last_day` has it, of the tables "post" and "person".
LAST_DAY = """LEAST(post.ends_on, (person.deactivated_at AT TIME ZONE 'Europe/London')::date - 1)"""


class Spell(NamedTuple):
    """Somebody's time as keyworker, both days inclusive."""

    starts_on: date
    ends_on: date | None
    user_id: int
    name: str


def keyworkers(ids: Sequence[int], first: date, last: date) -> dict[int, list[Spell]]:
    """Who was keyworker of each student at any time from `first` to `last`, in order."""
    found: dict[int, list[Spell]] = {}
    for student_id, *spell in prepared_rows(
        f"""
        SELECT post.student_id, starts_on, {LAST_DAY}, user_id, person.name
        FROM keywork_assignment post JOIN keywork_user person ON person.id = post.user_id
        WHERE post.kind = 'keyworker' AND post.student_id = ANY(%(ids)s::bigint[])
            AND starts_on <= %(last)s
            AND COALESCE({LAST_DAY}, 'infinity') >= GREATEST(starts_on, %(first)s)
        ORDER BY 1, 2
        """,
        {"ids": as_array(ids), "first": first, "last": last},
    ):
        found.setdefault(student_id, []).append(Spell(*spell))
    return found


def in_post(asked: Sequence[tuple[int, date]]) -> dict[tuple[int, date], tuple[int, date]]:
    """For each student and day asked about: the keyworker of that day and since when they were."""
    return {
        (student_id, day): (user_id, since)
        for student_id, day, user_id, since in prepared_rows(
            f"""
            SELECT asked.id, asked.day, post.user_id, post.starts_on
            FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS asked(id, day)
            JOIN keywork_assignment post ON post.student_id = asked.id AND post.kind = 'keyworker'
                AND post.starts_on <= asked.day
            JOIN keywork_user person ON person.id = post.user_id
                AND COALESCE({LAST_DAY}, 'infinity') >= asked.day
            """,
            {"ids": [student_id for student_id, _ in asked], "days": [day for _, day in asked]},
        )
    }


def charged(kind: str, missed: Sequence[tuple[int, date]], calendar: SchoolCalendar) -> Iterator[MissFact]:
    """Due dates that passed unmet, of a duty counted in school days, each with whose miss it is (H7).

    Unassigned with nobody in post, in handover with less than ten pupil days in post, missed otherwise.
    """
    in_charge = in_post(missed) if missed else {}
    for student_id, due_on in missed:
        keyworker_id, since = in_charge.get((student_id, due_on), (None, None))
        whose = charge(due_on, since, calendar)
        yield MissFact(kind, student_id, due_on, "missed" if whose == "keyworker" else whose, keyworker_id)


def reachable(kind: str, on: date, students: Iterable[int]) -> dict[int, User]:
    """Who holds a post for each of these students and may be written to: active, never the student's own family."""
    posts = list(
        Assignment.objects.current(on)
        .filter(kind=kind, student__in=list(students), user__is_active=True)
        .select_related("user")
    )
    family = shut_out({post.user for post in posts})
    return {post.student_id: post.user for post in posts if (post.user_id, post.student_id) not in family}
