"""No one-time link, code, address or search in a log, and none in the queue."""

from __future__ import annotations

import json
import logging
import sys
from smtplib import SMTPRecipientsRefused

import pytest
from celery.app.task import Task
from celery.signals import setup_logging
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from enquiries.actions import new_link
from keywork.actions.accounts import change_account
from keywork.logs import LineFormatter, NoAddresses, RedisAway
from keywork.models import User
from outbox.models import Job
from tests.signin.conftest import _eager_mail, link_in, mails  # noqa: F401  fixtures
from tsp.enquiries.actions import ask_outside

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """Every line that the handler of the settings would write, as it would write it."""

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(self.format(record))

    said: list[str] = []
    handler = Kept()
    handler.addFilter(NoAddresses())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield said
    root.removeHandler(handler)


@pytest.fixture
def queued(monkeypatch):
    """The name and arguments of every task that is queued."""
    seen: list[tuple[str, tuple, dict]] = []
    apply_async = Task.apply_async

    def record(self, args=None, kwargs=None, **options):
        seen.append((self.name, tuple(args or ()), dict(kwargs or {})))
        return apply_async(self, args, kwargs, **options)

    monkeypatch.setattr(Task, "apply_async", record)
    return seen


def test_the_handler_of_the_settings_leaves_addresses_out(settings):
    handler = settings.LOGGING["handlers"]["console"]
    assert settings.LOGGING["filters"][handler["filters"][0]]["()"] == "keywork.logs.NoAddresses"
    assert settings.MIDDLEWARE[0] == "keywork.logs.AccessLogMiddleware"


def test_the_access_log_names_routes_and_no_address(world, as_user, lines):
    client = as_user(world.u_head)
    client.get("/search/?q=Zzyzx")
    client.get(f"/students/{world.mina.pk}/?from=Harcastle")
    Client().get("/accounts/password/reset/key/1-abcdef-SECRETKEY/")
    Client().get("/enquiries/link/SECRETTOKEN/")
    Client().get("/no/such/SECRETPLACE/?x=SECRETWORD")
    said = "\n".join(lines)
    assert "INFO keywork.access: 127.0.0.1 GET /search/ 200" in said
    assert "GET /enquiries/link/<str:token>/ 404" in said or "GET /enquiries/link/<token>/ 404" in said
    assert "(no such page) 404" in said
    assert not [word for word in ("Zzyzx", "Harcastle", "SECRET", "?q", "?x", "?from") if word in said]


def test_a_refusal_is_one_line_without_a_traceback(world, as_user, lines):
    parent = as_user(world.u_parent)
    assert parent.get("/school/accounts/").status_code == 403
    assert parent.get(f"/students/{world.otto.pk}/SECRET/").status_code == 404
    forged = Client(enforce_csrf_checks=True)
    assert forged.post("/accounts/login/?next=/SECRET/", {"login": "x"}).status_code == 403
    assert Client(headers={"Host": "elsewhere.example"}).get("/help/").status_code == 400
    refusals = [line for line in lines if " django." in line]
    assert len(refusals) == 4, refusals
    assert not [line for line in refusals if "\n" in line or "Traceback" in line or "SECRET" in line]
    assert refusals[0].endswith("403 Forbidden: GET /school/accounts/")


