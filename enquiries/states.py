"""How an enquiry stands: pure functions of plain values, one answer for pages, mails and tests.

Someone outside the school gets a link that ends by itself (domain 2.4) and a code told to them another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

from keywork import outside

State = Literal["waiting", "answered", "declined", "withdrawn", "barred", "ended", "closed"]

# Level (keywork.duties.LEVELS) and word of each state, for badges.
BADGES: Final[Mapping[State, tuple[str, str]]] = {
    "waiting": ("open", "Waiting"),
    "answered": ("ok", "Answered"),
    "declined": ("info", "Cannot"),
    "withdrawn": ("none", "Taken back"),
    "barred": ("soon", "Shut"),
    "ended": ("soon", "Link ended"),
    "closed": ("soon", "Closed"),
}
NOT_SO: Final[Mapping[State, str]] = {
    "waiting": "It is still waiting for an answer",
    "answered": "It has been answered already",
    "declined": "They have said that they cannot",
    "withdrawn": "It has been taken back",
    "barred": "{name} may not be written to about {student} now",
    "ended": "The link has ended. Send a new link",
    "closed": "The link was closed after too many wrong codes. Make a new code",
}


def state_of(
    *,
    answered_at: datetime | None,
    declined_at: datetime | None,
    withdrawn_at: datetime | None,
    expires_at: datetime | None,
    tries: int,
    now: datetime,
    barred: bool = False,
) -> State:
    """Where an enquiry stands now. `expires_at` is None for who signs in, whose enquiry never ends by itself.

    `barred` is a parent or carer who may not be written to any more.
    """
    if withdrawn_at is not None:
        return "withdrawn"
    if answered_at is not None:
        return "answered"
    if declined_at is not None:
        return "declined"
    if barred:
        return "barred"
    found = outside.standing(expires_at=expires_at, tries=tries, now=now)
    return "waiting" if found == "works" else found


def may_remind(state: State, asked_on: date, reminded_on: date | None, today: date) -> bool:
    """Once a day at most, the day of asking among them."""
    return state == "waiting" and today > max(asked_on, reminded_on or asked_on)


def is_late(state: State, answer_by: date, today: date) -> bool:
    return state in ("waiting", "barred", "ended", "closed") and today > answer_by
