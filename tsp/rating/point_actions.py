"""Opening a baseline or review, confirming what was carried over, finishing it, opening it again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from keywork import clock, school
from keywork.calendar import Term
from keywork.dates import day_in_full
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.school import SchoolFacts
from keywork.terms import review_period

from .. import deadlines
from ..due_summary import due_summary_of
from ..models import AssessmentPoint, Rating
from ..questions import templates
from .assessment_points import read

NAMES = {AssessmentPoint.Kind.BASELINE.value: "baseline", AssessmentPoint.Kind.REVIEW.value: "review"}


def last_review(student: Any, term: Term, facts: SchoolFacts) -> AssessmentPoint | None:
    """The finished review of the last term before this one that has one: what a baseline may begin from."""
    order = {one.id: place for place, one in enumerate(facts.calendar.terms)}
    reviews = AssessmentPoint.objects.finished().filter(student=student, kind=AssessmentPoint.Kind.REVIEW)
    before = [one for one in reviews if order.get(one.term, len(order)) < order[term.id]]
    return max(before, key=lambda one: order[one.term], default=None)


@transaction.atomic
def open_point(
    *, by: User, student: Any, term: str, kind: str, carry: bool = True, facts: SchoolFacts | None = None
) -> AssessmentPoint:
    """Begin a point with the form published now; the one there is, if somebody has begun it.

    With `carry`, a baseline starts from the ratings of the last finished review, over the statements still in
    use, each waiting to be confirmed; "no opportunity" is left behind, as it was about another time.
    Raises Refused before the point opens (T1, T4, T5), KeyError for an unknown term.
    """
    there = AssessmentPoint.objects.filter(student=student, term=term, kind=kind).first()
    if there is not None:
        return there
    facts = facts or school.load()
    during = facts.calendar.term(term)
    _refuse_too_early(student, during, kind, facts)
    form = templates.current()
    point, created = AssessmentPoint.objects.get_or_create(
        student=student,
        term=term,
        kind=kind,
        defaults={"template_id": form.version_id, "opened_at": clock.now(), "opened_by": by},
    )
    if created and carry and kind == AssessmentPoint.Kind.BASELINE:
        _carry_over(point, form, last_review(student, during, facts), by)
    return point


def opens(student: Any, term: Term, kind: str, facts: SchoolFacts) -> tuple[date | None, str]:
    """The day from which it may be opened, or None and why it may not be at all."""
    joined_on, left_on = student.stay_on(term.ends_on)
    if joined_on > term.ends_on or (left_on is not None and left_on < term.starts_on):
        return None, f"{student.known_as} is not on roll in the {term.name.lower()}"
    due = due_summary_of(student, term, kind, facts)
    if due is not None:
        return due.opens_on, ""
    # Not owed, and no harm: it opens when those of others do.
    policy, calendar = facts.policy(term.starts_on), facts.calendar
    if kind == AssessmentPoint.Kind.REVIEW:
        usual = review_period(term, policy, calendar)
        return (usual.opens_on if usual else term.starts_on), ""
    baseline = deadlines.baseline_owed(term, joined_on, facts.went_live_on, policy, calendar)
    if baseline is not None:
        return baseline.period.opens_on, ""
    return (
        None,
        f"{student.known_as} joins late in the {term.name.lower()}: the first baseline is the next term’s",
    )


def _refuse_too_early(student: Any, term: Term, kind: str, facts: SchoolFacts) -> None:
    opens_on, why = opens(student, term, kind, facts)
    if opens_on is None:
        raise Refused(why)
    if clock.today() < opens_on:
        raise Refused(f"The {NAMES[kind]} opens on {day_in_full(opens_on, clock.today())}")


def _carry_over(
    point: AssessmentPoint, form: templates.Template, review: AssessmentPoint | None, by: User
) -> None:
    if review is None:
        return
    in_use = {one.slug for one in form.in_use}
    now = clock.now()
    Rating.objects.bulk_create(
        Rating(point=point, statement=old.statement, value=old.value, carried_from=review, by=by, at=now)
        for old in review.ratings.filter(value__isnull=False, confirmed_at__isnull=False)
        if old.statement in in_use
    )


def locked(point: AssessmentPoint) -> AssessmentPoint:
    """The point, with everybody else who writes in it waiting. Raises Refused when it is finished."""
    now = (
        AssessmentPoint.objects.select_for_update(of=("self",)).select_related("finished_by").get(pk=point.pk)
    )
    if now.is_finished:
        who = now.finished_by.name if now.finished_by else "Somebody"
        raise Refused(f"{who} has finished this {NAMES[now.kind]}, so it stays as it is")
    return now


@transaction.atomic
def confirm_area(*, by: User, point: AssessmentPoint, area: str) -> int:
    """Everything carried over in this area still holds; how many ratings that were. Raises Refused, KeyError."""
    point = locked(point)
    slugs = [one.slug for one in templates.version(point.template_id).area(area).statements]
    waiting = point.ratings.filter(statement__in=slugs, confirmed_at__isnull=True)
    count = 0
    for rating in waiting:
        confirm(rating, by)
        count += 1
    return count


def confirm(rating: Rating, by: User) -> None:
    """One carried rating still holds."""
    rating.confirmed_at = rating.at = clock.now()
    rating.by = by
    rating.version += 1
    rating.save(update_fields=["confirmed_at", "at", "by", "version"])


@transaction.atomic
def finish_point(*, by: User, point: AssessmentPoint) -> AssessmentPoint:
    """Done today: every statement answered and every carried area confirmed, or Refused in words."""
    point = locked(point)
    missing = read(point).missing
    if missing:
        things = "1 thing is" if len(missing) == 1 else f"{len(missing)} things are"
        raise Refused(f"{things} still to do before this {NAMES[point.kind]} can be finished")
    point.done_on, point.finished_at, point.finished_by = clock.today(), clock.now(), by
    point.version += 1
    point.save(update_fields=["done_on", "finished_at", "finished_by", "version"])
    return point


@transaction.atomic
def reopen_point(*, by: User, point: AssessmentPoint, reason: str) -> AssessmentPoint:
    """Open a finished point again; who, when and why stay in its history. Raises Refused, ChangedMeanwhile."""
    reason = reason.strip()
    if not reason:
        raise Refused("Say why it is opened again", "reason")
    now = AssessmentPoint.objects.select_for_update().get(pk=point.pk)
    if not now.is_finished:
        raise ChangedMeanwhile(now)
    now.done_on = now.finished_at = now.finished_by = None
    now.reopened_reason = reason
    now.version += 1
    now.save(update_fields=["done_on", "finished_at", "finished_by", "reopened_reason", "version"])
    return now
