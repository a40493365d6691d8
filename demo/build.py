"""Write the invented school into an empty database, or over the one before."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from care.models import EhcPlan, Outcome
from contacts.actions.misses import record_misses
from contacts.models import ContactHold, HolidayWeek, HomeContact, KeyworkSession, MentoringSlot, Miss
from ilsa.versions import ensure_first_version as ensure_ilsa_form
from keywork import clock, known
from keywork import school as school_facts
from keywork.actions.school import load_calendar, set_up_school
from keywork.final import emptying
from keywork.models import AcademicYear, Assignment, HalfTerm, SavedFilter, StaffAbsence, User
from keywork.models import School as SchoolRow
from students.models import (
    Absence,
    Attendance,
    FamilyLink,
    FamilyMember,
    HandOverNote,
    Points,
    Student,
    StudentAccess,
)
from students.rules import academic_year
from tsp.questions.versions import ensure_first_version as ensure_tsp_form

from . import authority, cast, enrolment, families, mentoring, people, plans, posts
from . import years as more_years
from .check_ups import write_check_ups
from .copying import copy_numbered, silent
from .follow_ups import write_follow_ups
from .history import Days, Row, Writer, contacts_of, shared_calls
from .home import write_home
from .ilsa import write_ilsa
from .kept import write_kept
from .letters import write_letters
from .made_known import write_made_known
from .meetings import write_meetings
from .names import Names
from .reviews import write_reviews
from .sessions import absences_of, sessions_of
from .tsp.write import write_tsp

_DAY = timedelta(days=1)
NOT_MISSED = "Home confirms that we spoke that week; it was in the house diary."
OUR_APPS = ("keywork", "students", "care", "contacts", "tsp", "ilsa", "reports", "portal")


class CannotBuild(Exception):
    """The demo school may not be written here; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written."""

    name: str
    went_live_on: date
    on_roll: int
    staff: int
    keyworkers: int
    families: int
    contacts: int
    sessions: int
    windows: int
    assessments: int
    misses: int
    can_sign_in: bool


def build(
    *, students: int = 60, years: int = 2, seed: int = 1, staff: int | None = None, replace: bool = False
) -> Built:
    """The whole school, or nothing, in one transaction; then its misses. Raises CannotBuild."""
    _may_build(students, years, staff, replace)
    with transaction.atomic():
        if replace:
            with pgtrigger.ignore():
                empty()
                ensure_tsp_form()
                ensure_ilsa_form()
        plan, written = _write(students, years, seed, staff)
        write_follow_ups()
        write_made_known()
        write_reviews()
        write_meetings()
        write_home()
        write_kept()
        known.begin()
    with connection.cursor() as cursor:
        # As the server does by itself in time: statistics, and which pages an index can answer for alone.
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")
    misses = _record_misses(plan, random.Random(f"{seed} misses"))
    return Built(
        name=cast.SCHOOL,
        went_live_on=plan.live_on,
        on_roll=len(plan.here()),
        staff=sum(one.active for one in plan.staff),
        keyworkers=len(plan.working_as("Keyworker")),
        families=len(plan.members),
        misses=misses,
        can_sign_in=settings.DEMO,
        **written,
    )


def _may_build(students: int, years: int, staff: int | None, replace: bool) -> None:
    least = len(cast.CHILDREN[:12])
    if students < least:
        raise CannotBuild(
            f"The demo school needs {least} students or more, so that every sign-in has its people."
        )
    if not 1 <= years <= 15:
        raise CannotBuild("Years must be from 1 to 15.")
    needed = sum(people.staff_needed(students).values())
    if staff is not None and staff < needed:
        raise CannotBuild(
            f"{students} students need {needed} staff or more: no keyworker has more than five."
        )
    if replace:
        if not settings.DEMO:
            raise CannotBuild(
                "--replace deletes everybody in this database, so it only runs where KEYWORK_DEMO=1 is set."
            )
        return
    if Student.objects.exists():
        raise CannotBuild(
            "This database has students already, and the demo school would be mixed up with them. "
            "Use an empty database; or, where KEYWORK_DEMO=1 is set, --replace deletes what is there first."
        )
    if SchoolRow.objects.exists() or User.objects.exists():
        raise CannotBuild(
            "This database has a school or accounts already. Use an empty database for the demo school."
        )


def empty() -> None:
    """Delete everything of ours, and every open session with it."""
    tables = [
        model._meta.db_table
        for label in OUR_APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    names = ", ".join(map(connection.ops.quote_name, [*tables, Session._meta.db_table]))
    with emptying(), connection.cursor() as cursor:
        # Rows written earlier in this transaction may still wait for their foreign keys to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def _write(students: int, years: int, seed: int, staff: int | None) -> tuple[people.School, dict[str, int]]:
    """Everything but the misses; the plan, and how many of each was written, by the names of Built."""
    today = clock.today()
    live_on = _open_school(today, years)
    facts = school_facts.load()

    def dice(what: str) -> random.Random:
        return random.Random(f"{seed} {what}")

    fixed = {f"{child.forename} {child.surname}" for child in (*cast.CHILDREN, cast.NEWCOMER)}
    fixed |= {
        post.name
        for group in (cast.OFFICE, cast.KEYWORKERS, cast.MENTORS, cast.TEACHERS, cast.LEAVERS)
        for post in group
    }
    plan = people.School(today, live_on, facts.calendar, Names(dice("names"), fixed))
    people.hire(plan, students, staff, dice("staff"))
    enrolment.enrol(plan, students, years, dice("students"))
    families.settle_families(plan, dice("families"))
    families.give_students_accounts(plan, dice("accounts"))
    authority.add_facts(plan, dice("authority"))
    assignments = posts.place_everyone(plan, dice("posts"))
    _write_people(plan, assignments, dice("absences"))
    ehc_plans, outcomes = _write_plans(plan, dice)
    contacts, sessions = _write_log(plan, dice)
    log = (("contact", contacts), ("session", sessions))
    windows = write_tsp(plan, facts.policy(today), dice, log, ehc_plans, outcomes)
    assessments = write_ilsa(plan, dice)
    write_check_ups(plan, dice)
    write_letters(plan, contacts)
    return plan, {
        "contacts": len(contacts),
        "sessions": len(sessions),
        "windows": windows,
        "assessments": assessments,
    }


def _open_school(today: date, years: int) -> date:
    """Calendar, policy and name; the day the school went live, the first of its academic year."""
    first = more_years.blocks(academic_year(today) - years)[0][0]
    set_up_school(name=cast.SCHOOL, went_live_on=first)
    shipped = (
        HalfTerm.objects.filter(year__slug=f"{first.year}-{(first.year + 1) % 100:02d}")
        .order_by("starts_on")
        .first()
    )
    known = set(AcademicYear.objects.values_list("slug", flat=True))
    load_calendar(data={"academic_years": more_years.missing_years(known, first, today)})
    assert shipped is None or shipped.starts_on == first
    return first


def _write_people(plan: people.School, assignments: list[Row], rng: random.Random) -> None:
    # One hash for everybody: hashing is slow on purpose. Outside a demo nobody can sign in at all.
    password = make_password(cast.PASSWORD if settings.DEMO else None)
    opened = f"{plan.live_on} 08:00 Europe/London"
    part_time = _part_time(plan, assignments)
    accounts = [*(_account(one, rng) | part_time.get(one.id, {}) for one in plan.staff), *plan.accounts]
    copy_numbered(User, accounts, password=password, created_at=opened)
    copy_numbered(FamilyMember, plan.members, created_at=opened)
    copy_numbered(Student, (one.values for one in plan.students), created_at=opened, left_on=None)
    links = (
        {"student_id": one.id, "member_id": link.member_id, **link.values}
        for one in plan.students
        for link in one.links
    )
    copy_numbered(FamilyLink, _numbered(links))
    copy_numbered(Attendance, _numbered(authority.attendance_of(plan, random.Random("attendance"))))
    copy_numbered(Points, _numbered(authority.points_of(plan, random.Random("points"))))
    copy_numbered(Assignment, assignments)
    copy_numbered(MentoringSlot, _numbered(mentoring.slots_of(plan, assignments, random.Random("mentoring"))))
    copy_numbered(HolidayWeek, _numbered(mentoring.cover_of(plan, assignments, random.Random("holiday"))))
    copy_numbered(StaffAbsence, _numbered(_leave(plan, rng)), created_at=opened)
    _hand_over(plan, assignments)
    head, tunde = plan.holding("head"), plan.working_as("Academic mentor")[0]
    aoife = next(one for one in plan.students if one.child is not None and one.child.forename == "Aoife")
    with silent(StudentAccess):
        StudentAccess.objects.create(
            content_object_id=aoife.id,
            user_id=plan.working_as("Teacher")[0].id,
            permission=_permission("view_log"),
            reason=f"Prepares the art exhibition with Aoife and {tunde.first}; Aoife agreed.",
            granted_by_id=head.id,
            starts_on=plan.today - 7 * _DAY,
            expires_on=plan.today + 21 * _DAY,
        )
    SavedFilter.objects.create(
        user_id=head.id,
        page=SavedFilter.Page.OVERSIGHT,
        name="Weekly residential, overdue",
        query="show=overdue&placement=weekly",
    )


def _write_plans(plan: people.School, dice: Callable[[str], random.Random]) -> tuple[list[Row], list[Row]]:
    ehc_plans, outcomes = plans.plans_of(plan, dice)
    copy_numbered(EhcPlan, ehc_plans)
    copy_numbered(Outcome, outcomes)
    return ehc_plans, outcomes


def _permission(codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label="students", codename=codename)


def _account(one: people.Staff, rng: random.Random) -> Row:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "job_title": one.post.job,
        "roles": one.post.roles.split(),
        "phone": f"01632 960{rng.randrange(1000):03d}",
        "reach_note": one.post.reach or rng.choice(("Weekdays 8.30 am to 5 pm", "Weekdays at lunch", "")),
        "is_active": one.active,
        "deactivated_at": None if one.active else f"{one.left_on} 17:00 Europe/London",
    }


def _part_time(plan: people.School, assignments: list[Row]) -> dict[int, Row]:
    """The keyworker with the fewest students works four days a week, so that they are not above their limit."""
    now = Counter(
        row["user_id"] for row in assignments if row["kind"] == "keyworker" and row["ends_on"] is None
    )
    fewest = min(plan.working_as("Keyworker"), key=lambda one: now[one.id])
    return {fewest.id: {"days_a_week": Decimal(4)}} if now[fewest.id] <= 4 else {}


def _hand_over(plan: people.School, assignments: list[Row]) -> None:
    """Whoever stops being Zofia's keyworker on Sunday has written down what the next should know."""
    ends = next(row for row in reversed(assignments) if row.get("end_note") and row["ends_on"] >= plan.today)
    HandOverNote.objects.create(
        student_id=ends["student_id"],
        written_by_id=ends["user_id"],
        written_at=clock.now() - _DAY,
        words="Walks and trains are how to start. Her mother likes a text before a call, and never on Fridays.\n"
        "Promised: a visit to the college library before the end of term.",
    )


