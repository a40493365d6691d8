"""The link a parent or carer is sent: whom it can be sent to, what it opens, and what no forging gets out of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import ContactHold
from enquiries.actions import new_code
from enquiries.models import Enquiry
from keywork.outside import digest
from students.models import FamilyLink, FamilyMember
from tests.tsp.factories import TERM, make_sheet
from tests.world import OTHER_SURNAME, TODAY
from tsp.enquiries import TALK
from tsp.enquiries.actions import ask_home
from tsp.models import Answer, Sheet, Tool

pytestmark = pytest.mark.django_db

TOKEN = "of-minas-mother"
URL = f"/enquiries/link/{TOKEN}/"


@pytest.fixture
def link(house):
    """Minas mother was asked by link and is in: a client that is signed in to nothing."""
    ask, code = ask_home(
        by=house.u_keyworker, student=house.mina, term=TERM, member=house.mina_mum.member, days=14
    )
    Enquiry.objects.filter(pk=ask.pk).update(link_digest=digest(TOKEN))
    client = Client()
    assert client.post(URL, {"code": code}).status_code == 302
    client.ask, client.code = ask, code
    return client


@pytest.fixture(autouse=True)
def nothing_told_yet(house):
    """The conversation and the hold of records.py are of today: then nobody would be asked."""
    ContactHold.objects.all().delete()
    Sheet.objects.filter(tool=Tool.PARENT).update(term="2025-26-summer")


def links_of(house) -> dict[str, FamilyLink]:
    return {
        "restricted": FamilyLink.objects.get(member__user=house.u_parent_restricted),
        "ended": FamilyLink.objects.get(member__user=house.u_parent_former),
        "other family": house.otto_mum,
    }


def test_only_whom_one_may_write_to_is_offered(house):
    html = house.clients["keyworker"].get(reverse("tsp:ask_home", args=[house.mina.pk])).content.decode()
    assert "Folake Harcastle" in html and "Ada Quell" in html
    for absent in ("Rufus", "Idris", "Wanda", OTHER_SURNAME, "Non-molestation"):
        assert absent not in html


@pytest.mark.parametrize("who", ["restricted", "ended", "other family"])
@pytest.mark.parametrize("actor", ["keyworker", "coordinator"])
def test_a_forged_parent_is_sent_nothing(house, actor, who):
    url = reverse("tsp:ask_home", args=[house.mina.pk])
    forged = house.clients[actor].post(url, {"member": links_of(house)[who].member_id, "days": "7"})
    assert forged.status_code == 422 and not Enquiry.objects.filter(kind=TALK).exists()
    sent = {
        "member": house.mina_mum.member_id,
        "days": "7",
        "email": "me@evil.example",
        "student": house.otto.pk,
    }
    assert house.clients[actor].post(url, sent).status_code == 200
    ask = Enquiry.objects.get(kind=TALK)
    assert (ask.student, ask.email) == (house.mina, "folake.harcastle@home.example")


@pytest.mark.parametrize(
    "change",
    [
        {"court_restriction": "Order", "restricted_from": TODAY},
        {"ended_on": TODAY},
        {"may_receive_keywork_contact": False},
    ],
)
def test_a_link_dies_with_what_the_office_writes_down(house, link, change):
    never = Client().get("/enquiries/link/never-was-one/")
    assert "Min at home" in link.get(URL).content.decode()
    FamilyLink.objects.filter(pk=house.mina_mum.pk).update(**change)
    for answer in (link.get(URL), link.get(URL, {"ticks": ""}), link.post(URL, {"code": link.code})):
        assert (answer.status_code, answer.content) == (404, never.content)
    told = link.post(URL, {"autosave": "1", "base:home-worries": "0", "home-worries": "In"})
    assert told.status_code == 409 and not Answer.objects.filter(value="In").exists()


def test_a_link_opens_one_sheet_and_nothing_else(house, link):
    """Not the child's pages, nor what another parent said, nor the school; and nobody is signed in by it."""
    father = links_of(house)["restricted"].member
    make_sheet(
        house.mina, house.u_keyworker, Tool.PARENT, member=father, answers={"home-worries": "Fathers words"}
    )
    page = link.get(URL).content.decode()
    for secret in ("Fathers words", "Home words", "Circle words", "Repair words", "Harcastle", OTHER_SURNAME):
        assert secret not in page
    assert set(re.findall(r'href="(/(?!static)[^"]*)"', page)) == {f"{URL}?ticks", "/manifest.webmanifest"}
    for path in ("/home/", f"/tsp/child/{house.mina.pk}/", f"/students/{house.mina.pk}/", "/today/"):
        assert link.get(path).status_code == 302


@pytest.mark.parametrize(
    "forged",
    [
        {"student": "other", "member": "other"},
        {"sheet": "other"},
        {"base:statement:nothing-such": "0", "statement:nothing-such": "yes"},
        {"base:use-in-plan": "0", "use-in-plan": "x"},
        {"base:agreed-actions": "0", "agreed-actions": "We agreed"},
    ],
)
def test_fields_that_no_form_has_change_nothing(house, link, forged):
    theirs = {
        "student": house.otto.pk,
        "member": house.otto_mum.member_id,
        "sheet": house.of[house.otto.pk].conversation.pk,
    }
    data = {name: theirs[name] if value == "other" else value for name, value in forged.items()}
    before = set(Answer.objects.values_list("pk", flat=True))
    link.post(URL, {"autosave": "1", "base:home-worries": "0", "home-worries": "Planted", **data})
    [written] = Answer.objects.exclude(pk__in=before).select_related("sheet")
    assert (written.field, written.value, written.by) == ("home-worries", "Planted", None)
    assert (written.sheet.student, written.sheet.member) == (house.mina, house.mina_mum.member)


def test_an_old_code_and_an_old_way_in_are_worth_nothing(house, link):
    new_code(by=house.u_keyworker, enquiry=link.ask)
    assert "Min at home" not in link.get(URL).content.decode()
    told = link.post(URL, {"autosave": "1", "base:home-worries": "0", "home-worries": "In"})
    assert told.status_code == 409 and not Answer.objects.filter(value="In").exists()


def test_no_account_comes_in_without_the_code(house, link):
    """Not even the mother's own: the address alone is worth nothing."""
    for actor in ("parent", "parent_restricted", "keyworker", "head", "anonymous"):
        page = house.clients[actor].get(URL).content.decode()
        assert "Code of six digits" in page and "Min at home" not in page


def test_an_address_taken_from_one_parent_is_not_anothers(house, link):
    """A member of the family who is a second child's parent too: each link is of one child."""
    FamilyLink.objects.filter(pk=house.mina_mum.pk).update(ended_on=TODAY - timedelta(days=1))
    FamilyLink.objects.create(
        student=house.otto, member=FamilyMember.objects.get(pk=house.mina_mum.member_id)
    )
    assert link.get(URL).status_code == 404
