"""The yearly assessment as a duty, by the contract of keywork.duties (domain 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from keywork import school as schools
from keywork.addresses import numbered
from keywork.chunks import chunks
from keywork.dates import day_in_full, day_short, days_from_today
from keywork.duties import DutyProvider, DutyState, Ground, MissFact, Reading, Status
from keywork.duty_words import sentences
from keywork.posts import charged
from keywork.school import SchoolFacts
from keywork.sql import among, as_array, rows

from . import dues

KIND = "ilsa"
_TO_DO = frozenset({Status.OPEN, Status.DUE_SOON, Status.MISSED})
_LONDON = "AT TIME ZONE 'Europe/London'"


class YearFact(NamedTuple):
    """One student's assessment of the year: the keyworker's form, and how many of the others are in or excused."""

    form_id: int | None = None
    done_on: date | None = None
    started: bool = False
    others_in: int = 0
    others: int = 0
    review_on: date | None = None  # the annual review, when it is six weeks away or less


NOT_OPEN = YearFact()


@dataclass(slots=True, kw_only=True, eq=False)
class IlsaReading(Reading):
    standing: dues.Standing


class IlsaState(DutyState):
    """`standing` is the pure rule's answer, `fact` what the database knows of the year."""

    __slots__ = ("fact",)

    kind = KIND
    reading: IlsaReading

    def __init__(self, ground: Ground, student: Any, reading: IlsaReading, fact: YearFact) -> None:
        super().__init__(ground, student, reading)
        self.fact = fact

    @property
    def standing(self) -> dues.Standing:
        return self.reading.standing

    @property
    def name(self) -> str:
        return "Independence"

    @property
    def label(self) -> str:
        match self.status:
            case Status.MET:
                return "Done"
            case Status.MET_LATE:
                return "Done late"
            case Status.MISSED:
                return "Missed"
            case Status.DUE_SOON if self.due_on == self.as_of:
                return "Due today"
            case Status.DUE_SOON if self.due_on:
                return day_short(self.due_on, self.as_of)
            case Status.OPEN:
                return "Part done" if self.fact.started else "Not started"
            case Status.OK if self.due_on:
                return f"By {day_short(self.due_on, self.as_of)}"
        return "Not required"

    @property
    def note(self) -> str:
        return self.standing.year.label if self.standing.year and self.status is Status.MISSED else ""

    @property
    def headline(self) -> str:
        match self.status:
            case Status.MET | Status.MET_LATE:
                return f"Independence is {self.label.lower()}"
            case Status.MISSED:
                return "Independence was missed this year"
            case _ if self.due_on == self.as_of and self.status in _TO_DO:
                return "Independence is due today"
            case _ if self.due_on is not None:
                return f"Independence is due {self._day(self.due_on)}"
        return "Independence is not required"

    @property
    def when(self) -> str:
        match self.status:
            case Status.MET | Status.MET_LATE if self.standing.done_on:
                return sentences(f"Rated {self._day(self.standing.done_on)}.", self._others)
            case Status.MISSED if self.due_on:
                return f"Was due {self._day(self.due_on)}."
            case _ if self.due_on is not None:
                due = f"{self._day(self.due_on)}, {days_from_today(self.due_on, self.as_of)}."
                return sentences(due, self._review)
        return ""

    @property
    def reasons(self) -> list[str]:
        if self.status is Status.NONE:
            return [self._why_none]
        if self.status is Status.NOT_REQUIRED:
            return [
                f"{self.student.known_as} is on roll for fewer than {dues.LEAST_PUPIL_DAYS} school days of"
                " this year, so none is owed."
            ]
        rule = ""
        if self.due_on is not None:
            rule = (
                "The assessment is done once an academic year, by the last school day: "
                f"{self._day(self.due_on)}. It is done when the keyworker’s own ratings are in."
            )
        done = f"Rated {self._day(self.standing.done_on)}." if self.standing.done_on else ""
        waiting = "" if done or self.fact.form_id else "No round has been opened for this year yet."
        return [one for one in (sentences(done, rule), self._others, self._review, waiting) if one]

    @property
    def action_url(self) -> str:
        if self.status not in _TO_DO or self.fact.form_id is None:
            return ""
        return numbered("ilsa:form").format(self.fact.form_id)

    @property
    def page_url(self) -> str:
        return self.action_url

    @property
    def page_label(self) -> str:
        return "Go on rating independence" if self.fact.started else "Rate independence"

    # The pieces of the sentences

    def _day(self, day: date) -> str:
        return day_in_full(day, self.as_of)

    @property
    def _others(self) -> str:
        if not self.fact.others:
            return ""
        return f"{self.fact.others_in} of {self.fact.others} other raters are in or have said why not."

    @property
    def _review(self) -> str:
        if not self.standing.near_review or self.fact.review_on is None:
            return ""
        return f"The annual review is due by {self._day(self.fact.review_on)}: best done in the six weeks before."

    @property
    def _why_none(self) -> str:
        known_as = self.student.known_as
        match self.standing.why:
            case "no_ilsa":
                return "This school does not use the assessment."
            case "left":
                return f"{known_as} has left."
            case "joins":
                return f"{known_as} joins on {self._day(self.student.joined_on)}."
            case "not_live":
                if self.as_of >= self.school.went_live_on:
                    return f"Nothing was counted yet: {known_as} was not in Keywork."
                return "Nothing was counted yet: the school had not begun with Keywork."
        return "The school has no term dates yet, so nothing can fall due."


