"""Tables of students: heads, sorting and pages. The rows stand in the template: cell by cell, django-tables2
would take longer than everything else on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import django_tables2 as tables
from django.db.models import OuterRef, Subquery

from keywork import clock
from keywork.duties import DutyState
from keywork.models import Assignment
from keywork.words import worded_lazy

from .finding import year_place
from .models import Student


class StudentRow(NamedTuple):
    """A line of the list: the student, and what stands beside them."""

    student: Student
    is_here: bool
    keyworker_name: str
    owed: DutyState | None


class StudentTable(tables.Table):
    name = tables.Column("Name", order_by=("in_order", "pk"))
    nc_year = tables.Column("Year")
    placement = tables.Column("Placement")
    keyworker = tables.Column(worded_lazy("Keyworker"))
    owed = tables.Column("Next", orderable=False)

    class Meta:
        template_name = "students/_list_table.html"
        attrs = {"class": "is-short"}

    shown: Sequence[StudentRow] = ()  # those of this page: the view gives them
    shows_owed = True  # the view says whether there is anything to show

    def order_keyworker(self, students: Any, is_descending: bool) -> tuple[Any, bool]:
        in_post = Assignment.objects.keyworkers(clock.today()).filter(student=OuterRef("pk"))
        name = Subquery(in_post.order_by().values("user__in_order")[:1])
        sign = "-" if is_descending else ""
        return students.annotate(keyworker=name).order_by(f"{sign}keyworker", f"{sign}in_order"), True

    def order_nc_year(self, students: Any, is_descending: bool) -> tuple[Any, bool]:
        place = year_place()
        return students.order_by(place.desc() if is_descending else place.asc(), "in_order", "pk"), True
