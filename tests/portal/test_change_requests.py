"""A student asks for another keyworker: asked, seen by the Head alone, answered, and the student told."""

from __future__ import annotations

import pytest
from django.urls import reverse

from keywork.models import Assignment
from students.models import ChangeRequest
from tests.world import TODAY, make_family, make_user

ASK = "/my-page/another-keyworker/"
SAID = "i dont get on with them <b>realy</b>"


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_of_a_keyworker_since_today_it_is_said_so(world, as_user):
    Assignment.objects.current(TODAY).filter(student=world.mina, kind="keyworker").update(starts_on=TODAY)
    as_user(world.u_student).post(ASK, {"words": SAID})
    head, name = as_user(world.u_head), world.u_keyworker.name
    assert f"With {name} (since today). You alone see it" in words(head.get("/assignments/"))
    page = words(head.get(answer_url(ChangeRequest.objects.get())))
    assert "since Monday 23 November 2026." in page and "0 months" not in page


def answer_url(one):
    return reverse("portal:answer_change", args=[one.pk])


def test_asked_answered_and_read(world, as_user, mails):
    student = as_user(world.u_student)
    page = words(student.get("/my-page/"))
    assert ASK in page and "I would like a different keyworker" in page
    empty = student.post(ASK, {"words": " "})
    assert empty.status_code == 422 and "A few words are enough" in words(empty)
    with mails() as box:
        assert student.post(ASK, {"words": SAID}).status_code == 302
    assert [message.to for message in box] == [[world.u_head.email]]
    assert world.mina.surname not in box[0].body + box[0].subject and "realy" not in box[0].body
    # Sent twice, it is there once.
    student.post(ASK, {"words": SAID})
    one = ChangeRequest.objects.get()
    page = words(student.get(ASK))
    assert "The answer will stand here" in page and "i dont get on with them &lt;b&gt;realy&lt;/b&gt;" in page
    head = as_user(world.u_head)
    assert world.mina.name in words(head.get("/assignments/")) and answer_url(one) in words(
        head.get("/assignments/")
    )
    page = words(head.get(answer_url(one)))
    assert (
        "i dont get on with them &lt;b&gt;realy&lt;/b&gt;" in page and "has been the keyworker since" in page
    )
    missing = head.post(answer_url(one), {"outcome": "talk", "answer": ""})
    assert missing.status_code == 422 and "Write what the student will read" in words(missing)
    assert (
        head.post(answer_url(one), {"outcome": "talk", "answer": "Come and see me on Friday."}).status_code
        == 302
    )
    assert (
        head.post(answer_url(one), {"outcome": "stays", "answer": "No."}).status_code == 302
    )  # it has its answer
    one.refresh_from_db()
    assert (one.outcome, one.answer, one.answered_by) == ("talk", "Come and see me on Friday.", world.u_head)
    assert answer_url(one) not in words(head.get("/assignments/"))
    assert "Your answer about your keyworker is here" in words(student.get("/my-page/"))
    assert "Not read yet" in words(head.get(answer_url(one)))
    page = words(student.get(ASK))
    assert "Come and see me on Friday." in page and "we talk about it first" in page
    assert "Your answer about" not in words(student.get("/my-page/"))
    assert "Read on" in words(head.get(answer_url(one)))
    # And may ask again.
    assert student.post(ASK, {"words": "still"}).status_code == 302 and ChangeRequest.objects.count() == 2


def test_it_is_said_by_name_who_reads_it(world, as_user, mails):
    """Two people may have what the school calls the Head's post, and one of them may be family."""
    aunt = make_user("aunt", "staff head")
    make_family(world.mina, "Aunt", "Harcastle", user=aunt)
    student, teacher = as_user(world.u_student), as_user(world.u_teacher)
    assert f"Only {world.u_head.name} can read it." in words(student.get(ASK))
    pass_on = reverse("portal:pass_on", args=[world.mina.pk])
    assert f"Only {world.u_head.name} can read it." in words(teacher.get(pass_on))
    with mails() as box:
        said = words(teacher.post(pass_on, {"words": SAID}, follow=True))
    assert f"Passed on to {world.u_head.name}." in said
    assert [message.to for message in box] == [[world.u_head.email]]


def test_an_answer_that_it_changes_leads_to_naming_the_new_one(world, as_user):
    as_user(world.u_student).post(ASK, {"words": SAID})
    answer = as_user(world.u_head).post(
        answer_url(ChangeRequest.objects.get()), {"outcome": "changes", "answer": "Yes."}
    )
    assert answer["Location"] == f"/assignments/students/{world.mina.pk}/?kind=keyworker"


def test_an_adult_passes_it_on_and_cannot_read_it_again(world, as_user):
    teacher = as_user(world.u_teacher)
    url = reverse("portal:pass_on", args=[world.mina.pk])
    assert url in words(as_user(world.u_keyworker).get(reverse("students:keyworkers", args=[world.mina.pk])))
    assert teacher.post(url, {"words": SAID}).status_code == 302
    one = ChangeRequest.objects.get()
    assert one.passed_on and one.asked_by == world.u_teacher
    again = teacher.post(url, {"words": "again"})
    assert again.status_code == 422 and "asked already" in words(again)
    page = words(as_user(world.u_student).get(ASK))
    assert "An adult passed it on for you" in page and "realy" not in page


@pytest.mark.parametrize(
    "who", ["keyworker", "deputy", "mentor", "teacher", "coordinator", "dsl", "admin", "parent", "student"]
)
def test_nobody_but_the_head_sees_that_it_was_asked(world, as_user, who):
    as_user(world.u_student).post(ASK, {"words": SAID})
    one = ChangeRequest.objects.get()
    client = as_user(getattr(world, f"u_{who}"))
    # The safeguarding lead stands in for other students: of this one there is none.
    assert client.get(answer_url(one)).status_code == (404 if who == "dsl" else 403)
    if who in ("keyworker", "deputy", "coordinator", "dsl"):
        for url in (
            reverse("students:record", args=[world.mina.pk]),
            reverse("students:keyworkers", args=[world.mina.pk]),
            "/today/",
            "/search/?q=dont+get",
        ):
            page = words(client.get(url, follow=True))
            assert "realy" not in page and answer_url(one) not in page


def test_where_every_head_is_family_the_headteacher_stands_in_then_the_safeguarding_lead(
    world, as_user, mails
):
    """Somebody always hears of it; nobody else than whom the page names."""
    joan = make_user("joan", "staff headteacher")
    make_family(world.mina, "Uncle", "Harcastle", user=world.u_head)
    student = as_user(world.u_student)
    assert f"Only {joan.name} can read it." in words(student.get(ASK))
    with mails() as box:
        student.post(ASK, {"words": SAID})
    assert [message.to for message in box] == [[joan.email]]
    one = ChangeRequest.objects.get()
    assert as_user(world.u_head).get(answer_url(one)).status_code == 404
    assert as_user(world.u_dsl).get(answer_url(one)).status_code == 404
    assert "for another keyworker" not in words(as_user(world.u_dsl).get("/oversight/"))
    page = words(as_user(joan).get(answer_url(one)))
    assert "realy" in page and "every Head of Social Education is family of Min" in page
    assert "Name another keyworker" not in page
    # Of another student's the Head hears alone.
    as_user(world.u_student_other).post(ASK, {"words": "me too"})
    other = ChangeRequest.objects.get(student=world.otto)
    assert as_user(joan).get(answer_url(other)).status_code == 404
    assert as_user(world.u_head).get(answer_url(other)).status_code == 200
    # Without a headteacher it is the safeguarding lead's, on Oversight as well.
    joan.roles = ["staff"]
    joan.save()
    dsl = as_user(world.u_dsl)
    assert "ne student asks for another keyworker" in words(dsl.get("/oversight/"))
    given = {"outcome": "changes", "answer": "Yes."}
    said = words(dsl.post(answer_url(one), given, follow=True))
    assert "ask the administrator to give somebody that post" in said
    one.refresh_from_db()
    assert one.answered_by == world.u_dsl
    # Where nobody is left, the page says so and takes nothing that nobody would read.
    world.u_dsl.roles = ["staff"]
    world.u_dsl.save()
    page = words(as_user(world.u_student).get(ASK))
    assert (
        "There is nobody here to read it just now. Tell an adult you trust." in page
        and "<textarea" not in page
    )
