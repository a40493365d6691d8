"""Families and students at home in Keywork: a meeting, a chat, a message and a decision. Each is played by the keyboard alone
at three widths, and without script (test_entry: the first sign-in; test_offline: without signal)."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from care.decisions.actions import announce
from contacts.models import HomeContact
from home.models import Appointment
from tests.world import TODAY, make_user

from .hands import WAYS, Hands

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("way", WAYS),
]
FRIDAY = TODAY + timedelta(days=4)


@pytest.fixture
def people(site) -> SimpleNamespace:
    """A student with an account, their keyworker, and their mother with an account."""
    us = site.pair("Juno")
    us.mother = make_user(f"mother_{us.student.pk}", "family")
    us.me = make_user(f"pupil_{us.student.pk}", "student")
    us.link.member.user, us.student.user = us.mother, us.me
    us.link.member.save()
    us.student.save()
    return us


def set_time(school: Hands, at: str) -> None:
    """Fingers type a day as this browser has them, which is American whatever the page says (so an hour after noon)."""
    day = f"{FRIDAY:%m%d%Y}" if school.keys else FRIDAY.isoformat()
    school.write("Day", day)
    school.write("From", at.replace(":", "") if school.keys else at)
    school.press("button", "Offer this time")


def test_a_meeting_is_asked_for_offered_and_agreed(people, open_browser, way):
    home = Hands(open_browser, way, people.mother)
    home.open("/home/")
    home.press("link", "Ask for a meeting")
    home.write("What is it about, and when is good for you?", "After four on a Friday")
    home.press("button", "Ask for a meeting")
    home.see("has it. The answer comes here.")

    school = Hands(open_browser, way, people.user)
    school.open("/today/")
    school.press("link", "Offer a time")
    set_time(school, "16:10")
    school.see("It waits for their answer.")

    home.open("/home/")
    home.press("link", re.compile("^Answer"))
    home.press("button", "Yes, that is right for me")
    home.see("It is agreed")
    row = Appointment.objects.get(student=people.student)
    assert (row.state, row.words) == ("settled", "After four on a Friday")
    home.axe()
    school.open("/families/")
    school.look()


def test_a_message_becomes_a_logged_contact_and_so_does_its_answer(people, open_browser, way):
    home = Hands(open_browser, way, people.mother)
    home.open("/home/")
    home.press("link", "Write to")
    home.write("Write to", "The bus was late again.")
    home.press("button", "Send")
    home.see("The bus was late again.")

    school = Hands(open_browser, way, people.user)
    school.open("/today/")
    school.press("link", "Read and answer")
    school.press("link", "Sunniva")
    school.write("Write to", "I ask about it today.")
    school.press("button", "Send")
    school.see("Sent, and in the log.")
    rows = HomeContact.objects.filter(student=people.student, channel="message").order_by("pk")
    assert [(row.direction, row.outcome) for row in rows] == [("in", "delivered"), ("out", "two_way")]
    home.open("/home/")
    home.see(re.compile(r"\(1 new\)"))
    home.axe()


def test_a_chat_is_asked_for_and_answered(people, open_browser, way):
    me = Hands(open_browser, way, people.me)
    me.open("/my-page/")
    me.press("link", "Ask for a chat")
    me.press("button", "Ask for a chat")
    me.see("I asked")

    school = Hands(open_browser, way, people.user)
    school.open("/families/")
    school.press("link", "Juno")
    set_time(school, "14:30")
    school.see("It is agreed.")

    me.open("/mine/chat/")
    me.see("We have a time")
    me.axe()
    me.press("button", "I do not need it now")
    me.see("It is called off.")


def test_a_decision_is_read_and_acknowledged(people, open_browser, way):
    made = announce(
        by=people.user,
        student=people.student,
        what="Juno does maths in a group of four.",
        why="The big class was too loud.",
        decided_by="Keyworker and Head",
        from_on=TODAY,
        asks="read",
        answer_by=TODAY + timedelta(days=7),
        members=[people.link.member_id],
    )
    home = Hands(open_browser, way, people.mother)
    home.open("/home/")
    home.press("link", re.compile("^Read it"))
    home.choose("I have read it")
    home.axe()
    home.press("button", "Send")
    home.see("School can see what you said.")
    assert made.readers.get(member=people.link.member_id).answer == "read"
    expect(home.page.get_by_role("link", name="Juno does maths in a group of four.")).to_be_visible()
