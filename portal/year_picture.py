"""A school year at a glance: twelve months, each day with its kind, each kind in words below."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.dates import MONTHS, WEEKDAYS_ABBR

from keywork.actions.assignments import A_DAY
from keywork.calendar import SchoolCalendar
from keywork.models import AcademicYear, Closure, HalfTerm, InsetDay
from keywork.school import bank_holidays

# What each kind of day is called in the legend, in its order.
KINDS = {
    "school": "School day",
    "inset": "INSET: staff only",
    "closed": "School closed",
    "bank": "Bank holiday",
    "off": "Holiday",
    "today": "Today",
}


@dataclass(frozen=True, slots=True)
class Day:
    number: int
    kind: str  # one of KINDS, "weekend" or "new"


@dataclass(frozen=True, slots=True)
class Month:
    name: str  # "September 2026"
    key: str
    blanks: Sequence[None]  # before the first, from Monday on
    days: Sequence[Day]
    with_students: int
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class YearPicture:
    year: AcademicYear
    months: Sequence[Month]
    half_terms: Sequence[tuple[HalfTerm, int]]  # and its days with students
    insets: Sequence[InsetDay]
    closures: Sequence[Closure]
    banks: Mapping[date, str]
    with_students: int

    @property
    def closed_days(self) -> int:
        return sum((one.ends_on - one.starts_on).days + 1 for one in self.closures)


def year_picture(
    year: AcademicYear, calendar: SchoolCalendar, today: date, adding: Collection[date] = ()
) -> YearPicture:
    """`adding` are days that somebody is about to add, drawn as such."""
    first = date(int(year.slug[:4]), 9, 1)
    last = date(first.year + 1, 8, 31)
    half_terms = list(year.half_terms.order_by("starts_on"))
    insets = list(InsetDay.objects.filter(day__range=(first, last)))
    closures = list(Closure.objects.filter(starts_on__lte=last, ends_on__gte=first))
    banks = {
        day: name
        for day, name in sorted(bank_holidays(first.year, last.year).items())
        if first <= day <= last
    }
    kinds = _kinds(first, last, half_terms, insets, closures, banks)
    said = _words(half_terms, insets, closures, banks)
    months = []
    start = first
    while start <= last:
        following = (start + timedelta(days=31)).replace(day=1)
        days = [start + timedelta(days=n) for n in range((following - start).days)]
        months.append(
            Month(
                name=f"{MONTHS[start.month]} {start.year}",
                key=f"{start:%Y-%m}",
                blanks=[None] * start.weekday(),
                days=[
                    Day(day.day, "new" if day in adding else "today" if day == today else kinds[day])
                    for day in days
                ],
                with_students=calendar.pupil_days(start, following - A_DAY),
                words=[words for day, words in said if start <= day < following],
            )
        )
        start = following
    return YearPicture(
        year=year,
        months=months,
        half_terms=[(row, calendar.pupil_days(row.starts_on, row.ends_on)) for row in half_terms],
        insets=insets,
        closures=closures,
        banks=banks,
        with_students=calendar.pupil_days(first, last),
    )


def _kinds(
    first: date,
    last: date,
    half_terms: Iterable[HalfTerm],
    insets: Iterable[InsetDay],
    closures: Iterable[Closure],
    banks: Mapping[date, str],
) -> dict[date, str]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    kinds = dict.fromkeys(days, "off")
    for row in half_terms:
        for day in days:
            if row.starts_on <= day <= row.ends_on:
                kinds[day] = "school" if day.weekday() < 5 else "weekend"
    for closure in closures:
        for day in days:
            if closure.starts_on <= day <= closure.ends_on and kinds[day] == "school":
                kinds[day] = "closed"
    for inset in insets:
        if kinds.get(inset.day) == "school":
            kinds[inset.day] = "inset"
    kinds.update(dict.fromkeys(banks, "bank"))
    return kinds


def _words(
    half_terms: Sequence[HalfTerm],
    insets: Iterable[InsetDay],
    closures: Iterable[Closure],
    banks: Mapping[date, str],
) -> list[tuple[date, str]]:
    """What is said of a year, by the day it begins on, in order."""
    said = [(row.starts_on, f"{row.name} starts") for row in half_terms]
    said += [(one.day, "INSET") for one in insets]
    said += [(one.starts_on, f"closed{f', {_inside(one.reason)}' if one.reason else ''}") for one in closures]
    said += list(banks.items())
    by_day: dict[date, list[str]] = {}
    for day, words in said:
        by_day.setdefault(day, []).append(words)
    found = [(day, f"{_day(day)}: {', '.join(words)}") for day, words in by_day.items()]
    for one, following in pairwise(half_terms):
        start, end = one.ends_on + A_DAY, following.starts_on - A_DAY
        if start <= end:
            found.append((start, f"{_span(start, end)}: {_holiday(one, following)}"))
    for closure in closures:
        if closure.ends_on > closure.starts_on:
            found.append((closure.ends_on, f"{_day(closure.ends_on)}: last day closed"))
    return sorted(found)


def _span(start: date, end: date) -> str:
    month = "" if start.month == end.month else f" {str(MONTHS[end.month])[:3]}"
    return f"{_day(start)} to {_day(end)}{month}"


def _day(day: date) -> str:
    """ "Mon 7"."""
    return f"{WEEKDAYS_ABBR[day.weekday()]} {day.day}"


def _holiday(before: HalfTerm, after: HalfTerm) -> str:
    if before.term == after.term:
        return "half-term holiday"
    return "Christmas holiday" if "autumn" in before.term else "Easter holiday"


def _inside(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
