"""Keywork sessions owed in each half-term (rules H1 to H10).

Pure functions of plain values; all dates are civil dates in Europe/London. A *window* is a half-term block
cut to the days the student is on roll. Sessions by any keyworker count (H7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from contacts.clock import counts_on
from keywork.calendar import Block, SchoolCalendar, Span, merged_spans
from keywork.policy import Policy

SessionStatus = Literal["planned", "held", "cancelled", "declined", "no_show"]
WindowStatus = Literal["met", "met_late", "not_required", "declined", "missed", "open", "due_soon", "none"]

# H10: the first that is true wins. Before the due date ``missed`` shows as ``open``, or as ``due_soon`` when
# near (H8). ``none``: not on roll in the block, or the block has not begun.
PRECEDENCE: tuple[WindowStatus, ...] = ("met", "met_late", "not_required", "declined", "missed")
STATUSES: tuple[WindowStatus, ...] = (*PRECEDENCE, "open", "due_soon", "none")

CATCH_UP_DAYS = 14
AMBER_PUPIL_DAYS = 10


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A session as logged. ``catch_up_for`` is the id of the block it makes up for.

    Without ``logged_on`` the session is taken as known and counting. Otherwise back-dating and voiding are
    judged as for contacts (H9, C10, C17).
    """

    on: date
    status: SessionStatus
    topics: frozenset[str] = frozenset()
    catch_up_for: str | None = None
    logged_on: date | None = None
    approved_on: date | None = None
    voided_on: date | None = None


@dataclass(frozen=True, slots=True)
class WindowState:
    """How one student's window stands. ``topics_left`` are required topics no session has covered yet.

    ``met_on`` is set when met or met late; ``declined_on`` lists the days of declined offers;
    ``catch_up_by`` is the last day a catch-up session can still count. ``available_days`` is what the status was
    judged by and no part of it: two windows that differ in nothing else stand alike.
    """

    status: WindowStatus
    due_on: date | None = None
    met_on: date | None = None
    available_days: int = field(default=0, compare=False)
    topics_left: tuple[str, ...] = ()
    declined_on: tuple[date, ...] = ()
    catch_up_by: date | None = None


_NONE = WindowState("none")


def window(block: Block, joined_on: date | None, left_on: date | None) -> Span | None:
    """H1, H3: first and last day of the block while on roll; the last is the due date. None if never."""
    first = block.starts_on if joined_on is None or joined_on < block.starts_on else joined_on
    last = block.ends_on if left_on is None or left_on > block.ends_on else left_on
    return (first, last) if first <= last else None


def available_days(
    block: Block,
    joined_on: date | None,
    left_on: date | None,
    absences: Sequence[Span],
    calendar: SchoolCalendar,
) -> int:
    """H4: pupil days in the block while on roll, less full days of absence."""
    span = window(block, joined_on, left_on)
    return 0 if span is None else _available_days(span, absences, calendar)


def _available_days(span: Span, absences: Sequence[Span], calendar: SchoolCalendar) -> int:
    first, last = span
    days = calendar.pupil_days(first, last)
    if absences:
        for gone, back in merged_spans(absences):
            days -= calendar.pupil_days(max(gone, first), min(back, last))
    return days


def window_block(day: date, policy: Policy, calendar: SchoolCalendar) -> Block | None:
    """The stretch in which sessions are owed on this day: the half-term, or the term where policy says so.

    In a closure it is the one just ended, for that is what is still to be caught up on. None where the
    policy owes no session by window (``week`` and ``none``), and before the first block.
    """
    if policy.session_window not in ("half_term", "term"):
        return None
    block = calendar.block_on(day) or calendar.block_before(day)
    if block is None or policy.session_window == "half_term":
        return block
    term = calendar.term(block.term_id)
    return Block(term.id, term.name, term.id, term.starts_on, term.ends_on)


