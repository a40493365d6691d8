"""Keeping the school's calendar: days on which it is shut, staff-only days, half-terms, the next year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction

from .. import school
from ..dates import day_in_full, year_slug
from ..errors import Refused
from ..models import AcademicYear, Closure, HalfTerm, InsetDay, School, User
from ..words import worded

MOST_DAYS = 60  # in one act; a longer one is a slip of the year
CHECKED = "verified"  # AcademicYear.status of one that somebody looked at
# A year later on the same day of the week.
A_YEAR_OF_WEEKS = timedelta(weeks=52)


def lock_calendar() -> None:
    """Whoever else changes the calendar waits until this transaction ends."""
    list(School.objects.select_for_update().values_list("pk"))


@transaction.atomic
def add_closure(*, starts_on: date, ends_on: date, reason: str, by: User) -> Closure:
    """The school is shut on these days, both included. Raises Refused where no student would have come."""
    _days_with_students(starts_on, ends_on)
    return Closure.objects.create(starts_on=starts_on, ends_on=ends_on, reason=reason)


def take_back_closure(*, closure: Closure, by: User) -> None:
    """The school was open on those days after all; every date is then as it was before."""
    closure.delete()


@transaction.atomic
def add_inset_days(*, starts_on: date, ends_on: date, note: str, by: User) -> list[InsetDay]:
    """Only staff come on these days: one row a weekday. Raises Refused where no student would have come."""
    days = _days_with_students(starts_on, ends_on)
    return [InsetDay.objects.create(day=day, note=note) for day in days]


def take_back_inset_day(*, inset: InsetDay, by: User) -> None:
    inset.delete()


@transaction.atomic
def set_half_terms(*, year: AcademicYear, dates: Mapping[int, tuple[date, date]], by: User) -> None:
    """First and last day of each half-term of a year, by its row. Raises Refused, the field `first-…` or `last-…`.

    Days between two half-terms are holidays. Whoever saves them has checked them.
    """
    before: HalfTerm | None = None
    for row in year.half_terms.order_by("starts_on"):
        stored = (row.starts_on, row.ends_on)
        row.starts_on, row.ends_on = dates[row.pk]
        if row.ends_on < row.starts_on:
            raise Refused(f"{row.name} ends before it starts", f"last-{row.pk}")
        if before is not None and row.starts_on <= before.ends_on:
            raise Refused(f"{row.name} starts before {before.name} ends", f"first-{row.pk}")
        for field, day in (("first", row.starts_on), ("last", row.ends_on)):
            if not _year_starts_on(year) <= day < _year_starts_on(year, later=1):
                words = f"Choose a day of the school year {year}: 1 September to 31 August"
                raise Refused(words, f"{field}-{row.pk}")
        if stored != (row.starts_on, row.ends_on):
            row.save(update_fields=["starts_on", "ends_on"])
        before = row
    AcademicYear.objects.filter(pk=year.pk).update(status=CHECKED)


@transaction.atomic
def copy_year(*, by: User) -> AcademicYear:
    """The year after the last: its half-terms and staff-only days on the same days of the week, to be put right.

    Raises Refused where there is no year to copy.
    """
    lock_calendar()
    last = AcademicYear.objects.order_by("starts_on").last()
    if last is None:
        raise Refused("There is no year to copy yet")
    number = int(last.slug[:4]) + 1
    slug = year_slug(number)
    year = AcademicYear.objects.create(
        slug=slug,
        starts_on=date(number, 9, 1),
        ends_on=date(number + 1, 8, 31),
        status="example",
        source=f"Copied from {last}. To be checked.",
    )
    for row in last.half_terms.all():
        HalfTerm.objects.create(
            year=year,
            slug=row.slug.replace(last.slug, slug),
            name=row.name,
            term=row.term.replace(last.slug, slug),
            starts_on=row.starts_on + A_YEAR_OF_WEEKS,
            ends_on=row.ends_on + A_YEAR_OF_WEEKS,
        )
    blocks = [(row.starts_on, row.ends_on) for row in year.half_terms.all()]
    for inset in InsetDay.objects.filter(day__range=(last.starts_on, last.ends_on)):
        day = inset.day + A_YEAR_OF_WEEKS
        if any(first <= day <= end for first, end in blocks):
            InsetDay.objects.get_or_create(day=day, defaults={"note": inset.note})
    return year


def _days_with_students(starts_on: date, ends_on: date) -> list[date]:
    if ends_on < starts_on:
        raise Refused("Choose a last day that is on or after the first", "ends_on")
    if (ends_on - starts_on).days >= MOST_DAYS:
        raise Refused(f"That is more than {MOST_DAYS} days. Look at the year of both dates", "ends_on")
    calendar = school.load().calendar
    days = [starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1)]
    found = [day for day in days if calendar.is_pupil_day(day)]
    if not found:
        when = day_in_full(starts_on) if starts_on == ends_on else "any of these days"
        raise Refused(
            f"No {worded('student')} would be at school on {when} anyway: nothing has to be added",
            "starts_on",
        )
    return found


def _year_starts_on(year: AcademicYear, later: int = 0) -> date:
    return date(int(year.slug[:4]) + later, 9, 1)
