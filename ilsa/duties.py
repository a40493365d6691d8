"""The yearly assessment as a duty (domain 3.6): when it is owed, how it stands on one day, and its words.

Due by the last pupil day of the academic year, or by a leaver's last; not owed by anyone on roll for fewer than
60 pupil days of the year; best done in the six weeks before the annual review. It is done when the keyworker's own
ratings are in: a missing rater never blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from care.in_force import plans_in_force
from keywork.addresses import numbered
from keywork.duties import DutyContext, DutyResult, DutyState, Status, owed_once, words_once
from keywork.known import rows_of
from keywork.prepared import Read, rows_as_known
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import any_of

from .models import Role

KIND = "ilsa"
LEAST_PUPIL_DAYS, SOON_DAYS = 60, 28
BEFORE_REVIEW = timedelta(weeks=6)


class IlsaFacts(NamedTuple):
    """Of the year shown: the day of the keyworker's ratings, whether they have a form, and the day of an annual review
    at most BEFORE_REVIEW away."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    done_on: date | None = None
    is_open: bool = False
    review_on: date | None = None


def due_on(facts: IlsaFacts, on: date, school: SchoolFacts) -> date | None:
    """The last pupil day on roll in the year of a day; None for somebody on roll fewer than 60 of its pupil days."""
    year, calendar = school.calendar.year_shown(on), school.calendar
    if year is None:
        return None
    first, last = max(facts.joined_on, year.starts_on), min(facts.left_on or year.ends_on, year.ends_on)
    if first > last or calendar.pupil_days(first, last) < LEAST_PUPIL_DAYS:
        return None
    return calendar.last_pupil_day_on_or_before(last, not_before=first)


def evaluate(facts: IlsaFacts, as_of: date, school: SchoolFacts) -> DutyResult:
    """How the assessment of the year shown stands at the end of `as_of`, by the policy of that day. Pure."""
    year = school.calendar.year_shown(as_of)
    if year is None:
        return DutyResult(status=Status.NONE)
    return owed_once(
        facts,
        due_on(facts, as_of, school),
        as_of,
        school,
        done_on=facts.done_on,
        is_open=facts.is_open or facts.review_on is not None,
        soon_days=SOON_DAYS,
        since=year.starts_on,
        is_asked=lambda on: school.policy(on).ilsa_cadence != "none",
        kind=KIND,
    )


class IlsaState(DutyState):
    kind, name = KIND, "Independence"
    has_page = True
    begun_words = ("Not started", "Part done")
    links = ("Rate independence", "Go on rating independence")
    facts: IlsaFacts
    words = words_once(
        done="Rated {s.done_day}. {s.others}",
        more="{s.review}",
        why=("{s.rule}", "{s.others}", "{s.review}", "{s.waiting}"),
        why_done=("Rated {s.done_day}. {s.rule}", "{s.others}"),
        why_not="{s.known_as} is on roll for fewer than "
        f"{LEAST_PUPIL_DAYS} school days of this year, so none is owed.",
        of="this year",
    )

    @property
    def address(self) -> str:
        """Of the keyworker's form; beside it stand whether it is begun, and how many others are in or excused."""
        return numbered("ilsa:form").format(self.beside[0]) if self.beside and self.beside[0] else ""

    @property
    def is_begun(self) -> bool:
        return bool(self.beside and self.beside[1])

    @property
    def note(self) -> str:
        year = self.school.calendar.year_shown(self.as_of)
        return year.id if year and self.status is Status.MISSED else ""

    @property
    def rule(self) -> str:
        by = f"The assessment is done once an academic year, by the last school day: {self.due}."
        whose = self.policy.worded("keyworker")
        return f"{by} It is done when the {whose}’s own ratings are in." if self.due else ""

    @property
    def others(self) -> str:
        _, _, others_in, others = self.beside or (None, 0, 0, 0)
        return f"{others_in} of {others} other raters are in or have said why not." if others else ""

    @property
    def review(self) -> str:
        on = "" if self.status is Status.MISSED else self.day(self.facts.review_on)
        return f"The annual review is due by {on}: best done in the six weeks before." if on else ""

    @property
    def waiting(self) -> str:
        return "" if self.facts.is_open else "No round has been opened for this year yet."

    @property
    def why_none(self) -> str:
        is_used = self.policy.ilsa_cadence != "none"
        return super().why_none if is_used else "This school does not use the assessment."


class IlsaDuty(Duty):
    kind, name = KIND, IlsaState.name
    miss_names = {KIND: name}
    rests_on = {
        # A form typed in from paper may bear an earlier date.
        "ilsa_raterformevent": "(SELECT student_id FROM ilsa_assessment one WHERE one.id = assessment_id)",
        "students_studentevent": "id",
    }
    state, fact = IlsaState, IlsaFacts
    evaluate = staticmethod(evaluate)

    def reads(self, context: DutyContext) -> Sequence[Read]:
        """Of a whole school not how far the others are, which only the words of the few shown need (`explain`)."""
        ids, known_on, year = context.ids, context.known_on, context.school.calendar.year_shown(context.as_of)
        if year is None:
            return ()
        forms = Read(_forms, ids, year.id, known_on=known_on, is_own=not context.is_page)
        return forms, plans_in_force(ids, context.as_of, known_on)

    def known(self, context: DutyContext, *reads: Any) -> Mapping[int, tuple[Any, ...]]:
        forms, plans = reads or ((), ())
        due = ((plan.student_id, plan.next_review_on) for plan in plans)
        last = context.as_of + BEFORE_REVIEW
        soon = {pk: on for pk, on in due if on is not None and context.as_of <= on <= last}
        if context.is_page:
            context.beside = {row[0]: row[2:] for row in forms}
        known: dict[int, tuple[Any, ...]] = {pk: (None, False, on) for pk, on in soon.items()}
        return known | {pk: (done_on, form is not None, soon.get(pk)) for pk, done_on, form, *_ in forms}

    def explain(self, context: DutyContext, states: Sequence[Any]) -> None:
        year = context.school.calendar.year_shown(context.as_of)
        if states and year is not None and not context.is_page:
            ids = [one.student_id for one in states]
            forms = rows_as_known(context.known_on, _forms, ids, year.id, is_own=False)
            context.beside = {row[0]: row[2:] for row in forms}


def _forms(ids: Any, year: str, *, known_on: date | None, is_own: bool) -> QuerySet:
    """Of each student with any, the day of the keyworker's ratings and their form of the year's round; and, unless it is
    of that form alone, whether it is begun, how many of the others are in, and how many there are."""
    own, is_in = Q(role=Role.KEYWORKER), Q(submitted_at__isnull=False)
    if known_on is not None:  # what was loaded submitted was not yet until then
        is_in = Q(submitted_at__date__lte=known_on)
    forms = rows_of("ilsa.RaterForm", known_on).filter(
        any_of("assessment__student", ids), assessment__round__year=year
    )
    forms = forms.filter(own) if is_own else forms
    found = forms.order_by().values_list("assessment__student")
    found = found.annotate(done_on=Max("answered_on", filter=own & is_in), form=Max("id", filter=own))
    if is_own:
        return found
    return found.annotate(
        started=Count("started_at", filter=own),
        others_in=Count("id", filter=~own & (is_in | ~Q(missing=""))),
        others=Count("id", filter=~own),
    )
