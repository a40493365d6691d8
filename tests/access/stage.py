"""Who tries every door, each with a signed-in client of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.test import Client

from keywork import prepared
from keywork.models import User
from tests import world as cast

# In the order of the issue. `nobody` has an account without a role; `anonymous` has none.
ACTORS = (
    "keyworker",
    "keyworker_other",
    "former",
    "future",
    "deputy",
    "mentor",
    "member",
    "teacher",
    "house_leader",
    "staff_parent",
    "head",
    "coordinator",
    "dsl",
    "senco",
    "slt",
    "admin",
    "parent",
    "parent_other",
    "parent_restricted",
    "parent_former",
    "student",
    "student_other",
    "nobody",
    "inactive",
    "anonymous",
)
STAFF = frozenset(name for name, roles in cast.STAFF.items() if roles and name != "inactive")
FAMILY = frozenset({"parent", "parent_other", "parent_restricted", "parent_former", "staff_parent"})
STUDENTS = frozenset({"student", "student_other"})
NOT_SIGNED_IN = frozenset({"inactive", "anonymous"})

# A role over every student: neither name is a secret to them.
_LEADERS = {"head", "coordinator", "dsl", "senco", "slt", "admin"}
# Whose eyes Otto's name, or Mina's, may reach. Written by hand like the table, and for the same reason.
MAY_KNOW_OTTO = frozenset({*_LEADERS, "keyworker_other", "parent_other", "student_other"})
MAY_KNOW_MINA = frozenset(
    {
        *_LEADERS,
        "keyworker",
        "deputy",
        "mentor",
        "member",
        "teacher",
        "house_leader",
        "staff_parent",
        "parent",
        "student",
    }
)

TEAM = {"keyworker", "deputy", "mentor", "member"}
LEADERS = {"head", "coordinator", "dsl", "senco", "slt"}
# Words of Mina’s plans, sheets, feelings and worries, and who of everybody reads them on any page.
SHEETS = {
    "Circle words": {"keyworker", "deputy", "dsl", "student"},
    "Repair words": {"keyworker", "deputy", "mentor", "member", "head", "coordinator", "dsl", "senco"},
    "Home words": {
        "keyworker",
        "deputy",
        "mentor",
        "member",
        "head",
        "coordinator",
        "dsl",
        "senco",
        "parent",
    },
    "Guarded words": TEAM | {"dsl", "admin"},  # who was shown it: records.shown
    "Guarded reason": TEAM | {"dsl"},
    **dict.fromkeys(("Risk words", "Risk reason"), TEAM | LEADERS),
    "Health words": TEAM | LEADERS | {"parent", "staff_parent"},
    "Health reason": TEAM | LEADERS,
    "Profile words": TEAM | LEADERS | {"teacher", "house_leader", "parent", "staff_parent"},
    "Filed words": {"keyworker", "deputy", "dsl"},
    "Read in file": {"keyworker", "deputy", "dsl"},
    **dict.fromkeys(("Given words", "Tried words"), TEAM | LEADERS | {"teacher", "house_leader"}),
    "Worry words": {"keyworker", "deputy", "dsl", "student"},
    "Feeling words": {
        "keyworker",
        "deputy",
        "mentor",
        "member",
        "head",
        "coordinator",
        "dsl",
        "senco",
        "student",
    },
}


def client_of(user: User | None, **options: bool) -> Client:
    """Signed in as `user`, or not at all. A mistake in a view is a 500 to be counted, not the end of the sweep."""
    client = Client(raise_request_exception=False, **options)
    if user is not None:
        client.force_login(user)
    return client


def clients(w: SimpleNamespace) -> dict[str, Client]:
    found = {actor: client_of(None if actor == "anonymous" else w.users[actor]) for actor in ACTORS}
    for client in found.values():
        client.handler = found["anonymous"].handler  # one middleware stack for all of them
    return found


def send(house: SimpleNamespace, actor: str, method: str, url: str, data: Any = None, **headers: str) -> Any:
    """One request. `content_read` of the answer is its whole content, a file's too."""
    response = getattr(house.clients[actor], method)(url, data, headers=headers or None)
    response.content_read = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def ask(*request: Any, **headers: str) -> Any:
    """One request as `send` makes it, undone afterwards."""
    sid = transaction.savepoint()
    try:
        return send(*request, **headers)
    finally:
        transaction.savepoint_rollback(sid)


class Reads:
    """The rows of prepared queries, kept from one request to the next where no request changes any.

    Who asks, what they are to whom and the school are read by every request; asking once is half of a refusal.
    Instances are copied: a request may leave something of its own on them.
    """

    def __init__(self) -> None:
        self._kept: dict[Any, list[tuple[Any, ...]]] = {}
        self._rows = prepared.rows

    @contextmanager
    def kept(self) -> Iterator[None]:
        with patch.object(prepared, "rows", self.rows):
            yield

    def rows(self, build: Callable, *values: Any, **fixed: Any) -> list[tuple[Any, ...]]:
        hashable = (value if value.__hash__ else tuple(value) for value in values)
        key = (build, *hashable, *fixed.items())
        if key not in self._kept:
            self._kept[key] = list(self._rows(build, *values, **fixed))
        return [row if isinstance(row, tuple) else deepcopy(row) for row in self._kept[key]]


def written() -> set[tuple[str, int]]:
    """How often each table was written to so far, undone writes included: Postgres counts every attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return set(cursor.fetchall())


def without_tokens(content: bytes) -> bytes:
    """A page without its one-time tokens and the seconds the session has left, to compare two of them."""
    return re.sub(
        rb'(csrfmiddlewaretoken" value="|form_key" value="|csrf-token" content="|X-CSRFToken": "|data-left=")[^"]+',
        rb"\1",
        content,
    )
