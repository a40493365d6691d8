"""Oversight's table: a column for each registered duty, sorted by how urgent it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import django_tables2 as tables
from django.utils.safestring import SafeString

from keywork import duties

from .oversight_rows import table_rows
from .overview import Row


class OversightTable(tables.Table):
    """Heads, sorting and pages; the rows are written by `oversight_rows`."""

    student = tables.Column("Student", order_by=("student__surname", "student__known_as"))
    keyworker = tables.Column("Keyworker")

    class Meta:
        template_name = "django_tables2/drawn.html"

    away: Mapping[int, str] = {}  # keyworkers away today, with the words that say until when
    assigns = False  # may the reader name a keyworker? The view says so

    def __init__(self, rows: Sequence[Row], **kwargs) -> None:
        columns = [
            (provider.kind, tables.Column(provider.name, order_by=(f"places__{provider.kind}",)))
            for provider in duties.providers()
        ]
        super().__init__(rows, extra_columns=columns, **kwargs)

    def keep_page(self) -> None:
        """Let go of the rows of other pages, once this one is chosen.

        A table refers to itself, so whatever it holds stays until Python's collector comes by: the states of
        a whole school, page after page.
        """
        self.data.data = [line.record for line in self.paginated_rows]

    @property
    def drawn(self) -> SafeString:
        return table_rows((line.record for line in self.paginated_rows), assigns=self.assigns, away=self.away)
