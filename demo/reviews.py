"""Reviews of the demo school: every one that is near has its date, and is as far as its date says; some have late advice.
Cycles of support for whom there is no plan."""

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
    senco, today = User.objects.filter(roles__contains=["senco"], is_active=True)[0], clock.today()
    # One is near of whom the demo's own keyworker knows: in two weeks, the talk before it in one.
    theirs = Assignment.objects.keyworkers(today).filter(user__email__startswith="keyworker@")
    mine = EhcPlan.objects.current().filter(student__in=theirs.values("student")).order_by("-student").first()
    if mine is not None and mine.since < today - 60 * _DAY:
        EhcPlan.objects.filter(pk=mine.pk).update(next_review_on=today + BEFORE + 14 * _DAY)
    plans = EhcPlan.objects.current().filter(
        student__left_on=None, next_review_on__range=(today + _DAY, today + NEAR)
    )
    for place, plan in enumerate(plans.select_related("student")):
        _write(plan, senco, place, today)
    without = Student.objects.filter(plans=None, left_on=None, joined_on__lt=today - 200 * _DAY)
    for place, student in enumerate(without.order_by("pk")[:4]):
        _write_cycles(student, senco, place, today)


def _write(plan: EhcPlan, senco: User, place: int, today: date) -> None:
    due_on: Any = plan.next_review_on  # those in the query have one
    wanted = due_on - BEFORE
    taught = school.load().calendar.last_pupil_day_on_or_before(wanted, not_before=plan.since + 30 * _DAY)
    meets_on = taught or wanted
    dates, held, talked = dates_of(meets_on), meets_on < today, meets_on - 7 * _DAY < today
    begun = min(dates.notice_by - 20 * _DAY, today)
    made: dict[str, Any] = {"created_by": senco, "created_at": _at(begun)}
    way, words = _WORDS["ways"][place % len(_WORDS["ways"])]
    sent = dates.papers_by <= today
    after = {
        "held_on": meets_on, "record": _WORDS["record"], "progress": _WORDS["progress"],
        "report_on": min(meets_on + 9 * _DAY, today),
    }  # fmt: skip
    review = Review.objects.create(
        student=plan.student, plan=plan, meets_at=_at(meets_on, 14), place="library", led_by=senco, taking_part=way,
        taking_part_words=words, taking_part_on=begun, papers_on=dates.papers_by if sent else None,
        papers_words=_WORDS["papers"] if sent else "", talk_at=_at(meets_on - 7 * _DAY, 15), talk_place="Room 4",
        talk_minutes=30 if talked else None, talk_said=_WORDS["said"] if talked else {}, **(after if held else {}), **made,
    )  # fmt: skip
    ReviewPerson.objects.bulk_create(_people(review, begun, dates.advice_by, held, place))
    ReviewChange.objects.bulk_create(
        ReviewChange(review=review, section=section, words=words, asked_by=who, asked_on=begun, **made)
        for section, words, who in _WORDS["changes"][: place % 3]
    )


def _people(review: Review, begun: date, advice_by: date, held: bool, place: int) -> Iterator[ReviewPerson]:
    def part(number: int, *, is_late: bool = False, **who: Any) -> ReviewPerson:
        """One in five has not answered yet; of every other review the psychologist's advice is late."""
        reply, answers = _WORDS["replies"][number % 4], not is_late and number != 1
        came_on = None if is_late and place % 2 == 0 else min(begun + 12 * _DAY, clock.today())
        return ReviewPerson(
            review=review, invited_on=None if is_late else begun, reply=reply if answers else "",
            reply_words="" if is_late else _WORDS["words"][number % 4],
            replied_at=_at(min(begun + 3 * _DAY, clock.today())) if answers else None, advice_by=advice_by,
            advice_asked_on=begun, advice_on=came_on, advice_progress=_WORDS["advice"][number % 3] if came_on else "",
            advice_help=_WORDS["help"][number % 3] if came_on else "",
            came=(reply in ("coming", "video") and not is_late) if held else None, added_by=review.created_by,
            added_at=_at(begun), **who,
        )  # fmt: skip

    yield part(0, role="student")
    links = FamilyLink.objects.for_reports(clock.today()).filter(student=review.student)[:2]
    for number, link in enumerate(links.select_related("member")):
        yield part(number * 2, role="parent", member=link.member, post=link.relationship)
    for post in Assignment.objects.keyworkers(clock.today()).filter(student=review.student)[:1]:
        yield part(0, role="school", user=post.user, post="Keyworker")
    for number, (role, name, job) in enumerate(_WORDS["people"], 1):
        yield part(number, role=role, name=name, post=job, is_late=job == "Educational psychologist")


def _write_cycles(student: Student, senco: User, place: int, today: date) -> None:
    """The first two have a cycle that ended and one under way; the first was put forward."""
    for number, cycle in enumerate(_WORDS["cycles"][: 2 if place < 2 else 1], 1):
        is_over, starts_on = number == 1 and place < 2, today - (150 - (number - 1) * 80) * _DAY
        kept = {
            name: said for name, said in cycle.items() if is_over or name not in ("came_of_it", "next_step")
        }
        SupportCycle.objects.create(
            student=student, number=number, starts_on=starts_on, created_by=senco, created_at=_at(starts_on),
            review_on=starts_on + 75 * _DAY if is_over else today + 20 * _DAY,
            reviewed_on=starts_on + 74 * _DAY if is_over else None, **kept,
        )  # fmt: skip
    if place == 0:
        asked, first = today - 24 * _DAY, _WORDS["cycles"][0]
        NeedsAssessment.objects.create(
            student=student, requested_on=asked, requested_by="school", authority=student.maintained_by,
            needs=first["assess"], provision=first["next_step"], created_by=senco, created_at=_at(asked),
        )  # fmt: skip


def _at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), LONDON)
