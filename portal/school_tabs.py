"""The pages of the school itself, as tabs on each of them: whoever looks sees those that they may open."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse

from keywork.access import Can, has_capability


class Tab(NamedTuple):
    label: str
    url: str
    active: bool


TABS = (
    ("Overview", "portal:administrator", Can.MANAGE_ACCOUNTS),
    ("Set-up", "portal:setup", Can.SET_UP_SCHOOL),
    ("Calendar", "portal:calendar", Can.VIEW_CALENDAR),
    ("Policy", "portal:policy", Can.VIEW_POLICY),
    ("Invitations", "portal:invitations", Can.MANAGE_ACCOUNTS),
    ("Health", "portal:health", Can.KEEP_RUNNING),
    ("Letterhead", "reports:letterhead", Can.KEEP_LETTERHEAD),
)


def tabs_for(user: Any, here: str) -> list[Tab]:
    """None where there would be one alone."""
    tabs = [Tab(label, reverse(name), name == here) for label, name, can in TABS if has_capability(user, can)]
    return tabs if len(tabs) > 1 else []
