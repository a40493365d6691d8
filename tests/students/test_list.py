"""The students list: who stands in it for whom, what narrows it, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world as cast

URL = "/students/"


def shown(response) -> list[str]:
    return [row.record.known_as for row in response.context["table"].rows]


def test_the_head_sees_everyone_on_roll_and_the_keyworker_their_own(world, as_user):
    assert sorted(shown(as_user(world.u_head).get(URL))) == ["Min", "Otto"]
    mine = as_user(world.u_keyworker).get(URL)
    assert shown(mine) == ["Min"]
    assert "My students" in mine.content.decode()
    assert cast.OTHER_SURNAME not in mine.content.decode()


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("deputy", ["Min"]),
        ("teacher", ["Min"]),
        ("admin", ["Min", "Otto"]),
        ("former", []),
        ("future", []),
        ("staff_parent", []),
    ],
)
def test_by_relation_today(world, as_user, who, expected):
    assert sorted(shown(as_user(world.users[who]).get(URL))) == expected


def test_what_is_owed_only_for_those_who_read_the_log(world, as_user):
    def columns(who: str) -> list[str]:
        return [column.name for column in as_user(world.users[who]).get(URL).context["table"].columns]

    assert "owed" in columns("head")
    assert "owed" in columns("keyworker")
    assert "owed" not in columns("teacher")
    assert "owed" not in columns("admin")
    assert "Home contact" not in as_user(world.u_teacher).get(URL).content.decode()


def test_filters(world, as_user):
    cast.make_student("Gone", "Ashby", left_on=cast.TODAY - timedelta(days=1))
    cast.make_student("Coming", "Ashby", joined_on=cast.TODAY + timedelta(days=1))
    cast.make_student("Kacper", "Wiśniewski", nc_year="12", placement="weekly")
    client = as_user(world.u_head)

    def found(**asked):
        return sorted(shown(client.get(URL, asked)))

    assert found() == ["Kacper", "Min", "Otto"]
    assert found(roll="leavers") == ["Gone"]
    assert found(roll="coming") == ["Coming"]
    assert found(roll="all") == ["Coming", "Gone", "Kacper", "Min", "Otto"]
    assert found(year="12") == ["Kacper"]
    assert found(placement="weekly") == ["Kacper"]
    assert found(q="WISNIEWSKI") == ["Kacper"]
    assert found(q="wisniewski min") == []
    assert "No student matches “zzz”" in client.get(URL, {"q": "zzz"}).content.decode()


def test_sorting_years_as_school_does(world, as_user):
    for forename, year in (("Ten", "10"), ("Seven", "7"), ("Reception", "R")):
        cast.make_student(forename, "Ashby", nc_year=year)
    client = as_user(world.u_head)

    assert shown(client.get(URL, {"sort": "nc_year"})) == ["Reception", "Seven", "Min", "Otto", "Ten"]
    assert shown(client.get(URL, {"sort": "-nc_year"})) == ["Ten", "Min", "Otto", "Seven", "Reception"]
    assert shown(client.get(URL, {"sort": "keyworker"}))[:2] == ["Min", "Otto"]


def test_nobody_in_post_is_said(world, as_user):
    cast.make_student("Alone", "Ashby")
    assert "Nobody" in as_user(world.u_head).get(URL, {"q": "alone"}).content.decode()
    assert "Nobody" not in as_user(world.u_head).get(URL, {"q": "harcastle"}).content.decode()


def test_the_same_queries_for_one_and_many(world, as_user, django_assert_num_queries):
    client = as_user(world.u_head)
    client.get(URL)
    with django_assert_num_queries(9):
        client.get(URL)
    for number in range(60):
        cast.assign(cast.make_student("Student", f"Number{number}"), world.u_member)
    with django_assert_num_queries(9):
        page = client.get(URL)
    assert len(page.context["table"].page.object_list) == 30


def test_not_for_families_and_students(world, as_user):
    for who in ("parent", "student", "nobody"):
        assert as_user(world.users[who]).get(URL).status_code == 403