def _leave(plan: people.School, rng: random.Random) -> Iterator[Row]:
    """When staff were, are and will be away; Dan Merrow is away this week."""
    keyworkers = plan.working_as("Keyworker")
    yield {"user_id": keyworkers[2].id, "starts_on": plan.today - 2 * _DAY, "ends_on": plan.today + 5 * _DAY}
    for one in keyworkers[3:]:
        began = plan.today - rng.randrange(-40, 300) * _DAY
        yield {"user_id": one.id, "starts_on": began, "ends_on": began + rng.randrange(0, 5) * _DAY}


def _write_log(plan: people.School, dice: Callable[[str], random.Random]) -> tuple[list[Row], list[Row]]:
    """Contacts, sessions, absences and holds of every student; the first two as they were written."""
    days = Days.of(plan.calendar, plan.live_on, plan.today)
    now = clock.now().astimezone(clock.LONDON)
    contacts: dict[int, list[Row]] = {}
    sessions: list[Row] = []
    absences: list[Row] = []
    holds: list[Row] = []
    head, dsl = plan.holding("head"), plan.holding("dsl")
    for student in plan.students:
        if student.joined > plan.today:
            continue
        rng = dice(f"log {student.id}")
        writer = Writer(
            plan, days, student, rng, now, [link for link in student.links if link.open_to_keywork]
        )
        _past_hold(student, plan, rng)
        contacts[student.id] = contacts_of(writer)
        sessions += sessions_of(writer)
        absences += [
            {
                "student_id": student.id,
                "starts_on": start,
                "ends_on": end,
                "note": note,
                "recorded_by_id": head.id,
                "recorded_at": f"{min(start, plan.today)} 00:01 Europe/London",
            }
            for start, end, note in absences_of(writer)
        ]
        holds += [
            {
                "student_id": student.id,
                "starts_on": start,
                "ends_on": end,
                "reason": reason,
                "placed_by_id": dsl.id,
                "placed_at": f"{start} 00:01 Europe/London",
            }
            for start, end, reason in student.holds
        ]
        if student.sibling is not None and student.sibling.id in contacts:
            contacts[student.id] = shared_calls(
                contacts[student.sibling.id], student, contacts[student.id], rng, plan.today
            )
    copy_numbered(Absence, _numbered(absences))
    copy_numbered(ContactHold, _numbered(holds))
    everything = sorted(
        (row for rows in contacts.values() for row in rows), key=lambda row: row["happened_on"]
    )
    sessions.sort(key=lambda row: row["happened_on"])
    everything, sessions = [*_numbered(everything)], [*_numbered(sessions)]
    copy_numbered(HomeContact, everything)
    copy_numbered(KeyworkSession, sessions)
    return everything, sessions


