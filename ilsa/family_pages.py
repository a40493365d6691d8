"""What a student, a parent or a carer finds of the yearly assessment on their own page: their form, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from keywork import prepared
from keywork.calendar import SchoolCalendar
from keywork.dates import day_in_full
from keywork.grouped import grouped
from keywork.turns import Turn
from keywork.words import filled, translated
from students.models import Student

from .comparison import Year, years_of
from .models import RaterForm, Role

# Whose figures home finds over the years: key, shape, and how it is called.
AT_HOME = ((Role.KEYWORKER.value, "keyworker", "Keyworker"), (Role.PARENT.value, "parent", "You"))


@dataclass(frozen=True, slots=True)
class Result:
    year: str
    url: str


@dataclass(frozen=True, slots=True)
class HomePart:
    """The part of a home page that is about independence: `turns` has one thing at most; `results` newest first."""

    turns: Sequence[Turn] = ()
    results: Sequence[Result] = ()


def may_compare(form: RaterForm | None, today: date) -> bool:
    """Does somebody read what others say: once theirs is in, they take no part, or the window has closed?

    Who has yet to answer, or said that they would rather not and may change their mind, is not shown another's view
    first: the three are only worth comparing when each is their own.
    """
    if form is None or form.is_submitted or form.assessment.round.closes_on < today:
        return True
    return bool(form.missing) and (form.missing_noted_by is None or form.missing_noted_by.is_school_staff)


def student_home(student: Student, today: date, calendar: SchoolCalendar) -> HomePart:
    """One query."""
    title, words = "What I can do by myself", "You can stop and come back."
    rows = _forms(student, Role.PUPIL)
    return _home(student, rows, Role.PUPIL, today, calendar, title, words, "ilsa:my_", ())


def parent_home(student: Student, member_id: int, today: date, calendar: SchoolCalendar) -> HomePart:
    """For a parent or carer who may follow the child, by their own link. One query."""
    title = filled("What {name} can do alone", name=student.known_as)
    words = "About 20 minutes. You can stop and come back."
    rows = _forms(student, Role.PARENT, member_id)
    return _home(student, rows, Role.PARENT, today, calendar, title, words, "ilsa:child_", (student.pk,))


def years_at_home(student: Student, member_id: int, today: date) -> list[Year]:
    """What the keyworker and this parent or carer said, year by year, of the years they may compare. Four queries."""
    by_year = grouped(_forms(student, Role.PARENT, member_id), lambda form: form.assessment_id)
    shown = [
        forms
        for forms in by_year.values()
        if may_compare(next((one for one in forms if one.role == Role.PARENT), None), today)
        and any(one.is_submitted for one in forms)
    ]
    said = [one for forms in shown for one in forms if one.is_submitted]
    return years_of([forms[0].assessment for forms in shown], said)


def _forms(student: Student, role: Role, member_id: int | None = None) -> list[RaterForm]:
    """Theirs, who for a parent or carer is `member_id`, and the keyworker's, newest year first."""
    return prepared.rows(_theirs, student.pk, member_id, role=role)


def _theirs(student: Any, member: Any, *, role: Role) -> QuerySet:
    rows = RaterForm.objects.filter(
        Q(role=role, member=member) | Q(role=Role.KEYWORKER), assessment__student=student
    )
    rows = rows.select_related("assessment__round", "missing_noted_by")
    return rows.order_by("-assessment__round__year", "pk")


def _home(
    student: Student,
    rows: Iterable[RaterForm],
    role: str,
    today: date,
    calendar: SchoolCalendar,
    title: str,
    words: str,
    pages: str,
    args: tuple[int, ...],
) -> HomePart:
    """`pages` is what the names of their own pages begin with; `args` come before the year in their addresses."""
    by_year = grouped(rows, lambda form: form.assessment.round.year)
    shown = calendar.year_shown(today)
    turns, results = [], []
    for year, forms in by_year.items():
        own = next((one for one in forms if one.role == role), None)
        compares = may_compare(own, today)
        changed = own is not None and own.missing and not compares  # the way back, for who would rather not
        if changed or (compares and any(one.is_submitted for one in forms)):
            results.append(Result(year, reverse(f"{pages}result", args=[*args, year])))
        if own is None or own.is_submitted or own.missing:
            continue
        if shown is None or year != shown.id or not student.is_on_roll(today):
            continue
        round = own.assessment.round
        if round.opens_on > today:
            continue
        by = (
            filled("Send it by {day}.", day=day_in_full(round.closes_on, today))
            if round.closes_on >= today
            else ""
        )
        begun = own.started_at is not None
        said = "You have begun this." if begun else words
        url = reverse(f"{pages}form", args=[*args, year])
        turns.append(Turn(title, f"{translated(said)} {by}".strip(), url, "Go on" if begun else "Start"))
    return HomePart(turns, results)
