"""Oversight: counters equal the table, filters and sorting, reasons, the file, and what it costs."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import openpyxl
import pytest

from contacts.models import Miss
from keywork import clock
from keywork.models import RecordOpening
from tests import world as cast
from tests.access import records

URL = "/oversight/"
CSV, XLSX = "/oversight/table.csv", "/oversight/table.xlsx"


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


def test_the_workbook_holds_what_the_csv_holds(school, as_user):
    client = as_user(school.u_head)
    book = openpyxl.load_workbook(io.BytesIO(client.get(XLSX, {"show": "everyone"}).content))
    rows = list(csv.reader(io.StringIO(client.get(CSV, {"show": "everyone"}).content.decode("utf-8-sig"))))
    cells = [[cell or "" for cell in row] for row in book.active.values]
    assert [
        [cell.date().isoformat() if isinstance(cell, datetime) else cell for cell in row] for row in cells
    ] == rows
    due = cells[0].index("Home contact: due")
    assert any(isinstance(row[due], datetime) for row in cells[1:]), "days can be put in order"


def test_numbers_of_a_workbook_can_be_added_up(school, as_user):
    client = as_user(school.u_head)

    def column(url, head):
        heads, *rows = openpyxl.load_workbook(io.BytesIO(client.get(url).content)).active.values
        return [row[heads.index(head)] for row in rows]

    assert all(isinstance(one, int) for one in column("/oversight/figures/table.xlsx", "Now"))
    assert all(isinstance(one, int) for one in column("/oversight/silences/table.xlsx", "Days of silence"))


def test_a_choice_is_kept_under_a_name_of_ones_own(school, as_user):
    client, other = as_user(school.u_head), as_user(school.u_slt)
    client.post(
        "/oversight/saved/", {"name": "Weekly, all", "query": "show=everyone&placement=weekly&page=3"}
    )
    client.post(
        "/oversight/saved/", {"name": "Weekly, all", "query": "show=nobody&placement=weekly"}
    )  # again
    page = client.get(URL)
    [(pk, name, query)] = page.context["saved"]
    assert (name, query) == ("Weekly, all", "show=nobody&placement=weekly")
    assert shown(client.get(URL + "?" + query)) == ["Alone"]
    assert not other.get(URL).context["saved"]
    assert other.post(f"/oversight/saved/{pk}/remove/").status_code == 404
    assert client.post("/oversight/saved/", {"name": "", "query": query}).status_code == 422
    long = {"name": "Long", "query": "year=" + "é" * 200}
    assert client.post("/oversight/saved/", long).status_code == 422
    client.post(f"/oversight/saved/{pk}/remove/")
    assert not client.get(URL).context["saved"]


def figures_of(client, **asked) -> dict[str, tuple]:
    page = client.get("/oversight/figures/", asked)
    return {line.figure.key: (line.now, line.same, line.whole) for line in page.context["lines"]}


def test_figures_of_a_period_against_the_one_before_lead_to_their_students(school, as_user):
    head = as_user(school.u_head)
    # Monday 23 November: nothing yet this week; last week by Monday, and all of it.
    assert cast.TODAY.weekday() == 0
    miss = Miss.objects.create(
        student=school.mina, duty="home_contact", due_on=cast.TODAY, klass="attempted",
        keyworker=school.u_keyworker, as_of=cast.TODAY, detected_at=clock.now(),
    )  # fmt: skip
    words = " ".join(head.get("/oversight/figures/").content.decode().split())
    assert "This week: Monday 23 November 2026. Last week: Monday 16" in words
    week = figures_of(head)
    assert week["homes"] == (0, 0, 6) and week["contacts"] == (0, 0, 6)
    assert (week["missed"], week["tried"], week["explained"]) == ((1, 0, 0), (1, 0, 0), (0, 0, 0))
    assert figures_of(head, period="half-term")["homes"][0] == 8
    behind = head.get("/oversight/figures/contacts/", {"period": "week", "of": "before"})
    assert [row["student__known_as"] for row in behind.context["page"]] == [
        "Alone", "Many0", "Many1", "Many2", "Many3", "Many4",
    ]  # fmt: skip
    misses = head.get("/misses/", {"from": cast.TODAY.isoformat(), "to": cast.TODAY.isoformat()})
    assert [row.pk for row in misses.context["page"]] == [miss.pk]
    text = head.get("/oversight/figures/table.csv").content.decode()
    assert "This week,2026-11-23,2026-11-23,Students whose home was reached,0,0,6" in text


def test_figures_and_silences_tell_nothing_of_what_one_may_not_read(school, as_user):
    """Senior leadership reads general entries: of a restricted one neither number, name nor day reaches them."""
    told = {"happened_on": cast.TODAY, "level": "restricted"}
    records.contact(school.mina, school.u_keyworker, **told)
    records.session(school.mina, school.u_keyworker, **told)
    for who, seen in (("slt", 0), ("head", 0), ("dsl", 1)):
        client = as_user(getattr(school, f"u_{who}"))
        week = figures_of(client)
        assert (week["homes"][0], week["contacts"][0], week["held"][0]) == (seen, seen, seen)
        behind = client.get("/oversight/figures/contacts/").context["page"]
        assert [row["student"] for row in behind] == [school.mina.pk] * seen
        quiet = {row.student.pk: row for row in client.get("/oversight/silences/").context["page"]}
        assert (quiet[school.mina.pk].home_on == quiet[school.mina.pk].session_on == cast.TODAY) == bool(seen)
        assert (quiet[school.mina.pk].quiet_since == cast.TODAY) == bool(seen)


def test_silences_begin_with_the_longest(school, as_user):
    head = as_user(school.u_head)
    page = head.get("/oversight/silences/")
    found = [(one.student.known_as, one.home_on) for one in page.context["page"]]
    assert found[0] == ("Min", cast.TODAY - timedelta(days=20)) and found[1][0] == "Otto"
    lines = head.get("/oversight/silences/table.csv").content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("Min Harcastle,") and lines[1].endswith(",20")


def test_a_miss_has_a_reason_from_who_was_there_and_the_head_says_they_have_seen_it(school, as_user):
    miss = Miss.objects.create(
        student=school.mina, duty="home_contact", due_on=cast.TODAY - timedelta(days=6), klass="missed",
        keyworker=school.u_keyworker, as_of=cast.TODAY, detected_at=clock.now(),
    )  # fmt: skip
    head, keyworker = as_user(school.u_head), as_user(school.u_keyworker)
    asked = dict(head.get("/misses/").context["filter"].klasses)
    assert asked["unseen"] == "Not acknowledged yet (1)" and asked["unexplained"] == "No reason given yet (1)"
    record = keyworker.get(f"/students/{school.mina.pk}/", {"kind": "miss"}).content.decode()
    assert f"/misses/{miss.pk}/how/" in record
    keyworker.post(f"/misses/{miss.pk}/how/", {"reason": "Her phone was broken."})
    record = keyworker.get(f"/students/{school.mina.pk}/", {"kind": "miss"}).content.decode()
    assert "Keyworker: Her phone was broken." in record
    assert keyworker.post(f"/misses/{miss.pk}/seen/").status_code == 403
    head.post(f"/misses/{miss.pk}/seen/")
    page = head.get("/misses/").content.decode()
    assert "Her phone was broken." in page and "Seen by Head, Monday 23 November 2026" in page
    assert dict(head.get("/misses/").context["filter"].klasses)["unseen"] == "Not acknowledged yet (0)"
    rows = list(csv.reader(io.StringIO(head.get("/misses/table.csv").content.decode("utf-8-sig"))))
    assert rows[1][4:9] == ["Missed", "Keyworker", "Her phone was broken.", "Keyworker", "Head"]


def test_the_same_queries_however_many_students(school, as_user, spoke, django_assert_num_queries):
    client = as_user(school.u_head)
    client.get(URL)
    with django_assert_num_queries(28) as few:
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
