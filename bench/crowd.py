"""Very many rows in a few statements: those that a file of `crowds/` lists. `python -m bench.crowd` puts what care keeps
of everybody into a bench school, once.

In a file each of `rows` is a table, with `from`, a source in SQL, and for each attribute in `set` an expression; the others
have their default, and a row that is there already is left as it is. Both may name the values `told`, and a per cent sign
is written twice. `pg_temp.at` is ten o'clock of a day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from care.plans import TO_READ
from keywork import clock, known
from keywork.actions.school import set_up_school
from keywork.final import emptying
from keywork.models import User
from keywork.school import load
from students.models import Student
from tsp.questions.templates import current

AT = """CREATE OR REPLACE FUNCTION pg_temp.at(date) RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT ($1 + time '10:00') AT TIME ZONE 'Europe/London' $$"""


@transaction.atomic
def fill(name: str, **told: Any) -> None:
    """The rows of one file, with the triggers of their tables silent."""
    crowd = tomllib.loads((Path(__file__).parent / "crowds" / f"{name}.toml").read_text())
    tables = [(apps.get_model(row["model"]), row) for row in crowd["rows"]]
    told = {"today": clock.today(), **crowd.get("told", {}), **told}
    with without_triggers({model for model, _ in tables}), connection.cursor() as cursor:
        cursor.execute(AT)
        if "first" in crowd:
            cursor.execute(crowd["first"], told)
        for model, row in tables:
            _insert(model, row["from"], row["set"], told)


def _insert(
    model: type[models.Model], source: str, given: Mapping[str, str], told: Mapping[str, Any]
) -> None:
    fields = [one for one in model._meta.concrete_fields if not (one.primary_key or one.generated)]
    usual = {one.attname: one.get_db_prep_save(one.get_default(), connection) for one in fields}
    assert given.keys() <= usual.keys(), given.keys() - usual.keys()
    columns = ", ".join(connection.ops.quote_name(one.column or "") for one in fields)
    asked = ", ".join(
        given.get(one.attname, f"%(usual_{one.attname})s::{one.db_type(connection)}") for one in fields
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {asked} FROM {source} ON CONFLICT DO NOTHING",
            {**told, **{f"usual_{name}": value for name, value in usual.items()}},
        )


@contextmanager
def without_triggers(tables: Iterable[type[models.Model]]) -> Iterator[None]:
    """Those of ours; foreign keys are checked all the same."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def make_crowd(size: int, overdue: int = 0) -> None:
    """`size` plain students of a school that went live 20 days ago."""
    today = clock.today()
    if Student.objects.count() >= size:
        return
    live_on = today - timedelta(days=20)
    set_up_school(name="Crowd", went_live_on=live_on)
    user, _ = User.objects.get_or_create(
        email="bench@school.example", defaults={"name": "Bench", "roles": ["staff", "head"]}
    )
    with emptying(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE students_student CASCADE")
    # A keyworker matters only to whoever is overdue, and the exclusion constraint is slow to fill by the 100,000.
    fill(
        "students", size=size, overdue=overdue, some=overdue or size, user=user.pk, joined=live_on,
        form=current().version_id, this_term=(load().calendar.term_on(today) or load().calendar.terms[-1]).id,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    with transaction.atomic():
        fill("care", to_read=TO_READ)
        known.begin()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
