"""The annual-review report as a duty (domain 1.6, 7.2): it goes round with the papers two weeks before the meeting.

Done when the annual-review report is approved. It opens six weeks before the review is due; past its day it stays
until it is done or the review is written down, which gives the plan another date. A review date that moves takes the
duty with it, so nothing of it is kept as missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import TruncDate

from care.in_force import plans_in_force
from keywork.access import Can
from keywork.addresses import numbered
from keywork.clock import LONDON
from keywork.dates import overdue_from
from keywork.duties import DutyContext, DutyResult, DutyState, Status, Words, owed_once, words_once
from keywork.known import rows_of
from keywork.prepared import Read
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import any_of

from .kinds import ANNUAL_REVIEW, KINDS

KIND = "review_papers"
OPENS, DUE = timedelta(weeks=6), timedelta(weeks=2)  # before the day the review is due by
SOON_DAYS = 7
APPROVED = "approved"  # WrittenReport.State, as its history has it too


class PapersFacts(NamedTuple):
    """`since` is the day of the last review or of issue, `review_on` when the next is due by, None without a plan or
    date; `done_on` the day the newest report was approved."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    since: date | None = None
    review_on: date | None = None
    done_on: date | None = None


def evaluate(facts: PapersFacts, as_of: date, school: SchoolFacts) -> DutyResult:
    """How the report stands at the end of a day. Pure."""
    due, done_on, is_open = None, None, False
    if facts.review_on is not None and facts.since is not None:
        due, is_open = facts.review_on - DUE, as_of >= facts.review_on - OPENS
        due = due if due >= school.begun_on(facts.known_from) else None
        if due is not None and facts.done_on is not None and facts.done_on > facts.since:
            done_on = facts.done_on
    return owed_once(
        facts, due, as_of, school, done_on=done_on, is_open=is_open, soon_days=SOON_DAYS, since=facts.since
    )


class PapersState(DutyState):
    kind = KIND
    name = KINDS[ANNUAL_REVIEW].name
    has_page = True
    page_needs = Can.MAKE_REPORTS
    links = ("Begin the report", "Go on with the report")
    words = words_once(
        done="Approved {s.done_day}. {s.review}",
        more="{s.how_far}",
        why=("{s.rule}", "{s.how_far}"),
        why_not="{s.why_not}",
    ) | {
        Status.OVERDUE: Words(
            "{s.over}", "{s.name} is late", "Was due {s.due}. {s.review}", ("{s.rule}", "{s.how_far}")
        )
    }

    @property
    def report(self) -> tuple[int | None, str]:
        """The key of the report begun since the last review, and how far it is."""
        return self.beside or (None, "")

    @property
    def address(self) -> str:
        pk, _ = self.report
        if pk is not None:
            return numbered("reports:written").format(pk)
        return numbered("reports:written_begin").format(self.student_id)

    @property
    def is_begun(self) -> bool:
        return self.report[0] is not None

    @property
    def begun(self) -> str:
        return "To check" if self.report[1] == "sent" else super().begun

    @property
    def how_far(self) -> str:
        pk, state = self.report
        if pk is None or not self.is_to_do:
            return ""
        return "It waits to be checked." if state == "sent" else "It is being written."

    @property
    def review(self) -> str:
        return f"The review is by {self.day(self.facts.review_on)}."

    @property
    def rule(self) -> str:
        by = f"It goes with the papers to everybody at the annual review two weeks before it, by {self.due}. {self.review}"
        return f"{by} It is done when it is approved."

    @property
    def why_not(self) -> str:
        if self.facts.review_on is None:
            return f"No annual review of {self.known_as} has a date in Keywork."
        return "It was due before anything was counted here."


class PapersDuty(Duty):
    kind, name = KIND, PapersState.name
    state, fact = PapersState, PapersFacts
    evaluate = staticmethod(evaluate)

    def reads(self, context: DutyContext) -> Sequence[Read]:
        ids, known_on = context.ids, context.known_on
        plans = plans_in_force(ids, context.as_of, known_on)
        before = overdue_from(context.as_of)
        meetings = Read(_meetings, ids, context.as_of, before, known_on=known_on, few=True)
        return [plans, meetings, *(Read(one, ids, known_on=known_on, few=True) for one in (_done, _begun))]

    def known(self, context: DutyContext, *reads: Any) -> Mapping[int, Sequence[Any]]:
        """Once the meeting has a date, the report is counted from that."""
        plans, meetings, done, begun = reads
        meetings, done, opens = dict(meetings), dict(done), context.as_of + OPENS
        found = {
            plan.student_id: (
                plan.since,
                meetings.get(plan.student_id, plan.next_review_on),
                done.get(plan.student_id),
            )
            for plan in plans
        }
        context.beside = {
            pk: (report, state)
            for pk, started_on, report, state in begun
            if pk in found and started_on > found[pk][0] and (found[pk][1] or date.max) <= opens
        }
        return found


def _meetings(ids: Any, as_of: date, before: datetime, *, known_on: date | None) -> QuerySet:
    """Of each student with any, the day of the review that is not over."""
    dated = rows_of("care.Review", known_on).filter(
        Q(decided_on__isnull=True) | Q(decided_on__gt=as_of),
        any_of("student", ids),
        voided_at__isnull=True,
        created_at__lt=before,
    )
    newest = dated.order_by("student_id", "-meets_at").distinct("student_id")
    return newest.values_list("student_id", TruncDate("meets_at", tzinfo=LONDON))


def _reports(ids: Any, known_on: date | None) -> QuerySet:
    return rows_of("reports.WrittenReport", known_on).filter(any_of("student", ids), kind=ANNUAL_REVIEW)


def _done(ids: Any, *, known_on: date | None) -> QuerySet:
    """Of each student with any, the day the newest report was approved."""
    approved = _reports(ids, known_on).filter(state=APPROVED).order_by().values_list("student_id")
    return approved.annotate(on=TruncDate(Max("decided_at"), tzinfo=LONDON))


def _begun(ids: Any, *, known_on: date | None) -> QuerySet:
    """Of each student with any, the report begun last."""
    newest = _reports(ids, known_on).order_by("student_id", "-started_at").distinct("student_id")
    return newest.values_list("student_id", TruncDate("started_at", tzinfo=LONDON), "id", "state")
