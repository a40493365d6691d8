"""What was missed is written down once, whatever happened to the job, and taken back when wrong."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contacts.actions.misses import record_misses, withdraw_miss
from contacts.digests import notify_of_misses
from contacts.models import Miss
from keywork import clock
from keywork.errors import Refused
from keywork.jobs import NIGHTLY, last_finished, late_job
from keywork.models import JobRun, School
from tests.contacts.rows import contact, hold, session
from tests.policies import set_policy
from tests.world import assign, make_student

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def by(world):
    return world.u_keyworker


@pytest.fixture
def bea(world, by):
    """Joined 1 October 2025; keyworker from the first day; sessions always held."""
    student = make_student("Bea", "Jessop", joined_on=date(2025, 10, 1))
    assign(student, by, start=date(2025, 10, 1))
    for day in (
        "2025-10-10",
        "2025-11-14",
        "2026-01-14",
        "2026-03-04",
        "2026-04-22",
        "2026-06-10",
        "2026-09-16",
        "2026-11-11",
    ):
        session(student, date.fromisoformat(day), by).save()
    return student


def talk(student, by, *days, **fields):
    for day in days:
        contact(student, day, by, **fields).save()


def fortnights(student, by, first, last):
    day = first
    while day <= last:
        contact(student, day, by).save()
        day += 14 * DAY


def rows(student, duty="home_contact", **filters):
    return list(Miss.objects.filter(student=student, duty=duty, **filters).order_by("due_on"))


def test_recorded_once_with_class_and_keyworker(bea, by):
    fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
    last = Miss.objects.filter(student=bea, duty="home_contact")
    record_misses(as_of=date(2026, 11, 11) + 0 * DAY)
    assert not last.exists()  # the last contact was Wednesday 28 October: due 11 November, and it is that day
    first = record_misses(as_of=date(2026, 11, 12))
    (miss,) = rows(bea)
    assert (miss.due_on, miss.klass, miss.keyworker) == (date(2026, 11, 11), "missed", by)
    again = record_misses(as_of=date(2026, 11, 13))
    assert rows(bea) == [miss]
    assert first["recorded"] >= 1 and again["recorded"] == 0


def test_an_outage_and_a_late_contact_hide_nothing(bea, by):
    """Ten days without the job, and somebody rang just before it came back: it was missed all the same."""
    fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
    record_misses(as_of=date(2026, 11, 10))
    talk(bea, by, date(2026, 11, 20))
    record_misses(as_of=date(2026, 11, 21))
    assert [miss.due_on for miss in rows(bea)] == [date(2026, 11, 11)]


def test_first_run_catches_up_since_the_school_went_live(world, by):
    record_misses()
    assert [miss.due_on for miss in rows(world.otto)] == [date(2024, 9, 17)]  # one silence, one miss
    assert len(rows(world.otto, "session")) == 7  # the calendar of the school begins in September 2025


def test_attempted_however_it_ended(bea, by):
    fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
    talk(bea, by, date(2026, 11, 6), date(2026, 11, 9), reached="no_answer")
    talk(bea, by, date(2026, 11, 11), reached="failed", channel="text")
    record_misses()
    assert [miss.klass for miss in rows(bea)] == ["attempted"]  # C7


def test_late_attempts_do_not_help(bea, by):
    fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
    talk(bea, by, date(2026, 11, 10), reached="no_answer")
    talk(bea, by, date(2026, 11, 11), reached="failed", channel="text")
    talk(bea, by, date(2026, 11, 12), reached="no_answer")
    record_misses()
    assert [miss.klass for miss in rows(bea)] == ["missed"]


@pytest.mark.parametrize(("started", "klass"), [(5, "handover"), (4, "missed"), (12, "unassigned")])
def test_handover_and_unassigned(world, by, started, klass):
    """C14: due 11 November; seven days in post make it the new keyworker's."""
    cai = make_student("Cai", "Older", joined_on=date(2026, 10, 28))
    assign(cai, by, start=date(2026, 11, started))
    record_misses()
    (miss,) = rows(cai)
    assert (miss.due_on, miss.klass) == (date(2026, 11, 11), klass)
    assert miss.keyworker == (None if klass == "unassigned" else by)


def test_leaver_keeps_what_was_missed_before_and_owes_nothing_after(world, by):
    cai = make_student("Cai", "Older", joined_on=date(2026, 9, 7), left_on=date(2026, 9, 30))
    dee = make_student("Dee", "Older", joined_on=date(2026, 9, 7), left_on=date(2026, 9, 21))
    record_misses()
    assert [miss.due_on for miss in rows(cai)] == [date(2026, 9, 21)]
    assert rows(dee) == []  # C13: due on the last day


