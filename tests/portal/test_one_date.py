"""One named date for one duty: what to do, by the last school day it can be done on (C5)."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from keywork import clock, school
from portal.due_summary import week_ends_on
from tests import world as cast
from tests.contacts.rows import contact, session
from tests.tsp import factories as make
from tsp.class_view.completeness import asked_for, completeness
from tsp.duties import TspDuty

SATURDAY = date(
    2026, 11, 21
)  # spoken with on a Saturday: in time until Saturday 5 December, so by Friday the 4th


@pytest.fixture
def mina(world):
    contact(world.mina, SATURDAY, world.u_keyworker).save()
    session(world.mina, SATURDAY, world.u_keyworker).save()
    return world.mina


def text(client, name, *args, **query) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def test_card_csv_and_the_familys_page_name_the_same_day(mina, as_user, world):
    with clock.frozen(date(2026, 12, 3)):
        card = text(as_user(world.u_keyworker), "portal:today")
        sheet = text(as_user(world.u_head), "portal:oversight_csv", show="everyone").lstrip("\ufeff")
        home = text(as_user(world.u_parent), "portal:family_child", mina.pk)
    assert "Home contact is due Friday 4 December" in card
    (row,) = [row for row in csv.DictReader(io.StringIO(sheet)) if row["Student"] == mina.name]
    assert row["Home contact: due"] == "2026-12-04"
    assert "in time until Saturday 5 December" in row["Home contact: why"]  # only where it is explained
    assert "by Friday 4 December" in home
    assert "5 December" not in home


def test_between_the_two_days_it_is_in_time_until(mina, as_user, world):
    with clock.frozen(date(2026, 12, 5)):
        page = text(as_user(world.u_keyworker), "portal:today")
    assert "Home contact is in time until Saturday 5 December" in page


def test_due_this_week_looks_seven_days_ahead_on_a_saturday_too(mina, as_user, world):
    saturday = date(2026, 11, 28)
    assert week_ends_on(saturday) == date(2026, 12, 5)
    with clock.frozen(saturday):
        rows = as_user(world.u_head).get(reverse("portal:oversight"), {"show": "week"}).context["rows"]
    assert mina.pk in [row.student.pk for row in rows]


def test_the_class_page_takes_its_dates_from_the_duty(world):
    """Somebody added in mid-term is due later than the term's own date, and a school that began then too."""
    cast.make_student("Dee", "Late", joined_on=date(2024, 9, 2), known_from=date(2026, 10, 5))
    facts, day = school.load(), cast.TODAY
    rows = completeness(world.u_head, facts, asked_for(facts, day, make.TERM, "baseline"), day)
    states = {
        state.student_id: state
        for state in TspDuty().states([row.student for row in rows], day, school=facts)
    }
    assert len(rows) > 2
    for row in rows:
        baseline = states[row.student.pk].standing.baseline
        assert row.due_on == (baseline and baseline.window.due_on), row.student.name
    assert len({row.due_on for row in rows}) > 1
