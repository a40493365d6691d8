"""Plain rows for the duties, which ask for a whole school at once: no model instances, ids as one array."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BooleanField, Func, Value
from psycopg.pq import Conninfo

Rows = list[tuple[Any, ...]]

# More than this many students: read the rows of all from the first id to the last. Postgres would be longer at
# weighing the list of ids than at reading the rows of the few who are not in it.
MANY = 300


def connecting(dbname: str = "") -> dict[str, Any]:
    """How libpq connects to Django's database, or to another one of the same server.

    For what needs a connection of its own, outside Django's pool.
    """
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    found = {name: value for name, value in connection.get_connection_params().items() if name in known}
    return found | ({"dbname": dbname} if dbname else {})


def rows(sql: str, params: dict[str, Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def prepared_rows(sql: str, params: Mapping[str, Any] | Sequence[Any]) -> Rows:
    """`rows` for what nearly every page reads: Postgres plans it once a connection.

    Planning takes longer than answering most of it, and Django's own cursors send each query as a new one.
    psycopg prepares what it has sent OPTIONS["prepare_threshold"] times. Only for reading: history's context
    (pghistory) travels as a second statement, which a prepared one cannot have.
    """
    with _prepared_cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _prepared_cursor() -> Any:
    connection.ensure_connection()
    return connection._prepare_cursor(ServerBindingCursor(connection.connection))


class AnyOf(Func):
    """`filter(AnyOf("pk", as_array(ids)))`: `__in` with all ids as one parameter, for `keywork.compiled`."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, path: str, array: str) -> None:
        super().__init__(path, Value(array))


def as_array(ids: Iterable[int]) -> str:
    """Ids as Postgres writes an array: for 2,000 of them the driver's own way takes ten times as long."""
    return f"{{{','.join(map(str, ids))}}}"


def among(ids: Collection[int], column: str) -> str:
    """The condition that `column` is one of `%(ids)s`. With more than MANY of them, rows of others come as well."""
    if len(ids) <= MANY:
        return f"{column} = ANY(%(ids)s::bigint[])"
    return f"{column} BETWEEN {min(ids):d} AND {max(ids):d}"
