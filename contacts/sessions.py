"""How one student's keywork session stands on a day (rules H1 to H10): the one function everything asks.

Pure. `evaluate` says how it stands at the end of a day. A *window* is a half-term, or a term where the policy says so;
one was missed when the same rule says so of it on any day after it was due (`missed`). Sessions by any keyworker count
(H7). All dates are civil dates in Europe/London.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from keywork.calendar import Block, SchoolCalendar, Span
from keywork.duties import DutyResult, Status
from keywork.policy import Policy

if TYPE_CHECKING:
    from keywork.school import SchoolFacts

CATCH_UP_DAYS = 14
AMBER_PUPIL_DAYS = 10


class LoggedSession(NamedTuple):
    """A standing session. `catch_up_for` is the id of the window it makes up for; `waiting`: logged so late that it
    waits for approval (H9)."""

    on: date
    status: str  # held, declined, cancelled or no_show
    topics: frozenset[str] = frozenset()
    catch_up_for: str = ""
    waiting: bool = False
    level: str = "general"


class SessionFacts(NamedTuple):
    """What is known of one student at the end of a day: sessions and full days away by then, oldest first."""

    joined_on: date
    left_on: date | None = None
    logged: Sequence[LoggedSession] = ()
    absences: Sequence[Span] = ()
    known_from: date | None = None


class Window(NamedTuple):
    """A stretch in which a session is owed, and the policy that judges it: the one of its last day, or of the day of
    asking while it runs. `do_by` is its last pupil day, `catch_up_by` the last day a catch-up can count."""

    block: Block
    policy: Policy
    do_by: date | None
    catch_up_by: date


def window_of(block: Block, policy: Policy, calendar: SchoolCalendar) -> Window:
    do_by = calendar.last_pupil_day_on_or_before(block.ends_on, not_before=block.starts_on)
    return Window(block, policy, do_by, block.ends_on + timedelta(days=CATCH_UP_DAYS))


@dataclass(slots=True, kw_only=True, eq=False)
class SessionResult(DutyResult):
    """How a window stands. `topics_left` are required topics no session has covered yet; `met_on` is set when met or
    met late; `declined_on` are the days of declined offers; `catch_up_by` is the last day a catch-up can count.
    `available_days` are counted while it is not met (H4)."""

    block: Block | None = None
    policy: Policy | None = None
    met_on: date | None = None
    available_days: int | None = None
    topics_left: tuple[str, ...] = ()
    declined_on: tuple[date, ...] = ()
    catch_up_by: date | None = None
    is_past: bool = False  # the window shown is not the one of the day
    next_by: date | None = None  # when a missed window is shown: by when in the one in hand


def evaluate(facts: SessionFacts, as_of: date, school: SchoolFacts) -> SessionResult:
    """How the session stands at the end of `as_of`: in the window of the day, or in a holiday in the one just ended.

    A missed window stays in sight while nothing has come of the next one: until a session in it, or the tenth pupil
    day before its end (H8), when the window in hand is what matters.
    """
    shown = latest(as_of, school) if school.counts(facts, as_of) else []
    if not shown:
        return SessionResult(status=Status.NONE)
    now = in_window(facts, shown[0], as_of, school)
    untouched = len(now.topics_left) == len(shown[0].policy.session_required_topics)
    if now.status is Status.OPEN and untouched and len(shown) > 1:
        before = in_window(facts, shown[1], as_of, school)
        if before.status is Status.MISSED:
            return replace(before, next_by=now.by(as_of))
    return now


def missed(facts: SessionFacts, first: date, last: date, as_of: date, school: SchoolFacts) -> Iterator[date]:
    """The due dates from `first` to `last` that had passed unmet by `as_of`.

    A window is missed from the day after it was due; made up for in time (H6), it is so no longer.
    """
    for window in windows(as_of, school):
        if window.block.ends_on < first:
            return
        now = in_window(facts, window, as_of, school)
        if now.status is Status.MISSED and now.due_on is not None and first <= now.due_on <= last:
            yield now.due_on


def is_owed(policy: Policy) -> bool:
    """Whether sessions are owed by a date; a policy of so many a week is advice (domain 5.2)."""
    return policy.session_window in ("half_term", "term")


def latest(as_of: date, school: SchoolFacts) -> list[Window]:
    """The window of the day, or the one just ended, and the one before it: all that `evaluate` looks at.

    None on a day on which no session is owed.
    """
    found: list[Window] | None = school.worked_out.get((latest, as_of))
    if found is None:
        begun = windows(as_of, school) if is_owed(school.policy(as_of)) else ()
        found = school.worked_out[latest, as_of] = list(islice(begun, 2))
    return found


def windows(as_of: date, school: SchoolFacts) -> Iterator[Window]:
    """H1: every window begun by `as_of`, the latest first."""
    for term in reversed(school.calendar.terms):
        if term.starts_on > as_of:
            continue
        policy = school.policy(min(term.ends_on, as_of))
        if policy.session_window == "term":
            whole = Block(term.id, term.name, term.id, term.starts_on, term.ends_on)
            yield window_of(whole, policy, school.calendar)
        for block in reversed(term.blocks):
            if block.starts_on <= as_of:
                policy = school.policy(min(block.ends_on, as_of))
                if policy.session_window == "half_term":
                    yield window_of(block, policy, school.calendar)


def in_window(facts: SessionFacts, window: Window, as_of: date, school: SchoolFacts) -> SessionResult:
    """H1 to H10: how one window stands at the end of `as_of`; none for who is not on roll in it by then."""
    (block, policy, do_by, catch_up_by), calendar = window, school.calendar
    starts_on, ends_on = block.starts_on, block.ends_on
    first, due_on = max(starts_on, school.counted_from(facts)), ends_on
    if facts.left_on is not None and facts.left_on < due_on:  # H3
        due_on = facts.left_on
        do_by = calendar.last_pupil_day_on_or_before(due_on, not_before=starts_on)
    if first > due_on or as_of < first:
        return SessionResult(status=Status.NONE)
    held: list[LoggedSession] = []
    made_up: list[LoggedSession] = []
    declined: set[date] = set()
    for one in facts.logged:
        on = one.on
        if one.waiting or on > as_of or on < starts_on:
            continue
        if on > ends_on:
            if one.status == "held" and _belongs(one, block, catch_up_by):
                made_up.append(one)
        elif first <= on <= due_on:
            if one.status == "declined":
                declined.add(on)
            elif (
                one.status == "held"
                and (block.id != block.term_id or calendar.block_on(on))  # a term has a holiday in it
                and not (one.catch_up_for and _makes_up_before(one, block, calendar))
            ):
                held.append(one)
    met_on, left = _met(held, policy)
    status, available = Status.MET, None
    if met_on is None and made_up:
        met_on, left = _met([*held, *made_up], policy)
        status = Status.MET_LATE
    if met_on is None:  # H10: the first of these that is true
        available = calendar.pupil_days(first, due_on, away=facts.absences)  # H4
        if available < policy.session_min_available_pupil_days:
            status = Status.NOT_REQUIRED
        elif len(declined) >= policy.session_declines_for_declined_status:
            status = Status.DECLINED
        elif as_of > due_on:
            status = Status.MISSED
        else:
            status = Status.DUE_SOON if as_of >= amber_on(due_on, calendar) else Status.OPEN
    return SessionResult(
        status=status,
        due_on=due_on,
        do_by=do_by,
        since=starts_on,
        block=block,
        policy=policy,
        met_on=met_on,
        available_days=available,
        topics_left=left,
        declined_on=tuple(sorted(declined)) if declined else (),
        catch_up_by=catch_up_by,
        is_past=as_of > ends_on,
    )


def amber_on(due: date, calendar: SchoolCalendar) -> date:
    """H8: the day the window turns amber, 10 pupil days before it is due."""
    return calendar.pupil_day_before(due, AMBER_PUPIL_DAYS) or date.min


def logged_in(facts: SessionFacts, result: SessionResult, as_of: date) -> list[LoggedSession]:
    """What was logged of the window that is shown, what does not count too."""
    block, by = result.block, result.catch_up_by
    if block is None or by is None:
        return []
    return [one for one in facts.logged if one.on <= as_of and _belongs(one, block, by)]


def _belongs(one: LoggedSession, block: Block, catch_up_by: date) -> bool:
    """In the window, or marked as catch-up for it in time (H6)."""
    if one.on <= block.ends_on:
        return one.on >= block.starts_on
    return one.catch_up_for == block.id and one.on <= catch_up_by


def _makes_up_before(one: LoggedSession, block: Block, calendar: SchoolCalendar) -> bool:
    """H6: a catch-up in time for the block before counts there and not twice; one too late counts here."""
    if one.catch_up_for == block.id:
        return False
    before = calendar.block_before(block.starts_on)
    if before is None or one.catch_up_for not in (before.id, before.term_id):
        return False
    return (one.on - before.ends_on).days <= CATCH_UP_DAYS


def _met(sessions: Sequence[LoggedSession], policy: Policy) -> tuple[date | None, tuple[str, ...]]:
    """H2: the day on which enough sessions had between them covered the topics, and the topics still left."""
    required = policy.session_required_topics
    if not sessions:
        return None, tuple(required)
    left = set(required)
    for count, one in enumerate(sorted(sessions, key=lambda one: one.on), 1):
        left -= one.topics
        if not left and count >= policy.session_min_per_window:
            return one.on, ()
    return None, tuple(topic for topic in required if topic in left)
