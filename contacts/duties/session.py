"""The half-termly session duty (H1 to H10): have the student and their keyworker sat down together?

Shown is the half-term of the day, or in a holiday the one just ended, when catching up is still possible. A
half-term that was missed stays in sight, with its name, while nothing has come of the next one: until a
session in it, or the tenth school day before its end (H8), when the half-term in hand is what matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from contacts import facts
from contacts import sessions as rules
from keywork import school as schools
from keywork.addresses import numbered
from keywork.calendar import Block, Span
from keywork.dates import day_in_full, day_short, days_from_today, number_of_days
from keywork.duties import DutyProvider, DutyState, Ground, MissFact, Reading, Status
from keywork.posts import Spell
from keywork.posts import keyworkers as keyworkers_of
from keywork.school import SchoolFacts
from students.away import absences

from . import words
from .missed_sessions import missed_sessions
from .windows import as_facts, shown_windows

KIND = "session"
TOPICS = {
    "attendance": "attendance",
    "engagement": "engagement",
    "points": "points",
    "social_progress": "social progress",
}
_TO_DO = frozenset({Status.OPEN, Status.DUE_SOON})
_EXPLAINED = frozenset({Status.MISSED, Status.DUE_SOON})


@dataclass(slots=True, kw_only=True, eq=False)
class SessionReading(Reading):
    """`block` is the half-term shown, `window` its pure state."""

    block: Block | None = None
    window: rules.WindowState = field(default_factory=lambda: rules.WindowState("none"))
    is_past: bool = False  # the half-term shown is not the one of the day
    next_due_on: date | None = None  # when a missed half-term is shown: the end of the one in hand
    logged: tuple[facts.LoggedSession, ...] = ()
    may_be_asked_why: bool = False


@dataclass(slots=True, eq=False)
class SessionGround(Ground):
    later: _InPost | None = None


class SessionState(DutyState):
    """How one student's half-term stands."""

    __slots__ = ()

    kind = KIND
    ground: SessionGround
    reading: SessionReading

    @property
    def block(self) -> Block | None:
        return self.reading.block

    @property
    def window(self) -> rules.WindowState:
        return self.reading.window

    @property
    def is_past(self) -> bool:
        return self.reading.is_past

    @property
    def logged(self) -> Sequence[facts.LoggedSession]:
        return self.reading.logged

    @property
    def keyworkers(self) -> Sequence[Spell]:
        """Who was in post from the first day of the half-term to its due date, where somebody may ask why."""
        if self.ground.later is None or not self.reading.may_be_asked_why:
            return ()
        ends = self.due_on or self.as_of
        return [one for one in self.ground.later.spells.get(self.student_id, ()) if one.starts_on <= ends]

    @property
    def name(self) -> str:
        return "Keywork session"

    @property
    def part_done(self) -> bool:
        """Something held counts towards the half-term, and something is still to talk about."""
        held = any(one.status == "held" and not one.waiting for one in self.logged)
        return (
            self.status in _TO_DO
            and held
            and len(self.window.topics_left) < len(self.policy.session_required_topics)
        )

    @property
    def label(self) -> str:
        match self.status:
            case Status.MET:
                return "Done"
            case Status.MET_LATE:
                return "Done late"
            case Status.OPEN:
                return "Part done" if self.part_done else "Not started"
            case Status.DUE_SOON:
                return self.due_in_short
            case Status.MISSED:
                return "Missed"
            case Status.DECLINED:
                return "Declined"
        return "Not required"

    @property
    def note(self) -> str:
        return self.block.name if self.is_past and self.block and self.status is not Status.NONE else ""

    @property
    def headline(self) -> str:
        match self.status:
            case Status.MET | Status.MET_LATE:
                return f"Keywork session is {self.label.lower()}"
            case Status.OPEN | Status.DUE_SOON:
                return f"Keywork session is {self.due_in_words}"
            case Status.MISSED if self.block:
                return f"Keywork session was missed in {self.block.name}"
            case Status.DECLINED:
                return "Keywork session was declined"
        return "Keywork session is not required"

    @property
    def when(self) -> str:
        """The date, what is still to talk about, or how it ended."""
        match self.status:
            case Status.MET if self.window.met_on:
                return f"Held {self._day(self.window.met_on)}"
            case Status.MET_LATE if self.window.met_on:
                return f"Made up {self._day(self.window.met_on)}"
            case Status.OPEN | Status.DUE_SOON if self.by:
                line = f"{self._day(self.by)}"
                if self.status is Status.DUE_SOON:
                    line += f", {days_from_today(self.by, self.as_of)}"
                return words.sentences(
                    f"{line}.", f"Still to talk about: {self._left}." if self.part_done else ""
                )
            case Status.MISSED if self.due_on:
                return words.sentences(f"Was due {self._day(self.due_on)}.", self._way_out)
            case Status.DECLINED:
                count = len(self.window.declined_on)
                offered = {1: "once", 2: "twice"}.get(count, f"{words.number(count)} times")
                return f"Offered {offered}; {self.student.known_as} said not this half-term"
            case Status.NOT_REQUIRED:
                return self._too_few_days
        return ""

    @property
    def reasons(self) -> list[str]:
        if self.status is Status.NONE or self.block is None or self.due_on is None:
            return [self._why_none]
        if self.status is Status.NOT_REQUIRED:
            return [f"Not required: {self._too_few_days[0].lower()}{self._too_few_days[1:]}"]
        if self.status is Status.DECLINED:
            days = words.listed([day_short(day, self.as_of) for day in self.window.declined_on])
            return [f"{self.when}.", f"Offered and declined on {days}. A student’s refusal is respected."]
        if self.status in (Status.MET, Status.MET_LATE):
            return [
                f"{self.when}. The school asks for one in each half-term: "
                f"{self.block.name} ends {self._day(self.block.ends_on)}."
            ]
        tense = "was" if self.status is Status.MISSED else "is"
        if self.due_on == self.block.ends_on:
            due = f"{self.block.name} {'ended' if tense == 'was' else 'ends'} {self._day(self.due_on)}."
        else:
            due = f"It {tense} due {self._day(self.due_on)}, {self.student.known_as}’s last day."
        rule = f"The school’s rule is a session on {self._required} in each half-term. {due}"
        about = (
            f"Not talked about{'' if tense == 'was' else ' yet'}: {self._left}."
            if self.window.topics_left
            else ""
        )
        return [
            one
            for one in (rule, words.sentences(about, *self._did_not_count), self._way_out, self._in_post)
            if one
        ]

    @property
    def action_url(self) -> str:
        if self.status in _TO_DO or self.status is Status.MISSED:
            return numbered("contacts:log_session").format(self.student_id)
        return ""

    # The pieces of the sentences

    def _day(self, day: date) -> str:
        return day_in_full(day, self.as_of)

    @property
    def _left(self) -> str:
        return words.listed([TOPICS.get(topic, topic.replace("_", " ")) for topic in self.window.topics_left])

    @property
    def _required(self) -> str:
        required = self.policy.session_required_topics
        return (
            words.listed([TOPICS.get(one, one.replace("_", " ")) for one in required])
            or "how things are going"
        )

    @property
    def _too_few_days(self) -> str:
        least = self.policy.session_min_available_pupil_days
        return f"Fewer than {number_of_days(least)} at school this half-term"

    @property
    def _way_out(self) -> str:
        if self.status is not Status.MISSED:
            return ""
        by = self.window.catch_up_by
        if by is not None and self.as_of <= by and self.school.calendar.block_on(self.as_of) is None:
            return f"A session in the holiday can still make up for it, until {self._day(by)}."
        return f"The next is due {self._day(self.reading.next_due_on)}." if self.reading.next_due_on else ""

    @property
    def _did_not_count(self) -> list[str]:
        found = []
        for status, what in (
            ("cancelled", "Cancelled"),
            ("no_show", "Did not come"),
            ("declined", "Declined"),
        ):
            days = [day_short(one.on, self.as_of) for one in self.logged if one.status == status]
            if days:
                found.append(f"{what} on {words.listed(days)}, which does not count.")
        for one in self.logged:
            if one.status == "held" and one.waiting:
                limit = self.policy.contact_backdate_limit_days
                found.append(
                    f"The session on {day_short(one.on, self.as_of)} was logged more than {limit} days later"
                    " and waits for approval."
                )
        return found

    @property
    def _in_post(self) -> str:
        if self.status not in _EXPLAINED or self.block is None or self.due_on is None:
            return ""
        return words.in_post(self.keyworkers, self.block.starts_on, min(self.as_of, self.due_on))

    @property
    def _why_none(self) -> str:
        known_as, left_on = self.student.known_as, self.student.left_on
        if self.policy.session_window not in ("half_term", "term"):
            return "The school’s policy sets no session to be held by a date."
        if left_on is not None and left_on < self.as_of:
            return f"{known_as} left on {self._day(left_on)}."
        if self.student.joined_on > self.as_of:
            return f"{known_as} joins on {self._day(self.student.joined_on)}."
        known_from = self.student.known_from
        if known_from is not None and known_from > self.as_of:
            return f"{known_as} is in Keywork since {self._day(known_from)}."
        return "No half-term to count in: it has not begun, or the school had not begun with Keywork."