def _past_hold(student: people.Student, plan: people.School, rng: random.Random) -> None:
    """One student in forty once had days on which home was left in peace."""
    start = max(student.joined, plan.live_on)
    span = ((student.left or plan.today) - start).days
    if student.child is None and span > 120 and rng.random() < 0.025:
        began = start + rng.randrange(20, span - 60) * _DAY
        student.holds.append(
            (
                began,
                began + rng.randrange(6, 20) * _DAY,
                rng.choice(("Asked for by the family.", "Police request.", "Court hearing that week.")),
            )
        )


def _record_misses(plan: people.School, rng: random.Random) -> int:
    """What the nightly job finds in the history, dated as if it had run every night and told everyone."""
    record_misses(as_of=plan.today)
    night = "(due_on + 1 + time '02:30') AT TIME ZONE 'Europe/London'"
    with pgtrigger.ignore(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE contacts_miss SET as_of = due_on + 1, detected_at = least({night}, %s),
                keyworker_told_at = least({night} + interval '4 hours', %s),
                head_told_at = least({night} + interval '4 hours', %s)
            """,
            [clock.now()] * 3,
        )
        # One in eighty turned out to be no miss at all.
        old = list(
            Miss.objects.filter(due_on__lt=plan.today - 30 * _DAY)
            .order_by("pk")
            .values_list("pk", "detected_at")
        )
        for pk, detected_at in rng.sample(old, len(old) // 80):
            Miss.objects.filter(pk=pk).update(
                withdrawn_at=detected_at + 2 * _DAY,
                withdrawn_by_id=plan.holding("head").id,
                withdrawal_reason=NOT_MISSED,
            )
    return Miss.objects.standing().count()


def _numbered(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        yield {"id": number, **row}
