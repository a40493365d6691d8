"""Eight processes at once, and a process killed half-way: real ones, against the test's own database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from contacts.models import Miss
from keywork import clock
from keywork.actions.school import set_up_school
from keywork.models import Assignment, JobRun
from students.models import Student
from tests.template import url_of
from tests.world import TODAY, make_user

ROOT = Path(__file__).parents[2]
BATCH = 40  # fewer than are written at once in life: what is at stake is that there are three of them
OVERDUE = 3 * BATCH
# Due on 11 September 2024 for all, and in a calendar that knows no half-term of that year.
AS_OF = "2024-10-01"


@pytest.fixture
def school_of_the_silent(transactional_db):
    set_up_school(name="Aldermere School", went_live_on=date(2024, 8, 28))
    keyworker = make_user("keyworker", "staff")
    students = Student.objects.bulk_create(
        Student(
            legal_forename=f"F{n}",
            legal_surname="Silent",
            born_on=date(2013, 1, 1),
            nc_year="7",
            joined_on=date(2024, 8, 28),
        )
        for n in range(OVERDUE)
    )
    Assignment.objects.bulk_create(
        Assignment(student=student, user=keyworker, kind="keyworker", starts_on=date(2024, 8, 28))
        for student in students
    )
    return keyworker


COMMAND = ["record_misses", "--as-of", AS_OF, "--no-mail"]
LOADED = f"""
import io, os, sys, traceback
import django
django.setup()
from django.core.management import call_command
from contacts.actions import misses
misses.BATCH = {BATCH}
"""
ONE = f"""{LOADED}
call_command(*{COMMAND!r})
"""
# One Django is loaded and eight processes leave it at the same moment, each with connections of its own.
EIGHT_AT_ONCE = f"""{LOADED}
children = []
for _ in range(8):
    child = os.fork()
    if not child:
        out = io.StringIO()
        try:
            call_command(*{COMMAND!r}, stdout=out)
            os.write(1, out.getvalue().splitlines()[0].encode() + b"\\n")
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    children.append(child)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""


def start(program: str) -> subprocess.Popen:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "keywork.settings",
        "DATABASE_URL": url_of(connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "KEYWORK_DB_POOL": "2",
    }
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def recorded(output: str) -> int:
    return int(output.split(": ", 1)[1].split(" recorded")[0])


def test_eight_at_once_write_each_miss_once(school_of_the_silent):
    process = start(EIGHT_AT_ONCE)
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    results = out.splitlines()
    assert len(results) == 8
    assert (
        Miss.objects.count() == Miss.objects.values("student", "duty", "due_on").distinct().count() == OVERDUE
    )
    assert sum(recorded(line) for line in results) == OVERDUE  # each counts only what it wrote itself
    assert set(Miss.objects.values_list("keyworker", flat=True)) == {school_of_the_silent.pk}
    assert JobRun.objects.filter(finished_at__isnull=False).count() == 8


def test_killed_half_way_and_run_again_loses_none(school_of_the_silent):
    """A row of ours, not committed, stands in the way in the second of three batches: there it waits, and is killed."""
    in_the_way = Student.objects.order_by("pk")[OVERDUE // 2]
    with transaction.atomic():
        Miss.objects.create(
            student=in_the_way,
            duty="home_contact",
            due_on=date(2024, 9, 11),
            klass="missed",
            as_of=TODAY,
            detected_at=clock.now(),
        )
        process = start(ONE)
        deadline = time.monotonic() + 300
        while Miss.objects.count() == 1:
            assert process.poll() is None and time.monotonic() < deadline, process.communicate()
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        transaction.set_rollback(True)
    left = Miss.objects.count()
    assert 0 < left <= OVERDUE // 2
    assert not JobRun.objects.filter(finished_at__isnull=False).exists()
    out, error = start(ONE).communicate(timeout=300)
    assert recorded(out) == OVERDUE - left, error
    assert Miss.objects.values("student", "due_on").distinct().count() == Miss.objects.count() == OVERDUE
