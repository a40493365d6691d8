"""The home-contact duty (C1 to C17): when each family must next hear from the school, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from contacts import facts
from contacts.home_contact import RUNNING, HomeFacts, HomeReading, evaluate, long_closure
from keywork import school as schools
from keywork.addresses import numbered
from keywork.calendar import Span
from keywork.dates import day_in_full, day_short, days_from_today, number_of_days
from keywork.duties import DutyProvider, DutyState, Ground, MissFact, Status
from keywork.posts import Spell
from keywork.school import SchoolFacts

from . import words
from .away import long_absences
from .missed_contacts import missed_contacts

KIND = "home_contact"


@dataclass(slots=True, eq=False)
class HomeGround(Ground):
    """`pressing` and `calm` know what was logged, and who was in post, since the clocks of these students began."""

    pressing: _SinceThen | None = None
    calm: _SinceThen | None = None


class HomeContactState(DutyState):
    """How one student's home contact stands."""

    __slots__ = ()

    kind = KIND
    ground: HomeGround
    reading: HomeReading

    @property
    def last_on(self) -> date | None:
        return self.reading.last_on

    @property
    def check_in(self) -> Span | None:
        return self.reading.check_in

    @property
    def tries(self) -> Sequence[facts.LoggedContact]:
        """What was logged since the clock began and did not stop it, where it presses: a line of every list."""
        return self._since_then.tries.get(self.student_id, ()) if self.reading.presses else ()

    @property
    def keyworkers(self) -> Sequence[Spell]:
        """Who was in post since the clock began."""
        return self._since_then.keyworkers.get(self.student_id, ())

    @property
    def _since_then(self) -> _SinceThen:
        found = self.ground.pressing if self.reading.presses else self.ground.calm
        assert found is not None  # of every state whose clock runs
        return found

    @property
    def name(self) -> str:
        return "First home contact" if self.first and self.status in RUNNING else "Home contact"

    @property
    def label(self) -> str:
        if self.held_until:
            return "On hold"
        match self.status:
            case Status.OVERDUE:
                return f"{number_of_days(self.days_over)} over"
            case Status.DUE_SOON:
                return self.due_in_short
            case Status.OK:
                return "In time"
            case Status.NOT_OWED:
                return "Leaving"
        return "Not required"

    @property
    def note(self) -> str:
        if self.held_until is None or self.held_until == date.max:
            return ""
        return f"until {day_short(self.held_until, self.as_of)}"

    @property
    def headline(self) -> str:
        if self.held_until:
            return "Home contact is on hold"
        match self.status:
            case Status.OVERDUE:
                return f"{self.name} is overdue"
            case Status.DUE_SOON:
                return f"{self.name} is {self.due_in_words}"
            case Status.OK if self.by:
                return f"{self.name} is in time: next by {day_in_full(self.by, self.as_of)}"
            case Status.NOT_OWED:
                return "No home contact is owed before the last day"
        return "Home contact is not required"

    @property
    def when(self) -> str:
        """Date, distance, what was last done, and what was tried since."""
        if self.held_until:
            return words.until(self.held_until, self.as_of)
        if self.status not in RUNNING or self.due_on is None:
            return ""
        tried = words.tried(self.tries)
        if self.first:
            welcome = f"New students’ families hear from us within {self._interval}."
            if self.status is Status.OVERDUE:
                return words.sentences(f"{self._due_line}.", "Nobody has spoken with home yet.", tried)
            if self.by == self.as_of and not self.is_in_time_until:
                return words.sentences(welcome, tried)
            return words.sentences(f"{self._due_line}.", welcome if self._is_new else "", tried)
        return words.sentences(f"{self._due_line}.", f"{self._last_line}.", tried)

    @property
    def reasons(self) -> list[str]:
        if self.status is Status.NONE:
            return [self._why_none]
        if self.held_until:
            until = words.until(self.held_until, self.as_of)
            return [
                f"The school has been told not to contact home {until[0].lower()}{until[1:]}.",
                "Days on hold do not count; the days that are left carry over.",
            ]
        if self.due_on is None or self.since is None:
            return [self.headline + "."]
        if self.status is Status.NOT_OWED:
            left = day_in_full(self.student.left_on, self.as_of)
            return [
                f"The next contact would be due {self._day(self.due_on)}; "
                f"{self.student.known_as}’s last day is {left}."
            ]
        paragraphs = [f"{self._cause} {self._rule}"]
        logged = self._since_then.tries.get(self.student_id, ())
        paragraphs += words.not_counted(logged, self.policy, self.as_of)
        paragraphs.append(
            words.sentences(self._holidays, words.in_post(self.keyworkers, self.since, self.as_of))
        )
        return [one for one in paragraphs if one]

    @property
    def action_url(self) -> str:
        if self.held_until or self.status not in RUNNING:
            return ""
        return numbered("contacts:log_contact").format(self.student_id)

    # The pieces of the sentences

    def _day(self, day: date) -> str:
        return day_in_full(day, self.as_of)

    @property
    def _interval(self) -> str:
        return number_of_days(self.policy.contact_interval_days or 0)

    @property
    def _is_new(self) -> bool:
        """Whether the clock began on the first day on roll (C1)."""
        return self.reading.began == "joined"

    @property
    def unknown_before(self) -> str:
        """Of somebody added late, while nothing is logged: that what was done before is not known here (C1)."""
        if self.reading.began != "known" or not self.first or self.since is None:
            return ""
        since = "today" if self.since == self.as_of else self._day(self.since)
        known_as, year = self.student.known_as, self.student.joined_on.year
        return (
            f"{known_as} has been on roll since {year}, in Keywork since {since}: what was done before is not known"
            " here."
        )

    @property
    def _due_line(self) -> str:
        assert self.due_on is not None and self.by is not None
        if self.status is Status.OVERDUE:
            return f"Due {self._day(self.due_on)}, {days_from_today(self.due_on, self.as_of)}"
        if self.status is Status.DUE_SOON:
            away = days_from_today(self.by, self.as_of)
            return away[0].upper() + away[1:]
        return self._day(self.by)

    @property
    def _last_line(self) -> str:
        assert self.last_on is not None
        verb = "Last spoke" if self.reading.last_outcome == "two_way" else "Last wrote"
        return f"{verb} {self._day(self.last_on)}"

    @property
    def _cause(self) -> str:
        assert self.since is not None
        if self.last_on is not None and self.last_on >= self.since:
            verb = "spoke with" if self.reading.last_outcome == "two_way" else "wrote to"
            return f"Last {verb} home on {self._day(self.last_on)}."
        nothing = (
            "no contact has been logged since"
            if self.last_on
            else "no contact that counts has been logged yet"
        )
        if self._is_new:
            return f"{self.student.known_as} joined on {self._day(self.since)}; {nothing}."
        if self.reading.began == "known":
            return f"Counting began on {self._day(self.since)}, when {self.student.known_as} was added; {nothing}."
        what = "the school’s rule took effect"
        if self.reading.began == "live":
            what = f"{self.school.name} began with Keywork"
        began = f"Counting began on {self._day(self.since)}, when {what}"
        return f"{began}; {nothing}."

    @property
    def _rule(self) -> str:
        assert self.due_on is not None
        tense = "was" if self.status is Status.OVERDUE else "is"
        rule = f"The school’s rule is every {self._interval}"
        if self.check_in:
            rule = "The school asks for a contact in every long holiday"
        due = self._day(self.due_on)
        if self.do_by is not None and self.do_by < self.due_on and self.status is not Status.OVERDUE:
            return f"{rule}: in time until {due}, with {self._day(self.do_by)} the last school day before it."
        return f"{rule}, so it {tense} due {due}."

    @property
    def _holidays(self) -> str:
        told = "Holidays do not count." if self.policy.pauses else "Holidays count."
        assert self.since is not None and self.due_on is not None
        for first, last in self.reading.holds:
            if first <= self.due_on and last > self.since:
                days = f"{day_short(first, self.as_of)} to {day_short(last, self.as_of)}"
                told += f" The hold from {days} does not count."
        return told

    @property
    def _why_none(self) -> str:
        known_as, left_on = self.student.known_as, self.student.left_on
        if not self.policy.runs_contact_clock:
            return "The school’s policy sets no time for home contacts."
        if left_on is not None and left_on < self.as_of:
            return f"{known_as} left on {self._day(left_on)}."
        if self.student.joined_on > self.as_of:
            return f"{known_as} joins on {self._day(self.student.joined_on)}."
        return "Nothing was counted yet: the school had not begun with Keywork."


