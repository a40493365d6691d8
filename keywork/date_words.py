"""Days, dates and times in the words of each language that Keywork is read in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from . import languages


class DateWords(NamedTuple):
    """`full` has {weekday}, {day}, {month} and {year}, which begins with a space or is empty."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    full: str
    near: Mapping[int, str]
    ahead: str
    ago: str
    days: tuple[str, str]
    halves: tuple[str, str] | None  # of the day; None where it has 24 hours


def now() -> DateWords:
    return WORDS[languages.spoken()]


# Welsh and Polish say the weekday last: what stands before a date would change its form.
WORDS: dict[str, DateWords] = {
    languages.ENGLISH: DateWords(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        (
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        "{weekday} {day} {month}{year}",
        {-1: "yesterday", 0: "today", 1: "tomorrow"},
        "in {} days",
        "{} days ago",
        ("day", "days"),
        ("am", "pm"),
    ),
    "cy": DateWords(
        ("dydd Llun", "dydd Mawrth", "dydd Mercher", "dydd Iau", "dydd Gwener", "dydd Sadwrn", "dydd Sul"),
        (
            *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
            *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
        ),
        "{day} {month}{year} ({weekday})",
        {-1: "ddoe", 0: "heddiw", 1: "yfory"},
        "ymhen {} diwrnod",
        "{} diwrnod yn ôl",
        ("diwrnod", "diwrnod"),
        ("yb", "yp"),
    ),
    "pl": DateWords(
        ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
        (
            *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
            *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
        ),
        "{day} {month}{year} ({weekday})",
        {-1: "wczoraj", 0: "dzisiaj", 1: "jutro"},
        "za {} dni",
        "{} dni temu",
        ("dzień", "dni"),
        None,
    ),
}
