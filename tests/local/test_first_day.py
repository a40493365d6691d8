"""README and docs/operations.md as written, from an empty directory to the first page of the administrator."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from keywork.local import REPOSITORY
from keywork.local.files import socket_directory
from keywork.local.postgres import SOCKET
from keywork.models import School, User
from keywork.printed_codes import setup_code
from tests import template
from tests.operations.browser import Browser

from .conftest import environment

CLICKS = 46  # pages and forms of three people, from the code on the terminal to the first contact
LEFT_BEHIND = (".git", ".local", ".venv", ".env", ".*_cache", ".cache")
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text()
REAL_SCHOOL = OPERATIONS.split("### A real school, from nothing")[1].split("\n### ")[0].split("\n## ")[0]
PRODUCTION = OPERATIONS.split("## In production")[1].split("\n## ")[0]


def commands(section: str) -> list[str]:
    """The lines to be typed: those that are indented by seven, as code within a numbered step."""
    return re.findall(r"^ {7}(\S.*)$", section, re.MULTILINE)


class Running:
    """A command that goes on in its own terminal, with what it said so far."""

    def __init__(self, command: str, directory: Path, env: dict[str, str]) -> None:
        self.said, self.ready = "", threading.Event()
        self.process = subprocess.Popen(
            command, shell=True, cwd=directory, env=env, start_new_session=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C stops it." in line:
                self.ready.set()
        self.ready.set()

    def stop(self) -> None:
        """Ctrl-C, and wait until the last process has said its last word."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        self.listener.join(60)
        if self.listener.is_alive():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """The checkout in a directory of its own, with its packages, and without anything that Keywork writes."""
    checkout = tmp_path / "keywork"
    shutil.copytree(REPOSITORY, checkout, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    (checkout / ".venv").symlink_to((REPOSITORY / ".venv").resolve())
    return checkout


def test_a_real_school_from_an_empty_directory_as_it_is_written(bare_checkout):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Nothing here is about a power cut, and the disk is waited for at each commit otherwise.
    env = environment(bare_checkout, PORT=str(port), KEYWORK_FAST_DB="1")
    for name in ("KEYWORK_DATA_DIR", "KEYWORK_DEMO", "DJANGO_SETTINGS_MODULE", "KEYWORK_TEST_DB"):
        env.pop(name, None)
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # else every process compiles everything
    start, set_up = commands(REAL_SCHOOL)
    assert "make run" in (REPOSITORY / "README.md").read_text()
    running = Running(start, bare_checkout, env)
    try:
        assert running.ready.wait(400), running.said
        assert f"Keywork is running at http://127.0.0.1:{port}" in running.said
        assert "Nobody can sign in yet" in running.said
        host = socket_directory(bare_checkout / ".local" / "postgres", SOCKET)
        made = template.schema(f"postgres://keywork@/keywork?host={quote(str(host))}")
        assert made == template.schema(template.url_of(template.ready()))  # as every test has it
        site, browser = f"http://127.0.0.1:{port}", Browser()
        assert "Type the code and begin" in browser.open(site + "/")
        assert browser.status == 200 and browser.url.startswith(site + "/accounts/login/")

        code = re.search(r"type this code, which works once: (\S+)", running.said)[1]
        assert f"{site}/setup/" in running.said
        browser.open(f"{site}/setup/")
        who = {"code": code, "name": "Ada Quell", "email": "ada.quell@school.example"}
        assert "Ada Quell, choose a password" in browser.open(browser.url, who)
        browser.accept(site, browser.url)
        assert browser.url == f"{site}/school/setup/" and "Step 2 of 9" in browser.text, browser.text
        browser.open(f"{browser.url}?step=school")
        browser.open(browser.url, {"name": "Aldermere School"})
        assert "Set up Aldermere School" in browser.text and "Step 3 of 9" in browser.text
        second = subprocess.Popen(
            set_up, shell=True, cwd=bare_checkout, env=env, stderr=subprocess.PIPE, text=True
        )
        assert browser.open(site + "/school/accounts/") and browser.status == 200
        assert "Ada Quell" in browser.text
        _to_the_first_contact(site, browser, running)
        _, refused = second.communicate(timeout=120)
        assert second.returncode == 1 and "There is an administrator already" in refused
    finally:
        running.stop()
    # A make within make may say which directory it leaves.
    said = [line for line in running.said.splitlines() if line and not line.startswith("make[")]
    assert said[-1] == "Keywork has stopped.", running.said
    assert "Traceback" not in running.said, running.said

    again = Running("make run", bare_checkout, env)
    again.ready.wait(60)
    again.stop()
    assert "Start it with" in again.said and "KEYWORK_DEMO=0 make run" in again.said, again.said
    assert "Traceback" not in again.said and "is running" not in again.said, again.said
    (bare_checkout / ".env").write_text("KEYWORK_DEMO=0\n")
    again = Running("make run", bare_checkout, env)
    try:
        assert again.ready.wait(60), again.said
        assert "is running" in again.said and "demo school" not in again.said, again.said
        assert "Aldermere School" in Browser().open(site + "/")
    finally:
        again.stop()


def _to_the_first_contact(site: str, ada: Browser, running: Running) -> None:
    """The rest of the set-up, keyworker and contact; then a snow day that is entered and taken back."""
    setup, today = f"{site}/school/setup/", date.today()
    ada.open(f"{setup}?step=rules")
    ada.open(ada.url, {"preset": "breckenbrough"})
    [dates] = set(re.findall(r"/school/calendar/years/[\d-]+/", ada.open(f"{setup}?step=dates")))
    ada.open(site + dates)
    typed = dict(re.findall(r'name="((?:first|last)-\d+)" value="([\d-]+)"', ada.text))
    assert len(typed) == 12, ada.text
    _look_and_do(ada, typed)
    ada.open(f"{setup}?step=staff")
    staff = "Del Price, del@school.example, head\nRos Whitcombe, ros@school.example"
    ada.open(ada.url, {"people": staff})
    ada.still_you()
    assert "Ros Whitcombe, ros@school.example: Member of staff" in ada.open(f"{setup}?step=staff"), ada.text
    ada.open(f"{site}/students/add/")
    mo = {"legal_forename": "Mo", "legal_surname": "Farouk", "born_on": "2013-05-17", "nc_year": "9"}
    mo |= {"joined_on": today.isoformat(), "placement": "day", "sex": "M", "sen_status": "E"}
    ada.open(ada.url, mo)
    assert "Mo Farouk is added" in ada.text, ada.text
    record = ada.url.removesuffix("people/")
    ada.open(f"{record}family/add/")
    mother = {"forename": "Dina", "surname": "Farouk", "relationship": "mum", "has_pr": "yes"}
    ada.open(ada.url, mother | {"may_receive_keywork_contact": "on", "priority": "1"})
    ada.open(f"{setup}?step=open")
    ada.open(ada.url, {"went_live_on": today.isoformat()})
    assert "Keywork is open" in ada.text, ada.text
    ada.open(f"{site}/school/invitations/")
    ada.open(ada.url, {"who": ["staff"]})
    del_price, ros = Browser(), Browser()
    for browser, address in ((del_price, "del@school.example"), (ros, "ros@school.example")):
        browser.accept(site, _link_on_the_terminal(running, address))

    del_price.open(f"{site}/assignments/")
    [assign] = set(re.findall(r"/assignments/students/\d+/", del_price.text))
    del_price.open(site + assign)
    [who] = re.findall(r'<option value="(\d+)"[^>]*>Ros Whitcombe', del_price.text)
    _look_and_do(
        del_price, {"kind": "keyworker", "user": who, "starts_on": today.isoformat(), "reason": "first"}
    )
    assert "Ros Whitcombe is Mo’s keyworker from" in del_price.text, del_price.text

    student = re.search(r"/students/(\d+)/", record)[1]
    contact = f"{site}/students/{student}/contacts/new/"
    ros.open(contact)
    [person] = re.findall(r'name="person"[^>]*value="(\d+)"|<option value="(\d+)"[^>]*>Dina', ros.text)[:1]
    told = {"reached": "spoke", "person": "".join(person), "channel": "phone", "direction": "out"}
    ros.open(ros.url, told | {"happened_on": today.isoformat(), "notes": "A good first day."})
    clicks = sum(browser.clicks for browser in (ada, del_price, ros))
    assert "Spoke with Dina Farouk" in ros.open(record), ros.text
    assert clicks <= CLICKS, clicks

    before = _owed(ros, site)
    snow = today + timedelta(days=14)
    del_price.open(f"{site}/school/calendar/days-off/")
    day = {"kind": "closed", "starts_on": snow.isoformat(), "ends_on": "", "reason": "Snow"}
    _look_and_do(del_price, day)
    [back] = set(
        re.findall(r"/school/calendar/closures/\d+/take-back/", del_price.open(site + "/school/calendar/"))
    )
    del_price.open(site + back)
    _look_and_do(del_price, {})
    assert "after all. Every date is as it was before" in del_price.text, del_price.text
    assert _owed(ros, site) == before


def _look_and_do(browser: Browser, typed: dict[str, str]) -> None:
    """What would happen, then do it: the form of the page it is on."""
    browser.open(browser.url, {**typed, "do": "look"} if typed else {"do": "look"})
    seal = re.search(r'name="seal" value="([^"]+)"', browser.text)
    assert seal, browser.text
    browser.open(browser.url, {**typed, "do": "make", "seal": seal[1]})
    assert browser.status == 200, browser.text


def _link_on_the_terminal(running: Running, address: str) -> str:
    """The link in the invitation that is shown there."""
    letter = re.compile(rf"To: {re.escape(address)}(?:(?!To: ).)*?(http://\S+/accounts/password/\S+)", re.S)
    for _ in range(300):
        if found := letter.search(running.said):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(running.said[-3000:])


def _owed(browser: Browser, site: str) -> list[str]:
    """What Today says is owed of the one student, and by when."""
    return re.findall(
        r"<strong>([^<]+)</strong>|<span class=\"kw-when\">([^<]+)</span>", browser.open(f"{site}/today/")
    )


@pytest.mark.django_db
def test_the_command_of_production_makes_the_school_and_a_link(capsys, settings):
    settings.BASE_URL = "https://keywork.aldermere.example"
    ask, line = commands(PRODUCTION)
    call_command(*shlex.split(ask)[7:])
    said = capsys.readouterr().out
    assert f"https://keywork.aldermere.example/setup/ and type this code: {setup_code()}" in said
    words = shlex.split(line)
    assert words[:7] == ["docker", "compose", "run", "--rm", "web", "python", "manage.py"]
    call_command(*words[7:])
    said = capsys.readouterr().out
    assert School.objects.get().name == "Aldermere School"
    admin = User.objects.get()
    assert admin.roles == ["staff", "admin"] and not admin.has_usable_password()
    link = re.search(r"^https://keywork\.aldermere\.example(/accounts/\S+)$", said, re.MULTILINE)[1]
    assert Client().get(link).status_code == 302, "the link leads on to choosing a password"

    call_command(*words[7:])
    assert User.objects.count() == 1, "again, for a link that was lost"
    admin.set_password("brave-heron-counts-stars")
    admin.save()
    with pytest.raises(CommandError, match="There is an administrator already"):
        call_command(*words[7:])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--administrator", "Ada Quell"], "needs both"),
        (["--administrator", "Ada Quell", "--email", "ada at school"], "is not an e-mail address"),
    ],
)
def test_what_is_wrong_with_the_command_is_said(more, words):
    with pytest.raises(CommandError, match=words):
        call_command("setup_school", "Aldermere School", *more)
    assert not School.objects.exists() and not User.objects.exists()


def test_django_s_own_command_says_what_to_run_instead():
    with pytest.raises(CommandError, match="setup_school"):
        call_command("createsuperuser")


@pytest.mark.django_db
def test_without_a_school_pages_say_what_to_do(as_user):
    admin = User.objects.create_user("ada@school.example", "x", name="Ada Quell", roles=["staff", "admin"])
    client = as_user(admin)
    for path in ("/students/", "/today/"):
        page = client.get(path, follow=True)
        assert page.status_code == 503 and b"Open the set-up" in page.content, path
    assert b"Type the code and begin" in Client().get("/accounts/login/").content
    call_command("setup_school", "Aldermere School")
    assert b"Type the code and begin" not in Client().get("/accounts/login/").content
    for path in ("/", "/school/accounts/", "/import/", "/today/", "/help/", "/privacy/", "/me/"):
        assert client.get(path, follow=True).status_code in (200, 404), path
