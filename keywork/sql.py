"""Plain rows for the duties, which ask for a whole school at once: no model instances, ids as one array."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.db.models import Q
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from .prepared import AnyOf
from .replica import reads_from

Rows = list[tuple[Any, ...]]

# With more ids than this, read the rows from the first to the last: Django handles each id in a list by itself.
A_PAGE = 60


def connecting(dbname: str = "") -> dict[str, Any]:
    """How libpq connects to Django's database, or to another one of the same server.

    For what needs a connection of its own, outside Django's pool and past a pooler (DATABASE_DIRECT_URL).
    """
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = (
        conninfo_to_dict(settings.DATABASE_DIRECT_URL)
        if settings.DATABASE_DIRECT_URL
        else connection.get_connection_params()
    )
    found = {name: value for name, value in given.items() if name in known}
    return found | ({"dbname": dbname} if dbname else {})


def rows(sql: str, params: dict[str, Any]) -> Rows:
    with connections[reads_from.get()].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def any_of(path: str, ids: Collection[int] | str) -> Q:
    """The condition that `path` is one of `ids`; in a prepared query, of what it hands on.

    With more than A_PAGE of them, rows of others come as well.
    """
    if isinstance(ids, str):
        return Q(AnyOf(path, ids))
    if len(ids) <= A_PAGE:
        return Q(**{f"{path}__in": ids})
    return Q(**{f"{path}__gte": min(ids), f"{path}__lte": max(ids)})
