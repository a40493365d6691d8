"""The yearly assessment as a duty (domain 3.6): what is known of it, and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from care.in_force import plans_in_force
from keywork import prepared
from keywork.addresses import numbered
from keywork.calendar import AcademicYear
from keywork.duties import DutyContext, DutyState, Status, Words
from keywork.known import rows_of
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import any_of

from . import deadlines
from .deadlines import KIND
from .models.assessment import Role

_DONE = ("Rated {s.rated}. {s.others}", ("Rated {s.rated}. {s.rule}", "{s.others}"))
_DUE = ("{s.name} is {s.due_in_words}", "{s.due}, {s.due_away}. {s.review}")
_WHY = ("{s.rule}", "{s.others}", "{s.review}", "{s.waiting}")
_NOT = ("Not required", "{s.name} is not required", "")
_TOO_SHORT = f"{{s.known_as}} is on roll for fewer than {deadlines.LEAST_PUPIL_DAYS} school days of this year, so none is owed."


class Forms(NamedTuple):
    """Of the year: the keyworker's form, whether it is begun, and how many of the others are in or excused."""

    pk: int | None = None
    started: int = 0
    others_in: int = 0
    others: int = 0


class IlsaState(DutyState):
    kind = KIND
    name = "Independence"
    has_page = True
    facts: deadlines.IlsaFacts
    words = {
        Status.MET: Words("Done", "{s.name} is done", *_DONE),
        Status.MET_LATE: Words("Done late", "{s.name} is done late", *_DONE),
        Status.MISSED: Words(
            "Missed",
            "{s.name} was missed this year",
            "Was due {s.due}.",
            ("{s.rule}", "{s.others}", "{s.waiting}"),
        ),
        Status.DUE_SOON: Words("{s.due_in_short}", *_DUE, _WHY),
        Status.OPEN: Words("{s.begun}", *_DUE, _WHY),
        Status.OK: Words("By {s.due_in_short}", *_DUE, _WHY),
        Status.NOT_REQUIRED: Words(*_NOT, (_TOO_SHORT,)),
        Status.NONE: Words(*_NOT, ("{s.why_none}",)),
    }

    @property
    def forms(self) -> Forms:
        return Forms(*self.beside[2:])

    @property
    def address(self) -> str:
        return numbered("ilsa:form").format(self.forms.pk) if self.forms.pk else ""

    @property
    def page_label(self) -> str:
        return "Go on rating independence" if self.forms.started else "Rate independence"

    @property
    def note(self) -> str:
        year = self.school.calendar.year_shown(self.as_of)
        return year.id if year and self.status is Status.MISSED else ""

    @property
    def begun(self) -> str:
        return "Part done" if self.forms.started else "Not started"

    @property
    def rated(self) -> str:
        return self.day(self.facts.done_on)

    @property
    def rule(self) -> str:
        by = f"The assessment is done once an academic year, by the last school day: {self.due}."
        return (
            f"{by} It is done when the {self.policy.worded('keyworker')}’s own ratings are in."
            if self.due
            else ""
        )

    @property
    def others(self) -> str:
        _, _, others_in, others = self.forms
        return f"{others_in} of {others} other raters are in or have said why not." if others else ""

    @property
    def review(self) -> str:
        on = self.day(self.facts.review_on)
        return f"The annual review is due by {on}: best done in the six weeks before." if on else ""

    @property
    def waiting(self) -> str:
        return "" if self.facts.is_open else "No round has been opened for this year yet."

    @property
    def why_none(self) -> str:
        is_asked = deadlines.is_asked(self.as_of, self.school)
        return super().why_none if is_asked else "This school does not use the assessment."


class IlsaDuty(Duty):
    kind, name = KIND, IlsaState.name
    miss_names = {KIND: name}
    rests_on = {
        # A form typed in from paper may bear an earlier date.
        "ilsa_raterformevent": "(SELECT student_id FROM ilsa_assessment one WHERE one.id = assessment_id)",
        "students_studentevent": "id",
    }
    state, fact = IlsaState, deadlines.IlsaFacts
    evaluate = staticmethod(deadlines.evaluate)

    def spans(self, school: SchoolFacts) -> Sequence[AcademicYear]:
        return school.calendar.years

    def known(
        self, ids: Sequence[int], context: DutyContext, known_on: date | None
    ) -> Mapping[int, tuple[Any, ...]]:
        """Two queries."""
        year = context.school.calendar.year_shown(context.as_of)
        if year is None:
            return {}
        until = context.as_of + deadlines.BEFORE_REVIEW
        soon = dict(prepared.rows_as_known(known_on, _reviews, ids, context.as_of, until))
        forms = prepared.rows_as_known(known_on, _forms, ids, year.id)
        context.beside = {row[0]: row for row in forms}
        known: dict[int, tuple[Any, ...]] = {pk: (None, False, on) for pk, on in soon.items()}
        for pk, done_on, form, *_ in forms:
            known[pk] = done_on, form is not None, soon.get(pk)
        return known


def _forms(ids: Any, year: str, *, known_on: date | None) -> QuerySet:
    """The day of the keyworker's ratings, and the forms, of each student in the year's round."""
    own, is_in = Q(role=Role.KEYWORKER), Q(submitted_at__isnull=False)
    if known_on is not None:  # what was loaded submitted was not yet until then
        is_in = Q(submitted_at__date__lte=known_on)
    forms = rows_of("ilsa.RaterForm", known_on).filter(
        any_of("assessment__student", ids), assessment__round__year=year
    )
    return (
        forms.order_by()
        .values_list("assessment__student")
        .annotate(
            done_on=Max("answered_on", filter=own & is_in),
            form=Max("id", filter=own),
            started=Count("started_at", filter=own),
            others_in=Count("id", filter=~own & (is_in | ~Q(missing=""))),
            others=Count("id", filter=~own),
        )
    )


def _reviews(ids: Any, first: date, last: date, *, known_on: date | None) -> QuerySet:
    """The reviews due from one day to another, by the plan in force of each student."""
    plans = plans_in_force(ids, known_on)
    due = plans.model._default_manager.filter(pk__in=plans.values("pk"), next_review_on__range=(first, last))
    return due.order_by().values_list("student_id", "next_review_on")
