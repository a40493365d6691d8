"""How families and students come in: by the keyboard alone at three widths, and without script."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from students.actions.codes import give_card, letters_for
from tests.world import make_student

from .hands import WAYS, Hands

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("way", WAYS),
]
CHOSEN = "brave-heron-counts-stars"


def test_a_parent_begins_with_a_letter_and_comes_back_by_code(site, open_browser, way):
    us = site.pair("Fern")
    [letter] = letters_for(members=[us.link.member], by=site.w.u_admin)
    email = f"sunniva{us.student.pk}@home.example"
    home = Hands(open_browser, way)
    home.open("/join/")
    home.write("The code in your letter", letter.code.lower())
    home.write("Your e-mail address", email)
    home.send()
    home.page.wait_for_url("**/password/reset/key/**")
    home.write("Your new password", CHOSEN)
    home.write("The same once more", CHOSEN)
    home.send()
    expect(home.page.get_by_role("heading", name="Fern", exact=True)).to_be_visible()
    home.look()

    home.open("/accounts/logout/")
    home.press("button", "Sign out")
    home.page.wait_for_url("**/accounts/login/**")
    home.press("link", "Send me a code")
    home.write("Your e-mail address", email)
    home.send()
    home.page.wait_for_url("**/accounts/code/**")
    code = next(
        re.search(r"^\d{4}-\d{4}$", one.body, re.MULTILINE)
        for one in reversed(mail.outbox)
        if one.to == [email] and one.subject == "Your code for Keywork"
    )
    assert code is not None
    home.write("The code in the e-mail", code[0])
    home.send()
    expect(home.page.get_by_role("heading", name="Fern", exact=True)).to_be_visible()


def test_a_student_comes_in_with_a_card(site, open_browser, way):
    student = make_student(f"Card{WAYS.index(way)}", "Holder")
    card = give_card(student=student, by=site.w.u_admin)
    me = Hands(open_browser, way)
    me.open("/accounts/login/")
    me.press("link", "Use my card")
    me.write("My name on the card", card.username)
    me.write("The code on the card", "wrong")
    me.send()
    me.see("The name or the code is not right.")
    expect(me.page.get_by_label("My name on the card")).to_have_value(card.username)
    me.write("The code on the card", card.code)
    me.send()
    expect(me.page.get_by_role("heading", level=1)).to_contain_text(f"Hello {student.known_as}")
    me.look()
