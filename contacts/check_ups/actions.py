"""Beginning rounds, by the keyworker's hand or by themselves, and reminding whoever is silent once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db import transaction
from django.db.models import Max

from enquiries import actions as enquiries
from enquiries.colleagues import colleagues
from enquiries.models import Enquiry
from keywork import clock, school
from keywork.errors import Refused
from keywork.keyworker_history import reachable
from keywork.models import Assignment, StaffAbsence, User
from keywork.school import SchoolFacts
from students.away import read_absences
from students.models import Student

from . import KIND, rules


@transaction.atomic
def begin_round(*, by: User, student: Student, facts: SchoolFacts) -> int:
    """Ask now, whatever the interval; how many are asked. Raises Refused."""
    today = clock.today()
    Student.objects.select_for_update().get(pk=student.pk)
    if not facts.calendar.is_pupil_day(today):
        raise Refused("Teachers are asked on a school day")
    if (open_until := _open_until([student.pk], today).get(student.pk)) is not None:
        raise Refused(f"A round is open until {open_until:%A}. Begin the next one after that")
    rows = _rounds({student.pk: by}, facts, today)
    if not rows:
        raise Refused(f"Nobody is named as teacher, mentor or core team of {student.known_as}")
    _ask(rows)
    return len(rows)


@transaction.atomic
def begin_due(as_of: date) -> int:
    """Every round that is due by itself on this day, in one letter to each teacher; how many enquiries.

    Safe to run twice, and by two at once: each waits for the students of the other.
    """
    facts = school.load()
    interval = facts.policy(as_of).staff_check_up_interval_days
    if interval is None or not facts.calendar.is_pupil_day(as_of):
        return 0
    students = list(
        Student.objects.on_roll(as_of)
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    last = _last_rounds(students)
    away = read_absences(students, as_of, as_of).now()
    due = [
        pk
        for pk in students
        if pk not in away and rules.is_due(as_of, last.get(pk), interval, facts.calendar)
    ]
    open_rounds = _open_until(due, as_of)
    # In their name teachers are asked: nobody is where there is no keyworker to wake.
    keyworkers = reachable(Assignment.Kind.KEYWORKER, as_of, due)
    asking = {pk: user for pk, user in keyworkers.items() if pk not in open_rounds}
    rows = _rounds(asking, facts, as_of)
    _ask(rows)
    return len(rows)


@transaction.atomic
def remind_silent(as_of: date) -> int:
    """Whoever has not answered hears once more, on the day of their round; how many letters. Safe to run twice."""
    calendar = school.load().calendar
    waiting = Enquiry.objects.waiting(as_of).filter(kind=KIND)
    spans = waiting.order_by().values_list("period", "answer_by").distinct()
    due = [
        period
        for period, ends_on in spans
        if rules.reminds_on(date.fromisoformat(period), ends_on, calendar) == as_of
    ]
    return enquiries.remind_all(rows=Enquiry.objects.filter(kind=KIND, period__in=due)) if due else 0


def _ask(rows: Collection[Enquiry]) -> None:
    enquiries.ask_many(rows)
    mine = Enquiry.objects.filter(kind=KIND, period=clock.today().isoformat(), reminded_at__isnull=True)
    enquiries.remind_all(rows=mine.filter(student__in={row.student_id for row in rows}), first=True)


def _rounds(asking: Mapping[int, User], facts: SchoolFacts, on: date) -> list[Enquiry]:
    """The enquiries of a round of each of these students, asked by the person named beside them."""
    ends_on = rules.closes_on(on, facts.policy(on).staff_check_up_interval_days)
    assignments = colleagues(asking, on)
    away = {
        user_id: (first, last)
        for user_id, first, last in StaffAbsence.objects.filter(starts_on__lte=on, ends_on__gte=on)
        .order_by("ends_on")
        .values_list("user_id", "starts_on", "ends_on")
    }
    keepers: dict[int, set[int]] = {pk: {by.pk} for pk, by in asking.items()}
    pair = (Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY)
    held = Assignment.objects.current(on).filter(student__in=list(asking), kind__in=pair)
    for student_id, user_id in held.order_by().values_list("student_id", "user_id"):
        keepers[student_id].add(user_id)
    return [
        Enquiry(
            kind=KIND,
            student_id=student_id,
            user_id=user_id,
            period=on.isoformat(),
            asked_at=clock.now(),
            asked_by=by,
            answer_by=ends_on,
        )
        for student_id, by in asking.items()
        for user_id in rules.asked(
            [
                rules.Colleague(
                    assignment.user_id, assignment.user.is_written_to, away=away.get(assignment.user_id)
                )
                for assignment in assignments.get(student_id, ())
            ],
            keepers[student_id],
            ends_on,
        )
    ]


def _last_rounds(students: Iterable[int]) -> dict[int, date]:
    rows = Enquiry.objects.filter(kind=KIND, student__in=list(students)).order_by()
    found = rows.values_list("student_id").annotate(Max("period"))
    return {student_id: date.fromisoformat(period) for student_id, period in found}


def _open_until(students: Iterable[int], on: date) -> dict[int, date]:
    rows = Enquiry.objects.filter(
        kind=KIND, student__in=list(students), answer_by__gte=on, withdrawn_at__isnull=True
    )
    return dict(rows.order_by().values_list("student_id").annotate(Max("answer_by")))