class IlsaDuty(DutyProvider):
    """One query for any number of students."""

    kind = KIND
    name = "Independence"
    miss_names = {KIND: "Independence"}
    rests_on = {
        # A form typed in from paper may bear an earlier date.
        "ilsa_raterformevent": "(SELECT student_id FROM ilsa_assessment one WHERE one.id = assessment_id)",
        "students_studentevent": "id",
    }

    def states(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None = None,
        *,
        school: SchoolFacts | None = None,
    ) -> list[IlsaState]:
        school = school or schools.load()
        ground = Ground(as_of, school, school.policy(as_of))
        year = dues.year_shown(as_of, school.calendar)
        if not students or year is None or ground.policy.ilsa_cadence == "none":
            return _read_all(students, {}, year, ground)
        facts = year_facts([student.pk for student in students], year.label, as_of, known_on)
        return _read_all(students, facts, year, ground)

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterable[MissFact]:
        return _missed(as_of, since, school or schools.load(), students)


def _read_all(
    students: Sequence[Any], facts: Mapping[int, YearFact], year: dues.AcademicYear | None, ground: Ground
) -> list[IlsaState]:
    as_of = ground.as_of
    policy, calendar = ground.policy, ground.school.calendar
    # Most students share their dates with many others: each combination is worked out once.
    read: dict[tuple[Any, ...], IlsaReading] = {}
    found: list[IlsaState] = []
    for student in students:
        fact = facts.get(student.pk, NOT_OPEN)
        joined_on, is_open = student.joined_on, fact.form_id is not None
        if year is not None and joined_on < year.starts_on:
            joined_on = year.starts_on  # how long before the year makes no difference
        live_on = ground.school.begun_on(student.known_from)
        key = (joined_on, student.left_on, live_on, fact.done_on, is_open, fact.review_on)
        reading = read.get(key)
        if reading is None:
            standing = dues.standing(
                as_of,
                joined_on,
                student.left_on,
                live_on,
                fact.done_on,
                is_open,
                fact.review_on,
                year,
                policy,
                calendar,
            )
            reading = read[key] = IlsaReading(
                status=standing.status,
                due_on=standing.due_on,
                do_by=standing.due_on,
                since=standing.year.starts_on if standing.year else None,
                standing=standing,
            )
        found.append(IlsaState(ground, student, reading, fact))
    return found


