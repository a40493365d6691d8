"""Long holidays: their weeks, when they are shared out, and when staff are told (process 5 and 6, C16)."""

from __future__ import annotations

from datetime import date

import pytest

from contacts import holidays as rules
from keywork.policy import CheckInRule, Policy

from .helpers import CALENDAR, d

COUNTS = Policy()
LONGER = Policy(holiday_rule="pause", long_closure_check_in=CheckInRule(min_days=20))


def spans(*days: str) -> list[tuple[date, date]]:
    return [(d(one), d(other)) for one, other in (pair.split(" to ") for pair in days)]


(CHRISTMAS,) = spans("20 Dec 2025 to 4 Jan 2026")


@pytest.mark.parametrize(
    ("closure", "weeks"),
    [
        (CHRISTMAS, spans("20 Dec 2025 to 28 Dec 2025", "29 Dec 2025 to 4 Jan 2026")),
        (
            (d("21 Jul 2026"), d("10 Aug 2026")),  # begins on a Tuesday, ends on a Monday
            spans("21 Jul 2026 to 26 Jul 2026", "27 Jul 2026 to 2 Aug 2026", "3 Aug 2026 to 10 Aug 2026"),
        ),
        ((d("22 Dec 2025"), d("23 Dec 2025")), spans("22 Dec 2025 to 23 Dec 2025")),
    ],
)
def test_weeks_run_to_sunday_and_odd_days_go_with_the_week_beside_them(closure, weeks):
    assert rules.weeks_of(closure) == weeks


@pytest.mark.parametrize(
    ("today", "policy", "shared", "runs", "over"),
    [
        ("21 Nov 2025", COUNTS, None, None, None),
        ("22 Nov 2025", COUNTS, CHRISTMAS, None, None),  # four weeks before
        ("20 Dec 2025", COUNTS, CHRISTMAS, CHRISTMAS, None),
        ("4 Jan 2026", COUNTS, CHRISTMAS, CHRISTMAS, None),
        ("5 Jan 2026", COUNTS, None, None, None),  # INSET: students are not back
        ("6 Jan 2026", COUNTS, None, None, CHRISTMAS),
        ("20 Jan 2026", COUNTS, None, None, CHRISTMAS),
        ("21 Jan 2026", COUNTS, None, None, None),
        ("28 Oct 2025", COUNTS, None, None, None),  # a week at half-term is not long
        ("24 Dec 2025", LONGER, None, None, None),  # the school's own rule of what is long
    ],
)
def test_when_a_long_holiday_is_shared_out_runs_and_is_told_of(today, policy, shared, runs, over):
    day = d(today)
    assert rules.to_share_out(day, policy, CALENDAR) == shared
    assert rules.running(day, policy, CALENDAR) == runs
    assert rules.just_over(day, policy, CALENDAR) == over