def test_an_error_keeps_its_traceback_but_not_its_address(world, as_user, lines, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("portal.views.search.render", broken)
    client = as_user(world.u_head)
    client.raise_request_exception = False
    assert client.get("/search/?q=SECRET").status_code == 500
    (said,) = [line for line in lines if "django.request" in line]
    assert "500 Internal Server Error: GET /search/" in said and "broken on purpose" in said
    assert "Traceback" in said and "SECRET" not in said


def test_what_gunicorn_says_of_a_broken_request_names_no_address():
    record = logging.LogRecord(
        "gunicorn.error",
        logging.ERROR,
        "",
        0,
        "Error handling request %s",
        ("/enquiries/link/SECRET/",),
        None,
    )
    assert NoAddresses().filter(record) and "SECRET" not in record.getMessage()


def test_that_redis_went_away_is_a_sentence(settings):
    assert "redis_away" in settings.LOGGING["handlers"]["console"]["filters"]
    assert settings.LOGGING["filters"]["redis_away"]["()"] == "keywork.logs.RedisAway"
    try:
        raise RedisConnectionError("Error 111 connecting to 127.0.0.1:6379. Connection refused.")
    except RedisConnectionError:
        told = sys.exc_info()
    said = []
    for name in ("kombu.connection", "celery.app.trace"):
        record = logging.LogRecord(name, logging.ERROR, "", 0, "Connection error: %r", (told[1],), told)
        assert RedisAway().filter(record)
        said.append(LineFormatter("%(message)s").format(record))
    queue, task = said
    assert queue == (
        "Redis does not answer, and is tried again (Error 111 connecting to 127.0.0.1:6379. Connection refused.)"
    )
    assert "Traceback" in task  # what a task ran into is told whole
    consumer = (
        "celery.worker.consumer.consumer",
        "consumer: Cannot connect.\nTrying again in 2 seconds...\n",
    )
    to_come = ("py.warnings", "consumer.py:427: CPendingDeprecationWarning:\nIn Celery 5.1 we introduced …")
    lines = [
        logging.LogRecord(name, logging.WARNING, "", 0, "%s", (words,), None)
        for name, words in (consumer, to_come)
    ]
    assert [RedisAway().filter(one) for one in lines] == [True, False]
    assert lines[0].getMessage() == "consumer: Cannot connect. Trying again in 2 seconds..."


def test_what_a_mail_server_says_of_an_address_is_logged_without_it(settings):
    made = settings.LOGGING["formatters"]["line"]
    assert made["()"] == "keywork.logs.LineFormatter"
    try:
        raise SMTPRecipientsRefused(
            {"ada.quell@school.example": (550, b"<ada.quell@school.example> unknown")}
        )
    except SMTPRecipientsRefused as refused:
        record = logging.LogRecord(
            "celery.app.trace", logging.WARNING, "", 0, "Retry of 7: %r on celery@host-1",
            (refused,), sys.exc_info(),
        )  # fmt: skip
    said = LineFormatter("%(message)s").format(record)
    assert "Traceback" in said and "550" in said and "celery@host-1" in said
    assert "ada.quell" not in said and "school.example" not in said
    assert setup_logging.receivers, "Celery would set up handlers of its own"


def test_the_queue_holds_ids_and_no_link(world, as_user, mails, queued):  # noqa: F811
    admin = as_user(world.u_admin)
    with mails() as box:
        Client().post("/accounts/password/reset/", {"email": world.u_keyworker.email})
        admin.post("/school/accounts/invite/staff/", {"name": "Ines Marlow", "email": "ines@school.example"})
        ask_outside(
            by=world.u_keyworker,
            student=world.mina,
            term="2026-27-autumn",
            name="Dr Sefu Adair",
            role="Psychologist",
            email="sefu@clinic.example",
            areas=[],
            question="How is she?",
            days=14,
        )
    assert sorted(mail.to[0] for mail in box) == [
        "ines@school.example",
        "keyworker@school.example",
        "sefu@clinic.example",
    ]
    links = {mail.to[0]: mail.body for mail in box}
    assert (
        Client().get(link_in(next(m for m in box if m.to == ["keyworker@school.example"]))).status_code == 302
    )
    asked = links["sefu@clinic.example"].split("/enquiries/link/")[1].split("/")[0]
    assert Client().get(f"/enquiries/link/{asked}/").status_code == 200
    assert [(name, kwargs) for name, _, kwargs in queued] == [("outbox.tasks.run", {})] * 3
    assert all(type(value) is int for _, args, _ in queued for value in args)
    held = json.dumps([[job.key, job.arguments] for job in Job.objects.all()])
    assert Job.objects.count() == 3
    assert "@" not in held and "http" not in held and asked not in held and "key/" not in held


def test_a_new_link_makes_another_and_the_old_one_dies(world, as_user, mails):  # noqa: F811
    def token(box) -> str:
        return box[0].body.split("/enquiries/link/")[1].split("/")[0]

    with mails() as box:
        ask, _ = ask_outside(
            by=world.u_keyworker, student=world.mina, term="2026-27-autumn", name="Dr Sefu Adair",
            role="Psychologist", email="sefu@clinic.example", areas=[], question="How is she?", days=14,
        )  # fmt: skip
    first = token(box)
    with mails() as box:
        new_link(by=world.u_keyworker, enquiry=ask, days=14)
    assert token(box) != first
    assert Client().get(f"/enquiries/link/{first}/").status_code == 404
    assert Client().get(f"/enquiries/link/{token(box)}/").status_code == 200


def test_the_old_address_is_told_by_its_row(world, as_user, mails, queued):  # noqa: F811
    user, admin = world.u_keyworker, as_user(world.u_admin)
    with mails() as box:
        change_account(user=user, name=user.name, email="new@school.example", by=world.u_admin)
    assert admin is not None and ["keyworker@school.example"] in [mail.to for mail in box]
    assert all("@" not in str(args) for _, args, _ in queued)
    assert User.objects.get(pk=user.pk).email == "new@school.example"


def test_links_in_mails_follow_the_base_url_and_never_the_host(world, settings, mails):  # noqa: F811
    settings.BASE_URL = "https://keywork.aldermere.example"
    settings.ALLOWED_HOSTS = ["*"]
    evil = Client(headers={"Host": "evil.example"})
    with mails() as box:
        evil.post("/accounts/password/reset/", {"email": world.u_keyworker.email})
    assert "https://keywork.aldermere.example/accounts/password/reset/key/" in box[0].body
    assert "evil.example" not in box[0].body
