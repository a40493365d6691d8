"""TSP as a duty: for many students at once in one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from keywork import school as schools
from keywork.calendar import SchoolCalendar
from keywork.duties import DutyProvider, Ground, MissFact
from keywork.school import SchoolFacts

from .. import dues
from .facts import NO_WINDOWS, TermFacts, windows_of_term
from .misses import MISS_NAMES, missed_windows
from .state import KIND, TspReading, TspState


class TspDuty(DutyProvider):
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
        ground = Ground(as_of, school, school.policy(as_of))
        term = dues.term_shown(as_of, school.calendar)
        if term is None or not students:
            return _read_all(students, {}, ground)
        leavers = [
            one.pk for one in students if one.left_on is not None and as_of <= one.left_on <= term.ends_on
        ]
        windows = windows_of_term([one.pk for one in students], term, as_of, known_on, leavers)
        return _read_all(students, windows, ground)

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterable[MissFact]:
        return missed_windows(as_of, since, school or schools.load(), students)


def _read_all(students: Sequence[Any], windows: Mapping[int, TermFacts], ground: Ground) -> list[TspState]:
    as_of, school = ground.as_of, ground.school
    policy, calendar = ground.policy, school.calendar
    earliest = calendar.blocks[0].starts_on - dues.LONGEST_HOLIDAY if calendar.blocks else school.went_live_on
    # Most students share their dates with many others: each combination is worked out once.
    read: dict[tuple[Any, ...], TspReading] = {}
    found: list[TspState] = []
    for student in students:
        joined_on, left_on = student.joined_on, student.left_on
        facts = windows.get(student.pk, NO_WINDOWS)
        # How long before the calendar somebody joined makes no difference.
        live_on = school.begun_on(student.known_from)
        key = (max(joined_on, earliest), left_on, live_on, facts.done, facts.away)
        reading = read.get(key)
        if reading is None:
            standing = dues.standing(
                as_of, joined_on, left_on, live_on, facts.done, facts.away, policy, calendar
            )
            reading = read[key] = _reading(standing, calendar)
        found.append(TspState(ground, student, reading, facts))
    return found


def _reading(standing: dues.Standing, calendar: SchoolCalendar) -> TspReading:
    window = standing.window
    return TspReading(
        status=standing.status,
        due_on=window.due_on if window else None,
        do_by=calendar.last_pupil_day_on_or_before(window.due_on) if window else None,
        since=window.opens_on if window else None,
        first=standing.is_first,
        standing=standing,
    )
