"""Who reads how a student feels: the student, the core team, and home where the student ticked that it may.

The core team are those who read the student's sheets (Can.VIEW_SHEETS), as of the voice sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet

from keywork import prepared
from keywork.access import Can, of_these
from keywork.models import User
from keywork.sql import any_of
from tsp.models import Feeling
from tsp.rating import rules

if TYPE_CHECKING:
    from students.models import Student

_DAY = timedelta(days=1)


def said_on(student: Student, day: date) -> Feeling | None:
    """What the student said that day and did not take back."""
    return next(iter(prepared.rows(_said_on, student.pk, day)), None)


def _said_on(student: Any, day: date) -> QuerySet:
    return Feeling.objects.standing().filter(student=student, on=day)[:1]


def lately(student: Student, today: date) -> list[Feeling]:
    """What the student said in the last two weeks, newest first."""
    since = today - (rules.FEELING_DAYS - 1) * _DAY
    return list(Feeling.objects.standing().filter(student=student, on__range=(since, today)))


def shown_at_home(user: User, student: Student, today: date) -> Feeling | None:
    """The newest of the last two weeks that the student let this person see."""
    since = today - (rules.FEELING_DAYS - 1) * _DAY
    rows = Feeling.objects.standing().visible_to(user, Can.VIEW_FAMILY_HOME)
    member = getattr(user, "family_member", None)
    if member is None:
        return None
    return rows.filter(student=student, shared_with__contains=[member.pk], on__range=(since, today)).first()


@dataclass(frozen=True, slots=True)
class Prompts:
    """What students said that an adult should come back to, newest first; `leads` are whom to speak to."""

    feelings: list[Feeling]
    leads: list[str]


def prompts_for(user: User, students: Iterable[Student], today: date) -> prepared.Read:
    """For keyworkers and deputies, a few days long."""
    by_id = {student.pk: student for student in students}
    theirs, since = of_these(user, Can.FILL_SHEETS, by_id), today - rules.PROMPT_DAYS * _DAY
    return prepared.Read(_prompting, theirs, since, then=partial(_prompts, by_id))


def _prompts(students: Mapping[int, Student], found: list[Any]) -> Prompts:
    for one in found:
        one.student = students[one.student_id]
    return Prompts(found, found[0].leads if found else [])


def _leads() -> QuerySet:
    leads = User.objects.filter(is_active=True, roles__contains=["dsl"])
    return leads.order_by("in_order", "pk").values("name")


def _prompting(students: Any, since: date) -> QuerySet:
    found = Feeling.objects.prompting(since).filter(any_of("student", students)).order_by("-on", "student_id")
    return found.only("student_id", "on", "words", "share_with_home").annotate(leads=ArraySubquery(_leads()))
