"""A code by e-mail as the second step of those who do not work here."""

from __future__ import annotations

import re

import pytest

from keywork.models import EmailedCode
from tests.world import PASSWORD

from .conftest import choose_password, is_in, link_in, set_up_app, sign_in

pytestmark = pytest.mark.django_db
CHOOSE, CONFIRM = "/accounts/2fa/by-email/", "/accounts/code/"


def code_in(message) -> str:
    return re.search(r"^\d{4}-\d{4}$", message.body, re.MULTILINE)[0]


def test_a_parent_chooses_a_code_and_is_asked_for_it(world, as_user, mailoutbox):
    client = as_user(world.u_parent)
    assert "Send me a code when I sign in" in client.get("/accounts/2fa/").content.decode()
    asked = client.post(CHOOSE, {"use": "1"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    page = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": CHOOSE}, follow=True)
    assert "Stop sending codes" in page.content.decode()
    assert "Set up: your sign-in is well guarded" in client.get("/me/").content.decode()

    elsewhere, answer = sign_in(world.u_parent.email)
    assert answer["Location"] == CONFIRM and not is_in(elsewhere)
    assert mailoutbox[-1].to == [world.u_parent.email]
    page = elsewhere.get(CONFIRM).content.decode()
    assert "The code in the e-mail" in page and world.u_parent.email in page
    wrong = elsewhere.post(CONFIRM, {"code": "0000-0000", "action": "verify"})
    assert b"That code is not right. Look at the newest e-mail" in wrong.content and not is_in(elsewhere)
    elsewhere.post(CONFIRM, {"code": code_in(mailoutbox[-1]), "action": "verify"})
    assert is_in(elsewhere)

    client.post(CHOOSE, {})
    assert is_in(sign_in(world.u_parent.email)[0])


def test_another_code_can_be_sent_and_the_old_one_is_dead(world, mailoutbox):
    EmailedCode.objects.create(user=world.u_parent)
    client, _ = sign_in(world.u_parent.email)
    client.post(CONFIRM, {"action": "resend"})
    old, new = map(code_in, mailoutbox)
    client.post(CONFIRM, {"code": old, "action": "verify"})
    assert not is_in(client)
    client.post(CONFIRM, {"code": new, "action": "verify"})
    assert is_in(client)


def test_three_wrong_codes_and_the_password_is_asked_again(world, mailoutbox):
    EmailedCode.objects.create(user=world.u_parent)
    client, _ = sign_in(world.u_parent.email)
    for _ in range(3):
        answer = client.post(CONFIRM, {"code": "0000-0000", "action": "verify"})
    assert answer["Location"] == "/accounts/login/"
    client.post(CONFIRM, {"code": code_in(mailoutbox[-1]), "action": "verify"})
    assert not is_in(client)


def test_a_code_is_old_after_a_quarter_of_an_hour(world, mailoutbox, later):
    EmailedCode.objects.create(user=world.u_parent)
    client, _ = sign_in(world.u_parent.email)
    later(minutes=16)
    client.post(CONFIRM, {"code": code_in(mailoutbox[-1]), "action": "verify"})
    assert not is_in(client)


def test_an_app_goes_before_and_a_link_from_the_same_mailbox_is_enough(world, client, mails):
    EmailedCode.objects.create(user=world.u_parent)
    EmailedCode.objects.create(user=world.u_student)
    set_up_app(world.u_parent)
    _, answer = sign_in(world.u_parent.email)
    assert answer["Location"].startswith("/accounts/2fa/")
    with mails() as box:
        client.post("/accounts/password/reset/", {"email": world.u_student.email})
    choose_password(client, link_in(box[0]))
    assert is_in(client)


def test_staff_need_more_than_a_code_by_e_mail(world, as_user):
    client = as_user(world.u_keyworker)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post(CHOOSE, {"use": "1"}).status_code == 403
    assert client.get(CHOOSE).status_code == 405
    assert "A code by e-mail" not in client.get("/accounts/2fa/").content.decode()
    assert not EmailedCode.objects.exists()
