"""What a correction may change, and what stood there before: from the row history the database keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keywork.known import BEGINNING
from keywork.models import User


@dataclass(frozen=True, slots=True)
class Stood:
    """Values as they were written `at` that moment by `who`, in the order asked for; None: before history was kept."""

    at: datetime | None
    who: str
    values: tuple[str, ...]


def what_stood(row: Any, names: Sequence[str]) -> list[Stood]:
    """Each writing of `names` that changed one of them, newest first; two queries."""
    events = row.pgh_event_model.objects.filter(pgh_obj_id=row.pk).select_related("pgh_context")
    kept: list[Any] = []
    for event in events.order_by("pgh_id"):
        if not kept or any(getattr(kept[-1], name) != getattr(event, name) for name in names):
            kept.append(event)
    by = [event.pgh_context.metadata.get("user") if event.pgh_context else None for event in kept]
    writers: dict[Any, str] = dict(
        User.objects.filter(pk__in={pk for pk in by if pk}).values_list("pk", "name")
    )
    return [
        Stood(
            event.pgh_created_at if event.pgh_created_at > BEGINNING else None,
            writers.get(pk, "Keywork"),
            tuple(getattr(event, name) for name in names),
        )
        for event, pk in zip(kept, by, strict=True)
    ][::-1]
