"""What the tests of the pure rules share: the fixture calendar, short dates, and random calendars."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from keywork.calendar import Block, SchoolCalendar
from keywork.policy import Policy
from keywork.school import SchoolFacts

FIXTURES = Path(__file__).parents[2] / "keywork" / "fixtures"
CALENDAR_DATA = json.loads((FIXTURES / "calendar.json").read_text())


def calendar_of(data: Mapping[str, Any]) -> SchoolCalendar:
    """Build from the shape of ``keywork/fixtures/calendar.json``; dates as ISO text."""
    blocks = [
        Block(
            id=half["id"],
            name=half["name"],
            term_id=term["id"],
            starts_on=date.fromisoformat(half["starts_on"]),
            ends_on=date.fromisoformat(half["ends_on"]),
        )
        for year in data["academic_years"]
        for term in year["terms"]
        for half in term["half_terms"]
    ]
    insets = [
        date.fromisoformat(day["date"]) for year in data["academic_years"] for day in year["inset_days"]
    ]
    closed = [date.fromisoformat(day["date"]) for day in data.get("closed_days", ())]
    banks = [date.fromisoformat(day["date"]) for day in data["bank_holidays"]]
    return SchoolCalendar(blocks, insets, closed, banks)


CALENDAR = calendar_of(CALENDAR_DATA)


def d(text: str) -> date:
    """``"9 Sep 2025"`` as a date, so that tables read as the rule book prints them."""
    return datetime.strptime(text, "%d %b %Y").date()


def span(text: str) -> tuple[date, date]:
    """``"20 Sep 2025 to 26 Sep 2025"`` as a first and last day."""
    first, last = text.split(" to ")
    return d(first), d(last)


def calendar_closed(*spans: tuple[date, date]) -> SchoolCalendar:
    """The fixture calendar with the school closed on these days."""
    closed = [
        {"date": (first + timedelta(days=n)).isoformat()}
        for first, last in spans
        for n in range((last - first).days + 1)
    ]
    return calendar_of({**CALENDAR_DATA, "closed_days": closed})


FIRST = date(2025, 9, 1)
days = st.integers(-40, 400).map(lambda n: FIRST + timedelta(days=n))
spans = st.tuples(days, st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))
holds = st.lists(spans, max_size=3).map(tuple)


@st.composite
def calendars(draw: st.DrawFn) -> SchoolCalendar:
    """Calendars of up to six blocks with odd lengths and gaps, sprinkled with days off."""
    blocks = []
    day = FIRST
    for place in range(draw(st.integers(0, 6))):
        start = day + timedelta(days=draw(st.integers(0, 30)))
        end = start + timedelta(days=draw(st.integers(0, 60)))
        term = f"2025-26-t{place // 2}"
        blocks.append(Block(f"{term}-{place}", f"Block {place}", term, start, end))
        day = end + timedelta(days=1)
    off = draw(st.lists(days, max_size=12))
    return SchoolCalendar(blocks, inset_days=off[:4], closed_days=off[4:8], bank_holidays=off[8:])


@dataclass
class RuleSchool:
    """A school as the pure rules see it, with one policy for all time unless `policies` says otherwise."""

    policy_of_all_time: Policy
    calendar: SchoolCalendar = CALENDAR
    went_live_on: date = date.min
    policies: tuple[tuple[date, Policy], ...] = ()
    name: str = "The school"
    worked_out: dict = field(default_factory=dict)

    def __post_init__(self):
        self.policies = self.policies or ((date.min, self.policy_of_all_time),)

    def policy(self, on: date) -> Policy:
        return [policy for effective_on, policy in self.policies if effective_on <= on][-1]

    def policy_effective_on(self, on: date) -> date:
        return date.min

    begun_on, counted_from, counts = SchoolFacts.begun_on, SchoolFacts.counted_from, SchoolFacts.counts
