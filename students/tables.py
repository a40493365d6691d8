"""Tables of students. Cells of duties are drawn from states worked out for the page shown, never for all."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from keywork import clock
from keywork.duties import DutyState
from keywork.templatetags.kw import badge

from .finding import year_place
from .models import Student


class StudentTable(tables.Table):
    """Name, year, placement, keyworker, and what is owed next where the reader may know it.

    `owed` maps a student id to the state shown; the view sets it for the page.
    """

    name = tables.Column("Name", order_by=("surname", "known_as", "pk"), attrs={"th": {"scope": "row"}})
    nc_year = tables.Column("Year")
    placement = tables.Column("Placement")
    keyworker = tables.Column("Keyworker", accessor="keyworker_name", default="", empty_values=())
    owed = tables.Column("Next", orderable=False, empty_values=())

    class Meta:
        model = Student
        fields = ("name", "nc_year", "placement", "keyworker", "owed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owed: dict[int, DutyState] = {}
        self.today = clock.today()

    def order_nc_year(self, students: Any, is_descending: bool) -> tuple[Any, bool]:
        place = year_place()
        return students.order_by(place.desc() if is_descending else place.asc(), "surname", "known_as", "pk"), True

    def render_name(self, record: Student) -> str:
        return format_html('<a href="{}">{}</a>', reverse("students:record", args=[record.pk]), record.name)

    def render_nc_year(self, record: Student) -> str:
        return record.year_label

    def render_keyworker(self, record: Any) -> str:
        if record.keyworker_name:
            return record.keyworker_name
        return badge("info", "Nobody") if record.is_on_roll(self.today) else ""

    def render_owed(self, record: Student) -> str:
        state = self.owed.get(record.pk)
        if state is None:
            return ""
        return format_html('{} <span class="kw-when">{}</span>', badge(state.level, state.label), state.headline)
