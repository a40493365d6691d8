"""The clock of the machine a year ahead for a while, and back: web, workers, beat, Postgres and Redis all see it.

LIBFAKETIME is the path of libfaketime.so.1, which the processes of `make run` are started with. That of Debian 12
(0.9.10) does not do: time.sleep fails in it. `pip install --target DIR libfaketime` has one that does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.forms import contact_fields

from .installation import Outcome, Site, done, site
from .saves import CONTACT, FORM
from .servers import SWEPT

STUDENTS = 10
AHEAD = "+365d"
OPTIONS = {"FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
LEASE = 60  # seconds, as in the environment below


def faults(directory: Path) -> Iterator[Outcome]:
    library = os.environ.get("LIBFAKETIME", "")
    if not sleeps(library):
        yield "left out", "LIBFAKETIME names no libfaketime.so.1 in which Python can sleep"
        return
    with tempfile.NamedTemporaryFile("w", prefix="keywork-clock-") as shift:
        Path(shift.name).chmod(0o644)  # Postgres is another account
        clock = Path(shift.name)
        clock.write_text("+0d\n")
        faked = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": shift.name,
            **OPTIONS,
            "KEYWORK_JOB_LEASE_SECONDS": str(LEASE),
        }
        with site(directory, **faked) as keywork:
            keywork.well(600)
            keywork.set_up(STUDENTS)
            keywork.made(keywork.order())
            save(keywork, "Saved before.")
            before = keywork.session
            misses = standing(keywork)
            clock.write_text(f"{AHEAD}\n")
            time.sleep(2)
            assert year(keywork) == time.gmtime().tm_year + 1, "the clock was not moved"
            swept = until_swept(keywork)
            status, where = keywork.open("/today/")
            assert status == 302 and "login" in where, (status, where[:200])
            keywork.sign_in()
            ahead = keywork.session
            assert keywork.open("/today/")[0] == 200
            save(keywork, "Saved ahead.")
            took = keywork.made(keywork.order())
            told = keywork.rows("SELECT count(*) FROM outbox_mail WHERE state = 'sent'")[0][0]
            yield (
                f"clock {AHEAD} while it runs",
                f"beat sends after {swept:.0f} s, old sessions have ended, pages 200, saved, each report once "
                f"after {took:.0f} s, {standing(keywork) - misses} misses of that year written, {told} mails",
            )
            left = keywork.order()  # being made while it goes back
            clock.write_text("+0d\n")
            time.sleep(2)
            swept = until_swept(keywork)
            took = keywork.made(left)
            assert keywork.open("/today/")[0] == 302, "a session of next year goes on"
            for name, session in (("before", before), ("ahead", ahead)):
                assert keywork.open("/today/", session=session)[0] == 302, f"the session of {name} goes on"
            keywork.sign_in()
            assert keywork.open("/today/")[0] == 200
            save(keywork, "Saved after.")
            took += keywork.made(keywork.order())
            said = done(directory, "manage.py", "record_misses", **keywork.environment)
            wrong = keywork.rows(
                "SELECT count(*) FROM contacts_miss WHERE withdrawn_at IS NULL AND due_on >= current_date"
            )
            assert wrong == [(0,)], wrong
            notes = {one for (one,) in keywork.rows("SELECT notes FROM contacts_homecontact")}
            assert notes == {"Saved before.", "Saved ahead.", "Saved after."}, notes
            waiting = keywork.rows(
                "SELECT kind, state, due_at FROM outbox_job WHERE state IN ('waiting', 'running')"
                " AND least(due_at, created_at) > now() + interval '1 hour'"
            )
            assert not waiting, waiting
            keywork.well()
            withdrawn = re.search(r"(\d+) withdrawn", said)
            yield (
                "clock back while an order is made",
                f"beat sends after {swept:.0f} s, each report once {took:.0f} s later, sessions of next year have ended, "
                f"all three saved once, {withdrawn and withdrawn[1]} misses of next year withdrawn, nothing waits for it",
            )


def sleeps(library: str) -> bool:
    command = [sys.executable, "-c", "import time; time.sleep(0.01)"]
    faked = {"LD_PRELOAD": library, "FAKETIME": "+1d", **OPTIONS}
    return (
        bool(library)
        and not subprocess.run(command, env=os.environ | faked, capture_output=True, check=False).returncode
    )


def save(keywork: Site, words: str) -> None:
    (student,) = keywork.rows("SELECT min(id) FROM students_student")[0]
    path = f"/students/{student}/contacts/new/"
    status, page = keywork.open(path)
    key = FORM.search(page)
    assert status == 200 and key, (status, page[:200])
    form = {**contact_fields(page), **CONTACT, "form_key": key[1], "notes": words}
    status, where = keywork.open(path, **form)
    assert status == 302, (status, where[:300])


def until_swept(keywork: Site) -> float:
    began = time.monotonic()
    while not keywork.rows(SWEPT):
        assert time.monotonic() - began < 150, "beat sends nothing"
        time.sleep(0.5)
    return time.monotonic() - began


def standing(keywork: Site) -> int:
    return keywork.rows("SELECT count(*) FROM contacts_miss WHERE withdrawn_at IS NULL")[0][0]


def year(keywork: Site) -> int:
    return int(keywork.rows("SELECT extract(year FROM now())")[0][0])
