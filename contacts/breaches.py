"""What was missed and how a period looked: due dates that passed, their class, and the figures (C7 to C16).

Pure functions of plain values, derived afresh from the facts each time they are asked, so that a late
contact or an outage of the nightly job hides nothing. Contact dates are those of qualifying contacts, in
any order; those before the clock started are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from contacts.clock import ATTEMPTS
from keywork.calendar import SchoolCalendar, Span, merged_spans
from keywork.policy import Policy

MissClass = Literal["missed", "attempted"]
Charge = Literal["keyworker", "handover", "unassigned"]

LONG_ABSENCE_PUPIL_DAYS = 10
HOUSEHOLD_NOT_REACHED_DAYS = 42

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try at contact, as logged. ``outcome`` is one of ``contacts.clock.Outcome``."""

    on: date
    channel: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Support to one family in a period. They describe support; they are not staff ratings.

    ``in_time_pct`` has one decimal, rounded half up, and is None when no day counted. ``breaches`` are due
    dates inside the period that passed unmet. ``longest_gap_days`` is the longest stretch, in calendar days,
    from one contact to the next (or from the start, or to the end), of those touching the period.
    """

    counted_days: int
    overdue_days: int
    in_time_pct: Decimal | None
    breaches: tuple[date, ...]
    longest_gap_days: int


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A long closure and the contacts owed in it (C16); ``due_on`` is its last day."""

    starts_on: date
    due_on: date
    owed: int
    made: int

    @property
    def met(self) -> bool:
        return self.made >= self.owed


@dataclass(frozen=True, slots=True)
class _Silence:
    """From a contact, or the start of the clock, to the day of the next one, if there was one."""

    since: date
    due_on: date
    ended_on: date | None

    def missed_by(self, until: date, left_on: date | None) -> bool:
        """Whether the due date passed unmet by the end of ``until`` and was owed (C13)."""
        in_time = self.ended_on is not None and self.ended_on <= self.due_on
        return not in_time and self.due_on <= until and (left_on is None or self.due_on < left_on)


def breaches(
    contact_dates: Sequence[date],
    clock_start: date,
    until: date,
    policy: Policy,
    calendar: SchoolCalendar,
    left_on: date | None = None,
    holds: Sequence[Span] = (),
) -> list[date]:
    """Every due date that passed with no contact, one for each silence however long, in order.

    ``until`` is the last complete day: a due date has passed if it is not after it. Asked on a morning, that
    is the day before.
    """
    return [
        silence.due_on
        for silence in _silences(contact_dates, clock_start, until, policy, calendar, holds, long_only=True)
        if silence.missed_by(until, left_on)
    ]


def _silences(
    contact_dates: Sequence[date],
    clock_start: date,
    until: date,
    policy: Policy,
    calendar: SchoolCalendar,
    holds: Sequence[Span],
    *,
    long_only: bool = False,
    ended_from: date = date.min,
) -> Iterator[_Silence]:
    """The silences up to ``until``, less those that ended before ``ended_from``.

    ``long_only`` leaves out those too short to hold a due date.
    """
    interval = policy.contact_interval_days
    if interval is None or not policy.contact_required:
        return
    # Pauses and holds never shorten, so a silence of no more than the interval was ended in time.
    least = timedelta(days=interval)
    since = clock_start
    for contact in sorted(contact_dates):
        if contact > until:
            break
        if contact < since:
            continue
        if contact >= ended_from and (not long_only or contact - since > least):
            due = calendar.add_counted_days(since, interval, pause=policy.pauses, holds=holds)
            yield _Silence(since, due, contact)
        since = contact
    due = calendar.add_counted_days(since, interval, pause=policy.pauses, holds=holds)
    yield _Silence(since, due, None)


def in_time_figures(
    contact_dates: Sequence[date],
    clock_start: date,
    left_on: date | None,
    period_start: date,
    period_end: date,
    policy: Policy,
    calendar: SchoolCalendar,
    holds: Sequence[Span] = (),
    *,
    as_of: date | None = None,
) -> Figures:
    """The figures for a period, first and last day included.

    Only days from ``clock_start`` to the last day on roll are looked at; for a term still running, the caller
    ends the period today. ``as_of`` is the day of asking, by default the last day of the period: a due date
    that falls on it has not passed yet, so a report on a finished period should give a later day.
    """
    first = max(period_start, clock_start)
    last = period_end if left_on is None else min(period_end, left_on)
    if last < first or not policy.runs_contact_clock:
        return Figures(0, 0, None, (), 0)

    def counted(after: date, to: date) -> int:
        return calendar.count_counted_days(after, to, pause=policy.pauses, holds=holds)

    complete = min(last, (as_of or period_end) - _DAY)
    total, overdue, longest, missed = counted(first - _DAY, last), 0, 0, []
    for silence in _silences(contact_dates, clock_start, last, policy, calendar, holds, ended_from=first):
        longest = max(longest, ((silence.ended_on or last) - silence.since).days)
        # The day a contact was made is no longer overdue when it ends.
        silent_to = last if silence.ended_on is None else silence.ended_on - _DAY
        overdue += counted(max(silence.due_on, first - _DAY), silent_to)
        if silence.due_on >= first and silence.missed_by(complete, left_on):
            missed.append(silence.due_on)
    return Figures(total, overdue, _percent(total - overdue, total), tuple(missed), longest)


