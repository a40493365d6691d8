"""Finding entries of the key worker log by their words, over all the records someone may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from keywork.finding import saying

from .models import HomeContact, KeyworkSession
from .timeline import SEARCHED


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """That there is an entry: its words stand on the record, where reading them leaves a row."""

    on: date
    kind: str
    student: Any


def entries_saying(user: Any, typed: str, *, most: int) -> list[FoundEntry]:
    """The newest `most` entries that stand and hold every typed word, among those this person may read."""
    found: list[FoundEntry] = []
    for kind, name, model in (
        ("contact", "Contact with home", HomeContact),
        ("session", "Keywork session", KeyworkSession),
    ):
        rows = (
            model.objects.readable_by(user)
            .filter(saying(SEARCHED[kind], typed), voided_on__isnull=True)
            .select_related("student")
            .only(
                "happened_on",
                "student__known_as",
                "student__surname",
                "student__nc_year",
            )
            .order_by("-happened_on", "-pk")[:most]
        )
        found += [FoundEntry(row.happened_on, name, row.student) for row in rows]
    return sorted(found, key=lambda entry: entry.on, reverse=True)[:most]
