"""Which passwords are refused, what the first one is called, and who is locked out by wrong ones."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.world import PASSWORD

from .conftest import choose_password, is_in, link_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "Password1234!",
        "Summer2026!!",
        "qwertyuiop123",
        "{school} school",
        "{school}2026!!",
        "{name}-1234567",
        "{name} {name} {name}",
        "keywork-keywork",
        "x" * 200,
    ],
)
def test_easy_passwords_are_refused(world, password):
    from keywork import school

    user = world.u_head
    user.name = "Ottoline Ravensworth-Pike"
    asked = password.format(school=school.load().name.split()[0], name="Ravensworth")
    with pytest.raises(ValidationError) as refused:
        validate_password(asked, user)
    assert "easy to guess" in str(refused.value) or "too similar" in str(refused.value)


@pytest.mark.parametrize("password", ["brave-heron-counts-stars", "walnut 9 tugboat (lilac)", PASSWORD])
def test_hard_ones_are_taken(world, password):
    validate_password(password, world.u_head)


def test_the_form_says_why_beside_the_field(world, mails, client):
    with mails() as box:
        client.post("/accounts/password/reset/", {"email": world.u_head.email})
    page = choose_password(client, link_in(box[0]), "aaaaaaaaaaaa").content.decode()
    assert "This password is easy to guess" in page and not is_in(client)


def test_the_first_password_is_chosen_not_changed(world, as_user, mails, client):
    with mails() as box:
        as_user(world.u_admin).post(
            "/school/accounts/invite/staff/",
            {"name": "Ines Tate", "email": "ines@school.example", "job_title": "", "roles": ["senco"]},
        )
    link = link_in(box[0])
    with mails() as box:
        choose_password(client, link)
    assert "Your password is set" in client.get("/me/").content.decode()
    assert [mail.subject for mail in box] == ["Your Keywork password was chosen"]
    with mails() as box:
        Client().post("/accounts/password/reset/", {"email": "ines@school.example"})
    again = Client()
    link = link_in(box[0])
    with mails() as box:
        choose_password(again, link, "quiet-lamp-over-rivers")
    assert "Your password is changed" in again.get("/me/").content.decode()
    assert [mail.subject for mail in box] == ["Your Keywork password was changed"]


def test_a_stranger_who_guesses_locks_out_nobody_from_their_own_browser(world):
    email = world.u_keyworker.email
    mine, _ = sign_in(email)
    mine.post("/accounts/logout/")
    assert not is_in(mine)
    stranger = Client()
    for _ in range(6):
        answer = sign_in(email, "wrong-every-time", stranger)[1]
    assert "Too many tries" in answer.content.decode()
    assert "Too many tries" in sign_in(email)[1].content.decode(), "an unknown browser waits, right or wrong"
    assert is_in(sign_in(email, client=mine)[0])


def test_a_known_browser_guesses_no_more_than_five_times_either(world):
    mine, _ = sign_in(world.u_keyworker.email)
    mine.post("/accounts/logout/")
    for _ in range(6):
        answer = sign_in(world.u_keyworker.email, "wrong-every-time", mine)[1]
    assert "Too many tries" in answer.content.decode()


def test_a_cookie_made_by_hand_is_worth_nothing(world):
    stranger = Client()
    stranger.cookies["keywork_browser"] = "eyJ0b2tlbiI6ICIxIn0:1abc:forged"
    for _ in range(6):
        answer = sign_in(world.u_keyworker.email, "wrong-every-time", stranger)[1]
    assert "Too many tries" in answer.content.decode()