class HomeContactDuty(DutyProvider):
    """Home contact, for many students at once: two queries, and a third when reasons are read."""

    kind = KIND
    name = "Home contact"
    miss_names = {KIND: "Home contact"}
    rests_on = {
        "contacts_homecontactevent": "student_id",
        "contacts_contactholdevent": "student_id",
        "students_studentevent": "id",
    }

    def states(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None = None,
        *,
        school: SchoolFacts | None = None,
    ) -> list[HomeContactState]:
        school = school or schools.load()
        ground = HomeGround(as_of, school, school.policy(as_of))
        closure = long_closure(as_of, ground.policy, school.calendar)
        if not ground.policy.runs_contact_clock or not students:
            return _read_all(students, {}, {}, ground, known_on)
        ids = [student.pk for student in students]
        latest = facts.last_contacts(ids, as_of, ground.policy, known_on, closure)
        held = facts.holds(ids, as_of, known_on)
        return _read_all(students, latest, held, ground, known_on)

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterable[MissFact]:
        return missed_contacts(KIND, as_of, since, school or schools.load(), students)

    def reminders(
        self, states: Sequence[HomeContactState], as_of: date, *, school: SchoolFacts | None = None
    ) -> dict[int, str]:
        found = long_absences(states, as_of, (school or schools.load()).calendar)
        for state in states:
            if state.unknown_before:
                found[state.student_id] = words.sentences(
                    state.unknown_before, found.get(state.student_id, "")
                )
        return found


