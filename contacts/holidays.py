"""Long holidays: which they are, who covers which week, and when staff are told what home said in one.

Pure: no Django. A holiday is long from as many days on as the school's check-in asks for (C16), or from 14.
"""

from __future__ import annotations

from datetime import date, timedelta

from keywork.calendar import SchoolCalendar, Span
from keywork.policy import Policy

LONG = 14  # days, where the policy asks for no check-in
AHEAD = timedelta(days=28)  # so long before a holiday its weeks are shared out
TOLD_FOR = timedelta(days=14)  # so long after it staff are told
SHORTEST = 3  # days: fewer at either end belong to the week beside them

A_DAY = timedelta(days=1)


def long_closures(policy: Policy, calendar: SchoolCalendar) -> list[Span]:
    """Those in which home is kept in touch with, in order."""
    rule = policy.long_closure_check_in
    least = rule.min_days if rule else LONG
    return [(first, last) for first, last in calendar.closures() if (last - first).days + 1 >= least]


def to_share_out(today: date, policy: Policy, calendar: SchoolCalendar) -> Span | None:
    """The long holiday that runs, or begins soon enough for its weeks to be shared out."""
    near = (one for one in long_closures(policy, calendar) if one[0] - AHEAD <= today <= one[1])
    return next(near, None)


def running(today: date, policy: Policy, calendar: SchoolCalendar) -> Span | None:
    closures = long_closures(policy, calendar)
    return next((one for one in closures if one[0] <= today <= one[1]), None)


def just_over(today: date, policy: Policy, calendar: SchoolCalendar) -> Span | None:
    """The long holiday of which staff are told: from the first pupil day after it, for two weeks."""
    for first, last in reversed(long_closures(policy, calendar)):
        back = first_day_back((first, last), calendar)
        if back is not None and back <= today <= back + TOLD_FOR:
            return first, last
    return None


def first_day_back(closure: Span, calendar: SchoolCalendar) -> date | None:
    return calendar.nth_pupil_day(closure[1] + A_DAY, 1)


def weeks_of(closure: Span) -> list[Span]:
    """Its weeks, Monday to Sunday; a day or two at either end go with the week beside them."""
    first, last = closure
    weeks: list[Span] = []
    day = first
    while day <= last:
        sunday = min(day + timedelta(days=6 - day.weekday()), last)
        weeks.append((day, sunday))
        day = sunday + A_DAY
    if len(weeks) > 1 and _short(weeks[0]):
        weeks[:2] = [(weeks[0][0], weeks[1][1])]
    if len(weeks) > 1 and _short(weeks[-1]):
        weeks[-2:] = [(weeks[-2][0], weeks[-1][1])]
    return weeks


def _short(week: Span) -> bool:
    return (week[1] - week[0]).days + 1 < SHORTEST
