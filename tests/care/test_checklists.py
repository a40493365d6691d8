"""Lists begin by their rule, tick themselves, stand on their owner's Today, and keep the version they began with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from care.checklists import actions, rules, views
from care.checklists.kinds import SHIPPED
from care.models import Checklist, ListVersion, Point
from care.to_do import to_do
from contacts.actions.entries import void
from keywork.errors import Refused
from tests.access.records import contact
from tests.forms import form_of
from tests.world import TODAY, assign, make_student, make_user

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "stay", "as_of", "lead", "wanted"),
    [
        ("joined", ("2026-11-09", None, "7"), "2026-10-11", 28, None),
        ("joined", ("2026-11-09", None, "7"), "2026-10-12", 28, "2026-11-09"),
        ("joined", ("2026-11-09", None, "7"), "2026-12-21", 28, "2026-11-09"),
        ("joined", ("2026-11-09", None, "7"), "2026-12-22", 28, None),
        ("first_year", ("2026-11-09", None, "7"), "2027-11-08", 0, "2026-11-09"),  # domain 5.6
        ("first_year", ("2026-11-09", None, "7"), "2027-11-09", 0, None),
        ("before_sixth_form", ("2022-09-05", None, "11"), "2026-02-28", 0, None),
        ("before_sixth_form", ("2022-09-05", None, "11"), "2026-03-01", 0, "2026-03-01"),
        ("before_sixth_form", ("2022-09-05", None, "10"), "2026-03-01", 0, None),
        ("leaving", ("2022-09-05", "2026-12-18", "11"), "2026-10-22", 56, None),
        ("leaving", ("2022-09-05", "2026-12-18", "11"), "2026-10-23", 56, "2026-12-18"),
        ("leaving", ("2022-09-05", "2026-12-18", "11"), "2026-12-19", 56, None),
    ],
)
def test_when_a_list_runs(start, stay, as_of, lead, wanted):
    joined, left, year = stay
    known = rules.Stay(date.fromisoformat(joined), left and date.fromisoformat(left), year)
    found = rules.anchor(start, known, date.fromisoformat(as_of), lead)
    assert found == (date.fromisoformat(wanted) if wanted else None)


def test_a_day_that_is_closed_is_the_school_day_before():
    assert rules.due_on(date(2026, 11, 9), 5, lambda day: day.weekday() < 5) == date(2026, 11, 13)


@pytest.fixture
def nico(world):
    student = make_student("Nico", "Farrow", joined_on=TODAY - 7 * DAY)
    assign(student, world.u_keyworker, start=TODAY - 7 * DAY)
    return student


def test_an_induction_ticks_itself_and_stands_on_todays(world, nico, as_user):
    transition = make_user("transition", "staff transition")
    assert actions.start_due() == 2 and actions.start_due() == 0
    row = Checklist.objects.get(student=nico, slug="induction")
    assert Checklist.objects.get(student=nico, slug="first-year").led_by == "transition"
    keyworker = as_user(world.u_keyworker)
    url = reverse("care:checklist", args=[nico.pk, row.pk])
    page = keyworker.get(url).content.decode()
    assert "1 of 9 done" in page and "Ticked itself, Monday 16 November" in page  # a keyworker was named
    mine = [line.what for line in to_do(world.u_keyworker, [nico.pk], TODAY).now()]
    assert "First contact with home" in mine and "Looked at this list together" not in mine
    assert "Shown round the school" in keyworker.get(reverse("portal:today")).content.decode()
    entry = contact(nico, world.u_keyworker)
    page = keyworker.get(url).content.decode()
    assert "2 of 9 done" in page and reverse("contacts:contact", args=[entry.pk]) in page
    assert "First contact with home" not in [
        line.what for line in to_do(world.u_keyworker, [nico.pk], TODAY).now()
    ]
    void(entry=entry, reason="Another child", by=world.u_keyworker)
    assert "1 of 9 done" in keyworker.get(url).content.decode()  # the tick goes with its entry
    shown = Point.objects.get(checklist=row, what="Shown round the school")
    assert keyworker.post(reverse("care:point_tick", args=[nico.pk, shown.pk])).status_code == 302
    page = keyworker.get(url).content.decode()
    assert "Ticked by Keyworker" in page
    told = Point.objects.get(checklist=row, what="TSP explained to the family")
    form_url = reverse("care:point", args=[nico.pk, told.pk])
    form = form_of(keyworker.get(form_url).content.decode(), "kw-form")
    assert keyworker.post(form_url, {**form, "how": "skip", "note": ""}).status_code == 422
    assert (
        keyworker.post(form_url, {**form, "how": "skip", "note": "Known from a sister."}).status_code == 302
    )
    assert "2 of 8 done" in keyworker.get(url).content.decode()
    # Whoever leads a list has it on Today and on the board.
    [line] = to_do(transition, [], TODAY).now()
    assert line.what == "First talk with the keyworker about strategies" and line.student_id == nico.pk
    board = as_user(transition).get(reverse("care:lists_board")).content.decode()
    assert "Nico Farrow" in board and "0 of 5 done" in board
    assert (
        "Nico Farrow"
        not in as_user(world.u_keyworker_other).get(reverse("care:lists_board")).content.decode()
    )


def new_row(form):
    """The key of the first row that is empty."""
    return next(name[5:] for name, words in form.items() if name.startswith("what-") and words == [""])


def test_a_new_version_leaves_what_runs(world, nico, as_user):
    actions.start(by=world.u_keyworker, student=nico, slug="induction")
    with pytest.raises(Refused, match="there already"):
        actions.start(by=world.u_keyworker, student=nico, slug="induction")
    coordinator = as_user(world.u_coordinator)
    url = reverse("care:list_edit", args=["induction"])
    form = form_of(coordinator.get(url).content.decode(), "kw-form")
    last = len(SHIPPED["induction"].points)
    new = new_row(form)
    given = {**form, f"what-{new}": "Bus pass ordered", f"days-{new}": ""}
    refused = coordinator.post(url, {**given, "days-1": "900"})
    said = refused.content.decode()
    assert refused.status_code == 422 and "Bus pass ordered" in said
    assert "Point 2: write 400 days at most" in said and f"Point {last + 1}: write how many days" in said
    assert coordinator.post(url, {**given, f"days-{new}": "3", "what-0": ""}).status_code == 302
    again = make_student("Otis", "Farrow", joined_on=TODAY)
    made = actions.start(by=world.u_head, student=again, slug="induction")
    words = [point.what for point in made.points.all()]
    assert made.number == 2 and "Bus pass ordered" in words and "Keyworker chosen and home told" not in words
    assert Checklist.objects.get(student=nico).points.count() == last
    stale = {**form_of(coordinator.get(url).content.decode(), "kw-form"), "seen_number": "1"}
    assert coordinator.post(url, stale).status_code == 409
    ended = Checklist.objects.get(student=nico)
    actions.end(by=world.u_keyworker, checklist=ended, reason="He came back.")
    assert not to_do(world.u_keyworker, [nico.pk], TODAY).now()
    page = as_user(world.u_head).get(reverse("care:checklist", args=[nico.pk, ended.pk])).content.decode()
    assert "Not done" in page and "Still to do" not in page and ">Late<" not in page


def test_two_who_change_a_list_undo_nothing_of_each_other(world, as_user):
    """What one left alone stays as the other published it; of a point that both changed one is chosen."""
    url, last = reverse("care:list_edit", args=["induction"]), len(SHIPPED["induction"].points)
    page = as_user(world.u_coordinator)
    a, b, c = (form_of(page.get(url).content.decode(), "kw-form") for _ in range(3))
    assert page.post(url, a | {"what-0": "Keyworker chosen"}).status_code == 302
    more = {f"what-{new_row(b)}": "Bus pass ordered", f"days-{new_row(b)}": "3"}
    assert page.post(url, b | more).status_code == 302
    newest = ListVersion.objects.get(number=3)
    words = [point["what"] for point in newest.points]
    assert (words[0], words[-1]) == ("Keyworker chosen", "Bus pass ordered") and len(words) == last + 1
    answer = page.post(url, c | {"what-0": "Keyworker rung"})
    said = answer.content.decode()
    assert answer.status_code == 409 and "Keyworker chosen" in said and "Keyworker rung" in said
    dispute = answer.context["form"]["what-0"].field.dispute
    mine = form_of(said, "kw-form") | {dispute.choice: f"mine.{dispute.digest}"}
    assert page.post(url, mine).status_code == 302
    words = [point["what"] for point in ListVersion.objects.get(number=4).points]
    assert (words[0], words[-1]) == ("Keyworker rung", "Bus pass ordered")


def test_rows_stay_themselves_when_another_adds_or_takes_out(world, as_user):
    """By its key, not by its number: two new points are two, and what one takes out the other does not put back."""
    url, page = reverse("care:list_edit", args=["induction"]), as_user(world.u_coordinator)
    a, b, c, d = (form_of(page.get(url).content.decode(), "kw-form") for _ in range(4))

    def newest():
        return {one["what"]: one for one in ListVersion.objects.order_by("number").last().points}

    names = [point.what for point in SHIPPED["induction"].points]
    mine = {f"what-{new_row(a)}": "Bus pass ordered", f"days-{new_row(a)}": "3", "what-0": ""}
    assert page.post(url, a | mine).status_code == 302
    theirs = {f"what-{new_row(b)}": "Locker shown", f"days-{new_row(b)}": "4", "days-2": "77"}
    assert page.post(url, b | theirs).status_code == 302
    found = newest()
    assert list(found) == [*names[1:], "Bus pass ordered", "Locker shown"]
    assert (found[names[2]]["days"], found["Bus pass ordered"]["days"]) == (77, 3)
    # Changed by one, taken out by the other meanwhile: asked about, and never simply lost.
    answer = page.post(url, c | {"days-0": "9"})
    said = answer.content.decode()
    assert (
        answer.status_code == 409 and "took this point out while you changed it" in said and names[0] in said
    )
    again = form_of(said, "kw-form")
    assert page.post(url, again).status_code == 302
    assert newest()[names[0]]["days"] == 9 and newest()[names[2]]["days"] == 77
    answer = page.post(url, d | {"what-2": ""})
    said = answer.content.decode()
    assert answer.status_code == 409 and "changed this point while you took it out" in said
    assert page.post(url, form_of(said, "kw-form")).status_code == 302
    assert list(newest()) == [names[1], *names[3:], "Bus pass ordered", "Locker shown", names[0]]


def test_a_row_that_was_added_waits_in_what_is_left_unsent(world, as_user):
    url, page = reverse("care:list_edit", args=["induction"]), as_user(world.u_coordinator)
    form = form_of(page.get(url).content.decode(), "kw-form")
    refused = page.post(url, form | {f"what-{new_row(form)}": "Bus pass ordered for the winter"})
    assert refused.status_code == 422
    assert "Bus pass ordered for the winter" in page.get(url).content.decode()


def test_the_board_has_a_page_for_many(world, as_user, monkeypatch):
    monkeypatch.setattr(views, "A_PAGE", 2)
    for name in ("Ada", "Bea", "Cyd"):
        actions.start(
            by=world.u_head, student=make_student(name, "Farrow", joined_on=TODAY), slug="induction"
        )
    page, url = as_user(world.u_coordinator), reverse("care:lists_board")
    first, second = (page.get(url, {"page-induction": number}).content.decode() for number in (1, 2))
    assert "1 to 2 of 3 lists" in " ".join(first.split()) and "page-induction=2#list-induction" in first
    assert [name for name in ("Ada", "Bea", "Cyd") if name in first] == ["Ada", "Bea"]
    assert "Cyd Farrow" in second and "Ada Farrow" not in second
