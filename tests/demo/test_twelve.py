"""The smallest demo school, read: who can sign in, that nobody could be real, and that its past hangs together."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from pypdf import PdfReader

from care.models import EhcPlan
from contacts.models import HomeContact, KeyworkSession
from demo import cast, plans
from demo.words import NAMES
from keywork import access, clock
from keywork.access import Can
from keywork.models import Assignment, User
from students.models import FamilyLink, FamilyMember, Student
from students.rules import chronological_year

from .conftest import MONDAY
from .test_ilsa import THIS_YEAR, states

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("model", [Student, FamilyMember])
def test_people_are_put_in_order_and_found_by_their_names(twelve, model):
    people = list(model.objects.all())
    assert people and all(
        getattr(one, key) == value for one in people for key, value in one.name_keys().items()
    )


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
    for student in Student.objects.all():
        name = f"{student.legal_forename} {student.legal_surname}"
        first, _, second = student.legal_surname.partition("-")
        drawn = first in NAMES["first-halves"] and second in NAMES["second-halves"]
        assert name in cast.NAMES or (drawn and student.legal_forename in NAMES["boys"] + NAMES["girls"]), (
            name
        )
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


def test_the_keyworkers_plans_are_attached(twelve, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
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


def test_forms_of_independence_are_in_every_state(twelve):
    assert states(THIS_YEAR)["keyworker"] == {"in", "begun", "none"}
