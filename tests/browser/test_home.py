"""Families and students at home in Keywork: a meeting, a chat, a message and a decision, at three widths, without script
and by keyboard."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from care.decisions.actions import announce
from contacts.models import HomeContact
from home.models import Appointment
from tests.world import TODAY, make_user

from .axe import faults_here
from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 640}
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


def fits(page: Page) -> None:
    """Nothing runs off the side, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert faults_here(page) == []


def pick(page: Page, name: str) -> None:
    """By keyboard alone: the control is reached by its focus and pressed by a key."""
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def test_a_meeting_is_asked_for_offered_and_agreed(people, open_browser):
    """A phone at home without script; the keyworker's desk by keyboard."""
    home = open_browser(people.mother, viewport=SMALL, java_script_enabled=False)
    home.goto("/home/")
    home.get_by_role("link", name="Ask for a meeting").click()
    home.get_by_label("What is it about, and when is good for you?").fill("After four on a Friday")
    home.get_by_role("button", name="Ask for a meeting").click()
    expect(home.get_by_text("has it. The answer comes here.").first).to_be_visible()

    desk = open_browser(people.user, viewport=DESK)
    desk.goto("/today/")
    desk.get_by_role("link", name="Offer a time").click()
    fits(desk)
    desk.get_by_label("Day").fill(FRIDAY.isoformat())
    desk.get_by_label("From").fill("16:10")
    pick(desk, "Offer this time")
    expect(desk.get_by_text("It waits for their answer.")).to_be_visible()

    home.goto("/home/")
    home.get_by_role("link", name=re.compile("^Answer")).click()
    home.get_by_role("button", name="Yes, that is right for me").click()
    expect(home.get_by_role("heading", name="It is agreed")).to_be_visible()
    row = Appointment.objects.get(student=people.student)
    assert row.state == "settled" and row.words == "After four on a Friday"
    home.close()

    phone = open_browser(people.mother, viewport=PHONE, reduced_motion="reduce")
    phone.goto(f"/child/{people.student.pk}/meet/")
    expect(phone.get_by_text("You meet").first).to_be_visible()
    fits(phone)
    desk.goto("/families/")
    fits(desk)


def test_a_message_becomes_a_logged_contact_and_so_does_its_answer(people, open_browser):
    home = open_browser(people.mother, viewport=SMALL, reduced_motion="reduce")
    home.goto("/home/")
    home.get_by_role("link", name="Write to").first.click()
    fits(home)
    home.get_by_label("Write to").fill("The bus was late again.")
    pick(home, "Send")
    expect(home.get_by_text("The bus was late again.")).to_be_visible()

    phone = open_browser(people.user, viewport=PHONE, java_script_enabled=False)
    phone.goto("/today/")
    phone.get_by_role("link", name="Read and answer").click()
    phone.get_by_role("link", name="Sunniva").click()
    phone.get_by_label("Write to").fill("I ask about it today.")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Sent, and in the log.")).to_be_visible()
    rows = HomeContact.objects.filter(student=people.student, channel="message").order_by("pk")
    assert [(row.direction, row.outcome) for row in rows] == [("in", "delivered"), ("out", "two_way")]
    home.goto("/home/")
    expect(home.get_by_text("(1 new)")).to_be_visible()
    fits(home)


def test_a_chat_is_asked_for_and_answered(people, open_browser):
    me = open_browser(people.me, viewport=PHONE, java_script_enabled=False)
    me.goto("/my-page/")
    me.get_by_role("link", name="Ask for a chat").click()
    me.get_by_role("button", name="Ask for a chat").click()
    expect(me.get_by_role("heading", name="I asked")).to_be_visible()
    me.close()
    desk = open_browser(people.user, viewport=DESK)
    desk.goto("/families/")
    desk.get_by_role("link", name="Juno").first.click()
    desk.get_by_label("Day").fill(FRIDAY.isoformat())
    desk.get_by_label("From").fill("10:00")
    pick(desk, "Offer this time")
    expect(desk.get_by_text("It is agreed.")).to_be_visible()
    me = open_browser(people.me, viewport=SMALL, reduced_motion="reduce")
    me.goto("/mine/chat/")
    expect(me.get_by_role("heading", name="We have a time")).to_be_visible()
    fits(me)
    pick(me, "I do not need it now")
    expect(me.get_by_text("It is called off.").first).to_be_visible()


def test_a_decision_is_acknowledged_by_keyboard(people, open_browser):
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
    for viewport, script in ((SMALL, False), (DESK, True)):
        page = open_browser(people.mother, viewport=viewport, java_script_enabled=script)
        page.goto("/home/")
        turn = page.get_by_role("link", name=re.compile("^Read it"))
        if script:
            fits(page)
            turn.focus()
            page.keyboard.press("Enter")
            page.get_by_role("radio").first.focus()
            page.keyboard.press("Space")
            pick(page, "Send")
            expect(page.get_by_text("School can see what you said.")).to_be_visible()
        else:
            expect(turn).to_be_visible()
        page.close()
    assert made.readers.get(member=people.link.member_id).answer == "read"
