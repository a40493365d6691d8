"""Kill workers in the middle of orders of reports and of digests, let a mail server misbehave, and count.

    python -m tests.faults.jobs [--kills 20] [--reports 60] [--only late,child,written,main,digest,mail]

Everything is in a directory of its own, with Postgres, Redis and workers of its own. The sweep of the outbox, which
is made each minute, is made each `SWEEP` seconds here, and a worker that is gone is given up after `LEASE`, so that a
hundred faults fit an hour; what is shown is the order of things, not how long each takes.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from . import always_open

SWEEP, LEASE = 2, 6  # seconds
PATIENCE = 900  # seconds for one order
TOLD, HURTS = 40, 5  # keyworkers in a digest, faults meanwhile
ROOT = Path(__file__).parents[2]


@dataclass
class Result:
    """One line of the table; `fault` is empty when it is as it should be."""

    what: str
    counted: str
    fault: str = ""


class Worker:
    """A Celery worker of two children, which is started again when it was killed, as the supervisor does."""

    def __init__(self, log: Path) -> None:
        self.log = log.open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.always_open", "--quiet", "-A", "keywork.celery"),
                "worker",
                *("--concurrency", "2", "--without-gossip", "--loglevel", "WARNING"),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def children(self) -> list[int]:
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with suppress(OSError):
            return [int(pid) for pid in path.read_text().split()]
        return []

    def kill_child(self) -> bool:
        children = self.children()
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(children), signal.SIGKILL)
        return True

    def kill_all(self) -> bool:
        self.stop()
        self.start()
        return True

    def stop(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.jobs")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--reports", type=int, default=60)
    parser.add_argument("--only", default="late,child,written,main,digest,mail")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="keywork-faults-"))
    os.environ |= {
        "KEYWORK_DATA_DIR": str(directory),
        "KEYWORK_JOB_LEASE_SECONDS": str(LEASE),
        "KEYWORK_EMAIL_TIMEOUT": "1",
        "KEYWORK_LOG_LEVEL": "WARNING",
        "KEYWORK_DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "keywork.settings",
    }
    for name in ("DATABASE_URL", "REDIS_URL", "KEYWORK_MEDIA_DIR"):
        os.environ.pop(name, None)
    import django

    django.setup()
    from keywork import local

    results: list[Result] = []
    only = options.only.split(",")
    try:
        head, students = _school(options.reports)
        with _swept():
            if "late" in only:
                results += _late(directory, head, students)
            if "child" in only:
                results += _killed(
                    "worker child", Worker.kill_child, directory, head, students, options.kills
                )
            if "written" in only:
                results += _killed(
                    "worker child, written reports",
                    Worker.kill_child,
                    directory,
                    head,
                    students,
                    options.kills,
                    order=_order_written,
                )
            if "main" in only:
                results += _killed("worker, whole", Worker.kill_all, directory, head, students, options.kills)
            if "digest" in only:
                results += _digests(directory)
        if "mail" in only:
            results += _mails()
        _show(results)
    finally:
        local.leave()
        if not any(result.fault for result in results):
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if any(result.fault for result in results) else 0


def _school(reports: int) -> tuple[Any, list[Any]]:
    from django.core.management import call_command

    from tests.world import assign, make_family, make_student, make_user

    say("Making the school …")
    call_command("migrate", verbosity=0)
    call_command("setup_school", "School of faults", live_on=date.today() - timedelta(days=400), verbosity=0)
    head, keyworker = make_user("head", "staff head"), make_user("keyworker", "staff")
    students = []
    for number in range(reports):
        student = make_student(f"Student{number}", "Faulty")
        assign(student, keyworker)
        parent = make_user(f"parent_{number}", "family")
        make_family(student, "Parent", f"Faulty{number}", user=parent, may_receive_reports=True)
        students.append(student)
    return head, students


@contextmanager
def _swept() -> Any:
    """The sweep is made again and again, as beat has it made each minute, and believes in what is queued for less long."""
    from django.db import connection

    from outbox import tasks

    tasks.QUEUED_AGAIN = timedelta(seconds=LEASE)
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(SWEEP):
            tasks.sweep()
        connection.close()

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _order(head: Any, students: list[Any]) -> Any:
    from keywork import clock, school
    from reports import actions
    from reports.kinds import KINDS, terms_to_report

    term = terms_to_report(school.load(), clock.today())[0]
    return actions.order_batch(kind=next(iter(KINDS)), term=term.id, students=students, by=head)


def _late(directory: Path, head: Any, students: list[Any]) -> list[Result]:
    """One report is ordered when two orders of everybody are being made."""
    from reports.actions import AT_A_TIME

    worker = Worker(directory / "worker.log")
    try:
        large = [_order(head, students) for _ in range(2)]
        _until(lambda: large[0].reports.exists())
        one = _order(head, students[:1])
        before = sum(batch.reports.count() for batch in large)
        _until(lambda: one.reports.exists())
        after = sum(batch.reports.count() for batch in large)
        _until(lambda: sum(batch.reports.count() for batch in large) == 2 * len(students))
    finally:
        worker.stop()
    # Each of the two children ends the part that it is at, and one may begin another meanwhile.
    fault = "it waited for others" if after - before > 3 * AT_A_TIME else ""
    counted = f"made after {after - before} of the {2 * len(students) - before} that were ordered before it"
    return [Result("one report ordered behind two whole schools", counted, fault)]


def _until(check: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < limit, "it is not done"
        time.sleep(0.2)


def _killed(
    what: str,
    kill: Callable[[Worker], bool],
    directory: Path,
    head: Any,
    students: list[Any],
    kills: int,
    order: Callable[[Any, list[Any]], Any] | None = None,
) -> list[Result]:
    """Orders one after the other, with a kill each second or so, until there were enough."""
    from outbox.models import Job
    from reports.models import BatchStudent

    worker, done, orders, counts = Worker(directory / "worker.log"), 0, 0, Counter[str]()
    longest = 0.0
    try:
        while done < kills:
            batch = (order or _order)(head, students)
            orders, began, before = orders + 1, time.monotonic(), 0
            while time.monotonic() - began < PATIENCE:
                batch.refresh_from_db()
                if batch.finished_at is not None:
                    break
                time.sleep(random.uniform(0.2, 2))
                made_now = batch.reports.count()
                if done < kills and made_now > before and kill(worker):  # one that had begun its work
                    done, before = done + 1, made_now
                    say(f"  {what}: kill {done} of {kills}, {made_now} made")
            longest = max(longest, time.monotonic() - began)
            made = Counter(batch.reports.values_list("student", flat=True))
            counts["once"] += sum(count == 1 for count in made.values())
            counts["twice"] += sum(count > 1 for count in made.values())
            counts["missing"] += len(students) - len(made)
            counts["damaged"] += sum(not report.is_whole() for report in batch.reports.all())
            counts["failed"] += batch.students.filter(state=BatchStudent.State.FAILED).count()
            counts["unended"] += batch.finished_at is None
        counts["jobs not done"] += Job.objects.filter(kind="reports.make").exclude(state="done").count()
    finally:
        worker.stop()
    wanted = orders * len(students)
    bad = {name: count for name, count in counts.items() if name != "once" and count}
    counted = f"{done} kills in {orders} orders of {len(students)}: {counts['once']} of {wanted} made once"
    fault = ", ".join(f"{count} {name}" for name, count in bad.items())
    return [Result(f"{what} killed", f"{counted}; longest {longest:.0f} s", fault)]


def _order_written(head: Any, students: list[Any]) -> Any:
    """Reports for home that their keyworker wrote and the Head approves: the order that comes of it."""
    from keywork import clock, school
    from keywork.models import User
    from reports.actions import order_batch
    from reports.kinds import TSP_TERMLY, terms_to_report
    from reports.writing import actions
    from reports.writing.models import WrittenReport

    term = terms_to_report(school.load(), clock.today())[0].id
    if WrittenReport.objects.filter(term=term).exists():
        return order_batch(kind=TSP_TERMLY, term=term, students=students, by=head, whole_school=True)
    by, sent = User.objects.get(email__startswith="keyworker@"), []
    for student in students:
        report = actions.begin(student=student, kind=TSP_TERMLY, term=term, by=by)
        for section in ("own-words", "gone-well", "being-here", "next-term", "at-home"):
            wanted = actions.Wanted({}, [], [f"{student.known_as} said and did this."])
            report = actions.write_section(report=report, section=section, wanted=wanted, by=by)
        sent.append(actions.send(report=report, by=by, version=report.version))
    return actions.approve(reports=sent, by=head)[0]


def _digests(directory: Path) -> list[Result]:
    """The digests of one day, from two beats, with workers killed and Redis emptied meanwhile: counted by person."""
    import redis

    from keywork import local

    def emptied(_: Worker) -> bool:
        return bool(redis.from_url(local.redis_url()).flushall())

    return [
        _digest("two beats alone", None, directory),
        _digest("worker child killed", Worker.kill_child, directory),
        _digest("worker, whole, killed", Worker.kill_all, directory),
        _digest("Redis emptied", emptied, directory),
    ]


def _digest(what: str, hurt: Callable[[Worker], bool] | None, directory: Path) -> Result:
    """Of `TOLD` keyworkers each has a student whose home contact is overdue since yesterday."""
    from contacts.models import Digest
    from contacts.tasks import nightly
    from outbox.models import Job, Mail
    from outbox.tasks import sweep
    from tests import smtp
    from tests.world import assign, make_student, make_user

    always_open.open_now()
    name, joined_on = what.replace(" ", "").replace(",", ""), date.today() - timedelta(days=15)
    people = [make_user(f"{name}_{number}", "staff") for number in range(TOLD)]
    for person in people:
        student = make_student("Student", person.name, joined_on=joined_on)
        assign(student, person, start=joined_on)
    wanted, hurts, most = {person.email for person in people}, 0, HURTS if hurt else 0
    with smtp.running() as server:
        host, port = server.server_address
        os.environ["EMAIL_URL"] = f"smtp://{host}:{port}"
        server.silent = 0.05
        worker = Worker(directory / "worker.log")
        try:
            for _ in range(2):  # two beats
                nightly()
                sweep()
            seen = 0
            while Digest.objects.filter(user__in=people).count() < TOLD:
                if hurt and hurts < most and len(server.got) >= seen + TOLD // (HURTS + 2) and hurt(worker):
                    hurts, seen = hurts + 1, len(server.got)
                    say(f"  digest, {what}: {hurts} of {most} after {seen} letters")
                sweep()
                time.sleep(0.2)
            _until(lambda: not Job.objects.unfinished().exists())
            time.sleep(LEASE)
        finally:
            worker.stop()
        often = Counter(to for to, _ in server.got if to in wanted)
        ids = {len({message["Message-ID"] for message in server.to(to)}) for to in often}
    counts = Counter(often.values())
    unknown = Mail.objects.filter(state=Mail.State.SENT, repeats__gt=0, object_id__in=[p.pk for p in people])
    bad = {
        "told nothing": TOLD - len(often),
        "told three times": sum(count for times, count in counts.items() if times > 2),
        "told twice for no reason": max(0, counts[2] - unknown.count()),
        "with two Message-IDs": sum(one > 1 for one in ids),
        "faults missing": most - hurts,
    }
    counted = f"{len(often)} of {TOLD} told, {counts[1]} once, {counts[2]} twice with one Message-ID ({hurts} faults)"
    fault = ", ".join(f"{count} {words}" for words, count in bad.items() if count)
    return Result(f"digest: {what}", counted, fault)


def _mails() -> list[Result]:
    """A hundred people in one round, by a mail server that refuses one in ten, breaks off, is silent, or is away."""
    from django.conf import settings

    from keywork.models import User
    from outbox import actions as outbox
    from outbox import kinds, running, tasks
    from outbox.models import Job, Mail
    from tests import smtp
    from tests.world import make_user

    people = [make_user(f"person_{number}", "family") for number in range(100)]

    def to_each() -> Any:
        for user in User.objects.filter(pk__in=[one.pk for one in people]).order_by("pk"):
            yield kinds.Letter(user, "A letter", "Of a fault")

    kinds.KINDS["faults.letters"] = kinds.JobKind("faults.letters", "Letters", to_each, is_mail=True)
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "outbox.smtp.EmailBackend", 1
    results = []

    def misbehave(what: str, before: Callable[[Any], None], told: int, twice: int, refused: int = 0) -> None:
        with smtp.running() as server:
            settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
            before(server)
            job = outbox.do_here("faults.letters")
            server.breaks, server.drops, server.silent = set(), set(), 0.0
            settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
            Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(due_at=job.created_at)
            tasks.sweep()
            running.run(job.pk, "faults")
            often = Counter(who for who, _ in server.got)
            counts = Counter(often.values())
            ids = {len({m["Message-ID"] for m in server.to(who)}) for who in often} or {1}
            got_refused = job.mails.filter(state=Mail.State.REFUSED).count()
            counted = (
                f"{len(often)} of 100 told, {counts[2]} twice with one Message-ID, {got_refused} refused"
            )
            right = (len(often), counts[2], got_refused, ids) == (told, twice, refused, {1})
            results.append(Result(what, counted, "" if right and not counts.get(3) else "not as expected"))

    one_in_ten = {one.email for one in people[::10]}
    misbehave(
        "mail: one address in ten refused",
        lambda server: server.refuses.update(dict.fromkeys(one_in_ten, "550 5.1.1 no such user")),
        90, 0, 10,
    )  # fmt: skip
    misbehave(
        "mail: one in ten put off (451)",
        lambda server: server.refuses.update(dict.fromkeys(one_in_ten, "451 later")),
        90, 0,
    )  # fmt: skip
    misbehave("mail: breaks off at one name in ten", lambda server: server.drops.update(one_in_ten), 100, 0)
    misbehave(
        "mail: breaks off before it has answered, one in ten",
        lambda server: server.breaks.update(one_in_ten),
        100, 10,
    )  # fmt: skip
    misbehave("mail: slow", lambda server: setattr(server, "silent", 0.1), 100, 0)
    misbehave("mail: silent, then back", lambda server: setattr(server, "silent", 2.0), 100, 0)
    misbehave("mail: away, then back", lambda server: setattr(settings, "EMAIL_PORT", 1), 100, 0)
    return results


def _show(results: list[Result]) -> None:
    width = max(len(result.what) for result in results)
    for result in results:
        say(f"{result.what:<{width}}  {result.fault or 'as it should be':<16}  {result.counted}")


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
