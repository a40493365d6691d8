"""Changes of the school's calendar, each looked at before it is made: which due dates move, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from keywork import clock, duties, school
from keywork.access import Can
from keywork.actions import calendar as actions
from keywork.actions.assignments import A_DAY
from keywork.dates import academic_year, day_in_full, year_slug
from keywork.duties import DutyState
from keywork.duty_words import listed
from keywork.models import AcademicYear, Assignment, Closure, InsetDay, User
from keywork.words import worded
from outbox import actions as outbox
from students.models import Student

from .due_summary import is_ahead, is_overdue
from .previewed import Effect, SchoolChange

Kind = Assignment.Kind
MOST_NAMED = 60  # of a whole school; the rest is counted


@dataclass(frozen=True, slots=True)
class Moved:
    """One date of one student that is another after the change. None is "no date"."""

    student: Student
    keyworker: str
    duty: str
    was: date | None
    will_be: date | None
    due_on: date | None = None  # the last day in time after the change


@dataclass(frozen=True, slots=True)
class CalendarEffect(Effect):
    due: Sequence[Moved] = ()
    by: Sequence[Moved] = ()  # the due date stays; the last school day before it is another
    hidden: int = 0  # dates of students whose record this person may not read
    unnamed: int = 0  # more than a page can name
    stay: int = 0
    notified: Sequence[User] = ()

    @property
    def count(self) -> int:
        return len(self.due) + len(self.by) + self.hidden + self.unnamed

    @property
    def said(self) -> str:
        said = " ".join(self.lines)
        if not self.notified:
            return said
        names = [user.get_short_name() for user in self.notified]
        whom = listed(names) if len(names) < 5 else f"{len(names)} keyworkers"
        return f"{said} {whom} will be told by e-mail."


@dataclass(slots=True, kw_only=True)
class CalendarChange(SchoolChange[CalendarEffect]):
    """What all of them share. A subclass says what is asked, and does it."""

    by_others: ClassVar[str] = (
        "Somebody else changed the calendar while you were looking. "
        "Nothing is saved yet: this is how it stands now."
    )

    def do(self, by: User) -> str:
        """Make the change; what it is, in a sentence."""
        raise NotImplementedError

    def make(self, by: User) -> CalendarEffect:
        today = clock.today()
        students = list(Student.objects.on_roll(today))
        before = duties.states_for(students, today)
        words = self.do(by)
        after = duties.states_for(students, today, school=school.load())
        return _effect(words, students, before, after, today, by)

    def notify(self, effect: CalendarEffect, by: User) -> None:
        if effect.notified:
            outbox.do("portal.calendar", users=[user.pk for user in effect.notified])


@dataclass(slots=True, kw_only=True)
class AddClosure(CalendarChange):
    starts_on: date
    ends_on: date
    reason: str = ""

    def do(self, by: User) -> str:
        actions.add_closure(starts_on=self.starts_on, ends_on=self.ends_on, reason=self.reason, by=by)
        return f"The school is closed {span(self.starts_on, self.ends_on)}."


@dataclass(slots=True, kw_only=True)
class AddInset(AddClosure):
    def do(self, by: User) -> str:
        actions.add_inset_days(starts_on=self.starts_on, ends_on=self.ends_on, note=self.reason, by=by)
        return f"Only staff come {span(self.starts_on, self.ends_on)}."


@dataclass(slots=True, kw_only=True)
class TakeBackClosure(CalendarChange):
    closure: Closure

    def do(self, by: User) -> str:
        days = span(self.closure.starts_on, self.closure.ends_on)
        actions.take_back_closure(closure=self.closure, by=by)
        return f"The school is open {days} after all. Every date is as it was before."


@dataclass(slots=True, kw_only=True)
class TakeBackInset(CalendarChange):
    inset: InsetDay

    def do(self, by: User) -> str:
        day = self.inset.day
        actions.take_back_inset_day(inset=self.inset, by=by)
        return f"{worded('Students')} come {span(day, day)}. Every date is as it was before."


@dataclass(slots=True, kw_only=True)
class SetHalfTerms(CalendarChange):
    year: AcademicYear
    dates: Mapping[int, tuple[date, date]] = field(default_factory=dict)

    def do(self, by: User) -> str:
        before = list(self.year.half_terms.order_by("starts_on"))
        actions.set_half_terms(year=self.year, dates=self.dates, by=by)
        changed = []
        for row in before:
            first, last = self.dates.get(row.pk, (row.starts_on, row.ends_on))
            for verb, was, is_now in (("begins", row.starts_on, first), ("ends", row.ends_on, last)):
                if was != is_now:
                    changed.append(f"{row.name} {verb} on {day_in_full(is_now)}, not on {day_in_full(was)}.")
        return " ".join(changed) or f"The term dates of {self.year} are saved as they are."


def span(starts_on: date, ends_on: date) -> str:
    """ "on Friday 4 December 2026", "from Thursday 3 to Friday 4 December 2026"."""
    if starts_on == ends_on:
        return f"on {day_in_full(starts_on)}"
    return f"from {day_in_full(starts_on, ends_on)} to {day_in_full(ends_on)}"


def next_year_missing(calendar: Any, today: date) -> str:
    """The year that has no term dates though it is May or later ("2027/28"), or nothing."""
    begins = today.year if today.month >= 5 else today.year - 1
    slug = year_slug(begins)
    return "" if any(year.id == slug for year in calendar.years) else academic_year(slug)


def _effect(
    words: str,
    students: Sequence[Student],
    before: Mapping[int, Sequence[DutyState]],
    after: Mapping[int, Sequence[DutyState]],
    today: date,
    by: User,
) -> CalendarEffect:
    readable = set(Student.objects.visible_to(by, Can.VIEW_LOG).values_list("pk", flat=True))
    keyworkers = {
        row.student_id: row.user for row in Assignment.objects.keyworkers(today).select_related("user")
    }
    due: list[Moved] = []
    last_days: list[Moved] = []
    hidden = stay = 0
    notified: dict[int, User] = {}
    for student in students:
        user = keyworkers.get(student.pk)
        for was, will_be in zip(before[student.pk], after[student.pk], strict=True):
            if not (_is_asked(was) or _is_asked(will_be)):
                continue
            moves = was.due_on != will_be.due_on
            if not moves and was.do_by == will_be.do_by:
                stay += 1
                continue
            if user is not None:
                notified[user.pk] = user
            if student.pk not in readable:
                hidden += 1
                continue
            days = (was.by, will_be.by) if was.by != will_be.by else (was.due_on, will_be.due_on)
            if not moves:
                days = was.do_by, will_be.do_by
            keyworker = user.get_short_name() if user else ""
            row = Moved(student, keyworker, will_be.name, *days, will_be.due_on)
            (due if moves else last_days).append(row)
    named = due[:MOST_NAMED], last_days[: max(0, MOST_NAMED - len(due))]
    return CalendarEffect(
        [words],
        *named,
        hidden=hidden,
        unnamed=len(due) + len(last_days) - len(named[0]) - len(named[1]),
        stay=stay,
        notified=sorted(notified.values(), key=lambda user: user.in_order),
    )


def _is_asked(state: DutyState) -> bool:
    return is_ahead(state) or is_overdue(state)


def days_between(starts_on: date, ends_on: date) -> frozenset[date]:
    return frozenset(starts_on + n * A_DAY for n in range((ends_on - starts_on).days + 1))
