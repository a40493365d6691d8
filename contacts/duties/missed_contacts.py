"""Due dates of home contacts that passed unmet, found for the whole school (C7, C13, C14, C16).

The database only sets aside whoever was never silent for longer than the shortest interval: a holiday or a hold makes
an interval longer, never shorter, so nobody is overlooked. Of everyone else `contacts.home_contact.missed` says what
the duty itself said on each morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from contacts import facts
from contacts.home_contact import HomeHistory, Missed, missed
from contacts.misses import charge, miss_class
from keywork.chunks import Chunk, chunks
from keywork.duties import MissFact
from keywork.policy import Policy
from keywork.posts import in_post
from keywork.school import SchoolFacts
from keywork.sql import rows

A_DAY = timedelta(days=1)
AT_ONCE = 2_000  # students whose whole history is read at a time


class OnRoll(NamedTuple):
    pk: int
    joined_on: date
    left_on: date | None
    known_from: date | None


def missed_contacts(
    kind: str, as_of: date, since: date | None, school: SchoolFacts, students: Iterable[int] | None
) -> Iterator[MissFact]:
    """Every missed due date that passed from `since` to the day before `as_of`; see `DutyProvider.misses`."""
    until, earliest = as_of - A_DAY, max(since or school.went_live_on, school.went_live_on)
    running = [policy for policy in policies(school, earliest, as_of) if policy.runs_contact_clock]
    if not running:
        return
    for chunk in chunks(students):
        silent = perhaps_missed(chunk, running, earliest, until, school)
        for start in range(0, len(silent), AT_ONCE):
            histories = facts.histories(silent[start : start + AT_ONCE], until)
            found = [
                (student_id, one)
                for student_id, history in histories.items()
                for one in missed(history, earliest, until, school)
            ]
            yield from classed(kind, found, histories)


def policies(school: SchoolFacts, first: date, last: date) -> list[Policy]:
    """Every policy in force on some day from `first` to `last`."""
    later = [policy for effective_on, policy in school.policies if first < effective_on <= last]
    return [school.policy(first), *later]


def perhaps_missed(
    chunk: Chunk, running: Sequence[Policy], earliest: date, until: date, school: SchoolFacts
) -> list[OnRoll]:
    """Whoever was on roll and, at some time from `earliest` to `until`, silent for longer than the shortest interval.

    A silence is ended by what counts under each of the policies.
    """
    check_ins = [
        policy.long_closure_check_in for policy in running if policy.long_closure_check_in and policy.pauses
    ]
    shortest = min(policy.contact_interval_days or 0 for policy in running)
    if check_ins:  # one contact of several may be missing in a closure: anybody may have missed it
        shortest = (
            -1
            if any(one.contacts > 1 for one in check_ins)
            else min(shortest, *[one.min_days for one in check_ins])
        )
    every: list[dict[str, Any]] = [facts.counting_params(policy, None) for policy in running]
    strictest = {
        name: sorted(set.intersection(*[set(params[name]) for params in every]))
        for name in ("outcomes", "channels")
    }
    counting = facts.counting_sql("contact", None)
    found = rows(
        f"""
        WITH student AS (
            SELECT id, joined_on, left_on, known_from, greatest(joined_on, known_from, %(live)s) AS start_on FROM {chunk.students} student
            WHERE {chunk.condition("id")} AND joined_on <= %(until)s AND (left_on IS NULL OR left_on >= %(earliest)s)
        ), begun AS (
            SELECT id, joined_on, left_on, known_from, greatest(start_on, (
                SELECT max(happened_on) FROM contacts_homecontact contact
                WHERE contact.student_id = student.id AND {counting} AND happened_on <= %(earliest)s
            )) AS first_on FROM student
        ), gap AS (
            SELECT begun.id, happened_on - lag(happened_on, 1, first_on)
                OVER (PARTITION BY begun.id ORDER BY happened_on) AS days
            FROM begun JOIN contacts_homecontact contact ON contact.student_id = begun.id AND {counting}
                AND happened_on > first_on AND happened_on <= %(until)s
        )
        SELECT id, joined_on, left_on, known_from FROM begun
        WHERE %(until)s - greatest(first_on, (
                SELECT max(happened_on) FROM contacts_homecontact contact
                WHERE contact.student_id = begun.id AND {counting} AND happened_on <= %(until)s
            )) >= %(shortest)s
            OR id IN (SELECT id FROM gap WHERE days > %(shortest)s)
        ORDER BY id
        """,
        {
            **strictest,
            **chunk.params,
            "live": school.went_live_on,
            "until": until,
            "earliest": earliest,
            "shortest": shortest,
        },
    )
    return [OnRoll(*row) for row in found]


def classed(
    kind: str, found: Sequence[tuple[int, Missed]], histories: Mapping[int, HomeHistory]
) -> Iterator[MissFact]:
    """C7 and C14: `attempted` says what was done, whoever was in post; then unassigned, handover, missed."""
    posts = in_post([(student_id, one.due_on) for student_id, one in found]) if found else {}
    for student_id, one in found:
        klass: str = miss_class(histories[student_id].contacts, one.since, one.due_on, one.policy)
        keyworker_id, since = posts.get((student_id, one.due_on), (None, None))
        if klass == "missed":
            charged = charge(one.due_on, since, one.policy)
            klass = "missed" if charged == "keyworker" else charged
        yield MissFact(kind, student_id, one.due_on, klass, keyworker_id)
