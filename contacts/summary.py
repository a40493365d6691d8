"""The words home sees when a contact is shared (issue: share a summary with home).

Pure. They say who at school, how, when and about what; never what was said, never a student's or another
adult's name, so that the same words are right for siblings on one call and for either parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from keywork.dates import day_in_full

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
_MESSAGE: dict[str, str] = {
    "phone": "left you a message by phone",
    "video": "left you a message",
    "meeting": "left you a message",
    "text": "sent you a text",
    "email": "sent you an e-mail",
    "letter": "sent you a letter",
    "planner": "wrote to you in the planner",
    "postcard": "sent you a postcard",
    "message": "sent you a message",
}
_BY: dict[str, str] = {
    "phone": "by phone",
    "video": "by video",
    "meeting": "in person",
    "text": "by text",
    "email": "by e-mail",
    "letter": "by letter",
    "planner": "in the planner",
    "postcard": "by postcard",
    "message": "by message",
}


def home_summary(*, keyworker: str, reached: str, channel: str, on: date, topics: Sequence[str] = ()) -> str:
    """One sentence for home. `keyworker` is the name as families know it; unknown topics are left out.

    Raises KeyError for a way of reaching or a channel the log does not know.
    """
    day = day_in_full(on, on)
    about = _about(topics)
    if reached in ("no_answer", "failed"):
        return f"{keyworker} tried to reach you {_BY[channel]} on {day}."
    if reached == "message":
        return f"{keyworker} {_MESSAGE[channel]} on {day}{about}."
    if reached == "replied":
        return f"{keyworker} and you were in touch {_BY[channel]} on {day}{about}."
    if reached == "spoke":
        return f"{keyworker} {_SPOKE.get(channel, 'spoke with you')} on {day}{about}."
    raise KeyError(reached)


_TRIED: dict[str, str] = {
    "phone": "tried to ring {whom}",
    "video": "tried to ring {whom} by video",
    "meeting": "hoped to meet {whom}",
}
_SENT: dict[str, str] = {
    "text": "a text",
    "email": "an e-mail",
    "letter": "a letter",
    "planner": "a note in the planner",
    "postcard": "a postcard",
    "message": "a message",
}


def home_line(*, keyworker: str, reached: str, channel: str, from_home: bool, whom: str = "you") -> str:
    """ "Ros spoke with you", "Ros tried to ring Piotr": one contact or try as home reads it, without its day.

    `whom` is "you" or the name the family calls the other adult of the same household by. A try is told as one:
    it was nobody's fault. Raises KeyError for a way of reaching the log does not know.
    """
    if from_home:
        return _from_home(keyworker, reached, channel, whom[:1].upper() + whom[1:])
    if reached in ("no_answer", "failed"):
        return f"{keyworker} {_TRIED.get(channel, 'tried to write to {whom}').format(whom=whom)}"
    if reached == "message":
        return f"{keyworker} " + (
            f"sent {whom} {_SENT[channel]}" if channel in _SENT else f"left {whom} a message"
        )
    if reached == "replied" and channel in _SENT:
        return f"{whom[:1].upper()}{whom[1:]} and {keyworker} wrote"
    if reached in ("replied", "spoke"):
        return f"{keyworker} {'met' if channel == 'meeting' else 'spoke with'} {whom}"
    raise KeyError(reached)


def _from_home(keyworker: str, reached: str, channel: str, who: str) -> str:
    if reached in ("no_answer", "failed"):
        return f"{who} tried to reach {keyworker}"
    if reached == "message":
        return (
            f"{who} sent {keyworker} {_SENT[channel]}"
            if channel in _SENT
            else f"{who} left {keyworker} a message"
        )
    if reached == "replied" and channel in _SENT:
        return f"{who} and {keyworker} wrote"
    if reached in ("replied", "spoke"):
        word = {"meeting": "came to see", "video": "spoke with", "phone": "rang"}.get(channel, "wrote to")
        return f"{who} {word} {keyworker}"
    raise KeyError(reached)


def _about(topics: Sequence[str]) -> str:
    words = [TOPIC_WORDS[topic] for topic in topics if topic in TOPIC_WORDS]
    if not words:
        return ""
    if len(words) == 1:
        return f" about {words[0]}"
    return f" about {', '.join(words[:-1])} and {words[-1]}"
