"""The list of what was missed, and withdrawing what was wrong: by whom, with what reason, shown how."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from contacts.actions.misses import record_misses
from contacts.models import Miss
from keywork import clock
from keywork.models import RecordOpening
from tests import world as cast

URL = "/misses/"


def ago(days: int) -> date:
    return cast.TODAY - timedelta(days=days)


def missed(student, days: int, klass="missed", duty="home_contact", keyworker=None, **fields) -> Miss:
    return Miss.objects.create(
        student=student,
        duty=duty,
        due_on=ago(days),
        klass=klass,
        keyworker=keyworker,
        as_of=ago(days - 1),
        detected_at=clock.now(),
        **fields,
    )


@pytest.fixture
def school(world):
    mina, otto = world.mina, world.otto
    taken_back = {"withdrawn_at": clock.now(), "withdrawn_by": world.u_head, "withdrawal_reason": "Held"}
    world.plain = missed(mina, 5, keyworker=world.u_keyworker)
    world.tried = missed(otto, 12, "attempted", keyworker=world.u_keyworker_other)
    world.nobody = missed(otto, 20, "unassigned", "session")
    world.handover = missed(mina, 25, "handover")
    world.taken = missed(mina, 30, duty="session", **taken_back)
    world.old = missed(mina, 200)
    return world


def listed(client, **asked) -> list[Miss]:
    return list(client.get(URL, asked).context["page"])


def test_shows_what_stands_of_this_term_newest_first(school, as_user):
    client = as_user(school.u_head)
    assert listed(client) == [school.plain, school.tried, school.nobody, school.handover]
    page = client.get(URL).content.decode()
    assert "Wednesday 18 November 2026" in page
    assert "They are not a rating of staff" in page


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"klass": "missed"}, ["plain"]),
        ({"klass": "attempted"}, ["tried"]),
        ({"klass": "handover"}, ["handover"]),
        ({"klass": "unassigned"}, ["nobody"]),
        ({"klass": "withdrawn"}, ["taken"]),
        ({"duty": "session"}, ["nobody"]),
        ({"duty": "session", "klass": "withdrawn"}, ["taken"]),
        ({"duty": "home_contact", "klass": "unassigned"}, []),
        ({"term": "2025-26-summer"}, ["old"]),
        (
            {"klass": "nonsense", "duty": "nonsense", "term": "nonsense"},
            ["plain", "tried", "nobody", "handover"],
        ),
    ],
)
def test_is_narrowed_by_class_duty_and_term(school, as_user, asked, expected):
    assert listed(as_user(school.u_head), **asked) == [getattr(school, name) for name in expected]


def test_each_answer_says_how_many_there_are(school, as_user):
    client = as_user(school.u_head)
    assert [label for _, label in client.get(URL).context["filter"].klasses] == [
        "All that stand (4)",
        "Missed (1)",
        "Tried and not reached (1)",
        "During a handover (1)",
        "No keyworker (1)",
        "Withdrawn (1)",
        "Not acknowledged yet (4)",
        "No reason given yet (4)",
    ]
    sessions = client.get(URL, {"duty": "session"})
    assert sessions.context["filter"].klasses[0] == ("", "All that stand (1)")
    assert "One session missed" in sessions.content.decode().replace("keywork session", "session")


def test_cannot_be_sorted_or_counted_by_keyworker(school, as_user):
    """The list describes support; it ranks nobody, whatever is asked of it."""
    client = as_user(school.u_head)
    assert (
        listed(client, sort="keyworker") == listed(client, keyworker=school.u_keyworker.pk) == listed(client)
    )


def test_a_term_takes_in_the_holiday_after_it(school, as_user):
    in_the_holiday = missed(school.mina, (cast.TODAY - date(2026, 8, 3)).days)
    assert in_the_holiday in listed(as_user(school.u_head), term="2025-26-summer")
    with clock.frozen(date(2026, 8, 10)):
        assert listed(as_user(school.u_head)) == [in_the_holiday, school.old]


def test_the_same_queries_for_one_and_twenty(school, as_user, django_assert_num_queries):
    client = as_user(school.u_head)
    Miss.objects.exclude(pk=school.plain.pk).update(withdrawn_at=clock.now(), withdrawal_reason="Held")
    assert len(listed(client)) == 1
    with django_assert_num_queries(7) as one:
        client.get(URL)
    for number in range(22):
        missed(cast.make_student("Student", f"Number{number}"), 3, keyworker=school.u_keyworker)
    with django_assert_num_queries(len(one)):
        page = client.get(URL)
    assert len(page.context["page"]) == 20
    assert "1 to 20 of 23" in page.content.decode()


def test_a_parent_who_oversees_finds_nothing_of_their_own_child(school, as_user):
    school.u_staff_parent.roles = ["staff", "head", "family"]
    school.u_staff_parent.save(update_fields=["roles"])
    client = as_user(school.u_staff_parent)
    assert listed(client) == [school.tried, school.nobody]
    assert "All that stand (2)" in client.get(URL).content.decode()
    answer = client.post(withdraw_url(school.plain), {"reason": "It was not."})
    assert answer.status_code == 404
    school.plain.refresh_from_db()
    assert school.plain.withdrawn_at is None


def test_only_the_head_is_offered_to_withdraw(school, as_user):
    assert "This is wrong" in as_user(school.u_head).get(URL).content.decode()
    for who in ("slt", "coordinator"):
        page = as_user(school.users[who]).get(URL)
        assert page.status_code == 200 and "This is wrong" not in page.content.decode()
    assert as_user(school.u_keyworker).get(URL).status_code == 403


def test_oversight_leads_here(school, as_user):
    page = as_user(school.u_head).get("/oversight/").content.decode()
    assert f'href="{URL}"' in page and 'href="/households/"' in page


# Withdrawing


def withdraw_url(miss: Miss) -> str:
    return reverse("contacts:withdraw_miss", args=[miss.pk])


def record_url(student) -> str:
    return reverse("students:record", args=[student.pk])


def test_the_timeline_leads_the_head_to_withdraw_and_shows_it_after(school, as_user):
    head, url = as_user(school.u_head), withdraw_url(school.plain)
    assert f'href="{url}"' in head.get(record_url(school.mina)).content.decode()
    assert url not in as_user(school.u_keyworker).get(record_url(school.mina)).content.decode()

    asked = head.get(url)
    assert asked.status_code == 200
    assert "was due Wednesday 18 November 2026" in asked.content.decode()
    answer = head.post(url, {"reason": "The call of the 17th was put under her sister."})

    assert (answer.status_code, answer["Location"]) == (302, record_url(school.mina))
    school.plain.refresh_from_db()
    assert (school.plain.withdrawn_by, school.plain.withdrawal_reason) == (
        school.u_head,
        "The call of the 17th was put under her sister.",
    )
    page = as_user(school.u_keyworker).get(record_url(school.mina)).content.decode()
    assert "<strong>Withdrawn by Head:</strong> The call of the 17th was put under her sister." in page
    assert url not in head.get(record_url(school.mina)).content.decode()


def test_it_goes_back_to_the_list_it_came_from(school, as_user):
    head = as_user(school.u_head)
    back = "/misses/?klass=missed&duty=home_contact"
    assert (
        f"{withdraw_url(school.plain)}?next=%2Fmisses%2F%3Fklass%3Dmissed" in head.get(back).content.decode()
    )
    for given, led_to in ((back, back), ("https://elsewhere.example/", record_url(school.tried.student))):
        miss = school.plain if given == back else school.tried
        answer = head.post(f"{withdraw_url(miss)}?next={given.replace('&', '%26')}", {"reason": "Wrong day"})
        assert answer["Location"] == led_to


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_without_a_reason_nothing_is_withdrawn(school, as_user, reason):
    answer = as_user(school.u_head).post(withdraw_url(school.plain), {"reason": reason})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("Say why it was not missed" in page) is (not reason.strip())
    assert 'aria-invalid="true"' in page and 'class="kw-errors"' in page
    assert reason.strip() in page
    school.plain.refresh_from_db()
    assert school.plain.withdrawn_at is None


def test_withdrawn_once_is_withdrawn(school, as_user):
    head = as_user(school.u_head)
    for answer in (
        head.get(withdraw_url(school.taken)),
        head.post(withdraw_url(school.taken), {"reason": "No"}),
    ):
        assert answer.status_code == 409
        assert "This was withdrawn already" in answer.content.decode()
    school.taken.refresh_from_db()
    assert school.taken.withdrawal_reason == "Held"


def test_opening_the_page_leaves_a_row(school, as_user):
    as_user(school.u_head).get(withdraw_url(school.plain))
    opening = RecordOpening.objects.filter(student_id=school.mina.pk, what="miss").get()
    assert (opening.user_id, opening.detail) == (school.u_head.pk, str(school.plain.pk))


def test_what_a_person_withdrew_is_never_written_again(world, as_user):
    record_misses()
    written = Miss.objects.filter(student=world.mina, duty="home_contact").latest("due_on")
    as_user(world.u_head).post(
        withdraw_url(written), {"reason": "The family was abroad and had asked for quiet"}
    )
    record_misses()
    again = Miss.objects.filter(student=world.mina, duty="home_contact", due_on=written.due_on).get()
    assert (again.pk, again.withdrawn_by) == (written.pk, world.u_head)
