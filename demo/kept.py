"""Plans that the keyworker of the demo's sign-in keeps, what students were given, and documents; and who took over when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from care.models import FiledDocument, PlanVersion, Resource, StudentPlan, TakingOver, Tried
from care.plans import TO_READ
from care.plans.actions import readers_of
from care.plans.kinds import KINDS
from enquiries.actions import ask_many
from enquiries.models import Enquiry
from keywork import clock
from keywork.dates import LONDON
from keywork.models import Assignment, User
from students.models import Student

from .texts import texts

_TEXTS = texts("kept_plans")
_DAY = timedelta(days=1)
_PRONOUNS = {
    "she": {"she": "she", "She": "She", "her": "her", "he": "she", "He": "She", "him": "her"},
    "he": {"she": "he", "She": "He", "her": "his", "he": "he", "He": "He", "him": "him"},
    "": {"she": "they", "She": "They", "her": "their", "he": "they", "He": "They", "him": "them"},
}


def write_kept() -> None:
    """None in a school without that sign-in."""
    today = clock.today()
    _took_over(today)
    keyworker = User.objects.filter(email__startswith="keyworker@").first()
    if keyworker is None:
        return
    mine = Assignment.objects.keyworkers(today).filter(user=keyworker)
    order = {"Teddy": 0, "Kacper": 2}
    students = {order.get(post.student.known_as, -1): post.student for post in mine.select_related("student")}
    for made in _TEXTS["plans"]:
        if made["student"] in students:
            _plan(students[made["student"]], keyworker, made, today)
    for made in _TEXTS["given"]:
        if made["student"] in students:
            _give(students[made["student"]], keyworker, made, today)
    teacher = User.objects.filter(email__startswith="teacher@").first() or keyworker
    for made in _TEXTS["tried"]:
        if made["student"] in students:
            on, student = today - made["days_ago"] * _DAY, students[made["student"]]
            said = {name: _said(made[name], student) for name in ("what", "happened")}
            Tried.objects.create(
                student=student, helped=made["helped"], on=on, by=teacher, at=_at(on), **said
            )
    for made in _TEXTS["documents"]:
        if made["student"] in students:
            on, student = today - made["weeks_ago"] * 7 * _DAY, students[made["student"]]
            FiledDocument.objects.create(
                student=student, dated_on=on, filed_by=keyworker, filed_at=_at(on), kind=made["kind"],
                title=made["title"], author=made["author"], words=_said(made["words"], student),
            )  # fmt: skip


def _took_over(today: date) -> None:
    """Everybody but who began in the last week has said so."""
    posts = Assignment.objects.filter(kind=Assignment.Kind.KEYWORKER, starts_on__lt=today - 7 * _DAY)
    TakingOver.objects.bulk_create(
        TakingOver(student_id=post.student_id, post=post, by_id=post.user_id, at=_at(post.starts_on))
        for post in posts
    )


def _plan(student: Student, by: User, made: Mapping[str, Any], today: date) -> None:
    kind = KINDS[made["kind"]]
    days = [today - made["weeks_ago"] * 7 * _DAY, today - 2 * _DAY][: len(made["versions"])]
    plan = StudentPlan.objects.create(student=student, kind=kind.slug, begun_at=_at(days[0]), begun_by=by)
    for number, (on, said) in enumerate(zip(days, made["versions"], strict=True), 1):
        version = PlanVersion.objects.create(
            plan=plan,
            number=number,
            is_newest=number == len(days),
            words={key: _said(words, student) for key, words in said["words"].items()},
            why=_said(said["why"], student),
            review_by=max(kind.review_by(on), today + 10 * _DAY),
            read_by=on + 7 * _DAY,
            written_by=by,
            written_at=_at(on),
            written_on=on,
        )
        people = [user for user in readers_of(plan, today) if user != by]
        waits = people[-1:] if version.is_newest and number > 1 else []
        ask_many(
            Enquiry(
                kind=TO_READ, period=str(version.pk), student=student, user=user, asked_by=by, asked_at=_at(on),
                answer_by=version.read_by, answered_at=None if user in waits else _at(on, 16),
            )
            for user in people
        )  # fmt: skip


def _give(student: Student, by: User, made: Mapping[str, Any], today: date) -> None:
    on = today - made["weeks_ago"] * 7 * _DAY
    ended = made.get("ended", "")
    Resource.objects.create(
        student=student, by=by, at=_at(on), what=made["what"], note=made["note"], given_on=on, how=made["how"],
        ended_on=on + 100 * _DAY if ended else None, ended_why=ended,
    )  # fmt: skip


def _said(words: str, student: Student) -> str:
    pronouns = _PRONOUNS.get(student.pronouns.partition("/")[0].strip().lower(), _PRONOUNS[""])
    return words.format_map({**pronouns, "Name": student.known_as})


def _at(on: date, hour: int = 10) -> datetime:
    return datetime.combine(on, time(hour), LONDON)
