"""The front door, search, help, privacy and the health check."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.test import Client

from keywork import clock, health
from keywork.access import GRANTS
from keywork.finding import excerpt
from keywork.models import Heartbeat, RecordOpening, User
from outbox.models import Job
from tests import world as cast
from tests.access import records


@pytest.mark.parametrize(
    ("who", "leads_to"),
    [
        ("head", "/oversight/"),
        ("keyworker", "/today/"),
        ("teacher", "/today/"),
        ("admin", "/school/"),
        ("slt", "/oversight/"),
    ],
)
def test_home_leads_each_to_their_page(world, as_user, who, leads_to):
    assert as_user(world.users[who]).get("/")["Location"] == leads_to


class TestSearch:
    def found(self, client, typed: str) -> list[str]:
        return [student.known_as for student in client.get("/search/", {"q": typed}).context.get("found", [])]

    def test_by_parts_of_names_numbers_and_without_accents(self, world, as_user):
        cast.make_student(
            "Kacper", "Wiśniewski-Brand", mis_id="M-77", left_on=cast.TODAY - timedelta(days=90)
        )
        client = as_user(world.u_head)

        assert self.found(client, "wisniewski") == ["Kacper"]
        assert self.found(client, "brand KAC") == ["Kacper"]
        assert self.found(client, "m-77") == ["Kacper"]
        assert self.found(client, "mina") == ["Min"]  # the legal name finds who is known as Min
        assert self.found(client, "kacper harcastle") == []
        assert "left Tuesday 25 August 2026" in client.get("/search/", {"q": "kacper"}).content.decode()

    def test_only_among_records_one_may_open(self, world, as_user):
        client = as_user(world.u_keyworker)
        assert self.found(client, "otto") == []
        page = client.get("/search/", {"q": "otto"}).content.decode()
        assert cast.OTHER_SURNAME not in page
        assert "No student matches “otto”, and no entry, plan or document" in page
        assert self.found(client, "harcastle") == ["Min"]

    def test_a_percent_sign_is_only_a_percent_sign(self, world, as_user):
        assert self.found(as_user(world.u_head), "%") == []

    def test_same_queries_for_one_and_many(self, world, as_user, django_assert_num_queries):
        client = as_user(world.u_head)
        client.get("/search/", {"q": "a"})
        with django_assert_num_queries(12):
            client.get("/search/", {"q": "harcastle"})
        for number in range(60):
            cast.make_student("Another", f"Harcastle{number}")
        with django_assert_num_queries(12):
            page = client.get("/search/", {"q": "harcastle"})
        assert len(page.context["found"]) == 50 and page.context["more"]

    def test_more_words_than_can_be_looked_for_are_not_looked_for(
        self, world, as_user, django_assert_max_num_queries
    ):
        client = as_user(world.u_head)
        client.get("/search/", {"q": "a"})
        with django_assert_max_num_queries(4):
            page = client.get("/search/", {"q": " ".join("abcdefghijklmnopqrstuvwxyz")})
        assert page.status_code == 422
        assert "Search for 8 words at most. You typed 26" in page.content.decode()
        assert 'aria-describedby="q-error"' in page.content.decode()
        assert self.found(client, "harcastle " * 9) == ["Min"], "a word typed twice is one"

    def test_words_of_the_log_are_found_by_those_who_may_read_them(self, world, as_user):
        records.contact(world.mina, world.u_keyworker, notes="Talked of the climbing wall.")
        records.contact(world.mina, world.u_dsl, notes="The climbing order.", level="safeguarding")
        records.contact(world.otto, world.u_keyworker_other, notes="No climbing today.")

        def found(name: str, typed: str = "climbing") -> list[tuple[str, int]]:
            page = as_user(world.users[name]).get("/search/", {"q": typed})
            return [(entry.kind, entry.student.pk) for entry in page.context.get("entries", [])]

        mina = ("Contact with home", world.mina.pk)
        otto = ("Contact with home", world.otto.pk)
        assert found("keyworker") == [mina]
        assert found("keyworker", "wall CLIMBING") == [mina]
        assert found("keyworker", "wall order") == []
        assert sorted(found("dsl")) == sorted([mina, mina, otto])
        assert sorted(found("head")) == sorted([mina, otto])
        for nobody in ("former", "future", "staff_parent", "teacher", "admin"):
            assert found(nobody) == [], nobody
        page = as_user(world.u_keyworker).get("/search/", {"q": "climbing"}).content.decode()
        assert f'href="/students/{world.mina.pk}/?q=climbing"' in page
        assert "Talked of the <mark>climbing</mark> wall." in page and "</mark> order" not in page
        read = RecordOpening.objects.filter(user_id=world.u_keyworker.pk, what="search")
        assert {row.student_id for row in read} == {world.mina.pk}

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("cafe zoe", True),
            ("CAFÉ", True),
            ("didnt", True),
            ("strasse aesa", True),
            ("oshea", True),
            ("o’shea", True),
            ("well-being", True),
            ("cafes", False),
            ("e", True),
            ("...", False),
        ],
    )
    def test_letters_fold_in_the_log_as_in_names(self, world, as_user, typed, found):
        words = "At the Cafe\u0301 Zoë; Æsa didn’t stay. Straße, O'Shea: well-being"
        records.contact(world.mina, world.u_keyworker, notes=words)
        page = as_user(world.u_keyworker).get("/search/", {"q": typed})
        assert bool(page.context["entries"]) is found
        assert ("<mark>" in page.content.decode()) is found

    def test_an_entry_found_shows_the_words_round_what_was_typed(self):
        words = f"Rang at ten. {'Talk of this and that. ' * 9}Mrs O’Shea <b>said</b> it. {'More. ' * 40}Café."
        assert excerpt(words, "oshea SAID") == (
            "… that. Talk of this and that. Talk of this and that. Mrs <mark>O’Shea</mark> &lt;b&gt;<mark>said</mark>&lt;/b&gt; it. "
            "More. More. More. More. More. More. More. More. …"
        )
        assert excerpt("Rang\nat ten", "rang ten") == "<mark>Rang</mark> at <mark>ten</mark>"
        assert excerpt(words, "rang cafe").endswith(
            "… More. More. More. More. More. More. More. More. More. <mark>Café</mark>."
        )

    def test_staff_stand_in_a_readers_order_and_are_found_without_accents(self, world, as_user):
        named = ("Zoë Moss", "Álvaro Ruiz", "Óisín Ó Briain", "de Souza Lima", "Ødegaard Per")
        for number, name in enumerate(named):
            User.objects.create_user(f"staff{number}@school.test", "x", name=name, roles=["staff", "teacher"])
        User.objects.get(name="Zoë Moss").save(update_fields=["name"])
        assert list(User.objects.filter(name__in=named).values_list("name", flat=True)) == [
            "Álvaro Ruiz",
            "de Souza Lima",
            "Ødegaard Per",
            "Óisín Ó Briain",
            "Zoë Moss",
        ]
        admin = as_user(world.u_admin)
        for typed, name in (
            ("alvaro", "Álvaro Ruiz"),
            ("odegaard", "Ødegaard Per"),
            ("oisin briain", "Óisín Ó Briain"),
        ):
            assert name in admin.get("/school/accounts/", {"q": typed}).content.decode()

    def test_families_have_no_search(self, world, as_user):
        assert as_user(world.u_parent).get("/search/", {"q": "mina"}).status_code == 403


def test_students_are_helped_in_their_own_words(world, as_user):
    mine = as_user(world.u_student).get("/help/").content.decode()
    assert "If I am stuck, I ask my keyworker." in mine and world.u_admin.name in mine
    assert "second step" not in mine and "invitation" not in mine and "Talking with school" not in mine
    assert "Talking with school" in as_user(world.u_parent).get("/help/").content.decode()


def test_help_names_the_administrator_only_to_those_signed_in(world, as_user):
    assert world.u_admin.email in as_user(world.u_parent).get("/help/").content.decode()
    signed_out = Client().get("/help/").content.decode()
    assert "Signing in" in signed_out
    assert world.u_admin.email not in signed_out


def test_privacy_has_a_row_for_each_capability(world, as_user):
    page = as_user(world.u_keyworker).get("/privacy/").content.decode()
    for can in GRANTS:
        assert can.value[0].upper() + can.value[1:] in page.replace("&#x27;", "'"), can
    assert "Their keyworker" in page


def test_privacy_is_read_before_signing_in(world):
    signed_out = Client()
    assert 'href="/privacy/"' in signed_out.get("/accounts/login/").content.decode()
    for version, words in (
        ("", "Who at school can see it"),
        ("?for=student", "Who can see what I say"),
        ("?for=staff", "What each role is"),
        ("?for=nobody", "Who at school can see it"),
    ):
        page = signed_out.get(f"/privacy/{version}")
        assert page.status_code == 200 and words in page.content.decode(), version


class TestHealth:
    @pytest.fixture
    def patient(self, monkeypatch):
        """A machine that is busy with tests is given longer."""
        monkeypatch.setattr(health, "PATIENCE", 20)
        monkeypatch.setattr(health, "ROWS", 20)

    @pytest.fixture
    def well(self, ran, patient, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        Heartbeat.note("beat")
        Heartbeat.note("worker")
        Heartbeat.note("printer")

    def wrong(self) -> dict[str, str]:
        answer = Client().get("/healthz")
        assert answer.status_code == 503
        return answer.json()["wrong"]

    def test_well(self, well):
        answer = Client().get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"ok": True})

    def test_what_is_late(self, well, ran, settings, tmp_path):
        settings.BACKUP_DIR, settings.BACKUP_RECIPIENT = str(tmp_path), "age1"
        type(ran).objects.update(finished_at=ran.finished_at - timedelta(hours=26))
        Heartbeat.objects.filter(name="beat").update(at=clock.now() - timedelta(minutes=4))
        Heartbeat.objects.filter(name="worker").delete()
        assert self.wrong() == {
            "backup": "No backup has been made yet.",
            "beat": "Beat, which starts what is due at a time, has not been at work since 11.56 am on Monday 23 November 2026.",
            "nightly": "The nightly work has not been done since 9 am on Sunday 22 November 2026.",
            "worker": "The worker that sends mail has not been at work yet.",
        }

    def test_what_waits_too_long_and_what_failed(self, well):
        ago = clock.now() - timedelta(minutes=20)
        made = {"kind": "none", "arguments": {}, "created_at": ago, "since": ago, "due_at": ago}
        Job.objects.create(**made)
        Job.objects.create(**made, state=Job.State.FAILED)
        assert self.wrong() == {
            "failed": "1 thing to be sent or made did not work, and waits for an administrator (Health, on the page School).",
            "queue": "What is to be done after somebody saved waits since 11.40 am on Monday 23 November 2026.",
        }

    def test_a_job_that_ran_in_the_future_is_not_believed(self, well, ran):
        """The clock was a year ahead, and has been put right."""
        type(ran).objects.update(finished_at=ran.finished_at + timedelta(days=365))
        Heartbeat.objects.update(at=clock.now() + timedelta(days=365))
        assert set(self.wrong()) == {"beat", "nightly", "worker", "printer"}

    def test_no_school(self, db, patient, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        assert "No school is set up yet" in self.wrong()["school"]

    def test_media_and_redis_gone(self, well, settings, tmp_path):
        (tmp_path / "file").touch()
        settings.MEDIA_ROOT = tmp_path / "file" / "media"
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "unix:///nowhere/redis.sock",
            }
        }
        assert set(self.wrong()) == {"media", "redis"}
        assert Client().get("/healthz").json()["serves"] is True

    def test_a_database_that_accepts_and_never_answers(self, well, monkeypatch):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            host, port = silent.getsockname()
            monkeypatch.setattr(
                health, "connecting", lambda: {"host": host, "port": port, "dbname": "keywork"}
            )
            monkeypatch.setattr(health, "PATIENCE", 0.3)
            began = time.monotonic()
            assert self.wrong()["database"] == "The database does not answer."
            assert time.monotonic() - began < 1.9  # the connection is given up after two seconds
            assert Client().get("/healthz").json()["serves"] is False

    def test_whatever_hangs_it_answers_in_time(self, well, monkeypatch, settings):
        """A Redis that takes connections and says nothing, and a line to the database that does the same."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            host, port = silent.getsockname()
            settings.CACHES = {
                "default": {"BACKEND": "keywork.cache.Cache", "LOCATION": f"redis://{host}:{port}"}
            }
            hung = threading.Event()
            rows = {"rows": (lambda: {"late": str(hung.wait(60))}, {"rows": health.SLOW})}
            monkeypatch.setattr(health, "PATIENCE", 0.8)
            began = time.monotonic()
            found = health._in_time({**health.CHECKS, **rows})
            assert time.monotonic() - began < 30
            hung.set()
            assert {"redis": health.QUEUE, "rows": health.SLOW}.items() <= found.items()
            assert health.serves({"redis": health.QUEUE, "rows": health.SLOW})
