"""Who reads which language, on pages and in mail; what a person typed and published forms stay as they are."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from keywork import reader, tasks, words
from keywork.models import User
from portal.invitations import letters_page
from students.actions.codes import letters_for
from students.models import FamilyLink, Student
from tests.access.records import contact
from tsp.questions import templates

pytestmark = pytest.mark.django_db


def lang(page) -> str:
    return re.search(r'<html lang="([\w-]+)"', page.content.decode())[1]


def test_pages_are_in_the_language_that_is_recorded_or_chosen(world, as_user):
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(language="Polish, some English")
    Student.objects.filter(pk=world.mina.pk).update(home_language="Welsh/Cymraeg")
    said = "We spoke about the week."
    contact(world.mina, world.u_keyworker, member=world.mina_mum.member, shared=True, shared_summary=said)
    mum = as_user(world.u_parent)
    page = mum.get("/home/")
    assert "Keyworker: rozmowa z Państwem" in page.content.decode() and said in page.content.decode()
    assert lang(page) == page["Content-Language"] == "pl" and "Państwa kolej" in page.content.decode()
    assert "Tłumaczenie robocze" in page.content.decode() and world.mina.known_as in page.content.decode()
    assert lang(as_user(world.u_student).get("/my-page/")) == "cy"
    staff = as_user(world.u_keyworker)
    assert lang(staff.get("/me/", headers={"accept-language": "pl"})) == "en-GB"
    assert 'id="language"' not in staff.get("/me/").content.decode()

    assert mum.post("/accounts/language/", {"language": "cy", "back": "/me/"})["Location"] == "/me/"
    world.u_parent.refresh_from_db()
    assert world.u_parent.language == "cy" and lang(mum.get("/home/")) == "cy"
    away = mum.post("/accounts/language/", {"language": "xx", "back": "https://elsewhere.example/"})
    assert away["Location"] == "/" and lang(mum.get("/home/")) == "cy"
    assert lang(as_user(world.u_parent).get("/home/")) == "cy"  # of the account, and not of the browser


def test_before_signing_in_it_is_chosen_or_what_the_browser_asks_for(world):
    client = Client()
    assert lang(client.get("/accounts/login/")) == "en-GB"
    assert lang(client.get("/accounts/login/", headers={"accept-language": "pl-PL,en;q=0.8"})) == "pl"
    client.post("/accounts/language/", {"language": "cy", "back": "/accounts/login/"})
    assert lang(client.get("/accounts/login/", headers={"accept-language": "pl"})) == "cy"
    refused = client.post("/accounts/login/", {"login": "", "password": ""})
    assert "Ysgrifennwch eich cyfeiriad e-bost" in refused.content.decode()


def test_mail_and_letters_are_in_the_language_of_who_gets_them(world):
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(language="Polish")
    FamilyLink.objects.filter(member=world.otto_mum.member).update(language="Urdu")
    User.objects.filter(pk=world.u_parent.pk).update(password="!")
    (letter,) = tasks.invitation(world.u_parent.pk)
    assert letter.subject == "Zaproszenie do Keywork" and "Hasło można wybrać tutaj:" in letter.body
    assert reader.language_of(world.u_parent_other) == "en-gb"
    FamilyLink.objects.filter(member=world.mina_mum.member).update(language="Cymraeg")
    world.mina_mum.member.user = None
    world.mina_mum.member.save()
    made = letters_for(members=[world.mina_mum.member, world.otto_mum.member], by=world.u_admin)
    page = letters_page(made)
    assert "Dilyn sut mae eich plentyn yn dod ymlaen" in page and "Follow how your child is doing" in page


def test_a_published_form_is_looked_up_and_a_schools_own_words_stay(world):
    form = templates.current()
    statement = form.areas[0].statements[0]
    with words.speaking("pl"):
        said = statement.wording("student")
        assert said != statement.student and said == words.translated(statement.student)
        assert words.translated("Anna’s own question") == "Anna’s own question"
    assert statement.wording("student") == statement.student
