"""What makes a contact count, and what is logged late (rules C6, C7, C10).

Pure functions of plain values. All dates are civil dates in Europe/London. Who may make a contact (C8, C9) and for
whom (C15) is settled by the caller. How home contact stands is `contacts.home_contact`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from keywork.policy import Policy

Outcome = Literal["two_way", "delivered", "no_answer", "voicemail", "failed"]
Lateness = Literal["no", "flag", "needs_approval"]

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


def channels(policy: Policy) -> frozenset[str]:
    """Those that can qualify. A message in Keywork counts where an e-mail does."""
    allowed = ALWAYS_ALLOWED.union(policy.contact_channels)
    return allowed | {"message"} if "email" in allowed else allowed


def qualifies(outcome: str, channel: str, person_marked: bool, policy: Policy) -> bool:
    """C6: whether it resets the clock. ``person_marked``: reached someone marked for keywork contact."""
    if not person_marked or channel not in channels(policy):
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
