"""The words home sees when a contact is shared (issue: share a summary with home).

Pure. They say who at school, how, when and about what; never what was said, never a student's or another
adult's name, so that the same words are right for siblings on one call and for either parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from keywork.dates import day_in_full
from keywork.duty_words import listed

from .channels import CHANNELS

# For parents: reading age 11.
TOPIC_WORDS: dict[str, str] = {
    "attendance": "attendance",
    "engagement": "taking part in lessons",
    "social_progress": "social progress",
    "health": "health",
    "going_well": "what is going well",
    "follow_up": "something to follow up",
}
_SPOKE: dict[str, str] = {"meeting": "met you", "video": "spoke with you by video"}


def home_summary(*, keyworker: str, reached: str, channel: str, on: date, topics: Sequence[str] = ()) -> str:
    """One sentence for home. `keyworker` is the name as families know it; unknown topics are left out.

    Raises KeyError for a way of reaching or a channel the log does not know.
    """
    day = day_in_full(on, on)
    way, about = CHANNELS[channel], _about(topics)
    if reached in ("no_answer", "failed"):
        return f"{keyworker} tried to reach you {way.by} on {day}."
    if reached == "message":
        return f"{keyworker} {way.left} on {day}{about}."
    if reached == "replied":
        return f"{keyworker} and you were in touch {way.by} on {day}{about}."
    if reached == "spoke":
        return f"{keyworker} {_SPOKE.get(channel, 'spoke with you')} on {day}{about}."
    raise KeyError(reached)


_TRIED: dict[str, str] = {
    "phone": "tried to ring {whom}",
    "video": "tried to ring {whom} by video",
    "meeting": "hoped to meet {whom}",
}


def home_line(*, keyworker: str, reached: str, channel: str, from_home: bool, whom: str = "you") -> str:
    """ "Ros spoke with you", "Ros tried to ring Piotr": one contact or try as home reads it, without its day.

    `whom` is "you" or the name the family calls the other adult of the same household by. A try is told as one:
    it was nobody's fault. Raises KeyError for a way of reaching the log does not know.
    """
    sent = CHANNELS[channel].sent
    if from_home:
        return _from_home(keyworker, reached, channel, whom[:1].upper() + whom[1:])
    if reached in ("no_answer", "failed"):
        return f"{keyworker} {_TRIED.get(channel, 'tried to write to {whom}').format(whom=whom)}"
    if reached == "message":
        return f"{keyworker} " + (f"sent {whom} {sent}" if sent else f"left {whom} a message")
    if reached == "replied" and sent:
        return f"{whom[:1].upper()}{whom[1:]} and {keyworker} wrote"
    if reached in ("replied", "spoke"):
        return f"{keyworker} {'met' if channel == 'meeting' else 'spoke with'} {whom}"
    raise KeyError(reached)


def _from_home(keyworker: str, reached: str, channel: str, who: str) -> str:
    sent = CHANNELS[channel].sent
    if reached in ("no_answer", "failed"):
        return f"{who} tried to reach {keyworker}"
    if reached == "message":
        return f"{who} sent {keyworker} {sent}" if sent else f"{who} left {keyworker} a message"
    if reached == "replied" and sent:
        return f"{who} and {keyworker} wrote"
    if reached in ("replied", "spoke"):
        word = {"meeting": "came to see", "video": "spoke with", "phone": "rang"}.get(channel, "wrote to")
        return f"{who} {word} {keyworker}"
    raise KeyError(reached)


def _about(topics: Sequence[str]) -> str:
    words = [TOPIC_WORDS[topic] for topic in topics if topic in TOPIC_WORDS]
    return f" about {listed(words)}" if words else ""
