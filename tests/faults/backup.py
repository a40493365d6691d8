"""A backup while eight people save, restored elsewhere; and restores that are killed."""

from __future__ import annotations

import hashlib
import json
import os
import random
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


def faults(directory: Path) -> Iterator[Outcome]:
    old, new = directory / "old", directory / "new"
    done(old, "manage.py", "migrate", "--verbosity", "0", KEYWORK_DEMO="1")
    done(old, "manage.py", "demo_school", "--students", "40", KEYWORK_DEMO="1")
    holding = started(old, "-c", "import sys, django; django.setup(); sys.stdin.read()")
    writers = [started(old, "-c", WRITE, str(seed)) for seed in range(WRITERS)]
    for writer in writers:
        assert writer.stdout.readline() == "writing\n"  # type: ignore[union-attr]
    time.sleep(3)
    file = directory / "keywork.age"
    said = done(old, "manage.py", "backup", str(file))
    time.sleep(2)
    saves = 0
    for writer in writers:
        writer.kill()
        numbers = [word for word in writer.communicate()[0].split() if word.isdecimal()]
        saves += int((numbers or ["0"])[-1])
    manifest = json.loads(done(old, "-c", MANIFEST, str(file), PASSPHRASE))
    assert saves > WRITERS, "the writers failed"
    assert "missing" not in said and manifest["missing"] == [], manifest["missing"]
    after = json.loads(done(old, "-c", COUNT))["rows"]
    assert after["contacts_homecontact"] > manifest["tables"]["contacts_homecontact"], (
        "nothing was written meanwhile"
    )
    holding.communicate()
    yield (
        f"backup while {WRITERS} write ({saves} saves)",
        f"{sum(manifest['tables'].values()):,} rows, every file there",
    )

    killed = 0
    rng = random.Random(1)
    for _ in range(KILLS):
        restoring = started(new, "manage.py", "restore", str(file))
        time.sleep(rng.uniform(2, 12))
        if restoring.poll() is None:
            killed += 1
            restoring.send_signal(signal.SIGKILL)
            restoring.communicate()
        else:
            said = restoring.communicate()[0]
            assert restoring.returncode == 0, said
            break
    else:
        done(new, "manage.py", "restore", str(file))
    restored = json.loads(done(new, "-c", COUNT))
    assert restored["rows"] == manifest["tables"]
    files = {
        str(path.relative_to(new / "media")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (new / "media").rglob("*")
        if path.is_file()
    }
    assert files == {name: one["sha256"] for name, one in manifest["files"].items()}
    assert None not in restored["files"].values() and os.listdir(new / "media")
    yield f"restore elsewhere, killed {killed} times before", f"the same rows, the same {len(files)} files"
