"""Opening a year's round: who is asked, once, and in a fixed number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ilsa import actions
from ilsa.models import Assessment, RaterForm, Round
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import PolicyVersion
from tests.world import TODAY, make_family, make_student

from .factories import YEAR, form_of, opened

pytestmark = pytest.mark.django_db


def asked(student):
    rows = RaterForm.objects.filter(assessment__student=student).order_by("role", "member__forename")
    return [(form.role, form.member.forename if form.member else "") for form in rows]


def test_everyone_on_roll_gets_a_form_for_each_rater(world):
    make_student("Gone", "Already", left_on=TODAY - timedelta(days=1))
    opened(world.u_head)
    assert set(Assessment.objects.values_list("student", flat=True)) == {world.mina.pk, world.otto.pk}
    # The restricted father and the carer of the past are not asked; each other adult has a form of their own.
    assert asked(world.mina) == [
        ("keyworker", ""),
        ("parent_carer", "Ada"),
        ("parent_carer", "Folake"),
        ("pupil", ""),
    ]


def test_only_the_raters_the_policy_names(world):
    PolicyVersion.objects.update(overrides={"ilsa_raters": ["keyworker"]})
    opened(world.u_head)
    assert asked(world.mina) == [("keyworker", "")]


def test_a_year_is_opened_once(world):
    opened(world.u_head)
    with pytest.raises(Refused, match="open already"):
        opened(world.u_coordinator)
    with pytest.raises(Refused, match="before the first"):
        actions.open_round(
            by=world.u_head, year="2027-28", opens_on=TODAY, closes_on=TODAY - timedelta(days=1)
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Assessment.objects.create(
            round=Round.objects.get(),
            student=world.mina,
            template=Round.objects.get().template,
            opened_at=Round.objects.get().opened_at,
        )


def test_two_who_open_it_at_the_same_moment(world, monkeypatch):
    """The other's round is there after it was looked for and before this one is written."""
    current = actions.templates.current

    def slow():
        monkeypatch.undo()
        opened(world.u_coordinator)
        return current()

    monkeypatch.setattr(actions.templates, "current", slow)
    with pytest.raises(Refused, match="open already"):
        opened(world.u_head)


def test_newcomers_are_added_and_nobody_is_asked_twice(world):
    made = opened(world.u_head)
    before = RaterForm.objects.count()
    assert actions.add_newcomers(by=world.u_head, round=made) == 0
    nuri = make_student("Nuri", "Late", joined_on=TODAY)
    make_family(world.otto, "Wim", "Zzyzx", relationship="step-dad")
    assert actions.add_newcomers(by=world.u_head, round=made) == 3
    assert asked(nuri) == [("keyworker", ""), ("pupil", "")]
    assert RaterForm.objects.count() == before + 3


def test_queries_do_not_grow_with_the_school(world):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            actions.add_newcomers(by=world.u_head, round=made)
        return len(queries)

    made = opened(world.u_head)
    make_student("One", "More")
    few = count()
    for number in range(30):
        make_family(make_student(f"S{number}", "Many"), f"P{number}", "Many")
    assert count() == few


def test_why_somebody_takes_no_part(world):
    opened(world.u_head)
    form = form_of(world.mina, "pupil")
    noted = actions.note_missing(
        by=world.u_keyworker, form=form, reason="declined", words="Not this year.", seen=1
    )
    assert (noted.missing, noted.missing_noted_by) == ("declined", world.u_keyworker)
    with pytest.raises(ChangedMeanwhile):
        actions.note_missing(by=world.u_keyworker, form=form, reason="no_reply", words="", seen=1)
    with pytest.raises(Refused, match="Choose why"):
        actions.note_missing(by=world.u_keyworker, form=form, reason="lazy", words="", seen=2)
    back = actions.note_missing(by=world.u_keyworker, form=form, reason="", words="", seen=2)
    assert (back.missing, back.missing_noted_at) == ("", None)


def test_a_round_keeps_the_form_it_was_opened_with(world):
    made = opened(world.u_head)
    assert Assessment.objects.filter(template=made.template).count() == 2
    assert made.year == YEAR
    assert made.opens_on == date(2026, 11, 23)
