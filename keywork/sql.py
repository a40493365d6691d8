"""Plain rows for the duties, which ask for a whole school at once: no model instances, ids as one array."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
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


Question = tuple[str, Mapping[str, Any] | Sequence[Any]]  # SQL and its parameters


class Asked:
    """`prepared_rows` in two steps: asked here, read with `rows`. Within `in_turn` it is not waited for until then."""

    def __init__(self, sql: str, params: Mapping[str, Any] | Sequence[Any]) -> None:
        self.question: Question = (sql, params)
        self.found: Rows | None = None
        self._line = _line.get()
        if self._line is None:
            self.found = prepared_rows(sql, params)
        else:
            self._line.add(self)

    def rows(self) -> Rows:
        while self.found is None:
            assert self._line is not None
            self._line.read()
        return self.found


def _sent(asked: Asked, cursor: Any) -> Any:
    cursor.execute(*asked.question)
    return cursor


class _Together:
    """About few students: what was asked is sent together when the first of it is read, and answered in one go."""

    def __init__(self) -> None:
        self.waiting: list[Asked] = []

    def add(self, asked: Asked) -> None:
        self.waiting.append(asked)

    def read(self) -> None:
        sent, self.waiting = self.waiting, []
        if len(sent) == 1:
            sent[0].found = prepared_rows(*sent[0].question)
            return
        connection.ensure_connection()
        with connection.connection.pipeline():
            for asked, cursor in [(asked, _sent(asked, _prepared_cursor())) for asked in sent]:
                with cursor:
                    asked.found = cursor.fetchall()


class _OneAhead:
    """About many: Postgres answers the next while Python is at work with the rows of the one before.

    The best plan of such a query depends on its values, so it is planned each time.
    """

    def __init__(self) -> None:
        self.waiting: deque[Asked] = deque()
        self.on_its_way: tuple[Asked, Any] | None = None

    def add(self, asked: Asked) -> None:
        self.waiting.append(asked)
        if self.on_its_way is None:
            self.send()

    def send(self) -> None:
        asked = self.waiting.popleft() if self.waiting else None
        self.on_its_way = (asked, _sent(asked, connection.cursor())) if asked is not None else None

    def read(self) -> None:
        assert self.on_its_way is not None
        asked, cursor = self.on_its_way
        with cursor:
            asked.found = cursor.fetchall()
        self.send()


_line: ContextVar[_Together | _OneAhead | None] = ContextVar("what was asked and not read", default=None)


@contextmanager
def in_turn(students: int) -> Iterator[None]:
    """Within, whatever is `Asked` is answered in the order it was asked, without a wait for each.

    With more than MANY students nothing else may be asked within: the connection is busy with what is on its way.
    """
    if _line.get() is not None:
        yield
        return
    many = students > MANY
    connection.ensure_connection()
    with connection.connection.pipeline() if many else nullcontext():
        before = _line.set(_OneAhead() if many else _Together())
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
