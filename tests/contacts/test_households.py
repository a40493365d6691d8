"""C15: households with parental responsibility not reached for 42 days; who is on the list and who never is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from students.models import FamilyLink, Student
from tests import world as cast
from tests.contacts import rows

URL = "/households/"


def ago(days: int) -> date:
    return cast.TODAY - timedelta(days=days)


@pytest.fixture
def apart(world):
    """Otto's parents live apart, both with parental responsibility; Mina's home was reached yesterday."""
    FamilyLink.objects.filter(student=world.otto).update(household="Mill Lane")
    world.otto_dad = cast.make_family(
        world.otto, "Theo", "Quay", relationship="dad", lives_with=False, household="Quay Street"
    )
    reach(world.mina_mum, 1, world.u_keyworker)
    FamilyLink.objects.filter(student=world.mina).exclude(pk=world.mina_mum.pk).exclude(
        restricted_from__isnull=False
    ).update(household="Elm Row", has_pr="no")
    reach(world.otto_mum, 2, world.u_keyworker_other)
    return world


def reach(link: FamilyLink, days: int, by, reached="spoke", **fields) -> None:
    rows.contact(link.student, ago(days), by, reached, member=link.member, **fields).save()


def listed(client) -> list[tuple[str, str, date | None]]:
    return [(home.student.known_as, home.label, home.last_on) for home in client.get(URL).context["page"]]


@pytest.mark.parametrize(("days", "stands"), [(41, False), (42, True), (43, True), (400, True)])
def test_stands_from_the_forty_second_day(apart, as_user, days, stands):
    """One household in time does not hide the other."""
    reach(apart.otto_dad, days, apart.u_keyworker_other)
    expected = [("Otto", "Quay Street", ago(days))] if stands else []
    assert listed(as_user(apart.u_head)) == expected


def test_never_reached_counts_from_the_start_of_the_clock(apart, as_user):
    assert listed(as_user(apart.u_head)) == [("Otto", "Quay Street", None)]
    Student.objects.filter(pk=apart.otto.pk).update(joined_on=ago(41))
    assert listed(as_user(apart.u_head)) == []
    Student.objects.filter(pk=apart.otto.pk).update(joined_on=ago(42))
    assert listed(as_user(apart.u_head)) == [("Otto", "Quay Street", None)]


@pytest.mark.parametrize(
    "fields",
    [
        {"reached": "no_answer"},
        {"reached": "message"},
        {"voided": ago(1)},
        {"person_marked": False},
        {"logged": cast.TODAY, "days": 30},  # past the limit, not approved
    ],
)
def test_what_does_not_count_does_not_reach(apart, as_user, fields):
    days = fields.pop("days", 3)
    reach(apart.otto_dad, days, apart.u_keyworker_other, **fields)
    assert listed(as_user(apart.u_head)) == [("Otto", "Quay Street", None)]


def test_anyone_of_the_household_reaches_it_and_nobody_of_another(apart, as_user):
    partner = cast.make_family(
        apart.otto,
        "Petra",
        "Quay",
        relationship="stepmum",
        has_pr="no",
        lives_with=False,
        household=" quay STREET",
    )
    client = as_user(apart.u_head)
    home = client.get(URL).context["page"][0]
    assert [(person.member.name, person.has_pr == "yes") for person in home.people] == [
        ("Theo Quay", True),
        ("Petra Quay", False),
    ]
    assert "Petra Quay, stepmum (no parental responsibility)" in client.get(URL).content.decode()
    reach(partner, 3, apart.u_keyworker_other)
    assert listed(client) == []


def test_a_contact_about_a_sibling_reaches_for_the_sibling_alone(apart, as_user):
    sister = cast.make_student("Zofia", "Quay")
    link = FamilyLink.objects.create(
        student=sister, member=apart.otto_dad.member, relationship="dad", has_pr="yes"
    )
    reach(link, 3, apart.u_keyworker_other)
    assert listed(as_user(apart.u_head)) == [("Otto", "Quay Street", None)]


def test_without_a_word_those_the_student_lives_with_are_one_home(apart, as_user):
    lena = cast.make_student("Lena", "Ashby")
    mum = cast.make_family(lena, "Iris", "Ashby")
    cast.make_family(lena, "Saul", "Ashby", relationship="dad")
    cast.make_family(lena, "Enid", "Ashby", relationship="gran", lives_with=False)
    client = as_user(apart.u_head)
    assert listed(client) == [
        ("Lena", "Home", None),
        ("Lena", "Lives elsewhere", None),
        ("Otto", "Quay Street", None),
    ]
    reach(mum, 3, apart.u_head)
    assert listed(client)[0][1] == "Lives elsewhere"


@pytest.mark.parametrize(
    "changes",
    [
        {"restricted_from": ago(100)},
        {"restricted_from": ago(100), "restricted_until": cast.TODAY},
        {"ended_on": ago(1)},
        {"may_receive_keywork_contact": False},
        {"has_pr": "no"},
        {"has_pr": "unknown"},
    ],
)
def test_whoever_must_not_be_contacted_or_has_no_responsibility_is_not_there(apart, as_user, changes):
    FamilyLink.objects.filter(pk=apart.otto_dad.pk).update(**changes)
    page = as_user(apart.u_head).get(URL)
    assert list(page.context["page"]) == []
    assert "Theo Quay" not in page.content.decode()


def test_a_restricted_person_is_not_named_in_a_household_of_others(apart, as_user):
    cast.make_family(
        apart.otto, "Petra", "Quay", has_pr="yes", household="Quay Street", restricted_from=ago(9)
    )
    page = as_user(apart.u_head).get(URL).content.decode()
    assert "Theo Quay" in page and "Petra" not in page and "Rufus" not in page


def test_a_restriction_that_is_over_lets_them_back(apart, as_user):
    FamilyLink.objects.filter(pk=apart.otto_dad.pk).update(restricted_from=ago(100), restricted_until=ago(1))
    assert listed(as_user(apart.u_head)) == [("Otto", "Quay Street", None)]


def test_on_hold_nobody_is_asked_to_ring(apart, as_user):
    rows.hold(apart.otto, ago(3), cast.TODAY + timedelta(days=3), apart.u_dsl).save()
    page = as_user(apart.u_head).get(URL).content.decode()
    assert "On hold" in page and "until Thursday 26 November 2026: nobody contacts home" in page
    assert f"/students/{apart.otto.pk}/contacts/new/" not in page


def test_leavers_are_left_out_and_longest_unreached_comes_first(apart, as_user):
    reach(apart.otto_dad, 50, apart.u_keyworker_other)
    for name, days in (("Kit", 60), ("Ro", 45)):
        reach(cast.make_family(cast.make_student(name, "Birch"), "Bo", "Birch"), days, apart.u_head)
    cast.make_family(cast.make_student("Gone", "Birch", left_on=ago(1)), "Ina", "Birch")
    assert [name for name, _, _ in listed(as_user(apart.u_head))] == ["Kit", "Otto", "Ro"]


def test_says_of_how_many_it_cannot_tell(apart, as_user):
    assert as_user(apart.u_head).get(URL).context["without_pr"] == 0
    cast.make_student("Nil", "Birch")
    page = as_user(apart.u_head).get(URL)
    assert page.context["without_pr"] == 1
    assert "One student on roll has nobody with parental responsibility" in page.content.decode()


def test_names_are_for_those_who_may_see_family_details(apart, as_user):
    for who, named in {"head": True, "dsl": True, "senco": True, "coordinator": True, "slt": False}.items():
        page = as_user(apart.users[who]).get(URL).content.decode()
        assert "Quay Street" in page and "Dad" in page.replace("dad", "Dad")
        assert ("Theo Quay" in page) is named, who
    assert as_user(apart.u_keyworker_other).get(URL).status_code == 403


def test_the_file_names_only_for_those_who_may_see_family_details(apart, as_user):
    head = as_user(apart.u_head).get("/households/table.csv").content.decode("utf-8-sig").splitlines()
    slt = as_user(apart.u_slt).get("/households/table.csv").content.decode("utf-8-sig").splitlines()
    assert head[1].startswith("Otto Zzyzx-Sentinel,") and "Theo Quay, dad" in head[1]
    assert len(slt) == 2 and "Theo" not in slt[1] and ",dad," in slt[1]
    assert as_user(apart.u_head).get("/households/table.xlsx").content.startswith(b"PK")


def test_a_parent_who_oversees_finds_nothing_of_their_own_child(apart, as_user):
    aunt = FamilyLink.objects.get(student=apart.mina, member__user=apart.u_staff_parent)
    FamilyLink.objects.filter(pk=aunt.pk).update(has_pr="yes", household="Elm Row")
    assert ("Min", "Elm Row", None) in listed(as_user(apart.u_head))
    apart.u_staff_parent.roles = ["staff", "head", "family"]
    apart.u_staff_parent.save(update_fields=["roles"])
    assert listed(as_user(apart.u_staff_parent)) == [("Otto", "Quay Street", None)]


def test_the_same_queries_for_one_and_fifty(apart, as_user, django_assert_num_queries):
    client = as_user(apart.u_head)
    assert len(listed(client)) == 1
    with django_assert_num_queries(9) as one:
        client.get(URL)
    for number in range(60):
        link = cast.make_family(cast.make_student("Student", f"Number{number}"), "Ada", f"Number{number}")
        if number % 2:
            reach(link, 50 + number, apart.u_head)
    with django_assert_num_queries(len(one)):
        page = client.get(URL)
    assert len(page.context["page"]) == 50
    assert page.context["page"].paginator.count == 61


def test_says_so_when_everyone_was_reached(apart, as_user):
    reach(apart.otto_dad, 3, apart.u_head)
    assert "Every household has heard from us" in as_user(apart.u_head).get(URL).content.decode()
