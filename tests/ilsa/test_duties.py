"""The assessment as a duty (domain 3.6): due by the last school day of the year, owed from 60 school days on roll."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils.functional import SimpleLazyObject

from care.models import EhcPlan
from contacts.actions.misses import record_misses
from contacts.models import Miss
from ilsa.duties import KIND, IlsaDuty, IlsaFacts, due_on
from keywork import clock, school
from keywork.duties import Status
from keywork.models import PolicyVersion
from tests.world import TODAY, assign, make_student

from .factories import filled, form_of, opened

pytestmark = pytest.mark.django_db

LAST_DAY = date(2027, 7, 26)


def state(student, as_of=TODAY, known_on=None):
    return IlsaDuty().states([student], as_of, known_on)[0]


def test_the_years_of_the_calendar(world):
    years = {year.id: year for year in school.load().calendar.years}
    assert years["2025-26"].ends_on == date(2026, 7, 17)
    assert years["2026-27"].ends_on == LAST_DAY
    calendar = school.load().calendar
    assert calendar.year_shown(date(2026, 8, 20)).id == "2025-26"  # in the summer, the one just ended
    assert calendar.year_shown(TODAY).id == "2026-27"


def test_due_on_the_last_school_day(world):
    found = state(world.mina)
    assert (found.status, found.due_on, found.label) == (Status.OK, LAST_DAY, "By 26 July 2027")
    assert "No round has been opened" in found.reason
    assert found.action_url == ""


def test_an_open_round_is_to_do(world):
    opened(world.u_head)
    found = state(world.mina)
    assert (found.status, found.label) == (Status.OPEN, "Not started")
    assert found.action_url.endswith(f"/forms/{form_of(world.mina, 'keyworker').pk}/")
    assert state(world.mina, LAST_DAY - timedelta(days=29)).status is Status.OPEN
    assert state(world.mina, LAST_DAY - timedelta(days=28)).status is Status.DUE_SOON
    assert state(world.mina, LAST_DAY).label == "Due today"
    assert state(world.mina, LAST_DAY + timedelta(days=1)).status is Status.MISSED


def test_best_in_the_six_weeks_before_the_annual_review(world):
    plan = EhcPlan.objects.create(
        student=world.mina,
        number=1,
        issued_on=date(2026, 1, 5),
        next_review_on=TODAY + timedelta(days=42),
        created_by=world.u_head,
        created_at=clock.now(),
    )
    assert "six weeks before" in state(world.mina).when
    assert state(world.mina).status is Status.OPEN
    EhcPlan.objects.filter(pk=plan.pk).update(next_review_on=TODAY + timedelta(days=43))
    assert state(world.mina).status is Status.OK


@pytest.mark.parametrize(("days", "owed"), [(60, True), (59, False)])
def test_sixty_school_days_on_roll(world, days, owed):
    calendar = school.load().calendar
    joined = calendar.pupil_day_before(LAST_DAY, days - 1)
    newcomer = make_student("New", "Comer", joined_on=joined)
    found = state(newcomer, max(joined, TODAY))
    assert found.status is (Status.OK if owed else Status.NOT_REQUIRED)
    facts = IlsaFacts(joined, None, None)
    assert due_on(facts, joined, school.load()) == (LAST_DAY if owed else None)


def test_a_leaver_owes_it_by_the_last_day(world):
    world.mina.left_on = date(2027, 2, 7)  # a Sunday
    world.mina.save()
    assert state(world.mina).due_on == date(2027, 2, 5)
    assert state(world.mina, date(2027, 2, 8)).status is Status.NONE


def test_done_when_the_keyworker_has_rated(world):
    opened(world.u_head)
    filled(form_of(world.mina, "pupil"), world.u_student)
    assert state(world.mina).status is Status.OPEN
    filled(form_of(world.mina, "keyworker"), world.u_keyworker)
    found = state(world.mina)
    assert (found.status, found.facts.done_on) == (Status.MET, TODAY)
    assert "1 of 3 other raters" in found.when
    assert state(world.mina, TODAY - timedelta(days=1)).status is Status.OPEN


def test_a_school_without_it(world):
    PolicyVersion.objects.update(overrides={"ilsa_cadence": "none"})
    assert state(world.mina).status is Status.NONE


def test_states_are_of_many_at_once(world, django_assert_num_queries):
    students = [make_student(f"S{number}", "Many") for number in range(30)]
    opened(world.u_head)
    facts = school.load()
    assert type(
        IlsaDuty().begin(students, TODAY, None, SimpleLazyObject(lambda: facts)).context.school
    ) is type(facts)
    for some in (students[:1], students):
        with django_assert_num_queries(3):
            assert len(IlsaDuty().states(some, TODAY, school=facts)) == len(some)


def test_a_year_that_passed_without_ratings_is_recorded_once(world):
    nobodys = make_student("No", "Body", joined_on=date(2025, 9, 2))
    handed = make_student("Hand", "Over", joined_on=date(2025, 9, 2))
    assign(handed, world.u_mentor, start=date(2026, 7, 13))
    facts = list(IlsaDuty().misses(date(2026, 7, 18), date(2026, 7, 1)))
    assert {(fact.student_id, fact.klass, fact.due_on) for fact in facts} == {
        (world.mina.pk, "missed", date(2026, 7, 17)),
        (world.otto.pk, "missed", date(2026, 7, 17)),
        (nobodys.pk, "unassigned", date(2026, 7, 17)),
        (handed.pk, "handover", date(2026, 7, 17)),
    }
    for _ in range(2):
        record_misses(as_of=TODAY)
    assert Miss.objects.filter(duty=KIND, student=world.mina).count() == 1


def test_paper_dated_in_time_undoes_a_miss(world):
    with clock.frozen(date(2026, 7, 10)):
        opened(world.u_head, "2025-26")
        form = form_of(world.mina, "keyworker", year="2025-26")
    assert world.mina.pk in {fact.student_id for fact in IlsaDuty().misses(TODAY, date(2026, 7, 1))}
    filled(form, world.u_keyworker, on=date(2026, 7, 16))
    assert world.mina.pk not in {fact.student_id for fact in IlsaDuty().misses(TODAY, date(2026, 7, 1))}
