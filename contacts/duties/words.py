"""The sentences of the duties that more than one state needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from contacts import clock as rules
from contacts.channels import CHANNELS
from contacts.home_contact import LoggedContact
from keywork.dates import day_in_full, day_short
from keywork.duty_words import in_post, listed, sentences
from keywork.numbers import in_words
from keywork.policy import Policy

_TRIES = {"no_answer": "no answer", "voicemail": "message left"}
__all__ = ["attempts", "in_post", "listed", "not_counted", "sentences", "tried", "until"]

LISTED = 4  # more tries than this are counted, not listed


def until(last: date, today: date) -> str:
    return "Until further notice" if last == date.max else f"Until {day_in_full(last, today)}"


def attempts(logged: Iterable[LoggedContact]) -> list[LoggedContact]:
    return [one for one in logged if one.outcome in rules.ATTEMPTS]


def tried(logged: Iterable[LoggedContact]) -> str:
    """ "Two tries since, no answer yet.", or "" for none."""
    count = len(attempts(logged))
    if not count:
        return ""
    return f"{in_words(count).capitalize()} {'try' if count == 1 else 'tries'} since, no answer yet."


def not_counted(logged: Sequence[LoggedContact], policy: Policy, today: date) -> list[str]:
    """What was logged since and did not stop the clock, and why (C6, C7, C10)."""
    found: list[str] = []
    tries = attempts(logged)
    if len(tries) > LISTED:
        last = day_short(tries[-1].on, today)
        each = f"{in_words(len(tries))} tries without an answer, the last on {last}"
        found.append(f"Since then: {each}. These do not reset the date.")
    elif tries:
        each = listed([f"{_try(one)} on {day_short(one.on, today)}" for one in tries])
        found.append(
            f"Since then: {each}. {'This does' if len(tries) == 1 else 'These do'} not reset the date."
        )
    for one in logged:
        if one.outcome not in rules.ATTEMPTS:
            found.append(_why_not(one, policy, today))
    return found


def _try(one: LoggedContact) -> str:
    return _TRIES.get(one.outcome) or f"{CHANNELS[one.channel].noun} failed"


def _why_not(one: LoggedContact, policy: Policy, today: date) -> str:
    what = f"The {CHANNELS[one.channel].noun} on {day_short(one.on, today)}"
    if one.waiting:
        limit = policy.contact_backdate_limit_days
        return f"{what} was logged more than {limit} days later and waits for approval."
    if not one.person_marked:
        return f"{what} was not with someone marked for keywork contact."
    if one.outcome == "delivered" and not policy.contact_one_way_counts:
        return f"{what} was one-way, which does not count here."
    return f"{what} does not count: the school’s policy does not list that way of contact."
