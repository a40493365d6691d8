"""The school as the rules see it: its name, its calendar and its policy, ready to compute with.

One query a request reads the School row; its `stamp` says whether the calendar and policies built earlier in
this process are still those of the database.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import holidays
from django.db.models import QuerySet

from . import clock, prepared
from .calendar import Block, SchoolCalendar
from .errors import SchoolNotSetUp
from .known import rows_of
from .models import School as SchoolRow
from .policy import Policy, presets


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """What every rule needs: build once per request or task with `load()`."""

    name: str
    went_live_on: date
    calendar: SchoolCalendar
    policies: Sequence[tuple[date, Policy]]  # (effective_on, policy), oldest first
    # What a rule works out of these facts alone, for all students of one answer.
    worked_out: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def itself(self) -> SchoolFacts:
        """These facts without the lazy wrapper of `request.school`, for loops over every student."""
        return self

    def begun_on(self, known_from: date | None) -> date:
        """The first day of which anything is known of a student: the school's with Keywork, or theirs (C1)."""
        return self.went_live_on if known_from is None else max(self.went_live_on, known_from)

    def counted_from(self, student: Any) -> date:
        """The first day on which anything can be owed to a student: on roll, and known here (C1)."""
        return max(student.joined_on, self.begun_on(student.known_from))

    def counts(self, student: Any, on: date) -> bool:
        """Whether anything can be owed to a student on a day: on roll, and known here."""
        return self.counted_from(student) <= on <= (student.left_on or on)

    def policy(self, on: date) -> Policy:
        """The policy in force on a day; before the first version, the first version."""
        found = self.policies[0][1]
        for effective_on, policy in self.policies:
            if effective_on > on:
                break
            found = policy
        return found

    def policy_effective_on(self, on: date) -> date:
        """When the contact clock in force on a day began: the first of its unbroken run of versions (C1)."""
        began = self.policies[0][0]
        for (_, before), (effective_on, policy) in zip(self.policies, self.policies[1:], strict=False):
            if effective_on > on:
                break
            if policy.runs_contact_clock and not before.runs_contact_clock:
                began = effective_on
        return began


def load(known_on: date | None = None) -> SchoolFacts:
    """The school now, or with the calendar and policies known at the end of a day (keywork.known).

    Raises SchoolNotSetUp when no school has been set up.
    """
    rows = prepared.rows(_school)
    if not rows:
        raise SchoolNotSetUp("No school is set up yet. Run manage.py setup_school (docs/operations.md).")
    name, went_live_on, stamp = rows[0]
    is_now = known_on is None or known_on >= clock.today()
    calendar, policies = _built(stamp) if is_now else _build(known_on)
    return SchoolFacts(name, went_live_on, calendar, policies)


def is_open() -> bool:
    """Whether the set-up has come to its end: from then on something is owed."""
    return SchoolRow.objects.filter(opened_on__isnull=False).exists()


def _school() -> QuerySet:
    return SchoolRow.objects.order_by("pk").values_list("name", "went_live_on", "stamp")[:1]


@lru_cache(maxsize=4)
def bank_holidays(first_year: int, last_year: int) -> Mapping[date, str]:
    """Those of England and their names; working them out takes longer than everything else of a calendar."""
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1)))


@lru_cache(maxsize=4)
def _built(stamp: uuid.UUID) -> tuple[SchoolCalendar, Sequence[tuple[date, Policy]]]:
    return _build(None)


def _build(known_on: date | None) -> tuple[SchoolCalendar, Sequence[tuple[date, Policy]]]:
    blocks = [
        Block(id=row.slug, name=row.name, term_id=row.term, starts_on=row.starts_on, ends_on=row.ends_on)
        for row in rows_of("keywork.HalfTerm", known_on).order_by("starts_on")
    ]
    closed = [
        date.fromordinal(day)
        for closure in rows_of("keywork.Closure", known_on)
        for day in range(closure.starts_on.toordinal(), closure.ends_on.toordinal() + 1)
    ]
    calendar = SchoolCalendar(
        blocks,
        inset_days=rows_of("keywork.InsetDay", known_on).values_list("day", flat=True),
        closed_days=closed,
        bank_holidays=bank_holidays(blocks[0].starts_on.year, blocks[-1].ends_on.year) if blocks else (),
    )
    known = presets()
    policies = [
        (row.effective_on, known[row.preset].with_values(row.overrides))
        for row in rows_of("keywork.PolicyVersion", known_on).order_by("effective_on")
    ]
    return calendar, policies or [(date.min, Policy())]
