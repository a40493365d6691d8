"""The yearly assessment as a duty (domain 3.6): what is known of it, and its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from keywork import prepared
from keywork.addresses import numbered
from keywork.calendar import AcademicYear
from keywork.duties import DutyState, Ground, Status, Words
from keywork.known import rows_of
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import any_of

from . import dues
from .dues import BEFORE_REVIEW, KIND, LEAST_PUPIL_DAYS, IlsaFacts
from .models.assessment import Role

_TO_DO = frozenset({Status.OPEN, Status.DUE_SOON, Status.MISSED})
_DUE = ("{s.name} is {s.due_in_words}", "{s.due}, {s.due_away}. {s.review}")
_WHY = ("{s.done} {s.rule}", "{s.others}", "{s.review}", "{s.waiting}")
_NOT = ("Not required", "{s.name} is not required", "")
_TOO_SHORT = (
    f"{{s.known_as}} is on roll for fewer than {LEAST_PUPIL_DAYS} school days of this year, so none is owed.",
)


class Forms(NamedTuple):
    """Of the year: the keyworker's form, and how many of the others are in or excused."""

    pk: int | None = None
    started: int = 0
    others_in: int = 0
    others: int = 0


class IlsaState(DutyState):
    kind = KIND
    name = "Independence"
    has_page = True
    facts: IlsaFacts
    words = {
        Status.MET: Words("Done", "{s.name} is done", "{s.done} {s.others}", _WHY),
        Status.MET_LATE: Words("Done late", "{s.name} is done late", "{s.done} {s.others}", _WHY),
        Status.MISSED: Words("Missed", "{s.name} was missed this year", "Was due {s.due}.", _WHY),
        Status.DUE_SOON: Words("{s.due_in_short}", *_DUE, _WHY),
        Status.OPEN: Words("{s.begun}", *_DUE, _WHY),
        Status.OK: Words("By {s.due_in_short}", *_DUE, _WHY),
        Status.NOT_REQUIRED: Words(*_NOT, _TOO_SHORT),
        Status.NONE: Words(*_NOT, ("{s.why_none}",)),
    }

    @property
    def forms(self) -> Forms:
        return Forms(*self.ground.beside.get(self.student_id, ()))

    @property
    def action_url(self) -> str:
        form = self.forms.pk if self.status in _TO_DO else None
        return "" if form is None else numbered("ilsa:form").format(form)

    @property
    def page_label(self) -> str:
        return "Go on rating independence" if self.forms.started else "Rate independence"

    @property
    def why_none(self) -> str:
        is_asked = dues.is_asked(self.as_of, self.school)
        return super().why_none if is_asked else "This school does not use the assessment."

    @property
    def note(self) -> str:
        year = self.school.calendar.year_shown(self.as_of)
        return year.id if year and self.status is Status.MISSED else ""

    @property
    def begun(self) -> str:
        return "Part done" if self.forms.started else "Not started"

    @property
    def done(self) -> str:
        is_done = self.status in (Status.MET, Status.MET_LATE)
        return f"Rated {self.day(self.facts.done_on)}." if is_done else ""

    @property
    def rule(self) -> str:
        return self.due and (
            f"The assessment is done once an academic year, by the last school day: {self.due}. It is done when the"
            " keyworker’s own ratings are in."
        )

    @property
    def others(self) -> str:
        _, _, others_in, others = self.forms
        return f"{others_in} of {others} other raters are in or have said why not." if others else ""

    @property
    def review(self) -> str:
        on = self.day(self.facts.review_on)
        is_to_come = on and not self.done and self.status is not Status.MISSED
        return f"The annual review is due by {on}: best done in the six weeks before." if is_to_come else ""

    @property
    def waiting(self) -> str:
        return "" if self.done or self.facts.is_open else "No round has been opened for this year yet."


class IlsaDuty(Duty):
    kind = KIND
    name = IlsaState.name
    miss_names = {KIND: name}
    rests_on = {
        # A form typed in from paper may bear an earlier date.
        "ilsa_raterformevent": "(SELECT student_id FROM ilsa_assessment one WHERE one.id = assessment_id)",
        "students_studentevent": "id",
    }
    state = IlsaState
    evaluate = staticmethod(dues.evaluate)

    def spans(self, school: SchoolFacts) -> Sequence[AcademicYear]:
        return school.calendar.years

    def facts(self, students: Sequence[Any], ground: Ground, known_on: date | None) -> Iterator[IlsaFacts]:
        """Two queries."""
        as_of, year = ground.as_of, ground.school.calendar.year_shown(ground.as_of)
        done: dict[int, date | None] = {}
        reviews: dict[int, date] = {}
        if year is not None and students:
            ids = [student.pk for student in students]
            forms = prepared.rows_as_known(known_on, _forms, ids, year.id)
            done, ground.beside = {row[0]: row[1] for row in forms}, {row[0]: row[2:] for row in forms}
            plans = prepared.rows_as_known(known_on, _plans, ids)
            until = as_of + BEFORE_REVIEW
            reviews = {pk: on for pk, on in plans if on is not None and as_of <= on <= until}
        # How long before the year somebody joined makes no difference.
        earliest = year.starts_on if year else date.min
        for one in students:
            pk, joined_on = one.pk, max(one.joined_on, earliest)
            is_open = Forms(*ground.beside.get(pk, ())).pk is not None
            yield IlsaFacts(joined_on, one.left_on, one.known_from, done.get(pk), is_open, reviews.get(pk))


def _forms(ids: Any, year: str, *, known_on: date | None) -> QuerySet:
    """The day of the keyworker's ratings, and the forms, of each student in the year's round."""
    own, known = Q(role=Role.KEYWORKER), Q(submitted_at__isnull=False)
    if known_on is not None:  # what was loaded submitted was not yet until then
        known = Q(submitted_at__date__lte=known_on)
    forms = rows_of("ilsa.RaterForm", known_on).filter(
        any_of("assessment__student", ids), assessment__round__year=year
    )
    return (
        forms.order_by()
        .values_list("assessment__student")
        .annotate(
            done_on=Max("answered_on", filter=own & known),
            form=Max("id", filter=own),
            started=Count("started_at", filter=own),
            others_in=Count("id", filter=~own & (known | ~Q(missing=""))),
            others=Count("id", filter=~own),
        )
    )


def _plans(ids: Any, *, known_on: date | None) -> QuerySet:
    """When the plan in force of each student, the newest, is to be reviewed."""
    plans = rows_of("students.EhcPlan", known_on).filter(any_of("student", ids))
    newest = plans.order_by("student_id", "-number").distinct("student_id")
    return newest.values_list("student_id", "next_review_on")
