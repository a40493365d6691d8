"""A code by e-mail as the second step of those who do not work here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from keywork import clock
from keywork.models import EmailedCode
from keywork.tasks import sign_in_code
from tests.world import PASSWORD

from .conftest import choose_password, is_in, link_in, set_up_app, sign_in

pytestmark = pytest.mark.django_db
CHOOSE, CONFIRM = "/accounts/2fa/by-email/", "/accounts/code/"


def code_in(message) -> str:
    return re.search(r"^\d{4}-\d{4}$", message.body, re.MULTILINE)[0]


def asked_for(mails, email, client=None, **extra):
    """Signed in by password up to the code: the browser, and the mail with it."""
    with mails() as box:
        client, answer = sign_in(email, client=client, **extra)
    assert answer["Location"].startswith(CONFIRM), answer
    return client, box[0]


def test_a_parent_chooses_a_code_and_is_asked_for_it(world, as_user, mails):
    client = as_user(world.u_parent)
    assert "Send me a code when I sign in" in client.get("/accounts/2fa/").content.decode()
    asked = client.post(CHOOSE, {"use": "1"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    page = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": CHOOSE}, follow=True)
    assert "Stop sending codes" in page.content.decode()
    assert "Set up: your sign-in is well guarded" in client.get("/me/").content.decode()

    elsewhere, mail = asked_for(mails, world.u_parent.email)
    assert not is_in(elsewhere) and mail.to == [world.u_parent.email]
    assert "somebody knows your password" in mail.body
    page = elsewhere.get(CONFIRM).content.decode()
    assert "The code in the e-mail" in page and world.u_parent.email in page
    wrong = elsewhere.post(CONFIRM, {"code": "0000-0000", "action": "verify"})
    assert b"That code is not right. Look at the newest e-mail" in wrong.content and not is_in(elsewhere)
    elsewhere.post(CONFIRM, {"code": code_in(mail), "action": "verify"})
    assert is_in(elsewhere)

    client.post(CHOOSE, {})
    assert is_in(sign_in(world.u_parent.email)[0])


def test_another_code_can_be_sent_and_the_old_one_is_dead(world, mails):
    EmailedCode.objects.create(user=world.u_parent)
    client, mail = asked_for(mails, world.u_parent.email)
    with mails() as box:
        client.post(CONFIRM, {"action": "resend"})
    old, new = code_in(mail), code_in(box[0])
    client.post(CONFIRM, {"code": old, "action": "verify"})
    assert not is_in(client)
    client.post(CONFIRM, {"code": new, "action": "verify"})
    assert is_in(client)


def test_three_wrong_codes_and_the_password_is_asked_again(world, mails):
    EmailedCode.objects.create(user=world.u_parent)
    client, mail = asked_for(mails, world.u_parent.email)
    for _ in range(3):
        answer = client.post(CONFIRM, {"code": "0000-0000", "action": "verify"})
    assert answer["Location"] == "/accounts/login/"
    client.post(CONFIRM, {"code": code_in(mail), "action": "verify"})
    assert not is_in(client)


def test_a_code_is_old_after_a_quarter_of_an_hour(world, mails, later):
    EmailedCode.objects.create(user=world.u_parent)
    client, mail = asked_for(mails, world.u_parent.email)
    later(minutes=16)
    client.post(CONFIRM, {"code": code_in(mail), "action": "verify"})
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


ASK = "/accounts/login/code/"


def test_a_code_by_e_mail_instead_of_a_password(world, mails, require_mfa):
    """A parent is in; whoever works here still has their second step before them."""
    for who, opened in ((world.u_parent, True), (world.u_keyworker, False)):
        client = Client()
        assert 'href="/accounts/login/code/"' in client.get("/accounts/login/").text
        with mails() as box:
            assert client.post(ASK, {"email": who.email})["Location"] == CONFIRM
        assert not is_in(client) and "somebody else wrote your address" in box[0].body
        client.post(CONFIRM, {"code": code_in(box[0]), "action": "verify"})
        assert client.session.get("_auth_user_id") == str(who.pk) and is_in(client) is opened
    set_up_app(world.u_parent)
    client = Client()
    with mails() as box:
        client.post(ASK, {"email": world.u_parent.email})
    done = client.post(CONFIRM, {"code": code_in(box[0]), "action": "verify"})
    assert done["Location"].startswith("/accounts/2fa/") and not is_in(client)


def test_nobody_learns_which_addresses_have_an_account(world, mails):
    """The same pages, words and limits for a parent, a stranger and a closed account; two of them get no mail."""
    seen = []
    for email in (world.u_parent.email, "stranger@elsewhere.example", world.u_inactive.email):
        client, pages = Client(), []
        with mails() as box:
            answer = client.post(ASK, {"email": email})
        pages.append((answer.status_code, answer["Location"]))
        pages.append(client.get(CONFIRM).text)
        for code in ("0000-0000", "-", "1111-1111"):
            answer = client.post(CONFIRM, {"code": code, "action": "verify"})
            pages.append((answer.status_code, answer.get("Location"), answer.text))
        tries = [Client().post(ASK, {"email": email}) for _ in range(5)]
        assert "Too many tries" in tries[-1].text and tries[-2].status_code == 302
        told = repr(pages).replace(email, "THEIR ADDRESS")
        seen.append(re.sub(r"value=.{20,}?[\"']|form_key.{80}", "", told))
        assert len(box) == (email == world.u_parent.email)
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("header", [{}, {"X-Requested-With": "XMLHttpRequest"}, {"X-Keywork-Poll": "1"}])
def test_three_guesses_end_a_code_however_they_are_sent(world, mails, header):
    """Tries are counted in the session of somebody who is not signed in yet."""
    client = Client()
    with mails() as box:
        client.post(ASK, {"email": world.u_parent.email})
    was = client.cookies["sessionid"].value
    for _ in range(3):
        client.post(CONFIRM, {"code": "0000-0000", "action": "verify"}, headers=header)
    assert client.cookies["sessionid"].value == was or not header, "and the cookie is left alone"
    client.post(CONFIRM, {"code": code_in(box[0]), "action": "verify"})
    assert not is_in(client)


def test_a_code_that_waited_for_the_mail_server_is_not_sent(world):
    when = clock.now().isoformat()
    asked = {"user": world.u_parent.pk, "nonce": "n", "at": when, "after_password": False}
    assert len(list(sign_in_code(**asked))) == 1
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert list(sign_in_code(**asked)) == []