def window_state(
    block: Block,
    facts: Sequence[SessionFact],
    joined_on: date | None,
    left_on: date | None,
    absences: Sequence[Span],
    calendar: SchoolCalendar,
    policy: Policy,
    as_of: date,
    known_on: date | None = None,
) -> WindowState:
    """H1 to H10: how the block's window stands at the end of ``as_of``, with what was known on ``known_on``.

    ``facts`` may hold sessions of other blocks; ``known_on`` is ``as_of`` unless given.
    """
    span = window(block, joined_on, left_on)
    if span is None or as_of < span[0] or policy.session_window not in ("half_term", "term"):
        return _NONE
    due = span[1]
    held, caught_up, declined = _sorted_facts(block, span, facts, policy, as_of, known_on or as_of, calendar)
    met_on, left = _met(held, (), policy)
    available = _available_days(span, absences, calendar)
    status: WindowStatus
    if met_on is not None:
        status = "met"
    else:
        if caught_up:
            met_on, left = _met(held, caught_up, policy)
        if met_on is not None:
            status = "met_late"
        elif available < policy.session_min_available_pupil_days:
            status = "not_required"
        elif len(declined) >= policy.session_declines_for_declined_status:
            status = "declined"
        elif as_of > due:
            status = "missed"
        else:
            status = "due_soon" if as_of >= amber_on(due, calendar) else "open"
    return WindowState(
        status, due, met_on, available, left, tuple(declined), block.ends_on + timedelta(days=CATCH_UP_DAYS)
    )


def amber_on(due: date, calendar: SchoolCalendar) -> date:
    """H8: the day the window turns amber, 10 pupil days before it is due."""
    return calendar.pupil_day_before(due, AMBER_PUPIL_DAYS) or date.min


def _sorted_facts(
    block: Block,
    span: Span,
    facts: Iterable[SessionFact],
    policy: Policy,
    as_of: date,
    known_on: date,
    calendar: SchoolCalendar,
) -> tuple[list[SessionFact], list[SessionFact], list[date]]:
    """Held in the window, held as catch-up for it, and days of declined offers: each in order of date."""
    first, last = span
    held: list[SessionFact] = []
    caught_up: list[SessionFact] = []
    declined: set[date] = set()
    for fact in facts:
        if fact.on > as_of or fact.status not in ("held", "declined") or not _stands(fact, policy, known_on):
            continue
        inside = first <= fact.on <= last
        if fact.status == "declined":
            if inside:
                declined.add(fact.on)
        elif fact.catch_up_for == block.id and fact.on > block.ends_on:
            if (fact.on - block.ends_on).days <= CATCH_UP_DAYS:
                caught_up.append(fact)
        elif inside and calendar.block_on(fact.on) and not _makes_up_for_another(fact, block, calendar):
            held.append(fact)
    held.sort(key=_by_day)
    caught_up.sort(key=_by_day)
    return held, caught_up, sorted(declined)


def _by_day(fact: SessionFact) -> date:
    return fact.on


def _stands(fact: SessionFact, policy: Policy, known_on: date) -> bool:
    if fact.logged_on is None:
        return True
    return counts_on(fact.on, fact.logged_on, fact.approved_on, fact.voided_on, known_on, policy)


def _makes_up_for_another(fact: SessionFact, block: Block, calendar: SchoolCalendar) -> bool:
    """H6: a catch-up in time for the block before counts there and not twice; one too late counts here."""
    if fact.catch_up_for is None or fact.catch_up_for == block.id:
        return False
    before = calendar.block_before(block.starts_on)
    if before is None or fact.catch_up_for not in (before.id, before.term_id):
        return False
    return (fact.on - before.ends_on).days <= CATCH_UP_DAYS


def _met(
    held: Sequence[SessionFact], caught_up: Sequence[SessionFact], policy: Policy
) -> tuple[date | None, tuple[str, ...]]:
    """H2: the day on which enough sessions had between them covered the topics, and the topics still left."""
    required = policy.session_required_topics
    if not held and not caught_up:
        return None, required
    left = set(required)
    for count, fact in enumerate((*held, *caught_up), 1):
        left -= fact.topics
        if not left and count >= policy.session_min_per_window:
            return fact.on, ()
    return None, tuple(topic for topic in required if topic in left)
