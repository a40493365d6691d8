"""Write the invented school into an empty database, or over the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model

from contacts.actions.misses import record_misses
from contacts.models import HomeContact, KeyworkSession, Miss
from ilsa.models import Assessment
from ilsa.templates import FORM as ILSA_FORM
from keywork import clock, known
from keywork import school as school_facts
from keywork.actions.school import load_calendar, set_up_school
from keywork.final import emptying
from keywork.models import AcademicYear, User
from keywork.models import School as SchoolRow
from students.models import FamilyMember, Student
from students.rules import academic_year
from tsp.models import AssessmentPoint
from tsp.questions.templates import FORM as TSP_FORM

from . import cast
from .assignments import place_everyone
from .enrolment import enrol, hire, staff_needed
from .ilsa import write_ilsa
from .log import write_log
from .people import School
from .plans import write_plans
from .rows import DAY, at
from .story import write_story
from .tsp import write_tsp
from .weeks import write_weeks
from .years import first_day, missing_years

OUR_APPS = ("keywork", "students", "care", "contacts", "tsp", "ilsa", "reports", "portal")


class CannotBuild(Exception):
    """The demo school may not be written here; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written; all of it in `words`."""

    on_roll: int
    staff: int
    words: str


def build(
    *, students: int = 60, years: int = 2, seed: int = 1, staff: int | None = None, replace: bool = False
) -> Built:
    """The whole school, or nothing, in one transaction; then its misses. Raises CannotBuild."""
    _may_build(students, years, staff, replace)
    with transaction.atomic():
        if replace:
            with pgtrigger.ignore():
                empty()
                TSP_FORM.ensure_first_version()
                ILSA_FORM.ensure_first_version()
        school = _write(students, years, seed, staff)
        write_story()
        known.begin()
    with connection.cursor() as cursor:
        # As the server does by itself in time: statistics, and which pages an index can answer for alone.
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")
    _record_misses(school)
    many = {model: len(rows) for model, rows in school.rows.tables.items()}
    on_roll, employed = len(school.here()), sum(one.left_on is None for one in school.staff)
    return Built(
        on_roll,
        employed,
        f"{cast.SCHOOL}: {on_roll} students on roll, {employed} staff of whom {len(school.working_as('Keyworker'))} are "
        f"keyworkers, {many[FamilyMember]} parents and carers.\n"
        f"Since {school.live_on.day} {school.live_on:%B %Y}: {many[HomeContact]:,} contacts and tries, "
        f"{many[KeyworkSession]:,} keywork sessions, {many[AssessmentPoint]:,} TSP baselines and reviews, "
        f"{many[Assessment]:,} independence assessments, {Miss.objects.standing().count():,} misses recorded.",
    )


def _may_build(students: int, years: int, staff: int | None, replace: bool) -> None:
    needed = sum(staff_needed(students).values())
    if students < 12:
        raise CannotBuild("The demo school needs 12 students or more, so that every sign-in has its people.")
    if not 1 <= years <= 15:
        raise CannotBuild("Years must be from 1 to 15.")
    if (staff or needed) < needed:
        raise CannotBuild(
            f"{students} students need {needed} staff or more: no keyworker has more than five."
        )
    if replace and not settings.DEMO:
        raise CannotBuild(
            "--replace deletes everybody in this database, so it only runs where KEYWORK_DEMO=1 is set."
        )
    if not replace and Student.objects.exists():
        raise CannotBuild(
            "This database has students already, and the demo school would be mixed up with them. Use an empty database; "
            "or, where KEYWORK_DEMO=1 is set, --replace deletes what is there first."
        )
    if not replace and (SchoolRow.objects.exists() or User.objects.exists()):
        raise CannotBuild(
            "This database has a school or accounts already. Use an empty database for the demo school."
        )


def empty() -> None:
    """Delete everything of ours, and every open session with it."""
    ours: list[type[Model]] = [Session]
    for label in OUR_APPS:
        ours += apps.get_app_config(label).get_models(include_auto_created=True)
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in ours)
    with emptying(), connection.cursor() as cursor:
        # Rows written earlier in this transaction may still wait for their foreign keys to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def _write(students: int, years: int, seed: int, staff: int | None) -> School:
    """Everything but the story and the misses."""
    today = clock.today()
    live_on = _open_school(today, years)
    facts = school_facts.load()
    school = School(today, live_on, facts.calendar, seed)
    hire(school, students, staff)
    enrol(school, students, years)
    for write in (place_everyone, write_plans, write_log):
        write(school)
    write_tsp(school, facts.policy(today))
    write_ilsa(school)
    write_weeks(school)
    # One hash for everybody: hashing is slow on purpose. Outside a demo nobody can sign in at all.
    password = make_password(cast.PASSWORD if settings.DEMO else None)
    for row in (*school.rows.tables[User], *school.rows.tables[FamilyMember]):
        row |= {"password": password, "created_at": at(live_on, "08:00")}
    school.rows.write()
    return school


def _open_school(today: date, years: int) -> date:
    """Calendar, policy and name; the day the school went live, the first of its academic year."""
    first = first_day(academic_year(today) - years)
    set_up_school(name=cast.SCHOOL, went_live_on=first)
    known = set(AcademicYear.objects.values_list("slug", flat=True))
    load_calendar(data={"academic_years": missing_years(known, first, today)})
    return first


def _record_misses(school: School) -> None:
    """What the nightly job finds in the history, dated as if it had run every night and told everyone; one in eighty
    turned out to be no miss at all."""
    record_misses(as_of=school.today)
    head = school.holding("head").id
    night = "(due_on + 1 + time '02:30') AT TIME ZONE 'Europe/London'"
    with pgtrigger.ignore(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE contacts_miss SET as_of = due_on + 1, detected_at = least({night}, %s),
                keyworker_notified_at = least({night} + interval '4 hours', %s),
                head_notified_at = least({night} + interval '4 hours', %s);
            UPDATE contacts_miss SET withdrawn_at = detected_at + interval '2 days', withdrawn_by_id = %s,
                withdrawal_reason = %s WHERE mod(id, 80) = 40 AND due_on < %s
            """,
            [*[clock.now()] * 3, head, cast.PEOPLE["not-missed"], school.today - 30 * DAY],
        )
