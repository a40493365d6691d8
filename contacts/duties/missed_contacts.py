"""Due dates of home contacts that passed unmet, found for the whole school at once (C7, C13, C14, C16).

The database finds the silences that can hold a missed due date: those longer than the interval in calendar
days. A holiday or a hold only ever makes an interval longer, so none is overlooked; the pure rule then
decides. Where the policy changed, each silence is judged once, by the one under which its due date passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from contacts import clock, facts
from contacts.breaches import Attempt, charge, miss_class
from keywork.calendar import SchoolCalendar, Span
from keywork.chunks import Chunk, chunks
from keywork.duties import MissFact
from keywork.policy import Policy
from keywork.posts import in_post
from keywork.school import SchoolFacts
from keywork.sql import rows

A_DAY = timedelta(days=1)
Dues = dict[tuple[int, date, tuple[Span, ...]], date]


@dataclass(frozen=True, slots=True)
class Regime:
    """One policy, from the day it took effect to the day before the next. `began_on` starts clocks (C1)."""

    place: int
    from_on: date
    to_on: date
    policy: Policy
    began_on: date


class Silence(NamedTuple):
    """From a contact (or the start of the clock) to the next, if that came by the last complete day."""

    student_id: int
    left_on: date | None
    since: date
    ended_on: date | None


class Breach(NamedTuple):
    student_id: int
    since: date
    due_on: date
    policy: Policy


def missed_contacts(
    kind: str, as_of: date, since: date | None, school: SchoolFacts, students: Iterable[int] | None
) -> Iterator[MissFact]:
    """Every missed due date from `since` to the day before `as_of`; see `DutyProvider.misses`."""
    until, earliest = as_of - A_DAY, max(since or school.went_live_on, school.went_live_on)
    running = [one for one in regimes(school) if one.policy.runs_contact_clock]
    dues: Dues = {}
    for chunk in chunks(students):
        breaches: dict[tuple[int, date], Breach] = {}
        for regime in running:
            if regime.from_on > until or regime.to_on < earliest:
                continue
            for breach in (
                *_overrun(chunk, regime, running, until, earliest, school.calendar, dues),
                *_check_ins(chunk, regime, until, earliest, school.calendar),
            ):
                breaches.setdefault((breach.student_id, breach.due_on), breach)
        yield from _classed(kind, sorted(breaches.values(), key=lambda one: (one.student_id, one.due_on)))


def regimes(school: SchoolFacts) -> list[Regime]:
    """The policies as consecutive stretches of days; the first has always been in force."""
    found = []
    for place, (effective_on, policy) in enumerate(school.policies):
        later = school.policies[place + 1][0] if place + 1 < len(school.policies) else None
        began_on = clock.clock_start_on(school.went_live_on, school.policy_effective_on(effective_on), None)
        found.append(
            Regime(
                place,
                effective_on if place else date.min,
                later - A_DAY if later else date.max,
                policy,
                began_on,
            )
        )
    return found


def _overrun(
    chunk: Chunk,
    regime: Regime,
    running: Sequence[Regime],
    until: date,
    earliest: date,
    calendar: SchoolCalendar,
    dues: Dues,
) -> Iterator[Breach]:
    silences = _long_silences(chunk, regime, until, earliest)
    held = facts.holds(sorted({one.student_id for one in silences}), None, None)() if silences else {}

    def due(of: Regime, since: date, holds: tuple[Span, ...]) -> date:
        key = (of.place, since, holds)
        if key not in dues:
            interval = of.policy.contact_interval_days
            assert interval is not None
            dues[key] = calendar.add_counted_days(since, interval, pause=of.policy.pauses, holds=holds)
        return dues[key]

    def passed_unmet(of: Regime, silence: Silence, holds: tuple[Span, ...]) -> tuple[date, date] | None:
        """The due date under a policy and the day it passed unmet; None if it was kept, or is not yet due."""
        due_on = due(of, max(silence.since, of.began_on), holds)
        passed_on = max(due_on, of.from_on - A_DAY if of.from_on > date.min else due_on)
        kept = silence.ended_on is not None and silence.ended_on <= passed_on
        not_owed = silence.left_on is not None and due_on >= silence.left_on
        return None if kept or not_owed or due_on > of.to_on or passed_on > until else (due_on, passed_on)

    for silence in silences:
        holds = held.get(silence.student_id, ())
        found = passed_unmet(regime, silence, holds)
        if found is None or found[1] < earliest:
            continue
        # A silence is missed once, under the first policy that says so, however long it lasts.
        if any(
            of.place < regime.place and of.to_on >= silence.since and passed_unmet(of, silence, holds)
            for of in running
        ):
            continue
        yield Breach(silence.student_id, silence.since, found[0], regime.policy)


def _long_silences(chunk: Chunk, regime: Regime, until: date, earliest: date) -> list[Silence]:
    """Silences longer than the interval that were not over by `earliest`."""
    counting = facts.counting_sql("contact", None)
    found = rows(
        f"""
        WITH student AS (
            SELECT id, left_on, greatest(joined_on, %(began)s) AS start_on FROM students_student
            WHERE {chunk.condition("id")} AND joined_on <= %(until)s
                AND (left_on IS NULL OR left_on > greatest(joined_on, %(began)s))
        ), begun AS (
            SELECT id, left_on, start_on, greatest(start_on, (
                SELECT max(happened_on) FROM contacts_homecontact contact
                WHERE contact.student_id = student.id AND {counting} AND happened_on <= %(earliest)s
            )) AS first_on FROM student
        ), gap AS (
            SELECT begun.id, left_on, happened_on AS ended_on,
                lag(happened_on, 1, first_on) OVER (PARTITION BY begun.id ORDER BY happened_on) AS since
            FROM begun JOIN contacts_homecontact contact ON contact.student_id = begun.id AND {counting}
                AND happened_on > first_on AND happened_on <= %(until)s
        )
        SELECT id, left_on, since, ended_on FROM gap WHERE ended_on - since > %(interval)s
        UNION ALL
        SELECT id, left_on, since, NULL FROM (
            SELECT id, left_on, greatest(first_on, (
                SELECT max(happened_on) FROM contacts_homecontact contact
                WHERE contact.student_id = begun.id AND {counting} AND happened_on <= %(until)s
            )) AS since FROM begun
        ) latest WHERE %(until)s - since >= %(interval)s
        """,
        {
            **facts.counting_params(regime.policy, None),
            **chunk.params,
            "began": regime.began_on,
            "until": until,
            "earliest": earliest,
            "interval": regime.policy.contact_interval_days,
        },
    )
    return [Silence(*row) for row in found]


def _check_ins(
    chunk: Chunk, regime: Regime, until: date, earliest: date, calendar: SchoolCalendar
) -> Iterator[Breach]:
    """C16: with `pause`, long closures that ended without the contacts asked for in them."""
    rule = regime.policy.long_closure_check_in
    if rule is None or not regime.policy.pauses:
        return
    for first, last in calendar.closures():
        judged = max(earliest, regime.from_on) <= last <= min(until, regime.to_on)
        if not judged or (last - first).days + 1 < rule.min_days or first < regime.began_on:
            continue
        for (student_id,) in rows(
            f"""
            SELECT student.id FROM students_student student
            WHERE {chunk.condition("student.id")} AND joined_on <= %(first)s
                AND (left_on IS NULL OR left_on > %(last)s)
                AND (SELECT count(*) FROM contacts_homecontact contact WHERE contact.student_id = student.id
                     AND {facts.counting_sql("contact", None)}
                     AND happened_on BETWEEN %(first)s AND %(last)s) < %(owed)s
                AND NOT EXISTS (SELECT FROM contacts_contacthold hold WHERE hold.student_id = student.id
                     AND hold.starts_on <= %(first)s AND hold.ends_on >= %(last)s)
            """,
            {
                **facts.counting_params(regime.policy, None),
                **chunk.params,
                "first": first,
                "last": last,
                "owed": rule.contacts,
            },
        ):
            yield Breach(student_id, first - A_DAY, last, regime.policy)


def _classed(kind: str, breaches: Sequence[Breach]) -> Iterator[MissFact]:
    """C7 and C14: `attempted` says what was done, whoever was in post; then unassigned, handover, missed."""
    if not breaches:
        return
    tries = _attempts(breaches)
    posts = in_post([(one.student_id, one.due_on) for one in breaches])
    for breach in breaches:
        key = (breach.student_id, breach.due_on)
        klass: str = miss_class(tries.get(key, ()), breach.since, breach.due_on, breach.policy)
        keyworker_id, since = posts.get(key, (None, None))
        if klass == "missed":
            charged = charge(breach.due_on, since, breach.policy)
            klass = "missed" if charged == "keyworker" else charged
        yield MissFact(kind, breach.student_id, breach.due_on, klass, keyworker_id)


def _attempts(breaches: Sequence[Breach]) -> dict[tuple[int, date], list[Attempt]]:
    found: dict[tuple[int, date], list[Attempt]] = {}
    for student_id, due_on, on, channel, outcome in rows(
        f"""
        SELECT asked.id, asked.due_on, happened_on, channel, outcome
        FROM unnest(%(ids)s::bigint[], %(since)s::date[], %(due)s::date[]) AS asked(id, since, due_on)
        JOIN contacts_homecontact contact ON contact.student_id = asked.id
            AND happened_on > asked.since AND happened_on <= asked.due_on AND outcome = ANY(%(attempts)s)
            AND {facts.standing_sql("contact", None)} AND {facts.approved_sql("contact", None)}
        """,
        {
            "ids": [one.student_id for one in breaches],
            "since": [one.since for one in breaches],
            "due": [one.due_on for one in breaches],
            "attempts": sorted(clock.ATTEMPTS),
        },
    ):
        found.setdefault((student_id, due_on), []).append(Attempt(on, channel, outcome))
    return found
