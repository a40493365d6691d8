"""Entries of the timeline that a score may rest on: offered to whoever scores, found again for each reader.

Only what every reader of the TSP may read is offered: never restricted, never crossed out. What an entry says stays
in its own record and is asked for again each time, as this reader.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from itertools import islice
from typing import Any, Final

from keywork import timeline
from keywork.school import SchoolFacts
from keywork.timeline import Entry

# What says something of how a student is doing. Kinds of apps that are not there are simply not found.
KINDS: Final = frozenset({"contact", "session", "sheet"})
OFFERED: Final = 30
LOOKED_THROUGH: Final = 300


def offered(student: Any, reader: Any, *, since: date, school: SchoolFacts) -> list[Entry]:
    """The newest entries since a day that this reader may point to, newest first; one query a kind."""
    found = timeline.newest(student, reader, kinds=KINDS, limit=LOOKED_THROUGH, school=school)
    return list(islice(timeline.usable(found, since=since), OFFERED))


def readable(
    student: Any, reader: Any, wanted: Collection[tuple[str, int]], *, school: SchoolFacts
) -> dict[tuple[str, int], Entry]:
    """Those of `wanted` (kind and key) that this reader may read, among the newest; one query a kind."""
    kinds = frozenset(kind for kind, _ in wanted) & KINDS
    if not kinds:
        return {}
    rows = timeline.newest(student, reader, kinds=kinds, limit=LOOKED_THROUGH, school=school)
    return {(one.kind, one.pk): one.tell() for one in rows if (one.kind, one.pk) in wanted}
