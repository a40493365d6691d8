"""Pieces of sentences that duties of every kind share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from .dates import day_in_full
from .policy import Policy

if TYPE_CHECKING:
    from .keyworker_history import KeyworkerPeriod


def inside(name: str) -> str:
    """A name inside a sentence: "home contact", but "TSP baseline"."""
    first = name.partition(" ")[0]
    return name if len(first) > 1 and first.isupper() else name[:1].lower() + name[1:]


def sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; or with another word before the last."""
    return f" {last} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def in_post(
    periods: Sequence[KeyworkerPeriod], since: date, today: date, policy: Policy, due_on: date | None = None
) -> str:
    """ "Ros was in post throughout.", or since when somebody has been (C14); of what is past, on the day it was due."""
    is_past = due_on is not None and due_on < today
    on = due_on if due_on is not None and is_past else today
    found = next((one for one in periods if one.ends_on is None or one.ends_on >= on), None)
    if found is None and is_past:
        return policy.worded("Nobody was in post as keyworker when it was due.")
    if found is None:
        return policy.worded("Nobody is in post as keyworker.")
    first_name = found.name.split(" ")[0]
    if found.starts_on <= since:
        return f"{first_name} was in post throughout."
    return f"{first_name} {'had' if is_past else 'has'} been in post since {day_in_full(found.starts_on, today)}."
