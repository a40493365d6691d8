"""The administrator sees what waits, failed and was refused, and tries it again or gives it up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.actions.accounts import change_account
from keywork.models import User
from outbox import actions as outbox
from outbox import kinds
from outbox.models import Job, Mail
from outbox.tasks import clear, sweep
from tests.tsp.factories import TERM
from tests.world import make_user
from tsp.enquiries.actions import ask_colleagues

pytestmark = pytest.mark.django_db

PAGE = "/school/health/"


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


@pytest.fixture
def failing(monkeypatch):
    """The kind "test.sums", which fails while the list holds an error."""
    errors: list[Exception] = []

    def sums(number):
        if errors:
            raise errors[0]

    monkeypatch.setitem(
        kinds.KINDS, "test.sums", kinds.JobKind("test.sums", "Sums", sums, is_mail=False, tries=2)
    )
    return errors


def words(response) -> str:
    return " ".join(response.content.decode().split())


def later(**by):
    with clock.frozen(clock.now() + timedelta(**by)):
        sweep()


def invite(admin, email: str) -> User:
    data = {"name": "Ines Marlow", "email": email}
    assert admin.post("/school/accounts/invite/staff/", data).status_code == 302
    return User.objects.get(email=email)


def test_what_failed_is_said_without_a_secret_and_is_tried_again_or_given_up(admin, world, eager, failing):
    failing.append(ValueError("Mina's secret"))
    jobs = [outbox.do_here("test.sums", number=number) for number in range(2)]
    page = words(admin.get(PAGE))
    assert "Waiting: 2" in page and "It stopped with an error (ValueError)" in page and "Failed: 0" in page
    later(minutes=1)
    page = words(admin.get(PAGE))
    assert "Failed: 2" in page and "Failed 2 times" in page and "secret" not in page
    assert "ValueError in" in page
    failing.clear()
    admin.post(PAGE, {"again": f"job-{jobs[0].pk}"})
    admin.post(PAGE, {"stop": f"job-{jobs[1].pk}"})
    later(minutes=3)
    page = words(admin.get(PAGE))
    assert "Failed: 0" in page and "Nothing waits." in page
    assert "Sums: It stopped with an error (ValueError)" in page and "by Admin" in page
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["done", "given_up"]


def test_a_refused_invitation_is_said_on_the_account_and_sent_when_the_address_is_put_right(
    admin, world, eager, server, django_capture_on_commit_callbacks
):
    server.refuses = {"ines@schol.example": "550 5.1.1 no"}
    with django_capture_on_commit_callbacks(execute=True):
        ines = invite(admin, "ines@schol.example")
        account = f"/school/accounts/{ines.pk}/"
        assert "The invitation is on its way." in words(admin.get(account))
    assert "The invitation did not arrive. There is no such mailbox." in words(admin.get(account))
    page = words(admin.get(PAGE))
    assert "Refused addresses: 1" in page and "ines@schol.example" in page and f'href="{account}"' in page
    assert "Look at what failed" in words(admin.get("/school/"))
    with django_capture_on_commit_callbacks(execute=True):
        change_account(user=ines, name=ines.name, email="ines@school.example", by=world.u_admin)
    later(minutes=5)
    assert len(server.to("ines@school.example")) == 1 and not server.to("ines@schol.example")
    assert "The invitation was sent on Monday 23 November" in words(admin.get(account))
    assert "Refused addresses" not in words(admin.get(PAGE))


def test_an_invitation_given_up_is_said_on_the_account(
    admin, server, eager, django_capture_on_commit_callbacks
):
    server.refuses = {"ines@schol.example": "550 5.1.1 no"}
    with django_capture_on_commit_callbacks(execute=True):
        ines = invite(admin, "ines@schol.example")
    admin.post(PAGE, {"stop": f"mail-{Mail.objects.get().pk}"})
    page = words(admin.get(f"/school/accounts/{ines.pk}/"))
    assert "The invitation did not arrive, and is not tried any more. There is no such mailbox." in page


def test_whoever_asked_somebody_outside_reads_that_the_mail_was_refused(
    world, as_user, eager, server, django_capture_on_commit_callbacks
):
    server.refuses = {world.u_mentor.email: "550 5.1.1 no"}
    keyworker = as_user(world.u_keyworker)
    people = {"areas": ["flexibility"], "question": "", "answer_by": date(2026, 11, 27)}
    with django_capture_on_commit_callbacks(execute=True):
        ask_colleagues(
            by=world.u_keyworker,
            student=world.mina,
            term=TERM,
            people=[world.u_mentor, world.u_teacher],
            **people,
        )
    page = words(keyworker.get(reverse("tsp:asks", args=[world.mina.pk])))
    assert page.count("The mail did not arrive. There is no such mailbox.") == 1


def test_that_mail_goes_nowhere_is_said(admin, settings):
    assert "No mail server is set" not in words(admin.get(PAGE))
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "No mail server is set: nobody gets an invitation." in words(admin.get(PAGE))


def test_a_mail_server_that_is_away_is_said_on_the_account(admin, world, eager, server, settings):
    settings.EMAIL_PORT = 1
    ines = invite(admin, "ines@school.example")
    later(minutes=3)
    page = words(admin.get(f"/school/accounts/{ines.pk}/"))
    assert "The invitation could not be sent yet. The server could not be reached." in page
    later(days=3)
    assert "The invitation was not sent. The server could not be reached." in words(
        admin.get(f"/school/accounts/{ines.pk}/")
    )


def test_a_refused_address_is_given_up_by_name(admin, world, letters, server):
    someone = make_user("someone", "family")
    server.refuses = {someone.email: "550 no"}
    outbox.do_here(letters, users=[someone.pk])
    mail = Mail.objects.get()
    admin.post(PAGE, {"stop": f"mail-{mail.pk}"})
    page = words(admin.get(PAGE))
    assert "Refused addresses" not in page and f"to {someone.name}" in page and "by Admin" in page
    assert Job.objects.get().state == Job.State.GIVEN_UP
    with clock.frozen(clock.now() + timedelta(days=40)):
        clear()
    assert not Mail.objects.exists()


def test_an_address_put_right_is_not_called_refused(admin, letters, server, eager):
    someone = make_user("someone", "family")
    server.refuses = {someone.email: "550 no"}
    outbox.do_here(letters, users=[someone.pk])
    User.objects.filter(pk=someone.pk).update(email="right@home.example")
    assert "This address is new. What the other one missed is sent to it within a minute." in words(
        admin.get(PAGE)
    )
    later(minutes=1)
    later(minutes=10)
    assert "Refused addresses" not in words(admin.get(PAGE)) and len(server.to("right@home.example")) == 1


def test_the_family_of_ones_own_child_is_for_a_colleague(world, as_user, letters, server):
    world.u_staff_parent.roles = [*world.u_staff_parent.roles, "admin"]
    world.u_staff_parent.save()
    server.refuses = {world.u_parent.email: "550 no"}
    outbox.do_here(letters, users=[world.u_parent.pk])
    mine, other = (words(as_user(user).get(PAGE)) for user in (world.u_staff_parent, world.u_admin))
    assert world.u_parent.email in other and world.u_parent.email not in mine
    as_user(world.u_staff_parent).post(PAGE, {"stop": f"mail-{Mail.objects.get().pk}"})
    assert Mail.objects.get().state == Mail.State.REFUSED


def test_as_many_queries_for_many_as_for_one(admin, letters, failing, server):
    failing.append(ValueError())
    counts = []
    for more in (1, 20):
        people = [make_user(f"p{more}_{number}", "family") for number in range(more)]
        server.refuses |= {one.email: "550 no" for one in people[: more // 2 + 1]}
        for one in people:
            outbox.do_here(letters, users=[one.pk])
            outbox.do_here("test.sums", number=one.pk)
        Job.objects.filter(kind="test.sums", arguments__number=people[0].pk).update(state="failed")
        admin.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(PAGE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 28


def test_a_number_of_thousands_of_digits_is_no_row(admin):
    for what in ("job", "mail"):
        assert admin.post(PAGE, {"again": f"{what}-{'1' * 5000}"}).status_code == 302, what


def test_mail_about_a_worry_is_one_of_the_mails_to_staff(admin, world, eager, monkeypatch):
    def fails(**ids):
        raise ValueError

    for name in ("safety.worry", "safety.worry_waits", "tsp.chase"):
        monkeypatch.setitem(kinds.KINDS, name, replace(kinds.KINDS[name], function=fails, tries=1))
    outbox.do("safety.worry_waits", due_at=clock.now() + timedelta(minutes=30), worry=1)
    page = words(admin.get(PAGE))
    assert "Waiting: 0" in page and "Mail to staff" not in page  # what is planned tells of what was said
    tried = [outbox.do_here(name, worry=1) for name in ("safety.worry", "safety.worry_waits", "tsp.chase")]
    page = words(admin.get(PAGE))
    assert page.count('<th scope="row" role="rowheader">Mail to staff') == 1 and "Waiting: 3" in page
    assert 'value="kind-Mail to staff"' in page
    admin.post(PAGE, {"again": "kind-Mail to staff"})
    assert set(Job.objects.filter(pk__in=[job.pk for job in tried]).values_list("tries", flat=True)) == {0}
    Job.objects.filter(pk__in=[job.pk for job in tried]).update(state="failed", detail="ValueError in safety")
    Mail.objects.create(
        job=tried[0], to=world.u_dsl, state=Mail.State.REFUSED, error="No such mailbox", tried_at=clock.now()
    )
    pages = [words(admin.get(PAGE))]
    admin.post(PAGE, {"stop": f"job-{tried[1].pk}"})
    pages.append(words(admin.get(PAGE)))
    for page in pages:
        assert "Mail to staff" in page and world.u_dsl.email in page
        assert not [word for word in ("safety", "worr", "feel safe", "taken") if word in page.lower()]


def test_no_kind_says_what_an_administrator_may_not_know():
    telling = re.compile(r"worr|safe|harm|unwell|feel", re.IGNORECASE)
    assert {kind.name for kind in kinds.KINDS.values() if telling.search(kind.words)} == set()


def test_an_address_that_was_left_and_refuses_asks_nothing_of_anybody(
    admin, world, server, eager, django_capture_on_commit_callbacks
):
    old = world.u_dsl.email
    server.refuses = {old: "550 5.1.1 no"}
    with django_capture_on_commit_callbacks(execute=True):
        change_account(
            user=world.u_dsl,
            name=world.u_dsl.name,
            email="dsl@new.example",
            roles=["dsl"],
            by=world.u_admin,
        )
    assert server.to(world.u_head.email) and not server.to(old)
    assert Mail.objects.filter(state="not_needed").count() == 2
    page = words(admin.get(PAGE))
    assert "Refused addresses" not in page and "Failed: 0" in page and "Waiting: 0" in page
