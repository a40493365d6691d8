"""What ticks a point of a list by itself: records of the apps above register here where their rows are found.

Nothing is stored: take the entry back and the tick goes with it. All of it is one query, however many kinds there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, DateField, OuterRef, QuerySet, Subquery, Value, When


@dataclass(frozen=True, slots=True)
class Tick:
    """`rows()` are those that count, each with `student` and its `day`; `address` names the page of one (or of the student)."""

    slug: str
    name: str  # "A contact with home is logged"
    rows: Callable[[], QuerySet]
    day: str
    address: str
    of_student: bool = False  # the page is the student's, not the entry's


_ticks: dict[str, Tick] = {}


def register(tick: Tick) -> None:
    _ticks[tick.slug] = tick


def known() -> dict[str, Tick]:
    return dict(_ticks)


def _first(tick: Tick, value: str) -> Subquery:
    since = {f"{tick.day}__gte": OuterRef("checklist__counts_from")}
    rows = tick.rows().filter(student=OuterRef("checklist__student"), **since)
    return Subquery(rows.order_by(tick.day, "pk").values(value)[:1])


def ticked_on() -> Case:
    """The day of the first entry that ticks a point."""
    whens = [When(ticks=slug, then=_first(tick, tick.day)) for slug, tick in _ticks.items()]
    return Case(*whens, default=Value(None), output_field=DateField())


def ticked_pk() -> Case:
    whens = [When(ticks=slug, then=_first(tick, "pk")) for slug, tick in _ticks.items()]
    return Case(*whens, default=Value(None), output_field=BigIntegerField())
