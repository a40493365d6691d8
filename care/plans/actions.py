"""Writing a version of a plan, having everybody read it, saying that one has, and ending a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction

from enquiries import actions as enquiries
from enquiries.models import Enquiry, EnquiryQuerySet
from keywork import clock
from keywork.absences import away_until
from keywork.access import shut_out
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import Assignment, User
from keywork.words import filled, marked
from outbox import actions as outbox
from students.models import Student

from ..decisions.actions import announce_change
from . import TO_READ, permissions
from .kinds import PlanKind
from .mails import QUESTION
from .models import PlanVersion, StudentPlan

ENDED = "This plan has been ended already"
READ_WITHIN = timedelta(days=7)
REMINDED = timedelta(days=1)  # before the day it is to be read by


@transaction.atomic
def write_version(
    *,
    student: Student,
    kind: PlanKind,
    words: Mapping[str, str],
    why: str,
    review_by: date,
    seen: int,
    by: User,
) -> PlanVersion:
    """The next version, in force at once: whoever must read plans of its kind is asked to, all of them again.

    `seen` is the number of the version that the form was filled from, 0 for none. Raises ChangedMeanwhile where
    another was written since, Refused for whoever does not keep plans of this kind, and for one that says nothing new.
    """
    if not permissions.keeps(by, kind, student):
        raise Refused(f"The {kind.name} of {student.known_as} is kept by others")
    now, today = clock.now(), clock.today()
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    plan, _ = StudentPlan.objects.get_or_create(
        student=student, kind=kind.slug, defaults={"begun_at": now, "begun_by": by}
    )
    before = plan.versions.filter(is_newest=True).first()
    if (before.number if before else 0) != seen:
        raise ChangedMeanwhile(before)
    said = {key: text for key, text in words.items() if text}
    if not said:
        raise Refused("Write at least one of the parts")
    same = before is not None and (said, review_by) == (before.words, before.review_by)
    if same and plan.ended_on is None:
        raise Refused(f"Nothing was changed, so version {seen} stays in force")
    if review_by <= today:
        raise Refused("Choose a day that is still to come", "review_by")
    if before is not None:
        PlanVersion.objects.filter(pk=before.pk).update(is_newest=False)
    if plan.ended_on is not None:
        plan.ended_on, plan.ended_by, plan.ended_why = None, None, ""
        plan.save(update_fields=["ended_on", "ended_by", "ended_why"])
    version = PlanVersion.objects.create(
        plan=plan,
        number=seen + 1,
        words=said,
        why=why.strip(),
        review_by=review_by,
        read_by=today + READ_WITHIN,
        written_by=by,
        written_at=now,
        written_on=today,
    )
    _take_back(plan, by)
    ask_team(version=version, by=by)
    _notify_home(plan, version.pk, by, NEXT if before is not None else FIRST)
    return version


@transaction.atomic
def end_plan(*, plan: StudentPlan, why: str, by: User) -> None:
    """It is no longer in force, and nobody is asked to read it any more. Raises Refused."""
    row = StudentPlan.objects.select_for_update(of=("self",)).select_related("student").get(pk=plan.pk)
    if not permissions.keeps(by, row.of_kind, row.student):
        raise Refused(f"The {row.of_kind.name} of {row.student.known_as} is kept by others")
    if row.ended_on is not None:
        raise Refused(ENDED)
    row.ended_on, row.ended_by, row.ended_why = clock.today(), by, why.strip()
    row.save(update_fields=["ended_on", "ended_by", "ended_why"])
    _take_back(row, by)
    _notify_home(row, None, by, NO_MORE)


FIRST, NEXT = marked("{} has a plan now: the {}."), marked("{} has a new version of the {}.")
NO_MORE = marked("{} needs the {} no longer.")


def _notify_home(plan: StudentPlan, version: int | None, by: User, words: str) -> None:
    """Of a kind that parents and carers read, what changed is a decision; why it was written is for school."""
    if plan.of_kind.home:
        announce_change(
            by=by,
            student=plan.student,
            what=filled(words, plan.student.known_as, plan.of_kind.name),
            from_on=clock.today(),
            origin="plan",
            origin_id=version,
        )


def _take_back(plan: StudentPlan, by: User) -> None:
    """What is asked about its earlier versions: only this version counts."""
    for row in asked_about(
        plan.versions.filter(is_newest=False) if plan.ended_on is None else plan.versions.all()
    ):
        if row.answered_at is None and row.withdrawn_at is None:
            enquiries.withdraw(by=by, enquiry=row)


def asked_about(versions: Iterable[PlanVersion]) -> EnquiryQuerySet:
    """What people were asked about these versions."""
    keys = [str(one.pk) for one in versions]
    return Enquiry.objects.filter(kind=TO_READ, period__in=keys).select_related("user", "asked_by", "student")


def readers_of(plan: StudentPlan, on: date) -> dict[User, str]:
    """Who must read it on a day, each with the posts they hold; never the student's own family."""
    assignments = (
        Assignment.objects.current(on)
        .filter(student=plan.student_id, kind__in=plan.of_kind.must_read, user__is_active=True)
        .select_related("user")
    )
    order = {kind: place for place, kind in enumerate(Assignment.Kind)}
    rows = sorted(assignments, key=lambda row: (order[Assignment.Kind(row.kind)], row.user.name))
    family = shut_out({row.user for row in rows})
    found: dict[User, str] = {}
    for row in rows:
        if (row.user_id, plan.student_id) not in family:
            label = str(row.get_kind_display()).lower()
            found[row.user] = f"{found[row.user]}, {label}" if row.user in found else label
    return found


