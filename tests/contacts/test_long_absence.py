"""C11 on the pages: ten pupil days away in a row remind on Today and on the record, in one query for all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from contacts.duties import HomeContactDuty
from keywork import clock, duties, school
from students.models import Absence
from tests import world as cast
from tests.contacts import rows

TODAY = "/today/"


def away(student, first: date, last: date) -> Absence:
    return Absence.objects.create(student=student, starts_on=first, ends_on=last)


def spoke(student, on: date, by) -> None:
    rows.contact(student, on, by).save()


def reminders(world, on: date = cast.TODAY) -> list[str]:
    with clock.frozen(on):
        states = duties.states_for([world.mina], on)
        return duties.reminders_for(states, on).get(world.mina.pk, [])


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (date(2026, 11, 11), None),  # nine pupil days with today
        (date(2026, 11, 10), "ten"),
        (date(2026, 11, 9), "11"),
    ],
)
def test_from_the_tenth_pupil_day_in_a_row(world, first, days):
    spoke(world.mina, date(2026, 11, 16), world.u_keyworker)
    away(world.mina, first, cast.TODAY + timedelta(days=4))
    expected = (
        [
            f"Min has been away for {days} school days. Contact with home goes on: the next is due Monday 30 November."
        ]
        if days
        else []
    )
    assert reminders(world) == expected


def test_a_day_in_school_ends_it_and_a_weekend_does_not(world):
    away(world.mina, date(2026, 11, 2), date(2026, 11, 13))
    away(world.mina, date(2026, 11, 16), date(2026, 11, 20))
    assert "15 school days" in reminders(world, date(2026, 11, 22))[0]
    assert reminders(world, cast.TODAY) == []  # Monday, back at school


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (date(2026, 11, 6), "Contact with home goes on: it was due Friday 20 November."),
        (date(2026, 11, 20), "Contact with home goes on: the next is due Friday 4 December."),
    ],
)
def test_says_how_contact_goes_on(world, last, words):
    """The absence does not stop the clock."""
    spoke(world.mina, last, world.u_keyworker)
    away(world.mina, date(2026, 11, 2), date(2026, 11, 27))
    assert reminders(world)[0].endswith(words)


def test_on_hold_it_asks_nothing_of_anyone(world):
    away(world.mina, date(2026, 11, 2), date(2026, 11, 27))
    rows.hold(world.mina, date(2026, 11, 20), date(2026, 11, 26), world.u_dsl).save()
    assert reminders(world)[0].endswith("Contact with home is on hold until Thursday 26 November.")


def test_stands_on_the_card_and_in_the_record(world, as_user):
    away(world.mina, date(2026, 11, 2), date(2026, 11, 27))
    away(world.otto, date(2026, 11, 2), date(2026, 11, 27))
    client = as_user(world.u_keyworker)
    card = reverse("portal:card", args=[world.mina.pk])
    for page in (
        client.get(TODAY),
        client.get(card, headers={"HX-Request": "true"}),
        client.get(reverse("students:record", args=[world.mina.pk])),
    ):
        assert page.content.decode().count("Min has been away for 16 school days.") == 1
    assert "Otto" not in client.get(TODAY).content.decode()


def test_the_log_of_absences_is_not_told_to_those_who_may_not_read_it(world, as_user):
    away(world.mina, date(2026, 11, 2), date(2026, 11, 27))
    page = as_user(world.u_teacher).get(reverse("students:record", args=[world.mina.pk]))
    assert page.status_code == 200
    assert "has been away" not in page.content.decode()


def test_one_query_for_one_and_for_fifty(world, django_assert_num_queries):
    facts = school.load()
    students = [world.mina, *(cast.make_student("Student", f"Number{n}") for n in range(50))]
    for student in students:
        away(student, date(2026, 11, 2), date(2026, 11, 27))
    states = HomeContactDuty().states(students, cast.TODAY, school=facts)
    for some in (states[:1], states):
        with django_assert_num_queries(1):
            told = HomeContactDuty().reminders(some, cast.TODAY, school=facts)
        assert len(told) == len(some)


def test_today_asks_no_more_for_many_away(
    world, as_user, django_assert_num_queries, django_assert_max_num_queries
):
    client = as_user(world.u_keyworker)
    away(world.mina, date(2026, 11, 2), date(2026, 11, 27))
    client.get(TODAY)
    with django_assert_max_num_queries(11) as few:
        client.get(TODAY)
    for number in range(10):
        student = cast.make_student("Student", f"Number{number}")
        cast.assign(student, world.u_keyworker)
        away(student, date(2026, 11, 2), date(2026, 11, 27))
    with django_assert_num_queries(len(few)):
        page = client.get(TODAY)
    assert page.content.decode().count("has been away for 16 school days") == 11
