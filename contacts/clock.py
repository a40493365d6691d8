"""The home-contact clock (rules C1 to C17): when the next contact is due and how things stand.

Pure functions of plain values. All dates are civil dates in Europe/London; a due date includes its whole
day. "Contact" below means a qualifying one: who may make it (C8, C9) and for whom (C15) is settled by the
caller, who hands over dates. Attempts never move the clock (C7), and neither does anyone's absence (C11) or
a change of keyworker (C14), so none of them appear here: see ``contacts.breaches``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from keywork.calendar import SchoolCalendar, Span
from keywork.policy import Policy

Status = Literal["ok", "due_soon", "overdue", "not_owed", "none"]
Outcome = Literal["two_way", "delivered", "no_answer", "voicemail", "failed"]
Lateness = Literal["no", "flag", "needs_approval"]

STATUSES: tuple[Status, ...] = ("ok", "due_soon", "overdue", "not_owed", "none")

# Outcomes that are an attempt and no contact (C7).
ATTEMPTS: frozenset[str] = frozenset({"no_answer", "voicemail", "failed"})
# Whatever the policy lists, these can always qualify (C6).
ALWAYS_ALLOWED: frozenset[str] = frozenset({"meeting", "video"})
# A message left where one speaks is a voicemail; anywhere else it is delivered.
_SPOKEN: frozenset[str] = frozenset({"phone", "video", "meeting"})

_OUTCOMES: dict[str, Outcome] = {
    "spoke": "two_way",
    "replied": "two_way",
    "no_answer": "no_answer",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """One student's clock.

    ``start_on`` is what ``clock_start_on`` gave; ``last_contact_on`` the latest qualifying contact on or
    before the day asked about; ``left_on`` the last day on roll, known or planned. ``holds`` are first and
    last days; a hold without an end ends on ``date.max`` (C12).
    """

    start_on: date
    last_contact_on: date | None = None
    left_on: date | None = None
    joined_on: date | None = None
    holds: tuple[Span, ...] = ()

    @property
    def runs_from(self) -> date:
        """``clock_start`` of C2: a contact from before the start makes no backlog."""
        last = self.last_contact_on
        return self.start_on if last is None or last < self.start_on else last


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clock shows on one day. ``due_on`` is None when no clock runs."""

    status: Status
    due_on: date | None
    do_by: date | None


def clock_start_on(joined_on: date, policy_effective_on: date | None, went_live_on: date | None) -> date:
    """C1: the latest of the first day on roll, the policy taking effect, and the school going live here."""
    return max(day for day in (joined_on, policy_effective_on, went_live_on) if day is not None)


def due_on(clock: Clock, policy: Policy, calendar: SchoolCalendar) -> date | None:
    """C2, C3: the last day in time. None if the policy runs no clock; ``date.max`` in a hold without end."""
    interval = policy.contact_interval_days
    if interval is None or not policy.contact_required:
        return None
    return calendar.add_counted_days(clock.runs_from, interval, pause=policy.pauses, holds=clock.holds)


def do_by(clock: Clock, due: date | None, calendar: SchoolCalendar) -> date | None:
    """C5: the last pupil day up to the due date, if there is one since the last contact."""
    if due is None:
        return None
    found = calendar.last_pupil_day_on_or_before(due, not_before=clock.runs_from)
    if found is not None and found == clock.last_contact_on:
        return None
    return found


def status(clock: Clock, policy: Policy, calendar: SchoolCalendar, as_of: date) -> Status:
    """C4, C13: how things stand at the end of ``as_of``. ``none`` when not on roll or no clock runs."""
    return _status(clock, policy, due_on(clock, policy, calendar), as_of)


def reading(clock: Clock, policy: Policy, calendar: SchoolCalendar, as_of: date) -> Reading:
    """Status, due date and ``do_by`` in one go, for lists of many students."""
    due = due_on(clock, policy, calendar)
    return Reading(_status(clock, policy, due, as_of), due, do_by(clock, due, calendar))


def _status(clock: Clock, policy: Policy, due: date | None, as_of: date) -> Status:
    left = clock.left_on
    if due is None or as_of < clock.start_on or (left is not None and as_of > left):
        return "none"
    if left is not None and due >= left:
        return "not_owed"
    if as_of > due:
        return "overdue"
    return "due_soon" if (due - as_of).days <= policy.contact_amber_days else "ok"


# What makes a contact count


def outcome(reached: str, channel: str) -> Outcome:
    """What the person logging said happened, as an outcome.

    ``reached`` is one of spoke, replied, message, no_answer, failed. A message is a voicemail by phone or
    video and delivered by anything written. Raises ``ValueError`` for another word.
    """
    if reached == "message":
        return "voicemail" if channel in _SPOKEN else "delivered"
    try:
        return _OUTCOMES[reached]
    except KeyError:
        raise ValueError(f"{reached} is not a way a contact can end.") from None


def qualifies(outcome: str, channel: str, person_marked: bool, policy: Policy) -> bool:
    """C6: whether it resets the clock. ``person_marked``: reached someone marked for keywork contact."""
    if not person_marked or (channel not in ALWAYS_ALLOWED and channel not in policy.contact_channels):
        return False
    return (
        outcome == "two_way"
        or (outcome == "delivered" and policy.contact_one_way_counts)
        or (outcome == "voicemail" and policy.contact_voicemail_counts)
    )


def late(occurred_on: date, logged_on: date, policy: Policy) -> Lateness:
    """C10: whether it was written down late, and so late that it needs approval before it counts."""
    days = (logged_on - occurred_on).days
    if days > policy.contact_backdate_limit_days:
        return "needs_approval"
    return "flag" if days > policy.contact_late_log_days else "no"


def counts_on(
    occurred_on: date,
    logged_on: date,
    approved_on: date | None,
    voided_on: date | None,
    known_on: date,
    policy: Policy,
) -> bool:
    """C10, C17: whether, with what was known at the end of ``known_on``, the record stood and counted."""
    if logged_on > known_on or occurred_on > known_on:
        return False
    if voided_on is not None and voided_on <= known_on:
        return False
    if late(occurred_on, logged_on, policy) == "needs_approval":
        return approved_on is not None and approved_on <= known_on
    return True
