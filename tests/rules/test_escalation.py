"""Who is told of a miss on a day, and when anybody is written to at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contacts.escalation import (
    FOR_GOOD,
    Line,
    MissFacts,
    NotificationKind,
    goes_today,
    notified_today,
    stopped_by,
)
from keywork import quiet
from keywork.calendar import SchoolCalendar
from keywork.dates import LONDON
from tests.rules.helpers import CALENDAR, calendar_closed, d, span

KEYWORKER, DEPUTY, MENTOR, HEAD, SECOND, SENIOR = range(1, 7)
FIRST = (KEYWORKER, DEPUTY, MENTOR)
BOTH = {KEYWORKER: NotificationKind.OWN, HEAD: NotificationKind.SCHOOL}


def told(miss=MissFacts(), *, first=FIRST, heads=(HEAD,), away=(), school=True, repeated=3, before=()):
    line = Line(first, heads, (SENIOR,), frozenset(away))
    return notified_today(miss, line, is_school_day=school, repeated_from=repeated, notified=before)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param({}, BOTH, id="keyworker and head"),
        pytest.param({"before": {KEYWORKER, HEAD}}, {}, id="each once"),
        pytest.param({"before": {HEAD}}, {KEYWORKER: NotificationKind.OWN}, id="who was not told yet"),
        pytest.param({"heads": (HEAD, SECOND)}, BOTH | {SECOND: NotificationKind.SCHOOL}, id="every head"),
        pytest.param(
            {"away": [KEYWORKER]},
            {DEPUTY: NotificationKind.OWN, HEAD: NotificationKind.SCHOOL},
            id="deputy stands in",
        ),
        pytest.param(
            {"away": [KEYWORKER, DEPUTY]},
            {MENTOR: NotificationKind.OWN, HEAD: NotificationKind.SCHOOL},
            id="then the mentor",
        ),
        pytest.param(
            {"away": [KEYWORKER], "first": (KEYWORKER, MENTOR)},
            {MENTOR: NotificationKind.OWN, HEAD: NotificationKind.SCHOOL},
            id="mentor where there is no deputy",
        ),
        pytest.param({"away": FIRST}, {HEAD: NotificationKind.SCHOOL}, id="all away: the head alone"),
        pytest.param({"first": ()}, {HEAD: NotificationKind.SCHOOL}, id="nobody is keyworker"),
        pytest.param(
            {"miss": MissFacts(own_is_notified=True)},
            {HEAD: NotificationKind.SCHOOL},
            id="back after the deputy was told",
        ),
        pytest.param({"miss": MissFacts(times=2)}, BOTH, id="twice is not again and again"),
        pytest.param(
            {"miss": MissFacts(times=3)}, BOTH | {SENIOR: NotificationKind.REPEATED}, id="third time"
        ),
        pytest.param(
            {"miss": MissFacts(times=5)}, BOTH | {SENIOR: NotificationKind.REPEATED}, id="each one after it"
        ),
        pytest.param(
            {"miss": MissFacts(times=9), "repeated": None}, BOTH, id="the school has switched it off"
        ),
        pytest.param(
            {"miss": MissFacts(times=2), "repeated": 2},
            BOTH | {SENIOR: NotificationKind.REPEATED},
            id="policy",
        ),
        pytest.param(
            {"first": (HEAD,)}, {HEAD: NotificationKind.OWN}, id="a head who is keyworker is told once"
        ),
        pytest.param(
            {"miss": MissFacts(times=3), "heads": (HEAD, SENIOR)},
            BOTH | {SENIOR: NotificationKind.SCHOOL},
            id="a head who leads the school is told once",
        ),
        pytest.param({"school": False}, {}, id="no school day"),
        pytest.param({"miss": MissFacts(is_withdrawn=True)}, {}, id="withdrawn"),
        pytest.param({"miss": MissFacts(is_done=True, times=4)}, {}, id="done meanwhile"),
        pytest.param({"miss": MissFacts(is_explained=True, times=4)}, {}, id="explained"),
        pytest.param({"miss": MissFacts(has_left=True, times=4)}, {}, id="off roll"),
        pytest.param({"miss": MissFacts(is_held=True, times=4)}, {}, id="on hold"),
    ],
)
def test_who_is_told_what(case, expected):
    assert told(**case) == expected


@pytest.mark.parametrize("name", ["is_withdrawn", "is_done", "is_explained", "has_left", "is_held"])
def test_only_a_hold_is_not_for_good(name):
    stop = stopped_by(MissFacts(**{name: True}))
    assert (stop in FOR_GOOD) is (name != "is_held")


@pytest.mark.parametrize(
    ("news", "weekly", "off", "first", "goes"),
    [
        ("own", True, ["own"], False, True),  # one's own can be neither put off nor switched off
        ("cover", True, ["cover"], False, True),
        ("asked", True, ["asked"], False, True),
        ("school", True, [], False, False),
        ("school", True, [], True, True),
        ("school", False, ["school"], False, True),  # the head may wait, and hears all the same
        ("repeated", True, [], False, False),
        ("repeated", False, ["repeated"], False, True),
        ("answered", False, [], False, True),
        ("answered", True, [], False, False),
        ("answered", False, ["answered"], True, False),
    ],
)
def test_what_one_may_choose(news, weekly, off, first, goes):
    assert goes_today(NotificationKind(news), weekly=weekly, off=off, is_first_of_week=first) is goes


WEEKDAYS = SchoolCalendar([])
SNOW = calendar_closed(span("24 Nov 2025 to 25 Nov 2025"))


@pytest.mark.parametrize(
    ("at", "opens", "calendar"),
    [
        ("20 Nov 2025 00:15", "20 Nov 2025 07:00", CALENDAR),  # the night: the morning
        ("20 Nov 2025 07:00", "20 Nov 2025 07:00", CALENDAR),
        ("20 Nov 2025 18:59", "20 Nov 2025 18:59", CALENDAR),
        ("20 Nov 2025 19:00", "21 Nov 2025 07:00", CALENDAR),
        ("21 Nov 2025 22:00", "24 Nov 2025 07:00", CALENDAR),  # Friday night: Monday
        ("22 Nov 2025 12:00", "24 Nov 2025 07:00", CALENDAR),
        ("22 Nov 2025 12:00", "26 Nov 2025 07:00", SNOW),
        ("19 Dec 2025 20:00", "5 Jan 2026 07:00", CALENDAR),  # for staff alone, who are in
        ("5 Jan 2026 12:00", "5 Jan 2026 12:00", CALENDAR),
        ("4 Jan 2026 12:00", "6 Jan 2026 07:00", calendar_closed(span("5 Jan 2026 to 5 Jan 2026"))),
        ("26 Oct 2025 00:15", "3 Nov 2025 07:00", CALENDAR),  # the clocks go back, in the holiday
        ("29 Mar 2026 00:15", "13 Apr 2026 07:00", CALENDAR),  # and forward
        ("24 Oct 2025 18:59", "24 Oct 2025 18:59", WEEKDAYS),  # none entered: weekdays
        ("24 Oct 2025 19:00", "27 Oct 2025 07:00", WEEKDAYS),  # a night of an hour more is in between
        ("26 Oct 2025 01:30", "27 Oct 2025 07:00", WEEKDAYS),  # and that hour comes twice
        ("27 Mar 2026 19:00", "30 Mar 2026 07:00", WEEKDAYS),  # a night of an hour less
        ("29 Mar 2026 00:59", "30 Mar 2026 07:00", WEEKDAYS),  # the last minute before it
        ("29 Mar 2026 02:00", "30 Mar 2026 07:00", WEEKDAYS),
    ],
)
def test_the_next_school_morning(at, opens, calendar):
    moment, expected = (
        datetime.strptime(one, "%d %b %Y %H:%M").replace(tzinfo=LONDON) for one in (at, opens)
    )
    assert quiet.next_open(moment.astimezone(UTC), calendar) == expected
    assert quiet.is_open(moment, calendar) is (at == opens)


@pytest.mark.parametrize(
    ("day", "is_first"),
    [
        ("24 Nov 2025", True),
        ("25 Nov 2025", False),
        ("23 Nov 2025", False),
        ("5 Jan 2026", True),
        ("6 Jan 2026", False),
    ],
)
def test_once_a_week_is_on_its_first_school_day(day, is_first):
    assert quiet.is_first_of_week(d(day), CALENDAR) is is_first
    if day == "24 Nov 2025":
        closed = calendar_closed((d(day), d(day)))
        assert not quiet.is_first_of_week(d(day), closed)
        assert quiet.is_first_of_week(d(day) + timedelta(days=1), closed)
