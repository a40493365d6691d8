"""Plain rows for the duties, which ask for a whole school at once: no model instances, ids as one array."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BooleanField, Func, Value

Rows = list[tuple[Any, ...]]

# More than this many students: read the rows of all from the first id to the last. Postgres would be longer at
# weighing the list of ids than at reading the rows of the few who are not in it.
MANY = 300


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


class Asked:
    """`prepared_rows` in two steps: asked here, read with `rows`. See `in_turn`."""

    def __init__(self, sql: str, params: Mapping[str, Any] | Sequence[Any]) -> None:
        self._line = _line.get()
        if self._line is None:
            self._found: Rows | None = prepared_rows(sql, params)
        else:
            self._found = None
            self._line.add(self, sql, params)

    def rows(self) -> Rows:
        while self._found is None:
            assert self._line is not None
            self._line.read_one()
        return self._found


class _Line:
    """Queries in the order they were asked. The first are on their way; the others wait until one has been read."""

    def __init__(self, at_once: bool) -> None:
        self.at_once = at_once
        self.waiting: deque[tuple[Asked, str, Mapping[str, Any] | Sequence[Any]]] = deque()
        self.on_their_way: deque[tuple[Asked, Any]] = deque()

    def add(self, asked: Asked, sql: str, params: Mapping[str, Any] | Sequence[Any]) -> None:
        self.waiting.append((asked, sql, params))
        if self.at_once or not self.on_their_way:
            self.send()

    def send(self) -> None:
        asked, sql, params = self.waiting.popleft()
        cursor = _prepared_cursor()
        cursor.execute(sql, params)
        self.on_their_way.append((asked, cursor))

    def read_one(self) -> None:
        asked, cursor = self.on_their_way.popleft()
        with cursor:
            asked._found = cursor.fetchall()
        if self.waiting:
            self.send()


_line: ContextVar[_Line | None] = ContextVar("queries asked in turn", default=None)


@contextmanager
def in_turn(students: int) -> Iterator[None]:
    """Within, an `Asked` is not waited for until it is read.

    About many students: Postgres answers the next while Python is at work with the rows of the one before. About
    few: all are sent together, and answered in one go. Another query in between is answered as always.
    """
    if _line.get() is not None:
        yield
        return
    connection.ensure_connection()
    with connection.connection.pipeline():
        before = _line.set(_Line(at_once=students <= MANY))
        try:
            yield
        finally:
            _line.reset(before)


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
