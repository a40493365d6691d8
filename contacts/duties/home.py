"""The home-contact duty (C1 to C17): when each family must next hear from the school, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from contacts import facts
from contacts.home_contact import (
    RUNNING,
    HomeFacts,
    HomeHistory,
    HomeResult,
    LastContact,
    LoggedContact,
    Missed,
    evaluate,
    long_closure,
    missed,
)
from contacts.misses import attribution, miss_class
from keywork import prepared
from keywork import school as schools
from keywork.addresses import numbered
from keywork.calendar import Span, merged_spans
from keywork.dates import day_short, days_from_today, number_of_days
from keywork.duties import DutyContext, DutyState, MissFact, Status, Words
from keywork.keyworker_history import KeyworkerPeriod, keyworker_on_day, keyworkers
from keywork.providers import A_DAY, Duty
from keywork.school import SchoolFacts

from . import words
from .away import long_absences, read_long_absences

KIND = "home_contact"
HELD = "held"  # a hold is in force, whatever the status (C12)

_ASKED = ("{s.cause} {s.rule}", "{s.not_counted}", "{s.holidays} {s.who_was_in_post}")
WORDS = {
    Status.OVERDUE: Words("{s.over}", "{s.name} is overdue", "{s.when_asked}", _ASKED),
    Status.DUE_SOON: Words("{s.due_in_short}", "{s.name} is {s.due_in_words}", "{s.when_asked}", _ASKED),
    Status.OK: Words("In time", "{s.name} is in time: next by {s.by_day}", "{s.when_asked}", _ASKED),
    Status.NOT_OWED: Words(
        "Leaving",
        "No home contact is owed before the last day",
        "",
        ("The next contact would be due {s.due}; {s.known_as}’s last day is {s.left}.",),
    ),
    Status.NONE: Words("Not required", "Home contact is not required", "", ("{s.why_none}",)),
    HELD: Words(
        "On hold",
        "Home contact is on hold",
        "{s.hold_ends}",
        (
            "The school has been told not to contact home {s.hold_ends_inside}.",
            "Days on hold do not count; the days that are left carry over.",
        ),
    ),
}


@dataclass(slots=True, eq=False)
class HomeContext(DutyContext):
    """`pressing` and `calm` know what was logged, and who was in post, since the clocks of these students began; `away`
    are the days away of a year, where they were read."""

    away: Mapping[int, tuple[Span, ...]] | None = None
    pressing: SinceThen | None = None
    calm: SinceThen | None = None


class HomeContactState(DutyState):
    __slots__ = ()

    kind = KIND
    words = WORDS
    context: HomeContext
    result: HomeResult

    @property
    def said(self) -> Words:
        return WORDS[HELD] if self.held_until else WORDS[self.status]

    @property
    def name(self) -> str:
        return "First home contact" if self.first and self.status in RUNNING else "Home contact"

    @property
    def note(self) -> str:
        if self.held_until is None or self.held_until == date.max:
            return ""
        return f"until {day_short(self.held_until, self.as_of)}"

    @property
    def is_to_do(self) -> bool:
        return self.status in RUNNING and not self.held_until

    @property
    def address(self) -> str:
        return numbered("contacts:log_contact").format(self.student_id)

    @property
    def reasons(self) -> list[str]:
        # What did not count is a paragraph each.
        return [one for text in super().reasons for one in text.split("\n")]

    @property
    def last_on(self) -> date | None:
        return self.result.last_on

    @property
    def tries(self) -> Sequence[LoggedContact]:
        """What was logged since the clock began and did not stop it, where it presses: a line of every list."""
        return self._since_then.tries.get(self.student_id, ()) if self.result.presses else ()

    @property
    def keyworkers(self) -> Sequence[KeyworkerPeriod]:
        """Who was in post since the clock began."""
        return self._since_then.keyworkers.get(self.student_id, ())

    @property
    def _since_then(self) -> SinceThen:
        found = self.context.pressing if self.result.presses else self.context.calm
        assert found is not None  # of every state whose clock runs
        return found

    # The pieces of the sentences

    @property
    def hold_ends(self) -> str:
        assert self.held_until is not None
        return words.until(self.held_until, self.as_of)

    @property
    def hold_ends_inside(self) -> str:
        return self.hold_ends[0].lower() + self.hold_ends[1:]

    @property
    def _interval(self) -> str:
        return number_of_days(self.policy.contact_interval_days or 0)

    @property
    def _is_new(self) -> bool:
        """Whether the clock began on the first day on roll (C1)."""
        return self.result.began == "joined"

    @property
    def when_asked(self) -> str:
        """Date, distance, what was last done, and what was tried since."""
        tried = words.tried(self.tries)
        if not self.first:
            verb = "Last spoke" if self.result.last_outcome == "two_way" else "Last wrote"
            return f"{self._due_line}. {verb} {self.day(self.last_on)}. {tried}"
        welcome = f"New {self.policy.worded('students')}’ families hear from us within {self._interval}."
        if self.status is Status.OVERDUE:
            return f"{self._due_line}. Nobody has spoken with home yet. {tried}"
        if self.by == self.as_of and not self.is_in_time_until:
            return f"{welcome} {tried}"
        return f"{self._due_line}. {welcome if self._is_new else ''} {tried}"

    @property
    def _due_line(self) -> str:
        assert self.due_on is not None and self.by is not None
        if self.status is Status.OVERDUE:
            return f"Due {self.due}, {days_from_today(self.due_on, self.as_of)}"
        if self.status is Status.DUE_SOON:
            away = days_from_today(self.by, self.as_of)
            return away[0].upper() + away[1:]
        return self.by_day

    @property
    def cause(self) -> str:
        assert self.since is not None
        if self.last_on is not None and self.last_on >= self.since:
            verb = "spoke with" if self.result.last_outcome == "two_way" else "wrote to"
            return f"Last {verb} home on {self.day(self.last_on)}."
        nothing = (
            "no contact has been logged since"
            if self.last_on
            else "no contact that counts has been logged yet"
        )
        if self._is_new:
            return f"{self.student.known_as} joined on {self.day(self.since)}; {nothing}."
        what = {
            "known": f"{self.student.known_as} was added",
            "live": f"{self.school.name} began with Keywork",
        }.get(self.result.began, "the school’s rule took effect")
        return f"Counting began on {self.day(self.since)}, when {what}; {nothing}."

    @property
    def rule(self) -> str:
        assert self.due_on is not None
        rule = f"The school’s rule is every {self._interval}"
        if self.result.two_way:
            longest = number_of_days(self.policy.contact_two_way_max_gap_days or 0)
            rule = f"The school’s rule is that both sides speak or write at least every {longest}"
        if self.result.check_in:
            rule = "The school asks for a contact in every long holiday"
        if self.two_days:
            return f"{rule}. {self.two_days}"
        return f"{rule}, so it {'was' if self.status is Status.OVERDUE else 'is'} due {self.due}."

    @property
    def not_counted(self) -> str:
        logged = self._since_then.tries.get(self.student_id, ())
        return "\n".join(words.not_counted(logged, self.policy, self.as_of))

    @property
    def holidays(self) -> str:
        told = "Holidays do not count." if self.policy.pauses else "Holidays count."
        assert self.since is not None and self.due_on is not None
        for first, last in merged_spans(self.result.holds):
            if first <= self.due_on and last > self.since:
                begins, ends = day_short(first, self.as_of), day_short(last, self.as_of)
                days = f"of {begins}" if first == last else f"from {begins} to {ends}"
                told += f" The hold {days} does not count."
        return told

    @property
    def who_was_in_post(self) -> str:
        assert self.since is not None
        return words.in_post(self.keyworkers, self.since, self.as_of, self.policy)

    @property
    def unknown_before(self) -> str:
        """Of somebody added late, while nothing is logged: that what was done before is not known here (C1)."""
        if self.result.began != "known" or not self.first or self.since is None:
            return ""
        since = "today" if self.since == self.as_of else self.day(self.since)
        known_as, year = self.student.known_as, self.student.joined_on.year
        return (
            f"{known_as} has been on roll since {year}, in Keywork since {since}: what was done before is not known"
            " here."
        )

    @property
    def why_none(self) -> str:
        is_asked = self.policy.runs_contact_clock
        return super().why_none if is_asked else "The school’s policy sets no time for home contacts."


class HomeContactDuty(Duty):
    """Home contact, for many students at once: two queries, and two more where reasons are read."""

    kind = KIND
    name = "Home contact"
    miss_names = {KIND: "Home contact"}
    rests_on = {
        "contacts_homecontactevent": "student_id",
        "contacts_contactholdevent": "student_id",
        "students_studentevent": "id",
    }
    state, fact = HomeContactState, HomeFacts
    context = HomeContext
    evaluate = staticmethod(evaluate)

    def reads(self, context: HomeContext) -> Sequence[prepared.Read]:
        """Holds, last contacts; and of a page, which says of whom is long away, the days away."""
        as_of, policy, ids = context.as_of, context.policy, context.ids
        if not policy.runs_contact_clock:
            return ()
        held = facts.holds(ids, as_of, context.known_on)
        if context.known_on is not None:
            return (held,)
        closure = long_closure(as_of, policy, context.school.calendar)
        latest = facts.last_contacts(ids, as_of, policy, closure)
        return (held, latest, read_long_absences(ids, as_of)) if context.is_page else (held, latest)

    def facts(
        self,
        context: HomeContext,
        held: Mapping[int, tuple[Span, ...]] = MappingProxyType({}),
        latest: Mapping[int, LastContact | None] = MappingProxyType({}),
        away: Mapping[int, tuple[Span, ...]] | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        as_of, school, context.away = context.as_of, context.school, away
        if context.known_on is not None and context.policy.runs_contact_clock and context.students:
            histories = facts.histories(context.students, as_of, context.known_on)
            latest = {pk: one.at(as_of, as_of, school).last for pk, one in histories.items()}
        before = school.went_live_on - A_DAY  # how long before somebody joined makes no difference
        for one in context.students:
            pk, joined_on = one.pk, one.joined_on
            if joined_on < before:
                joined_on = before
            yield joined_on, one.left_on, latest.get(pk), held.get(pk, ()), one.known_from

    def explain(self, context: HomeContext, states: Sequence[HomeContactState]) -> None:
        running = [(state, state.since) for state in states if state.status in RUNNING and state.since]
        for name, presses in (("pressing", True), ("calm", False)):
            since = {state.student_id: day for state, day in running if state.result.presses is presses}
            setattr(context, name, SinceThen(since, context))

    def missed(
        self, students: Sequence[Any], first: date, as_of: date, school: SchoolFacts
    ) -> Iterator[MissFact]:
        until = as_of - A_DAY
        histories = facts.histories(students, until)
        passed = [(pk, one) for pk, known in histories.items() for one in missed(known, first, until, school)]
        yield from _classed(passed, histories)

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


def _classed(
    passed: Sequence[tuple[int, Missed]], histories: Mapping[int, HomeHistory]
) -> Iterator[MissFact]:
    """C7 and C14: `attempted` says what was done, whoever was in post; then unassigned, handover, missed."""
    in_charge = keyworker_on_day([(student_id, one.due_on) for student_id, one in passed])
    for student_id, one in passed:
        klass: str = miss_class(histories[student_id].contacts, one.since, one.due_on, one.policy)
        keyworker_id, since = in_charge.get((student_id, one.due_on), (None, None))
        if klass == "missed":
            attributed = attribution(one.due_on, since, one.policy)
            klass = "missed" if attributed == "keyworker" else attributed
        yield MissFact(KIND, student_id, one.due_on, klass, keyworker_id)


class SinceThen:
    """What was tried, and who was in post, since the clock of each student began: a query each for all of them.

    Asked for with the first line that needs it, so a list that shows no reasons does without.
    """

    def __init__(self, since: dict[int, date], context: DutyContext) -> None:
        self._since, self._context = since, context

    @cached_property
    def tries(self) -> dict[int, list[LoggedContact]]:
        return facts.tries(self._since, self._context.as_of, self._context.policy, self._context.known_on)

    @cached_property
    def keyworkers(self) -> dict[int, list[KeyworkerPeriod]]:
        if not self._since:
            return {}
        asked = self._context
        return keyworkers(self._since, min(self._since.values()), asked.as_of, asked.known_on)
