"""Prepared queries: a queryset put together once a process and planned by Postgres once a connection.

The one mechanism for speed. Django takes longer to put most queries together than Postgres takes to answer them, so
what every request asks (the person, the school, their relations), what every duty and the newest of most logs stand on, a
student and whom to ring, and what Today asks are read through `rows`, because a budget needs it; everything else is a
plain queryset. What each of these buys stands in bench/README.md.

The queryset stays the only definition. It is built of stand-ins, values that no row has, and each call puts the real
values in their places; what is the same each time stands in the SQL itself, so that Postgres plans with it. So the
building function may pass a value on to the query, but not look at it; what it must look at is `fixed`, and each of
those has its own query. psycopg prepares what it has sent OPTIONS["prepare_threshold"] times. Only for reading: history's context (pghistory) travels as a second statement,
which a prepared one cannot have.

What a page reads here and there of a few rows each is read `together`, in one statement: to ask costs more than the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any

from django.db import connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BooleanField, Func, QuerySet, Value
from django.db.models.query import ModelIterable, NamedValuesListIterable, get_related_populators
from django.db.models.utils import create_namedtuple_class
from psycopg.sql import quote

from .replica import reads_from


class AnyOf(Func):
    """`filter(AnyOf("student_id", ids))`: `__in` with all ids as one parameter. `ids` is what `rows` hands on."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, path: str, ids: str) -> None:
        super().__init__(path, Value(ids))


def rows(build: Callable[..., QuerySet], *values: Any, **fixed: Any) -> list[Any]:
    """The rows of `build(*values, **fixed)`, as the queryset says: instances, or the tuples of its `values_list`.

    A value is an integer, a text, a date, a time, a datetime, None, or a collection of ids, which reaches `build` for AnyOf.
    """
    return _rows(build, list(map(_given, values)), fixed)


def _rows(build: Callable[..., QuerySet], given: Sequence[Any], fixed: dict[str, Any]) -> list[Any]:
    alias = reads_from.get()
    sql, places, made, _ = _prepared(build, tuple(map(type, given)), tuple(fixed.items()), alias)
    found = _fetched(alias, sql, [given[place] for place in places])
    return [made(row) for row in found] if made else found


def _given(value: Any) -> Any:
    return _array(tuple(value)) if isinstance(value, (list, tuple, set, frozenset, dict)) else value


@lru_cache(maxsize=8)
def _array(ids: tuple[int, ...]) -> str:
    """Kept, as every duty asks of the same students: of 2,000 it takes longer to write than most reads to answer."""
    return f"{{{','.join(map(str, ids))}}}"


