"""A keyworker whose account is closed is nobody's keyworker from that day on, on every page, and not before."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from contacts.actions.misses import record_misses
from contacts.models import Miss
from keywork import clock
from keywork.actions import accounts
from keywork.keyworker_history import keyworker_on_day, keyworkers
from keywork.models import Assignment
from tests.contacts.rows import contact
from tests.world import TODAY

DAY = timedelta(days=1)


@pytest.fixture
def mina(world):
    world.u_keyworker.name = "Ros Fennimore"
    world.u_keyworker.save(update_fields=["name"])
    contact(world.mina, TODAY - DAY, world.u_keyworker).save()
    return world.mina


@pytest.fixture
def closed(mina, world, as_user, eager_mail):
    as_user(world.u_admin).post(
        f"/school/accounts/{world.u_keyworker.pk}/close/",
        {"close-reason": "Left the school", "close-at_once": "on"},
    )
    world.u_keyworker.refresh_from_db()
    assert not world.u_keyworker.is_active
    return world.u_keyworker


@pytest.fixture
def eager_mail(django_capture_on_commit_callbacks):
    from keywork.celery import app

    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    with django_capture_on_commit_callbacks(execute=True):
        yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def test_the_head_is_told_the_same_day(mina, world, as_user, django_capture_on_commit_callbacks):
    from keywork.celery import app

    app.conf.update(task_always_eager=True)
    with django_capture_on_commit_callbacks(execute=True):
        accounts.close_account(user=world.u_keyworker, reason="Left", by=world.u_admin, at_once=True)
    app.conf.update(task_always_eager=False)
    [told] = [one for one in mail.outbox if one.to == [world.u_head.email]]
    assert told.subject == "1 student without a keyworker"
    assert world.u_keyworker.name in told.body and "/assignments/" in told.body
    assert mina.surname not in told.body and mina.known_as not in told.body
    assert not [one for one in mail.outbox if one.to == [world.u_inactive.email]]


def test_closing_asks_first_who_takes_the_students_over(mina, world, as_user):
    admin, url = as_user(world.u_admin), f"/school/accounts/{world.u_keyworker.pk}/close/"
    no = admin.post(url, {"close-reason": "Left"})
    assert no.status_code == 422 and "whom nobody takes over yet. Ask the Head" in no.content.decode()
    world.u_keyworker.refresh_from_db()
    assert world.u_keyworker.is_active
    held = Assignment.objects.filter(user=world.u_keyworker, ends_on__isnull=True)
    held.update(ends_on=TODAY + 7 * DAY)  # and somebody else from then on
    assert admin.post(url, {"close-reason": "Left"}).status_code == 302
    world.u_keyworker.refresh_from_db()
    assert not world.u_keyworker.is_active


def test_every_page_says_nobody(closed, mina, world, as_user):
    head = as_user(world.u_head)
    record = head.get(f"/students/{mina.pk}/").content.decode()
    assert "No keyworker" in record and f"Keyworker {closed.name}" not in record
    with_nobody = head.get("/oversight/", {"show": "nobody"})
    assert [row.student.pk for row in with_nobody.context["rows"]] == [mina.pk]
    assert closed.name not in with_nobody.content.decode()
    board = head.get("/assignments/")
    nobody = board.context["board"].nobody
    [hers] = [student for student in nobody if student.pk == mina.pk]
    assert (hers.last_on, hers.last_name) == (TODAY - DAY, closed.name)
    assert "From that day on these students have no keyworker" in board.content.decode()
    assert mina.pk in [
        student.pk for card in board.context["board"].keyworkers for student, _ in card.students
    ]
    history = head.get(f"/students/{mina.pk}/keyworkers/").content.decode()
    assert "the account was closed" in history
    listed = head.get("/students/").content.decode()
    assert closed.name not in listed


def test_somebody_named_on_the_day_was_never_in_the_post(mina, world, as_user):
    Assignment.objects.filter(user=world.u_keyworker, student=mina).update(starts_on=TODAY)
    accounts.close_account(user=world.u_keyworker, reason="Left", by=world.u_admin, at_once=True)
    head = as_user(world.u_head)
    [hers] = [one for one in head.get("/assignments/").context["board"].nobody if one.pk == mina.pk]
    assert hers.last_name == world.u_former.name, (
        "whoever was in the post before, not until the day before they began"
    )
    history = head.get(f"/students/{mina.pk}/keyworkers/").content.decode()
    assert "Never in this post: the account was closed" in " ".join(history.split())


def test_what_was_known_before_stays(closed, mina):
    yesterday = TODAY - DAY
    assert keyworker_on_day([(mina.pk, yesterday)])[mina.pk, yesterday][0] == closed.pk
    assert (mina.pk, TODAY) not in keyworker_on_day([(mina.pk, TODAY)])
    [period] = [one for one in keyworkers([mina.pk], yesterday, TODAY)[mina.pk] if one.user_id == closed.pk]
    assert period.ends_on == yesterday
    assert [
        row.user for row in Assignment.objects.current(yesterday).filter(student=mina, kind="keyworker")
    ] == [closed]


def test_what_is_missed_later_has_no_keyworker(closed, mina):
    later = TODAY + 20 * DAY
    with clock.frozen(later):
        record_misses()
    miss = Miss.objects.get(student=mina, duty="home_contact", due_on__gt=TODAY)
    assert miss.klass == "unassigned" and miss.keyworker is None


def test_the_reason_is_true(closed, mina):
    out = StringIO()
    call_command(
        "duties", "--as-of", (TODAY + 20 * DAY).isoformat(), "--student", str(mina.pk), "--json", stdout=out
    )
    [row] = [row for row in json.loads(out.getvalue()) if row["duty"] == "home_contact"]
    assert closed.name not in row["reason"]


def test_the_caseload_is_handed_over(closed, mina, world, as_user):
    head = as_user(world.u_head)
    page = head.get(f"/assignments/keyworkers/{closed.pk}/move/")
    assert page.status_code == 200 and mina.name in page.content.decode()


def test_opened_again_the_days_between_stay_nobodys(closed, mina, world):
    with clock.frozen(TODAY + 7 * DAY):
        accounts.reopen_account(user=closed, reason="Came back", by=world.u_admin)
    during, after = TODAY + 3 * DAY, TODAY + 7 * DAY
    assert not Assignment.objects.current(during).filter(student=mina, kind="keyworker").exists()
    assert Assignment.objects.current(TODAY - DAY).get(student=mina, kind="keyworker").user == closed
    assert Assignment.objects.current(after).get(student=mina, kind="keyworker").user == closed


def test_closed_on_the_last_day_that_was_planned_they_held_it(mina, world):
    """Somebody else follows tomorrow: today is not without a keyworker, however early the account is closed."""
    ros, own = world.u_keyworker, {"student": mina, "kind": "keyworker"}
    Assignment.objects.filter(user=ros, **own).update(ends_on=TODAY)
    accounts.close_account(user=ros, reason="Retired", by=world.u_admin)
    assert Assignment.objects.current(TODAY).get(**own).user == ros
    assert keyworker_on_day([(mina.pk, TODAY)])[mina.pk, TODAY][0] == ros.pk
    assert Assignment.objects.with_last_day().get(user=ros, **own).last_day == TODAY
    assert not Assignment.objects.current(TODAY + DAY).filter(user=ros, **own).exists()
    with clock.frozen(TODAY + 7 * DAY):
        accounts.reopen_account(user=ros, reason="Came back", by=world.u_admin)
    assert Assignment.objects.get(user=ros, **own).ends_on == TODAY


def test_opened_again_the_same_day_nothing_has_changed(closed, mina, world):
    accounts.reopen_account(user=closed, reason="A slip", by=world.u_admin)
    assert Assignment.objects.current(TODAY).get(student=mina, kind="keyworker").user == closed
    assert mina.assignments.filter(user=closed, kind="keyworker").count() == 1
