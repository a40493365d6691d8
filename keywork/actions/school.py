"""Setting up the school: its name, calendar and policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from .. import clock
from ..errors import Refused
from ..models import AcademicYear, HalfTerm, InsetDay, PolicyVersion, School, User
from ..policy import PolicyError, presets, value_of

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@transaction.atomic
def set_up_school(
    *,
    name: str,
    went_live_on: date,
    preset: str = "breckenbrough",
    is_open: bool = True,
    by: User | None = None,
) -> School:
    """Make the one school with the shipped calendar and a preset policy in force from the day it goes live.

    Running it again renames the school and leaves calendar and policy as they are. One that is not open yet leads its
    administrator to the set-up page.
    """
    new = {"name": name, "went_live_on": went_live_on, "opened_on": went_live_on if is_open else None}
    school, made = School.objects.update_or_create(pk=1, defaults={"name": name}, create_defaults=new)
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
def choose_preset(*, preset: str, by: User) -> PolicyVersion:
    """The preset that a school begins with, before it is open: its rules hold from the day it goes live."""
    school = School.objects.select_for_update().get()
    if school.opened_on is not None:
        raise Refused("The school is open: choose another preset on the page of its rules", "preset")
    PolicyVersion.objects.all().delete()
    return PolicyVersion.objects.create(effective_on=school.went_live_on, preset=preset, created_by=by)


@transaction.atomic
def open_school(*, went_live_on: date, by: User) -> School:
    """The set-up is finished; contacts and sessions are owed from a day on, which may still be to come."""
    school = School.objects.select_for_update().get()
    if school.opened_on is not None:
        raise Refused("The school is open already", "went_live_on")
    versions = PolicyVersion.objects.order_by("effective_on")
    standing = versions.filter(effective_on__lte=went_live_on).last() or versions.first()
    if standing is not None:  # a rule that was changed before that day has its change then
        versions.filter(effective_on__lt=standing.effective_on).delete()
        standing.effective_on = went_live_on
        standing.save(update_fields=["effective_on"])
    school.went_live_on, school.opened_on = went_live_on, clock.today()
    school.save(update_fields=["went_live_on", "opened_on"])
    return school


@transaction.atomic
def set_rule(
    *, name: str, value: Any, effective_on: date, reason: str = "", by: User | None
) -> PolicyVersion:
    """Another value for one parameter from a day on, in plain values; `value` equal to the preset's is the preset's.

    A later version keeps it too, unless that one gave the parameter a value of its own. Raises Refused where the value
    makes no sense (field "value"), or the day is past (field "effective_on").
    """
    if effective_on < clock.today():
        raise Refused("Choose today or a later day: a rule never changes the past", "effective_on")
    before = _version_on(effective_on)
    _check(before.preset, {**before.overrides, name: value})
    old = before.overrides.get(name, _NOT_OWN)
    overrides = _with(before.preset, before.overrides, name, value)
    version = _write(effective_on, before.preset, overrides, reason, by)
    for later in PolicyVersion.objects.filter(effective_on__gt=effective_on).order_by("effective_on"):
        if later.preset != before.preset or later.overrides.get(name, _NOT_OWN) != old:
            break
        _check(later.preset, {**later.overrides, name: value})
        later.overrides = _with(later.preset, later.overrides, name, value)
        later.save(update_fields=["overrides"])
    return version


@transaction.atomic
def set_preset(*, preset: str, effective_on: date, reason: str = "", by: User | None) -> PolicyVersion:
    """Another preset from a day on, with nothing of the school's own. Raises Refused for a past day or a later version."""
    if effective_on < clock.today():
        raise Refused("Choose today or a later day: a rule never changes the past", "effective_on")
    if PolicyVersion.objects.filter(effective_on__gt=effective_on).exists():
        raise Refused("Another change is planned for a later day. Choose a day after it", "effective_on")
    return _write(effective_on, preset, {}, reason, by)


_NOT_OWN = object()


def _write(
    day: date, preset: str, overrides: Mapping[str, Any], reason: str, by: User | None
) -> PolicyVersion:
    given = {"preset": preset, "overrides": overrides, "reason": reason}
    version, _ = PolicyVersion.objects.update_or_create(
        effective_on=day, defaults={**given, "created_by": by, "created_at": clock.now()}
    )
    return version


def _version_on(day: date) -> PolicyVersion:
    """The one in force on a day; before the first, the first."""
    versions = PolicyVersion.objects.order_by("effective_on")
    found = versions.filter(effective_on__lte=day).last() or versions.first()
    if found is None:
        raise Refused("There is no policy yet. Set the school up first")
    return found


def _check(preset: str, overrides: Mapping[str, Any]) -> None:
    try:
        presets()[preset].with_values(overrides)
    except PolicyError as error:
        raise Refused(str(error).rstrip("."), "value") from error


def _with(preset: str, overrides: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The overrides with this one; none where it is what the preset says."""
    changed = {key: one for key, one in overrides.items() if key != name}
    if value_of(name, value) != getattr(presets()[preset], name):
        changed[name] = value
    return changed
