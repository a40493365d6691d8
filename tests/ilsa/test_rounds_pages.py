"""The round on the head's pages: opened in one act, letters without names, reminders once a day, who is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ilsa import actions
from ilsa.models import RaterForm, Round
from keywork import clock
from tests.world import OTHER_SURNAME, TODAY, make_family, make_student

from .factories import filled, form_of, opened
from .pages import YEAR, words

pytestmark = pytest.mark.django_db

ROUND = f"/independence/rounds/{YEAR}/"
NAMES = ("Mina", "Min ", "Harcastle", "Otto", OTHER_SURNAME)


@pytest.fixture
def head(world, as_user):
    return as_user(world.u_head)


def send(head, **other):
    dates = {"year": YEAR, "opens_on": TODAY, "closes_on": TODAY + timedelta(days=28)}
    return head.post("/independence/rounds/open/", {**dates, **other})


def letters() -> dict[str, str]:
    return {one.to[0]: f"{one.subject}\n{one.body}" for one in mail.outbox}


def test_opening_writes_to_everyone_once_and_names_no_student(
    world, head, eager, django_capture_on_commit_callbacks
):
    assert "No round has been opened yet." in words(head.get("/independence/rounds/"))
    assert ">2026/27</option>" in head.get("/independence/rounds/open/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        done = send(head)
    assert done.url == ROUND
    told = letters()
    # The keyworkers and the parents who may follow a child; not the restricted and the former one, not students.
    assert set(told) == {
        f"{name}@school.example"
        for name in ("keyworker", "keyworker_other", "parent", "parent_other", "staff_parent")
    }
    assert len(mail.outbox) == 5
    for body in told.values():
        assert not any(name in body for name in NAMES)
        assert "Monday 21 December" in body
    assert "/home/" in told["parent@school.example"] and "/today/" in told["keyworker@school.example"]
    assert "The round of 2026/27 is open." in words(head.get(ROUND))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"closes_on": TODAY - timedelta(days=1)}, "The last day comes before the first"),
        ({"closes_on": ""}, "kw-errors"),
        ({"year": "1999-00"}, "kw-errors"),
    ],
)
def test_what_cannot_be_opened(head, wrong, said):
    refused = send(head, **wrong)
    assert refused.status_code == 422 and said in words(refused)
    assert not Round.objects.exists()


def test_a_year_is_offered_once(world, head):
    opened(world.u_head)
    assert f'value="{YEAR}"' not in words(head.get("/independence/rounds/open/"))
    assert send(head).status_code == 422


def test_reminders_go_once_a_day_to_who_is_open_and_name_no_student(
    world, head, eager, django_capture_on_commit_callbacks
):
    opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker)
    with django_capture_on_commit_callbacks(execute=True):
        head.post(ROUND + "remind/")
    told = letters()
    assert "keyworker@school.example" not in told  # theirs is in
    assert {"parent@school.example", "keyworker_other@school.example"} <= set(told)
    assert not any(name in body for body in told.values() for name in NAMES)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        again = head.post(ROUND + "remind/", follow=True)
    assert not mail.outbox and "was reminded today already" in words(again)
    with clock.frozen(TODAY + timedelta(days=1)), django_capture_on_commit_callbacks(execute=True):
        head.post(ROUND + "remind/")
    assert "parent@school.example" in letters()


def test_who_has_answered_and_who_takes_no_part(world, head):
    opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker)
    form = form_of(world.mina, "pupil")
    page = words(head.get(ROUND))
    assert "0 of 2 students complete" in page and "1 of 2" in page and "Folake Harcastle" in page
    back = f"/independence/forms/{form.pk}/missing/?back={ROUND}"
    assert head.post(back, {"reason": "no_access", "words": ""}).url == ROUND
    assert "Could not use the form" in words(head.get(ROUND))
    RaterForm.objects.filter(assessment__student=world.mina, role="parent_carer").update(
        missing="no_reply", missing_noted_at=clock.now()
    )
    assert "1 of 2 students complete" in words(head.get(ROUND))
    assert "Harcastle" not in words(head.get(ROUND + "?show=open")).split("<main")[1]


def test_newcomers_are_added_on_the_page(world, head):
    opened(world.u_head)
    make_student("Nuri", "Late", joined_on=TODAY)
    assert "2 forms were added." in words(head.post(ROUND + "newcomers/", follow=True))
    assert "Nuri Late" in words(head.get(ROUND))
    assert "Nobody is new" in words(head.post(ROUND + "newcomers/", follow=True))


def test_the_ways_to_the_rounds(world, as_user):
    for name, rounds, school in (("head", True, True), ("coordinator", True, False), ("slt", False, True)):
        page = words(as_user(world.users[name]).get("/oversight/"))
        assert ('href="/independence/rounds/"' in page) is rounds
        assert ('href="/independence/school/"' in page) is school


def test_queries_do_not_grow_with_the_school(world, head):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert head.get(ROUND).status_code == 200
        return len(queries)

    made = opened(world.u_head)
    count()
    few = count()
    for number in range(20):
        make_family(make_student(f"S{number}", "Many"), f"P{number}", "Many")
    actions.add_newcomers(by=world.u_head, round=made)
    assert count() == few
