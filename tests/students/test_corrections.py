"""Numbers where the call is made, and who puts them right: nobody had to ask the office for either."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.phones import tel
from students.models import FamilyLink, FamilyMember, Student
from tests.access.records import contact
from tests.forms import form_of
from tests.world import TODAY, assign, make_family, make_student


@pytest.fixture
def numbers(world):
    FamilyMember.objects.filter(pk=world.mina_mum.member_id).update(
        mobile="07700 900321", phone="01632 960184"
    )
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(best_time="after 4 pm")
    return world


def shown(client, url) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_the_usual_number_stands_on_the_card_and_in_the_form(numbers, as_user):
    client = as_user(numbers.u_keyworker)
    for url in ("/today/", reverse("contacts:log_contact", args=[numbers.mina.pk])):
        page = shown(client, url)
        assert 'href="tel:+44-7700-900321"' in page
        assert "<span>Folake Harcastle (mum), after 4 pm</span>" in page
    dad = make_family(numbers.mina, "Theo", "Quay", relationship="dad")
    FamilyMember.objects.filter(pk=dad.member_id).update(mobile="07700 900555")
    contact(numbers.mina, numbers.u_keyworker, member=dad.member)
    assert "07700 900555" in shown(client, "/today/")  # whom home was last reached through
    FamilyLink.objects.filter(pk=dad.pk).update(
        court_restriction="No contact", restricted_from=TODAY - timedelta(days=1)
    )
    page = shown(client, "/today/")
    assert "07700 900555" not in page and "07700 900321" in page


def test_as_many_queries_for_twenty_cards_as_for_one(numbers, as_user):
    client = as_user(numbers.u_keyworker)
    client.get("/today/")
    with CaptureQueriesContext(connection) as one:
        client.get("/today/")
    for n in range(20):
        student = make_student(f"Child{n}", "Many")
        assign(student, numbers.u_keyworker)
        link = make_family(student, f"Parent{n}", "Many")
        FamilyMember.objects.filter(pk=link.member_id).update(mobile=f"07700 9005{n:02d}")
    with CaptureQueriesContext(connection) as many:
        assert "07700 900519" in shown(client, "/today/")
    assert len(many) <= len(one)


@pytest.mark.parametrize("who", ["keyworker", "member", "head"])
def test_the_core_team_corrects_a_number_and_the_old_one_is_kept(numbers, as_user, who):
    client = as_user(getattr(numbers, f"u_{who}"))
    url = reverse("students:number", args=[numbers.mina.pk, numbers.mina_mum.pk])
    link = FamilyLink.objects.select_related("member").get(pk=numbers.mina_mum.pk)
    typed = {
        "mobile": "07700 900999",
        "phone": "01632 960184",
        "best_time": "before school",
    }
    opened_before = form_of(shown(client, url), "best_time")
    wrong = client.post(url, {**typed, "mobile": "0770"})
    assert wrong.status_code == 422
    assert "Write a whole phone number" in wrong.content.decode() and 'value="0770"' in wrong.content.decode()
    assert client.post(url, {**typed, "mobile": "00000 000000"}).status_code == 422, "nobody's number"
    assert client.post(url, typed).status_code == 302
    link.refresh_from_db()
    assert (link.member.mobile, link.best_time) == ("07700 900999", "before school")
    page = shown(client, url)
    assert "07700 900321" in page and "Written on" in page
    again = client.post(url, opened_before | {"mobile": "07700 900111"})
    assert again.status_code == 409 and "07700 900111" in again.content.decode()


def test_read_first_is_changed_by_the_core_team(numbers, as_user):
    url = reverse("students:read_first", args=[numbers.mina.pk])
    client = as_user(numbers.u_mentor)
    client.post(url, {"read_first": "Never ring <b>before</b> nine."})
    assert Student.objects.get(pk=numbers.mina.pk).read_first == "Never ring <b>before</b> nine."
    page = shown(client, url)
    assert "Never ring &lt;b&gt;before&lt;/b&gt; nine." in page and "by Mentor" in page
    people = shown(client, reverse("students:people", args=[numbers.mina.pk]))
    assert url in people and reverse("students:number", args=[numbers.mina.pk, numbers.mina_mum.pk]) in people
    assert as_user(numbers.u_teacher).get(url).status_code == 404
    assert as_user(numbers.u_former).get(url).status_code == 404
    assert as_user(numbers.u_parent).get(url).status_code == 403


def test_a_restricted_number_is_not_to_be_corrected_here(numbers, as_user):
    link = FamilyLink.objects.get(member__user=numbers.u_parent_restricted)
    url = reverse("students:number", args=[link.student_id, link.pk])
    assert as_user(numbers.u_keyworker).get(url).status_code == 404


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("07700 900321", "tel:+44-7700-900321"),
        ("+44 7700 900321", "tel:+44-7700-900321"),
        ("ext 12", "tel:ext12"),
    ],
)
def test_what_a_link_dials(typed, dialled):
    assert tel(typed) == dialled
