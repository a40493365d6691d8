"""Setting up the school: its name, calendar and policy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from ..models import AcademicYear, Closure, HalfTerm, InsetDay, PolicyVersion, School, User

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@transaction.atomic
def set_up_school(
    *, name: str, went_live_on: date, preset: str = "breckenbrough", by: User | None = None
) -> School:
    """Make the one school with the shipped calendar and a preset policy in force from the day it goes live.

    Running it again renames the school and leaves calendar and policy as they are.
    """
    school, made = School.objects.update_or_create(
        pk=1, defaults={"name": name}, create_defaults={"name": name, "went_live_on": went_live_on}
    )
    if made:
        load_calendar(data=json.loads((FIXTURES / "calendar.json").read_text()), by=by)
        PolicyVersion.objects.create(effective_on=went_live_on, preset=preset, created_by=by)
    return school


@transaction.atomic
def load_calendar(*, data: Mapping[str, Any], by: User | None = None) -> None:
    """Write the academic years of a calendar file (schema keywork.school-calendar/1), replacing years of the same name."""
    for year in data["academic_years"]:
        AcademicYear.objects.filter(slug=year["id"]).delete()
        row = AcademicYear.objects.create(
            slug=year["id"],
            starts_on=year["academic_year_starts_on"],
            ends_on=year["academic_year_ends_on"],
            status=year["status"],
            source=year.get("source", ""),
        )
        HalfTerm.objects.bulk_create(
            HalfTerm(
                year=row,
                slug=half["id"],
                name=half["name"],
                term=term["id"],
                starts_on=half["starts_on"],
                ends_on=half["ends_on"],
            )
            for term in year["terms"]
            for half in term["half_terms"]
        )
        days = {day["date"]: day.get("note", "") for day in year["inset_days"]}
        InsetDay.objects.filter(day__in=days).delete()
        InsetDay.objects.bulk_create(InsetDay(day=day, note=note) for day, note in days.items())


@transaction.atomic
def set_policy(
    *, effective_on: date, preset: str, overrides: Mapping[str, Any] | None = None, by: User | None
) -> PolicyVersion:
    """A new version of the policy from a date; one already starting that day is replaced."""
    version, _ = PolicyVersion.objects.update_or_create(
        effective_on=effective_on,
        defaults={"preset": preset, "overrides": dict(overrides or {}), "created_by": by},
    )
    return version


@transaction.atomic
def close_school(*, days: Iterable[tuple[date, date]], reason: str, by: User | None) -> None:
    """Record days the school was shut, each pair inclusive."""
    Closure.objects.bulk_create(Closure(starts_on=start, ends_on=end, reason=reason) for start, end in days)
