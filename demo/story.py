"""What the people everyone meets did lately: `texts/story.json`, a list of rows, each an action of the product or a row of
a model, in the order in which they happened.

`do` is "app.Model" or the path of an action; `by` a sign-in; `student` a forename of the cast, or several with the `day` of
each; days count from today, moved back to a school day, and the clock stands there at `at`; `name` lets later rows of the same student refer to
it. A column that is not in `with` and must be there is the student, who did it, or the moment. Words are filled in as in
`words`; those with an @ are looked up by the functions of `_Row`: "@day 7", "@on 7" and "@at 7 09:00" (from the row's own day), "@moment -3 16:00", "@user dsl", "@post mentor",
"@link 0", "@row meeting", "@latest contacts.HomeContact level=general", "@of pk row meeting".
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from importlib import import_module
from inspect import signature
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import DateField, DateTimeField, ForeignKey, Model

from care.checklists.actions import start_due
from care.decisions.known import who_may_know
from care.models import Decision, DecisionReader, PlanVersion, Point, Review, TakingOver
from care.plans import actions as plans
from care.plans.kinds import KINDS
from care.reviews import actions as reviews
from enquiries.models import Enquiry
from keywork import clock, school
from keywork.access import heads
from keywork.calendar import SchoolCalendar
from keywork.dates import LONDON
from keywork.errors import Refused
from keywork.languages import ENGLISH
from keywork.models import Assignment, User
from outbox.models import Job
from portal.made_known import around, write_down, write_down_at_home
from students.actions.family import links_asked_about, record_own_choice
from students.models import FamilyLink, FamilyMember, Student
from students.rules import is_young_person

from . import cast
from .rows import DAY
from .words import fill, texts, words_for


def write_story() -> None:
    today, calendar = clock.today(), school.load().calendar
    families = [f"{name}@{cast.DOMAIN}" for name in ("parent", "parent2", "student")]
    User.objects.filter(email__in=families).update(language=ENGLISH)
    start_due(today=today)
    _long_done(today)
    _took_over(today)
    _made_known(today)
    named: dict[tuple[str, str], Any] = {}
    everybody = Student.objects.order_by("-pk")
    students = {
        one.legal_forename: one
        for one in everybody
        if f"{one.legal_forename} {one.legal_surname}" in cast.NAMES
    }
    for row in texts("story")["rows"]:
        whom = {row["student"]: row.get("day", 0)} if isinstance(row["student"], str) else row["student"]
        for forename, days in whom.items():
            if forename in students:
                one = _Row({**row, "day": days}, students[forename], calendar, today, named)
                named[forename, row.get("name", "")] = one.write()
    Job.objects.all().delete()  # nobody is e-mailed about an invented child


@dataclass(slots=True)
class _Row:
    row: Mapping[str, Any]
    student: Student
    calendar: SchoolCalendar
    today: date
    named: Mapping[tuple[str, str], Any]

    def write(self) -> Any:
        """What was made. None of what the product refuses, as where nobody can sign in, and of what refers to something
        that is not there: in August nobody had a conflict."""
        module, _, name = self.row["do"].rpartition(".")
        with (
            clock.frozen(self._moment(f"{self.row['day']} {self.row.get('at', '')}")),
            suppress(LookupError, Refused),
        ):
            by = self._user(self.row.get("by", "keyworker"))
            said = {name: self.value(value) for name, value in self.row.get("with", {}).items()}
            if name[0].isupper():
                model: type[Any] = apps.get_model(self.row["do"])
                return model.objects.create(**{**self.usual(model, by), **said})
            action = getattr(import_module(module), name)
            takes, usual = signature(action).parameters, {"student": self.student, "by": by}
            return action(**{name: one for name, one in usual.items() if name in takes}, **said)
        return None

    def usual(self, model: type[Model], by: User) -> dict[str, Any]:
        """What a row of this model must have."""
        found: dict[str, Any] = {}
        for one in model._meta.concrete_fields:
            if one.null or one.has_default() or one.primary_key:
                continue
            if isinstance(one, ForeignKey) and one.related_model in (User, Student):
                found[one.name] = by if one.related_model is User else self.student
            elif isinstance(one, DateField):
                found[one.name] = clock.now() if isinstance(one, DateTimeField) else clock.today()
        return found

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self.value(one) for name, one in value.items()}
        if isinstance(value, tuple):
            return [self.value(one) for one in value]
        if not isinstance(value, str):
            return value
        if value.startswith("@"):
            kind, _, rest = value[1:].partition(" ")
            return getattr(self, f"_{kind}")(rest)
        home = self._link("0").member.forename if "{h}" in value else ""
        one = self.student
        return fill(value, words_for(one.known_as, one.sex or "T", one.pronouns, "art", home))

    def _day(self, days: str) -> date:
        day = self.today + int(days) * DAY
        if int(days) > 0:
            return day + max(0, 7 - day.weekday()) % 7 * DAY if day.weekday() > 4 else day
        return self.calendar.last_pupil_day_on_or_before(day) or day

    def _on(self, days: str) -> date:
        return clock.today() + int(days) * DAY

    def _at(self, said: str) -> datetime:
        days, _, at = said.partition(" ")
        return datetime.combine(self._on(days), time.fromisoformat(at), LONDON)

    def _monday(self, _: str) -> date:
        """The next one."""
        return self.today + (7 - self.today.weekday()) * DAY

    def _term(self, _: str) -> str:
        return next(one.id for one in reversed(self.calendar.terms) if one.starts_on <= self.today)

    def _moment(self, said: str) -> datetime:
        """Nothing of today is later than this moment."""
        days, _, at = said.partition(" ")
        moment = datetime.combine(self._day(days), time.fromisoformat(at or "12:00"), LONDON)
        return min(moment, clock.now()) if days == "0" else moment

    def _student(self, _: str) -> Student:
        return self.student

    def _now(self, _: str) -> datetime:
        return clock.now()

    def _user(self, sign_in: str) -> User:
        return User.objects.get(email=f"{sign_in}@{cast.DOMAIN}")

    def _post(self, kind: str) -> User:
        return Assignment.objects.current(self.today).filter(student=self.student, kind=kind)[0].user

    def _link(self, place: str) -> FamilyLink:
        return FamilyLink.objects.filter(student=self.student).order_by("priority", "pk")[int(place)]

    def _home(self, _: str) -> list[int]:
        """Whoever of the family may know, by id."""
        return [link.member_id for link in who_may_know(self.student)]

    def _permission(self, name: str) -> Permission:
        return Permission.objects.get(content_type__app_label="students", codename=name)

    def _row(self, name: str) -> Any:
        found = self.named.get((self.student.legal_forename, name))
        if found is None:
            raise LookupError(name)
        return found

    def _other(self, said: str) -> Any:
        """The same of another student."""
        forename, _, rest = said.partition(" ")
        student = Student.objects.filter(legal_forename=forename).order_by("pk")[0]
        return replace(self, student=student).value(f"@{rest}")

    def _latest(self, said: str) -> Any:
        model, *wanted = said.split(" ")
        like = dict(one.split("=") for one in wanted)
        return apps.get_model(model).objects.filter(student=self.student, **like).order_by("-pk")[0]

    def _of(self, said: str) -> Any:
        """A field of something else."""
        field, _, rest = said.partition(" ")
        return getattr(self.value(f"@{rest}"), field)


# --------------------------------------------------------------------------------------- actions of the story's own


def plan(
    *,
    student: Student,
    by: User,
    kind: str,
    words: Mapping[str, str],
    why: str,
    review_by: date,
    unread: int = 0,
) -> PlanVersion:
    """The next version of a plan, read by all who must but so many."""
    before = PlanVersion.objects.newest().filter(plan__student=student, plan__kind=kind).first()
    version = plans.write_version(
        student=student, kind=KINDS[kind], words=words, why=why, by=by, seen=before.number if before else 0,
        review_by=max(KINDS[kind].review_by(clock.today()), review_by),
    )  # fmt: skip
    asked = [one.pk for one in plans.asked_about([version])]
    Enquiry.objects.filter(pk__in=asked[: len(asked) - unread]).update(answered_at=clock.now() + DAY)
    return version


def notify_home(*, student: Student, by: User, decision: Decision, answer: str = "", words: str = "") -> None:
    """Everybody at home who may know was told when it was announced; the first of them answers now."""
    now = clock.now()
    for place, link in enumerate(who_may_know(student)):
        given: dict[str, Any] = {"read_at": now, "answered_at": now, "answered_by": link.member.user or by}
        given = given | {"answer": answer, "words": words} if answer and not place else {}
        told = decision.announced_at
        DecisionReader.objects.create(decision=decision, member=link.member, notified_at=told, **given)


def change(*, row: Model, **values: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def held(*, by: User, review: Review, fields: Mapping[str, Any], version: int) -> Review:
    """With everybody who said that they would come."""
    came = frozenset(one.pk for one in review.people.filter(reply__in=("coming", "video")))
    return reviews.write_meeting(by=by, review=review, fields=fields, came=came, version=version)


def own_choice(*, student: Student, by: User, words: str) -> None:
    """They speak for themselves, and their parents read on; of somebody old enough."""
    sees, today = {link.pk: "all" for link in links_asked_about(student)}, clock.today()
    if is_young_person(student.born_on, today):
        record_own_choice(
            student=student, decided_on=today, speaks_for_self=True, words=words, sees=sees, by=by
        )


# ------------------------------------------------------------------------------------------------ of the whole school


def _long_done(today: date) -> None:
    """What is long due on a list was done by the keyworker, or by the Head where there is none."""
    names, head = dict(Assignment.objects.keyworkers(today).values_list("student", "user")), heads()[0].pk
    long_due = Point.objects.open().filter(due_on__lt=today - 5 * DAY).select_related("checklist")
    for point in long_due:
        point.done_on, point.done_by_id = point.due_on, names.get(point.checklist.student_id, head)
    Point.objects.bulk_update(long_due, ["done_on", "done_by"])


def _took_over(today: date) -> None:
    """Every keyworker but who began in the last week has said that they read what was handed over."""
    assignments = Assignment.objects.filter(kind=Assignment.Kind.KEYWORKER, starts_on__lt=today - 7 * DAY)
    TakingOver.objects.bulk_create(
        TakingOver(
            student_id=one.student_id, post=one, by_id=one.user_id,
            at=datetime.combine(one.starts_on, time(10), LONDON),
        )
        for one in assignments
    )  # fmt: skip


def _made_known(today: date) -> None:
    """Who was told of the keyworker of the demo's sign-in, on the day it began."""
    keyworker = User.objects.get(email=f"keyworker@{cast.DOMAIN}")
    assignments = Assignment.objects.keyworkers(today).filter(user=keyworker)
    for on in sorted(set(assignments.values_list("starts_on", flat=True))):
        students = list(assignments.filter(starts_on=on).values_list("student", flat=True))
        home = FamilyMember.objects.filter(links__student__in=students).values("user")
        with clock.frozen(on):
            for user, theirs in around(students, on, [keyworker.pk]).items():
                write_down(theirs, keyworker.pk, on, user)
            for user in User.objects.filter(pk__in=home, is_active=True):
                write_down_at_home(students, on, user)
