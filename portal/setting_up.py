"""How far the set-up of a school is: nine steps, each read from what is there and not from what was clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from keywork import clock
from keywork.access import heads
from keywork.actions.calendar import CHECKED
from keywork.models import AcademicYear, Assignment, InsetDay, PolicyVersion, School, User
from keywork.roles import ROLES
from keywork.words import worded
from students.models import Student

from .invitations import waiting

USUAL_INSET_DAYS = 5


class Is(StrEnum):
    DONE = "done"
    MISSING = "missing"
    CHECK = "check"  # something is there, and is to be looked at
    LOCKED = "locked"  # another step comes first


@dataclass(frozen=True, slots=True)
class SetUpStep:
    """`words` say how it stands; `url` leads to the page where it is done, "" where that is the set-up page itself."""

    slug: str
    name: str
    state: Is
    words: str
    url: str = ""
    action: str = ""

    @property
    def done(self) -> bool:
        return self.state is Is.DONE

    @property
    def icon(self) -> str:
        names = {Is.DONE: "check-circle", Is.LOCKED: "lock-closed", Is.CHECK: "pencil"}
        return names.get(self.state, "ellipsis-horizontal-circle")


def steps() -> Sequence[SetUpStep]:
    """All of them, in the order in which they are best done."""
    today = clock.today()
    school = School.objects.first()
    admins = User.objects.filter(roles__contains=["admin"], is_active=True).order_by("pk")
    staff = User.objects.filter(roles__contains=["staff"], is_active=True).count()
    students = Student.objects.on_roll(today).count()
    ready = bool(school and staff > 1 and students)
    names = ", ".join(one.name for one in admins[:3])
    found = [
        SetUpStep("administrator", "Administrator", Is.DONE, f"Done: {names}"),
        _school(school),
        _preset(school),
        _term_dates(school, today),
        _staff(school, staff),
        _students(school, students),
        _assignments(today, ready),
        _invitations(ready),
    ]
    found.append(_open(school, found))
    return found


def _school(school: School | None) -> SetUpStep:
    step = partial(SetUpStep, "school", "School")
    return step(Is.DONE, f"Done: {school.name}") if school else step(Is.MISSING, "Missing")


def _preset(school: School | None) -> SetUpStep:
    step = partial(SetUpStep, "rules", "How you work")
    if school is None:
        return step(Is.LOCKED, "School first")
    if school.opened_on or PolicyVersion.objects.filter(created_by__isnull=False).exists():
        policy = reverse("portal:policy") if school.opened_on else ""
        return step(Is.DONE, "Done: a preset is chosen", policy, "Open the rules")
    return step(Is.MISSING, "Choose a preset")


def _term_dates(school: School | None, today: date) -> SetUpStep:
    step = partial(SetUpStep, "dates", "Term dates")
    if school is None:
        return step(Is.LOCKED, "School first")
    calendar = reverse("portal:calendar")
    begins = today.year if today.month >= 8 else today.year - 1
    year = AcademicYear.objects.filter(slug__startswith=f"{begins}-").first()
    if year is None:
        return step(Is.MISSING, "This school year is missing", calendar, "Open the calendar")
    if year.status != CHECKED:
        url = reverse("portal:calendar_half_terms", args=[year.slug])
        return step(Is.CHECK, "They came with Keywork: check and save them", url, "Check the term dates")
    insets = InsetDay.objects.filter(day__range=(year.starts_on, year.ends_on)).count()
    short = USUAL_INSET_DAYS - insets
    words = "Done" if short <= 0 else f"Done. {short} INSET day{'' if short == 1 else 's'} fewer than usual"
    return step(Is.DONE, words, calendar, "Open the calendar")


def _staff(school: School | None, count: int) -> SetUpStep:
    step = partial(SetUpStep, "staff", "Staff")
    if count > 1:
        return step(Is.DONE, f"{count} accounts")
    return step(Is.MISSING, "Missing") if school else step(Is.LOCKED, "School first")


def _students(school: School | None, count: int) -> SetUpStep:
    step = partial(SetUpStep, "students", worded("Students and families"))
    if school is None:
        return step(Is.LOCKED, "School first")
    state, words = (Is.DONE, f"{count} on roll") if count else (Is.MISSING, "Missing")
    return step(state, words, reverse("students:import"), "Import them from a file")


def _assignments(today: date, ready: bool) -> SetUpStep:
    step = partial(SetUpStep, "assignments", worded("Who has which keyworker"))
    if not ready:
        return step(Is.LOCKED, worded("Needs staff and students first"))
    theirs = Assignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), student=OuterRef("pk"), kind="keyworker"
    )
    without = Student.objects.on_roll(today).filter(~Exists(theirs)).count()
    if not heads().exists():
        words = f"Nobody has the role “{ROLES['head'].name}” yet: add it to an account"
        return step(Is.MISSING, words, reverse("portal:accounts"), "Open the accounts")
    board = reverse("portal:assignments")
    if not without:
        return step(Is.DONE, "Done: everybody has one", board)
    students = worded("student" if without == 1 else "students")
    words = f"{without} {students} without {worded('a keyworker')}. {worded('The Head of Social Education')} names them"
    return step(Is.MISSING, words, board, "Open the board")


def _invitations(ready: bool) -> SetUpStep:
    step = partial(SetUpStep, "invitations", "Invitations")
    if not ready:
        return step(Is.LOCKED, worded("Needs staff and students first"))
    left, url = waiting(), reverse("portal:invitations")
    if not left.count:
        return step(Is.DONE, "Done: everybody who can be is invited", url, "Open the invitations")
    return step(Is.MISSING, f"{left.count} not invited yet", url, "Invite them")


def _open(school: School | None, before: Sequence[SetUpStep]) -> SetUpStep:
    step = partial(SetUpStep, "open", "Check and open")
    if school is not None and school.opened_on:
        return step(Is.DONE, "Done")
    needed = [one for one in before if one.slug in ("school", "rules", "dates", "staff", "students")]
    if not all(one.done for one in needed):
        return step(Is.LOCKED, "Needs the steps above")
    return step(Is.MISSING, "From when duties are counted")
