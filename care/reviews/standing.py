"""How reviews and requests of many students stand: what the duty is to know of each, in a read for each kind of row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from keywork.dates import london_date, overdue_from
from keywork.known import rows_of
from keywork.policy import Policy
from keywork.prepared import Read
from keywork.sql import any_of

from ..assessments.rules import AssessmentFacts
from ..in_force import plans_in_force
from . import rules
from .rules import Person, ReviewFacts, talk_result


class Standing(NamedTuple):
    """By student: the facts behind their stay on roll (duty.StepFacts), and the review that is not over."""

    known: dict[int, tuple[Any, ...]]
    reviews: dict[int, int]


def reads_of(ids: Any, as_of: date, known_on: date | None) -> list[Read]:
    reviews = Read(_reviews, ids, as_of, overdue_from(as_of), known_on=known_on, few=True)
    assessments = Read(_assessments, ids, as_of, known_on=known_on, few=True)
    people = Read(_people, ids, as_of, known_on=known_on)
    return [plans_in_force(ids, as_of, known_on), reviews, people, assessments]


def standing_of(
    as_of: date, policy: Policy, plans: Any, reviews: Any, people: Any, assessments: Any
) -> Standing:
    """Of each student with a plan in force or an open request, of what the reads found."""
    asked = defaultdict(list)
    for review_id, role, invited_on, by, on, declined_on in people:
        asked[review_id].append(Person(role, _past(invited_on, as_of), by, _past(on or declined_on, as_of)))
    newest = {one.student_id: one for one in reviews}
    within = policy.review_pre_meeting_within_days if policy.review_pre_meeting_minutes else None
    known: dict[int, tuple[Any, ...]] = {}
    open_ones = {}
    for pk, *days in assessments:
        if (request := _assessment(as_of, *days)) is not None:
            known[pk] = (None, "", None, None, request, within)
    for plan in plans:
        pk, review = plan.student_id, None
        if one := newest.get(pk):
            review = _review(one, tuple(asked[one.id]), plan, as_of, policy)
            if review is not None:
                open_ones[pk] = one.id
        by = plan.next_review_on and rules.review_by(plan.next_review_on, plan.since)
        known[pk] = (by, rules.move_of(plan.nc_year), plan.since, review, None, within)
    return Standing(known, open_ones)


def _past(day: date | None, as_of: date) -> date | None:
    """A day of something done; None before it."""
    return day if day is not None and day <= as_of else None


def _review(one: Any, people: Sequence[Person], plan: Any, as_of: date, policy: Policy) -> ReviewFacts | None:
    """The newest review, unless it is over."""
    talk_on = None
    if one.talk_at and one.talk_minutes:
        least, most = policy.review_pre_meeting_minutes or 0, policy.review_pre_meeting_within_days
        if talk_result(one.meets_at, one.talk_at, one.talk_minutes, least=least, within=most) == "met":
            talk_on = _past(london_date(one.talk_at), as_of)
    decided_on = _past(one.decided_on, as_of)
    facts = ReviewFacts(
        meets_on=london_date(one.meets_at),
        move=one.move,
        moves_on=one.moves_on,
        talk_on=talk_on,
        decision=one.decision if decided_on else "",
        decided_on=decided_on,
        people=tuple(people),
        amended_on=plan.issued_on if plan.number > one.of_version else None,
        **{name: _past(getattr(one, name), as_of) for name in DONE},
    )
    return None if facts.is_over else facts


DONE = ("taking_part_on", "papers_on", "held_on", "report_on")


def _assessment(
    as_of: date,
    requested_on: date,
    decision: str,
    decided_on: date | None,
    draft_on: date | None,
    outcome: str,
    ended_on: date | None,
) -> AssessmentFacts | None:
    decided_on, draft_on, ended_on = (_past(day, as_of) for day in (decided_on, draft_on, ended_on))
    facts = AssessmentFacts(
        requested_on,
        decision=decision if decided_on else "",
        outcome=outcome if ended_on else "",
        decided_on=decided_on,
        draft_on=draft_on,
        ended_on=ended_on,
    )
    return None if facts.is_over else facts


def _reviews(ids: Any, as_of: date, before: datetime, *, known_on: date | None) -> QuerySet:
    """The newest of each student, unless it is over (ReviewFacts.is_over): of most it is."""
    standing = rows_of("care.Review", known_on).filter(
        any_of("student", ids), voided_at__isnull=True, created_at__lt=before
    )
    named = ("meets_at", "talk_at", "talk_minutes", "move", "moves_on", "decision", "decided_on", *DONE)
    newest = standing.order_by("student_id", "-meets_at", "-id").distinct("student_id")
    amended = rows_of("care.EhcPlan", known_on).filter(
        student=OuterRef("student"), number__gt=OuterRef("plan__number"), issued_on__lte=as_of
    )
    is_over = Q(~Q(decision="amend") | Q(Exists(amended)), decided_on__lte=as_of)
    left = rows_of("care.Review", known_on).filter(id__in=newest.values("id")).exclude(is_over).order_by()
    return left.annotate(of_version=F("plan__number")).values_list(
        "id", "student_id", "of_version", *named, named=True
    )


def _people(ids: Any, as_of: date, *, known_on: date | None) -> QuerySet:
    """Of the reviews that are still to be held; what is asked of anybody is asked before."""
    to_hold = rows_of("care.Review", known_on).filter(
        any_of("student", ids), Q(held_on__isnull=True) | Q(held_on__gt=as_of), voided_at__isnull=True
    )
    people = rows_of("care.ReviewPerson", known_on).filter(
        review__in=to_hold.order_by().values("id"), voided_at__isnull=True
    )
    named = ("review_id", "role", "invited_on", "advice_by", "advice_on", "advice_declined_on")
    return people.order_by("id").values_list(*named)


def _assessments(ids: Any, as_of: date, *, known_on: date | None) -> QuerySet:
    """The newest request of each student."""
    asked = rows_of("care.NeedsAssessment", known_on).filter(
        any_of("student", ids), voided_at__isnull=True, requested_on__lte=as_of
    )
    newest = asked.order_by("student_id", "-requested_on", "-id").distinct("student_id")
    return newest.values_list(
        "student_id", "requested_on", "decision", "decided_on", "draft_on", "outcome", "ended_on"
    )