def test_hold_moves_the_due_date(world, by):
    cai = make_student("Cai", "Older", joined_on=date(2026, 10, 28))
    hold(cai, date(2026, 11, 1), date(2026, 11, 7), by).save()
    record_misses()
    assert [miss.due_on for miss in rows(cai)] == [date(2026, 11, 18)]  # C12


def test_missed_half_term(bea, by, world):
    cai = make_student("Cai", "Older", joined_on=date(2026, 9, 7))
    assign(cai, by, start=date(2026, 9, 7))
    eve = make_student("Eve", "Older", joined_on=date(2026, 9, 7))
    assign(eve, by, start=date(2026, 10, 15))
    record_misses(as_of=date(2026, 10, 23))
    assert rows(cai, "session") == []
    record_misses(as_of=date(2026, 10, 24))
    (miss,) = rows(cai, "session")
    assert (miss.due_on, miss.klass, miss.keyworker) == (date(2026, 10, 23), "missed", by)
    assert [miss.klass for miss in rows(eve, "session")] == ["handover"]  # H7: seven pupil days in post
    assert rows(bea, "session") == []


def test_shortening_the_interval_loses_no_miss(world, by):
    """Due on the 11th under the old rule; from the 8th the rule is a week, so the due date was the 4th."""
    cai = make_student("Cai", "Older", joined_on=date(2026, 10, 28))
    set_policy(
        effective_on=date(2026, 11, 8),
        preset="breckenbrough",
        overrides={"contact_interval_days": 7},
        by=None,
    )
    record_misses()
    assert [miss.due_on for miss in rows(cai)] == [date(2026, 11, 4)]


def test_lengthening_the_interval_does_not_count_a_silence_twice(world, by):
    cai = make_student("Cai", "Older", joined_on=date(2026, 10, 20))
    set_policy(
        effective_on=date(2026, 11, 8),
        preset="breckenbrough",
        overrides={"contact_interval_days": 17},
        by=None,
    )
    record_misses()
    assert [miss.due_on for miss in rows(cai)] == [date(2026, 11, 3)]


def test_long_closure_without_its_contact(world, by):
    """C16: Christmas 2025 is 16 days; whoever was on hold all through it is left in peace."""
    set_policy(
        effective_on=date(2025, 9, 1),
        preset="breckenbrough",
        overrides={"holiday_rule": "pause", "long_closure_check_in": {"min_days": 14, "contacts": 1}},
        by=None,
    )
    silent, rang, held = (
        make_student(name, "Older", joined_on=date(2025, 12, 12)) for name in ("Cai", "Dee", "Eve")
    )
    talk(rang, by, date(2025, 12, 29))
    hold(held, date(2025, 12, 20), date(2026, 1, 4), by).save()
    record_misses(as_of=date(2026, 1, 5))
    assert [[miss.due_on for miss in rows(one)] for one in (silent, rang, held)] == [
        [date(2026, 1, 4)],
        [],
        [],
    ]


class TestWithdrawing:
    def test_call_made_in_time_but_logged_later(self, bea, by):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
        record_misses(as_of=date(2026, 11, 12))
        talk(bea, by, date(2026, 11, 10), logged=date(2026, 11, 14))
        result = record_misses(as_of=date(2026, 11, 15))
        (miss,) = rows(bea)
        assert result["withdrawn"] == 1
        assert miss.withdrawn_at is not None and miss.withdrawn_by is None
        assert miss.withdrawal_reason == "A contact on Tuesday 10 November was logged later"
        record_misses()
        assert rows(bea) == [miss]  # and the fortnight after is in time

    def test_late_contact_ends_a_breach_and_does_not_undo_it(self, bea, by):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
        record_misses(as_of=date(2026, 11, 12))
        talk(bea, by, date(2026, 11, 12))
        record_misses(as_of=date(2026, 11, 13))
        assert [miss.withdrawn_at for miss in rows(bea)] == [None]

    def test_entry_past_the_limit_waits_for_approval(self, bea, by):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 1))
        late = contact(bea, date(2026, 11, 5), by, logged=date(2026, 11, 22))
        record_misses(as_of=date(2026, 11, 12))
        late.save()
        assert record_misses()["withdrawn"] == 0
        late.approved_on, late.approved_by, late.approval_reason = TODAY, by, "Seen in the diary."
        late.save()
        assert record_misses()["withdrawn"] == 1

    def test_session_made_up_for(self, bea, by):
        cai = make_student("Cai", "Older", joined_on=date(2026, 9, 7))
        record_misses(as_of=date(2026, 10, 24))
        session(cai, date(2026, 10, 27), by, catch_up_for="2026-27-autumn-1").save()
        record_misses(as_of=date(2026, 10, 28))
        assert [miss.withdrawal_reason for miss in rows(cai, "session")] == [
            "Made up for by a session on Tuesday 27 October"
        ]

    def test_an_old_fact_changed_long_after_is_noticed(self, bea, by):
        """Voiding a call of last winter shows a silence nobody saw: the row history leads the job there."""
        fortnights(bea, by, date(2025, 10, 1), TODAY)
        record_misses()
        assert rows(bea) == []
        one = bea.homecontacts.get(happened_on=date(2026, 1, 7))
        one.voided_on, one.voided_by, one.void_reason = TODAY, by, "Another student."
        one.save()
        record_misses()
        assert [miss.due_on for miss in rows(bea)] == [date(2026, 1, 7)]

    def test_by_hand_with_a_reason_and_never_written_again(self, bea, by, world):
        record_misses()
        miss = rows(bea)[0]
        with pytest.raises(Refused, match="Say why"):
            withdraw_miss(miss=miss, reason="  ", by=world.u_head)
        done = withdraw_miss(miss=miss, reason="The family was abroad.", by=world.u_head)
        assert (done.withdrawn_by, done.withdrawal_reason) == (world.u_head, "The family was abroad.")
        with pytest.raises(Refused, match="withdrawn already"):
            withdraw_miss(miss=miss, reason="Again.", by=world.u_head)
        JobRun.objects.all().delete()
        record_misses()
        assert rows(bea, withdrawn_at=None) == []
        assert len(rows(bea)) == 1