class SessionDuty(DutyProvider):
    """The keywork session, for many students at once: two queries, and a third when reasons are read."""

    kind = KIND
    name = "Session"
    miss_names = {KIND: "Keywork session"}
    rests_on = {
        "contacts_keyworksessionevent": "student_id",
        "students_absenceevent": "student_id",
        "students_studentevent": "id",
    }

    def states(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None = None,
        *,
        school: SchoolFacts | None = None,
    ) -> list[SessionState]:
        school = school or schools.load()
        ground = SessionGround(as_of, school, school.policy(as_of))
        current, previous = shown_windows(as_of, ground.policy, school.calendar)
        reader = _Reader(current, previous, ground)
        if current is None or not students:
            return _read_all(students, {}, {}, reader, ground)
        first = (previous or current).starts_on
        ids = [student.pk for student in students]
        required = ground.policy.session_required_topics
        logged = facts.sessions(ids, first, as_of, required, known_on, begun_on=current.starts_on)
        away = absences(ids, first, current.ends_on, as_of, known_on)
        return _read_all(students, logged, away, reader, ground)

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterable[MissFact]:
        return missed_sessions(KIND, as_of, since, school or schools.load(), students)


def _read_all(
    students: Sequence[Any],
    logged: Mapping[int, tuple[facts.LoggedSession, ...]],
    away: Mapping[int, tuple[Span, ...]],
    reader: _Reader,
    ground: SessionGround,
) -> list[SessionState]:
    read, school = reader.read, ground.school
    found: list[SessionState] = []
    for student in students:
        pk = student.pk
        reading = read(school.counted_from(student), student.left_on, logged.get(pk, ()), away.get(pk, ()))
        found.append(SessionState(ground, student, reading))
    explained = [state for state in found if state.reading.may_be_asked_why]
    if explained:
        since = min(state.since for state in explained if state.since)
        ground.later = _InPost([state.student.pk for state in explained], since, ground.as_of)
    return found


