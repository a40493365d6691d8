"""Many people at once, with a pause between what they do, on one web node and on two.

    python -m bench users                                         as bench/README.md says
    KEYWORK_BENCH_USERS=20 KEYWORK_BENCH_SECONDS=30 python -m bench users     a short look
    KEYWORK_BENCH_NODES=2 python -m bench users                   on two nodes only

Nodes, database, Redis and the people themselves share the cores of this machine. Each thing is done on the node whose
turn it is; what was saved on one is looked for on the other.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from bench.forms import contact_of
from bench.ports import web_nodes
from bench.timing import percentile
from keywork import clock
from keywork.models import Assignment

USERS = int(os.environ.get("KEYWORK_BENCH_USERS", "200"))
SECONDS = float(os.environ.get("KEYWORK_BENCH_SECONDS", "300"))
PAUSE = float(os.environ.get("KEYWORK_BENCH_PAUSE", "5"))  # seconds between two acts of one person
NODES = [int(one) for one in os.environ.get("KEYWORK_BENCH_NODES", "1,2").split(",")]
NO_ANSWER = 120  # seconds, after which it is an error: how slow answers are is measured, not judged
WARM = 10  # seconds in which nothing is counted
# What they do, and of how many acts: reading, and one contact in ten.
ACTS = {"today": 30, "list": 15, "record": 30, "log": 15, "save": 10}
READ = {"today": "/today/", "list": "/students/", "record": "/students/{}/", "log": "/students/{}/log/"}


@dataclass
class Seen:
    """What all people met together."""

    taken: list[float] = field(default_factory=list)  # milliseconds of each request
    errors: list[str] = field(default_factory=list)
    saved: int = 0
    not_found: int = 0
    counts_from: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person(threading.Thread):
    """One session; its acts go to the nodes in turn."""

    def __init__(self, session: str, students: list[int], ports: list[int], until: float, seen: Seen) -> None:
        super().__init__(daemon=True)
        self.cookies, self.students = {settings.SESSION_COOKIE_NAME: session}, students
        self.ports, self.until, self.seen = itertools.cycle(ports), until, seen
        self.connections: dict[int, http.client.HTTPConnection] = {}

    def run(self) -> None:
        time.sleep(random.uniform(0, PAUSE))
        while time.monotonic() < self.until:
            (act,) = random.choices(list(ACTS), list(ACTS.values()))
            try:
                student = random.choice(self.students)
                if act == "save":
                    self.save(student)
                else:
                    self.get(READ[act].format(student))
            except Exception as problem:  # noqa: BLE001  whatever it is, it is counted
                self.connections.clear()
                with self.seen.lock:
                    self.seen.errors.append(f"{act}: {type(problem).__name__} {problem}"[:200])
            time.sleep(random.uniform(0.5, 1.5) * PAUSE)

    def save(self, student: int) -> None:
        """A contact on one node, looked for on the next."""
        url, words = f"/students/{student}/contacts/new/", f"Spoke about the week {random.getrandbits(48):x}."
        given = contact_of(self.get(url), clock.today(), words)
        self.ask("POST", url, urllib.parse.urlencode(given), wanted=302)
        found = words in self.get(f"/students/{student}/log/")
        with self.seen.lock:
            self.seen.saved += 1
            self.seen.not_found += not found

    def get(self, url: str) -> str:
        return self.ask("GET", url)

    def answer(
        self, port: int, method: str, url: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        connection = self.connections.get(port) or http.client.HTTPConnection(
            "127.0.0.1", port, timeout=NO_ANSWER
        )
        connection.request(method, url, body, headers)
        answer = connection.getresponse()
        self.connections[port] = connection
        return answer

    def ask(self, method: str, url: str, body: str | None = None, wanted: int = 200) -> str:
        port = next(self.ports)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            answer = self.answer(port, method, url, body, headers)
        except (ConnectionError, http.client.BadStatusLine):
            # A line kept open that the node has closed meanwhile: a browser asks once more on a new one.
            if self.connections.pop(port, None) is None:
                raise
            answer = self.answer(port, method, url, body, headers)
        content = answer.read()
        taken = (time.perf_counter() - began) * 1000
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != wanted:
            raise ValueError(f"{answer.status} {method} {url}")
        if began >= self.seen.counts_from:
            with self.seen.lock:
                self.seen.taken.append(taken)
        return content.decode()


def memory_mb(masters: list[int]) -> float:
    """Of the nodes, shared pages shared out (PSS)."""
    pids = list(masters)
    for master in masters:
        pids += map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())
    lines = [Path(f"/proc/{pid}/smaps_rollup").read_text().split("\nPss:")[1] for pid in pids]
    return round(sum(int(line.split()[0]) for line in lines) / 1024, 1)


def sessions() -> list[tuple[str, list[int]]]:
    """A session of each keyworker with the students who are theirs, over and over."""
    theirs: dict[int, list[int]] = {}
    posts = Assignment.objects.current(clock.today()).filter(kind="keyworker", user__is_active=True)
    for user, student in posts.values_list("user_id", "student_id"):
        theirs.setdefault(user, []).append(student)
    found = []
    people = get_user_model().objects.in_bulk(theirs)
    for user in itertools.islice(itertools.cycle(sorted(people)), USERS):
        client = Client()
        client.force_login(people[user])
        found.append((client.cookies[settings.SESSION_COOKIE_NAME].value, theirs[user]))
    return found


def measured(nodes: int) -> dict[str, object]:
    with web_nodes(nodes, "--keep-alive", "75") as servers:  # as docs/deploy has it
        given = sessions()
        began, warm = time.monotonic(), min(WARM, SECONDS / 3)
        seen = Seen(counts_from=time.perf_counter() + warm)
        people = [Person(*one, [*servers], began + SECONDS, seen) for one in given]
        for person in people:
            person.start()
        memory = []
        for share in (0.34, 0.67, 1.0):
            time.sleep(max(0.0, began + SECONDS * share - time.monotonic()))
            memory.append(memory_mb([*servers.values()]))
        for person in people:
            person.join(NO_ANSWER)
    return {
        "users": USERS,
        "seconds": SECONDS,
        "errors": len(seen.errors),
        "first_errors": ", ".join(seen.errors[:3]) or "none",
        "load": " ".join(f"{one:.0f}" for one in os.getloadavg()),
        "requests_per_second": round(len(seen.taken) / (SECONDS - warm), 1),
        "p50_ms": round(percentile(seen.taken, 0.5), 1),
        "p95_ms": round(percentile(seen.taken, 0.95), 1),
        "saved": seen.saved,
        "saved_but_not_on_the_other_node": seen.not_found,
        "memory_mb": " ".join(str(one) for one in memory),
    }


def main() -> None:
    print(
        json.dumps({f"{nodes} web {'node' if nodes == 1 else 'nodes'}": measured(nodes) for nodes in NODES})
    )


main()
