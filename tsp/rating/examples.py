"""What of the timeline may stand as evidence beside a rating: the last entries that tell of the student.

They come from the timeline's own providers, so a reader is only ever offered what they may read; entries that are
restricted or crossed out are not offered at all, as evidence is read by the whole team.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from keywork import clock, timeline
from keywork.school import SchoolFacts

from ..models import Setting

# Of no use as evidence: what did not happen, what is a decision, and what the team does not read (what home says of
# a report).
NOT_EVIDENCE = frozenset({"miss", "hold", "comment"})
LOOKED_THROUGH = 40  # beside those offered, for what is restricted, crossed out, or a try that reached nobody
LOOK_BACK = timedelta(days=120)
OFFERED = 6
USUAL_SETTING = {"contact": Setting.HOME, "session": Setting.KEYWORK}


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry and the setting it most likely shows; `key` names it in a form."""

    entry: timeline.Entry
    setting: str

    @property
    def key(self) -> str:
        return f"{self.entry.kind}.{self.entry.pk}"


def kinds() -> dict[str, str]:
    """Kinds of entries that may be evidence, each with its plural name."""
    return {
        kind: name
        for provider in timeline.providers()
        for kind, name in provider.kinds.items()
        if kind not in NOT_EVIDENCE
    }


def offers(
    student: Any, reader: Any, school: SchoolFacts, *, without: Collection[str] = (), limit: int = OFFERED
) -> list[Offer]:
    """The newest entries this reader may use, none older than 120 days; `without` are keys already beside it."""
    today = clock.today()
    found = timeline.newest(
        student, reader, kinds=frozenset(kinds()), limit=limit + len(without) + LOOKED_THROUGH, school=school
    )
    near = (one for one in found if one.on <= today and f"{one.kind}.{one.pk}" not in without)
    usable = timeline.usable(near, since=today - LOOK_BACK)
    return [Offer(entry, usual_setting(entry)) for entry in islice(usable, limit)]


def usual_setting(entry: timeline.Entry) -> str:
    """Where it was, by its own tags if they say, or by what it is."""
    labels = {str(label).lower(): value for value, label in Setting.choices}
    for tag in entry.tags:
        if tag.lower() in labels:
            return labels[tag.lower()]
    return USUAL_SETTING.get(entry.kind, Setting.LESSON)


def offered(student: Any, reader: Any, school: SchoolFacts, key: str) -> Offer | None:
    """The entry that `key` names, if this reader is offered it: the only way it can become evidence."""
    return next((one for one in offers(student, reader, school, limit=40) if one.key == key), None)