_NOTHING = SessionReading(status=Status.NONE)


class _Reader:
    """Reads one student after another on the same day.

    In a big school many are alike: having joined before a window and leaving after it is the same for all, and
    so are sessions on the same days about the same topics. Each such combination is worked out once.
    """

    def __init__(
        self,
        current: Block | None,
        previous: Block | None,
        ground: Ground,
    ) -> None:
        self.current, self.previous = current, previous
        self.first = (previous or current).starts_on if current is not None else date.min
        self.as_of, self.policy, self.calendar = ground.as_of, ground.policy, ground.school.calendar
        self.windows: dict[tuple[Any, ...], rules.WindowState] = {}
        self.readings: dict[tuple[Any, ...], SessionReading] = {}
        self.spare: dict[tuple[Any, ...], int] = {}
        self.facts: dict[facts.LoggedSession, list[rules.SessionFact]] = {}

    def read(
        self,
        joined_on: date,
        left_on: date | None,
        logged: tuple[facts.LoggedSession, ...],
        absences: tuple[Span, ...],
    ) -> SessionReading:
        """`logged` from the first day of the window before to the day asked about, oldest first."""
        if self.current is None:
            return _NOTHING
        if joined_on < self.first:
            joined_on = self.first
        if absences and self._leave_enough(joined_on, left_on, absences):
            absences = ()
        key = (joined_on, left_on, logged, absences)
        reading = self.readings.get(key)
        if reading is None:
            reading = self.readings[key] = self._read(self.current, *key)
        return reading

    def _read(
        self,
        current: Block,
        joined_on: date,
        left_on: date | None,
        logged: tuple[facts.LoggedSession, ...],
        absences: tuple[Span, ...],
    ) -> SessionReading:
        previous = self.previous
        if self.as_of < joined_on or (left_on is not None and self.as_of > left_on):
            return _NOTHING
        # What happened before a window began is nothing to it, and most is known from those since.
        begun = current.starts_on
        recent = logged if previous is None else tuple([one for one in logged if one.on >= begun])
        window = self._window(current, joined_on, left_on, recent, absences)
        untouched = len(window.topics_left) == len(self.policy.session_required_topics)
        if (
            window.status == "open"
            and untouched
            and previous is not None
            and not self._clearly_met(previous, joined_on, logged)
        ):
            before = self._window(previous, joined_on, left_on, logged, absences)
            if before.status == "missed":
                return self._shown(previous, before, window.due_on, logged)
        return self._shown(current, window, None, recent)

    def _clearly_met(self, block: Block, joined_on: date, logged: tuple[facts.LoggedSession, ...]) -> bool:
        """One session about everything, where one is enough: met, whatever else there was (H2).

        True of most, and quicker seen than how the window stands in all its parts.
        """
        if self.policy.session_min_per_window > 1 or self.policy.session_window != "half_term":
            return False
        everything = (1 << len(self.policy.session_required_topics)) - 1
        for one in logged:
            if (
                one.covered == everything
                and one.status == "held"
                and not one.waiting
                and not one.catch_up_for
                and block.starts_on <= one.on <= block.ends_on
                and one.on >= joined_on
            ):
                return True
        return False

    def _window(
        self,
        block: Block,
        joined_on: date,
        left_on: date | None,
        logged: tuple[facts.LoggedSession, ...],
        absences: tuple[Span, ...],
    ) -> rules.WindowState:
        joined_on = max(joined_on, block.starts_on)
        key = (block.id, joined_on, left_on, logged, absences)
        state = self.windows.get(key)
        if state is None:
            known: list[rules.SessionFact] = []
            for one in logged:
                known += self.facts.get(one) or self._facts_of(one)
            state = self.windows[key] = rules.window_state(
                block, known, joined_on, left_on, absences, self.calendar, self.policy, self.as_of
            )
        return state

    def _leave_enough(self, joined_on: date, left_on: date | None, absences: tuple[Span, ...]) -> bool:
        """These absences leave days enough for a session to be owed in both windows (H4), however they fall.

        Then the windows stand as if there were none, but for `available_days`, which nobody is shown.
        """
        key = (joined_on, left_on)
        spare = self.spare.get(key)
        if spare is None:
            blocks = [block for block in (self.previous, self.current) if block is not None]
            there = min(rules.available_days(block, *key, (), self.calendar) for block in blocks)
            spare = self.spare[key] = there - self.policy.session_min_available_pupil_days
        return sum([(last - first).days + 1 for first, last in absences]) <= spare

    def _facts_of(self, logged: facts.LoggedSession) -> list[rules.SessionFact]:
        """The fact of one session; none while it waits for approval."""
        found = self.facts[logged] = as_facts([logged], self.policy.session_required_topics)
        return found

    def _shown(
        self,
        block: Block,
        window: rules.WindowState,
        next_due_on: date | None,
        logged: tuple[facts.LoggedSession, ...],
    ) -> SessionReading:
        due = window.due_on
        do_by = self.calendar.last_pupil_day_on_or_before(due, not_before=block.starts_on) if due else None
        last = block.ends_on + timedelta(days=rules.CATCH_UP_DAYS)
        mine = tuple(
            [
                one
                for one in logged
                if block.starts_on <= one.on <= block.ends_on
                or (one.catch_up_for == block.id and one.on <= last)
            ]
        )
        is_past = self.as_of > block.ends_on
        status = Status(window.status)
        return SessionReading(
            status=status,
            due_on=due,
            do_by=do_by,
            since=block.starts_on,
            block=block,
            window=window,
            is_past=is_past,
            next_due_on=next_due_on,
            logged=mine,
            may_be_asked_why=status in _EXPLAINED,
        )


class _InPost:
    """Who was in post for some students since a day: one query for all, asked with the first reason that is read."""

    def __init__(self, ids: list[int], since: date, as_of: date) -> None:
        self._asked = ids, since, as_of

    @cached_property
    def spells(self) -> dict[int, list[Spell]]:
        return keyworkers_of(*self._asked)
