"""Plain values into a table with COPY: the only way to write hundreds of thousands of rows in seconds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.db import connection, models

from keywork.names import KeepsNameKeys

_CHUNK = 2000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@contextmanager
def silent(*tables: type[models.Model]) -> Iterator[None]:
    """The triggers of these tables alone do nothing: history has nothing to tell of an invention.

    Naming them matters: each row asks a list of silent triggers, and that of the whole product is long.
    """
    names = [
        f"{model._meta.label}:{trigger.name}"
        for model in tables
        for known, trigger in pgtrigger.registered()
        if known is model
    ]
    with pgtrigger.ignore(*names):
        yield


def copy_numbered(model: type[models.Model], rows: Iterable[Mapping[str, Any]], **shared: Any) -> int:
    """`copy_in` with the table's triggers silent and its sequence moved on; how many."""
    with silent(model):
        written = copy_in(model, rows, **shared)
    if written:
        move_sequence(model)
    return written


def copy_lines(model: type[models.Model], names: Sequence[str], parts: Iterable[str]) -> None:
    """Text that is in COPY's form already, for millions of rows; ids are counted by Postgres. `names` are attributes."""
    columns = _columns(model._meta.get_field(name) for name in names)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        _tell_triggers(cursor)
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for part in parts:
                copy.write(part)


def _columns(fields: Iterable[Any]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _tell_triggers(cursor: Any) -> None:
    """COPY goes past Django's execute wrappers, so the word to ignore triggers is sent before it."""
    cursor.execute("SELECT 1")


def copy_in(model: type[models.Model], rows: Iterable[Mapping[str, Any]], **shared: Any) -> int:
    """Write rows of `model`, each a mapping of column attributes to values.

    What a row lacks is taken from `shared`, then from the field's default; ids must be given. Keys made of names
    are made here, as saving would. Returns how many. Triggers, constraints and the sequence are the caller's business.
    """
    if issubclass(model, KeepsNameKeys):
        rows = (_with_name_keys(model, row) for row in rows)
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    defaults = {field.attname: shared.get(field.attname, field.get_default()) for field in fields}
    written = {name: _text(value) for name, value in defaults.items()}
    table = connection.ops.quote_name(model._meta.db_table)
    columns = _columns(fields)
    names = [field.attname for field in fields]
    as_json = {field.attname for field in fields if isinstance(field, models.JSONField)}
    number = 0
    with connection.cursor() as cursor:
        _tell_triggers(cursor)
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            lines: list[str] = []
            for row in rows:
                lines.append("\t".join(_cell(row, name, written, as_json) for name in names))
                number += 1
                if len(lines) == _CHUNK:
                    copy.write("\n".join(lines) + "\n")
                    lines.clear()
            if lines:
                copy.write("\n".join(lines) + "\n")
    return number


def _with_name_keys(model: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    named = model(**{name: row[name] for name in model.name_fields if name in row})
    return {**row, **named.name_keys()}


def _cell(row: Mapping[str, Any], name: str, written: Mapping[str, str], as_json: set[str]) -> str:
    if name not in row:
        return written[name]
    return _text(json.dumps(row[name])) if name in as_json else _text(row[name])


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list | tuple):
        return "{" + ",".join(_text(one) for one in value) + "}"
    if isinstance(value, dict):
        return json.dumps(value).translate(_ESCAPES)
    return str(value)


def move_sequence(model: type[models.Model]) -> None:
    """Let the next id follow the highest written."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max({column}) FROM {table}))",
            [connection.ops.quote_name(table), column],
        )