def year_facts(
    ids: Sequence[int], year: str, as_of: date, known_on: date | None = None
) -> dict[int, YearFact]:
    """Of each student who is in the round of the year, or whose annual review is near; one query."""
    known = f"AND (form.submitted_at {_LONDON})::date <= %(known_on)s" if known_on is not None else ""
    found = rows(
        f"""
            SELECT * FROM (WITH rated AS (
                SELECT one.student_id,
                    max(form.id) FILTER (WHERE form.role = 'keyworker') AS form_id,
                    max(form.answered_on) FILTER (
                        WHERE form.role = 'keyworker' AND form.answered_on <= %(as_of)s {known}) AS done_on,
                    coalesce(bool_or(form.started_at IS NOT NULL)
                        FILTER (WHERE form.role = 'keyworker'), false) AS started,
                    count(*) FILTER (WHERE form.role <> 'keyworker'
                        AND (form.submitted_at IS NOT NULL OR form.missing <> '')) AS others_in,
                    count(*) FILTER (WHERE form.role <> 'keyworker') AS others
                FROM ilsa_assessment one
                JOIN ilsa_round round ON round.id = one.round_id AND round.year = %(year)s
                JOIN ilsa_raterform form ON form.assessment_id = one.id
                WHERE {among(ids, "one.student_id")}
                GROUP BY 1
            ), review AS (
                SELECT student_id, next_review_on FROM students_ehcplan plan
                WHERE {among(ids, "student_id")}
                    AND next_review_on BETWEEN %(as_of)s AND %(soon)s
                    AND NOT EXISTS (SELECT FROM students_ehcplan later
                        WHERE later.student_id = plan.student_id AND later.number > plan.number)
            )
            SELECT student_id, form_id, done_on, coalesce(started, false), coalesce(others_in, 0),
                coalesce(others, 0), next_review_on
            FROM rated FULL JOIN review USING (student_id)) AS found
            """,
        {
            "ids": as_array(ids),
            "year": year,
            "as_of": as_of,
            "known_on": known_on,
            "soon": as_of + dues.BEFORE_REVIEW,
        },
    )
    return {student_id: YearFact(*fact) for student_id, *fact in found}


def _missed(
    as_of: date, since: date | None, school: SchoolFacts, students: Iterable[int] | None
) -> Iterator[MissFact]:
    """Every year whose last day passed with no ratings by the keyworker; classed as a session is (H7)."""
    earliest = max(since or school.went_live_on, school.went_live_on)
    judged = [
        year
        for year in dues.academic_years(school.calendar)
        if year.starts_on < as_of
        and year.ends_on >= earliest
        and school.policy(min(year.ends_on, as_of)).ilsa_cadence != "none"
    ]
    for chunk in chunks(students) if judged else ():
        for year in judged:
            owing = []
            for student_id, joined_on, left_on, known_from, done_on in rows(
                f"""
                SELECT student.id, joined_on, left_on, known_from, (
                    SELECT max(form.answered_on) FROM ilsa_raterform form
                    JOIN ilsa_assessment one ON one.id = form.assessment_id AND one.student_id = student.id
                    JOIN ilsa_round round ON round.id = one.round_id AND round.year = %(year)s
                    WHERE form.role = 'keyworker' AND form.answered_on IS NOT NULL)
                FROM {chunk.students} student
                WHERE {chunk.condition("student.id")} AND joined_on <= %(ends)s
                    AND (left_on IS NULL OR left_on >= %(starts)s)
                ORDER BY student.id
                """,
                {**chunk.params, "year": year.label, "starts": year.starts_on, "ends": year.ends_on},
            ):
                due = dues.due_on(year, joined_on, left_on, school.calendar)
                known = due is not None and due >= school.begun_on(known_from)
                if known and earliest <= due < as_of and (done_on is None or done_on > due):
                    owing.append((student_id, due))
            yield from charged(KIND, owing, school.calendar)
