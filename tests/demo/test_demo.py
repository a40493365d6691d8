"""The demo school: the same twice, every state in it, nobody who could exist, and never over real people."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from care.models import EhcPlan, Outcome
from contacts.models import ContactHold, HomeContact, KeyworkSession
from demo.build import build
from enquiries.models import Enquiry
from ilsa import templates
from ilsa.models import Agreement, Assessment, RaterForm, Round
from ilsa.models import Answer as IlsaAnswer
from keywork import clock, school
from keywork.models import Assignment, HalfTerm, StaffAbsence, User
from students.models import Absence, FamilyLink, FamilyMember, Student
from tests.world import make_student
from tsp.models import Answer, AssessmentPoint, Evidence, GasScale, Goal, GoalScore, Narrative, Rating, Sheet

from .conftest import state_counts

AUGUST, FIRST_WEEK, CHRISTMAS = date(2026, 8, 12), date(2026, 9, 8), date(2026, 12, 30)
TABLES = (
    User,
    FamilyMember,
    FamilyLink,
    Student,
    Assignment,
    HomeContact,
    KeyworkSession,
    Absence,
    ContactHold,
    StaffAbsence,
    HalfTerm,
    EhcPlan,
    Outcome,
    AssessmentPoint,
    Rating,
    Narrative,
    Evidence,
    Sheet,
    Answer,
    Goal,
    GasScale,
    GoalScore,
    Enquiry,
    Assessment,
    RaterForm,
    IlsaAnswer,
    Round,
    Agreement,
)


def fingerprint(*tables) -> str:
    """Of every value in the main tables, or these, but the hash of the password, which has salt in it."""
    digest = hashlib.sha256()
    for model in tables or TABLES:
        names = [field.attname for field in model._meta.concrete_fields if field.attname != "password"]
        for row in model.objects.order_by("pk").values_list(*names):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def rounds_stand_on(day: date) -> None:
    """In the summer the last round is over; in the first week of a year the new one has only just begun."""
    newest = Round.objects.order_by("-year").first()
    assert newest.opens_on <= day and (newest.closes_on < day) == (day == AUGUST)
    assert not RaterForm.objects.filter(submitted_at__gt=clock.now()).exists()
    connection.check_constraints()


def test_same_seed_same_school_and_it_says_what_was_made_and_how_to_sign_in(db, demo):
    said = StringIO()
    with clock.frozen(AUGUST):
        build(students=12, years=1, replace=True)  # so ids count from 1, whatever tests ran before
        rounds_stand_on(AUGUST)
        first, contacts = fingerprint(), fingerprint(HomeContact)
        build(students=12, years=1, replace=True)
        assert fingerprint() == first
        assert templates.current().number == 1, "the form stays"
        call_command("demo_school", students=12, years=1, seed=2, replace=True, stdout=said)
        assert fingerprint(HomeContact) != contacts
    assert "Aldermere School: 12 students on roll" in said.getvalue()
    assert "keyworker@demo.keywork.example" in said.getvalue() and "keywork-demo" in said.getvalue()


def test_sixty_students_have_every_state_of_a_holiday(db, demo):
    with clock.frozen(CHRISTMAS):
        build()
        counts = state_counts(CHRISTMAS)
        assert {"ok", "due_soon", "overdue", "first due_soon", "not_owed", "none"} <= set(
            counts["home_contact"]
        )
        # open and due_soon wait for the next half-term.
        assert {"met", "met_late", "missed", "declined", "not_required", "none"} <= set(counts["session"])


def test_five_years_reach_back_before_the_shipped_calendar(db, demo):
    with clock.frozen(FIRST_WEEK):
        build(students=12, years=5)
        facts = school.load()
        assert facts.went_live_on == date(2021, 9, 6)
        assert facts.calendar.block_on(date(2021, 9, 20)).id == "2021-22-autumn-1"
        assert HomeContact.objects.filter(happened_on__lt=date(2022, 9, 1)).exists()
        rounds_stand_on(FIRST_WEEK)


def test_a_day_beyond_the_shipped_calendar_outside_a_demo_where_nobody_can_sign_in(db, settings):
    settings.DEMO = False
    later, said = date(2030, 3, 6), StringIO()
    with clock.frozen(later):
        call_command("demo_school", students=12, years=1, stdout=said)
        assert school.load().calendar.is_pupil_day(later)
        assert HomeContact.objects.filter(happened_on__gte=later - timedelta(days=7)).exists()
    assert "Nobody can sign in" in said.getvalue()
    assert User.objects.exists() and not any(user.has_usable_password() for user in User.objects.all())


def test_never_over_people_who_are_there(today, db, settings):
    settings.DEMO = False
    make_student("Ada", "Lovelock-Tan")
    with pytest.raises(CommandError, match="has students already"):
        call_command("demo_school", students=12)
    with pytest.raises(CommandError, match="KEYWORK_DEMO=1"):
        call_command("demo_school", students=12, replace=True)
    assert Student.objects.get().known_as == "Ada"


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"students": 5}, "12 students or more"),
        ({"years": 0}, "from 1 to 15"),
        ({"staff": 10}, "staff or more"),
    ],
)
def test_refuses_sizes_it_cannot_make(db, demo, wrong, says):
    with pytest.raises(CommandError, match=says):
        call_command("demo_school", **wrong)
