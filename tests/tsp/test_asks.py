"""Asking colleagues for their part of the team input: whom, what they hear, what they see, what becomes of it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from enquiries import actions as enquiries
from enquiries.models import Enquiry
from keywork import clock
from keywork.access import forget_relations
from keywork.errors import Refused
from keywork.models import Assignment
from tests import world as cast
from tests.world import OTHER_SURNAME, TODAY, make_user
from tsp.enquiries import actions
from tsp.enquiries.actions import hand_in
from tsp.enquiries.kinds import InputAnswering
from tsp.models import Sheet

from .factories import TERM, make_ask, sheet_of

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def ask(world):
    """Ask these people about Mina."""

    def made(*people, by=None, **fields):
        return actions.ask_colleagues(
            by=by or world.u_keyworker,
            student=world.mina,
            term=TERM,
            people=people,
            **{"areas": ["flexibility"], "question": "At the bell?", "answer_by": FRIDAY, **fields},
        )

    return made


def url_of(name: str, one) -> str:
    names = {"answer": "enquiries:answer", "withdraw": "enquiries:withdraw"}
    return reverse(names.get(name, f"tsp:{name}"), args=[one.pk])


# ------------------------------------------------------------------------------------------ asking


def test_whom_one_may_ask_is_the_team_of_today_without_the_family(world):
    assert {row.user for row in actions.colleagues(world.mina)} == {
        world.u_mentor,
        world.u_member,
        world.u_teacher,
    }


def test_asking_several_at_once_from_the_page(world, as_user, mails):
    page = as_user(world.u_keyworker)
    url = url_of("ask_colleagues", world.mina)
    shown = page.get(url).content.decode()
    assert "Teacher, teacher" in shown and re.search(r'<button[^>]*type="submit"[^>]*>Ask them<', shown)
    with mails() as box:
        response = page.post(
            url,
            {
                "people": [world.u_mentor.pk, world.u_teacher.pk],
                "areas": ["flexibility", "engagement"],
                "question": "How are changes of room?",
                "answer_by": FRIDAY.isoformat(),
            },
        )
    assert response.url == url_of("asks", world.mina)
    asks = Enquiry.objects.all()
    assert {one.user for one in asks} == {world.u_mentor, world.u_teacher}
    assert {(one.period, tuple(one.parts), one.answer_by, one.asked_by) for one in asks} == {
        (TERM, ("flexibility", "engagement"), FRIDAY, world.u_keyworker)
    }
    assert sorted(mail.to[0] for mail in box) == sorted([world.u_mentor.email, world.u_teacher.email])
    listed = page.get(url_of("asks", world.mina)).content.decode()
    assert listed.count("Waiting") == 2 and "How are changes of room?" in listed


def test_the_mail_names_no_student(world, ask, mails):
    with mails() as box:
        [made] = ask(world.u_teacher, question="Does Min Harcastle like clay?")
    [mail] = box
    told = f"{mail.subject}\n{mail.body}"
    assert "MH" in told and "Keyworker asks" in told and "Friday 27 November" in told
    assert reverse("enquiries:answer", args=[made.pk]) in told
    for secret in ("Min ", "Mina", "Harcastle", "clay", "Flexib"):
        assert secret not in told


@pytest.mark.parametrize("who", ["former", "future", "staff_parent", "keyworker_other", "head"])
def test_nobody_outside_the_team_is_asked(world, ask, who):
    with pytest.raises(Refused):
        ask(world.users[who])
    assert not Enquiry.objects.exists()


def test_one_who_has_not_answered_is_not_asked_twice_and_then_nobody_is(world, ask, as_user):
    ask(world.u_teacher)
    with pytest.raises(Refused, match="Teacher has been asked already"):
        ask(world.u_mentor, world.u_teacher)
    assert Enquiry.objects.count() == 1
    form = as_user(world.u_keyworker).get(url_of("ask_colleagues", world.mina)).content.decode()
    assert "Teacher, teacher" not in form and "Mentor, academic mentor" in form


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"people": []}, "Choose whom to ask"),
        ({"answer_by": "2026-11-22"}, "Choose today or a later day"),
        ({"answer_by": ""}, "Choose the day to answer by"),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(world, as_user, wrong, says):
    data = {"people": [world.u_mentor.pk], "question": "How is it going?", "answer_by": FRIDAY.isoformat()}
    response = as_user(world.u_deputy).post(url_of("ask_colleagues", world.mina), {**data, **wrong})
    assert response.status_code == 422
    assert says in response.content.decode() and "How is it going?" in response.content.decode()
    assert not Enquiry.objects.exists()


# --------------------------------------------------------------------------------------- answering


def test_the_asked_see_theirs_and_nobody_elses(world, ask, as_user):
    ask(world.u_teacher, question="Sentinel question")
    make_ask(world.otto, world.u_keyworker_other, world.u_keyworker_other, question="Otto question")
    seen = as_user(world.u_teacher).get(reverse("enquiries:mine")).content.decode()
    assert "Sentinel question" in seen and "Min Harcastle" in seen
    assert OTHER_SURNAME not in seen and "Otto question" not in seen
    assert "Sentinel" not in as_user(world.u_mentor).get(reverse("enquiries:mine")).content.decode()
    assert as_user(world.u_mentor).get(url_of("answer", Enquiry.objects.first())).status_code == 404


def test_who_left_the_team_is_no_longer_asked(world, ask, as_user):
    [made] = ask(world.u_teacher, question="Sentinel question")
    Assignment.objects.filter(user=world.u_teacher).update(ends_on=TODAY - timedelta(days=1))
    forget_relations(world.u_teacher)
    page = as_user(world.u_teacher)
    assert "Sentinel" not in page.get(reverse("enquiries:mine")).content.decode()
    assert page.get(url_of("answer", made)).status_code == 404
    assert "is asked for" not in page.get(reverse("portal:today")).content.decode()


def test_today_says_that_a_view_is_asked_for(world, ask, as_user):
    page = as_user(world.u_teacher)
    assert "is asked for" not in page.get(reverse("portal:today")).content.decode()
    ask(world.u_teacher)
    assert "Your view of one student is asked for" in page.get(reverse("portal:today")).content.decode()


def test_students_are_counted_on_today_and_not_what_is_asked_about_them(world, ask, as_user):
    ask(world.u_teacher)
    make_ask(world.mina, world.u_keyworker, world.u_teacher, period="2025-26-summer")
    page = as_user(world.u_teacher).get(reverse("portal:today")).content.decode()
    assert "Your view of one student is asked for" in page


def test_the_form_asks_only_about_the_areas_asked_for(world, ask, as_user):
    [made] = ask(world.u_teacher)
    page = as_user(world.u_teacher).get(url_of("answer", made)).content.decode()
    assert "Flexibility and coping with change" in page and "At the bell?" in page
    assert "Friendships and relationships" not in page
    response = as_user(world.u_teacher).post(
        url_of("answer", made), {"base:areas-seen": "0", "areas-seen": ["relationships"]}
    )
    assert response.status_code == 422 and not Sheet.objects.exists()


def test_answering_in_the_short_form(world, ask, as_user):
    [made] = ask(world.u_teacher)
    page, url = as_user(world.u_teacher), url_of("answer", made)
    saved = page.post(url, {"autosave": "1", "base:what-works": "0", "what-works": "A note first."}).json()
    assert saved["saved"] == {"what-works": 1}
    made.refresh_from_db()
    assert made.answered_at is None and sheet_of(made).is_open and sheet_of(made).author == world.u_teacher
    assert "A note first." in page.get(url).content.decode()

    shown = page.post(
        url,
        {
            "do": "hand-in",
            "base:role": "0", "role": "Art",
            "base:what-works": saved["bases"]["what-works"], "what-works": "A note first.",
            "base:example": "0", "example": ["2026-11-20", "Moved rooms with the class."],
        },
    ).content.decode()  # fmt: skip
    assert "This is what you say" in shown and "Moved rooms with the class." in shown
    made.refresh_from_db()
    assert made.answered_at is None
    response = page.post(url, {"do": "hand-in", "sure": "1"})
    assert response.url == reverse("enquiries:mine")
    made.refresh_from_db()
    assert made.answered_at and sheet_of(made).done_at and sheet_of(made).done_by == world.u_teacher
    assert {one.field: one.value for one in sheet_of(made).answers.all()} == {
        "role": "Art",
        "what-works": "A note first.",
        "example": {"on": "2026-11-20", "words": "Moved rooms with the class."},
    }
    assert (sheet_of(made).tool, sheet_of(made).term, sheet_of(made).student) == (
        "team-input",
        TERM,
        world.mina,
    )
    assert page.get(url).url == reverse("enquiries:mine")  # answered: there is nothing to write any more
    listed = as_user(world.u_keyworker).get(url_of("asks", world.mina)).content.decode()
    assert f'{reverse("tsp:sheet", args=[sheet_of(made).pk])}">Read the answer' in listed


def test_a_required_answer_is_asked_for_and_nothing_is_lost(world, ask, as_user):
    [made] = ask(world.u_teacher)
    response = as_user(world.u_teacher).post(
        url_of("answer", made),
        {"do": "hand-in", "base:role": "0", "role": "", "base:what-works": "0", "what-works": "Clay."},
    )
    assert response.status_code == 422
    assert "Fill in “Role and setting seen in”" in response.content.decode()
    assert "Clay." in response.content.decode()
    made.refresh_from_db()
    assert made.answered_at is None


def test_two_windows_of_one_person_lose_nothing(world, ask, as_user):
    [made] = ask(world.u_teacher)
    page, url = as_user(world.u_teacher), url_of("answer", made)
    page.post(url, {"autosave": "1", "base:what-works": "0", "what-works": "First window."})
    late = page.post(url, {"autosave": "1", "base:what-works": "0", "what-works": "Second window."})
    assert late.status_code == 409
    assert "First window." in late.json()["conflicts"]["what-works"]["html"]
    made.refresh_from_db()
    assert sheet_of(made).answers.get(field="what-works").value == "First window."
    page.post(url, {"base:what-works": "1", "what-works": "Second window.", "use-mine": "what-works"})
    assert sheet_of(made).answers.get(field="what-works").value == "Second window."


def test_saying_that_one_cannot(world, ask, as_user):
    [made] = ask(world.u_teacher)
    page = as_user(world.u_teacher)
    assert page.post(url_of("answer", made), {"cannot": "1", "words": ""}).status_code == 422
    page.post(url_of("answer", made), {"cannot": "1", "words": "I only taught her twice."})
    made.refresh_from_db()
    assert made.declined_at and made.answered_at is None
    listed = as_user(world.u_keyworker).get(url_of("asks", world.mina)).content.decode()
    assert "Cannot" in listed and "I only taught her twice." in listed
    ask(world.u_teacher)  # and may be asked again


# --------------------------------------------------------------------------------- afterwards


def test_taken_back_it_is_asked_no_more_and_what_was_begun_is_crossed_out(world, ask, as_user):
    [made] = ask(world.u_teacher)
    InputAnswering.of(made).save(QueryDict("base:what-works=0&what-works=Half+a+sentence"))
    as_user(world.u_coordinator).post(url_of("withdraw", made))
    made.refresh_from_db()
    assert made.withdrawn_by == world.u_coordinator
    assert sheet_of(made).voided_at and sheet_of(made).void_reason
    page = as_user(world.u_teacher)
    assert page.get(url_of("answer", made)).status_code == 302
    stopped = page.post(
        url_of("answer", made), {"autosave": "1", "base:what-works": "1", "what-works": "More"}
    )
    assert stopped.status_code == 409 and "not asked any more" in stopped.json()["refused"]
    with pytest.raises(Refused):
        hand_in(enquiry=made)


def test_what_was_answered_is_not_taken_back(world, ask):
    [made] = ask(world.u_teacher)
    InputAnswering.of(made).save(QueryDict("base:what-works=0&what-works=Clay"))
    hand_in(enquiry=made)
    with pytest.raises(Refused, match="answered already"):
        enquiries.withdraw(by=world.u_keyworker, enquiry=made)
    made.refresh_from_db()
    assert made.withdrawn_at is None and sheet_of(made).voided_at is None


def test_reminding_once_a_day_at_most(world, ask, mails):
    [made] = ask(world.u_teacher)
    with pytest.raises(Refused, match="tomorrow"):
        enquiries.remind(by=world.u_keyworker, enquiry=made)
    with clock.frozen(TODAY + timedelta(days=1)), mails() as box:
        enquiries.remind(by=world.u_keyworker, enquiry=made)
        with pytest.raises(Refused):
            enquiries.remind(by=world.u_coordinator, enquiry=made)
    [mail] = box
    assert "You have not answered yet" in mail.body and "Harcastle" not in mail.body
    with clock.frozen(TODAY + timedelta(days=2)), mails() as box:
        enquiries.remind(by=world.u_keyworker, enquiry=made)
    assert len(box) == 1


def test_asked_of_me_costs_the_same_for_one_and_fifty(world, ask, as_user, django_assert_num_queries):
    ask(world.u_teacher)
    page = as_user(world.u_teacher)
    page.get(reverse("enquiries:mine"))
    with django_assert_num_queries(7, exact=False) as one:
        page.get(reverse("enquiries:mine"))
    for number in range(50):
        student = cast.make_student("Student", f"Number{number}")
        cast.assign(student, world.u_teacher, "teacher")
        make_ask(student, world.u_keyworker, world.u_teacher, parts=["engagement"])
    with django_assert_num_queries(len(one)):
        assert b"Number49" in page.get(reverse("enquiries:mine")).content


def test_the_list_of_asks_costs_the_same_for_one_and_fifty(world, ask, as_user, django_assert_num_queries):
    ask(world.u_teacher)
    page, url = as_user(world.u_keyworker), url_of("asks", world.mina)
    page.get(url)
    with django_assert_num_queries(20, exact=False) as one:
        page.get(url)
    for number in range(50):
        make_ask(world.mina, world.u_keyworker, make_user(f"asked_{number}", "staff"))
    with django_assert_num_queries(len(one)):
        assert b"Asked 49" in page.get(url).content


def test_the_column_of_sheets_leads_to_asking_for_those_who_may(world, as_user):
    url = url_of("asks", world.mina)
    sheets = reverse("tsp:sheets", args=[world.mina.pk])
    for who, may in (
        ("keyworker", True),
        ("deputy", True),
        ("coordinator", True),
        ("mentor", False),
        ("head", False),
    ):
        page = as_user(world.users[who]).get(sheets)
        assert page.status_code == 200 and (url in page.content.decode()) is may, who
