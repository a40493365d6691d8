"""Everything is killed, one after the other, while people save: what was said to be saved is there once."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from bench.forms import contact_fields

from .installation import Outcome, Site, site
from .servers import count, pids

WRITERS, STUDENTS, ROUNDS = 8, 20, 3
KILLED = ("web", "Postgres", "worker", "Redis", "beat", "both", "keeper")
CONTACT = {"direction": "out", "level": "general", "reached": "spoke", "topics": "going_well"}
FORM = re.compile(r'<input type="hidden" name="form_key" value="([^"]+)"')


def faults(directory: Path) -> Iterator[Outcome]:
    with site(directory) as keywork:
        keywork.well(600)
        keywork.set_up(STUDENTS)
        students = [pk for (pk,) in keywork.rows("SELECT id FROM students_student ORDER BY id")]
        sessions = keywork.sessions("Keyworker", WRITERS)
        writers = [Writer(keywork, session, students, number) for number, session in enumerate(sessions)]
        for writer in writers:
            writer.start()
        kills = Counter[str]()
        for _ in range(ROUNDS):
            for name in KILLED:
                _until_saving(writers)
                time.sleep(random.uniform(0, 1))  # anywhere within a save
                for pid in pids(directory, keywork.pid, name):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        kills[name] += 1
        for writer in writers:
            writer.stop.set()
        for writer in writers:
            writer.join(300)
            assert not writer.is_alive(), "a writer hangs"
        keywork.well()
        saved = [words for writer in writers for words in writer.saved]
        there = Counter(notes for (notes,) in keywork.rows("SELECT notes FROM contacts_homecontact"))
        lost = [words for words in saved if not there[words]]
        doubled = [words for words, often in there.items() if often > 1]
        assert saved and not lost and not doubled, (lost[:3], doubled[:3])
        unasked = set(there) - {words for writer in writers for words in writer.sent}
        assert not unasked, unasked
        again, refused = sum(writer.again for writer in writers), [one for w in writers for one in w.refused]
        assert not refused, refused[:3]
        assert count(directory, b"redis-server") == 1
        yield (
            f"{sum(kills.values())} processes killed in turn while {WRITERS} save over HTTP "
            f"({', '.join(f'{name} {number}' for name, number in kills.items())})",
            f"{len(saved)} saves said to be done ({again} sent again): {len(saved)} there, 0 lost, 0 doubled",
        )


def _until_saving(writers: list[Writer]) -> None:
    """As many more saves were made as there are writers."""
    wanted = sum(len(writer.saved) for writer in writers) + len(writers)
    limit = time.monotonic() + 120
    while sum(len(writer.saved) for writer in writers) < wanted:
        assert time.monotonic() < limit, "nobody can save any more"
        time.sleep(0.1)


class Writer(threading.Thread):
    """Logs one contact after the other. What was not answered is sent again, the same, until it is."""

    def __init__(self, keywork: Site, session: str, students: list[int], number: int) -> None:
        super().__init__(daemon=True)
        self.keywork, self.session, self.students, self.number = keywork, session, students, number
        self.stop = threading.Event()
        self.sent: list[str] = []
        self.saved: list[str] = []
        self.refused: list[str] = []
        self.again = 0

    def run(self) -> None:
        while not self.stop.is_set():
            student = random.choice(self.students)
            path = f"/students/{student}/contacts/new/"
            status, page = self._until_answered(path)
            key = FORM.search(page)
            if status != 200 or key is None:
                self.refused.append(f"{status} GET {path}: {seen(page)}")
                return
            words = f"Writer {self.number} spoke about the week, {len(self.sent)}."
            self.sent.append(words)
            form = {**contact_fields(page), **CONTACT, "form_key": key[1], "notes": words}
            status, where = self._until_answered(path, **form)
            if status != 302:
                self.refused.append(f"{status} POST {path}: {seen(where)}")
                return
            self.saved.append(words)

    def _until_answered(self, path: str, **form: str) -> tuple[int, str]:
        limit = time.monotonic() + 240
        while True:
            with suppress(OSError, HTTPException):
                status, words = self.keywork.open(path, session=self.session, **form)
                if status < 500:
                    return status, words
            assert time.monotonic() < limit, f"no answer: {path}"
            self.again += bool(form)
            time.sleep(0.3)


def seen(page: str) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL).split())[:500]
