"""Reviews of the demo school: every one that is near has its date, and is as far as its date says; one has late advice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from care.models import EhcPlan, NeedsAssessment, Review, ReviewChange, ReviewPerson, SupportCycle
from care.reviews.rules import dates_of
from keywork import clock, school
from keywork.dates import LONDON
from keywork.models import Assignment, User
from students.models import FamilyLink, Student

from .texts import texts

NEAR = timedelta(weeks=10)
BEFORE = timedelta(days=37)  # the meeting before the review is due
_DAY = timedelta(days=1)
_WORDS = texts("reviews")


def write_reviews() -> None:
    """None in a school without a SENCo, or without plans."""
    senco = User.objects.filter(roles__contains=["senco"], is_active=True).first()
    if senco is None:
        return
    today = clock.today()
    _own_keyworker(today)
    plans = EhcPlan.objects.current().filter(student__left_on=None, next_review_on__lte=today + NEAR)
    for place, plan in enumerate(plans.filter(next_review_on__gt=today).select_related("student")):
        _write(plan, senco, place, today)
    without = Student.objects.filter(plans=None, left_on=None, joined_on__lt=today - 200 * _DAY)
    for place, student in enumerate(without.order_by("pk")[:4]):
        _write_cycles(student, senco, place, today)


def _own_keyworker(today: date) -> None:
    """One review is near of whom the demo's own keyworker knows: in two weeks, the talk before it in one."""
    theirs = Assignment.objects.keyworkers(today).filter(user__email__startswith="keyworker@")
    plan = EhcPlan.objects.current().filter(student__in=theirs.values("student")).order_by("-student").first()
    if plan is not None and plan.since < today - 60 * _DAY:
        EhcPlan.objects.filter(pk=plan.pk).update(next_review_on=today + BEFORE + 14 * _DAY)


def _write(plan: EhcPlan, senco: User, place: int, today: date) -> None:
    due_on: Any = plan.next_review_on  # those in the query have one
    meets_on: date = due_on - BEFORE
    calendar = school.load().calendar
    meets_on = calendar.last_pupil_day_on_or_before(meets_on, not_before=plan.since + 30 * _DAY) or meets_on
    dates, held = dates_of(meets_on), meets_on < today
    begun = min(dates.notice_by - 20 * _DAY, today)
    made = {"created_by": senco, "created_at": _at(begun)}
    way, words = _WORDS["ways"][place % len(_WORDS["ways"])]
    talk_on = min(meets_on - 7 * _DAY, meets_on)
    review = Review.objects.create(
        student=plan.student,
        plan=plan,
        meets_at=_at(meets_on, time(14)),
        place="library",
        led_by=senco,
        taking_part=way,
        taking_part_words=words,
        taking_part_on=begun,
        papers_on=dates.papers_by if dates.papers_by <= today else None,
        papers_words="Without the psychologist’s advice, and saying so." if dates.papers_by <= today else "",
        talk_at=_at(talk_on, time(15, 15)),
        talk_minutes=30 if talk_on < today else None,
        talk_place="Room 4",
        talk_said=_WORDS["said"] if talk_on < today else {},
        held_on=meets_on if held else None,
        record=_WORDS["record"] if held else "",
        progress=_WORDS["progress"] if held else "",
        report_on=min(meets_on + 9 * _DAY, today) if held else None,
        **made,
    )
    ReviewPerson.objects.bulk_create(_people(review, begun, dates.advice_by, held, senco, place))
    ReviewChange.objects.bulk_create(
        ReviewChange(review=review, section=section, words=words, asked_by=who, asked_on=begun, **made)
        for section, words, who in _WORDS["changes"][: place % 3]
    )


def _people(
    review: Review, begun: date, advice_by: date, held: bool, senco: User, place: int
) -> Iterator[ReviewPerson]:
    def part(number: int, **who: Any) -> ReviewPerson:
        reply = _WORDS["replies"][number % 4]
        psychologist = who.get("post") == "Educational psychologist"
        came_on = None if psychologist and place % 2 == 0 else min(begun + 12 * _DAY, clock.today())
        return ReviewPerson(
            review=review,
            invited_on=None if psychologist else begun,
            reply="" if psychologist or number == 1 else reply,
            reply_words=_WORDS["words"][number % 4] if not psychologist else "",
            replied_at=None if psychologist or number == 1 else _at(min(begun + 3 * _DAY, clock.today())),
            advice_by=advice_by,
            advice_asked_on=begun,
            advice_on=came_on,
            advice_progress=_WORDS["advice"][number % 3] if came_on else "",
            advice_help=_WORDS["help"][number % 3] if came_on else "",
            came=(reply in ("coming", "video") and not psychologist) if held else None,
            added_by=senco,
            added_at=_at(begun),
            **who,
        )

    yield part(0, role="student")
    links = FamilyLink.objects.for_reports(clock.today()).filter(student=review.student)[:2]
    for number, link in enumerate(links.select_related("member")):
        yield part(number * 2, role="parent", member=link.member, post=link.relationship)
    keyworker = Assignment.objects.keyworkers(clock.today()).filter(student=review.student).first()
    if keyworker is not None:
        yield part(0, role="school", user=keyworker.user, post="Keyworker")
    for number, (role, name, post) in enumerate(_WORDS["people"], 1):
        yield part(number, role=role, name=name, post=post)


def _write_cycles(student: Student, senco: User, place: int, today: date) -> None:
    """The first two have a cycle that ended and one under way; the first was put forward."""
    began = today - 150 * _DAY
    for number, cycle in enumerate(_WORDS["cycles"][: 2 if place < 2 else 1], 1):
        is_over = number == 1 and place < 2
        starts_on = began + (number - 1) * 80 * _DAY
        kept = {
            name: words for name, words in cycle.items() if is_over or name not in ("came_of_it", "next_step")
        }
        SupportCycle.objects.create(
            student=student,
            number=number,
            starts_on=starts_on,
            review_on=starts_on + 75 * _DAY if is_over else today + 20 * _DAY,
            reviewed_on=starts_on + 74 * _DAY if is_over else None,
            created_by=senco,
            created_at=_at(starts_on),
            **kept,
        )
    if place == 0:
        NeedsAssessment.objects.create(
            student=student,
            requested_on=today - 24 * _DAY,
            requested_by="school",
            authority=student.maintained_by,
            needs=_WORDS["cycles"][0]["assess"],
            provision=_WORDS["cycles"][0]["next_step"],
            created_by=senco,
            created_at=_at(today - 24 * _DAY),
        )


def _at(day: date, at: time = time(9)) -> datetime:
    return datetime.combine(day, at, LONDON)
