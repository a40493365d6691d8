"""How reviews and requests of many students stand, in one query: what the duty is to know of each."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from keywork import prepared
from keywork.dates import london_date
from keywork.known import rows_of
from keywork.policy import Policy
from keywork.sql import any_of
from students.models import Student

from ..assessments.rules import AssessmentFacts
from . import rules
from .rules import Person, ReviewFacts, talk_result


class Standing(NamedTuple):
    """`known` are the facts of one student behind their stay on roll (duty.StepFacts)."""

    known: tuple[Any, ...]
    review_id: int | None


def standing_of(ids: Any, policy: Policy, known_on: date | None) -> prepared.Read:
    return prepared.Read(_known, ids, known_on=known_on, then=partial(_standing, policy))


def _standing(policy: Policy, rows: list[Any]) -> dict[int, Standing]:
    within = policy.review_pre_meeting_within_days if policy.review_pre_meeting_minutes else None
    found = {}
    for pk, nc_year, *parts in rows:
        plan, review, people, assessment = map(_read, parts)
        standing = _review(review, people or (), plan, policy) if plan and review else None
        known = (
            _day(plan["due"]) if plan else None,
            rules.move_of(nc_year) if plan else "",
            _day(plan["since"]) if plan else None,
            standing,
            _assessment(assessment) if assessment and not plan else None,
            within,
        )
        found[pk] = Standing(known, review["id"] if standing else None)
    return found


def _read(one: Any) -> Any:
    """JSON as it comes, read or not."""
    if isinstance(one, list):
        return [_read(each) for each in one]
    return json.loads(one) if isinstance(one, str) else one


def _review(one: Any, people: Any, plan: Any, policy: Policy) -> ReviewFacts | None:
    """The newest review, unless it is over."""
    meets_at = datetime.fromisoformat(one["meets_at"])
    talk_on = None
    if one["talk_at"] and one["talk_minutes"]:
        begins = datetime.fromisoformat(one["talk_at"])
        least, most = policy.review_pre_meeting_minutes or 0, policy.review_pre_meeting_within_days
        if talk_result(meets_at, begins, one["talk_minutes"], least=least, within=most) == "met":
            talk_on = london_date(begins)
    facts = ReviewFacts(
        meets_on=london_date(meets_at),
        move=one["move"],
        talk_on=talk_on,
        decision=one["decision"],
        people=tuple(
            Person(who["role"], _day(who["invited"]), _day(who["by"]), _day(who["on"] or who["declined"]))
            for who in people
        ),
        amended_on=_day(plan["issued"]) if plan["number"] > one["number"] else None,
        **{name: _day(one[name]) for name in DAYS},
    )
    return None if facts.is_over else facts


DAYS = ("moves_on", "taking_part_on", "papers_on", "held_on", "report_on", "decided_on")


def _assessment(one: Any) -> AssessmentFacts | None:
    days = {name: _day(one[name]) for name in ("decided_on", "draft_on", "ended_on")}
    requested_on = date.fromisoformat(one["requested_on"])
    facts = AssessmentFacts(requested_on, decision=one["decision"], outcome=one["outcome"], **days)
    return None if facts.is_over else facts


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _known(ids: Any, *, known_on: date | None) -> QuerySet:
    """Of each student the plan in force, its newest review with everybody in it, and the newest request."""
    plans = rows_of("care.EhcPlan", known_on).filter(student=OuterRef("pk")).order_by("-number")
    standing = {"student": OuterRef("pk"), "voided_at__isnull": True}
    reviews = rows_of("care.Review", known_on).filter(**standing).order_by("-meets_at", "-id")
    newest = rows_of("care.Review", known_on).filter(student=OuterRef(OuterRef("pk")), voided_at__isnull=True)
    people = rows_of("care.ReviewPerson", known_on).filter(
        review=Subquery(newest.order_by("-meets_at", "-id").values("id")[:1]), voided_at__isnull=True
    )
    asked = rows_of("care.NeedsAssessment", known_on).filter(**standing).order_by("-requested_on", "-id")
    plan = JSONObject(
        number="number", issued="issued_on", since=Coalesce("reviewed_on", "issued_on"), due="next_review_on"
    )
    review = JSONObject(
        id="id",
        number="plan__number",
        meets_at="meets_at",
        talk_at="talk_at",
        talk_minutes="talk_minutes",
        move="move",
        decision="decision",
        **{name: name for name in DAYS},
    )
    person = JSONObject(
        role="role", invited="invited_on", by="advice_by", on="advice_on", declined="advice_declined_on"
    )
    request = JSONObject(
        **{
            name: name
            for name in ("requested_on", "decision", "decided_on", "draft_on", "outcome", "ended_on")
        }
    )
    return (
        Student.objects.filter(any_of("pk", ids))
        .order_by()
        .values_list(
            "pk",
            "nc_year",
            Subquery(plans.values(one=plan)[:1]),
            Subquery(reviews.values(one=review)[:1]),
            ArraySubquery(people.order_by("id").values(one=person)),
            Subquery(asked.values(one=request)[:1]),
        )
    )