class TestComingBack:
    """What Keywork took back by itself stands again when the facts say so; what a person took back does not."""

    def test_a_contact_logged_late_and_crossed_out_again(self, bea, by):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
        record_misses(as_of=date(2026, 11, 12))
        late = contact(bea, date(2026, 11, 10), by, logged=date(2026, 11, 14))
        late.save()
        assert record_misses(as_of=date(2026, 11, 15))["withdrawn"] == 1
        late.voided_on, late.voided_by, late.void_reason = date(2026, 11, 16), by, "Wrong student."
        late.save()
        assert record_misses(as_of=date(2026, 11, 17))["restored"] == 1
        (miss,) = rows(bea)
        assert (miss.withdrawn_at, miss.withdrawal_reason, miss.keyworker_notified_at) == (None, "", None)

    def test_a_session_logged_late_and_crossed_out_again(self, by, world):
        cai = make_student("Cai", "Older", joined_on=date(2026, 9, 7))
        record_misses(as_of=date(2026, 10, 24))
        one = session(cai, date(2026, 10, 20), by, logged=date(2026, 10, 25))
        one.save()
        assert record_misses(as_of=date(2026, 10, 26))["withdrawn"] == 1
        one.voided_on, one.voided_by, one.void_reason = date(2026, 10, 27), by, "Wrong student."
        one.save()
        record_misses(as_of=date(2026, 10, 28))
        assert [miss.withdrawn_at for miss in rows(cai, "session")] == [None]

    def test_a_first_day_entered_wrongly_and_put_right(self, by, world):
        cai = make_student("Cai", "Older", joined_on=date(2026, 10, 28))
        record_misses(as_of=date(2026, 11, 12))
        cai.joined_on = date(2026, 11, 9)
        cai.save()
        assert record_misses(as_of=date(2026, 11, 13))["withdrawn"] == 1
        cai.joined_on = date(2026, 10, 28)
        cai.save()
        record_misses(as_of=date(2026, 11, 14))
        assert [(miss.due_on, miss.withdrawn_at) for miss in rows(cai)] == [(date(2026, 11, 11), None)]

    def test_what_a_person_took_back_stays_taken_back(self, bea, by, world):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
        record_misses(as_of=date(2026, 11, 12))
        withdraw_miss(miss=rows(bea)[0], reason="The family was abroad.", by=world.u_head)
        JobRun.objects.all().delete()
        assert record_misses()["restored"] == 0
        assert rows(bea, withdrawn_at=None) == []


