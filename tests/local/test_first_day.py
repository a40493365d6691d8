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
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from playwright.sync_api import Browser as Chromium

from keywork.local import REPOSITORY
from keywork.local.files import socket_directory, wait_until
from keywork.local.postgres import SOCKET
from keywork.local.prepare import make_demo_school
from keywork.models import School, User
from keywork.printed_codes import setup_code
from tests import template
from tests.browser.conftest import Trouble, real_browser

from .conftest import environment
from .person import Person

CLICKS = 47  # of three people, from the code on the terminal to the first contact
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
    start, _ = commands(REAL_SCHOOL)
    assert "make run" in (REPOSITORY / "README.md").read_text()
    running = Running(start, bare_checkout, env)
    try:
        assert running.ready.wait(400), running.said
        assert f"Keywork is running at http://127.0.0.1:{port}" in running.said
        assert "Nobody can sign in yet" in running.said
        host = socket_directory(bare_checkout / ".local" / "postgres", SOCKET)
        made = template.schema(f"postgres://keywork@/keywork?host={quote(str(host))}")
        assert made == template.schema(template.url_of(template.ready()))  # as every test has it
        code = re.search(r"type this code, which works once: (\S+)", running.said)[1]
        assert f"http://127.0.0.1:{port}/setup/" in running.said
        with real_browser() as chromium:
            _to_the_first_contact(f"http://127.0.0.1:{port}", chromium, code, running)
    finally:
        running.stop()
    # A make within make may say which directory it leaves.
    said = [line for line in running.said.splitlines() if line and not line.startswith("make[")]
    assert said[-1] == "Keywork has stopped.", running.said
    assert "Traceback" not in running.said, running.said


def _to_the_first_contact(site: str, chromium: Chromium, code: str, running: Running) -> None:
    """Three people, from the code on the terminal to a contact; then a snow day that is entered and taken back."""
    trouble = Trouble()
    ada, del_price, ros = (Person(chromium, site, trouble) for _ in range(3))
    _set_up(ada, code)
    for person, address in ((del_price, "del@school.example"), (ros, "ros@school.example")):
        person.opens(_link_on_the_terminal(running, address))
        person.chooses_password_and_app()

    del_price.opens("/assignments/")
    del_price.presses("Assign a keyworker for Mo")
    del_price.chooses("Who", "Ros Whitcombe")
    del_price.looks_and_does()
    assert "Ros Whitcombe is Mo’s keyworker from" in del_price.reads()

    ros.opens("/today/")
    ros.presses("Log contact", stays=True)
    ros.ticks("Spoke")
    ros.types(notes="A good first day.")
    ros.presses("Save contact", stays=True)
    ros.page.get_by_text("Contact saved").wait_for()
    clicks = sum(person.clicks for person in (ada, del_price, ros))
    assert clicks <= CLICKS, clicks

    before = _owed(ros)
    due = re.search(r"Nothing is owed before \w+ (\d+ \w+)( \d{4})?", before)
    day = datetime.strptime(f"{due[1]} {due[2] or date.today().year}", "%d %B %Y").date()
    del_price.opens("/school/calendar/")
    del_price.presses("Close the school")
    del_price.types(starts_on=day.isoformat(), reason="Snow")
    del_price.looks_and_does()
    assert due[0] in before and due[0] not in _owed(ros)
    del_price.opens("/school/calendar/")
    del_price.presses("Take back")
    del_price.looks_and_does()
    assert "after all. Every date is as it was before" in del_price.page.locator("body").inner_text()
    assert _owed(ros) == before
    assert trouble == []


def _set_up(ada: Person, code: str) -> None:
    """All that the administrator does."""
    ada.opens("/")
    ada.presses("Type the code and begin")
    ada.types(code=code, name="Ada Quell", email="ada.quell@school.example")
    ada.presses("Go on to choose a password")
    ada.chooses_password_and_app()
    assert "Step 2 of 9" in ada.reads()
    ada.types(name="Aldermere School")
    ada.presses("Save and go on")
    ada.ticks("Special school, day and residential")
    ada.presses("Save and go on")
    ada.presses("Check the term dates")
    ada.looks_and_does()
    ada.presses("Go on with the set-up")
    ada.types(people="Del Price, del@school.example, head\nRos Whitcombe, ros@school.example")
    ada.presses("Add them")
    assert "Ros Whitcombe, ros@school.example: Member of staff" in ada.reads()
    ada.presses("Go on to: Students and families")
    ada.presses("Import them from a file")
    ada.presses("Add one student by hand")
    today = date.today().isoformat()
    ada.types(legal_forename="Mo", legal_surname="Farouk", born_on="2013-05-17", joined_on=today)
    ada.chooses("Year group", "Year 9")
    ada.presses("Save")
    ada.presses("Add a parent or carer")
    ada.types(forename="Dina", surname="Farouk", relationship="mum", priority="1")
    ada.chooses("Parental responsibility", "Yes")
    ada.ticks("The keyworker may contact them")
    ada.presses("Save")
    ada.opens("/school/setup/?step=open")
    ada.presses("Open Keywork")
    assert "Keywork is open" in ada.reads()
    ada.opens("/school/invitations/")
    ada.presses("Send the invitations")


def _link_on_the_terminal(running: Running, address: str) -> str:
    """The link in the invitation that is shown there."""
    letter = re.compile(rf"To: {re.escape(address)}(?:(?!To: ).)*?(http://\S+/accounts/password/\S+)", re.S)
    assert wait_until(lambda: letter.search(running.said), seconds=60), running.said[-3000:]
    return letter.search(running.said)[1]


def _owed(person: Person) -> str:
    """What Today says is owed of the one student, and by when."""
    person.page.goto("/today/")
    return person.reads()


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
        call_command(*shlex.split(commands(REAL_SCHOOL)[1])[2:])  # the same, of one computer
    with pytest.raises(SystemExit) as refused:
        make_demo_school()
    assert "KEYWORK_DEMO=0 make run" in str(refused.value), "what was a school is never run as the demo"


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
