"""What the demo writes: plain values, numbered as they come, then copied table by table once all is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db.models import Model

from .copying import copy_numbered

Row = dict[str, Any]
DAY = timedelta(days=1)


class Rows:
    """Rows of each model by column; an id is the place in its table. `packed` holds what would be millions of rows."""

    def __init__(self) -> None:
        self.tables: dict[type[Model], list[Row]] = defaultdict(list)
        self.packed: dict[type[Model], list[tuple[Any, ...]]] = defaultdict(list)

    def add(self, model: type[Model], **row: Any) -> Row:
        rows = self.tables[model]
        rows.append(row)
        row["id"] = len(rows)
        return row

    def write(self, *models: type[Model]) -> None:
        """These tables, or all; their triggers say nothing meanwhile."""
        for model in models or tuple(self.tables):
            copy_numbered(model, self.tables[model])


def at(day: date, time: str) -> str:
    return f"{day} {time} Europe/London"


def draw(rng: Random, weights: Mapping[str, int]) -> str:
    """One of the words, each as often as its weight says."""
    return rng.choices([*weights], [*weights.values()])[0]
