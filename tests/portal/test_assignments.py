"""The assignments board and its changes: seen before they are made, told when they are (domain 5.3)."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.models import Assignment, StaffAbsence, User
from students.models import FamilyLink, HandOverNote
from tests.world import OTHER_SURNAME, TODAY, assign, build, make_family, make_student

A_DAY = timedelta(days=1)
A_WEEK = 7 * A_DAY
BOARD = "/assignments/"


@pytest.fixture
def head(world, as_user):
    return as_user(world.u_head)


@pytest.fixture
def lena(world):
    """On roll without a keyworker."""
    return make_student("Lena", "Marchbanks")


# Who works with Mina, and is told by first names who her keyworker is (portal.made_known).
AROUND = {f"{name}@school.example" for name in ("deputy", "mentor", "member", "teacher", "house_leader")}


def fill(user, **fields):
    return {
        "kind": "keyworker",
        "user": user.pk,
        "starts_on": TODAY.isoformat(),
        "ends_on": "",
        "reason": "first",
        "reason_note": "",
        "do": "look",
        **fields,
    }


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def token_of(response) -> str:
    return re.search(r'name="preview_token" value="([^"]+)"', response.content.decode()).group(1)


def look_and_do(client, url, data):
    looked = client.post(url, data)
    assert looked.status_code == 200, words(looked)
    return client.post(url, {**data, "do": "make", "preview_token": token_of(looked)})


def fill_up(user, count, start=TODAY - A_WEEK):
    students = [make_student(f"Child{n}", f"Of{user.pk}") for n in range(count)]
    for student in students:
        assign(student, user, start=start)
    return students


# ------------------------------------------------------------------ the board


def test_part_of_the_week_is_part_of_the_limit_everywhere(world, head, lena, as_user):
    someone = world.u_keyworker_other
    as_user(world.u_admin).post(
        f"/school/accounts/{someone.pk}/", {"name": someone.name, "email": someone.email, "days_a_week": "2"}
    )
    fill_up(someone, 1)  # and Otto: two of two
    head = as_user(world.u_head)
    assert "2 of 2 students, 2 days a week: full" in words(head.get(BOARD))
    url = reverse("portal:assign", args=[lena.pk])
    assert f"{someone.name}, 2 of 2, 2 days a week" in words(head.get(url))
    refused = head.post(url, {**fill(someone), "do": "look"})
    assert "works 2 days a week and already has two students" in words(refused)
    look_and_do(head, url, {**fill(someone), "over_cap_reason": "Until Christmas"})
    assert head.get("/oversight/").context["counters"][3]["count"] == 1


def test_the_suggestion_for_one_student_says_why_and_is_chosen(world, head, lena):
    assign(lena, world.u_teacher, "deputy")
    page = words(head.get(reverse("portal:assign", args=[lena.pk])))
    assert "Suggested: Teacher, deputy keyworker since Tuesday 3 September 2024." in page
    assert re.search(rf'value="{world.u_teacher.pk}" selected', page)
    # Somebody whom the student asked to change is not suggested again.
    before = Assignment.objects.get(student=world.otto, kind="keyworker")
    before.ends_on, before.end_reason = TODAY - A_DAY, "student_request"
    before.save()
    assert "Suggested: Former, most room." in words(head.get(reverse("portal:assign", args=[world.otto.pk])))


# ------------------------------------------------------------------ the hand-over note


def test_a_hand_over_note_is_asked_for_written_and_read(world, head, as_user):
    later = TODAY + A_WEEK
    url = reverse("students:hand_over", args=[world.mina.pk])
    data = fill(world.u_keyworker_other, starts_on=later.isoformat(), reason="staff_left")
    looked = head.post(reverse("portal:assign", args=[world.mina.pk]), data)
    assert "Keyworker is asked on Today to write the hand-over note." in words(looked)
    look_and_do(head, reverse("portal:assign", args=[world.mina.pk]), data)
    goes = as_user(world.u_keyworker)
    assert "Write the hand-over note" in words(goes.get("/today/"))
    goes.post(url, {"words": "She likes trains.\nRing her aunt on Fridays."})
    assert "Write the hand-over note" not in words(goes.get("/today/"))
    assert as_user(world.u_keyworker_other).get(url).status_code == 404  # not theirs yet
    with clock.frozen(later):
        comes = as_user(world.u_keyworker_other)
        told = words(comes.get("/today/"))
        assert "You are Min’s keyworker now." in told and "Read the plans and the hand-over note" in told
        as_user(world.u_head).get(url)
        page = words(comes.get(url))
        assert "She likes trains.<br>Ring her aunt on Fridays." in page
        comes.post(reverse("students:hand_over_read", args=[world.mina.pk, HandOverNote.objects.get().pk]))
        there = words(comes.get(reverse("care:taking_over", args=[world.mina.pk])))
        assert "Hand-over note of" not in there, "read once, it is not asked for again"
        assert "Read by Keyworker Other" in words(comes.get(url))


# ------------------------------------------------------------------ what stands on it


def test_board_says_who_has_nobody_and_how_many_each_has(world, head, lena):
    coming = make_student("Tobias", "Reyes", joined_on=TODAY + A_WEEK)
    planned_for = make_student("Piotr", "Plan", joined_on=TODAY + A_WEEK)
    assign(planned_for, world.u_keyworker, start=TODAY + A_WEEK)
    gone = make_student("Greta", "Gone", left_on=TODAY - A_DAY)
    fill_up(world.u_keyworker_other, 5)
    Assignment.objects.filter(
        user=world.u_keyworker_other, student__surname=f"Of{world.u_keyworker_other.pk}"
    ).order_by("-pk").update(over_cap_reason="Covers until Christmas")
    page = words(head.get(BOARD))
    assert page.count("Covers until Christmas") == 1  # agreed for several students at once
    left = page[page.index('id="none"') : page.index('id="team"')]
    assert lena.name in left and coming.name in left and "starts Monday 30 November" in left
    assert planned_for.name not in left and gone.name not in left and world.mina.name not in left
    assert "One student has no keyworker." in page
    assert "6 of 5 students: <strong>1 above the limit</strong>" in page and "Covers until Christmas" in page
    assert "Suggested: Former, most room." in left  # both have room, and he has nobody
    assert f'{world.mina.name}</a> <span class="kw-soft">8 weeks' in page  # how long with her
    assert "1 of 5 students" in page
    # Former keyworkers who still work here are keyworkers with room.
    assert "Three keyworkers; 2 have room" in page


def test_before_the_first_keyworker_nobody_is_said_to_be_full(world, head):
    Assignment.objects.all().delete()
    page = words(head.get(BOARD))
    assert "No keyworkers." in page and "have room" not in page
    assert "Nobody is suggested: nobody is a keyworker yet." in page and "has room" not in page


def test_board_shows_who_was_the_last(world, head):
    Assignment.objects.filter(student=world.otto, kind="keyworker").update(ends_on=TODAY - A_WEEK)
    page = words(head.get(BOARD))
    assert "Keyworker Other was the last, until Monday 16 November" in page


def test_a_closed_account_with_students_stays_on_the_board(world, head):
    User.objects.filter(pk=world.u_keyworker.pk).update(is_active=False, deactivated_at=clock.now())
    page = words(head.get(BOARD))
    assert (
        "From that day on these students have no keyworker." in page
        and f"/assignments/keyworkers/{world.u_keyworker.pk}/move/" in page
    )


def test_keyworkers_are_found_by_name_and_stand_in_its_order(world, head):
    page = words(head.get(BOARD + "?q=other"))
    assert "<h3>Keyworker Other</h3>" in page and "<h3>Keyworker</h3>" not in page
    page = words(head.get(BOARD))
    assert re.findall(r"<h3>([^<]+)</h3>", page) == sorted(re.findall(r"<h3>([^<]+)</h3>", page))
    assert "No keyworker is called that" in words(head.get(BOARD + "?q=nobody-of-this-name"))


def test_board_takes_as_many_queries_for_a_large_school(world, head):
    make_student("First", "Nobody")
    assign(make_student("First", "Planned"), world.u_mentor, start=TODAY + A_DAY)
    head.get(BOARD)  # builds the school's calendar, once a process
    with CaptureQueriesContext(connection) as small:
        head.get(BOARD)
    for n in range(30):
        user = User.objects.create(email=f"k{n}@school.example", name=f"Kay {n:02}", roles=["staff"])
        fill_up(user, 2)
        assign(make_student(f"Soon{n}", "Planned"), user, start=TODAY + A_DAY)
        make_student(f"None{n}", "Nobody")
    with CaptureQueriesContext(connection) as large:
        response = head.get(BOARD)
    page = words(response)
    assert len(large) == len(small) <= 27
    assert page.count("<progress") == 24 and "1 to 24 of 35 people" in page
    assert "Kay 29" in words(head.get(BOARD + "?page=2"))


def test_a_head_does_not_see_or_change_their_own_child(world, head):
    FamilyLink.objects.filter(pk=world.otto_mum.pk).update(member=_member_of(world.u_head))
    page = words(head.get(BOARD))
    assert world.mina.surname in page and OTHER_SURNAME not in page
    assert head.get(f"/assignments/students/{world.otto.pk}/").status_code == 404
    post = Assignment.objects.get(student=world.otto, kind="keyworker")
    assert head.get(f"/assignments/{post.pk}/end/").status_code == 404
    url = f"/assignments/keyworkers/{world.u_keyworker_other.pk}/move/"
    refused = head.post(url, {**fill(world.u_keyworker), "reason": "staff_absence"})
    assert refused.status_code == 422 and "You are family of one of" in words(refused)
    assert OTHER_SURNAME not in words(refused)


def _member_of(user):
    from students.models import FamilyMember

    return FamilyMember.objects.create(forename="Head", surname="Parent", user=user)


# ------------------------------------------------------------------ naming someone


def test_the_form_shows_the_load_of_whom_one_may_choose(world, head, lena):
    fill_up(world.u_mentor, 4)
    page = words(head.get(f"/assignments/students/{lena.pk}/"))
    assert "Mentor, 4 of 5" in page and "Keyworker, 1 of 5" in page and "Teacher, 0 of 5" in page
    assert "Inactive" not in page and ">Parent," not in page


def test_looking_changes_nothing_and_says_what_will_happen(
    world, head, lena, eager, django_capture_on_commit_callbacks
):
    make_family(
        lena,
        "Osei",
        "Marchbanks",
        user=User.objects.create(email="osei@home.example", name="Osei", roles=["family"]),
    )
    url = f"/assignments/students/{lena.pk}/"
    before = list(Assignment.objects.order_by("pk").values())
    with django_capture_on_commit_callbacks(execute=True):
        looked = head.post(url, fill(world.u_keyworker))
    page = words(looked)
    assert "Keyworker is Lena’s keyworker from Monday 23 November." in page
    assert "Keyworker then has 2 of 5 students." in page
    assert "Lena’s overdue first home contact stays overdue." in page
    assert "Keyworker is told by e-mail. So is one person in Lena’s family." in page
    assert list(Assignment.objects.order_by("pk").values()) == before and not mail.outbox
    assert f'value="{world.u_keyworker.pk}" selected' in page  # what was typed is still there


def test_confirming_does_what_was_seen_and_tells_people(
    world, head, eager, django_capture_on_commit_callbacks
):
    url = f"/assignments/students/{world.mina.pk}/"
    data = fill(world.u_keyworker_other, reason="student_request", reason_note="Min chose her.")
    looked = words(head.post(url, data))
    assert "Keyworker’s time as keyworker ends on Sunday 22 November." in looked
    with django_capture_on_commit_callbacks(execute=True):
        done = look_and_do(head, url, data)
    assert (done.status_code, done.url) == (302, BOARD)
    made = Assignment.objects.get(student=world.mina, kind="keyworker", ends_on=None)
    assert (made.user, made.starts_on, made.reason, made.reason_note) == (
        world.u_keyworker_other, TODAY, "student_request", "Min chose her.",
    )  # fmt: skip
    assert made.assigned_by == world.u_head
    sent = {message.to[0]: message for message in mail.outbox}
    # The restricted father, the carer who ended and the other family hear nothing.
    assert set(sent) == AROUND | {
        "parent@school.example", "staff_parent@school.example",
        "keyworker_other@school.example", "keyworker@school.example",
    }  # fmt: skip
    assert sent["parent@school.example"].subject == "Your child’s keyworker has changed"
    assert "/home/" in sent["parent@school.example"].body
    assert "You are keyworker of MH from Monday 23 November." in sent["keyworker_other@school.example"].body
    for message in mail.outbox:
        for secret in ("Mina", "Harcastle", "chose", *(() if message.to[0] in AROUND else ("Min",))):
            assert secret not in message.subject + message.body


def test_family_without_keywork_contact_and_closed_accounts_are_not_told(
    world, head, eager, django_capture_on_commit_callbacks
):
    FamilyLink.objects.filter(student=world.mina, member__user=world.u_parent).update(
        may_receive_keywork_contact=False
    )
    User.objects.filter(pk=world.u_staff_parent.pk).update(is_active=False, deactivated_at=clock.now())
    url = f"/assignments/students/{world.mina.pk}/"
    data = fill(world.u_keyworker_other, reason="staff_absence")
    assert "Nobody in Min’s family has a Keywork account" in words(head.post(url, data))
    with django_capture_on_commit_callbacks(execute=True):
        look_and_do(head, url, data)
    assert {message.to[0] for message in mail.outbox} - AROUND == {
        "keyworker_other@school.example",
        "keyworker@school.example",
    }


def test_core_team_is_told_to_staff_alone(world, head, lena, eager, django_capture_on_commit_callbacks):
    url = f"/assignments/students/{world.mina.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        look_and_do(head, url, fill(world.u_senco, kind="core"))
    assert [message.to[0] for message in mail.outbox] == ["senco@school.example"]


def test_above_the_cap_asks_for_a_reason_and_keeps_what_was_typed(world, head, lena):
    fill_up(world.u_mentor, 5)
    url = f"/assignments/students/{lena.pk}/"
    assert "over_cap_reason" not in words(head.get(url))
    refused = head.post(url, fill(world.u_mentor, reason_note="Knows her from art"))
    page = words(refused)
    assert refused.status_code == 422 and 'name="over_cap_reason"' in page
    assert "Mentor already has five students. Give a reason to add another." in page
    assert 'value="Knows her from art"' in page
    again = head.post(url, fill(world.u_mentor, over_cap_reason="   "))
    assert again.status_code == 422
    data = fill(world.u_mentor, over_cap_reason="Until Christmas")
    assert "Mentor then has 6 of 5 students: 1 above the limit." in words(head.post(url, data))
    assert look_and_do(head, url, data).status_code == 302
    assert Assignment.objects.get(student=lena).over_cap_reason == "Until Christmas"


def test_a_cap_reason_is_kept_only_where_the_cap_is_passed(world, head, lena):
    url = f"/assignments/students/{lena.pk}/"
    assert look_and_do(head, url, fill(world.u_mentor, over_cap_reason="Not needed")).status_code == 302
    assert Assignment.objects.get(student=lena).over_cap_reason == ""


def test_a_change_for_later_is_planned_and_taken_back(world, head, eager, django_capture_on_commit_callbacks):
    url = f"/assignments/students/{world.mina.pk}/"
    data = fill(world.u_keyworker_other, starts_on=(TODAY + A_WEEK).isoformat(), reason="staff_absence")
    with django_capture_on_commit_callbacks(execute=True):
        look_and_do(head, url, data)
    assert mail.outbox[0].subject == "Your child’s keyworker is changing"
    plan = Assignment.objects.get(student=world.mina, kind="keyworker", starts_on=TODAY + A_WEEK)
    now = Assignment.objects.current(TODAY).get(student=world.mina, kind="keyworker")
    assert (now.user, now.ends_on) == (world.u_keyworker, TODAY + A_WEEK - A_DAY)
    page = words(head.get(BOARD))
    assert (
        "Keyworker Other, keyworker from Monday 30 November." in page
        and f"/assignments/{plan.pk}/take-back/" in page
    )
    assert head.get(f"/assignments/{plan.pk}/end/").url == f"/assignments/{plan.pk}/take-back/"

    back = f"/assignments/{plan.pk}/take-back/"
    asked = head.get(back)
    assert "Keyworker stays Min’s keyworker." in words(asked)
    assert head.post(back, {"reason": "", "preview_token": token_of(asked)}).status_code == 422
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        done = head.post(back, {"reason": "They made up", "preview_token": token_of(asked)})
    assert done.status_code == 302
    now.refresh_from_db()
    assert now.ends_on is None and not Assignment.objects.filter(pk=plan.pk).exists()
    assert mail.outbox[0].subject == "Your child’s keyworker is not changing after all"
    history = Assignment.pgh_event_model.objects.filter(pgh_obj_id=plan.pk).order_by("pgh_id")
    assert history.last().end_note == "They made up"


def test_until_a_day_says_that_nobody_follows(world, head, lena):
    url = f"/assignments/students/{lena.pk}/"
    data = fill(world.u_mentor, ends_on=(TODAY + A_WEEK).isoformat())
    assert "From Tuesday 1 December Lena has no keyworker, unless you name someone." in words(
        head.post(url, data)
    )
    look_and_do(head, url, data)
    assert "Mentor stops being keyworker after Monday 30 November. Nobody follows yet." in words(
        head.get(BOARD)
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"user": ""}, "Choose who it is"),
        ({"starts_on": ""}, "Choose the first day"),
        ({"reason": ""}, "Choose the reason"),
        ({"reason": "other"}, "Say what the reason is"),
        ({"ends_on": (TODAY - A_DAY).isoformat()}, "Choose an end that is on or after the start."),
    ],
)
def test_what_is_missing_is_said_beside_its_field(world, head, lena, fields, said):
    response = head.post(f"/assignments/students/{lena.pk}/", {**fill(world.u_mentor), **fields})
    assert (
        response.status_code == 422 and words(response).count(said) == 2
    )  # in the summary and beside the field


def test_own_family_and_inactive_staff_are_refused(world, head):
    url = f"/assignments/students/{world.mina.pk}/"
    assert "Staff Parent is family of this student." in words(head.post(url, fill(world.u_staff_parent)))
    refused = head.post(url, fill(world.u_inactive))
    assert refused.status_code == 422 and "Choose one of the answers" in words(refused)


# ------------------------------------------------------------------ nobody confirms what they have not seen


def test_the_second_of_two_heads_is_told_and_sees_how_it_stands(world, head, lena, as_user):
    url = f"/assignments/students/{lena.pk}/"
    mine = fill(world.u_mentor, starts_on=(TODAY + A_WEEK).isoformat())
    seen = token_of(head.post(url, mine))
    look_and_do(as_user(world.u_head), url, fill(world.u_keyworker))
    late = head.post(url, {**mine, "do": "make", "preview_token": seen})
    page = words(late)
    assert late.status_code == 409 and "Somebody else changed these assignments" in page
    assert "Keyworker’s time as keyworker ends on Sunday 29 November." in page
    assert [row.user for row in Assignment.objects.filter(student=lena)] == [world.u_keyworker]
    # Having seen it, they may still go on.
    assert head.post(url, {**mine, "do": "make", "preview_token": token_of(late)}).status_code == 302


def test_the_same_day_twice_is_refused_in_words(world, head, lena, as_user):
    url = f"/assignments/students/{lena.pk}/"
    seen = token_of(head.post(url, fill(world.u_mentor)))
    look_and_do(as_user(world.u_head), url, fill(world.u_keyworker))
    late = head.post(url, {**fill(world.u_mentor), "do": "make", "preview_token": seen})
    assert late.status_code == 422 and "Keyworker is already planned from Monday 23 November 2026" in words(
        late
    )
    assert Assignment.objects.get(student=lena).user == world.u_keyworker


@pytest.mark.parametrize("token", ["", "nonsense", "a.b"])
def test_nothing_is_done_without_a_preview(world, head, lena, token):
    data = {**fill(world.u_mentor), "do": "make", "preview_token": token}
    response = head.post(f"/assignments/students/{lena.pk}/", data)
    assert response.status_code == 409 and "You changed something since you last looked" in words(response)
    assert not Assignment.objects.filter(student=lena).exists()


def test_changing_a_field_after_looking_shows_it_again(world, head, lena):
    url = f"/assignments/students/{lena.pk}/"
    seen = token_of(head.post(url, fill(world.u_mentor)))
    other = head.post(url, {**fill(world.u_deputy), "do": "make", "preview_token": seen})
    assert other.status_code == 409 and "Deputy is Lena’s keyworker" in words(other)
    assert not Assignment.objects.filter(student=lena).exists()


# ------------------------------------------------------------------ ending and moving


def test_ending_says_what_is_left_and_does_it(world, head, eager, django_capture_on_commit_callbacks):
    post = Assignment.objects.get(student=world.otto, kind="keyworker")
    url = f"/assignments/{post.pk}/end/"
    data = {"ends_on": TODAY.isoformat(), "reason": "staff_left", "note": "Moves to Leeds", "do": "look"}
    page = words(head.post(url, data))
    assert "Keyworker Other’s last day as Otto’s keyworker is Monday 23 November." in page
    assert "From Tuesday 24 November Otto has no keyworker, until you name someone." in page
    with django_capture_on_commit_callbacks(execute=True):
        done = look_and_do(head, url + "?back=record", data)
    assert done.url == f"/students/{world.otto.pk}/keyworkers/"
    post.refresh_from_db()
    assert (post.ends_on, post.end_reason, post.end_note, post.ended_by) == (
        TODAY,
        "staff_left",
        "Moves to Leeds",
        world.u_head,
    )
    assert {message.to[0] for message in mail.outbox} == {
        "parent_other@school.example",
        "keyworker_other@school.example",
    }


def test_ending_before_the_beginning_is_refused_beside_the_field(world, head):
    post = Assignment.objects.get(student=world.otto, kind="keyworker")
    data = {"ends_on": "2020-01-01", "reason": "staff_absence", "note": "", "do": "look"}
    response = head.post(f"/assignments/{post.pk}/end/", data)
    assert response.status_code == 422 and "It began on 3 September 2024." in words(response)


def move_url(user):
    return f"/assignments/keyworkers/{user.pk}/move/"


def sharing(gives, takes=(), over=(), **fields):
    """The form of a share-out: `takes` is (student, user) pairs of keyworker posts, `over` the reasons."""
    posts = {post.student_id: post for post in Assignment.objects.filter(user=gives, kind="keyworker")}
    return {
        "starts_on": TODAY.isoformat(),
        "reason": "staff_left",
        "reason_note": "",
        "everyone": "",
        "do": "look",
        **{f"to-{posts[student.pk].pk}": user.pk if user else "" for student, user in takes},
        **{f"over-{posts[student.pk].pk}": why for student, why in over},
        **fields,
    }


def test_a_caseload_goes_whole_to_one(world, head, eager, django_capture_on_commit_callbacks):
    moved = [*fill_up(world.u_keyworker_other, 2), world.otto]
    url = move_url(world.u_keyworker_other)
    filled = words(
        head.post(url, sharing(world.u_keyworker_other, do="everyone", everyone=world.u_mentor.pk))
    )
    assert filled.count(f'value="{world.u_mentor.pk}" selected') == 4  # a row each, and the choice itself
    data = sharing(world.u_keyworker_other, [(student, world.u_mentor) for student in moved])
    page = words(head.post(url, data))
    assert "Three students get a new keyworker on Monday 23 November." in page
    assert "0 of 5 before, <strong>3 of 5</strong> from Monday 23 November" in page
    assert Assignment.objects.filter(user=world.u_mentor, kind="keyworker").count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert look_and_do(head, url, data).status_code == 302
    now = Assignment.objects.current(TODAY).filter(kind="keyworker", user=world.u_mentor)
    assert {row.student_id for row in now} == {student.pk for student in moved}
    assert [message.to[0] for message in mail.outbox] == [
        "parent_other@school.example", "keyworker_other@school.example", "mentor@school.example",
    ]  # fmt: skip
    assert OTHER_SURNAME not in "".join(message.body for message in mail.outbox)


def test_a_caseload_is_shared_out_over_several(world, head, eager, django_capture_on_commit_callbacks):
    first, second = fill_up(world.u_keyworker_other, 2)
    url = move_url(world.u_keyworker_other)
    data = sharing(
        world.u_keyworker_other,
        [(first, world.u_mentor), (second, world.u_keyworker), (world.otto, None)],
    )
    page = words(head.post(url, data))
    assert "Two students get a new keyworker on Monday 23 November." in page
    assert "One post stays in Keyworker’s name." in page
    assert f"<strong>Mentor</strong>, keyworker: {first.name}<p>0 of 5 before, <strong>1 of 5" in page
    assert f"<strong>Keyworker</strong>, keyworker: {second.name}<p>1 of 5 before, <strong>2 of 5" in page
    with django_capture_on_commit_callbacks(execute=True):
        assert look_and_do(head, url, data).status_code == 302
    now = Assignment.objects.current(TODAY).filter(kind="keyworker")
    held = {row.student_id: row.user for row in now}
    assert (held[first.pk], held[second.pk], held[world.otto.pk]) == (
        world.u_mentor, world.u_keyworker, world.u_keyworker_other,
    )  # fmt: skip
    # Who gives is told once, who receives of their own alone.
    told = [message.to[0] for message in mail.outbox]
    assert sorted(told) == [
        "keyworker@school.example", "keyworker_other@school.example", "mentor@school.example",
    ]  # fmt: skip
    (mentors,) = [message for message in mail.outbox if message.to[0].startswith("mentor")]
    assert (
        first.initials in mentors.body and ", " not in mentors.body.split("keyworker of")[1].split(" from")[0]
    )


def test_deputy_and_mentor_posts_move_too(world, head):
    post = Assignment.objects.get(student=world.mina, kind="deputy", ends_on=None)
    url = move_url(world.u_deputy)
    assert f'href="{url}"' in words(head.get(BOARD))
    data = sharing(world.u_deputy, **{f"to-{post.pk}": world.u_member.pk})
    page = words(head.post(url, data))
    assert "One student gets a new deputy keyworker on Tuesday 24 November" not in page
    assert "One student gets a new deputy keyworker on Monday 23 November." in page
    assert look_and_do(head, url, data).status_code == 302
    assert (
        Assignment.objects.current(TODAY + A_DAY).get(student=world.mina, kind="deputy").user
        == world.u_member
    )
    mentors = words(head.get(move_url(world.u_mentor)))
    assert "Academic mentor" in mentors and "Nobody has room" in mentors


def test_suggested_is_whom_they_know_then_most_room_never_above_the_limit(world, head):
    first, second, third = fill_up(world.u_keyworker_other, 3)
    assign(first, world.u_teacher, "deputy")
    assign(second, world.u_mentor, "deputy")
    fill_up(world.u_mentor, 5)  # full: though the second student knows them
    assign(third, world.u_staff_parent, "core")
    aunt = FamilyLink.objects.get(member__user=world.u_staff_parent).member  # family: never suggested
    FamilyLink.objects.create(student=third, member=aunt, relationship="aunt")
    page = words(head.get(move_url(world.u_keyworker_other)))

    def row(student):
        post = Assignment.objects.get(student=student, kind="keyworker")
        found = page[page.index(f'id="id_to-{post.pk}"') :]
        return re.search(r'value="(\d*)" selected', found).group(1), re.search(
            r"<p>([^<]+)</p>", found
        ).group(1)

    assert row(first) == (
        str(world.u_teacher.pk),
        "Suggested: deputy keyworker since Tuesday 3 September 2024",
    )
    for student in (second, third, world.otto):
        user, why = row(student)
        assert user in {str(world.u_former.pk), str(world.u_keyworker.pk)} and why == "Suggested: most room"


def test_who_gives_and_who_takes_several_posts_has_one_mail(
    world, head, eager, django_capture_on_commit_callbacks
):
    """Keyworker of one student and deputy of another: each of the two colleagues hears of both at once."""
    leaver = world.u_keyworker_other
    deputy = Assignment.objects.get(student=world.mina, kind="deputy", ends_on=None)
    Assignment.objects.filter(pk=deputy.pk).update(user=leaver)
    data = sharing(leaver, [(world.otto, world.u_member)], **{f"to-{deputy.pk}": world.u_member.pk})
    with django_capture_on_commit_callbacks(execute=True):
        assert look_and_do(head, move_url(leaver), data).status_code == 302
    for user, said in ((leaver, "somebody else is"), (world.u_member, "You are")):
        (one,) = [message for message in mail.outbox if message.to == [user.email]]
        assert one.body.count(said) == 2 and "deputy keyworker of" in one.body


def test_filling_the_rows_complains_of_nothing_that_comes_later(world, head):
    """The reason stands below them: it is asked for when one wants to see what happens."""
    url = move_url(world.u_keyworker_other)
    post = Assignment.objects.get(student=world.otto, kind="keyworker")
    day = {"starts_on": TODAY.isoformat(), "reason": "", f"to-{post.pk}": ""}
    named = str(world.u_mentor.pk)
    filled = head.post(url, {**day, "do": "everyone", "everyone": named})
    assert filled.status_code == 200 and "Nothing is saved yet" in words(filled)
    assert str(filled.context["form"][f"to-{post.pk}"].value()) == named and "to put right" not in words(
        filled
    )
    filled = head.post(url, {**day, "do": "suggest"})
    assert filled.status_code == 200 and filled.context["form"].rows()[0].is_suggested
    none = head.post(move_url(world.u_mentor), {**day, "do": "suggest"})
    assert none.status_code == 422 and "Nobody is suggested: beside each student it says why." in words(none)


def test_passing_the_limit_asks_in_the_rows_that_pass_it(world, head):
    first, second = fill_up(world.u_keyworker_other, 2)
    fill_up(world.u_mentor, 4)
    url = move_url(world.u_keyworker_other)
    takes = [(first, world.u_mentor), (second, world.u_mentor), (world.otto, world.u_keyworker)]
    refused = head.post(url, sharing(world.u_keyworker_other, takes))
    page = words(refused)
    assert refused.status_code == 422
    assert f"{second.name}: Mentor already has five students. Give a reason to add another." in page
    assert f"Why above the limit, {second.name}" in page and f"Why above the limit, {first.name}" not in page
    data = sharing(world.u_keyworker_other, takes, [(second, "A term at most")])
    assert "<strong>6 of 5</strong> from Monday 23 November: <strong>1 above the limit</strong>" in words(
        head.post(url, data)
    )
    assert look_and_do(head, url, data).status_code == 302
    reasons = Assignment.objects.filter(user=world.u_mentor).exclude(over_cap_reason="")
    assert [(row.student, row.over_cap_reason) for row in reasons] == [(second, "A term at most")]


def test_one_student_who_cannot_move_stops_all_and_is_named(world, head):
    first, second = fill_up(world.u_keyworker_other, 2)
    Assignment.objects.filter(student=second).update(ends_on=TODAY + A_WEEK)
    assign(second, world.u_deputy, start=TODAY + A_WEEK + A_DAY)
    takes = [(student, world.u_mentor) for student in (first, second, world.otto)]
    response = head.post(move_url(world.u_keyworker_other), sharing(world.u_keyworker_other, takes))
    assert response.status_code == 422
    assert f"{second.name}: Deputy is already planned from Tuesday 1 December 2026." in words(response)
    assert Assignment.objects.current(TODAY).get(student=first).user == world.u_keyworker_other


def test_posts_that_end_before_the_chosen_day_are_shared_out(world, head):
    Assignment.objects.filter(student=world.otto, kind="keyworker").update(ends_on=TODAY + A_WEEK)
    later = TODAY + 3 * A_WEEK
    data = sharing(world.u_keyworker_other, [(world.otto, world.u_mentor)], starts_on=later.isoformat())
    page = words(head.post(move_url(world.u_keyworker_other), data))
    assert "One student gets a new keyworker on Monday 14 December." in page
    assert "One post is empty from Tuesday 1 December until then." in page


def test_a_cover_ends_by_itself_with_the_absence(world, head):
    away = world.u_keyworker_other
    (first,) = fill_up(away, 1)
    Assignment.objects.filter(student=first, kind="keyworker").update(ends_on=TODAY + A_DAY)
    url, last = move_url(away), TODAY + A_WEEK
    StaffAbsence.objects.create(user=away, starts_on=TODAY, ends_on=last)
    form = head.get(url).context["form"]
    assert (form["ends_on"].value(), form["reason"].value()) == (last, "staff_absence")
    takes = [(first, world.u_mentor), (world.otto, world.u_mentor)]
    cover = sharing(away, takes, ends_on=last.isoformat(), reason="staff_absence")
    page = words(head.post(url, cover))
    assert "It ends by itself on Monday 30 November." in page
    assert "One post is Keyworker’s again from the day after." in page
    assert "One post would have ended by then." in page
    assert look_and_do(head, url, cover).status_code == 302

    def held_on(day):
        return set(
            Assignment.objects.current(day)
            .filter(kind="keyworker", student__in=[first, world.otto])
            .values_list("student", "user")
        )

    mentor = world.u_mentor.pk
    assert held_on(TODAY) == {(first.pk, mentor), (world.otto.pk, mentor)}
    assert held_on(last) == {(world.otto.pk, mentor)}
    assert held_on(last + A_DAY) == {(world.otto.pk, away.pk)}
    said = words(
        head.post(reverse("portal:staff_away_remove", args=[StaffAbsence.objects.get().pk]), follow=True)
    )
    assert "One of their students is covered until Monday 30 November" in said


def test_a_share_out_with_no_end_says_so(world, head):
    data = sharing(world.u_keyworker_other, [(world.otto, world.u_mentor)])
    page = words(head.post(move_url(world.u_keyworker_other), data))
    assert "It has no end: they come back to Keyworker only when you move them back." in page
    data["ends_on"] = "2026-11-20"
    answer = head.post(move_url(world.u_keyworker_other), data)
    assert answer.status_code == 422 and "Choose a last day that is on or after the first" in words(answer)


@pytest.mark.parametrize("missing", ["reason", "starts_on"])
def test_a_share_out_keeps_what_was_chosen_when_something_is_missing(world, head, missing):
    data = sharing(world.u_keyworker_other, [(world.otto, world.u_senco)], **{missing: ""})
    response = head.post(move_url(world.u_keyworker_other), data)
    assert response.status_code == 422 and f'value="{world.u_senco.pk}" selected' in words(response)


def test_a_load_that_changed_since_the_preview_is_shown_again(world, head):
    url = move_url(world.u_keyworker_other)
    data = sharing(world.u_keyworker_other, [(world.otto, world.u_mentor)])
    seen = token_of(head.post(url, data))
    fill_up(world.u_mentor, 1)
    late = head.post(url, {**data, "do": "make", "preview_token": seen})
    assert late.status_code == 409 and "1 of 5 before, <strong>2 of 5</strong>" in words(late)


def test_sharing_out_takes_as_many_queries_for_many_students(world, head):
    url = move_url(world.u_keyworker_other)
    head.get(url)
    with CaptureQueriesContext(connection) as small:
        head.get(url)
    fill_up(world.u_keyworker_other, 30)
    with CaptureQueriesContext(connection) as large:
        head.get(url)
    assert len(large) == len(small) <= 22


# ------------------------------------------------------------------ who may


@pytest.mark.parametrize("who", ["keyworker", "coordinator", "dsl", "admin", "parent", "student"])
def test_only_the_head_assigns(world, as_user, who):
    client = as_user(world.users[who])
    post = Assignment.objects.get(student=world.mina, kind="keyworker", ends_on=None)
    for url in (
        BOARD,
        f"/assignments/students/{world.mina.pk}/",
        f"/assignments/{post.pk}/end/",
        f"/assignments/{post.pk}/take-back/",
        f"/assignments/keyworkers/{world.u_keyworker.pk}/move/",
    ):
        assert client.get(url).status_code == 403
        assert client.post(url, fill(world.u_keyworker_other)).status_code in (403, 405)


def test_the_record_leads_the_head_to_assigning(world, head, as_user):
    url = f"/students/{world.mina.pk}/keyworkers/"
    assert f"/assignments/students/{world.mina.pk}/?back=record" in words(head.get(url))
    assert "/assignments/" not in words(as_user(world.u_keyworker).get(url))


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_name_one_keyworker():
    """Both have seen the same preview; the locks let one after the other in, and the second is stopped."""
    from keywork.errors import ChangedMeanwhile, Refused
    from portal import changes, previewed

    with clock.frozen(TODAY):
        w = build()
        student = make_student("Lena", "Marchbanks")

    def change(user):
        return changes.Assign(student, user, "keyworker", TODAY, "first")

    with clock.frozen(TODAY):
        tokens = {
            user.pk: previewed.preview(change(user), by=w.u_head).preview_token
            for user in (w.u_mentor, w.u_deputy)
        }
    start, ends = threading.Barrier(2), []

    def confirm(user):
        with clock.frozen(TODAY):
            start.wait()
            try:
                previewed.carry_out(change(user), preview_token=tokens[user.pk], by=w.u_head)
                ends.append("done")
            except (ChangedMeanwhile, Refused) as stopped:
                ends.append(type(stopped).__name__)
            finally:
                connection.close()

    threads = [threading.Thread(target=confirm, args=(user,)) for user in (w.u_mentor, w.u_deputy)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["ChangedMeanwhile", "done"]
    assert Assignment.objects.filter(student=student).count() == 1
