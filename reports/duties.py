"""The papers for the annual review as a duty (domain 1.6, 7.2): they go round two weeks before the meeting.

Done when the annual-review report is approved. It opens six weeks before the review is due; past its day it stays
until it is done or the review is written down, which gives the plan another date. A review date that moves takes the
duty with it, so nothing of it is kept as missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from keywork import prepared
from keywork.access import Can
from keywork.addresses import numbered
from keywork.clock import LONDON
from keywork.duties import DutyState, Ground, MissFact, Reading, Status, Words
from keywork.known import rows_of
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import any_of

from .kinds import ANNUAL_REVIEW

KIND = "review_papers"
OPENS, DUE = timedelta(weeks=6), timedelta(weeks=2)  # before the day the review is due by
SOON_DAYS = 7
APPROVED = "approved"  # WrittenReport.State, as its history has it too


class Begun(NamedTuple):
    """The report begun since the last review: its key, and how far it is."""

    pk: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class PapersFacts:
    """`since` is the day of the last review or of issue, `review_on` when the next is due by, None without a plan or
    date; `done_on` the day the newest report was approved."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    since: date | None = None
    review_on: date | None = None
    done_on: date | None = None


def evaluate(facts: PapersFacts, as_of: date, school: SchoolFacts) -> Reading:
    """How the papers stand at the end of a day. Pure."""
    if not school.counts(facts, as_of):
        return Reading(status=Status.NONE)
    if facts.review_on is None or facts.since is None:
        return Reading(status=Status.NOT_REQUIRED)
    due = facts.review_on - DUE
    if due < school.begun_on(facts.known_from):
        return Reading(status=Status.NOT_REQUIRED)
    do_by = school.calendar.last_pupil_day_on_or_before(due, not_before=facts.joined_on) or due
    return Reading(status=_status(facts, as_of, due), due_on=due, do_by=do_by, since=facts.since)


def _status(facts: PapersFacts, as_of: date, due: date) -> Status:
    assert facts.review_on is not None and facts.since is not None
    if facts.done_on is not None and facts.since < facts.done_on <= as_of:
        return Status.MET if facts.done_on <= due else Status.MET_LATE
    if as_of > due:
        return Status.OVERDUE
    if (due - as_of).days <= SOON_DAYS:
        return Status.DUE_SOON
    return Status.OPEN if as_of >= facts.review_on - OPENS else Status.OK


_TO_DO = frozenset({Status.OPEN, Status.DUE_SOON, Status.OVERDUE})
_DUE = ("{s.name} are {s.due_in_words}", "{s.due}, {s.due_away}. {s.how_far}")
_WHY = ("{s.rule}", "{s.how_far}")


class PapersState(DutyState):
    kind = KIND
    name = "Review papers"
    has_page = True
    page_needs = Can.MAKE_REPORTS
    facts: PapersFacts
    words = {
        Status.MET: Words("Done", "{s.name} are done", "Approved {s.done}. {s.review}", _WHY),
        Status.MET_LATE: Words("Done late", "{s.name} were late", "Approved {s.done}. {s.review}", _WHY),
        Status.OVERDUE: Words("{s.over}", "{s.name} are late", "Were due {s.due}. {s.review}", _WHY),
        Status.DUE_SOON: Words("{s.due_in_short}", *_DUE, _WHY),
        Status.OPEN: Words("{s.begun}", *_DUE, _WHY),
        Status.OK: Words("By {s.due_in_short}", *_DUE, _WHY),
        Status.NOT_REQUIRED: Words("Not required", "{s.name} are not required", "", ("{s.why_not}",)),
        Status.NONE: Words("Not required", "{s.name} are not required", "", ("{s.why_none}",)),
    }

    @property
    def report(self) -> Begun:
        return Begun(*self.ground.beside.get(self.student_id, ()))

    @property
    def action_url(self) -> str:
        if self.status not in _TO_DO:
            return ""
        if self.report.pk is not None:
            return numbered("reports:written").format(self.report.pk)
        return numbered("reports:written_begin").format(self.student.pk)

    @property
    def page_label(self) -> str:
        return "Go on with the report" if self.report.pk else "Begin the report"

    @property
    def begun(self) -> str:
        return {"sent": "To check", "": "Not begun"}.get(self.report.state, "Begun")

    @property
    def how_far(self) -> str:
        if self.status not in _TO_DO or self.report.pk is None:
            return ""
        return "It waits to be checked." if self.report.state == "sent" else "It is being written."

    @property
    def done(self) -> str:
        return self.day(self.facts.done_on)

    @property
    def review(self) -> str:
        return f"The review is due by {self.day(self.facts.review_on)}."

    @property
    def rule(self) -> str:
        return (
            f"The papers go to everybody at the annual review two weeks before it, by {self.due}. {self.review} They"
            " are done when the annual-review report is approved."
        )

    @property
    def why_not(self) -> str:
        if self.facts.review_on is None:
            return f"No annual review of {self.known_as} has a date in Keywork."
        return "They were due before anything was counted here."


class PapersDuty(Duty):
    kind = KIND
    name = PapersState.name
    miss_names = {}
    rests_on = {}
    state = PapersState
    evaluate = staticmethod(evaluate)

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterator[MissFact]:
        return iter(())

    def facts(self, students: Sequence[Any], ground: Ground, known_on: date | None) -> Iterator[PapersFacts]:
        """One query."""
        plans: dict[int, Any] = {}
        if students:
            ids = [student.pk for student in students]
            found = prepared.rows_as_known(known_on, _plans, ids)
            plans = {row[0]: row[1:4] for row in found}
            ground.beside = {row[0]: row[4:] for row in found if row[4] is not None}
        for one in students:
            yield PapersFacts(one.joined_on, one.left_on, one.known_from, *plans.get(one.pk, ()))


def _plans(ids: Any, *, known_on: date | None) -> QuerySet:
    """Of the plan in force of each student, the newest, its dates and the report since the last review."""
    plans = rows_of("students.EhcPlan", known_on).filter(any_of("student", ids))
    reports = rows_of("reports.WrittenReport", known_on).filter(
        student=OuterRef("student_id"), kind=ANNUAL_REVIEW
    )
    approved = reports.filter(state=APPROVED).order_by().values("student")
    begun = reports.filter(started_at__date__gt=OuterRef("since")).order_by("-started_at")
    return (
        plans.annotate(since=Coalesce("reviewed_on", "issued_on"))
        .order_by("student_id", "-number")
        .distinct("student_id")
        .values_list(
            "student_id",
            "since",
            "next_review_on",
            Subquery(approved.values(on=TruncDate(Max("decided_at"), tzinfo=LONDON))),
            Subquery(begun.values("id")[:1]),
            Subquery(begun.values("state")[:1]),
        )
    )
