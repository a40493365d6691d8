"""Beginning and end of term: the calendar's own table, new students, lateness and leavers."""

from __future__ import annotations

import pytest
from hypothesis import given

from keywork import terms as rules
from keywork.policy import Policy
from keywork.terms import AssessmentPeriod
from tests.rules.helpers import CALENDAR, calendars, d, days, span

POLICY = Policy()

TERMS = [
    ("2025-26-autumn", "2 Sep 2025", "15 Sep 2025", "1 Dec 2025", "19 Dec 2025"),
    ("2025-26-spring", "6 Jan 2026", "19 Jan 2026", "9 Mar 2026", "27 Mar 2026"),
    ("2025-26-summer", "13 Apr 2026", "24 Apr 2026", "29 Jun 2026", "17 Jul 2026"),
    ("2026-27-autumn", "8 Sep 2026", "21 Sep 2026", "30 Nov 2026", "18 Dec 2026"),
    ("2026-27-spring", "5 Jan 2027", "18 Jan 2027", "5 Mar 2027", "25 Mar 2027"),
    ("2026-27-summer", "12 Apr 2027", "23 Apr 2027", "6 Jul 2027", "26 Jul 2027"),
]
NEW_STUDENTS = [
    ("2 Sep 2025", "29 Sep 2025", "29 Sep 2025", "2025-26-autumn"),
    ("6 Oct 2025", "7 Nov 2025", "7 Nov 2025", "2025-26-autumn"),
    ("1 Dec 2025", "12 Jan 2026", "19 Jan 2026", "2025-26-spring"),
    ("23 Feb 2026", "20 Mar 2026", "20 Mar 2026", "2025-26-spring"),
    ("6 Jul 2026", "21 Sep 2026", "21 Sep 2026", "2026-27-autumn"),
]


@pytest.mark.parametrize(("term_id", "opens", "due", "review_opens", "review_due"), TERMS)
def test_periods_of_a_term(term_id, opens, due, review_opens, review_due):
    term = CALENDAR.term(term_id)

    assert rules.baseline_period(term, POLICY, CALENDAR) == AssessmentPeriod(d(opens), d(due))
    assert rules.review_period(term, POLICY, CALENDAR) == AssessmentPeriod(d(review_opens), d(review_due))


@pytest.mark.parametrize(("joined", "twentieth", "due", "serves"), NEW_STUDENTS)
def test_new_students(joined, twentieth, due, serves):
    found = rules.new_student_baseline(d(joined), POLICY, CALENDAR)

    assert (found.nth_pupil_day_on, found.due_on, found.term.id) == (d(twentieth), d(due), serves)


def test_a_new_student_beyond_the_known_calendar():
    assert rules.new_student_baseline(d("10 Jul 2028"), POLICY, CALENDAR) is None


def test_the_last_day_a_late_baseline_serves():
    assert rules.baseline_missed_on(CALENDAR.term("2025-26-autumn"), CALENDAR) == d("13 Oct 2025")


@pytest.mark.parametrize(
    ("left", "baseline", "absent", "expected"),
    [
        ("10 Oct 2025", "15 Sep 2025", [], "10 Oct 2025"),
        ("9 Oct 2025", "15 Sep 2025", [], None),
        ("10 Oct 2025", "15 Sep 2025", ["22 Sep 2025 to 22 Sep 2025"], None),
        ("10 Oct 2025", None, [], None),
        ("19 Dec 2025", "15 Sep 2025", [], None),
        ("23 Dec 2025", "15 Sep 2025", [], None),
    ],
)
def test_closing_reviews_of_leavers(left, baseline, absent, expected):
    found = rules.closing_review_due_on(
        d(left), baseline and d(baseline), [span(one) for one in absent], CALENDAR
    )

    assert found == (expected and d(expected))


@given(calendars(), days)
def test_periods_lie_inside_their_term_on_any_calendar(calendar, joined):
    for term in calendar.terms:
        has_pupils = calendar.pupil_days(term.starts_on, term.ends_on) > 0
        for period in (
            rules.baseline_period(term, POLICY, calendar),
            rules.review_period(term, POLICY, calendar),
        ):
            assert (period is not None) == has_pupils
            if period is not None:
                assert term.starts_on <= period.opens_on <= period.due_on <= term.ends_on
                assert calendar.is_pupil_day(period.opens_on) and calendar.is_pupil_day(period.due_on)
    new = rules.new_student_baseline(joined, POLICY, calendar)
    if new is not None:
        assert calendar.pupil_days(joined, new.nth_pupil_day_on) == 20
        assert new.term.starts_on <= new.due_on <= new.term.ends_on
