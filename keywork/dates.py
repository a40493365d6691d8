"""Civil dates in Europe/London, and how dates are said in words.

Every rule counts in civil dates: an instant is turned into its London date and the time of day is then
forgotten. A deadline includes its whole day, so it is passed at 00:00 London time the day after.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from . import languages
from .numbers import figures

LONDON = ZoneInfo("Europe/London")
# By language. `near` are yesterday, today and tomorrow; `halves` of the day, none where it has 24 hours. Welsh and Polish
# say the weekday last: what stands before a date would change its form.
WORDS: Mapping[str, Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "fixtures" / "date_words.json").read_text(encoding="utf-8")
)


def london_date(instant: datetime) -> date:
    """The civil date in London at an aware instant. Raises ``ValueError`` for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone has no London date.")
    return instant.astimezone(LONDON).date()


def overdue_from(due_on: date) -> datetime:
    """The instant, in UTC, from which something due on this day is overdue."""
    return datetime.combine(due_on + timedelta(days=1), time(0), LONDON).astimezone(UTC)


def _words() -> Mapping[str, Any]:
    return WORDS[languages.spoken()]


def day_in_full(day: date, today: date | None = None) -> str:
    """ "Thursday 26 November"; with the year when ``today`` is in another year, or is not given."""
    words = _words()
    full = words["full"].format(
        weekday=words["weekdays"][day.weekday()],
        day=day.day,
        month=words["months"][day.month - 1],
        year="{year}",
    )
    return _with_year(full, day, today)


def day_short(day: date, today: date | None = None) -> str:
    """ "26 November"; with the year when ``today`` is in another year, or is not given."""
    return _with_year(f"{day.day} {_words()['months'][day.month - 1]}{{year}}", day, today)


def _with_year(words: str, day: date, today: date | None) -> str:
    return words.format(year="" if today is not None and today.year == day.year else f" {day.year}")


def days_from_today(day: date, today: date) -> str:
    """ "today", "tomorrow", "in 3 days", "yesterday", "3 days ago"."""
    away, words = (day - today).days, _words()
    if abs(away) <= 1:
        return words["near"][away + 1]
    return words["ahead" if away > 0 else "ago"].format(figures(abs(away)))


def time_of_day(at: time) -> str:
    """ "3.15 pm", "2 pm"."""
    halves = _words()["halves"]
    if halves is None:
        return f"{at.hour}:{at.minute:02}"
    minutes = f".{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {halves[at.hour >= 12]}"


def number_of_days(count: int) -> str:
    """ "1 day", "3 days", "4,895 days"."""
    one, many = _words()["days"]
    return f"{figures(count)} {one if count == 1 else many}"


def year_slug(begins: int) -> str:
    """ "2026-27": the school year that begins in the autumn of 2026, as the calendar names it."""
    return f"{begins}-{(begins + 1) % 100:02}"


def academic_year(label: str) -> str:
    """ "2026/27" of the calendar's "2026-27": as the names of its terms write it."""
    return label.replace("-", "/")
