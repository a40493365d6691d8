"""Making a keyworker known: to the staff around the student, to the house leader, and to the family.

The family's mail is portal.tasks.notify_families, with no name in it. Colleagues learn first names alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.conf import settings
from django.urls import reverse

from contacts.digests import who_rather_not
from contacts.escalation import NotificationKind
from keywork import clock
from keywork.access import shut_out
from keywork.dates import day_in_full
from keywork.models import Assignment, User
from keywork.words import filled, worded
from students.models import FamilyLink, MadeKnown, Student

Kind = Assignment.Kind
AROUND = (Kind.DEPUTY, Kind.MENTOR, Kind.CORE, Kind.TEACHER, Kind.HOUSE)


def around(students: Collection[int], on: date, but: Collection[int | None] = ()) -> dict[User, list[int]]:
    """Whom colleagues are told, each with the ids of the students they stand around; never the student's own family."""
    assignments = (
        Assignment.objects.current(max(on, clock.today()))
        .filter(student__in=list(students), kind__in=AROUND, user__is_active=True)
        .exclude(user__in=[pk for pk in but if pk])
        .select_related("user")
        .order_by("user__in_order", "user_id", "student_id")
    )
    rows = [assignment for assignment in assignments if assignment.user.is_written_to]
    family = shut_out({assignment.user for assignment in rows})
    found: dict[User, list[int]] = defaultdict(list)
    for assignment in rows:
        if (assignment.user_id, assignment.student_id) not in family and assignment.student_id not in found[
            assignment.user
        ]:
            found[assignment.user].append(assignment.student_id)
    return {user: ids for user, ids in found.items() if ids}


def to_notify(
    students: Sequence[int], keyworker: User, on: date, but: Collection[int]
) -> dict[User, list[Student]]:
    """Who has still to be told that these have that keyworker from a day, as far as it is still so."""
    standing = Assignment.objects.filter(
        student__in=list(students), user=keyworker, kind=Kind.KEYWORKER, starts_on=on
    )
    theirs = Student.objects.in_bulk(standing.values_list("student", flat=True))
    notified = set(
        MadeKnown.objects.filter(keyworker=keyworker, starts_on=on, student__in=theirs).values_list(
            "notified", "student"
        )
    )
    rather_not = who_rather_not(NotificationKind.KNOWN)
    found = {
        user: [theirs[pk] for pk in ids if (user.pk, pk) not in notified]
        for user, ids in around(theirs, on, [keyworker.pk, *but]).items()
        if user.pk not in rather_not
    }
    return {user: students for user, students in found.items() if students}


def letter(students: Sequence[Student], keyworker: User, on: date) -> tuple[str, str]:
    """Subject and body for a colleague."""
    who, day = keyworker.get_short_name(), day_in_full(on, clock.today())
    begun = on <= clock.today()
    lines = [
        filled("{}’s keyworker is {}, {} {}.", one.known_as, who, "since" if begun else "from", day)
        for one in students
    ]
    page = (
        reverse("students:people", args=[students[0].pk]) if len(students) == 1 else reverse("portal:today")
    )
    subject = worded(
        "A student you work with has another keyworker"
        if len(students) == 1
        else "Students you work with have another keyworker"
    )
    return subject, "\n".join([*lines, "", f"Open Keywork: {settings.BASE_URL}{page}", ""])


def write_down(students: Iterable[int], keyworker: int, on: date, notified: User) -> None:
    """That somebody of the staff was told."""
    house = set(
        Assignment.objects.current(max(on, clock.today()))
        .filter(user=notified, kind=Kind.HOUSE, student__in=list(students))
        .values_list("student", flat=True)
    )
    known_as = [(pk, keyworker, MadeKnown.As.HOUSE if pk in house else MadeKnown.As.TEAM) for pk in students]
    _write_down(known_as, on, notified)


def write_down_at_home(students: Sequence[int], on: date, notified: User) -> None:
    """That a parent or carer was told that their child's keyworker changes on a day."""
    theirs = FamilyLink.objects.for_keywork(clock.today()).filter(student__in=students, member__user=notified)
    assignments = Assignment.objects.filter(
        student__in=theirs.values("student"), kind=Kind.KEYWORKER, starts_on=on
    ).values_list("student", "user")
    _write_down([(student, user, MadeKnown.As.FAMILY) for student, user in assignments], on, notified)


def _write_down(known_as: Iterable[tuple[int, int, MadeKnown.As]], on: date, notified: User) -> None:
    """Each student with their keyworker, and what the person is to the student."""
    MadeKnown.objects.bulk_create(
        [
            MadeKnown(
                student_id=student,
                keyworker_id=keyworker,
                starts_on=on,
                notified=notified,
                notified_as=notified_as,
                notified_at=clock.now(),
            )
            for student, keyworker, notified_as in known_as
        ],
        ignore_conflicts=True,
    )
