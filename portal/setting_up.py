"""How far the set-up of a school is: nine steps, each read from what is there and not from what was clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    found = [
        SetUpStep(
            "administrator", "Administrator", Is.DONE, f"Done: {', '.join(one.name for one in admins[:3])}"
        ),
        SetUpStep("school", "School", Is.DONE, f"Done: {school.name}")
        if school
        else SetUpStep("school", "School", Is.MISSING, "Missing"),
        _preset(school),
        _term_dates(school, today),
        SetUpStep("staff", "Staff", Is.DONE, f"{staff} accounts")
        if staff > 1
        else SetUpStep(
            "staff", "Staff", Is.MISSING if school else Is.LOCKED, "Missing" if school else "School first"
        ),
        _students(school, students),
        _assignments(today, ready),
        _invitations(ready),
    ]
    found.append(_open(school, found))
    return found


def _preset(school: School | None) -> SetUpStep:
    name = "How you work"
    if school is None:
        return SetUpStep("rules", name, Is.LOCKED, "School first")
    if school.opened_on or PolicyVersion.objects.filter(created_by__isnull=False).exists():
        policy = reverse("portal:policy")
        return SetUpStep(
            "rules",
            name,
            Is.DONE,
            "Done: a preset is chosen",
            policy if school.opened_on else "",
            "Open the rules",
        )
    return SetUpStep("rules", name, Is.MISSING, "Choose a preset")


def _term_dates(school: School | None, today: date) -> SetUpStep:
    name = "Term dates"
    if school is None:
        return SetUpStep("dates", name, Is.LOCKED, "School first")
    url = reverse("portal:calendar")
    begins = today.year if today.month >= 8 else today.year - 1
    year = AcademicYear.objects.filter(slug__startswith=f"{begins}-").first()
    if year is None:
        return SetUpStep("dates", name, Is.MISSING, "This school year is missing", url, "Open the calendar")
    url = reverse("portal:calendar_half_terms", args=[year.slug])
    if year.status != CHECKED:
        return SetUpStep(
            "dates",
            name,
            Is.CHECK,
            "They came with Keywork: check and save them",
            url,
            "Check the term dates",
        )
    insets = InsetDay.objects.filter(day__range=(year.starts_on, year.ends_on)).count()
    short = USUAL_INSET_DAYS - insets
    words = "Done" if short <= 0 else f"Done. {short} INSET day{'' if short == 1 else 's'} fewer than usual"
    return SetUpStep("dates", name, Is.DONE, words, reverse("portal:calendar"), "Open the calendar")


def _students(school: School | None, count: int) -> SetUpStep:
    name = worded("Students and families")
    if school is None:
        return SetUpStep("students", name, Is.LOCKED, "School first")
    state, words = (Is.DONE, f"{count} on roll") if count else (Is.MISSING, "Missing")
    return SetUpStep("students", name, state, words, reverse("students:import"), "Import them from a file")


def _assignments(today: date, ready: bool) -> SetUpStep:
    name = worded("Who has which keyworker")
    if not ready:
        return SetUpStep("assignments", name, Is.LOCKED, worded("Needs staff and students first"))
    theirs = Assignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), student=OuterRef("pk"), kind="keyworker"
    )
    without = Student.objects.on_roll(today).filter(~Exists(theirs)).count()
    has_head = heads().exists()
    if not has_head:
        words = f"Nobody has the role “{ROLES['head'].name}” yet: add it to an account"
        return SetUpStep(
            "assignments", name, Is.MISSING, words, reverse("portal:accounts"), "Open the accounts"
        )
    if not without:
        return SetUpStep(
            "assignments", name, Is.DONE, "Done: everybody has one", reverse("portal:assignments")
        )
    students = worded("student" if without == 1 else "students")
    words = f"{without} {students} without {worded('a keyworker')}. {worded('The Head of Social Education')} names them"
    return SetUpStep("assignments", name, Is.MISSING, words, reverse("portal:assignments"), "Open the board")


def _invitations(ready: bool) -> SetUpStep:
    name = "Invitations"
    if not ready:
        return SetUpStep("invitations", name, Is.LOCKED, worded("Needs staff and students first"))
    left = waiting()
    url = reverse("portal:invitations")
    if not left.count:
        return SetUpStep(
            "invitations", name, Is.DONE, "Done: everybody who can be is invited", url, "Open the invitations"
        )
    return SetUpStep("invitations", name, Is.MISSING, f"{left.count} not invited yet", url, "Invite them")


def _open(school: School | None, before: Sequence[SetUpStep]) -> SetUpStep:
    name = "Check and open"
    if school is not None and school.opened_on:
        return SetUpStep("open", name, Is.DONE, "Done")
    needed = [step for step in before if step.slug in ("school", "rules", "dates", "staff", "students")]
    if not all(step.done for step in needed):
        return SetUpStep("open", name, Is.LOCKED, "Needs the steps above")
    return SetUpStep("open", name, Is.MISSING, "From when duties are counted")
