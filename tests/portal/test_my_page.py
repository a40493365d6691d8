"""A student's own page: my keyworker, how to find them, what is next; nothing that staff wrote."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from keywork import clock
from keywork.absences import keyworker_of
from keywork.actions.assignments import end_all
from keywork.models import Assignment, RecordOpening, StaffAbsence, User
from tests.access.records import contact, session
from tests.world import OTHER_SURNAME, TODAY, assign, make_user

PAGE = "/my-page/"
A_DAY = timedelta(days=1)


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def mine(world, as_user):
    return as_user(world.u_student)


def test_my_keyworker_and_how_to_find_them(world, mine):
    User.objects.filter(pk=world.u_keyworker.pk).update(
        name="Ros Whitcombe", reach_note="at lunch by the garden door"
    )
    page = words(mine.get(PAGE))
    assert "Hello Min" in page and "My keyworker is Ros" in page and "Whitcombe" not in page
    assert "at lunch by the garden door" in page
    assert 'href="/mine/chat/"' in page and "mailto:keyworker@school.example" not in page
    assert "My mentor is Mentor" in page
    assert "kw-gentle" in page and "Childline" in page
    assert re.search(r"<title>(.*?)</title>", page).group(1) == "My page – Keywork"


def test_each_text_can_be_read_aloud_where_the_device_speaks(world, mine):
    page = words(mine.get(PAGE))
    buttons = re.findall(r'data-read="([^"]+)" aria-pressed="false" hidden>', page)
    assert len(buttons) >= 2 and all(f'id="{target}"' in page for target in buttons)
    names = re.findall(r'Read it to me</span><span class="visually-hidden">: ([^<]+)</span>', page)
    assert len(names) == len(buttons) and len(set(names)) == len(names)  # each says what it reads


def test_what_is_next_is_a_day_and_never_a_countdown(world, mine):
    page = words(mine.get(PAGE))
    assert "Keyworker and I sit down and talk. We will do it by Friday 18 December." in page
    assert not re.search(r"\bin \d+ days\b|days (left|ago|over)|overdue|missed", page.lower())
    session(world.mina, world.u_keyworker, topics=["attendance", "engagement", "points", "social_progress"])
    assert "Keyworker and I have had our talk." in words(mine.get(PAGE))


def test_a_change_to_come_is_told(world, mine):
    Assignment.objects.filter(student=world.mina, user=world.u_keyworker).update(ends_on=TODAY)
    assign(world.mina, world.u_keyworker_other, start=TODAY + A_DAY)
    assert "From Tuesday 24 November, Keyworker is my keyworker." in words(mine.get(PAGE))


def test_without_a_keyworker_there_are_kind_words(world, mine):
    Assignment.objects.filter(student=world.mina, user=world.u_keyworker).update(ends_on=TODAY - A_DAY)
    page = words(mine.get(PAGE))
    assert "I do not have a keyworker just now. School is choosing a good person for me." in page
    assert "I can talk to Mentor or Head until then." in page
    assert 'href="/mine/chat/"' in page and "mailto:head@school.example" not in page


def test_an_absent_keyworker_says_whom_to_talk_to(world, mine):
    StaffAbsence.objects.create(user=world.u_keyworker, starts_on=TODAY, ends_on=TODAY + A_DAY)
    page = words(mine.get(PAGE))
    assert "comes back after Tuesday 24 November. I can talk to Deputy." in page
    assert "Ask Deputy for a chat" in page and "mailto:keyworker@school.example" not in page
    assert keyworker_of(world.mina) == world.u_deputy  # whom a sheet says to ask


def test_nothing_of_staff_notes_nor_of_anybody_else(world, mine):
    contact(world.mina, world.u_keyworker, notes="Notes of staff", shared=True, shared_summary="Said to home")
    session(world.mina, world.u_keyworker, notes="Session notes", agreed="Agreed by staff")
    page = words(mine.get(PAGE))
    for secret in (
        "Notes of staff",
        "Said to home",
        "Session notes",
        "Agreed by staff",
        OTHER_SURNAME,
        "Otto",
    ):
        assert secret not in page


def test_each_student_has_their_own(world, as_user):
    page = words(as_user(world.u_student_other).get(PAGE))
    assert "Hello Otto" in page and "Min" not in page.replace("Admin", "")
    assert [row.student_id for row in RecordOpening.objects.all()] == [world.otto.pk]
    assert RecordOpening.objects.get().what == "my page"


def test_an_account_of_no_student_is_told_kindly(world, as_user):
    page = as_user(make_user("unlinked", "student")).get(PAGE)
    assert page.status_code == 200 and "I can ask an adult at school." in words(page)


@pytest.mark.parametrize("who", ["keyworker", "head", "parent", "staff_parent"])
def test_only_students_have_a_page(world, as_user, who):
    assert as_user(world.users[who]).get(PAGE).status_code == 403


def test_at_most_so_many_queries(world, mine, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        mine.get(PAGE)


def test_in_a_holiday_no_day_is_named(world, mine):
    with clock.frozen(TODAY.replace(month=12, day=28)):
        assert "We will do it by" not in words(mine.get(PAGE))


def test_a_student_who_left_reads_no_promise(world, mine):
    world.mina.left_on = TODAY - A_DAY
    world.mina.save(update_fields=["left_on"])
    end_all(student=world.mina, ends_on=TODAY - A_DAY, by=world.u_head)
    page = words(mine.get(PAGE))
    assert "I have left this school." in page and "choosing" not in page
