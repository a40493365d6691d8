"""The demo school: the same twice, every state in it, nobody who could exist, and never over real people."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q
from pypdf import PdfReader

from contacts.models import ContactHold, HomeContact, KeyworkSession, Miss
from ilsa.models import Answer as IlsaAnswer
from ilsa.models import Assessment, RaterForm
from keywork import access, clock, duties, school
from keywork.access import Can
from keywork.jobs import late_job
from keywork.models import Assignment, HalfTerm, StaffAbsence, User
from portal.demo import cast, plans
from portal.demo.build import build
from portal.demo.names import BOYS, FIRST_HALVES, GIRLS, SECOND_HALVES
from students.models import Absence, EhcPlan, FamilyLink, FamilyMember, Outcome, Student
from students.rules import chronological_year
from tests.world import make_student
from tsp.models import Answer, Ask, Evidence, Goal, GoalScore, Ladder, Passage, Rating, Sheet, Window

MONDAY = date(2026, 11, 23)
CHRISTMAS = date(2026, 12, 30)
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
    Window,
    Rating,
    Passage,
    Evidence,
    Sheet,
    Answer,
    Goal,
    Ladder,
    GoalScore,
    Ask,
    Assessment,
    RaterForm,
    IlsaAnswer,
)


@pytest.fixture
def demo(settings):
    settings.DEMO = True


@pytest.fixture
def twelve(db, demo):
    with clock.frozen(MONDAY):
        build(students=12, years=1)
        yield


def fingerprint() -> str:
    """Of every value in the main tables but the hash of the password, which has salt in it."""
    digest = hashlib.sha256()
    for model in TABLES:
        names = [field.attname for field in model._meta.concrete_fields if field.attname != "password"]
        for row in model.objects.order_by("pk").values_list(*names):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def state_counts(as_of: date) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for states in duties.states_for(list(Student.objects.all()), as_of).values():
        for state in states:
            found.setdefault(state.kind, Counter())[state.status] += 1
            if state.first:
                found[state.kind]["first " + state.status] += 1
    return found


def test_same_seed_same_school(twelve):
    build(students=12, years=1, replace=True)  # from here on ids count from 1, whatever tests ran before
    first = fingerprint()
    build(students=12, years=1, replace=True)
    assert fingerprint() == first
    build(students=12, years=1, seed=2, replace=True)
    assert fingerprint() != first


def test_sixty_students_have_every_state_of_a_school_day(db, demo):
    with clock.frozen(MONDAY):
        built = build()
        counts = state_counts(MONDAY)
        assert (built.on_roll, built.staff) == (60, 24)
        assert Student.objects.on_roll(MONDAY).count() == 60
        contact, session = counts["home_contact"], counts["session"]
        # met_late and missed are states of a half-term that has ended: see the test at Christmas.
        assert {"ok", "due_soon", "overdue", "first due_soon", "first overdue", "not_owed", "none"} <= set(
            contact
        )
        assert {"met", "open", "due_soon", "declined", "not_required", "none"} <= set(session)
        assert ContactHold.objects.filter(starts_on__lte=MONDAY, ends_on__gte=MONDAY).exists()
        assert HomeContact.objects.filter(needs_approval=True, approved_on__isnull=True).exists()
        assert {"missed", "attempted", "unassigned", "handover"} <= set(
            Miss.objects.values_list("klass", flat=True)
        )
        assert not Miss.objects.filter(Q(keyworker_told_at=None) | Q(head_told_at=None)).exists()
        assert late_job() is None
        connection.check_constraints()


def test_sixty_students_have_every_state_of_a_holiday(db, demo):
    with clock.frozen(CHRISTMAS):
        build()
        counts = state_counts(CHRISTMAS)
        assert {"ok", "due_soon", "overdue", "first due_soon", "not_owed", "none"} <= set(
            counts["home_contact"]
        )
        # open and due_soon wait for the next half-term.
        assert {"met", "met_late", "missed", "declined", "not_required", "none"} <= set(counts["session"])


def test_keyworker_meets_the_five_of_the_mockups(twelve):
    ros = authenticate(
        None,
        username="keyworker@demo.keywork.example",
        password=cast.PASSWORD,
        email="keyworker@demo.keywork.example",
    )
    assert ros.name == "Ros Whitcombe"
    mine = (
        Assignment.objects.current(MONDAY)
        .filter(user=ros, kind="keyworker")
        .values_list("student__known_as", flat=True)
    )
    assert set(mine) == {"Teddy", "BJ", "Kacper", "Aoife", "Mo"}


@pytest.mark.parametrize("name", [name for name, _ in cast.SIGN_INS])
def test_every_sign_in_exists_with_its_role(twelve, name):
    user = User.objects.get(email=f"{name}@demo.keywork.example")
    expected = {"parent": "family", "parent2": "family", "student": "student", "keyworker2": "staff"}.get(
        name, name
    )
    expected = "staff" if expected in ("keyworker", "mentor", "teacher") else expected
    assert expected in user.roles and user.check_password(cast.PASSWORD)


def test_parents_follow_their_own_children(twelve):
    magda, folake = (User.objects.get(email=f"{name}@demo.keywork.example") for name in ("parent", "parent2"))
    follows = [
        set(
            Student.objects.filter(access.scope_q(who, Can.VIEW_FAMILY_HOME)).values_list(
                "known_as", flat=True
            )
        )
        for who in (magda, folake)
    ]
    assert follows == [{"Kacper", "Zofia"}, {"Teddy"}]


def test_transition_and_post16_see_those_they_work_with(twelve):
    for name, expected in (
        ("transition", "BJ"),
        ("post16", "Mo"),
        ("mentor", "Teddy"),
        ("teacher", "Kacper"),
    ):
        user = User.objects.get(email=f"{name}@demo.keywork.example")
        assert Student.objects.filter(access.scope_q(user, Can.VIEW_STUDENT), known_as=expected).exists(), (
            name
        )


def test_nobody_here_could_be_real(twelve):
    known = {f"{child.forename} {child.surname}" for child in (*cast.CHILDREN, cast.NEWCOMER)}
    for student in Student.objects.all():
        name = f"{student.legal_forename} {student.legal_surname}"
        first, _, second = student.legal_surname.partition("-")
        drawn = student.legal_forename in BOYS + GIRLS and first in FIRST_HALVES and second in SECOND_HALVES
        assert name in known or drawn, name
    assert all(email.endswith(".example") for email in User.objects.values_list("email", flat=True))
    assert all(
        email == "" or email.endswith(".example")
        for email in FamilyMember.objects.values_list("email", flat=True)
    )
    # The ranges Ofcom keeps for drama: nobody is ever rung.
    assert all(
        mobile.startswith("07700 900") for mobile in FamilyMember.objects.values_list("mobile", flat=True)
    )
    assert all(
        phone in ("",) or phone.startswith("01632 960")
        for phone in User.objects.values_list("phone", flat=True)
    )


def test_the_past_is_consistent(twelve):
    for contact in HomeContact.objects.select_related("student"):
        student = contact.student
        assert (
            student.joined_on <= contact.happened_on <= (student.left_on or MONDAY)
            and contact.logged_on <= MONDAY
        )
        assert contact.logged_at <= clock.now()
        assert "{" not in contact.notes + contact.shared_summary
        link = FamilyLink.objects.get(student=student, member=contact.member)
        assert not link.is_restricted(contact.happened_on)
    for session in KeyworkSession.objects.all():
        assert session.happened_on <= session.logged_on <= MONDAY and session.logged_at <= clock.now()
    connection.check_constraints()


def test_everyone_with_an_ehc_plan_has_its_outcomes(twelve):
    with_plan = Student.objects.filter(sen_status="E", joined_on__lte=MONDAY)
    assert set(EhcPlan.objects.current().values_list("student", flat=True)) == set(
        with_plan.values_list("pk", flat=True)
    )
    assert EhcPlan.objects.filter(number=3).exists()
    for plan in EhcPlan.objects.prefetch_related("outcomes__same_as__plan"):
        outcomes = plan.outcomes.all()
        assert 3 <= len(outcomes) <= 5
        assert len({outcome.text for outcome in outcomes}) == len(outcomes)
        assert plan.issued_on <= plan.created_at.date() <= MONDAY
        for outcome in outcomes:
            assert "{" not in outcome.text + outcome.closed_note and outcome.pfa
            assert outcome.same_as is None or (
                outcome.same_as.plan.student_id == plan.student_id
                and outcome.same_as.plan.number == plan.number - 1
                and outcome.same_as.status == "open"
            )
            assert outcome.closed_on is None or plan.issued_on <= outcome.closed_on <= MONDAY


def test_the_keyworkers_plans_are_attached(twelve):
    assert plans.attach_documents() == 5
    for plan in EhcPlan.objects.exclude(pdf=""):
        words = " ".join(PdfReader(plan.pdf.open()).pages[0].extract_text().split())
        assert plan.student.name in words and plan.outcomes.first().text.split(",")[0] in words


def test_whoever_logged_it_stood_by_the_student(twelve):
    posts = {(one.student_id, one.user_id): one for one in Assignment.objects.all()}
    head = User.objects.get(email="head@demo.keywork.example")
    for entry in (*HomeContact.objects.all(), *KeyworkSession.objects.all()):
        assert entry.made_by_id == head.pk or (entry.student_id, entry.made_by_id) in posts


def test_year_groups_fit_birthdays(twelve):
    for student in Student.objects.filter(left_on__isnull=True):
        assert chronological_year(student.born_on, 2026) == student.nc_year


def test_caseloads_and_gaps(db, demo):
    with clock.frozen(MONDAY):
        build()
        held = Counter(
            Assignment.objects.current(MONDAY)
            .filter(kind="keyworker", student__in=Student.objects.on_roll(MONDAY))
            .values_list("user__name", flat=True)
        )
        above = {name: number for name, number in held.items() if number > 5}
        assert above == {"Kit Sorrensen-Bello": 6}
        assert (
            Assignment.objects.current(MONDAY)
            .filter(user__name="Kit Sorrensen-Bello", kind="keyworker")
            .exclude(over_cap_reason="")
            .exists()
        )
        assert Student.objects.on_roll(MONDAY).count() - sum(held.values()) == 2
        assert Assignment.objects.filter(kind="keyworker", starts_on__gt=MONDAY).count() == 1
        assert FamilyLink.objects.exclude(court_restriction="").exists()
        precious = User.objects.get(name="Precious Adeyinka-Rowe")
        temi = Student.objects.get(known_as="Temi")
        assert not access.allows(precious, Can.VIEW_STUDENT, temi)
        assert access.allows(precious, Can.VIEW_FAMILY_HOME, temi)


def test_five_years_reach_back_before_the_shipped_calendar(db, demo):
    with clock.frozen(MONDAY):
        build(students=12, years=5)
        facts = school.load()
        assert facts.went_live_on == date(2021, 9, 6)
        assert facts.calendar.block_on(date(2021, 9, 20)).id == "2021-22-autumn-1"
        assert HomeContact.objects.filter(happened_on__lt=date(2022, 9, 1)).exists()


def test_a_day_beyond_the_shipped_calendar(db, demo):
    later = date(2030, 3, 6)
    with clock.frozen(later):
        build(students=12, years=1)
        assert school.load().calendar.is_pupil_day(later)
        assert HomeContact.objects.filter(happened_on__gte=later - timedelta(days=7)).exists()


def test_never_over_people_who_are_there(today, db, settings):
    settings.DEMO = False
    make_student("Ada", "Lovelock-Tan")
    with pytest.raises(CommandError, match="has students already"):
        call_command("demo_school", students=12)
    with pytest.raises(CommandError, match="KEYWORK_DEMO=1"):
        call_command("demo_school", students=12, replace=True)
    assert Student.objects.get().known_as == "Ada"


def test_outside_a_demo_nobody_can_sign_in(today, db, settings):
    settings.DEMO = False
    said = StringIO()
    call_command("demo_school", students=12, years=1, stdout=said)
    assert "Nobody can sign in" in said.getvalue()
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_says_what_was_made_and_how_to_sign_in(today, db, demo):
    said = StringIO()
    call_command("demo_school", students=12, years=1, stdout=said)
    assert "Aldermere School: 12 students on roll" in said.getvalue()
    assert "keyworker@demo.keywork.example" in said.getvalue() and "keywork-demo" in said.getvalue()


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
