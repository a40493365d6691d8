"""Oversight's table, a column for each duty, and the choices above it, applied to rows already worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import django_filters
import django_tables2 as tables
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.safestring import SafeString

from keywork import duties, prepared
from keywork.errors import Refused
from keywork.models import SavedFilter, User
from keywork.words import worded_lazy
from students.filters import Choice, year_choices
from students.models import Student

from .overview import Cell, Overview, OverviewRow

SHOW = {
    "overdue": "Overdue",
    "week": "Due this week",
    "nobody": worded_lazy("Without a keyworker"),
    "over_cap": worded_lazy("Keyworkers above their limit"),
    "never": "Home not yet contacted",
    "everyone": "Everyone",
}


class OversightFilter(django_filters.FilterSet):
    """`rows(overview)` gives the rows asked for. States are no columns, so the database is not asked.

    The overview itself is not kept: a filter refers to itself, and would hold on to a whole school's states.
    """

    show = Choice(label="Show", empty_label=None)
    keyworker = Choice(label=worded_lazy("Keyworker"), empty_label=worded_lazy("All keyworkers"))
    year = Choice(label="Year", empty_label="All years")
    placement = Choice(label="Placement", choices=Student.Placement.choices, empty_label="All placements")

    def __init__(self, data: Any, overview: Overview) -> None:
        data = data.copy()
        if data.get("show") not in SHOW:
            data["show"] = "overdue" if overview.counts["overdue"] else "everyone"
        super().__init__(data, queryset=Student.objects.none())
        # Of the cap, keyworkers are counted, as on the counter above; of everything else, students.
        counts = {
            **overview.counts,
            "everyone": len(overview.rows),
            "over_cap": overview.keyworkers_over_cap,
        }
        keyworkers = {row.keyworker_id: row.keyworker for row in overview.rows if row.keyworker_id}
        self.filters["show"].extra["choices"] = [
            (key, f"{words} ({counts[key]})") for key, words in SHOW.items()
        ]
        # A number has nothing to escape.
        choices = [(SafeString(f"{pk:d}"), name) for pk, name in keyworkers.items()]
        by_name = sorted(choices, key=lambda choice: choice[1])
        # By a function: a form copies its choices, and there may be hundreds of keyworkers.
        self.filters["keyworker"].extra["choices"] = lambda: by_name
        self.filters["year"].extra["choices"] = year_choices(row.student.nc_year for row in overview.rows)

    @property
    def chosen(self) -> dict[str, str]:
        """What was asked for; an answer that is none of the choices asks for nothing."""
        self.form.is_valid()
        return self.form.cleaned_data

    def rows(self, overview: Overview) -> Sequence[OverviewRow]:
        asked = self.chosen
        show, keyworker, year, placement = (
            asked.get(name) for name in ("show", "keyworker", "year", "placement")
        )
        return [
            row
            for row in overview.rows
            if (not show or show == "everyone" or show in row.groups)
            and (not keyworker or str(row.keyworker_id) == keyworker)
            and (not year or row.student.nc_year == year)
            and (not placement or row.student.placement == placement)
        ]


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


# Filters that somebody keeps under a name of their own

MOST = 20
LONGEST = 500  # of the query
KEPT = ("show", "keyworker", "year", "placement", "sort")


def kept(query: Mapping[str, Any]) -> str:
    """What of an address is worth keeping: choices and order, never a page."""
    return urlencode({name: query[name] for name in KEPT if query.get(name)})


def _of(user_id: int) -> QuerySet[Any]:
    mine = SavedFilter.objects.filter(user=user_id, page=SavedFilter.Page.OVERSIGHT)
    return mine.order_by("name", "pk").values_list("pk", "name", "query")


def saved_by(user: User) -> list[Any]:
    """Key, name and query of each; one query."""
    return prepared.rows(_of, user.pk)


@transaction.atomic
def save_filter(*, name: str, query: str, by: User) -> SavedFilter:
    """The same name again replaces what was under it. Raises Refused above the limit."""
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    mine = SavedFilter.objects.filter(user=by, page=SavedFilter.Page.OVERSIGHT)
    name, asked = name.strip(), kept(QueryDict(query))
    if len(asked) > LONGEST:
        raise Refused("More is chosen than can be kept", "name")
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise Refused(f"You keep {MOST} already. Remove one first", "name")
    row, _ = mine.update_or_create(
        user=by, page=SavedFilter.Page.OVERSIGHT, name=name, defaults={"query": asked}
    )
    return row