def _read_all(
    students: Sequence[Any],
    latest: Mapping[int, facts.LastContact],
    held: Mapping[int, tuple[Span, ...]],
    ground: HomeGround,
    known_on: date | None,
) -> list[HomeContactState]:
    as_of, school = ground.as_of, ground.school
    # Most students share their dates with many others: each combination is worked out once.
    read: dict[tuple[Any, ...], HomeReading] = {}
    found: list[HomeContactState] = []
    for student in students:
        pk = student.pk
        key = (student.joined_on, student.left_on, latest.get(pk), held.get(pk, ()), student.known_from)
        reading = read.get(key)
        if reading is None:
            reading = read[key] = evaluate(HomeFacts(*key), as_of, school)
        found.append(HomeContactState(ground, student, reading))
    running = [state for state in found if state.status in RUNNING and state.since is not None]
    for name, presses in (("pressing", True), ("calm", False)):
        since = {state.student.pk: state.since for state in running if state.reading.presses is presses}
        setattr(ground, name, _SinceThen(since, as_of, known_on))
    return found


class _SinceThen:
    """What was tried, and who was in post, since the clock of each student began: one query for all of them.

    Asked for with the first reason that is read, so a list that shows no reasons does without.
    """

    def __init__(self, since: dict[int, date], as_of: date, known_on: date | None) -> None:
        self._asked = since, as_of, known_on

    @cached_property
    def _found(self) -> tuple[dict[int, list[facts.LoggedContact]], dict[int, list[Spell]]]:
        return facts.since_then(*self._asked)

    @property
    def tries(self) -> dict[int, list[facts.LoggedContact]]:
        return self._found[0]

    @property
    def keyworkers(self) -> dict[int, list[Spell]]:
        return self._found[1]
