"""The filters above tables of students: forms whose answers stand in the address."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import django_filters
from django import forms

from keywork import clock

from .finding import matching
from .models import Student
from .rules import NOT_APPLICABLE, YEAR_GROUPS


class PlainSelect(forms.Select):
    """A select drawn by one template and not one for each option: a school may have hundreds of keyworkers."""

    template_name = "components/select.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs.setdefault("class", "form-select")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = context["widget"]["value"]
        texts = [("" if key is None else str(key), label) for key, label in self.choices]
        context["widget"]["options"] = [(key, label, key in chosen) for key, label in texts]
        return context

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> list[Any]:
        return []  # a context for each option, which this template does without


@cache
def year_label(year: str) -> str:
    """ "Year 9", "Reception": as a student's own page says it."""
    return Student(nc_year=year).year_label


def year_choices(years: Iterable[str]) -> list[tuple[str, str]]:
    """The year groups that occur, in the order of school."""
    known = set(years)
    return [(year, year_label(year)) for year in (*YEAR_GROUPS, NOT_APPLICABLE) if year in known]


class Choice(django_filters.ChoiceFilter):
    """A choice whose empty answer says what it means ("All years")."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=PlainSelect, **kwargs)


class StudentFilter(django_filters.FilterSet):
    """The students list: part of a name, year, placement, on roll or not."""

    q = django_filters.CharFilter(
        label="Name",
        method="by_name",
        widget=forms.TextInput({"class": "form-control", "type": "search", "maxlength": 100}),
    )
    year = Choice(label="Year", field_name="nc_year", empty_label="All years")
    placement = Choice(
        label="Placement",
        field_name="placement",
        choices=Student.Placement.choices,
        empty_label="All placements",
    )
    roll = Choice(
        label="Who",
        method="by_roll",
        empty_label="On roll",
        choices=[("leavers", "Leavers"), ("coming", "Yet to join"), ("all", "Everyone")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = self.queryset.order_by().values_list("nc_year", flat=True).distinct()
        self.filters["year"].extra["choices"] = year_choices(years)

    def by_name(self, students: Any, name: str, typed: str) -> Any:
        return matching(students, typed)

    def by_roll(self, students: Any, name: str, chosen: str) -> Any:
        today = clock.today()
        if chosen == "leavers":
            return students.leavers(today)
        return students.filter(joined_on__gt=today) if chosen == "coming" else students

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("roll") else found.on_roll(clock.today())
