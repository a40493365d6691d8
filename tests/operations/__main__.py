"""Play docs/operations.md as written, and say what was seen: `make operations`.

    python -m tests.operations [--machines] [--students 60] [--embedded]

*Without containers* in a directory of its own: the commands of the page, the samples of docs/deploy, and Debian's
Postgres, Redis and Caddy, without systemd and away from /opt, /etc and /var. Which of the three is not installed is
said, and what Keywork embeds takes its place. It ends with a backup, a wipe, restoring and an update. `--machines`
restores into *More than one machine*: two of web, worker, printer and beat, pgbouncer, a replica and a bucket.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from .browser import Browser

ROOT = Path(__file__).parents[2]
PATIENCE = 180  # seconds for one thing to happen
EMBEDDED = "--embedded" in sys.argv  # as if nothing of Debian's was there
SERVICES = ("web", "worker", "printer", "beat")
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
AS_POSTGRES: dict[str, Any] = (
    {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
)


class Played(Exception):
    """Something was not seen."""


def see(what: str, whether: object = True, otherwise: str = "") -> None:
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)
    if not whether:
        raise Played(f"Not seen: {what}. {otherwise}")


STARTED = time.monotonic()


def until(what: str, check: Callable[[], object], seconds: float = PATIENCE) -> Any:
    limit = time.monotonic() + seconds
    while not (found := check()):
        if time.monotonic() > limit:
            raise Played(f"Not seen within {seconds:.0f} seconds: {what}.")
        time.sleep(0.3)
    return found


def installed(program: str) -> str | None:
    return None if EMBEDDED else shutil.which(program)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machine:
    """The installation: a checkout, its .env, and what runs."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        self.place, self.stack = place, stack
        self.checkout, self.data, self.cache = place / "keywork", place / "data", place / "cache"
        self.env: dict[str, str] = {}
        self.running: list[subprocess.Popen[bytes]] = []
        self.ports: list[int] = []
        for directory in (self.data, self.cache, place / "mail", place / "backups"):
            directory.mkdir(mode=0o700)
        self.updates = self._check_out()
        self.manual = (self.checkout / "docs" / "operations.md").read_text()
        stack.callback(self.stop)

    def section(self, title: str) -> str:
        return self.manual.split(f"\n### {title}\n")[1].split("\n## ")[0].split("\n### ")[0]

    def _check_out(self) -> bool:
        """One commit back where there is one, so that the update at the end is one."""
        if (ROOT / ".git").exists():
            subprocess.run(["git", "clone", "--quiet", ROOT, self.checkout], check=True)
            # Where there is no branch, or no commit before, there is nothing to pull.
            updates = all(
                not subprocess.run(
                    ["git", *words], cwd=self.checkout, check=False, capture_output=True
                ).returncode
                for words in (["symbolic-ref", "HEAD"], ["reset", "--quiet", "--hard", "HEAD~1"])
            )
        else:
            left = shutil.ignore_patterns(".git", ".local", ".venv", ".env", ".*_cache", "__pycache__")
            shutil.copytree(ROOT, self.checkout, ignore=left)
            updates = False
        (self.checkout / ".venv").symlink_to((ROOT / ".venv").resolve())
        return updates

    def keep_env(self, **more: str) -> None:
        """Its .env, in which a variable is left out when it is empty."""
        self.env |= more
        lines = [f"{name}={value}" for name, value in self.env.items() if value]
        path = self.checkout / ".env"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o640)

    def here(self, text: str, port: int = 0, name: str = "") -> str:
        changes = {
            "/opt/keywork": self.checkout,
            "/var/lib/keywork": self.data,
            "/var/cache/keywork": self.cache,
            "127.0.0.1:8000": f"127.0.0.1:{port}",
            "%%h": name,
        }
        for old, new in changes.items():
            text = text.replace(old, str(new))
        return text

    def environment(self) -> dict[str, str]:
        (conf,) = (self.checkout / "docs" / "deploy" / "systemd" / "keywork-.service.d").iterdir()
        shared = conf.read_text()
        said = [
            word for line in re.findall(r"^Environment=(.*)$", shared, re.MULTILINE) for word in line.split()
        ]
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | dict(self.here(word).split("=", 1) for word in said)

    def unit(self, name: str, which: str = "ExecStart") -> str:
        text = (self.checkout / "docs" / "deploy" / "systemd" / f"keywork-{name}.service").read_text()
        return re.search(rf"^{which}=(.*)$", text, re.MULTILINE)[1]  # type: ignore[index]

    def run(self, command: str, typed: str = "", **more: str) -> str:
        """A command of the page or of a unit, to its end; what it said."""
        done = subprocess.run(
            shlex.split(self.here(command)), cwd=self.checkout, env=self.environment() | more, input=typed,
            capture_output=True, text=True, check=False, start_new_session=True,
        )  # fmt: skip
        if done.returncode:
            raise Played(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def manage(self, command: str, **more: str) -> str:
        return self.run(f"/opt/keywork/.venv/bin/python manage.py {command}", **more)

    def migrate(self) -> None:
        self.run(self.unit("migrate", "ExecStartPre"))
        self.run(self.unit("migrate"))

    def start(self, nodes: int = 1) -> None:
        for node in range(nodes):
            if len(self.ports) <= node:
                self.ports.append(free_port())
            for name in SERVICES:
                self.service(f"{name}-{node}", self.here(self.unit(name), self.ports[node], f"machine{node}"))

    def service(self, name: str, command: str, env: dict[str, str] | None = None, **options: Any) -> Any:
        log = (self.place / f"{name}.log").open("ab")
        process = subprocess.Popen(
            shlex.split(command), cwd=self.checkout, env=env or self.environment(), stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True, **options,
        )  # fmt: skip
        if name.rsplit("-", 1)[0] in SERVICES:
            self.running.append(process)
        else:
            self.stack.callback(stop, process)
        return process

    def stop(self) -> None:
        for process in self.running:
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self.running:
            stop(process)
        self.running.clear()


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """It, and whatever it has started and left behind: each is the first of a session of its own."""
    with suppress(ProcessLookupError):
        process.send_signal(number)
    with suppress(subprocess.TimeoutExpired):
        process.wait(40)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def left(place: Path) -> list[str]:
    """The commands of the living processes that were started there, or work there."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end meanwhile
            command = (one / "cmdline").read_text(errors="replace").replace("\0", " ")
            if command and str(place) in f"{command} {os.readlink(one / 'cwd')}":  # a zombie's is empty
                found.append(f"{one.name}: {command[:100]}")
    return found


class Postgres:
    """A server of Debian's, as `apt install postgresql` leaves it: its administrator by the socket, all others by password."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.port, self.programs = machine, free_port(), PROGRAMS[-1]
        self.place = machine.place / "postgres"
        self.place.mkdir(mode=0o700)
        self._given_to_postgres(self.place)
        self.environment = {"PATH": f"{self.programs}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        self.administrator = {"PGHOST": str(self.place), "PGPORT": str(self.port), "PGUSER": "postgres"}
        self.run("initdb --username postgres --auth-local trust --auth-host scram-sha-256 --no-sync data")
        self.process = self._started("data", self.port)

    def _given_to_postgres(self, path: Path) -> None:
        if AS_POSTGRES:
            shutil.chown(path, "postgres", "postgres")

    def _started(self, data: str, port: int) -> subprocess.Popen[bytes]:
        command = f"{self.programs}/postgres -D {self.place / data} -k {self.place} -p {port}"
        command += " -c listen_addresses=127.0.0.1 -c fsync=off"
        process = self.machine.service(f"postgres {data}", command, self.environment, **AS_POSTGRES)
        until(f"Postgres {data}", lambda: self._answers(port))
        return process

    def _answers(self, port: int) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(self.place), port=port, user="postgres", dbname="postgres").close()
            return True
        return False

    def run(self, command: str, typed: str = "") -> None:
        done = subprocess.run(
            shlex.split(command), cwd=self.place, env=self.environment | self.administrator, input=typed,
            capture_output=True, text=True, check=False, start_new_session=True, **AS_POSTGRES,
        )  # fmt: skip
        if done.returncode:
            raise Played(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")

    def ask(self, sql: str, port: int = 0, dbname: str = "keywork") -> Any:
        with psycopg.connect(
            host=str(self.place), port=port or self.port, user="postgres", dbname=dbname, autocommit=True
        ) as server:
            answer = server.execute(sql)
            return answer.fetchone()[0] if answer.description else None  # type: ignore[index]

    def copy(self) -> tuple[int, subprocess.Popen[bytes]]:
        """A streaming replica of it: its port and its process."""
        self.run("pg_basebackup --checkpoint fast --write-recovery-conf --no-sync --pgdata replica")
        port = free_port()
        return port, self._started("replica", port)


def install(machine: Machine) -> Postgres | None:
    """Steps 1 to 5; the server of Postgres where there is one."""
    steps = machine.section("Without containers")
    password, redis_password = secrets.token_hex(12), secrets.token_hex(12)
    server = None
    if PROGRAMS and not EMBEDDED:
        server = Postgres(machine)
        for command in re.findall(r"`sudo -u postgres (create[^`]+)`", steps):
            server.run(" ".join(command.split()), typed=f"{password}\n{password}\n")
        settings = re.findall(
            r"^ {4}(ALTER SYSTEM [^;]+;|SELECT pg_reload_conf\(\);)", machine.manual, re.MULTILINE
        )
        for line in settings:
            server.ask(line)
        see(
            f"Debian's Postgres {server.programs.parent.name}, with its role, its database and {len(settings)} settings"
        )
        machine.env["DATABASE_URL"] = f"postgres://keywork:{password}@127.0.0.1:{server.port}/keywork"
    else:
        see("NO Postgres of Debian's is installed: the embedded one is played")
    if program := installed("redis-server"):
        port = free_port()
        (machine.place / "redis").mkdir()
        lines = re.search(r"/etc/redis/redis.conf`: `(\w+)` and `(\w+ \w+)`", steps)
        assert lines, "step 2 of the page"
        conf = machine.place / "redis.conf"
        conf.write_text(
            f"{lines[1]} {redis_password}\n{lines[2]}\nport {port}\nbind 127.0.0.1\ndir {machine.place / 'redis'}\n"
        )
        machine.service("redis", f"{program} {conf}")
        machine.env["REDIS_URL"] = f"redis://:{redis_password}@127.0.0.1:{port}/0"
        see("Debian's Redis, with a password and its log of writes")
    else:
        see("NO Redis of Debian's is installed: the embedded one is played")
    caddy_port = free_port()
    machine.keep_env(
        EMAIL_URL=f"filemail:///{machine.place / 'mail'}",
        KEYWORK_BASE_URL=f"https://localhost:{caddy_port}",
        KEYWORK_SECRET_KEY=secrets.token_urlsafe(50),
        KEYWORK_FROM_EMAIL="Keywork <keywork@school.example>",
        KEYWORK_DATA_DIR=str(machine.data),
        KEYWORK_BACKUP_DIR=str(machine.place / "backups"),
    )
    said = machine.manage("backup --new-key")
    (machine.place / "backup-key").write_text(re.search(r"AGE-SECRET-KEY-\w+", said)[0])  # type: ignore[index]
    machine.keep_env(KEYWORK_BACKUP_RECIPIENT=re.search(r"age1\w+", said)[0])  # type: ignore[index]
    third = steps.split("\n3. ")[1].split("\n4. ")[0]
    named = set(re.findall(r"\b(?:KEYWORK_[A-Z_]+|[A-Z]+_URL)\b", third))
    assert named - {"DATABASE_URL", "REDIS_URL"} <= set(machine.env), named
    machine.migrate()
    see("the database is migrated and the static files are collected, as keywork-migrate does")
    return server


def proxy(machine: Machine) -> Callable[..., Browser]:
    """Caddy with its sample, or none; how to open a browser."""
    port = machine.env["KEYWORK_BASE_URL"].rsplit(":", 1)[1]
    program = installed("caddy")
    if program is None:
        see("NO Caddy is installed: the browser talks to web itself, as a proxy would")
        return lambda: Browser(as_proxy=True)
    sample = (machine.checkout / "docs" / "deploy" / "Caddyfile").read_text()
    away = f"{{\n\thttp_port {free_port()}\n\thttps_port {port}\n\tskip_install_trust\n\tadmin off\n\tlog {{"
    assert sample.startswith("{\n"), "docs/deploy/Caddyfile begins with what is Caddy's own"
    caddyfile = machine.place / "Caddyfile"
    caddyfile.write_text(re.sub(r"log \{", lambda _: away.removeprefix("{\n\t"), sample, count=1))
    store = machine.place / "caddy"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(store),
        "XDG_DATA_HOME": str(store),
        "KEYWORK_HOST": "localhost",
        "KEYWORK_WEB": " ".join(f"127.0.0.1:{one}" for one in machine.ports),
    }
    machine.service("caddy", f"{program} run --adapter caddyfile --config {caddyfile}", environment)
    root = store / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    until("Caddy's certificate", root.exists)
    context = ssl.create_default_context(cafile=str(root))
    see("Debian's Caddy with the sample, and a certificate of its own authority")
    return lambda: Browser(trusted=context)


def serves(browser: Browser, site: str) -> bool:
    with suppress(OSError):
        browser.open(f"{site}/healthz")
        return browser.status == 200 or '"serves": true' in browser.text
    return False


def healthy(browser: Browser, site: str) -> dict[str, str]:
    """What /healthz says is wrong, but for a backup that has not been yet and a disk that is small."""
    browser.open(f"{site}/healthz")
    return {
        name: words
        for name, words in json.loads(browser.text).get("wrong", {}).items()
        if name not in ("backup", "nightly", "media")
    }


def letter(machine: Machine, to: str) -> str:
    """The link in the mail to somebody, once the worker has sent it."""

    def found() -> str:
        for path in (machine.place / "mail").iterdir():
            text = path.read_text()
            if f"To: {to}" in text and (link := re.search(r"https://\S+/accounts/\S+", text)):
                return link[0]
        return ""

    return until(f"a mail to {to}", found)


def order(browser: Browser, site: str, count: int) -> str:
    """A batch for the whole school, made by the printer; its address."""
    page = browser.open(f"{site}/reports/")
    term = re.search(r'name="term".*?<option value="([^"]+)"', page, re.DOTALL) or re.search(
        r'name="term"[^>]*value="([^"]+)"', page
    )
    assert term, page
    browser.open(f"{site}/reports/", {"kind": "keeping-in-touch", "term": term[1], "who": "all"})
    batch = browser.url
    if "/batches/" not in batch:
        raise Played(f"The order was refused ({browser.status}):\n{browser.text}")
    until("all reports of the batch", lambda: f"All {count} reports are made." in browser.open(batch))
    return batch


def documents(browser: Browser, site: str, batch: str) -> dict[str, str]:
    """The hash of each report of a batch, by its address."""
    found: list[str] = []
    for page in range(1, 100):
        new = re.findall(r'"(/reports/\d+/pdf/)"', browser.open(f"{batch}?page={page}"))
        if set(new) <= set(found):  # there is no such page: the last is shown
            break
        found += dict.fromkeys(new)
    hashes = {}
    for address in found:
        browser.open(f"{site}{address}")
        assert browser.status == 200 and browser.content.startswith(b"%PDF-"), browser.status
        hashes[address] = hashlib.sha256(browser.content).hexdigest()
    return hashes


@contextmanager
def bucket() -> Iterator[str]:
    """KEYWORK_MEDIA_URL of a bucket of moto's server."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host = "{}:{}".format(*server.get_host_and_port())
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=f"http://{host}", **keys).create_bucket(Bucket="school")
    yield f"s3://key:secret@{host}/school/media?tls=0&region=us-east-1"
    server.stop()


def pooler(machine: Machine, server: Postgres, url: str) -> str:
    """pgbouncer in transaction mode before the server: its DATABASE_URL."""
    port, place = free_port(), machine.place / "pgbouncer"
    place.mkdir()
    password = re.search(r"keywork:([^@]+)@", url)[1]  # type: ignore[index]
    (place / "users.txt").write_text(f'"keywork" "{password}"\n')
    (place / "pgbouncer.ini").write_text(
        f"[databases]\nkeywork = host=127.0.0.1 port={server.port} dbname=keywork\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = scram-sha-256\n"
        f"auth_file = {place / 'users.txt'}\npool_mode = transaction\ndefault_pool_size = 12\nmax_client_conn = 500\n"
        "unix_socket_dir =\n"
    )
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin") or "pgbouncer"
    machine.service("pgbouncer", f"{program} {place / 'pgbouncer.ini'}", server.environment, **AS_POSTGRES)
    return url.replace(f":{server.port}/", f":{port}/")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.operations")
    parser.add_argument("--machines", action="store_true")
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--embedded", action="store_true", help="as if no server of Debian's was installed")
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="keywork-operations-"))
    place.chmod(0o755)
    with ExitStack() as stack:
        try:
            machine = Machine(place, stack)
            play(machine, options)
            machine.stop()  # before what they stand on, which the stack ends
            stack.close()
            until("what was started to end", lambda: not left(place), seconds=60)
            see("nothing is left running")
        except (Played, AssertionError):
            stack.close()
            print(f"\nThe logs are in {place}.", file=sys.stderr)
            raise
    shutil.rmtree(place, ignore_errors=True)
    return 0


def play(machine: Machine, options: argparse.Namespace) -> None:
    server, count = install(machine), options.students
    if server is not None:  # what the first steps leave, for restoring into it later
        server.run("createdb --owner keywork --template keywork keywork_as_installed")
    nodes = 2 if options.machines else 1
    machine.ports = [free_port() for _ in range(nodes)]
    machine.start(nodes)
    new_browser = proxy(machine)
    site = machine.env["KEYWORK_BASE_URL"]
    if installed("caddy") is None:
        site = f"http://localhost:{machine.ports[0]}"
    ada, hal = new_browser(), new_browser()
    until("an answer of web", lambda: serves(ada, site))
    see("web, worker, printer and beat run, and /healthz answers")
    set_up = re.findall(r"^ {7}(\.venv/bin/python manage.py setup_school .*)$", machine.manual, re.MULTILINE)[
        0
    ]
    said = machine.run(f"{set_up} --live-on 2026-09-01")
    link = re.search(r"^https://\S+/accounts/\S+$", said, re.MULTILINE)[0]  # type: ignore[index]
    ada.accept(site, at(site, link))
    see("the first administrator chose a password and a second step", "Aldermere School" in ada.text)
    file = machine.place / "people.csv"
    rows = [f"Child{n},Crowd,2013-05-17,9,2025-09-02,C{n}" for n in range(count)]
    file.write_text("\n".join(["Forename,Surname,DOB,Year,Date of entry,MIS ID", *rows]) + "\n")
    machine.manage(f"import_people {file} --by ada.quell@school.example")
    ada.open(f"{site}/school/accounts/invite/staff/")
    form: dict[str, Any] = {"name": "Hal Ives", "email": "hal@school.example", "roles": ["head"]}
    ada.open(ada.url, form)
    see(f"{count} students are in, and the head is invited", "Hal Ives" in ada.text, ada.text)
    secret = hal.accept(site, at(site, letter(machine, "hal@school.example")))
    see("the worker sent the mail, and the head came in by it")
    batch = order(hal, site, count)
    before = documents(hal, site, batch)
    see(
        f"a batch of {count}: {len(before)} reports are made and served",
        len(before) == count,
    )
    wrong = until_healthy(hal, site)
    see(f"/healthz finds nothing wrong {f'but {wrong}' if wrong else ''}", not wrong)

    backup = machine.place / "keywork.age"
    recipient = machine.env["KEYWORK_BACKUP_RECIPIENT"]
    machine.manage(f"backup {backup} --recipient {recipient}")
    rows_before = counts(server)
    see(f"a backup while it runs, of {backup.stat().st_size:,} bytes")
    machine.stop()
    wipe(machine, server)
    see("everything is wiped: the database, Redis, uploads and reports")
    if options.machines:
        assert server is not None, "several machines need a server of Postgres"
        copy_port, copy = several(machine, server)
    said = machine.manage(f"restore {backup} --key {machine.place / 'backup-key'}")
    see(f"restored: {' '.join(said.split())[:120]}")
    machine.start(nodes)
    until("an answer of web", lambda: serves(hal, site))
    hal.sign_in(site, "hal@school.example", secret)
    see(
        "the head signed in again, and each report is the same to the byte",
        documents(hal, site, batch) == before,
    )
    if server is not None:
        after = counts(server)
        see("every table has as many rows as before", not (worse := less(rows_before, after)), str(worse))
    if options.machines:
        on_several(machine, server, hal, site, count, copy_port, copy)

    machine.manage(f"backup {machine.place / 'before-update.age'} --recipient {recipient}")
    if machine.updates:
        machine.run("git pull --quiet")
    machine.run("make base")
    machine.migrate()
    machine.stop()
    machine.start(nodes)
    until("an answer of web", lambda: serves(hal, site))
    see(
        f"updated{'' if machine.updates else ' (to the same: there is no earlier commit here)'}, and it answers"
    )
    second = order(hal, site, count)
    see(
        "the head is still signed in, and another batch is made",
        len(documents(hal, site, second)) == len(before),
    )
    traces = [
        path.name for path in machine.place.glob("*.log") if "Traceback" in path.read_text(errors="replace")
    ]
    see("no log holds a traceback", not traces, str(traces))


def at(site: str, link: str) -> str:
    return site + "/" + link.split("/", 3)[3]


def until_healthy(browser: Browser, site: str) -> dict[str, str]:
    """What is still wrong after beat and the workers had two minutes to say that they are there."""
    wrong: dict[str, str] = {}
    for _ in range(24):
        if not (wrong := healthy(browser, site)):
            break
        time.sleep(5)
    return wrong


LEFT_OUT = (
    "django_session|keywork_heartbeat|outbox_.*|keywork_jobrun|keywork_recordopening|keywork_openform.*"
)


def counts(server: Postgres | None) -> dict[str, int]:
    """Rows of each table, but for those that signing in and waiting write."""
    if server is None:
        return {}
    with psycopg.connect(host=str(server.place), port=server.port, user="postgres", dbname="keywork") as one:
        tables = one.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: one.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # type: ignore[index]
            for (name,) in tables
            if not re.fullmatch(LEFT_OUT, name)
        }


def less(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Tables that have lost rows; signing in and opening reports write more."""
    return {name: (rows, after.get(name, 0)) for name, rows in before.items() if after.get(name, 0) < rows}


def wipe(machine: Machine, server: Postgres | None) -> None:
    if server is None:
        started = machine.data / "postgres" / "postmaster.pid"
        until("the embedded servers to stop", lambda: not started.exists())
        shutil.rmtree(machine.data)
        machine.data.mkdir(mode=0o700)
        machine.migrate()
    else:
        server.run("dropdb --force keywork")
        server.run("createdb --owner keywork --template keywork_as_installed keywork")
        for path in machine.data.iterdir():
            if path.is_dir() and path.name != "static":
                shutil.rmtree(path)
    if url := machine.env.get("REDIS_URL"):
        import redis

        redis.from_url(url).flushall()


def several(machine: Machine, server: Postgres) -> tuple[int, subprocess.Popen[bytes]]:
    """Its .env becomes that of several machines; the port and the process of the replica."""
    direct = machine.env["DATABASE_URL"]
    port, process = server.copy()
    machine.keep_env(
        DATABASE_URL=pooler(machine, server, direct),
        DATABASE_DIRECT_URL=direct,
        KEYWORK_DB_PREPARE="-1",
        DATABASE_REPLICA_URL=direct.replace(f":{server.port}/", f":{port}/"),
        KEYWORK_MEDIA_URL=machine.stack.enter_context(bucket()),
    )
    see("a bucket, a replica and pgbouncer in transaction mode stand between")
    return port, process


def on_several(
    machine: Machine, server: Postgres | None, hal: Browser, site: str, count: int, port: int, copy: Any
) -> None:
    assert server is not None
    pages = "SELECT tup_fetched + tup_returned FROM pg_stat_database WHERE datname = 'keywork'"
    before = server.ask(pages, port)
    batch = order(hal, site, count)
    time.sleep(1)
    read = server.ask(pages, port) - before
    made = "SELECT count(*), count(DISTINCT student_id) FROM reports_report WHERE batch_id = (SELECT max(id) FROM reports_batch)"
    see(
        f"a batch by two printers, read from the replica ({read:,} rows): {server.ask(made)} reports",
        read > count,
    )
    assert server.ask(made) == count and not (machine.data / "media" / "reports").exists()
    see("each is in the bucket and is served", len(documents(hal, site, batch)) > 0)
    stop(copy, signal.SIGQUIT)
    order(hal, site, count)
    see("with the replica killed, another batch is made")
    hal.open(f"{site}/accounts/login/")
    sent = "SELECT count(*) FROM outbox_job WHERE state = 'failed'"
    time.sleep(70)
    see("two beats for more than a minute: nothing failed", server.ask(sent) == 0)
    see("both web nodes answered", all(_lines(machine, node) for node in range(2)))


def _lines(machine: Machine, node: int) -> int:
    return (machine.place / f"web-{node}.log").read_text(errors="replace").count("keywork.access")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Played, AssertionError) as problem:
        sys.exit(str(problem))
