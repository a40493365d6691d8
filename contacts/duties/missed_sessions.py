"""Half-terms that ended without the session owed in them, found for the whole school at once (H1 to H10).

The database sets aside everybody with one held session that covered it all; the pure rule decides the rest.
A half-term is missed from the day after it was due; made up for within 14 days (H6), it is so no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from contacts import facts
from contacts import sessions as rules
from keywork.calendar import Block
from keywork.chunks import Chunk, chunks
from keywork.duties import MissFact
from keywork.policy import Policy
from keywork.posts import charged
from keywork.school import SchoolFacts
from keywork.sql import rows
from students.away import absences

from .windows import as_facts, windows


class Owed(NamedTuple):
    """A student whose window may have been missed."""

    student_id: int
    joined_on: date
    left_on: date | None
    known_from: date | None


def missed_sessions(
    kind: str, as_of: date, since: date | None, school: SchoolFacts, students: Iterable[int] | None
) -> Iterator[MissFact]:
    """Every missed half-term due from `since` to the day before `as_of`; see `DutyProvider.misses`."""
    until, earliest = as_of - timedelta(days=1), max(since or school.went_live_on, school.went_live_on)
    judged = [
        (window, policy)
        for policy in {id(policy): policy for _, policy in school.policies}.values()
        for window in windows(policy, school.calendar)
        # Each window by the policy in force at its end, or now while it runs.
        if window.ends_on >= earliest
        and window.starts_on <= until
        and school.policy(min(window.ends_on, as_of)) is policy
    ]
    for chunk in chunks(students):
        for window, policy in judged:
            yield from _missed_in(kind, chunk, window, policy, school, as_of, earliest)


def _missed_in(
    kind: str, chunk: Chunk, window: Block, policy: Policy, school: SchoolFacts, as_of: date, earliest: date
) -> Iterator[MissFact]:
    until = as_of - timedelta(days=1)
    owed = _perhaps_missed(chunk, window, policy, school, until, earliest)
    if not owed:
        return
    ids = [one.student_id for one in owed]
    last = min(as_of, window.ends_on + timedelta(days=rules.CATCH_UP_DAYS))
    logged = facts.sessions(ids, window.starts_on, last, policy.session_required_topics, None)
    away = absences(ids, window.starts_on, window.ends_on, as_of, None)
    missed: list[tuple[int, date]] = []
    for one in owed:
        state = rules.window_state(
            window,
            as_facts(logged.get(one.student_id, ()), policy.session_required_topics),
            school.counted_from(one),
            one.left_on,
            away.get(one.student_id, ()),
            school.calendar,
            policy,
            as_of,
        )
        if state.status == "missed" and state.due_on is not None:
            missed.append((one.student_id, state.due_on))
    yield from charged(kind, missed, school.calendar)


def _perhaps_missed(
    chunk: Chunk, window: Block, policy: Policy, school: SchoolFacts, until: date, earliest: date
) -> list[Owed]:
    """Students on roll in the window, due within the days asked about, less those with a full session."""
    # One session on everything meets a half-term; where more is asked, or a holiday lies inside, it may not.
    one_is_enough = policy.session_min_per_window == 1 and policy.session_window == "half_term"
    found = rows(
        f"""
        SELECT id, joined_on, left_on, known_from FROM {chunk.students} student
        WHERE {chunk.condition("id")} AND joined_on <= %(ends)s AND (left_on IS NULL OR left_on >= %(starts)s)
            AND least(left_on, %(ends)s) BETWEEN %(earliest)s AND %(until)s
            AND NOT (%(one_is_enough)s AND EXISTS (
                SELECT FROM contacts_keyworksession session
                WHERE session.student_id = student.id AND session.status = 'held'
                    AND session.catch_up_for = '' AND session.topics @> %(required)s::varchar[]
                    AND session.happened_on >= greatest(%(starts)s, student.joined_on, student.known_from, %(live)s)
                    AND session.happened_on <= least(student.left_on, %(ends)s)
                    AND {facts.standing_sql("session", None)} AND {facts.approved_sql("session", None)}
            ))
        """,
        {
            **chunk.params,
            "starts": window.starts_on,
            "ends": window.ends_on,
            "earliest": earliest,
            "until": until,
            "live": school.went_live_on,
            "one_is_enough": one_is_enough,
            "required": list(policy.session_required_topics),
        },
    )
    return [Owed(*row) for row in found]
