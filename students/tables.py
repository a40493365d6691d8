"""Tables of students: heads, sorting and pages. The rows stand in the template: cell by cell, django-tables2
would take longer than everything else on the page."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables

from .finding import year_place


class StudentTable(tables.Table):
    """Name, year, placement, keyworker, and what is owed next where the reader may know it."""

    name = tables.Column("Name", order_by=("in_order", "pk"))
    nc_year = tables.Column("Year")
    placement = tables.Column("Placement")
    keyworker = tables.Column("Keyworker", order_by=("keyworker_order", "in_order"))
    owed = tables.Column("Next", orderable=False)

    class Meta:
        template_name = "students/_list_table.html"
        attrs = {"class": "is-short"}

    shows_owed = True  # the view says whether there is anything to show

    def order_nc_year(self, students: Any, is_descending: bool) -> tuple[Any, bool]:
        place = year_place()
        return students.order_by(place.desc() if is_descending else place.asc(), "in_order", "pk"), True