@transaction.atomic
def ask_team(*, version: PlanVersion, by: User) -> list[User]:
    """Everybody who must read it and was not asked yet, but for who wrote it; whom."""
    asked = set(asked_about([version]).values_list("user", flat=True)) | {version.written_by_id}
    people = [user for user in readers_of(version.plan, clock.today()) if user.pk not in asked]
    if people:
        enquiries.ask_colleagues(
            by=by,
            student=version.plan.student,
            people=people,
            answer_by=max(version.read_by, clock.today() + REMINDED * 3),
            kind=TO_READ,
            period=str(version.pk),
        )
    return people


@transaction.atomic
def say_read(*, version: PlanVersion, question: str = "", by: User) -> Enquiry:
    """They have read this version, and perhaps ask something about it. Raises Refused where another is in force."""
    row = (
        PlanVersion.objects.select_for_update(of=("self",)).select_related("plan__student").get(pk=version.pk)
    )
    if not row.is_newest:
        newest = row.plan.versions.get(is_newest=True)
        raise Refused(f"Version {newest.number} is in force now. Read that one")
    if row.plan.ended_on is not None:
        raise Refused("This plan is no longer in force")
    asked = (
        asked_about([row]).filter(user=by, withdrawn_at__isnull=True).select_for_update(of=("self",)).first()
    )
    if asked is None:
        asked = Enquiry(
            kind=TO_READ,
            period=str(row.pk),
            student=row.plan.student,
            user=by,
            asked_at=clock.now(),
            asked_by=row.written_by,
            answer_by=max(row.read_by, clock.today()),
        )
    if asked.answered_at is None:
        asked.answered_at, asked.answers = (
            clock.now(),
            {"question": question.strip()} if question.strip() else {},
        )
        asked.declined_at, asked.declined_words = None, ""
        asked.save()
        if asked.answers:
            outbox.do(QUESTION, key=str(asked.pk), enquiry=asked.pk)
    return asked


@transaction.atomic
def remind_once() -> int:
    """In the morning: who joined a team is asked for what is in force; who has not read in time hears once more."""
    today = clock.today()
    for version in _not_asked_of_all(today):
        ask_team(version=version, by=version.written_by)
    waiting = Enquiry.objects.waiting().filter(kind=TO_READ)
    late = waiting.filter(reminded_at__isnull=True, answer_by__lte=today + REMINDED, asked_at__date__lt=today)
    away = away_until(today, late.values_list("user", flat=True))
    return enquiries.remind_all(rows=late.exclude(user__in=list(away)))


def _not_asked_of_all(today: date) -> list[PlanVersion]:
    """Those in force that somebody in post must read, and was not asked to; three queries."""
    asked = set(Enquiry.objects.filter(kind=TO_READ).values_list("period", "user"))
    assignments = Assignment.objects.current(today).filter(student__kept_plans__isnull=False).distinct()
    held: dict[int, list[tuple[int, str]]] = {}
    for student_id, user_id, kind in assignments.values_list("student", "user", "kind"):
        held.setdefault(student_id, []).append((user_id, kind))
    return [
        version
        for version in PlanVersion.objects.newest().select_related("plan__student", "written_by")
        if any(
            kind in version.plan.of_kind.must_read
            and user_id != version.written_by_id
            and (str(version.pk), user_id) not in asked
            for user_id, kind in held.get(version.plan.student_id, ())
        )
    ]
