"""Oversight: counters equal the table, filters and sorting, reasons, the file, and what it costs."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from keywork.models import RecordOpening
from tests import world as cast

URL = "/oversight/"
CSV = "/oversight/table.csv"


@pytest.fixture
def school(world, spoke):
    """Mina overdue, Otto due this week; three more: nobody's, in time with one above the cap, and new."""
    keyworker = world.u_keyworker_other
    spoke(world.mina, world.u_keyworker, 20)
    spoke(world.otto, keyworker, 10, with_name="Wanda")
    world.alone = cast.make_student("Alone", "Ashby", nc_year="7", placement="weekly")
    spoke(world.alone, keyworker, 1)
    world.many = [cast.make_student(f"Many{number}", "Birch", nc_year="10") for number in range(5)]
    for student in world.many:
        cast.assign(student, keyworker)
        spoke(student, keyworker, 2)
    world.fresh = cast.make_student("Fresh", "Cole", joined_on=cast.TODAY - timedelta(days=1))
    cast.assign(world.fresh, world.u_member, start=cast.TODAY)
    return world


def shown(response) -> list[str]:
    return [row.student.known_as for row in response.context["rows"]]


def counts(response) -> dict[str, int]:
    return {counter["key"]: counter["count"] for counter in response.context["counters"]}


def test_each_counter_is_the_length_of_its_table(school, as_user):
    client = as_user(school.u_head)
    counted = counts(client.get(URL))

    assert counted == {"overdue": 1, "week": 1, "nobody": 1, "over_cap": 1, "never": 1}
    for key, expected in {
        "overdue": ["Min"],
        "week": ["Otto"],
        "nobody": ["Alone"],
        "over_cap": ["Otto", "Many0", "Many1", "Many2", "Many3", "Many4"],
        "never": ["Fresh"],
    }.items():
        answer = client.get(URL, {"show": key})
        assert sorted(shown(answer)) == sorted(expected), key
        # The filter counts what the counter above it counts: of the cap keyworkers, otherwise students.
        assert dict(answer.context["filter"].form.fields["show"].choices)[key].endswith(f"({counted[key]})")


def test_begins_with_what_is_overdue_and_everyone_when_nothing_is(school, as_user, spoke):
    client = as_user(school.u_head)
    assert shown(client.get(URL)) == ["Min"]
    spoke(school.mina, school.u_keyworker, 0)
    assert len(shown(client.get(URL))) == 9


def test_filters_narrow_together(school, as_user):
    client = as_user(school.u_head)

    def found(**asked):
        return sorted(shown(client.get(URL, {"show": "everyone", **asked})))

    assert found(year="7") == ["Alone"]
    assert found(placement="weekly") == ["Alone"]
    assert found(keyworker=school.u_keyworker.pk) == ["Min"]
    assert found(keyworker=school.u_keyworker_other.pk, year="9") == ["Otto"]


def test_most_urgent_first_and_sorted_on_demand(school, as_user):
    client = as_user(school.u_head)
    by_name = [
        row.record.student.known_as
        for row in client.get(URL, {"show": "everyone", "sort": "student"}).context["table"].rows
    ]
    by_contact = [
        row.record.student.known_as
        for row in client.get(URL, {"show": "everyone", "sort": "home_contact"}).context["table"].rows
    ]

    assert shown(client.get(URL, {"show": "everyone"}))[0] == "Min"
    assert by_name == ["Alone", "Many0", "Many1", "Many2", "Many3", "Many4", "Fresh", "Min", "Otto"]
    assert by_contact[0] == "Min"


def test_a_state_says_why_and_leads_to_the_timeline(school, as_user):
    page = as_user(school.u_head).get(URL).content.decode()

    assert "6 days over" in page
    assert "Last spoke with home on Tuesday 3 November" in page
    assert f'href="/students/{school.mina.pk}/"' in page
    assert "They are not a rating of staff" in page


def test_nobody_leads_the_head_alone_to_assigning(school, as_user):
    link = f'href="/assignments/students/{school.alone.pk}/"'
    assert link in as_user(school.u_head).get(URL, {"show": "nobody"}).content.decode()
    others = as_user(school.u_slt).get(URL, {"show": "nobody"}).content.decode()
    assert "Nobody" in others and link not in others


def test_agrees_with_today(school, as_user):
    mine = as_user(school.u_keyworker).get("/today/").context["mine"][0]
    row = next(
        row for row in as_user(school.u_head).get(URL).context["rows"] if row.student.pk == school.mina.pk
    )
    assert mine.urgency == row.urgency


def test_the_file_holds_the_same_rows_and_no_formula(school, as_user):
    school.mina.preferred_forename = "=HYPERLINK(1)"
    school.mina.save(update_fields=["preferred_forename"])
    client = as_user(school.u_head)
    before = RecordOpening.objects.count()

    answer = client.get(CSV, {"show": "everyone"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer["Content-Type"].startswith("text/csv")
    assert len(rows) == 1 + 9
    assert rows[0][:5] == ["Student", "Year", "Placement", "Keyworker", "Home contact"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert "'=HYPERLINK(1) Harcastle" in [row[0] for row in rows]
    assert RecordOpening.objects.count() == before + 9


def test_the_same_queries_however_many_students(school, as_user, spoke, django_assert_num_queries):
    client = as_user(school.u_head)
    client.get(URL)
    with django_assert_num_queries(23) as few:
        client.get(URL, {"show": "everyone"})
    for number in range(60):
        student = cast.make_student("Student", f"Number{number}")
        cast.assign(student, school.u_keyworker_other)
        spoke(student, school.u_keyworker_other, number % 30)
    with django_assert_num_queries(len(few)):
        page = client.get(URL, {"show": "everyone"})
    assert len(page.context["table"].page.object_list) == 30
    assert "Next" in page.content.decode()


def test_leavers_are_not_counted(school, as_user):
    school.mina.left_on = cast.TODAY - timedelta(days=1)
    school.mina.save(update_fields=["left_on"])
    response = as_user(school.u_head).get(URL, {"show": "everyone"})
    assert "Min" not in shown(response)
    assert counts(response)["overdue"] == 0


@pytest.mark.parametrize("who", ["keyworker", "teacher", "admin", "parent", "student"])
@pytest.mark.parametrize("url", [URL, CSV])
def test_only_those_who_oversee(world, as_user, who, url):
    assert as_user(world.users[who]).get(url).status_code == 403


def test_a_parent_who_oversees_does_not_see_their_own_child(school, as_user):
    school.u_staff_parent.roles = ["staff", "head", "family"]
    school.u_staff_parent.save(update_fields=["roles"])
    client = as_user(school.u_staff_parent)
    assert "Min" not in shown(client.get(URL, {"show": "everyone"}))
    assert "Harcastle" not in client.get(CSV, {"show": "everyone"}).content.decode()
