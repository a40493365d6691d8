"""Reviews and needs assessments: the tables of domain 1.6 and 5.5, and the steps of a review in their order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from care.assessments import rules as assessments
from care.assessments.rules import AssessmentFacts, Eligible
from care.reviews import rules
from care.reviews.rules import REQUIRED, Person, ReviewFacts
from tests.rules.helpers import d


@pytest.mark.parametrize(
    ("meeting", "papers", "report", "decision", "final"),
    [
        ("12 Nov 2025", "29 Oct 2025", "26 Nov 2025", "10 Dec 2025", "4 Feb 2026"),
        ("2 Mar 2026", "16 Feb 2026", "16 Mar 2026", "30 Mar 2026", "25 May 2026"),
        ("1 Nov 2025", "18 Oct 2025", "15 Nov 2025", "29 Nov 2025", "24 Jan 2026"),
    ],
)
def test_steps_counted_from_the_meeting(meeting, papers, report, decision, final):
    dates = rules.dates_of(d(meeting))

    assert (dates.notice_by, dates.papers_by) == (d(papers), d(papers))
    assert (dates.report_by, dates.decision_by, dates.final_by) == (d(report), d(decision), d(final))
    assert rules.final_by(d(meeting), dates.decision_by) == d(final)
    assert rules.final_by(d(meeting), d(decision) - timedelta(days=7)) == d(final) - timedelta(days=7)
    assert rules.comments_by(dates.decision_by) == d(decision) + timedelta(days=15)


@pytest.mark.parametrize(
    ("since", "by"),
    [("21 Jan 2026", "21 Jan 2027"), ("29 Feb 2028", "28 Feb 2029"), ("29 Nov 2025", "29 Nov 2026")],
)
def test_the_decision_comes_within_twelve_months(since, by):
    assert rules.complete_by(d(since)) == d(by)


@pytest.mark.parametrize(
    ("begins", "minutes", "result"),
    [
        ("2026-03-05 10:00", 30, "met"),
        ("2026-03-05 10:00", 20, "too_short"),
        ("2026-03-12 13:30", 30, "met"),
        ("2026-03-12 13:45", 30, "not_before_review"),
        ("2026-02-26 10:00", 30, "met"),
        ("2026-02-25 10:00", 45, "too_early"),
    ],
)
def test_the_talk_before_a_review(begins, minutes, result):
    review = datetime(2026, 3, 12, 14)
    begins_at = datetime.fromisoformat(begins)
    assert rules.talk_result(review, begins_at, minutes, least=30, within=14) == result


@pytest.mark.parametrize(
    ("requested", "decide", "no_plan", "final"), [("15 Sep 2025", "27 Oct 2025", "5 Jan 2026", "2 Feb 2026")]
)
def test_the_clock_of_a_needs_assessment(requested, decide, no_plan, final):
    assert assessments.clock_of(d(requested)) == (d(decide), d(no_plan), d(final))
    assert assessments.advice_by(d(requested)) == d(decide), "six weeks, too"
    assert assessments.comments_by(d("15 Jan 2026")) == d("30 Jan 2026")


@pytest.mark.parametrize(
    ("year", "moves", "by"),
    [
        ("6", "1 Sep 2026", "15 Feb 2026"),
        ("11", "1 Sep 2026", "31 Mar 2026"),
        ("post16", "1 Sep 2026", "1 Apr 2026"),
        ("8", "1 Sep 2026", None),
    ],
)
def test_a_change_of_phase(year, moves, by):
    move = "post16" if year == "post16" else rules.move_of(year)
    assert rules.phase_by(move, d(moves)) == (d(by) if by else None)


@pytest.mark.parametrize(
    ("review_by", "phase", "meet_by"),
    [
        ("21 Jan 2027", None, "24 Dec 2026"),
        ("21 Jan 2027", "15 Feb 2027", "23 Nov 2026"),
        (None, "31 Mar 2027", "6 Jan 2027"),
    ],
)
def test_the_last_day_for_a_meeting(review_by, phase, meet_by):
    assert rules.meet_by(review_by and d(review_by), phase and d(phase)) == d(meet_by)


MEETS = date(2026, 12, 15)


def everybody(**more):
    return tuple(Person(role, date(2026, 11, 10), **more) for role in REQUIRED)


def asked(facts, on, within=14):
    step = rules.next_step(facts, d(on), talk_within=within)
    return step and (step.slug, step.due_on)


def test_a_review_from_its_date_to_the_new_plan():
    """The calendar of one review: what is next on each day, as more of it is done."""
    facts = ReviewFacts(MEETS)
    assert asked(facts, "9 Nov 2026") == ("advice", d("27 Nov 2026"))
    facts = facts._replace(people=everybody(advice_by=d("27 Nov 2026")))
    assert [step.slug for step in rules.steps_of(facts, talk_within=14) if step.done_on] == ["invite"]
    assert asked(facts, "1 Dec 2026") == ("advice", d("27 Nov 2026"))  # late
    came = everybody(advice_by=d("27 Nov 2026"), advice_on=d("24 Nov 2026"))
    facts = facts._replace(people=came, taking_part_on=d("24 Nov 2026"), papers_on=d("30 Nov 2026"))
    assert asked(facts, "30 Nov 2026") == ("talk", MEETS)  # not open yet, but nothing else is
    assert asked(facts, "30 Nov 2026", within=None) == ("meeting", MEETS)
    facts = facts._replace(talk_on=d("8 Dec 2026"), held_on=MEETS)
    assert asked(facts, "16 Dec 2026") == ("report", d("29 Dec 2026"))
    facts = facts._replace(report_on=d("18 Dec 2026"))
    assert asked(facts, "20 Dec 2026") == ("decision", d("12 Jan 2027"))
    amending = facts._replace(decision="amend", decided_on=d("8 Jan 2027"))
    assert asked(amending, "9 Jan 2027") == ("plan", d("5 Mar 2027"))
    assert not amending.is_over and amending._replace(amended_on=d("1 Mar 2027")).is_over
    kept = facts._replace(decision="keep", decided_on=d("8 Jan 2027"))
    assert kept.is_over and asked(kept, "9 Jan 2027") is None


def test_somebody_the_law_names_is_missing():
    assert rules.invited_on(everybody()) == date(2026, 11, 10)
    assert rules.invited_on(everybody()[1:]) is None


def test_what_never_came_is_not_asked_for_after_the_meeting():
    facts = ReviewFacts(MEETS, people=everybody(advice_by=d("27 Nov 2026")), held_on=MEETS)
    assert asked(facts, "16 Dec 2026") == ("report", d("29 Dec 2026"))


def test_advice_that_came_by_its_own_day_is_not_late():
    def advice(*asked):
        people = tuple(Person("other", None, d(by), on and d(on)) for by, on in asked)
        steps = rules.steps_of(ReviewFacts(MEETS, people=people), talk_within=None)
        return next((one.due_on, one.done_on) for one in steps if one.slug == "advice")

    early, later = ("27 Nov 2026", "26 Nov 2026"), "3 Dec 2026"
    assert advice(early, (later, None)) == (d(later), None)
    assert advice(early, (later, later)) == (d(later), d(later))
    assert advice(("27 Nov 2026", "28 Nov 2026"), (later, later)) == (
        d("27 Nov 2026"),
        d(later),
    )  # one was late
    assert advice((later, "4 Dec 2026")) == (d(later), d("4 Dec 2026"))
    assert advice() == (d("27 Nov 2026"), None)


def test_the_new_plan_for_a_move_is_due_by_the_day_of_the_phase():
    facts = ReviewFacts(
        MEETS, move="school", held_on=MEETS, report_on=MEETS, decision="amend", decided_on=MEETS
    )
    assert asked(facts, "16 Dec 2026") == ("plan", d("9 Feb 2027"))
    facts = facts._replace(decided_on=d("12 Jan 2027"))
    assert asked(facts, "13 Jan 2027") == ("plan", d("15 Feb 2027"))


def test_steps_of_an_assessment():
    facts = AssessmentFacts(d("15 Sep 2025"))
    assert assessments.next_step(facts) == ("decide", d("27 Oct 2025"), None, True)
    facts = facts._replace(decision="assess", decided_on=d("20 Oct 2025"))
    assert assessments.next_step(facts)[:2] == ("no_plan", d("5 Jan 2026"))
    facts = facts._replace(draft_on=d("10 Dec 2025"))
    assert assessments.next_step(facts)[:2] == ("comments", d("25 Dec 2025"))
    assert assessments.next_step(facts._replace(outcome="plan", ended_on=d("1 Feb 2026"))) is None
    refused = AssessmentFacts(d("15 Sep 2025"), "refuse", d("20 Oct 2025"))
    assert refused.is_over and assessments.next_step(refused) is None


@pytest.mark.parametrize(
    ("has_plan", "needs", "cycles", "may"),
    [(False, 2, 1, True), (False, 1, 2, False), (False, 3, 0, False), (True, 3, 2, False)],
)
def test_who_may_be_put_forward(has_plan, needs, cycles, may):
    assert Eligible(has_plan, needs, cycles).may_be_put_forward is may
