"""Finding entries of the key worker log by their words, over all the records someone may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from keywork.finding import containing, excerpt

from .models import HomeContact, KeyworkSession
from .timeline import SEARCHED


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry and, with the typed words marked, what it says round them. Showing it is reading it: leave a row."""

    on: date
    kind: str
    student: Any
    words: SafeString


def entries_saying(user: Any, typed: str, *, most: int) -> list[FoundEntry]:
    """The newest `most` entries that stand and hold every typed word, among those this person may read."""
    found: list[FoundEntry] = []
    for kind, name, model in (
        ("contact", "Contact with home", HomeContact),
        ("session", "Keywork session", KeyworkSession),
    ):
        rows = (
            model.objects.readable_by(user)
            .filter(containing(SEARCHED[kind], typed), voided_on__isnull=True)
            .select_related("student")
            .only(
                *SEARCHED[kind],
                "happened_on",
                "student__known_as",
                "student__surname",
                "student__nc_year",
            )
            .order_by("-happened_on", "-pk")[:most]
        )
        for row in rows:
            written = " · ".join(filter(None, (getattr(row, field) for field in SEARCHED[kind])))
            found.append(FoundEntry(row.happened_on, name, row.student, excerpt(written, typed)))
    return sorted(found, key=lambda entry: entry.on, reverse=True)[:most]
