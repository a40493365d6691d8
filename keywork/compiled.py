"""Querysets compiled once a process: what each request asks, Django takes longer to put together than Postgres
to answer.

The queryset stays the only definition. It is built with stand-ins, values that no row has, and each call puts
the real values in their places. So its SQL must be the same whatever the values: no None that may be given or
not, no `__in` with a list that grows (`keywork.sql.AnyOf` takes its place).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from .sql import prepared_rows


def columns(model: Any, path: str = "") -> list[str]:
    """Every column of a model, in its order, as `from_db` takes them; `path` leads to the model."""
    return [f"{path}{field.attname}" for field in model._meta.concrete_fields]


class Compiled:
    """`build(*stand_ins)` gives a queryset of `values_list`; `rows(*values)` its rows, as plain tuples.

    Stand-ins differ from each other and from every other value in the query.
    """

    def __init__(self, build: Callable[..., QuerySet], *stand_ins: Any) -> None:
        self.build, self.stand_ins = build, stand_ins

    @cached_property
    def _parts(self) -> tuple[str, list[tuple[bool, Any]]]:
        """The SQL, and for each of its parameters whether it is a place among the values, and that place."""
        sql, params = self.build(*self.stand_ins).query.sql_with_params()
        places = [
            (True, self.stand_ins.index(param)) if param in self.stand_ins else (False, param)
            for param in params
        ]
        if {place for is_place, place in places if is_place} != set(range(len(self.stand_ins))):
            raise ValueError("A stand-in is not among the parameters of its query.")
        # Begun with a bracket, as a UNION is, it would be taken for a write by pghistory.
        return (f"SELECT * FROM ({sql}) AS found" if sql.startswith("(") else sql), places

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        return prepared_rows(*self._with(values))

    def _with(self, values: tuple[Any, ...]) -> tuple[str, list[Any]]:
        sql, places = self._parts
        return sql, [values[what] if is_place else what for is_place, what in places]
