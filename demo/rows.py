"""What the demo and the bench write: plain values, numbered as they come, then copied table by table once all is known.

With COPY, the only way to write hundreds of thousands of rows in seconds, and without history: it has nothing to tell of
an invention.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from itertools import chain
from random import Random
from typing import Any

import pgtrigger
from django.db import connection
from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

from keywork.names import KeepsNameKeys
from keywork.school import bank_holidays

Row = dict[str, Any]
Lines = Iterable[Sequence[Any]]
DAY = timedelta(days=1)
_CHRISTMAS = {*((12, day) for day in range(24, 32)), (1, 1)}


class Rows:
    """Rows of each model by column; an id is the place in its table. Of what may be millions, lines of some columns
    are made only while they are written."""

    def __init__(self) -> None:
        self.tables: dict[type[Model], list[Row]] = defaultdict(list)
        self.lines: dict[tuple[type[Model], Sequence[str]], list[Lines]] = defaultdict(list)

    def add(self, model: type[Model], **row: Any) -> Row:
        rows = self.tables[model]
        rows.append(row)
        row["id"] = len(rows)
        return row

    def write(self) -> None:
        """All tables. What a row lacks is the field's default; keys made of names are made here, as saving would."""
        for model, rows in self.tables.items():
            fields = {one.attname: one for one in model._meta.concrete_fields if not one.generated}
            usual = {name: one.get_default() for name, one in fields.items()}
            as_json = {name for name, one in fields.items() if isinstance(one, JSONField)}
            if issubclass(model, KeepsNameKeys):
                for row in rows:
                    row |= model(**{name: row[name] for name in model.name_fields if name in row}).name_keys()
            copy(model, [*fields], (_cells({**usual, **row}, fields, as_json) for row in rows))
        for (model, names), lines in self.lines.items():
            with _asleep(model):
                copy(model, names, chain.from_iterable(lines))


def _cells(row: Row, names: Iterable[str], as_json: set[str]) -> list[Any]:
    cells = ((name, row[name]) for name in names)
    return [
        Jsonb(one) if name in as_json else list(one) if isinstance(one, tuple) else one for name, one in cells
    ]


def copy(model: type[Model], names: Sequence[str], rows: Lines) -> None:
    """Values of these columns, with the table's triggers silent and its sequence moved on.

    Naming the triggers matters: each row asks a list of silent ones, and that of the whole product is long.
    """
    quoted, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    known: dict[str, str] = {one.attname: str(one.column) for one in model._meta.concrete_fields}
    columns = ", ".join(quoted(known[name]) for name in names)
    triggers = [f"{model._meta.label}:{one.name}" for of, one in pgtrigger.registered() if of is model]
    with pgtrigger.ignore(*triggers), connection.cursor() as cursor:
        # COPY goes past Django's execute wrappers, so the word to ignore triggers is sent before it.
        cursor.execute("SELECT 1")
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as target:
            for row in rows:
                target.write_row(row)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM {table}",
            [table],
        )


@contextmanager
def _asleep(model: type[Model]) -> Iterator[None]:
    """The table's triggers are off and its foreign keys are checked once, at the end.

    Row by row both take several times as long as writing a million of them.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # Rows that wait for their foreign keys to be checked stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname",
            [model._meta.db_table],
        )
        keys = cursor.fetchall()
        dropped = ", ".join(f"DROP CONSTRAINT {name}" for name, _ in keys)
        added = ", ".join(f"ADD CONSTRAINT {name} {words}" for name, words in keys)
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER, {dropped}")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER, {added}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def at(day: date, time: str) -> str:
    return f"{day} {time} Europe/London"


def done(what: str, day: date, time: str, by: int | None, **more: Any) -> Row:
    """The columns that say when something was done to a row, and by whom; `more` begin alike."""
    made = {f"{what}_at": at(day, time), f"{what}_by_id": by}
    return made | {f"{what}_{name}": value for name, value in more.items()}


def draw(rng: Random, weights: Mapping[str, int]) -> str:
    """One of the words, each as often as its weight says."""
    return rng.choices([*weights], [*weights.values()])[0]


@cache
def _bank_holidays(year: int) -> Mapping[date, str]:
    return bank_holidays(year, year)


def working_day(day: date) -> date:
    """That day, or the last before it on which somebody of a school rings home, in term or in the holidays."""
    while not is_working_day(day):
        day -= DAY
    return day


def is_working_day(day: date) -> bool:
    """Neither a weekend nor a bank holiday, nor from Christmas Eve to New Year."""
    christmas = (day.month, day.day) in _CHRISTMAS
    return day.weekday() < 5 and not christmas and day not in _bank_holidays(day.year)
