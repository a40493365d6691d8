"""A backup is made, the installation wiped and restored: the same rows, the same files; and what is refused."""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from psycopg.sql import SQL, Identifier

from keywork import clock, versions
from keywork.backup import facts, nightly, postgres
from keywork.errors import Refused
from keywork.local.postgres import ADMINISTRATOR
from keywork.models import JobRun
from keywork.sql import connecting
from students.models import Student
from tests import template
from tests import world as cast

PASSPHRASE = "five plain words in order"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("backup")


@pytest.fixture
def installation(django_db_blocker, django_db_setup, place, settings):
    """Makes an installation with committed rows: `installation(name)` is that one from now on."""
    before, made = connections["default"], []
    with psycopg.connect(template.url_of("postgres"), autocommit=True) as server, django_db_blocker.unblock():

        def become(name: str, *, new: bool = False) -> Path:
            database = f"backup_{os.getpid()}_{name}"
            media = place / name
            if new:
                made.append(database)
                server.execute(
                    SQL("CREATE DATABASE {} TEMPLATE {}").format(
                        *map(Identifier, (database, template.ready()))
                    )
                )
                media.mkdir()
            connections["default"].close()
            given = {**before.settings_dict, "NAME": database}
            given["OPTIONS"] = {key: value for key, value in given["OPTIONS"].items() if key != "pool"}
            connections["default"] = before.__class__(given, "default")
            settings.MEDIA_ROOT = media
            return media

        yield become
        connections["default"].close()
        connections["default"] = before
        for database in made:
            postgres.drop(server, database)


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="needs a server whose administrator we are")
def test_a_database_goes_also_when_a_cleaner_of_postgres_is_in_it():
    """It is a superuser's, whom the role of a school may not send away: it ends of itself, or Postgres ends it."""
    name = f"cleaned_{os.getpid()}"
    with psycopg.connect(template.url_of("postgres"), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        administrator = template.url_of(name).replace("://keywork@", f"://{ADMINISTRATOR}@")
        cleaner, ours = psycopg.connect(administrator), psycopg.connect(template.url_of(name))
        leaving = threading.Timer(0.3, cleaner.close)
        leaving.start()
        postgres.drop(server, name)
        leaving.join()
        with pytest.raises(psycopg.OperationalError):
            ours.execute("SELECT 1")
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert found is None


def contents(media: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Rows of each table, and the hash of each file."""
    with psycopg.connect(**connecting()) as server:
        rows = postgres.counts(server)
    files = {
        str(path.relative_to(media)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in media.rglob("*")
        if path.is_file()
    }
    return rows, files


def test_round_trip_and_what_is_refused(installation, place, monkeypatch, capsys):
    monkeypatch.setenv("KEYWORK_BACKUP_PASSPHRASE", PASSPHRASE)
    media = installation("old", new=True)
    world = cast.KEPT.again()
    (media / "reports" / "2026").mkdir(parents=True)
    (media / "reports" / "2026" / "mina.pdf").write_bytes(os.urandom(3_000_000))
    (media / "photos").mkdir()
    (media / "photos" / "mina.jpg").write_bytes(b"picture")
    world.mina.photo.name = "photos/mina.jpg"
    world.otto.photo.name = "photos/lost.jpg"
    for student in (world.mina, world.otto):
        student.save()

    file, keyed, own = place / "school.age", place / "keyed.age", pyrage.x25519.Identity.generate()
    key, wrong_key = place / "key", place / "wrong-key"
    key.write_text(f"# made by age-keygen\n{own}\n")
    wrong_key.write_text(str(pyrage.x25519.Identity.generate()))
    call_command("backup", file)
    said = capsys.readouterr()
    assert "2 files in" in said.out and "photos/lost.jpg" in said.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert JobRun.objects.get(name="backup").result["bytes"] == file.stat().st_size
    assert b"picture" not in file.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", file)
    with pytest.raises(CommandError, match="There is a school here already"):
        call_command("restore", file)
    kept = contents(media)
    call_command("backup", keyed, recipient=str(own.to_public()))
    call_command("restore", keyed, drill=True, key=key)
    assert "could be restored" in capsys.readouterr().out
    assert JobRun.objects.get(name="restore_drill").finished_at
    assert contents(media)[1] == kept[1]
    assert not [path for path in place.iterdir() if path.name.endswith(".part")]

    media = installation("new", new=True)
    nothing = contents(media)

    def refused(file: Path, sentence: str, **options) -> None:
        with pytest.raises(CommandError, match=sentence):
            call_command("restore", file, **options)
        assert contents(media) == nothing
        assert list(media.iterdir()) == []

    def damaged(words: bytes) -> Path:
        path = place / "damaged.age"
        path.write_bytes(words)
        return path

    whole = keyed.read_bytes()
    middle = len(whole) // 2
    refused(damaged(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]), "damaged", key=key)
    refused(damaged(whole[:-70_000]), "damaged", key=key)
    refused(damaged(file.read_bytes()[:-1]), "damaged")
    refused(damaged(b"hello"), "is no backup of Keywork")
    refused(keyed, "This secret key does not open this backup", key=wrong_key)
    (media / "stray.pdf").write_bytes(b"")
    with pytest.raises(CommandError, match="There are files in"):
        call_command("restore", file)
    (media / "stray.pdf").unlink()
    with monkeypatch.context() as other:
        other.setenv("KEYWORK_BACKUP_PASSPHRASE", "five other words in order")
        refused(file, "passphrase does not open")
    with monkeypatch.context() as other:
        other.setattr(versions, "known", lambda: {("keywork", "0001_initial")})
        refused(keyed, "newer Keywork", key=key)
    with monkeypatch.context() as other:
        other.setattr(postgres, "_verified", lambda _: "SELECT 1/0;")
        refused(keyed, "could not be restored, and is as it was", key=key)

    call_command("restore", file)
    assert "is restored" in capsys.readouterr().out
    assert contents(media) == kept
    assert Student.objects.get(pk=world.mina.pk).photo.read() == b"picture"


def test_seven_days_five_weeks_and_twelve_months_are_kept(tmp_path):
    other = tmp_path / "keywork-2026-11-23.age"
    other.touch()
    last = datetime(2026, 11, 25, 2, 30)  # a Wednesday
    for ago in reversed(range(400)):
        (tmp_path / (last - timedelta(days=ago)).strftime(nightly.NAME)).touch()
        nightly.rotate(tmp_path)
    assert [f"{night:%d %b %y}" for night in sorted(nightly.backups(tmp_path), reverse=True)] == [
        *("25 Nov 26", "24 Nov 26", "23 Nov 26", "22 Nov 26", "21 Nov 26", "20 Nov 26", "19 Nov 26"),
        *("15 Nov 26", "08 Nov 26", "01 Nov 26", "31 Oct 26", "30 Sep 26", "31 Aug 26", "31 Jul 26"),
        *("30 Jun 26", "31 May 26", "30 Apr 26", "31 Mar 26", "28 Feb 26", "31 Jan 26", "31 Dec 25"),
    ]
    assert other.exists()


def test_late_backups_and_drills_are_said(world, as_user, settings, tmp_path):
    assert "No backup is made at night" in facts.backup_facts().late[0]
    settings.BACKUP_DIR, settings.BACKUP_RECIPIENT = str(tmp_path / "unmounted"), "age1"
    assert facts.backup_facts().late == ["No backup has been made yet."]
    with pytest.raises(Refused, match="is not there"):
        nightly.back_up()
    made = JobRun.objects.create(
        name="backup",
        as_of=cast.TODAY,
        started_at=clock.now() - timedelta(hours=27),
        finished_at=clock.now() - timedelta(hours=27),
        result={"bytes": 12, "file": "x.age"},
    )
    assert facts.backup_facts().late == [
        "The last backup was made on Sunday 22 November 2026.",
        "No backup has been tried yet: run manage.py restore --drill with the newest.",
    ]
    JobRun.objects.create(
        name="restore_drill",
        as_of=cast.TODAY,
        started_at=clock.now() - timedelta(days=101),
        finished_at=clock.now() - timedelta(days=101),
    )
    JobRun.objects.filter(pk=made.pk).update(finished_at=clock.now() - timedelta(hours=25))
    found = facts.backup_facts()
    assert found.late == [
        "No backup has been tried since Friday 14 August 2026: run manage.py restore --drill with the newest."
    ]
    assert (found.last_bytes, found.last_file) == (12, "x.age")
    page = " ".join(as_user(world.u_admin).get("/school/health/").content.decode().split())
    assert 'Last restore drill<span class="kw-when">Friday 14 August 2026' in page
    assert found.late[0] in page
