"""How long someone has been somebody's keyworker, in the words people use.

Pure functions of civil dates.
"""

from __future__ import annotations

from datetime import date

from .rules import add_months


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
