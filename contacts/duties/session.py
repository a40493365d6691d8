"""The keywork session duty (H1 to H10): have the student and their keyworker sat down together?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap
from typing import Any

from contacts import facts
from contacts import sessions as rules
from contacts.sessions import LoggedSession, SessionFacts, SessionResult, evaluate, missed
from keywork import prepared
from keywork.addresses import numbered
from keywork.calendar import Block, Span
from keywork.dates import day_short, number_of_days
from keywork.duties import DutyContext, DutyState, MissFact, Status, Words
from keywork.keyworker_history import KeyworkerPeriod, attributed
from keywork.numbers import in_words
from keywork.providers import A_DAY, Duty
from keywork.school import SchoolFacts
from students.away import read_absences

from . import words
from .home import SinceThen

KIND = "session"
TOPICS = {
    "attendance": "attendance",
    "engagement": "engagement",
    "points": "points",
    "social_progress": "social progress",
}
NOT_COUNTED = {"cancelled": "Cancelled", "no_show": "Did not come", "declined": "Declined"}

_EXPLAINED = frozenset({Status.MISSED, Status.DUE_SOON})
_WAS_HELD = ("{s.when}. The school asks for one in each half-term: {s.block.name} ends {s.block_ends}.",)
_OWED = (
    "The school’s rule is a session on {s.required} in each half-term. {s.ends}",
    "{s.not_talked_about} {s.not_counted}",
    "{s.way_out}",
    "{s.who_was_in_post}",
)
WORDS = {
    Status.MET: Words("Done", "Keywork session is done", "Held {s.met_day}", _WAS_HELD),
    Status.MET_LATE: Words("Done late", "Keywork session is done late", "Made up {s.met_day}", _WAS_HELD),
    Status.OPEN: Words(
        "{s.how_far}", "Keywork session is {s.due_in_words}", "{s.by_day}. {s.still_open}", _OWED
    ),
    Status.DUE_SOON: Words(
        "{s.due_in_short}",
        "Keywork session is {s.due_in_words}",
        "{s.by_day}, {s.by_away}. {s.still_open}",
        _OWED,
    ),
    Status.MISSED: Words(
        "Missed",
        "Keywork session was missed in {s.block.name}",
        "Was due {s.due}. {s.way_out}",
        _OWED,
    ),
    Status.DECLINED: Words(
        "Declined",
        "Keywork session was declined",
        "Offered {s.how_often}; {s.known_as} said not this half-term",
        (
            "{s.when}.",
            "Offered and declined on {s.declined_days}. A student’s refusal is respected.",
        ),
    ),
    Status.NOT_REQUIRED: Words(
        "Not required",
        "Keywork session is not required",
        "Fewer than {s.least_days} at school this half-term",
        ("Not required: fewer than {s.least_days} at school this half-term",),
    ),
    Status.NONE: Words("Not required", "Keywork session is not required", "", ("{s.why_none}",)),
}


@dataclass(slots=True, eq=False)
class SessionContext(DutyContext):
    since_then: SinceThen | None = None


class SessionState(DutyState):
    __slots__ = ()

    kind = KIND
    words = WORDS
    context: SessionContext
    result: SessionResult
    facts: SessionFacts

    @property
    def name(self) -> str:
        return "Keywork session"

    @property
    def note(self) -> str:
        return self.block.name if self.block and self.result.is_past else ""

    @property
    def address(self) -> str:
        return numbered("contacts:log_session").format(self.student_id)

    @property
    def block(self) -> Block | None:
        """The half-term, or term, it is about."""
        return self.result.block

    @property
    def keyworkers(self) -> Sequence[KeyworkerPeriod]:
        """Who was in post from the first day of the half-term to its due date, where somebody may ask why."""
        if self.context.since_then is None or self.status not in _EXPLAINED:
            return ()
        ends = self.due_on or self.as_of
        found = self.context.since_then.keyworkers.get(self.student_id, ())
        return [one for one in found if one.starts_on <= ends]

    # The pieces of the sentences

    @property
    def logged(self) -> list[LoggedSession]:
        return rules.logged_in(self.facts, self.result, self.as_of)

    @property
    def met_day(self) -> str:
        return self.day(self.result.met_on)

    @property
    def block_ends(self) -> str:
        return self.day(self.block.ends_on) if self.block else ""

    @property
    def part_done(self) -> bool:
        """Something held counts towards the half-term, and something is still to talk about."""
        held = any(one.status == "held" and not one.waiting for one in self.logged)
        return held and len(self.result.topics_left) < len(self._topics)

    @property
    def how_far(self) -> str:
        return "Part done" if self.part_done else "Not started"

    @property
    def still_open(self) -> str:
        return f"Still to talk about: {_named(self.result.topics_left)}." if self.part_done else ""

    @property
    def _topics(self) -> tuple[str, ...]:
        return (self.result.policy or self.policy).session_required_topics

    @property
    def required(self) -> str:
        return _named(self._topics) or "how things are going"

    @property
    def ends(self) -> str:
        assert self.block is not None
        missed = self.status is Status.MISSED
        if self.due_on == self.block.ends_on:
            return f"{self.block.name} {'ended' if missed else 'ends'} {self.due}."
        return f"It {'was' if missed else 'is'} due {self.due}, {self.student.known_as}’s last day."

    @property
    def not_talked_about(self) -> str:
        if not self.result.topics_left:
            return ""
        yet = "" if self.status is Status.MISSED else " yet"
        return f"Not talked about{yet}: {_named(self.result.topics_left)}."

    @property
    def not_counted(self) -> str:
        found = []
        for status, what in NOT_COUNTED.items():
            days = [day_short(one.on, self.as_of) for one in self.logged if one.status == status]
            if days:
                found.append(f"{what} on {words.listed(days)}, which does not count.")
        limit = self.policy.contact_backdate_limit_days
        found += [
            f"The session on {day_short(one.on, self.as_of)} was logged more than {limit} days later"
            " and waits for approval."
            for one in self.logged
            if one.status == "held" and one.waiting
        ]
        return " ".join(found)

    @property
    def way_out(self) -> str:
        """Of a missed half-term: how it can be made up for, or when the next is due."""
        if self.status is not Status.MISSED:
            return ""
        by = self.result.catch_up_by
        if by is not None and self.as_of <= by and self.school.calendar.block_on(self.as_of) is None:
            return f"A session in the holiday can still make up for it, until {self.day(by)}."
        following = self.result.next_by
        return f"The next is due {self.day(following)}." if following else ""

    @property
    def who_was_in_post(self) -> str:
        if self.status not in _EXPLAINED or self.block is None or self.due_on is None:
            return ""
        return words.in_post(self.keyworkers, self.block.starts_on, self.as_of, self.policy, self.due_on)

    @property
    def how_often(self) -> str:
        count = len(self.result.declined_on)
        return {1: "once", 2: "twice"}.get(count, f"{in_words(count)} times")

    @property
    def declined_days(self) -> str:
        return words.listed([day_short(day, self.as_of) for day in self.result.declined_on])

    @property
    def least_days(self) -> str:
        return number_of_days((self.result.policy or self.policy).session_min_available_pupil_days)

    @property
    def why_none(self) -> str:
        if self.policy.session_window == "week":
            least, most = self.policy.session_min_per_window, self.policy.session_max_per_week
            often = (
                f"at least {in_words(least)}" if most is None else f"{in_words(least)} to {in_words(most)}"
            )
            if least == most:
                often = in_words(least)
            return f"The school’s policy is {often} a week: advice, so nothing falls due by a date."
        if not rules.is_owed(self.policy):
            return "The school’s policy sets no session to be held by a date."
        if self.school.calendar.blocks and self.school.counts(self.student, self.as_of):
            return "No half-term to count in has begun yet."
        return super().why_none


def _named(topics: Iterable[str]) -> str:
    return words.listed([TOPICS.get(one, one.replace("_", " ")) for one in topics])


class SessionDuty(Duty):
    """The keywork session, for many students at once: two queries, and a third when reasons are read."""

    kind = KIND
    name = "Session"
    miss_names = {KIND: "Keywork session"}
    rests_on = {
        "contacts_keyworksessionevent": "student_id",
        "students_absenceevent": "student_id",
        "students_studentevent": "id",
    }
    state, fact = SessionState, SessionFacts
    context = SessionContext
    evaluate = staticmethod(evaluate)

    def reads(self, context: SessionContext) -> Sequence[prepared.Read]:
        shown = rules.latest(context.as_of, context.school)
        if not shown:
            return ()
        return _reads(context.ids, shown[-1].block.starts_on, context.as_of, context.known_on)

    def facts(self, context: SessionContext, *found: Any) -> Iterable[tuple[Any, ...]]:
        if not found:
            return [(one.joined_on, one.left_on, (), (), one.known_from) for one in context.students]
        first = rules.latest(context.as_of, context.school)[-1].block.starts_on
        return _facts_of(context.students, first, *found)

    def explain(self, context: SessionContext, states: Sequence[SessionState]) -> None:
        since = {
            state.student_id: state.since for state in states if state.status in _EXPLAINED and state.since
        }
        context.since_then = SinceThen(since, context)

    def missed(
        self, students: Sequence[Any], first: date, as_of: date, school: SchoolFacts
    ) -> Iterator[MissFact]:
        due = [one for one in rules.windows(as_of, school) if one.block.ends_on >= first]
        known = facts_of(students, due[-1].block.starts_on, as_of) if due else ()
        passed = [
            (student.pk, due_on)
            for student, one in zip(students, known, strict=False)
            for due_on in missed(one, first, as_of - A_DAY, as_of, school)
        ]
        yield from attributed(KIND, passed, school.calendar)


def facts_of(students: Sequence[Any], first: date, as_of: date) -> Iterator[SessionFacts]:
    """What bears on the sessions of some students from the day `first` to the end of `as_of`; two queries."""
    ids = [student.pk for student in students]
    found = [one.now() for one in _reads(ids, first, as_of, None)] if students else ({}, {})
    return starmap(SessionFacts, _facts_of(students, first, *found))


def _reads(ids: Sequence[int], first: date, as_of: date, known_on: date | None) -> tuple[prepared.Read, ...]:
    return facts.sessions(ids, first, as_of, known_on), read_absences(ids, first, as_of, known_on)


def _facts_of(
    students: Sequence[Any],
    first: date,
    logged: Mapping[int, tuple[LoggedSession, ...]],
    away: Mapping[int, tuple[Span, ...]],
) -> Iterator[tuple[Any, ...]]:
    """As plain rows. How long before the first day somebody joined makes no difference."""
    for one in students:
        pk, joined_on = one.pk, one.joined_on
        if joined_on < first:
            joined_on = first
        yield joined_on, one.left_on, logged.get(pk, ()), away.get(pk, ()), one.known_from
