"""What the database itself keeps from being changed or deleted, and the one way past it.

History rows (`PGHISTORY_APPEND_ONLY`) and the log of openings take new rows only; entries of the log, misses, reports,
requests for another keyworker and submitted ILSA forms are never deleted, and what is final in them never changes.
Triggers say so, so raw SQL meets them too. None of these tables can be emptied either: TRUNCATE asks no trigger of a row,
so each has one of its own, which every `migrate` looks after.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
import pgtrigger
from django.db import connection, transaction

from . import clock


def final_once(moment: str, *, name: str, fields: list[str]) -> pgtrigger.Protect:
    """A trigger: when the field `moment` of a row is set, none of `fields` of that row changes any more."""
    changed = (pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}) for field in fields)
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(**{f"old__{moment}__isnull": False}) & functools.reduce(operator.or_, changed),
    )


def kept_tables() -> list[str]:
    """Those of which rows are never deleted, or not all of them."""
    return sorted(
        {
            model._meta.db_table
            for model, trigger in pgtrigger.registered()
            if isinstance(trigger, pgtrigger.Protect) and "DELETE" in str(trigger.operation)
        }
    )


def keep_from_emptying(**_: Any) -> None:
    """After every migrate: give each of these tables that has none the trigger that refuses to empty it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'kept'")
        kept = {table for (table,) in cursor.fetchall()}
        there = set(connection.introspection.table_names(cursor))
        for table in sorted((set(kept_tables()) & there) - kept):
            cursor.execute(
                f"CREATE TRIGGER kept BEFORE TRUNCATE ON {connection.ops.quote_name(table)}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keywork_kept()"
            )


@contextmanager
def emptying() -> Iterator[None]:
    """Tables may be emptied inside, in one transaction: the invented school's, before it is made again, and the bench's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL keywork.emptying = 'on'")
        yield
        cursor.execute("SET LOCAL keywork.emptying = ''")


def _protections() -> list[str]:
    """Every trigger that refuses, by pgtrigger's name for it; those that write history go on."""
    return [
        trigger.get_uri(model)
        for model, trigger in pgtrigger.registered()
        if isinstance(trigger, pgtrigger.Protect)
    ]


@contextmanager
def retention(*, by: Any, reason: str) -> Iterator[None]:
    """Delete for good what the school's retention schedule says; the one way past the triggers of this kind.

    Everything inside is one transaction, and a row of `JobRun` keeps who did it and why. Raises ValueError without
    a reason.
    """
    from .models import JobRun

    if not reason.strip():
        raise ValueError("Say why these rows may go.")
    with (
        transaction.atomic(),
        pghistory.context(did="retention", by=by.pk, reason=reason.strip()),
        pgtrigger.ignore(*_protections()),
    ):
        started = clock.now()
        yield
        JobRun.objects.create(
            name="retention",
            as_of=clock.today(),
            started_at=started,
            finished_at=clock.now(),
            result={"by": by.pk, "reason": reason.strip()},
        )
