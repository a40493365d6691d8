"""Mentoring through its pages. Today is Monday 23 November 2026."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import MentoringSlot
from keywork import clock
from keywork.models import RecordOpening
from keywork.policy import presets
from tests.policies import set_policy
from tests.world import TODAY

WEEK = reverse("contacts:mentoring")
AT_TEN = datetime.combine(TODAY, time(10), tzinfo=clock.LONDON)


@pytest.fixture
def breckland(world):
    """One or two a week of 20 or 60 minutes; drop-in at break, at lunch and after school."""
    slug = next(slug for slug, one in presets().items() if one.session_window == "week")
    set_policy(preset=slug, effective_on=TODAY - timedelta(days=30), by=world.u_head)


def plan(client, student, on=TODAY, at="10:40", **told):
    given = {
        "student": student.pk,
        "on": on,
        "at": at,
        "minutes": 20,
        "where": "Library",
        "focus": "Fractions",
    }
    return client.post(WEEK, {**given, **told}, follow=True)


def slot_of(student, by, on=TODAY, **told) -> MentoringSlot:
    return MentoringSlot.objects.create(
        student=student,
        mentor=by,
        on=on,
        minutes=20,
        where="Library",
        planned_by=by,
        planned_at=clock.now(),
        **told,
    )


def test_a_slot_is_planned_seen_by_the_student_had_and_in_the_log(world, as_user, breckland):
    keyworker = as_user(world.u_keyworker)
    page = plan(keyworker, world.mina).content.decode()
    assert "Planned for Monday 23 November." in page and "1 slot, 20 minutes" in page and "Fractions" in page
    slot = MentoringSlot.objects.get()

    mine = as_user(world.u_student).get(reverse("portal:my_page")).content.decode()
    assert "at 10.40 am" not in mine, "it is noon"
    with clock.frozen(AT_TEN):
        mine = as_user(world.u_student).get(reverse("portal:my_page")).content.decode()
    assert "on Monday 23 November at 10.40 am" in mine and "Library" in mine
    assert "Fractions" not in mine
    assert "1 slot, 20 minutes" in keyworker.get(reverse("portal:today")).content.decode()
    assert "1 slot, 20 minutes" in as_user(world.u_head).get(reverse("portal:assignments")).content.decode()

    url = reverse("contacts:mentoring_slot", args=[slot.pk])
    assert keyworker.post(url, {"status": "attended", "note": "He brought his book."}).status_code == 302
    for name in ("students:record", "contacts:log", "contacts:mentoring_of"):
        page = keyworker.get(reverse(name, args=[world.mina.pk])).content.decode()
        assert "He brought his book." in page, name
    assert url in page
    for who in (world.u_head, world.u_coordinator):  # they read of it, and do not change it
        page = as_user(who).get(reverse("students:record", args=[world.mina.pk])).content.decode()
        assert "He brought his book." in page
        assert (url in page) == (as_user(who).get(url).status_code == 200), who
    assert RecordOpening.objects.filter(user_id=world.u_keyworker.pk, what="mentoring").exists()
    with clock.frozen(AT_TEN):
        assert "at 10.40 am" not in as_user(world.u_student).get(reverse("portal:my_page")).content.decode()


def test_slots_of_this_morning_take_no_place_of_those_to_come(world, as_user):
    told = {
        "minutes": 20,
        "student": world.mina,
        "mentor": world.u_keyworker,
        "planned_by": world.u_keyworker,
    }
    for at in (time(9), time(10), time(11), time(14)):
        MentoringSlot.objects.create(on=TODAY, at=at, where="Library", planned_at=clock.now(), **told)
    mine = as_user(world.u_student).get(reverse("portal:my_page")).content.decode()
    assert "at 2 pm" in mine and "at 11 am" not in mine


def test_a_week_takes_two_and_moving_one_makes_no_third(world, as_user, breckland):
    keyworker = as_user(world.u_keyworker)
    plan(keyworker, world.mina)
    plan(keyworker, world.mina, on=TODAY + timedelta(days=1))
    third = plan(keyworker, world.mina, on=TODAY + timedelta(days=2))
    assert third.status_code == 422
    assert "Min has two that week already" in third.content.decode()

    first = MentoringSlot.objects.get(on=TODAY)
    to = {"on": TODAY + timedelta(days=2), "at": "11:00", "where": "Hall"}
    assert keyworker.post(reverse("contacts:mentoring_move", args=[first.pk]), to).status_code == 302
    first.refresh_from_db()
    assert (first.status, first.moved_to.where, first.moved_to.focus) == ("moved", "Hall", "Fractions")
    assert MentoringSlot.objects.filter(status="planned").count() == 2
    # It is marked no more, and moved no more.
    again = keyworker.post(reverse("contacts:mentoring_slot", args=[first.pk]), {"status": "attended"})
    assert (
        again.status_code != 302
        and keyworker.post(reverse("contacts:mentoring_move", args=[first.pk]), to).status_code == 302
    )
    assert MentoringSlot.objects.count() == 3


def test_one_that_was_called_off_and_came_after_all_makes_no_third(world, as_user, breckland):
    keyworker = as_user(world.u_keyworker)
    plan(keyworker, world.mina)
    off = reverse("contacts:mentoring_slot", args=[MentoringSlot.objects.get().pk])
    keyworker.post(off, {"status": "cancelled"})
    assert keyworker.post(off, {"status": "attended"}).status_code == 302, "its place is free still"
    keyworker.post(off, {"status": "cancelled"})
    for days in (1, 2):
        assert plan(keyworker, world.mina, on=TODAY + timedelta(days=days)).status_code == 200
    third = keyworker.post(off, {"status": "attended"})
    assert third.status_code == 422 and "Min has two that week already" in third.content.decode()
    assert "log it as a drop-in" in third.content.decode()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"at": "10:50"}, "Another slot begins at 10.40 am that day"),
        ({"on": TODAY + timedelta(days=120)}, "Choose a day within the next three months"),
        ({"on": date(2020, 1, 1)}, "is not at school on"),
        ({"where": ""}, "Say where"),
        ({"minutes": 35}, "Choose"),
    ],
)
def test_what_cannot_be_planned(world, as_user, breckland, told, words):
    slot_of(world.mina, world.u_keyworker, at=time(10, 40))
    answer = plan(as_user(world.u_keyworker), world.mina, **told)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert MentoringSlot.objects.count() == 1


def test_a_student_is_with_one_person_at_a_time(world, as_user):
    keyworker, mentor = as_user(world.u_keyworker), as_user(world.u_mentor)
    plan(keyworker, world.mina, at="10:40")
    assert "has another slot from 10.40 am" in plan(mentor, world.mina, at="10:50").content.decode()
    plan(mentor, world.mina, at="11:00")
    assert MentoringSlot.objects.count() == 2


def test_two_who_mark_one_slot_do_not_undo_each_other(world, as_user):
    keyworker, mentor = as_user(world.u_keyworker), as_user(world.u_mentor)
    keyworker.post("/mentoring/", {"student": world.mina.pk, "on": TODAY, "minutes": 20, "where": "Library"})
    slot = MentoringSlot.objects.get()
    page = reverse("contacts:mentoring_slot", args=[slot.pk])
    seen = mentor.get(page).context["form"]["seen"].value()
    keyworker.post(page, {"status": "attended", "note": "We spoke about maths."})
    late = mentor.post(page, {"status": "no_show", "note": "Did not see them.", "seen": seen})
    slot.refresh_from_db()
    assert late.status_code == 409 and "We spoke about maths." in late.content.decode()
    assert (slot.status, slot.note) == ("attended", "We spoke about maths.")


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31"])
def test_a_week_beyond_the_calendar_is_this_one(world, as_user, week):
    page = as_user(world.u_keyworker).get("/mentoring/", {"week": week})
    assert page.status_code == 200 and page.context["is_now"]


def test_what_is_to_come_was_not_had(world, as_user):
    slot = slot_of(world.mina, world.u_keyworker, on=TODAY + timedelta(days=1))
    url = reverse("contacts:mentoring_slot", args=[slot.pk])
    assert as_user(world.u_keyworker).post(url, {"status": "attended"}).status_code == 422
    assert as_user(world.u_keyworker).post(url, {"status": "cancelled"}).status_code == 302


def test_nobody_plans_for_who_is_not_theirs(world, as_user):
    assert plan(as_user(world.u_keyworker), world.otto).status_code == 422
    assert not MentoringSlot.objects.exists()


def test_drop_in_is_published_to_ones_students_and_logged(world, as_user, breckland):
    keyworker, student = as_user(world.u_keyworker), as_user(world.u_student)
    time_told = {"weekday": 3, "time": "after_school", "where": "Room 4"}
    keyworker.post(reverse("contacts:drop_in_add"), time_told)
    twice = keyworker.post(reverse("contacts:drop_in_add"), time_told)
    assert twice.status_code == 422 and "published already" in twice.content.decode()
    mine = student.get(reverse("portal:my_page")).content.decode()
    assert "Thursday after school, from 3.15 pm to 3.30 pm, Room 4." in mine
    assert "Room 4" not in as_user(world.u_student_other).get(reverse("portal:my_page")).content.decode()
    as_user(world.u_mentor).post(reverse("contacts:drop_in_add"), time_told | {"where": "The library"})
    assert "The library." in student.get(reverse("portal:my_page")).content.decode()

    told = {"student": world.mina.pk, "on": TODAY, "minutes": 5, "focus": "A lost bag"}
    refused = keyworker.post(reverse("contacts:drop_in"), told | {"minutes": ""})
    assert refused.status_code == 422 and '<details class="kw-more" open>' in refused.content.decode()
    assert keyworker.post(reverse("contacts:drop_in"), told).status_code == 302
    record = keyworker.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    assert "Dropped in, 5 minutes" in record and "A lost bag" in record

    keyworker.post(reverse("contacts:drop_in_remove", args=[world.u_keyworker.drop_in_times.get().pk]))
    assert "Room 4" not in student.get(reverse("portal:my_page")).content.decode()


def test_a_slot_is_never_deleted_and_its_history_is_kept(world, as_user):
    slot = slot_of(world.mina, world.u_keyworker)
    with pytest.raises(Exception, match="delete"), transaction.atomic():
        slot.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        MentoringSlot.objects.filter(pk=slot.pk).update(status="attended")
    as_user(world.u_keyworker).post(reverse("contacts:mentoring_slot", args=[slot.pk]), {"status": "no_show"})
    events = MentoringSlot.pgh_event_model.objects.order_by("pgh_id")
    assert list(events.values_list("status", flat=True)) == ["planned", "no_show"]


def test_the_week_asks_no_more_for_fifty(world, as_user):
    keyworker = as_user(world.u_keyworker)
    slot_of(world.mina, world.u_keyworker)
    keyworker.get(WEEK)
    with CaptureQueriesContext(connection) as few:
        keyworker.get(WEEK)
    for n in range(50):
        slot_of(world.mina, world.u_keyworker, at=time(8 + n // 10, n % 10))
    with CaptureQueriesContext(connection) as many:
        keyworker.get(WEEK)
    assert len(many) == len(few)
