"""An installation made with older code that has landed migrates with all its data to the schema of a new one.

`*.sql.xz` are dumps (pg_dump --inserts) of a demo school of twelve, made by the code of the commit that names them.
"""

from __future__ import annotations

import hashlib
import lzma
import os
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests import template

DUMPS = sorted(Path(__file__).parent.glob("*.sql.xz"))

# Where the rows of a table are now, if it has another name since or was put together with others.
MOVED = {
    f"students_{name}": f"care_{name}" for name in ("ehcplan", "ehcplanevent", "outcome", "outcomeevent")
} | {"tsp_ask": "enquiries_enquiry", "tsp_askevent": "enquiries_enquiryevent"}

# Migrated by the command itself, the others in the quicker way of new databases: all end alike.
BY_THE_COMMAND = "56e22c9.sql.xz"


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


@pytest.fixture
def database():
    """An empty database, gone again after the test; its URL."""
    name = f"landed_{os.getpid()}"
    with psycopg.connect(template.url_of("postgres"), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield template.url_of(name)
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name.split(".")[0])
def test_migrates_with_all_its_data(database, dump):
    with psycopg.connect(database) as made:
        made.execute(
            lzma.decompress(dump.read_bytes())
        )  # one call: no parameters, so many statements may be in it
    counted, forms = rows(database), published(database)
    assert counted["students_student"] >= 12 and forms
    template.migrate(database, quickly=dump.name != BY_THE_COMMAND)
    assert template.schema(database) == template.schema(template.url_of(template.ready()))
    after = rows(database)
    grows = {"django_migrations", "auth_permission", "django_content_type"}
    before: Counter[str] = Counter()
    for name, count in counted.items():
        before[MOVED.get(name, name)] += count
    fewer = {name: (count, after.get(name)) for name, count in before.items() if after.get(name, -1) < count}
    more = {
        name: (before[name], count)
        for name, count in after.items()
        if count > before[name] and name not in grows and not name.endswith(("event", "templateversion"))
    }
    assert (fewer, more) == ({}, {})
    assert not MOVED.keys() & after.keys()
    assert forms.items() <= published(database).items()
