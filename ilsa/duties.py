"""The yearly assessment as a duty (domain 3.6): what is known of it, and its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from keywork import prepared
from keywork.addresses import numbered
from keywork.dates import day_short
from keywork.duties import DutyState, Status, Words
from keywork.known import rows_of
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import any_of

from . import dues
from .dues import A_DAY, KIND, LEAST_PUPIL_DAYS, Forms, IlsaFacts
from .models.assessment import Role

_TO_DO = frozenset({Status.OPEN, Status.DUE_SOON, Status.MISSED})
_DUE = "Independence is {s.due_in_words}"
_WHEN = "{s.due}, {s.due_away}. {s.review}"
_WHY = ("{s.done} {s.rule}", "{s.others}", "{s.review}", "{s.waiting}")
_NOT = ("Not required", "Independence is not required", "")


class IlsaState(DutyState):
    kind = KIND
    facts: IlsaFacts
    words = {
        Status.MET: Words("Done", "Independence is done", "{s.done} {s.others}", _WHY),
        Status.MET_LATE: Words("Done late", "Independence is done late", "{s.done} {s.others}", _WHY),
        Status.MISSED: Words("Missed", "Independence was missed this year", "Was due {s.due}.", _WHY),
        Status.DUE_SOON: Words("{s.due_in_short}", _DUE, _WHEN, _WHY),
        Status.OPEN: Words("{s.progress}", _DUE, _WHEN, _WHY),
        Status.OK: Words("By {s.due_short}", _DUE, _WHEN, _WHY),
        Status.NOT_REQUIRED: Words(
            *_NOT,
            (
                "{s.known_as} is on roll for fewer than "
                f"{LEAST_PUPIL_DAYS} school days of this year, so none is owed.",
            ),
        ),
        "no_ilsa": Words(*_NOT, ("This school does not use the assessment.",)),
        "no_calendar": Words(*_NOT, ("The school has no term dates yet, so nothing can fall due.",)),
        "joins": Words(*_NOT, ("{s.known_as} joins on {s.joins}.",)),
        "left": Words(*_NOT, ("{s.known_as} has left.",)),
        "not_live": Words(*_NOT, ("Nothing was counted yet: the school had not begun with Keywork.",)),
        "not_known": Words(*_NOT, ("Nothing was counted yet: {s.known_as} was not in Keywork.",)),
    }

    @property
    def name(self) -> str:
        return "Independence"

    @property
    def action_url(self) -> str:
        if self.status not in _TO_DO or self.facts.forms.pk is None:
            return ""
        return numbered("ilsa:form").format(self.facts.forms.pk)

    @property
    def page_url(self) -> str:
        return self.action_url

    @property
    def page_label(self) -> str:
        return "Go on rating independence" if self.facts.forms.started else "Rate independence"

    # The pieces of the table

    @property
    def note(self) -> str:
        year = dues.year_shown(self.as_of, self.school.calendar)
        return year.label if year and self.status is Status.MISSED else ""

    @property
    def joins(self) -> str:
        return self.day(self.student.joined_on)

    @property
    def due_short(self) -> str:
        return day_short(self.due_on, self.as_of) if self.due_on else ""

    @property
    def progress(self) -> str:
        return "Part done" if self.facts.forms.started else "Not started"

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
        forms = self.facts.forms
        return f"{forms.others_in} of {forms.others} other raters are in or have said why not." * bool(
            forms.others
        )

    @property
    def review(self) -> str:
        if self.status in (Status.MET, Status.MET_LATE, Status.MISSED) or self.facts.review_on is None:
            return ""
        on = self.day(self.facts.review_on)
        return f"The annual review is due by {on}: best done in the six weeks before."

    @property
    def waiting(self) -> str:
        return "" if self.done or self.facts.is_open else "No round has been opened for this year yet."


class IlsaDuty(Duty):
    kind = KIND
    name = "Independence"
    miss_names = {KIND: "Independence"}
    rests_on = {
        # A form typed in from paper may bear an earlier date.
        "ilsa_raterformevent": "(SELECT student_id FROM ilsa_assessment one WHERE one.id = assessment_id)",
        "students_studentevent": "id",
    }
    state = IlsaState
    evaluate = staticmethod(dues.evaluate)

    def mornings(self, first: date, as_of: date, school: SchoolFacts) -> Iterator[date]:
        """Each year is asked about once, on the morning after its last day: a leaver's own has passed by then too."""
        for year in dues.academic_years(school.calendar):
            if year.starts_on < as_of and year.ends_on >= first:
                yield min(year.ends_on + A_DAY, as_of)

    def facts(
        self, students: Sequence[Any], as_of: date, known_on: date | None, school: SchoolFacts
    ) -> Iterator[IlsaFacts]:
        """Two queries."""
        year = dues.year_shown(as_of, school.calendar)
        forms: dict[int, tuple[date | None, Forms]] = {}
        reviews: dict[int, date] = {}
        if year is not None and students:
            ids = [student.pk for student in students]
            forms, reviews = _forms(ids, year.label, known_on), _reviews(ids, as_of, known_on)
        for one in students:
            done_on, of_year = forms.get(one.pk, (None, Forms()))
            # How long before the year somebody joined makes no difference.
            joined_on = max(one.joined_on, year.starts_on) if year else one.joined_on
            review_on, is_open = reviews.get(one.pk), of_year.pk is not None
            yield IlsaFacts(
                joined_on, one.left_on, one.known_from, done_on, is_open, review_on, forms=of_year
            )


def _forms(ids: Sequence[int], year: str, known_on: date | None) -> dict[int, tuple[date | None, Forms]]:
    """The day of the keyworker's ratings, and the forms, of each student in the year's round."""
    return {
        pk: (done_on, Forms(form, bool(started), *counts))
        for pk, done_on, form, started, *counts in prepared.rows_as_known(known_on, _rated, ids, year)
    }


def _rated(ids: Any, year: str, *, known_on: date | None) -> QuerySet:
    own, known = Q(role=Role.KEYWORKER), Q(submitted_at__isnull=False)
    if known_on is not None:  # what was loaded submitted was not yet until then
        known = Q(submitted_at__date__lte=known_on)
    return (
        rows_of("ilsa.RaterForm", known_on)
        .filter(any_of("assessment__student", ids), assessment__round__year=year)
        .order_by()
        .values_list("assessment__student")
        .annotate(
            done_on=Max("answered_on", filter=own & known),
            form=Max("id", filter=own),
            started=Count("started_at", filter=own),
            others_in=Count("id", filter=~own & (known | ~Q(missing=""))),
            others=Count("id", filter=~own),
        )
    )


def _reviews(ids: Sequence[int], as_of: date, known_on: date | None) -> dict[int, date]:
    """The annual review of each student for whom it is six weeks away or less, by the newest version of the plan."""
    newest = dict(prepared.rows_as_known(known_on, _plans, ids))
    return {pk: on for pk, on in newest.items() if on is not None and dues.is_near(on, as_of)}


def _plans(ids: Any, *, known_on: date | None) -> QuerySet:
    plans = rows_of("students.EhcPlan", known_on).filter(any_of("student", ids)).order_by("number")
    return plans.values_list("student_id", "next_review_on")