class TestTheClassFollowsTheFacts:
    def tries(self, bea, by, logged):
        for day, reached, channel in (
            (6, "no_answer", "phone"),
            (9, "no_answer", "phone"),
            (11, "failed", "text"),
        ):
            contact(bea, date(2026, 11, day), by, reached, channel, logged=logged).save()

    def test_attempts_logged_late_and_the_head_hears_of_it(self, bea, by, world, mailoutbox):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
        with clock.frozen(date(2026, 11, 12)):
            record_misses()
            notify_of_misses()
        assert [miss.klass for miss in rows(bea)] == ["missed"]
        self.tries(bea, by, date(2026, 11, 13))
        before = len([mail for mail in mailoutbox if mail.to == [world.u_head.email]])
        with clock.frozen(date(2026, 11, 13)):
            assert record_misses()["reclassed"] == 1
            notify_of_misses()
        assert [miss.klass for miss in rows(bea)] == ["attempted"]
        told = [mail for mail in mailoutbox if mail.to == [world.u_head.email]][before:]
        assert len(told) == 1 and "tried" in told[0].body
        with clock.frozen(date(2026, 11, 14)):
            assert record_misses()["reclassed"] == 0
            notify_of_misses()
        assert len([mail for mail in mailoutbox if mail.to == [world.u_head.email]]) == before + 1

    def test_a_settled_one_keeps_its_class(self, bea, by, world):
        fortnights(bea, by, date(2025, 10, 1), date(2026, 11, 5))
        record_misses(as_of=date(2026, 11, 12))
        withdraw_miss(miss=rows(bea)[0], reason="The family was abroad.", by=world.u_head)
        self.tries(bea, by, date(2026, 11, 13))
        record_misses()
        assert [miss.klass for miss in rows(bea)] == ["missed"]

    def test_a_post_entered_later(self, by, world):
        cai = make_student("Cai", "Older", joined_on=date(2026, 10, 28))
        record_misses(as_of=date(2026, 11, 12))
        assert [miss.klass for miss in rows(cai)] == ["unassigned"]
        assign(cai, by, start=date(2026, 10, 28))
        record_misses()
        assert [(miss.klass, miss.keyworker) for miss in rows(cai)] == [("missed", by)]


class TestTheJob:
    def test_leaves_a_row_and_is_watched(self, bea):
        assert late_job() is not None  # live for two years and never run
        record_misses()
        run = last_finished(NIGHTLY)
        assert run.as_of == TODAY
        assert run.result["recorded"] == Miss.objects.count() > 0
        assert late_job() is None
        with clock.frozen(clock.now() + timedelta(hours=26, minutes=1)):
            assert late_job().last_at == run.finished_at

    def test_a_school_opened_today_for_days_gone_by_is_not_late(self, bea):
        School.objects.update(opened_on=TODAY)
        assert late_job() is None
        School.objects.update(opened_on=TODAY - timedelta(days=1))
        assert late_job() is not None

    def test_a_run_that_never_finished_is_not_taken_for_one_that_did(self, bea):
        JobRun.objects.create(name=NIGHTLY, as_of=TODAY, started_at=clock.now(), result={})
        assert late_job() is not None
        record_misses()
        assert rows(bea)

    def test_the_future_is_refused(self, bea):
        with pytest.raises(ValueError, match="not known yet"):
            record_misses(as_of=TODAY + DAY)

    def test_what_a_clock_that_was_ahead_wrote_of_days_to_come_is_taken_back(self, bea):
        record_misses()
        before = [miss.pk for miss in Miss.objects.standing().order_by("pk")]
        with clock.frozen(clock.now() + 365 * DAY):
            record_misses()
            assert Miss.objects.standing().count() > len(before)
        assert last_finished(NIGHTLY).as_of == TODAY
        record_misses()
        assert [miss.pk for miss in Miss.objects.standing().order_by("pk")] == before

    def test_command(self, bea, mailoutbox):
        out = StringIO()
        call_command("record_misses", "--as-of", "2026-11-23", "--json", stdout=out)
        result = json.loads(out.getvalue())
        assert result["recorded"] == Miss.objects.count() > 0
        assert result["mails"] == len(mailoutbox) > 0
        out = StringIO()
        call_command("record_misses", stdout=out)
        assert out.getvalue().startswith(
            "As of Monday 23 November 2026: 0 recorded, 0 withdrawn, 0 e-mails sent."
        )
        with pytest.raises(CommandError, match="not known yet"):
            call_command("record_misses", "--as-of", "2026-11-24")


class TestDutiesCommand:
    def test_table_and_json_agree(self, world, bea):
        gone = make_student("Gil", "Gone", joined_on=date(2025, 1, 6), left_on=date(2026, 7, 1))
        out, table = StringIO(), StringIO()
        call_command("duties", "--as-of", "2026-11-23", "--json", stdout=out)
        call_command("duties", "--as-of", "2026-11-23", stdout=table)
        rows = json.loads(out.getvalue())
        assert len(rows) == 21
        assert {row["student"] for row in rows} == {world.mina.pk, world.otto.pk, bea.pk}
        assert "3 students, as of 2026-11-23." in table.getvalue()
        assert all(row["reason"] in table.getvalue() for row in rows)
        assert gone.name not in table.getvalue()
        assert rows[0]["state"] == "overdue" and rows[0]["first"]

    def test_one_student_on_another_day(self, world):
        out = StringIO()
        call_command("duties", "--as-of", "2024-09-10", "--student", str(world.otto.pk), "--json", stdout=out)
        first, *others = json.loads(out.getvalue())
        assert (first["state"], first["due_on"]) == ("ok", "2024-09-17")
        kinds = {"session", "tsp", "ilsa", "plans", "review", "review_papers"}
        assert {other["duty"] for other in others} == kinds
        with pytest.raises(CommandError, match="no student"):
            call_command("duties", "--student", "999999")
