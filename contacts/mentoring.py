"""Mentoring: how many slots a student has in a week, what stands in the way of another, and a mentor's load.

Pure: no Django. A week is Monday to Sunday and counts where it has at least three pupil days (domain 5.2, weekly
presets). What the policy asks for in a week is advice and shown as a count; the most it allows is kept to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import NamedTuple

from keywork.calendar import SchoolCalendar
from keywork.dates import time_of_day
from keywork.numbers import in_words
from keywork.policy import Policy

LENGTHS = (20, 60)  # minutes, where the policy names none
WEEK_PUPIL_DAYS = 3
COUNTED = frozenset({"planned", "attended"})  # not one that was moved, called off or not come to


class Booked(NamedTuple):
    """A slot as the rules see it. `at` is None where only the day is fixed."""

    on: date
    minutes: int
    status: str = "planned"
    at: time | None = None


def week_of(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def is_window(day: date, calendar: SchoolCalendar) -> bool:
    return calendar.pupil_days(*week_of(day)) >= WEEK_PUPIL_DAYS


def lengths(policy: Policy) -> tuple[int, ...]:
    return policy.session_lengths_minutes or LENGTHS


def asked_for(policy: Policy) -> str:
    """ "one or two a week", "at least one a week"; "" where the school owes its sessions by another window."""
    if policy.session_window != "week":
        return ""
    least, most = policy.session_min_per_window, policy.session_max_per_week
    if most is None:
        return f"at least {in_words(least)} a week"
    if least == most:
        return f"{in_words(least)} a week"
    return f"{in_words(least)} {'or' if most == least + 1 else 'to'} {in_words(most)} a week"


def too_many(slots: Iterable[Booked], day: date, policy: Policy, known_as: str) -> str:
    """Why the student cannot have another slot in the week of this day, or ""."""
    most = policy.session_max_per_week
    if most is None or load(slots, day).slots < most:
        return ""
    return f"{known_as} has {in_words(most)} that week already, the most that the school’s rules allow"


def clash(slots: Iterable[Booked], new: Booked) -> Booked | None:
    """The slot of the same person that is on at the same time. Slots without a time are in nobody's way."""
    if new.at is None:
        return None
    for slot in slots:
        if slot.at is not None and slot.on == new.on and slot.status in COUNTED:
            begins, ends = _minute(slot.at), _minute(slot.at) + slot.minutes
            if begins < _minute(new.at) + new.minutes and _minute(new.at) < ends:
                return slot
    return None


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


class Load(NamedTuple):
    """What mentoring takes of a person's week: the one figure that stands beside their duties."""

    slots: int = 0
    minutes: int = 0

    @property
    def words(self) -> str:
        """ "3 slots, 1 hour 40 minutes"; "" for none."""
        if not self.slots:
            return ""
        return f"{self.slots} slot{'' if self.slots == 1 else 's'}, {how_long(self.minutes)}"


def load(slots: Iterable[Booked], day: date) -> Load:
    """Of the slots of one person: those that count in the week of this day, planned and not yet marked, or attended."""
    first, last = week_of(day)
    mine = [slot for slot in slots if first <= slot.on <= last and slot.status in COUNTED]
    return Load(len(mine), sum(slot.minutes for slot in mine))


def how_long(minutes: int) -> str:
    """ "20 minutes", "1 hour", "1 hour 40 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(f"{hours} hour{'' if hours == 1 else 's'}")
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)


# What the policy calls a time of drop-in, as a student reads it.
TIMES = {
    "morning_break": "at morning break",
    "lunch": "at lunch",
    "after_school": "after school",
    "as_needed": "any time I need",
}
FIXED = ("morning_break", "lunch", "after_school")  # those that stand on days of the week


def time_words(slug: str, policy: Policy) -> str:
    """ "at lunch", "after school, from 3.15 pm to 3.30 pm"."""
    words = TIMES.get(slug, slug.replace("_", " "))
    hours = policy.drop_in.after_school if policy.drop_in else ()
    if slug == "after_school" and len(hours) == 2:
        begins, ends = (time_of_day(time.fromisoformat(at)) for at in hours)
        return f"{words}, from {begins} to {ends}"
    return words


def offered_times(policy: Policy) -> list[str]:
    """The times of day at which a person of staff may offer drop-in, in the order of the day."""
    offered = policy.drop_in.times if policy.drop_in else ()
    return [*(slug for slug in FIXED if slug in offered), *(one for one in offered if one not in TIMES)]


def is_always_open(policy: Policy) -> bool:
    """Whether a student may come whenever they need to."""
    return policy.drop_in is not None and "as_needed" in policy.drop_in.times
