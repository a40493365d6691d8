"""Oversight's table: a column for each registered duty, sorted by how urgent it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables

from keywork import duties
from keywork.words import worded_lazy

from .overview import Cell, OverviewRow


class OversightTable(tables.Table):
    """Heads, sorting and pages; the rows stand in the template."""

    student = tables.Column(worded_lazy("Student"), order_by=("place",))
    keyworker = tables.Column(worded_lazy("Keyworker"))

    class Meta:
        template_name = "portal/_oversight_table.html"
        attrs = {"class": "is-dense"}

    shown: Sequence[tuple[OverviewRow, Sequence[Cell]]] = ()  # those of this page: the view gives them
    assigns = False  # may the reader name a keyworker? The view says so

    def __init__(self, rows: Sequence[OverviewRow], **kwargs: Any) -> None:
        columns = [
            (provider.kind, tables.Column(provider.name, order_by=(f"places__{provider.kind}",)))
            for provider in duties.providers()
        ]
        super().__init__(rows, extra_columns=columns, **kwargs)
