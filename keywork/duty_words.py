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


def in_post(periods: Sequence[KeyworkerPeriod], since: date, today: date, policy: Policy) -> str:
    """ "Ros was in post throughout.", or since when somebody has been (C14)."""
    now = next((one for one in periods if one.ends_on is None or one.ends_on >= today), None)
    if now is None:
        return policy.worded("Nobody is in post as keyworker.")
    first_name = now.name.split(" ")[0]
    if now.starts_on <= since:
        return f"{first_name} was in post throughout."
    return f"{first_name} has been in post since {day_in_full(now.starts_on, today)}."
