"""What follows from a student's dates: chronological year, key stage, first year here, the Year 11 flag.

Pure functions. An academic year is named by the calendar year it begins in: 2025 is 2025/26, from
1 September 2025 to 31 August 2026. Year groups are written as schools write them: N1, N2, R, 1 to 14, and
X where the national curriculum year does not apply.
"""

from __future__ import annotations

from datetime import date, timedelta

YEAR_GROUPS: tuple[str, ...] = ("N1", "N2", "R", *(str(year) for year in range(1, 15)))
NOT_APPLICABLE = "X"
_RECEPTION = YEAR_GROUPS.index("R")


def academic_year(day: date) -> int:
    """The academic year this day lies in; it turns on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def chronological_year(born_on: date, year: int) -> str | None:
    """The year group of this age in academic year ``year``; None for those too young or too old for one.

    Counts from the age on the 31 August just before the year starts: 4 is Reception.
    """
    age = year - born_on.year - ((born_on.month, born_on.day) > (8, 31))
    place = age - 4 + _RECEPTION
    return YEAR_GROUPS[place] if 0 <= place < len(YEAR_GROUPS) else None


OWN_CHOICE_FROM = 16


def is_young_person(born_on: date, on: date) -> bool:
    """Old enough to decide for themselves what home sees, if they can (domain 1.10)."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day)) >= OWN_CHOICE_FROM


def years_apart(placed: str, chronological: str | None) -> int | None:
    """Years the placement lies above (+) or below (-) the computed year; None when not comparable."""
    if placed not in YEAR_GROUPS or chronological not in YEAR_GROUPS:
        return None
    return YEAR_GROUPS.index(placed) - YEAR_GROUPS.index(chronological)


def warns_of_year(placed: str, born_on: date, year: int) -> bool:
    """Whether the placed year differs from the computed one by more than a year: worth a second look."""
    apart = years_apart(placed, chronological_year(born_on, year))
    return apart is not None and abs(apart) > 1


def first_year_ends_on(joined_on: date, months: int = 12) -> date:
    """The last day of the first year: the day before its anniversary (29 February's is 1 March)."""
    return add_months(joined_on, months) - timedelta(days=1)


def in_first_year(joined_on: date, as_of: date, months: int = 12) -> bool:
    """Whether the Transition Manager is still the keyworker's first contact."""
    return joined_on <= as_of <= first_year_ends_on(joined_on, months)


def before_sixth_form(year_group: str, as_of: date, last_year: int = 11, months: int = 6) -> date | None:
    """The 1 September on which a student of the last year before sixth form moves up, from so many months before it."""
    moves_on = date(academic_year(as_of) + 1, 9, 1)
    is_near = add_months(moves_on, -months) <= as_of
    return moves_on if year_group == str(last_year) and is_near else None


FAR_AHEAD = "Look at the year: that is more than a year ahead"


def is_far_ahead(joined_on: date, today: date) -> bool:
    """Whether a first day on roll, typed or in a file, must be a slip."""
    return joined_on > add_months(today, 12)


def add_months(day: date, months: int) -> date:
    """The same day some months on (or back); where that month has no such day, the first of the next."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1)


def how_long(starts_on: date, ends_on: date) -> str:
    """ "3 days", "5 weeks", "7 months", "2 years": the largest whole unit from the first day to the last."""
    days = (ends_on - starts_on).days
    if days < 14:
        return _counted(max(days, 0), "day") if days > 0 else "since today"
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    if add_months(starts_on, months) > ends_on:
        months -= 1
    if months < 3:
        return _counted(days // 7, "week")
    if months < 24:
        years, left = divmod(months, 12)
        return _counted(months, "month") if not years or left else "1 year"
    return _counted(months // 12, "year")


def _counted(number: int, unit: str) -> str:
    return f"1 {unit}" if number == 1 else f"{number} {unit}s"
