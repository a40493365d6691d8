"""An installation made with older code that has landed migrates with all its data to the schema of a new one, and the
tables of a new one are those that the models say.

`*.sql.xz` are dumps (pg_dump --inserts) of a demo school of twelve, made by the code of the commit that names them.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.db import connection, migrations, models, transaction
from django.db.migrations.state import ProjectState
from psycopg.sql import SQL, Identifier

from keywork.backup import postgres
from keywork.management.commands import migrate as shorter
from tests import template

DUMPS = sorted(Path(__file__).parent.glob("*.sql.xz"))

# Where the rows of a table are now, if it has another name since or was put together with others.
MOVED = {
    f"students_{name}": f"care_{name}" for name in ("ehcplan", "ehcplanevent", "outcome", "outcomeevent")
} | {"tsp_ask": "enquiries_enquiry", "tsp_askevent": "enquiries_enquiryevent"}


def rows(url: str) -> dict[str, int]:
    with psycopg.connect(url) as made:
        names = [
            name
            for [name] in made.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
        ]
        return {
            name: made.execute(SQL("SELECT count(*) FROM {}").format(Identifier(name))).fetchone()[0]
            for name in names
        }


def published(url: str) -> dict[str, str]:
    """The digest of each published form."""
    found = {}
    with psycopg.connect(url) as made:
        for table in ("tsp_templateversion", "ilsa_templateversion"):
            if made.execute("SELECT to_regclass(%s)", [table]).fetchone()[0]:
                query = SQL("SELECT id, content::text FROM {} WHERE status = 'published'")
                for pk, content in made.execute(query.format(Identifier(table))):
                    found[f"{table} {pk}"] = hashlib.sha256(content.encode()).hexdigest()
    return found


def asked(url: str, table: str) -> dict[int, tuple]:
    """What opens each link and code, by the key of the row; nothing where there is no such table."""
    with psycopg.connect(url) as made:
        if not made.execute("SELECT to_regclass(%s)", [table]).fetchone()[0]:
            return {}
        query = SQL("SELECT id, link_digest, code_digest, expires_at, answered_at, asked_at FROM {}")
        return {row[0]: row[1:] for row in made.execute(query.format(Identifier(table)))}


def begun_posts(url: str) -> int:
    """How many times somebody became keyworker by today."""
    with psycopg.connect(url) as made:
        query = (
            "SELECT count(*) FROM keywork_assignment WHERE kind = 'keyworker' AND starts_on <= current_date"
        )
        return made.execute(query).fetchone()[0]


@pytest.fixture
def database():
    """An empty database, gone again after the test; its URL."""
    name = f"landed_{os.getpid()}"
    with psycopg.connect(template.url_of("postgres"), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield template.url_of(name)
        postgres.drop(server, name)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name.split(".")[0])
def test_migrates_with_all_its_data(database, dump):
    with psycopg.connect(database) as made:
        made.execute(
            lzma.decompress(dump.read_bytes())
        )  # one call: no parameters, so many statements may be in it
    counted, forms, links = rows(database), published(database), asked(database, "tsp_ask")
    posts = begun_posts(database)
    assert counted["students_student"] >= 12 and forms
    template.migrate(database)
    assert template.schema(database) == template.schema(template.url_of(template.ready()))
    after = rows(database)
    grows = {"django_migrations", "auth_permission", "django_content_type"}
    before: Counter[str] = Counter()
    for name, count in counted.items():
        before[MOVED.get(name, name)] += count
    if "tsp_ask" in counted:  # and each form of a rater is asked for
        before["enquiries_enquiry"] += counted["ilsa_raterform"]
    if "care_takingover" not in counted:  # who was keyworker before Keywork asked has taken over
        before["care_takingover"] += posts
    fewer = {name: (count, after.get(name)) for name, count in before.items() if after.get(name, -1) < count}
    more = {
        name: (before[name], count)
        for name, count in after.items()
        if count > before[name] and name not in grows and not name.endswith(("event", "templateversion"))
    }
    assert (fewer, more) == ({}, {})
    assert not MOVED.keys() & after.keys()
    assert forms.items() <= published(database).items()
    assert links.items() <= asked(database, "enquiries_enquiry").items()


# Of the first schema in the path. Names are left out: what was renamed keeps the name it came with.
SHAPE = """
SELECT c.relname, 'column', concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = current_schema::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT conrelid::regclass::text, 'constraint', pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = current_schema::regnamespace AND conrelid != 0
UNION ALL SELECT tablename, 'index', indexdef FROM pg_indexes WHERE schemaname = current_schema
"""


def shape(cursor: Any, schema: str) -> set[tuple[str, str, str]]:
    """Columns, constraints and indexes by table."""
    cursor.execute(f"SET LOCAL search_path TO {schema}")
    cursor.execute(SHAPE)
    return {
        (table, kind, re.sub(rf"INDEX \S+|{schema}\.", "", text)) for table, kind, text in cursor.fetchall()
    }


def _first(apps: Any, editor: Any) -> None:
    shelf = apps.get_model("library", "Shelf").objects.create(code="a")
    apps.get_model("library", "Book").objects.create(title="First", shelf=shelf)


def _second(apps: Any, editor: Any) -> None:
    shelf, book = apps.get_model("library", "Shelf"), apps.get_model("library", "Book")
    book.objects.create(name="Second", shelf=shelf.objects.create(code="by the door", floor=7))
    book.objects.filter(shelf__floor=1).update(name="Ground floor")  # what the book points to as it is by now


def _model(name: str, **fields: Any) -> migrations.CreateModel:
    return migrations.CreateModel(name, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


@pytest.mark.django_db
def test_code_and_what_refers_to_a_changed_field_have_the_models_of_the_day():
    key = models.ForeignKey("library.Shelf", models.CASCADE, to_field="code")
    steps = [
        _model("Shelf", code=models.CharField(max_length=3, unique=True)),
        _model("Book", title=models.CharField(max_length=20), shelf=key),
        migrations.RunPython(_first),
        migrations.AlterField("Shelf", "code", models.CharField(max_length=20, unique=True)),
        migrations.RenameField("Book", "title", "name"),
        migrations.AddField("Shelf", "floor", models.IntegerField(default=1)),
        migrations.RunPython(_second),
    ]
    state = ProjectState()
    with patch.object(ProjectState, "reload_model", shorter.reload_model):
        for step in steps:
            one = migrations.Migration("one", "library")
            one.operations = [step]
            with connection.schema_editor() as editor:
                state = one.apply(state, editor)
            connection.check_constraints()  # or what was written stands in the way of the next
            state.resolve_fields_and_relations()  # gives each field its name
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, shelf_id FROM library_book ORDER BY id")
        assert cursor.fetchall() == [("Ground floor", "a"), ("Second", "by the door")]


@pytest.mark.django_db
def test_the_tables_and_triggers_are_those_of_the_models():
    """Made of the models alone, without a migration, the tables are the same: no way of migrating loses a part."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA made; SET LOCAL search_path TO made, public")
        with connection.schema_editor(atomic=False) as editor:
            for model in apps.get_models():
                if model._meta.managed and not model._meta.proxy:
                    editor.create_model(model)
        made, migrated = shape(cursor, "made"), shape(cursor, "public")
        transaction.set_rollback(True)
    assert len(made) > 1000
    differs = {one for one in made ^ migrated if one[0] != "django_migrations"}
    assert {found[:2] for found in differs} <= {("auth_group_permissions", "column")}, (
        differs
    )  # a key of Django's
    triggers = {str(one): one.get_installation_status(model)[0] for model, one in pgtrigger.registered()}
    assert set(triggers.values()) == {"INSTALLED"}, triggers