def _percent(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


# How a miss is classed and whose it is


def miss_class(attempts: Sequence[Attempt], clock_start: date, due: date, policy: Policy) -> MissClass:
    """C7: ``attempted`` if enough unanswered attempts were made after ``clock_start`` and by the due date."""
    counted = [one for one in attempts if one.outcome in ATTEMPTS and clock_start < one.on <= due]
    needed = policy.contact_attempts_for_escalation
    enough = (
        len(counted) >= needed.attempts
        and len({one.on for one in counted}) >= needed.distinct_days
        and len({one.channel for one in counted}) >= needed.distinct_channels
    )
    return "attempted" if enough else "missed"


def charge(due: date, keyworker_since: date | None, policy: Policy) -> Charge:
    """C14: whose miss it is. ``keyworker_since`` is when the keyworker in post on the due date began."""
    if keyworker_since is None or keyworker_since > due:
        return "unassigned"
    return "handover" if (due - keyworker_since).days < policy.handover_grace_days else "keyworker"


# Absence (C11), long closures (C16), other households (C15)


def long_absence_reminder(
    absences: Sequence[Span],
    calendar: SchoolCalendar,
    as_of: date,
    reminder_after: int = LONG_ABSENCE_PUPIL_DAYS,
) -> date | None:
    """C11: the tenth pupil day in a row of the student's present absence, if it has come; else None.

    ``absences`` are full days, first and last. Weekends and holidays between two absences do not break the
    row; a pupil day in school does.
    """
    away = _present_absence(absences, calendar, as_of)
    if away is None:
        return None
    began, ended = away
    tenth = calendar.nth_pupil_day(began, reminder_after)
    return tenth if tenth is not None and tenth <= ended else None


def pupil_days_away(absences: Sequence[Span], calendar: SchoolCalendar, as_of: date) -> int:
    """C11: how many pupil days in a row the student has been away up to ``as_of``; 0 when in school."""
    away = _present_absence(absences, calendar, as_of)
    return 0 if away is None else calendar.pupil_days(*away)


def _present_absence(absences: Sequence[Span], calendar: SchoolCalendar, as_of: date) -> Span | None:
    """The absence that no pupil day in school has ended yet, cut to end by ``as_of``."""
    began: date | None = None
    ended: date | None = None
    for first, last in merged_spans(absences):
        if first > as_of:
            break
        if ended is None or calendar.pupil_days(ended + _DAY, first - _DAY):
            began = first
        ended = min(last, as_of)
    if began is None or ended is None or calendar.pupil_days(ended + _DAY, as_of):
        return None
    return began, ended


def deputy_alert_on(due: date, keyworker_away: Sequence[Span]) -> date | None:
    """C11: the day to alert the deputy: when the leave that holds the due date begins. None without one."""
    for first, last in merged_spans(keyworker_away):
        if first <= due <= last:
            return first
    return None


def long_closure_check_ins(
    contact_dates: Sequence[date],
    clock_start: date,
    left_on: date | None,
    policy: Policy,
    calendar: SchoolCalendar,
) -> list[CheckIn]:
    """C16: with ``pause``, the contacts owed in each long closure the student is on roll for to its end.

    Empty unless the policy asks for them. ``due_on`` may be in the future; the caller compares it with today.
    """
    rule = policy.long_closure_check_in
    if rule is None or not policy.pauses or not policy.contact_required:
        return []
    return [
        CheckIn(first, last, rule.contacts, sum(first <= made <= last for made in contact_dates))
        for first, last in calendar.closures()
        if (last - first).days + 1 >= rule.min_days
        and clock_start <= first
        and (left_on is None or last < left_on)
    ]


def household_not_reached(last_reached_on: date | None, since: date, as_of: date) -> bool:
    """C15: whether a household with parental responsibility goes on the list: 42 days or more unreached.

    ``since`` is when the household could first have been reached (the clock's start).
    """
    return (as_of - max(since, last_reached_on or since)).days >= HOUSEHOLD_NOT_REACHED_DAYS
