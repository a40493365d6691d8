"""Students sign in with a card: a name and a code that their keyworker gives them."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from keywork.models import User
from students.models import SignInCard
from tests.world import TODAY, make_student

from .conftest import is_in

pytestmark = pytest.mark.django_db
DOOR = "/accounts/card/"


def door(username, code, client=None):
    client = client or Client()
    return client, client.post(DOOR, {"username": username, "code": code})


def given(world, as_user, student):
    """A card made by the keyworker, read from the paper: name and code."""
    keyworker = as_user(world.u_keyworker)
    here = f"/students/{student.pk}/sign-in-card/"
    page = keyworker.post(here, follow=True)
    assert "Print the card" in page.text
    [page] = PdfReader(BytesIO(keyworker.get(f"{here}card.pdf").content)).pages
    paper = page.extract_text()
    return re.search(r"My name: (\S+)", paper)[1], re.search(r"My code: (\S+)", paper)[1]


def test_a_student_without_an_address_comes_in_by_card_and_sees_no_more(world, as_user, mailoutbox, today):
    jo = make_student("Jó-Anne", "Otherfield")
    world.mina.assignments.filter(user=world.u_keyworker).update(student=jo)
    name, code = given(world, as_user, jo)
    assert name == "joanne2" and re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}", code)
    jo.refresh_from_db()
    assert (jo.user.email, jo.user.roles, jo.user.has_usable_password()) == ("", ["student"], False)
    assert f'value="{name}"' in Client().get(f"{DOOR}?name={name}").text, "the square fills in the name"
    client, answer = door(f" {name.upper()} ", code.lower().replace("-", " "))
    assert answer["Location"] == "/" and is_in(client)
    assert "Jó-Anne" in client.get("/my-page/").text
    for shut in ("/today/", f"/students/{jo.pk}/", "/home/", f"/students/{jo.pk}/sign-in-card/"):
        assert client.get(shut).status_code in (403, 404), shut
    page = client.get("/accounts/2fa/").text
    assert "A code by e-mail" not in page and "You sign in with your card" in client.get("/me/").text
    assert not mailoutbox and User.objects.get(pk=jo.user.pk).last_login

    again = given(world, as_user, jo)
    assert again[0] == name and again[1] != code
    assert client.get("/my-page/").status_code == 302, "whoever is in by the old card is out"
    assert door(name, code)[1].status_code == 422 and is_in(door(*again)[0])
    as_user(world.u_keyworker).post(f"/students/{jo.pk}/sign-in-card/end/")
    assert not is_in(door(*again)[0])


def test_no_card_says_who_has_one_and_guessing_is_limited(world, as_user):
    name, code = given(world, as_user, world.mina)
    wrong = {door(one, "AAAA-AAAA")[1].text.replace(one, "NAME") for one in (name, "nobody7")}
    wrong = {re.sub(r'(csrfmiddlewaretoken|form_key)" value="[^"]+"', "", page) for page in wrong}
    assert len(wrong) == 1 and "The name or the code is not right" in wrong.pop()
    for change, back in (
        (lambda: User.objects.filter(pk=world.u_student.pk).update(is_active=False, deactivated_at="2026-11-01T12:00Z"),
         lambda: User.objects.filter(pk=world.u_student.pk).update(is_active=True)),
        (lambda: User.objects.filter(pk=world.u_student.pk).update(roles=["staff"]),
         lambda: User.objects.filter(pk=world.u_student.pk).update(roles=["student"])),
        (lambda: type(world.mina).objects.filter(pk=world.mina.pk).update(left_on=date(2026, 11, 22)),
         lambda: type(world.mina).objects.filter(pk=world.mina.pk).update(left_on=None)),
    ):  # fmt: skip
        change()
        client, answer = door(name, code)
        assert "The name or the code is not right" in answer.text and not is_in(client)
        back()
    known, _ = door(name, code)
    assert is_in(known)
    known.post("/accounts/logout/")
    for _ in range(4):
        door(name, "AAAA-AAAA")
    late, answer = door(name, code)
    assert "Too many tries" in answer.text and not is_in(late)
    assert is_in(door(name, code, known)[0]), "a stranger who guesses does not lock the student out"


def test_a_second_step_that_the_student_chose_is_asked_after_the_card(world, as_user):
    from .conftest import set_up_app

    name, code = given(world, as_user, world.mina)
    set_up_app(world.u_student)
    client, answer = door(name, code)
    assert answer["Location"].startswith("/accounts/2fa/") and not is_in(client)


def test_who_gives_cards(world, as_user, today):
    here = f"/students/{world.otto.pk}/sign-in-card/"
    assert as_user(world.u_admin).post(here, follow=True).status_code == 200
    assert SignInCard.objects.get().username == "otto2"
    world.otto.left_on = date(2026, 11, 22)
    world.otto.save()
    assert "Otto has left." in as_user(world.u_admin).post(here, follow=True).text
    assert today == TODAY
