"""The two duties through the database: one case a rule, the words people read, and the cost in queries."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.actions.misses import record_misses
from contacts.duties import HomeContactDuty, SessionDuty
from keywork import clock, duties, school
from keywork.duties import Status, states_for
from students.models import Absence, Student
from tests.contacts.rows import contact, hold, session
from tests.policies import set_policy
from tests.world import assign, make_student

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def mina(world):
    return world.mina


@pytest.fixture
def by(world):
    return world.u_keyworker


def home(student, as_of=TODAY, known_on=None):
    return HomeContactDuty().states([student], as_of, known_on)[0]


def keywork(student, as_of=TODAY, known_on=None):
    return SessionDuty().states([student], as_of, known_on)[0]


class TestHomeContact:
    def test_nothing_logged_is_the_most_visible_of_all(self, mina, by, world):
        contact(world.otto, date(2024, 10, 1), by).save()  # spoke once, overdue for two years
        never, silent = HomeContactDuty().states([mina, world.otto], TODAY)
        assert never.first and never.status is Status.OVERDUE
        assert never.headline == "First home contact is overdue"
        new = make_student("Bea", "Jessop", joined_on=TODAY - 15 * DAY)
        newest = home(new)
        assert newest.status is silent.status is Status.OVERDUE
        assert sorted([silent, newest], key=lambda state: state.urgency)[0] is newest

    def test_new_student_hears_what_is_due_today(self, world):
        state = home(make_student("Bea", "Jessop", joined_on=TODAY - 14 * DAY))
        assert (state.status, state.due_on, state.label) == (Status.DUE_SOON, TODAY, "Due today")
        assert state.headline == "First home contact is due today"
        assert state.when == "New students’ families hear from us within 14 days."

    def test_due_date_is_in_time_and_the_day_after_is_not(self, mina, by):
        contact(mina, TODAY - 14 * DAY, by).save()
        assert home(mina).status is Status.DUE_SOON
        state = home(mina, TODAY + DAY)
        assert (state.status, state.label, state.days_over) == (Status.OVERDUE, "1 day over", 1)

    def test_overdue_says_what_was_last_done_and_tried_since(self, mina, by, world):
        contact(mina, date(2026, 11, 6), by).save()
        contact(mina, date(2026, 11, 18), by, "no_answer").save()
        contact(mina, date(2026, 11, 20), by, "message").save()
        contact(world.otto, date(2026, 11, 19), by, "no_answer").save()
        state = home(mina)
        assert state.headline == "Home contact is overdue"
        assert state.label == "3 days over"
        assert state.when == (
            "Due Friday 20 November, 3 days ago. Last spoke Friday 6 November. "
            "Two tries since, no answer yet."
        )
        assert state.reasons == [
            "Last spoke with home on Friday 6 November. The school’s rule is every 14 days, "
            "so it was due Friday 20 November.",
            "Since then: no answer on 18 November and message left on 20 November. "
            "These do not reset the date.",
            "Holidays count. Keyworker was in post throughout.",
        ]

    def test_due_soon_and_in_time(self, mina, by):
        contact(mina, date(2026, 11, 12), by).save()
        soon = home(mina)
        assert (soon.label, soon.headline) == ("26 November", "Home contact is due Thursday 26 November")
        assert soon.when == "In 3 days. Last spoke Thursday 12 November."
        contact(mina, date(2026, 11, 17), by).save()
        fine = home(mina)
        assert (fine.status, fine.label) == (Status.OK, "In time")
        assert fine.when == "Tuesday 1 December. Last spoke Tuesday 17 November."

    def test_school_that_went_live_later_has_no_backlog(self, world):
        old = make_student("Cai", "Older", joined_on=date(2023, 9, 4))
        assert home(old, date(2024, 9, 15)).due_on == date(2024, 9, 16)  # C1

    @pytest.mark.parametrize(
        ("fields", "counts"),
        [
            ({}, True),
            ({"reached": "message", "channel": "text"}, True),  # delivered, and one-way counts here
            ({"reached": "message", "channel": "phone"}, False),  # voicemail
            ({"reached": "no_answer"}, False),
            ({"channel": "letter", "reached": "replied"}, False),
            ({"channel": "meeting"}, True),
            ({"person_marked": False}, False),
            ({"direction": "in", "reached": "spoke"}, True),  # C9
        ],
    )
    def test_what_counts(self, mina, by, fields, counts):
        contact(mina, TODAY - 20 * DAY, by).save()
        contact(mina, TODAY - 2 * DAY, by, **fields).save()
        assert (home(mina).status is Status.OK) is counts
        if not counts:
            assert len(home(mina).reasons) == 3  # says why it did not

    def test_one_way_counts_only_where_the_policy_lets_it(self, mina, by):
        contact(mina, TODAY - 20 * DAY, by).save()
        contact(mina, TODAY - 2 * DAY, by, "message", "text").save()
        set_policy(
            effective_on=date(2026, 9, 1),
            preset="breckenbrough",
            overrides={"contact_one_way_counts": False},
            by=None,
        )
        state = home(mina)
        assert state.status is Status.OVERDUE
        assert "one-way, which does not count here" in state.reason

    def test_logged_late_counts_from_the_day_it_was_known(self, mina, by):
        """C10, the worked example: due 26 September, a call on the 22nd logged on 2 October."""
        contact(mina, date(2025, 9, 12), by).save()
        contact(mina, date(2025, 9, 22), by, logged=date(2025, 10, 2)).save()
        then = date(2025, 9, 29)
        assert home(mina, then, known_on=then).status is Status.OVERDUE
        assert home(mina, then).status is Status.OK
        assert home(mina, then, known_on=date(2025, 10, 2)).status is Status.OK

    def test_logged_too_late_waits_for_approval(self, mina, by):
        contact(mina, date(2025, 9, 12), by).save()
        late = contact(mina, date(2025, 9, 22), by, logged=date(2025, 10, 10))
        late.save()
        state = home(mina, date(2025, 9, 29))
        assert state.status is Status.OVERDUE
        assert "waits for approval" in state.reason
        late.approved_on, late.approved_by, late.approval_reason = (
            date(2025, 10, 12),
            by,
            "Seen in the diary.",
        )
        late.save()
        assert home(mina, date(2025, 9, 29)).status is Status.OK
        assert home(mina, date(2025, 9, 29), known_on=date(2025, 10, 11)).status is Status.OVERDUE

    def test_voided_stops_counting_from_the_day_it_was_voided(self, mina, by):
        contact(mina, TODAY - 20 * DAY, by).save()
        contact(mina, TODAY - 5 * DAY, by, voided=TODAY - DAY).save()
        assert home(mina).status is Status.OVERDUE  # C17
        assert home(mina, TODAY - 2 * DAY, known_on=TODAY - 2 * DAY).status is Status.OK

    def test_a_contact_after_the_day_asked_about_is_not_known_to_it(self, mina, by):
        contact(mina, TODAY - 20 * DAY, by).save()
        contact(mina, TODAY, by).save()
        assert home(mina, TODAY - DAY).status is Status.OVERDUE
        assert home(mina).status is Status.OK

    def test_hold_carries_the_remaining_days_over(self, mina, by):
        contact(mina, date(2025, 9, 12), by).save()
        hold(mina, date(2025, 9, 20), date(2025, 9, 26), by).save()
        state = home(mina, date(2025, 9, 29))
        assert (state.status, state.due_on) == (Status.OK, date(2025, 10, 3))  # C12
        assert "The hold from 20 September to 26 September does not count." in state.reason
        held = home(mina, date(2025, 9, 22))
        assert (held.label, held.level, held.action_url) == ("On hold", "info", "")
        assert held.when == "Until Friday 26 September"

    def test_holds_that_overlap_are_told_as_one(self, mina, by):
        contact(mina, date(2025, 9, 12), by).save()
        for first, last in ((20, 26), (20, 20), (24, 27), (30, 30)):
            hold(mina, date(2025, 9, first), date(2025, 9, last), by).save()
        told = home(mina, date(2025, 10, 1)).reason
        assert "The hold from 20 September to 27 September does not count. The hold of 30 September" in told
        assert told.count("The hold") == 2

    def test_nobody_is_asked_to_ring_during_a_hold(self, mina, by):
        contact(mina, TODAY - 20 * DAY, by).save()
        hold(mina, TODAY - 3 * DAY, date.max, by).save()
        state = home(mina)
        assert (state.status, state.label, state.when) == (Status.OK, "On hold", "Until further notice")

    def test_leaving_first_owes_nothing_and_afterwards_nothing_is_said(self, mina, by):
        contact(mina, date(2025, 10, 13), by).save()
        mina.left_on = date(2025, 10, 24)
        assert home(mina, date(2025, 10, 24)).status is Status.NOT_OWED  # C13
        assert home(mina, date(2025, 10, 25)).status is Status.NONE
        assert home(mina, date(2025, 10, 25)).reason == "Min left on Friday 24 October."

    def test_change_of_keyworker_does_not_restart_the_clock(self, mina, by):
        contact(mina, date(2026, 9, 14), by).save()
        state = home(mina, date(2026, 10, 1))
        assert state.due_on == date(2026, 9, 28)  # C14; the keyworker changed on 24 September
        assert "Keyworker has been in post since Thursday 24 September." in state.reason

    def test_paused_holidays(self, mina, by):
        set_policy(
            effective_on=date(2025, 9, 1),
            preset="breckenbrough",
            overrides={"holiday_rule": "pause"},
            by=None,
        )
        contact(mina, date(2025, 12, 12), by).save()
        state = home(mina, date(2025, 12, 24))
        assert (state.status, state.due_on, state.do_by) == (Status.OK, date(2026, 1, 11), date(2026, 1, 9))

    def test_long_closure_check_in(self, mina, by):
        """C16: with pause, one contact by the last day of a closure of 14 days or more."""
        set_policy(
            effective_on=date(2025, 9, 1),
            preset="breckenbrough",
            overrides={"holiday_rule": "pause", "long_closure_check_in": {"min_days": 14, "contacts": 1}},
            by=None,
        )
        contact(mina, date(2025, 12, 12), by).save()
        assert home(mina, date(2025, 12, 19)).due_on == date(2026, 1, 11)
        during = home(mina, date(2025, 12, 24))
        assert (during.status, during.due_on) == (Status.OK, date(2026, 1, 4))
        assert home(mina, date(2026, 1, 4)).status is Status.DUE_SOON
        assert home(mina, date(2026, 1, 5)).status is Status.OVERDUE
        contact(mina, date(2025, 12, 29), by).save()
        assert home(mina, date(2026, 1, 5)).status is Status.OK

    @pytest.mark.parametrize("overrides", [{"contact_required": False}, {"contact_interval_days": None}])
    def test_policy_without_a_clock_owes_nothing(self, mina, overrides):
        set_policy(effective_on=date(2026, 9, 1), preset="breckenbrough", overrides=overrides, by=None)
        state = home(mina)
        assert (state.status, state.label, state.action_url) == (Status.NONE, "Not required", "")

    def test_unassigned_is_said(self, world):
        bea = make_student("Bea", "Jessop", joined_on=TODAY - 20 * DAY)
        assert "Nobody is in post as keyworker." in home(bea).reason


class TestAddedLate:
    """C1: no backlog on day one, for anyone: an existing pupil added today owes nothing from before."""

    @pytest.fixture
    def dee(self, world, by):
        student = make_student("Dee", "Late", joined_on=date(2024, 9, 2), known_from=TODAY)
        assign(student, by, start=date(2024, 9, 2))
        return student

    def test_every_duty_begins_today(self, dee):
        states = {state.kind: state for state in states_for([dee], TODAY)[dee.pk]}
        first = states["home_contact"]
        assert (first.status, first.since, first.due_on) == (Status.OK, TODAY, TODAY + 14 * DAY)
        assert "when Dee was added" in first.reason
        assert all(state.status not in (Status.OVERDUE, Status.MISSED) for state in states.values()), states
        record_misses()
        with clock.frozen(TODAY + DAY):
            record_misses()
        assert not dee.misses.exists()

    def test_the_card_says_that_what_was_before_is_not_known(self, dee, as_user, by):
        told = (
            "Dee has been on roll since 2024, in Keywork since today: what was done before is not known here."
        )
        page = as_user(by).get(reverse("portal:today")).content.decode()
        assert page.count(told) == 1
        contact(dee, TODAY, by).save()
        assert told not in as_user(by).get(reverse("portal:today")).content.decode()

    def test_the_clock_in_force_is_one_that_runs(self, world):
        """A policy that required contacts without an interval ran no clock: the clock starts with the interval."""
        eve = make_student("Eve", "Older", joined_on=date(2024, 9, 2))
        set_policy(
            effective_on=school.load().went_live_on,
            preset="breckenbrough",
            overrides={"contact_interval_days": None, "contact_amber_days": 1},
            by=None,
        )
        set_policy(effective_on=date(2026, 11, 16), preset="breckenbrough", overrides={}, by=None)
        state = home(eve)
        assert (state.status, state.due_on) == (Status.OK, date(2026, 11, 30))
        assert "when the school’s rule took effect" in state.reason
        record_misses()
        assert not eve.misses.filter(duty="home_contact").exists()


def test_no_state_says_nobody_is_in_post_where_somebody_is(world, by):
    """A value that was not loaded was read as none: `duties --json` and the CSV said so of calm states."""
    contact(world.mina, TODAY, by).save()
    out = StringIO()
    call_command("duties", "--json", "--student", str(world.mina.pk), stdout=out)
    (row,) = [row for row in json.loads(out.getvalue()) if row["duty"] == "home_contact"]
    assert row["state"] == "ok"
    assert "Nobody is in post" not in row["reason"] and world.u_keyworker.name in row["reason"]


def test_who_was_in_post_when_a_session_was_due_is_told_as_past(world, by):
    """Of a half-term that ended on 23 October: not what is so today."""
    dee, eve = (make_student(name, "Older", joined_on=date(2026, 9, 7)) for name in ("Dee", "Eve"))
    assign(dee, by, start=date(2026, 11, 2))
    assign(eve, world.u_keyworker_other, start=date(2026, 9, 21), end=date(2026, 10, 30))
    assign(eve, by, start=date(2026, 10, 31))
    one, other = SessionDuty().states([dee, eve], TODAY)
    assert one.status is other.status is Status.MISSED
    assert "Nobody was in post as keyworker when it was due." in one.reason
    assert "Keyworker had been in post since Monday 21 September." in other.reason


class TestSession:
    def test_met_on_the_day_the_topics_were_covered_between_them(self, mina, by):
        session(mina, date(2026, 11, 5), by, topics=["attendance", "engagement"]).save()
        part = keywork(mina)
        assert (part.status, part.label) == (Status.OPEN, "Part done")
        assert part.when == "Friday 18 December. Still to talk about: social progress."
        session(mina, date(2026, 11, 19), by, topics=["social_progress"]).save()
        met = keywork(mina)
        assert (met.status, met.label, met.when) == (Status.MET, "Done", "Held Thursday 19 November")  # H2

    def test_missed_half_term_stays_in_sight_by_name(self, mina, by):
        state = keywork(mina)
        assert (state.status, state.label, state.note) == (Status.MISSED, "Missed", "Autumn 1")
        assert state.when == "Was due Friday 23 October. The next is due Friday 18 December."
        session(mina, date(2026, 11, 12), by).save()
        assert keywork(mina).status is Status.MET

    def test_near_the_end_the_half_term_in_hand_matters(self, mina):
        state = keywork(mina, date(2026, 12, 7))  # H8: ten pupil days before 18 December is the 4th
        assert (state.status, state.label, state.note) == (Status.DUE_SOON, "18 December", "")
        assert keywork(mina, date(2026, 12, 18)).label == "Due today"

    @pytest.mark.parametrize("status", ["cancelled", "no_show"])
    def test_not_held_does_not_count_and_is_said(self, mina, by, status):
        session(mina, date(2026, 9, 24), by, status).save()
        state = keywork(mina, date(2026, 10, 20))
        assert state.status is Status.DUE_SOON
        assert "on 24 September, which does not count." in state.reason

    def test_catch_up_in_the_holiday(self, mina, by):
        missed = keywork(mina, date(2026, 10, 26))
        assert missed.status is Status.MISSED
        assert "A session in the holiday can still make up for it, until Friday 6 November." in missed.reason
        session(mina, date(2026, 10, 27), by).save()
        assert keywork(mina, date(2026, 10, 30)).status is Status.MISSED  # H6: not marked as catch-up
        session(mina, date(2026, 10, 28), by, catch_up_for="2026-27-autumn-1").save()
        state = keywork(mina, date(2026, 10, 30))
        assert (state.status, state.label, state.when) == (
            Status.MET_LATE,
            "Done late",
            "Made up Wednesday 28 October",
        )

    def test_declined_twice(self, mina, by):
        for day in (date(2026, 11, 5), date(2026, 11, 12)):
            session(mina, day, by, "declined", topics=[]).save()
        state = keywork(mina)
        assert (state.status, state.label) == (Status.DECLINED, "Declined")
        assert state.when == "Offered twice; Min said not this half-term"

    def test_fewer_than_ten_days_at_school(self, mina, world):
        Absence.objects.create(student=mina, starts_on=date(2026, 11, 9), ends_on=date(2026, 12, 18))
        state = keywork(mina)
        assert state.status is Status.NOT_REQUIRED  # H4
        assert state.reason == "Not required: fewer than 10 days at school this half-term"
        assert keywork(mina, known_on=date(2026, 11, 1)).status is Status.MISSED  # not yet known then
        assert keywork(world.otto).status is Status.MISSED

    def test_late_entry_waits_for_approval(self, mina, by):
        session(mina, date(2026, 11, 4), by, logged=TODAY).save()
        state = keywork(mina)
        assert state.status is not Status.MET  # H9
        assert keywork(mina, date(2026, 12, 10)).reason.count("waits for approval") == 1

    def test_leaver_is_due_on_the_last_day(self, mina):
        mina.left_on = date(2026, 11, 26)
        assert keywork(mina).due_on == date(2026, 11, 26)  # H3
        assert keywork(mina, date(2026, 11, 27)).status is Status.NONE

    def test_whole_terms_where_the_policy_says_so(self, mina, by):
        set_policy(
            effective_on=date(2026, 9, 1),
            preset="breckenbrough",
            overrides={"session_window": "term"},
            by=None,
        )
        session(mina, date(2026, 9, 24), by).save()
        state = keywork(mina)
        assert state.status is Status.MET
        assert state.block.name == "Autumn term 2026/27"

    @pytest.mark.parametrize("window", ["week", "none"])
    def test_weekly_advice_is_never_owed(self, mina, window):
        set_policy(
            effective_on=date(2026, 9, 1),
            preset="breckenbrough",
            overrides={"session_window": window},
            by=None,
        )
        assert keywork(mina).status is Status.NONE


def test_the_duties_come_in_order_and_keep_the_order_of_students(world):
    students = [world.otto, world.mina]
    states = duties.states_for(students, TODAY)
    assert list(states) == [world.otto.pk, world.mina.pk]
    assert all(
        [state.kind for state in found]
        == ["home_contact", "session", "tsp", "ilsa", "plans", "review", "review_papers"]
        for found in states.values()
    )
    assert [state.student_id for state in SessionDuty().states(students, TODAY)] == [
        world.otto.pk,
        world.mina.pk,
    ]


def test_the_same_few_queries_for_two_and_for_fifty(world, by):
    for n in range(50):
        student = make_student(f"S{n}", "Many", joined_on=TODAY - n * DAY)
        assign(student, by, start=TODAY - n * DAY)
        contact(student, TODAY - (n // 2) * DAY, by).save()
        session(student, TODAY - (n // 2) * DAY, by, topics=["attendance"]).save()
    students = list(Student.objects.all())
    known = school.load()
    counts = []
    for some in (students[:2], students):
        with CaptureQueriesContext(connection) as queries:
            states = duties.states_for(some, TODAY, school=known)
            for state in [one for found in states.values() for one in found]:
                assert state.label and state.headline and state.reason and isinstance(state.when, str)
        counts.append(len(queries))
    # One for what all duties stand on; then tries and posts of the contacts that press, and of the calm, and posts of
    # sessions, as their reasons are read.
    assert counts == [6, 6]


def test_no_students_no_queries(world):
    known = school.load()
    with CaptureQueriesContext(connection) as queries:
        assert duties.states_for([], TODAY, school=known) == {}
    assert len(queries) == 0
