"""TSP as a duty: for many students at once in one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from keywork import school as schools
from keywork.calendar import SchoolCalendar
from keywork.duties import MissFact
from keywork.readings import readings
from keywork.school import SchoolFacts

from .. import dues, templates
from .facts import NO_WINDOWS, TermFacts, windows_of_term
from .misses import MISS_NAMES, missed_windows
from .state import KIND, TspState


class TspDuty:
    """The baseline or the review of the term, whichever matters on the day."""

    kind = KIND
    name = "TSP"
    miss_names = MISS_NAMES
    rests_on = {
        "tsp_windowevent": "student_id",
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
    ) -> list[TspState]:
        school = school or schools.load()
        term = dues.term_shown(as_of, school.calendar)
        windows: dict[int, TermFacts] = {}
        if term is not None and students:
            leavers = [
                one.pk for one in students if one.left_on is not None and as_of <= one.left_on <= term.ends_on
            ]
            windows = windows_of_term([one.pk for one in students], term, as_of, known_on, leavers)
        states = _read_all(students, windows, as_of, school)
        _set_sizes(states)
        return states

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterable[MissFact]:
        return missed_windows(as_of, since, school or schools.load(), students)


def _read_all(
    students: Sequence[Any],
    windows: dict[int, TermFacts],
    as_of: date,
    school: SchoolFacts,
) -> list[TspState]:
    policy, calendar, live_on = school.policy(as_of), school.calendar, school.went_live_on
    known_from = calendar.blocks[0].starts_on - dues.LONGEST_HOLIDAY if calendar.blocks else live_on
    # Most students share their dates with many others: each combination is worked out once.
    read = readings(KIND, as_of, live_on, policy, calendar)
    found: list[TspState] = []
    for student in students:
        pk = student.pk
        facts = windows.get(pk, NO_WINDOWS)
        # How long before the calendar somebody joined makes no difference.
        key = (max(student.joined_on, known_from), student.left_on, facts.done, facts.away)
        reading = read.get(key)
        if reading is None:
            standing = dues.standing(
                as_of, student.joined_on, student.left_on, live_on, facts.done, facts.away, policy, calendar
            )
            reading = read[key] = _Reading(standing, calendar)
        found.append(
            TspState(
                kind=KIND,
                student_id=pk,
                status=reading.standing.status,
                as_of=as_of,
                due_on=reading.due_on,
                do_by=reading.do_by,
                since=reading.since,
                first=reading.first,
                student=student,
                school=school,
                policy=policy,
                standing=reading.standing,
                facts=facts,
            )
        )
    return found


class _Reading:
    """What the states of students alike have in common."""

    __slots__ = ("do_by", "due_on", "first", "since", "standing")

    def __init__(self, standing: dues.Standing, calendar: SchoolCalendar) -> None:
        window = standing.window
        self.standing = standing
        self.first = standing.is_first
        self.since = window.opens_on if window else None
        self.due_on = window.due_on if window else None
        self.do_by = calendar.last_pupil_day_on_or_before(window.due_on) if window else None


def _set_sizes(states: Iterable[TspState]) -> None:
    """How many statements the form of each unfinished window has."""
    for state in states:
        fact = state.window_fact
        if fact is not None and fact.digest is not None:
            state.of = len(templates.published(fact.template_id, fact.digest).in_use)
