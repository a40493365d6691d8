"""One named date for one duty: what to do, by the last school day it can be done on (C5)."""

from __future__ import annotations

import csv
import io
from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from care.plans.duties import KIND as PLANS
from keywork import clock, school
from keywork.duties import Status
from keywork.models import InsetDay
from portal.due_summary import sentence, week_ends_on
from tests import world as cast
from tests.contacts.rows import contact, session
from tests.tsp import factories as make
from tsp.class_view.completeness import asked_for, completeness, state_words
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
    assert "In time until Saturday 5 December" in row["Home contact: why"]  # only where it is explained
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


def test_a_half_term_that_ends_on_a_staff_only_day_is_named_by_its_last_school_day(world, as_user):
    """Its session is missed in the half-term before: the next one is named on the card, form and student's page."""
    InsetDay.objects.create(day=date(2026, 12, 18))
    for user, url in (
        (world.u_keyworker, reverse("portal:today")),
        (world.u_keyworker, reverse("contacts:log_session", args=[world.mina.pk])),
        (world.u_student, reverse("portal:my_page")),
    ):
        page = as_user(user).get(url).content.decode()
        assert "Thursday 17 December" in page and "18 December" not in page, url


@pytest.mark.parametrize(
    ("kind", "on", "by"),
    [("baseline", date(2026, 10, 12), date(2026, 11, 6)), ("review", date(2026, 12, 7), date(2026, 12, 11))],
)
def test_the_workspace_names_the_day_of_the_duty(world, as_user, kind, on, by):
    """Of somebody added in mid-term, and of a leaver whose last day is a Sunday."""
    late = kind == "baseline"
    known = {"known_from": date(2026, 10, 5)} if late else {"left_on": date(2026, 12, 13)}
    dee = cast.make_student("Dee", "Late", joined_on=date(2024, 9, 2), **known)
    cast.assign(dee, world.u_keyworker, start=date(2024, 9, 2))
    if not late:
        make.make_point(dee, world.u_keyworker, done_on=date(2026, 9, 14))
    with clock.frozen(on):
        (state,) = TspDuty().states([dee], on)
        page = as_user(world.u_keyworker).get(reverse("tsp:workspace", args=[dee.pk, make.TERM, kind]))
        facts = school.load()
        rows = completeness(world.u_head, facts, asked_for(facts, on, make.TERM, kind), on)
    assert state.by == by
    assert f'<time datetime="{by}">' in page.content.decode()
    assert [row.by for row in rows if row.student.pk == dee.pk] == [by]
    if not late:  # the rule of a leaver is about the Sunday, everything else says the Friday
        assert "In time until Sunday 13 December, with Friday 11 December the last school day" in state.reason
        assert "Sunday" not in state.headline + state.when + state.label


def test_who_leaves_before_the_baseline_is_due_is_not_chased_for_it(world):
    facts, day = school.load(), date(2026, 9, 14)
    dee = cast.make_student("Dee", "Leaving", joined_on=date(2024, 9, 2), left_on=date(2026, 9, 18))
    asked = asked_for(facts, day, make.TERM, "baseline")
    (row,) = [one for one in completeness(world.u_head, facts, asked, day) if one.student.pk == dee.pk]
    assert TspDuty().states([dee], day)[0].status is Status.NOT_OWED
    assert (row.due_on, row.missing) == (None, ())
    assert state_words(row, day, asked) == ("none", "Not owed", "Leaves Friday 18 September")


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
        assert row.due_on == (baseline and baseline.period.due_on), row.student.name
    assert len({row.due_on for row in rows}) > 1


def test_a_duty_that_is_many_by_its_name_is_counted_by_students():
    state = SimpleNamespace(kind=PLANS, status=Status.OVERDUE)
    state.result, state.as_of = state, SATURDAY
    assert sentence([state], SATURDAY).startswith("Plans of one student are overdue and ")
    assert sentence([state, state], SATURDAY).startswith("Plans of two students are overdue and ")
