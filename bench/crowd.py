"""Very many rows in a few statements: `fill`; and plain students, enough for the duties, nothing to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, models

from contacts.models import HomeContact, KeyworkSession
from keywork import clock
from keywork.actions.school import set_up_school
from keywork.final import emptying
from keywork.models import Assignment, User
from keywork.school import load
from students.models import Student
from tsp.models import AssessmentPoint
from tsp.questions.templates import current


def fill(
    model: type[models.Model], source: str, told: Mapping[str, Any] | None = None, /, **given: str
) -> None:
    """Rows of a model from a source in SQL: an expression for each attribute named, of the others their default.

    `told` are values both may name, beside `today`; a row that is there already is left as it is.
    """
    values: dict[str, Any] = {"today": clock.today(), **(told or {})}
    columns, asked = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated:
            continue
        columns.append(connection.ops.quote_name(field.column or ""))
        if field.attname in given:
            asked.append(given.pop(field.attname))
        else:
            asked.append(f"%({field.attname})s::{field.db_type(connection)}")
            values[field.attname] = field.get_db_prep_save(field.get_default(), connection)
    assert not given, given
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(asked)} FROM {source} ON CONFLICT DO NOTHING",
            values,
        )


def at(day: str) -> str:
    return f"(({day})::date + time '10:00') AT TIME ZONE 'Europe/London'"


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
    """`size` students of a school that went live 20 days ago, all heard from in time but for `overdue` of them.

    Each of those has missed exactly one due date, six days ago. Every second student has a TSP baseline: half of
    those finished, half begun.
    """
    today = clock.today()
    if Student.objects.count() >= size:
        return
    live_on = today - timedelta(days=20)
    set_up_school(name="Crowd", went_live_on=live_on)
    user, _ = User.objects.get_or_create(
        email="bench@school.example", defaults={"name": "Bench", "roles": ["staff", "head"]}
    )
    told = {
        "size": size, "overdue": overdue, "user": user.pk, "joined": live_on, "form": current().version_id,
        # A keyworker matters only to whoever is overdue, and the exclusion constraint is slow to fill by the 100,000.
        "some": overdue or size, "this_term": (load().calendar.term_on(today) or load().calendar.terms[-1]).id,
    }  # fmt: skip
    tables = Student, HomeContact, KeyworkSession, AssessmentPoint
    with without_triggers(tables):
        with emptying(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in tables)} CASCADE")
        fill(
            Student, "generate_series(1, %(size)s) n", told,
            legal_forename="'Child' || n", legal_surname="'Crowd' || n", born_on="'2013-05-17'", mis_id="'C' || n",
            nc_year="'9'", placement="'day'", sen_status="'E'", joined_on="%(joined)s", created_at="now()",
            in_order="lpad(n::text, 6, '0')", found_by="'child' || n || ' crowd' || n",
        )  # fmt: skip
        day = "%(today)s::date - (7 + id %% 7)::int"
        fill(
            HomeContact, "students_student ORDER BY id OFFSET %(overdue)s", told,
            student_id="id", call="gen_random_uuid()", direction="'out'", channel="'phone'", reached="'spoke'",
            outcome="'two_way'", with_name="'Home'", person_marked="true", notes="'All well.'", level="'general'",
            made_by_id="%(user)s", logged_by_id="%(user)s", logged_at="now()", logged_on=day, happened_on=day,
        )  # fmt: skip
        fill(
            Assignment, "students_student ORDER BY id LIMIT %(some)s", told, student_id="id", user_id="%(user)s",
            kind="'keyworker'", starts_on="%(joined)s", reason="'first'", assigned_at="now()",
        )  # fmt: skip
        is_done = "CASE WHEN id %% 4 = 0 THEN"
        fill(
            AssessmentPoint, "students_student WHERE id %% 2 = 0", told, student_id="id", term="%(this_term)s",
            kind="'baseline'", template_id="%(form)s", opened_at="now()", opened_by_id="%(user)s",
            done_on=f"{is_done} %(joined)s::date + 9 END", finished_at=f"{is_done} now() END",
            finished_by_id=f"{is_done} %(user)s END",
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
