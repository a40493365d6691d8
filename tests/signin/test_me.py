"""One's own page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywork.models import StaffAbsence
from tests.forms import form_of
from tests.world import TODAY

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def test_staff_say_how_families_reach_them(world, as_user):
    client = as_user(world.u_keyworker)
    client.post(
        "/me/", {"phone": "01632 960 184", "reach_note": "After 2 pm", "roles": "dsl", "name": "Other"}
    )
    world.u_keyworker.refresh_from_db()
    assert (world.u_keyworker.phone, world.u_keyworker.reach_note) == ("01632 960 184", "After 2 pm")
    assert (world.u_keyworker.name, world.u_keyworker.roles) == ("Keyworker", ["staff"])


@pytest.mark.parametrize("who", ["parent", "student"])
def test_families_and_students_have_only_their_sign_in(world, as_user, who):
    client = as_user(world.users[who])
    page = client.get("/me/").content.decode()
    assert "Change it" in page and "I am away" not in page and "How families reach you" not in page
    assert client.post("/me/", {"phone": "1"}).status_code == 405
    assert client.post("/me/away/", {"away-starts_on": TODAY}).status_code == 403


def away(client, first, last=""):
    return client.post("/me/away/", {"away-starts_on": first, "away-ends_on": last})


def test_days_away_are_added_and_taken_back(world, as_user):
    client = as_user(world.u_keyworker)
    assert away(client, TODAY).status_code == 302
    row = StaffAbsence.objects.get()
    assert (row.user, row.starts_on, row.ends_on) == (world.u_keyworker, TODAY, TODAY)
    assert b"Monday 23 November 2026" in client.get("/me/").content
    client.post(f"/me/away/{row.pk}/remove/")
    assert not StaffAbsence.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("", "", "Choose the first day away"),
        (TODAY, TODAY - A_DAY, "on or after the first"),
        (TODAY - 3 * A_DAY, TODAY - A_DAY, "today or later"),
        (TODAY + 2 * A_DAY, TODAY + 4 * A_DAY, "some of these days"),
    ],
)
def test_impossible_days_are_refused(world, as_user, first, last, says):
    kept = StaffAbsence.objects.create(
        user=world.u_keyworker, starts_on=TODAY + A_DAY, ends_on=TODAY + 2 * A_DAY
    )
    answer = away(as_user(world.u_keyworker), first, last)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert list(StaffAbsence.objects.all()) == [kept]


def test_nobody_takes_back_the_days_of_another(world, as_user):
    row = StaffAbsence.objects.create(user=world.u_deputy, starts_on=TODAY, ends_on=TODAY)
    assert as_user(world.u_keyworker).post(f"/me/away/{row.pk}/remove/").status_code == 404
    assert StaffAbsence.objects.filter(pk=row.pk).exists()


def test_an_old_page_undoes_no_number_given_meanwhile(world, as_user):
    client = as_user(world.u_keyworker)
    first, second = (form_of(client.get("/me/").content.decode(), "reach_note") for _ in range(2))
    client.post("/me/", first | {"phone": "01632 960 184"})
    client.post("/me/", second | {"reach_note": "After two"})
    world.u_keyworker.refresh_from_db()
    assert (world.u_keyworker.phone, world.u_keyworker.reach_note) == ("01632 960 184", "After two")
