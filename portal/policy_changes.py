"""Changes of the policy, each looked at before it is made: who would be overdue, today and on the day it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

from django.db import transaction

from keywork import clock, duties, school
from keywork.access import Can
from keywork.actions import school as actions
from keywork.dates import day_in_full
from keywork.duties import DutyState
from keywork.models import Assignment, PolicyVersion, User
from keywork.policy import presets
from students.models import Student

from .due_summary import is_ahead, is_overdue
from .policy_rules import RULES, in_words
from .previewed import Effect, SchoolChange

MOST_NAMED = 40
States = Mapping[int, Sequence[DutyState]]


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many students have something overdue on a day, without the change and with it."""

    on: date
    before: int
    after: int

    @property
    def more(self) -> int:
        return self.after - self.before


class MovedDate(NamedTuple):
    """One due date of one student as it is and as it would be. None is "no date"."""

    student: Student
    duty: str
    was: date | None
    will_be: date | None


@dataclass(frozen=True, slots=True)
class PolicyEffect(Effect):
    if_today: Overdue
    on_its_day: Overdue
    # Keyworker to those of their students who would be new to it.
    names: Sequence[tuple[str, Sequence[str]]] = ()
    dates: int = 0  # due dates that would be others, if it were the rule today
    moved: Sequence[MovedDate] = ()  # those of them that can be named

    @property
    def said(self) -> str:
        return f"Saved. {' '.join(self.lines)}"


@dataclass(slots=True, kw_only=True)
class PolicyChange(SchoolChange[PolicyEffect]):
    """What both changes share. A subclass says what is asked, and makes it from a day on."""

    by_others: ClassVar[str] = (
        "Somebody else changed the policy or the calendar while you were looking. "
        "Nothing is saved yet: this is how it stands now."
    )
    effective_on: date
    reason: str = ""

    def do(self, effective_on: date, by: User) -> None:
        raise NotImplementedError

    def said(self) -> str:
        raise NotImplementedError

    def make(self, by: User) -> PolicyEffect:
        today = clock.today()
        students = list(Student.objects.on_roll(today))
        later = list(Student.objects.on_roll(self.effective_on))
        now, before_later = _states(students, today), _overdue(_states(later, self.effective_on))
        self.do(self.effective_on, by)
        then = _states(later, self.effective_on)
        if_today = then if self.effective_on == today else self._if_today(students, today, by)
        before, after = _overdue(now), _overdue(if_today)
        moved = _moved(students, now, if_today)
        readable = set(Student.objects.visible_to(by, Can.VIEW_LOG).values_list("pk", flat=True))
        return PolicyEffect(
            [self.said()],
            Overdue(today, len(before), len(after)),
            Overdue(self.effective_on, len(before_later), len(_overdue(then))),
            _by_keyworker(after - before, today, by),
            len(moved),
            [one for one in moved if one.student.pk in readable][:MOST_NAMED],
        )

    def _if_today(self, students: Sequence[Student], today: date, by: User) -> States:
        """How all would stand if it were in force already; nothing of that stays."""
        with transaction.atomic():
            PolicyVersion.objects.filter(effective_on__gt=today).delete()
            self.do(today, by)
            found = _states(students, today)
            transaction.set_rollback(True)
        return found


@dataclass(slots=True, kw_only=True)
class SetRule(PolicyChange):
    name: str
    value: Any

    def do(self, effective_on: date, by: User) -> None:
        actions.set_rule(
            name=self.name, value=self.value, effective_on=effective_on, reason=self.reason, by=by
        )

    def said(self) -> str:
        value = getattr(school.load().policy(self.effective_on), self.name)
        words = f"{RULES[self.name].label}: {in_words(self.name, value)}"
        return f"{words}, from {day_in_full(self.effective_on)}."


@dataclass(slots=True, kw_only=True)
class SetPreset(PolicyChange):
    """Another preset from a day on; what the school had of its own is left behind."""

    preset: str

    def do(self, effective_on: date, by: User) -> None:
        actions.set_preset(preset=self.preset, effective_on=effective_on, reason=self.reason, by=by)

    def said(self) -> str:
        return f"Another preset from {day_in_full(self.effective_on)}."


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """What somebody changed, from a day on, in words; `made` says who and why."""

    effective_on: date
    made: Any  # a version of a PolicyVersion
    changed: Sequence[str]


def history() -> list[PolicyStep]:
    """All that was changed, the latest day first, and of one day what was written last. Nothing replaces anything."""
    days = dict(PolicyVersion.objects.values_list("pk", "effective_on"))
    events: Any = PolicyVersion.pgh_event_model
    steps = events.objects.filter(pgh_obj__in=days).exclude(pgh_label="delete").select_related("created_by")
    standing: dict[int, Any] = {}
    found = []
    for step in steps.order_by("pgh_id"):
        pk, day = step.pgh_obj_id, days[step.pgh_obj_id]
        own = standing.get(pk)
        earlier = [one for one in standing if days[one] < day]
        before = own or (standing[max(earlier, key=days.__getitem__)] if earlier else None)
        standing[pk] = step
        # A rule of a later day also takes what was changed of an earlier one: that is told there.
        if own is None or own.created_at != step.created_at:
            found.append(PolicyStep(day, step, _changed(before, step) or ["Nothing else than before"]))
    return sorted(found, key=lambda one: (one.effective_on, one.made.pgh_id), reverse=True)


def _changed(before: Any, step: Any) -> list[str]:
    known = presets()
    policy = known[step.preset].with_values(step.overrides)
    chosen = before is None or before.preset != step.preset
    base = known[step.preset] if chosen else known[before.preset].with_values(before.overrides)
    return ["Preset chosen"] * chosen + [
        f"{rule.label}: {in_words(name, getattr(base, name))} → {in_words(name, getattr(policy, name))}"
        for name, rule in RULES.items()
        if getattr(base, name) != getattr(policy, name)
    ]


def _states(students: Sequence[Student], on: date) -> States:
    return duties.states_for(students, on, school=school.load())


def _overdue(states: States) -> set[int]:
    return {pk for pk, found in states.items() if any(map(is_overdue, found))}


def _moved(students: Sequence[Student], now: States, then: States) -> list[MovedDate]:
    found = []
    for student in students:
        for was, will_be in zip(now[student.pk], then[student.pk], strict=True):
            asked = any(is_ahead(one) or is_overdue(one) for one in (was, will_be))
            if asked and was.due_on != will_be.due_on:
                found.append(MovedDate(student, will_be.name, was.due_on, will_be.due_on))
    return found


def _by_keyworker(students: set[int], today: date, by: User) -> list[tuple[str, list[str]]]:
    """Only students whose log this person reads."""
    readable = Student.objects.visible_to(by, Can.VIEW_LOG).filter(pk__in=students)[:MOST_NAMED]
    assignments = Assignment.objects.keyworkers(today).filter(student__in=students).select_related("user")
    keyworkers = {row.student_id: row.user.get_short_name() for row in assignments}
    found: dict[str, list[str]] = {}
    for student in readable:
        found.setdefault(keyworkers.get(student.pk, "Nobody named"), []).append(student.name)
    return sorted(found.items())
