"""A backup of the demo while eight people save, a wipe, and restoring it: files that are refused, and restores that are killed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from .installation import PASSPHRASE, Outcome, done, started

WRITERS, KILLS = 8, 10

# Each student's photo is replaced again and again (the old file is deleted), and contacts are logged.
WRITE = """
import sys, random
import django; django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from contacts.models import HomeContact
from keywork import clock
from keywork.models import User
from students.actions.students import edit_student
from students.models import Student
seed = int(sys.argv[1])
students, by = list(Student.objects.order_by("pk")[:40]), User.objects.filter(roles__contains=["head"]).first()
print("writing", flush=True)
saves = 0
while True:
    student = students[random.Random(seed * 100_003 + saves).randrange(len(students))]
    photo = SimpleUploadedFile("a.png", random.randbytes(20_000), "image/png")
    with transaction.atomic():
        row = Student.objects.get(pk=student.pk)
        edit_student(student=row, fields={}, version=row.version, photo=photo, by=by)
        HomeContact.objects.create(
            student=row, happened_on=clock.today(), channel="phone", reached="spoke", outcome="two_way",
            with_name="Home", person_marked=True, topics=["going_well"], notes=f"{seed} {saves}", made_by=by,
            logged_by=by, logged_at=clock.now(), logged_on=clock.today(),
        )
    saves += 1
    print(saves, flush=True)
"""

# Rows of each table, and every file that a row names with its hash.
COUNT = """
import hashlib, json
import django; django.setup()
import psycopg
from keywork.backup import make, postgres
from keywork.sql import connecting
from django.core.files.storage import default_storage
with psycopg.connect(**connecting()) as server:
    names = postgres.names_of_files(server, make._columns())
    print(json.dumps({"rows": postgres.counts(server), "files": {
        name: hashlib.sha256(default_storage.open(name).read()).hexdigest() if default_storage.exists(name) else None
        for name in names
    }}))
"""

MANIFEST = """
import json, sys
from pathlib import Path
import django; django.setup()
from keywork.backup import archive
with archive.opened(Path(sys.argv[1]), passphrase=sys.argv[2]) as members:
    for member in members:
        words = b"".join(member.chunks())
print(words.decode())
"""


# What a Keywork would leave that has one more migration.
NEWER = """
import sys
import django; django.setup()
from django.core.management import call_command
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('contacts', '9999_newer', now())")
call_command("backup", sys.argv[1])
"""


def faults(directory: Path) -> Iterator[Outcome]:
    home = directory / "keywork"
    done(home, "manage.py", "migrate", KEYWORK_DEMO="1")
    done(home, "manage.py", "demo_school", KEYWORK_DEMO="1")
    holding = started(home, "-c", "import sys, django; django.setup(); sys.stdin.read()")
    writers = [started(home, "-c", WRITE, str(seed)) for seed in range(WRITERS)]
    for writer in writers:
        assert writer.stdout.readline() == "writing\n"  # type: ignore[union-attr]
    time.sleep(3)
    file = directory / "keywork.age"
    said = done(home, "manage.py", "backup", str(file))
    time.sleep(2)
    saves = 0
    for writer in writers:
        writer.kill()
        numbers = [word for word in writer.communicate()[0].split() if word.isdecimal()]
        saves += int((numbers or ["0"])[-1])
    manifest = json.loads(done(home, "-c", MANIFEST, str(file), PASSPHRASE))
    assert saves > WRITERS, "the writers failed"
    assert "missing" not in said and manifest["missing"] == [], manifest["missing"]
    after = json.loads(done(home, "-c", COUNT))["rows"]
    assert after["contacts_homecontact"] > manifest["tables"]["contacts_homecontact"], (
        "nothing was written meanwhile"
    )
    holding.communicate()
    yield (
        f"backup while {WRITERS} write ({saves} saves)",
        f"{sum(manifest['tables'].values()):,} rows, every file there",
    )

    newer = directory / "newer.age"
    done(home, "-c", NEWER, str(newer))
    shutil.rmtree(home)
    done(home, "manage.py", "migrate")
    for what, words in refusals(directory, home, file, newer).items():
        assert rows(home) == 0, f"{what}: rows of it were restored"
        assert not files_in(home / "media"), f"{what}: files of it were restored"
        yield f"restore of {what}", f"refused: {words}"

    killed = 0
    rng = random.Random(1)
    for _ in range(KILLS):
        restoring = started(home, "manage.py", "restore", str(file))
        time.sleep(rng.uniform(2, 12))
        if restoring.poll() is None:
            killed += 1
            restoring.send_signal(signal.SIGKILL)
            restoring.communicate()
        else:
            said = restoring.communicate()[0]
            # Killed after all of it was in its place, the one before has restored it; what there is, is counted below.
            assert restoring.returncode == 0 or (killed and "There is a school here already" in said), said
            break
    else:
        done(home, "manage.py", "restore", str(file))
    restored = json.loads(done(home, "-c", COUNT))
    differ = {
        name: (count, restored["rows"].get(name))
        for name, count in manifest["tables"].items()
        if restored["rows"].get(name) != count
    }
    assert restored["rows"] == manifest["tables"], differ
    files = files_in(home / "media")
    assert files == {name: one["sha256"] for name, one in manifest["files"].items()}
    assert None not in restored["files"].values() and os.listdir(home / "media")
    yield (
        f"wiped and restored, killed {killed} times before",
        f"{len(restored['rows'])} tables with the same {sum(restored['rows'].values()):,} rows, "
        f"{len(files)} files with the same hashes",
    )


def refusals(directory: Path, home: Path, file: Path, newer: Path) -> dict[str, str]:
    """What restoring each of these says."""
    whole = file.read_bytes()
    damaged, cut = directory / "damaged.age", directory / "cut.age"
    middle = len(whole) // 2
    damaged.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    cut.write_bytes(whole[:-70_000])
    said = {}
    for what, one, expected, passphrase in (
        ("a file with one bit changed", damaged, "damaged", PASSPHRASE),
        ("a file that was cut short", cut, "damaged", PASSPHRASE),
        ("a file with a wrong passphrase", file, "passphrase", "other words than those"),
        ("a backup of a newer version", newer, "newer", PASSPHRASE),
    ):
        process = started(home, "manage.py", "restore", str(one), KEYWORK_BACKUP_PASSPHRASE=passphrase)
        words = process.communicate(timeout=1800)[0].strip()
        assert process.returncode and expected in words and "Traceback" not in words, words
        said[what] = words.splitlines()[-1]
    return said


def rows(directory: Path) -> int:
    """People and students of an installation."""
    counted = json.loads(done(directory, "-c", COUNT))["rows"]
    return counted["keywork_user"] + counted["students_student"]


def files_in(directory: Path) -> dict[str, str]:
    """The hash of each file, by its name."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }
