"""What was decided stands on the home of a parent and on My page, waits there as their turn, and is answered."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from care.decisions import actions
from keywork import clock
from tests.world import TODAY

pytestmark = pytest.mark.django_db
WHAT = "Min does maths in a group of four."


@pytest.fixture
def decided(world):
    return actions.announce(
        by=world.u_keyworker,
        student=world.mina,
        what=WHAT,
        why="The big class was too loud.",
        decided_by="Keyworker and Head",
        from_on=TODAY,
        asks="answer",
        answer_by=TODAY + timedelta(days=7),
        members=[world.mina_mum.member_id],
        with_student=True,
    )


def test_a_decision_waits_at_home_until_it_is_answered(world, as_user, decided):
    parent = as_user(world.u_parent)
    there = reverse("home:decision", args=[world.mina.pk, decided.pk])
    page = parent.get("/home/").content.decode()
    assert "Read about a change for Min" in page and "Please tell us by Monday 30 November." in page
    assert f'href="{there}"' in page and "This worries me" in parent.get(there).content.decode()
    assert parent.post(there, {"answer": "agree", "words": ""}).status_code == 302
    page = parent.get("/home/").content.decode()
    assert "Read about a change" not in page and WHAT in page
    history = parent.get(reverse("home:decisions", args=[world.mina.pk])).content.decode()
    assert WHAT in history and "I agree" in history
    # Another parent, with whom it was not shared, sees nothing of it.
    assert WHAT not in as_user(world.u_staff_parent).get(f"/home/{world.mina.pk}/").content.decode()


def test_a_student_finds_it_among_what_adults_wrote(world, as_user, decided):
    page = as_user(world.u_student).get("/my-page/").content.decode()
    assert "What adults wrote" in page and WHAT in page and "Read about a change" in page
    assert reverse("home:my_decision", args=[decided.pk]) in page


def test_one_that_nobody_answers_is_late_at_home_and_with_the_keyworker(world, as_user, decided):
    with clock.frozen(TODAY + timedelta(days=8)):
        for page in (f"/home/{world.mina.pk}/", reverse("home:decisions", args=[world.mina.pk])):
            html = as_user(world.u_parent).get(page).content.decode()
            assert WHAT in html and re.search(r"is-overdue[^>]*>(<[^>]*>|[^<])*?Please answer", html), page
        assert (
            "Home has not answered a decision" in as_user(world.u_keyworker).get("/today/").content.decode()
        )
        page = (
            as_user(world.u_keyworker).get(reverse("care:decisions", args=[world.mina.pk])).content.decode()
        )
        assert "no answer; it was asked for by" in page
        [line] = _decisions_on_today(as_user(world.u_keyworker))
        assert "since Monday 30 November" in line and "Late" in line, "the day it was to be answered by"


def test_what_home_says_to_one_that_holds_already_is_not_late_on_the_same_day(world, as_user, decided):
    there = reverse("home:decision", args=[world.mina.pk, decided.pk])
    with clock.frozen(TODAY + timedelta(days=5)):
        said = {"answer": "disagree", "words": "He liked the big class."}
        assert as_user(world.u_parent).post(there, said).status_code == 302
        [line] = _decisions_on_today(as_user(world.u_keyworker))
        assert "Home asks about a decision" in line and "Today" in line and "Late" not in line


def _decisions_on_today(page) -> list[str]:
    text = re.sub(r"<[^>]*>", " ", page.get("/today/").content.decode())
    lines = re.findall(r"Home (?:asks about|has not answered) a decision.{0,400}", text, re.DOTALL)
    return [" ".join(line.split()) for line in lines]
