"""The windows in which a session is owed (H1), and sessions as the pure rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from contacts.facts import LoggedSession
from contacts.sessions import SessionFact
from keywork.calendar import Block, SchoolCalendar
from keywork.policy import Policy


def windows(policy: Policy, calendar: SchoolCalendar) -> list[Block]:
    """Every window of the calendar, in order; none where sessions are not owed by a date."""
    if policy.session_window == "half_term":
        return list(calendar.blocks)
    if policy.session_window == "term":
        return [Block(term.id, term.name, term.id, term.starts_on, term.ends_on) for term in calendar.terms]
    return []


def shown_windows(as_of: date, policy: Policy, calendar: SchoolCalendar) -> tuple[Block | None, Block | None]:
    """The window of the day, or in a holiday the one just ended; and, of a running window, the one before."""
    begun = [window for window in windows(policy, calendar) if window.starts_on <= as_of]
    if not begun:
        return None, None
    if as_of > begun[-1].ends_on or len(begun) == 1:
        return begun[-1], None
    before, current = list(pairwise(begun))[-1]
    return current, before


def as_facts(logged: Iterable[LoggedSession], required: Sequence[str]) -> list[SessionFact]:
    """Standing sessions as the pure rules read them; one that waits for approval is left out (H9)."""
    return [
        SessionFact(
            one.on,
            one.status,  # type: ignore[arg-type]
            frozenset(topic for bit, topic in enumerate(required) if one.covered >> bit & 1),
            one.catch_up_for or None,
        )
        for one in logged
        if not one.waiting
    ]
