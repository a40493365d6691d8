"""Tables of students: heads, sorting and pages. The rows are written in Python: cell by cell, django-tables2
would take longer than everything else on the page."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString

from .finding import year_place
from .list_rows import table_rows


class StudentTable(tables.Table):
    """Name, year, placement, keyworker, and what is owed next where the reader may know it."""

    name = tables.Column("Name", order_by=("surname", "known_as", "pk"))
    nc_year = tables.Column("Year")
    placement = tables.Column("Placement")
    keyworker = tables.Column("Keyworker", order_by=("keyworker_name", "surname", "known_as"))
    owed = tables.Column("Next", orderable=False)

    class Meta:
        template_name = "django_tables2/drawn.html"

    shows_owed = True  # the view says whether there is anything to show

    @property
    def drawn(self) -> SafeString:
        return table_rows((line.record for line in self.paginated_rows), shows_owed=self.shows_owed)

    def order_nc_year(self, students: Any, is_descending: bool) -> tuple[Any, bool]:
        place = year_place()
        return students.order_by(
            place.desc() if is_descending else place.asc(), "surname", "known_as", "pk"
        ), True