def _fetched(alias: str, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    database: Any = connections[alias]
    database.ensure_connection()
    binding: Any = ServerBindingCursor  # psycopg's, which the stubs do not say
    with database._prepare_cursor(binding(database.connection)) as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


class Read:
    """What `rows(build, *values, **fixed)` finds, and `then` what is made of the rows; asked with others or by itself.

    `few`: also of a whole school it finds no more than a row for each student.
    """

    __slots__ = ("build", "few", "fixed", "given", "then", "values")

    def __init__(
        self,
        build: Callable[..., QuerySet],
        *values: Any,
        then: Callable[[list[Any]], Any] | None = None,
        few: bool = False,
        **fixed: Any,
    ) -> None:
        self.build, self.values, self.then, self.few, self.fixed = build, values, then, few, fixed
        self.given = list(map(_given, values))

    @property
    def is_prepared(self) -> bool:
        """What was known on a day gone by (keywork.known) is not."""
        return self.fixed.get("known_on") is None

    @property
    def asks(self) -> tuple[Any, ...]:
        """Equal for two that find the same."""
        return self.build, tuple(self.given), tuple(self.fixed.items()), self.then

    def now(self) -> Any:
        if self.is_prepared:
            return self.made(_rows(self.build, self.given, self.fixed))
        return self.made(_plainly(self.build, *self.values, **self.fixed))

    def made(self, found: list[Any]) -> Any:
        return self.then(found) if self.then else found


def together(*reads: Any) -> list[Any]:
    """What each of these finds, in one statement; what is no Read, as it is. For reads of few rows, as they come as JSON.

    What two of them ask alike is asked once, and they are given the same. A column that is JSON itself comes read, and not as its text.
    """
    asked = {one.asks: one for one in reads if isinstance(one, Read) and one.is_prepared}
    if len(asked) < 2:
        return [one.now() if isinstance(one, Read) else one for one in reads]
    alias = reads_from.get()
    shapes = tuple(
        (one.build, tuple(map(type, one.given)), tuple(one.fixed.items())) for one in asked.values()
    )
    sql, places, making = _prepared_together(shapes, alias)
    given = [one.given for one in asked.values()]
    [answer] = _fetched(alias, sql, [given[which][place] for which, place in places])
    found = {
        one.asks: one.made(list(map(made, json.loads(text))) if text else [])
        for one, made, text in zip(asked.values(), making, answer, strict=True)
    }
    return [
        (found[one.asks] if one.is_prepared else one.now()) if isinstance(one, Read) else one for one in reads
    ]


def few_together(reads: Sequence[Read]) -> list[Any]:
    """What each of these finds: those of few rows in one statement, each other in one of its own, and once."""
    found = iter(together(*[one for one in reads if one.few]))
    others: dict[Any, Any] = {}
    for one in reads:
        if not one.few and one.asks not in others:
            others[one.asks] = one.now()
    return [next(found) if one.few else others[one.asks] for one in reads]


def _plainly(build: Callable[..., QuerySet], *values: Any, **fixed: Any) -> list[Any]:
    return list(build(*values, **fixed))


def rows_as_known(
    known_on: date | None, build: Callable[..., QuerySet], *values: Any, **fixed: Any
) -> list[Any]:
    """`rows` of a function that also takes `known_on`; prepared only for what is known now (keywork.known)."""
    ask = rows if known_on is None else _plainly
    return ask(build, *values, known_on=known_on, **fixed)


@lru_cache(maxsize=512)
def _prepared(
    build: Callable[..., QuerySet],
    types: tuple[type, ...],
    fixed: tuple[tuple[str, Any], ...],
    database: str,
) -> tuple[str, list[int], Callable[[Any], Any] | None, Sequence[Any]]:
    """The SQL; for each of its parameters the place among the values; what makes a row; the field of each column."""
    stand_ins = [_STAND_INS[kind](place) for place, kind in enumerate(types, 1)]
    asked_for = build(*stand_ins, **dict(fixed))
    sql, params = asked_for.query.sql_with_params()
    written = iter([_place(param, stand_ins) for param in params])
    places: list[int] = []

    def put(found: re.Match[str]) -> str:
        if found[0] == "%s":
            place, literal = next(written)
            if place is None:
                return literal
            places.append(place)
        return found[0]

    sql = re.sub("%[s%]", put, sql)
    if set(places) != {place for place, one in enumerate(stand_ins) if one is not None}:
        raise ValueError("A stand-in is not among the parameters of its query.")
    # Begun with a bracket, as a UNION is, it would be taken for a write by pghistory.
    sql = f"SELECT * FROM ({sql}) AS found" if sql.startswith("(") else sql
    return sql, places, _made(asked_for, database), _columns(asked_for, database)


@lru_cache(maxsize=512)
def _prepared_together(
    shapes: tuple[tuple[Any, ...], ...], database: str
) -> tuple[str, list[tuple[int, int]], list[Callable[[Any], Any]]]:
    """The SQL, which answers with one row of JSON; the read of each parameter and its place there; what makes the rows."""
    parts, places, making = [], [], []
    for which, shape in enumerate(shapes):
        sql, own, made, columns = _prepared(*shape, database)
        names = ", ".join(f"c{place}" for place in range(len(columns)))
        parts.append(f"(SELECT json_agg(json_build_array({names})) FROM ({sql}) AS found({names}))::text")
        places += [(which, place) for place in own]
        making.append(_told_from_json(columns, made))
    return f"SELECT {', '.join(parts)}", places, making


def _told_from_json(columns: Sequence[Any], made: Callable[[Any], Any] | None) -> Callable[[list[Any]], Any]:
    """What makes a row of what stands for it in JSON: days and times are texts there."""
    read: list[tuple[int, Callable[[Any], Any]]] = []
    for place, column in enumerate(columns):
        one = getattr(column, "base_field", column)
        if told := _READ.get(type(one)):
            read.append((place, told if one is column else partial(_each, told)))
        elif not isinstance(one, _AS_IN_JSON):
            raise ValueError(f"{type(one).__name__} cannot be read together with others.")

    def row(values: list[Any]) -> Any:
        for place, told in read:
            if values[place] is not None:
                values[place] = told(values[place])
        return made(values) if made else tuple(values)

    return row


def _each(told: Callable[[str], Any], values: list[str]) -> list[Any]:
    return list(map(told, values))


_READ: dict[type, Callable[[str], Any]] = {
    models.DateField: date.fromisoformat,
    models.TimeField: time.fromisoformat,
    models.DateTimeField: datetime.fromisoformat,
}
_AS_IN_JSON = (
    models.JSONField,
    models.IntegerField,
    models.AutoField,
    models.CharField,
    models.TextField,
    models.BooleanField,
    models.ForeignKey,
)


def _columns(asked_for: QuerySet, database: str) -> list[Any]:
    query: Any = asked_for.query
    query = query.combined_queries[0] if query.combinator else query
    compiler = query.get_compiler(database)
    compiler.pre_sql_setup()
    return [column.output_field for column, *_ in compiler.select]


def _made(asked_for: QuerySet, database: str) -> Callable[[Any], Any] | None:
    """What makes a row of the queryset of a row of its answer; None where they are the same."""
    if asked_for._iterable_class is NamedValuesListIterable:
        listed: Any = asked_for  # by `values_list`
        return create_namedtuple_class(*listed._fields)._make
    if asked_for._iterable_class is not ModelIterable:
        return None
    compiler = asked_for.query.get_compiler(database)
    compiler.pre_sql_setup()
    select, known = compiler.select, compiler.klass_info
    if compiler.get_converters([column for column, *_ in select]):
        raise ValueError("A prepared query has no fields that Django converts.")
    places = known["select_fields"]
    names = [select[place][0].target.attname for place in places]
    related = get_related_populators(known, select, database)  # type: ignore[call-arg]  # the stubs are of Django 6.1

    def instance(row: tuple[Any, ...]) -> Any:  # as ModelIterable
        found = known["model"].from_db(database, names, row[places[0] : places[-1] + 1])
        for one in related:
            one.populate(row, found)
        for name, place in compiler.annotation_col_map.items():
            setattr(found, name, row[place])
        return found

    return instance


def _place(param: Any, stand_ins: Collection[Any]) -> tuple[int | None, str]:
    """The place of a parameter among the values; or, of one that is always the same, how it is written in SQL."""
    for place, one in enumerate(stand_ins):
        # Django hands a number on as psycopg's own kind of it.
        if one is not None and isinstance(param, type(one)) and one == param:
            return place, ""
    return None, quote(param).replace("%", "%%")


_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda place: -(10**15) - place,
    str: lambda place: f"{{{-place}}}",  # an array of one number, or a text that nobody writes
    date: lambda place: date.min + timedelta(days=place),
    time: lambda place: time(0, place, 0, 1),
    datetime: lambda place: datetime(1, 1, 1, place, tzinfo=UTC),
    type(None): lambda place: None,
}
