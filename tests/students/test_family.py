"""Parents and carers by hand: their links, restrictions for the safeguarding lead, parents who work here."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from keywork.access import Can, allows, forget_relations
from students.actions.family import link_staff_parents
from students.models import FamilyLink, FamilyMember
from tests import world as cast
from tests.forms import form_of

GIVEN = {"forename": "Nell", "surname": "Ashdown", "has_pr": "yes", "priority": "2"}
ORDER = "Non-molestation order: no contact."


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


@pytest.fixture
def dsl(world, as_user):
    return as_user(world.u_dsl)


def add(client, student, **given):
    return client.post(reverse("students:family_add", args=[student.pk]), {**GIVEN, **given})


def url(name: str, link: FamilyLink) -> str:
    return reverse(f"students:{name}", args=[link.student_id, link.pk])


def edit(client, link, **given):
    kept = {
        "forename": link.member.forename,
        "surname": link.member.surname,
        "email": link.member.email,
        "mobile": link.member.mobile,
        "relationship": link.relationship,
        "has_pr": link.has_pr,
        "lives_with": "on",
        "priority": link.priority,
        "may_receive_reports": "on",
        "may_receive_keywork_contact": "on",
    }
    return client.post(url("family_edit", link), {**kept, **given})


@pytest.fixture
def dad(world) -> FamilyLink:
    return FamilyLink.objects.select_related("member").get(member__forename="Rufus")


def test_a_carer_is_added_with_everything(admin, world):
    answer = add(
        admin,
        world.mina,
        title="Ms",
        relationship="Foster carer",
        email="Nell@Home.Example",
        mobile="07700 900001",
        phone="01632 960001",
        address="1 Elm Row",
        lives_with="on",
        emergency="on",
        may_receive_keywork_contact="on",
        preferred_channel="text",
        language="Welsh",
        interpreter="on",
        household="Elm Row",
    )
    assert answer.url == reverse("students:people", args=[world.mina.pk])
    link = FamilyLink.objects.select_related("member").get(member__forename="Nell")
    assert (link.member.name, link.member.email, link.member.title) == (
        "Nell Ashdown",
        "nell@home.example",
        "Ms",
    )
    assert (link.relationship, link.has_pr, link.lives_with, link.priority, link.emergency) == (
        "Foster carer",
        "yes",
        True,
        2,
        True,
    )
    assert (link.may_receive_keywork_contact, link.may_receive_reports) == (True, False)
    assert (link.preferred_channel, link.language, link.interpreter, link.household) == (
        "text",
        "Welsh",
        True,
        "Elm Row",
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"forename": "", "surname": ""}, "Write the surname, or the forename of someone who has only that"),
        ({"email": "nell@"}, "Write a whole e-mail address"),
        ({"priority": ""}, "1 for who is rung first"),
        ({"has_pr": "maybe"}, "Choose one of the answers"),
    ],
)
def test_what_is_wrong_is_said(admin, world, given, sentence):
    answer = add(admin, world.mina, relationship="Foster carer", **given)
    text = answer.content.decode()
    assert answer.status_code == 422 and sentence in text and "Foster carer" in text
    assert not FamilyMember.objects.filter(surname="Ashdown").exists()


@pytest.mark.parametrize(
    "given",
    [{"mobile": "0"}, {"phone": "00000 000000"}, {"mobile": "unknown"}, {"email": "none@none.com"}],
)
def test_what_stands_for_none_is_refused(admin, world, dad, given):
    """A file leaves it out with a warning; on the page whoever types it is told. What stands already is in nobody's way."""
    [(name, text)] = given.items()
    words = "address" if name == "email" else "number"
    refused = add(admin, world.mina, **given)
    assert refused.status_code == 422
    assert f"“{text}” is nobody’s {words}. Leave this empty if none is known" in refused.content.decode()
    FamilyMember.objects.filter(pk=dad.member_id).update(**given)
    dad.member.refresh_from_db()
    assert edit(admin, dad, relationship="Father", **given).status_code == 302


def test_a_parent_of_two_is_kept_once(admin, world):
    mum = world.otto_mum.member
    given = {"forename": mum.forename, "surname": mum.surname.upper()}
    asked = add(admin, world.mina, **given)
    assert asked.status_code == 422
    assert "family of Otto Zzyzx-Sentinel: the same person" in asked.content.decode()
    add(admin, world.mina, same_as=str(mum.pk), **given)
    assert FamilyLink.objects.filter(member=mum, ended_on=None).count() == 2
    assert FamilyMember.objects.filter(surname__iexact=mum.surname).count() == 1


def test_a_namesake_can_be_someone_else(admin, world):
    mum = world.otto_mum.member
    add(admin, world.mina, forename=mum.forename, surname=mum.surname, same_as="new")
    assert FamilyMember.objects.filter(surname=mum.surname).count() == 2


def test_details_and_link_are_changed_together(admin, world):
    link = FamilyLink.objects.select_related("member").get(pk=world.mina_mum.pk)
    assert edit(admin, link, mobile="07700 900999", relationship="Mother").status_code == 302
    after = FamilyLink.objects.select_related("member").get(pk=link.pk)
    assert (after.relationship, after.member.mobile) == ("Mother", "07700 900999")
    assert (after.version, after.member.version) == (2, 2)


def test_ending_a_contact_keeps_the_past_and_shuts_the_door(admin, world, as_user):
    parent = as_user(world.u_parent)
    home = Can.VIEW_FAMILY_HOME
    assert allows(world.u_parent, home, world.mina)
    answer = admin.post(url("family_end", world.mina_mum), {"ended_on": "2026-11-24"})
    assert answer.status_code == 422 and "today or earlier" in answer.content.decode()
    admin.post(url("family_end", world.mina_mum), {"ended_on": "2026-11-20"})
    link = FamilyLink.objects.get(pk=world.mina_mum.pk)
    forget_relations(world.u_parent)
    assert link.ended_on == date(2026, 11, 20)
    assert not allows(world.u_parent, home, world.mina)
    assert admin.get(url("family_edit", link)).status_code == 404
    assert parent.get(url("family_edit", link)).status_code == 403


# --------------------------------------------------------------- restrictions


def test_the_order_is_read_by_the_safeguarding_lead_alone(admin, dsl, dad):
    text = admin.get(url("family_edit", dad)).content.decode()
    assert "Do not contact." in text and ORDER not in text
    assert ORDER in dsl.get(url("restriction", dad)).content.decode()
    assert admin.get(url("restriction", dad)).status_code == 403


def test_editing_by_the_administrator_never_touches_the_order(admin, dad):
    edit(admin, dad, court_restriction="", restricted_from="", relationship="father")
    after = FamilyLink.objects.get(pk=dad.pk)
    assert (after.relationship, after.court_restriction, after.restricted_from) == (
        "father",
        ORDER,
        date(2025, 1, 1),
    )


def test_a_restriction_is_set_and_beats_every_flag(dsl, world):
    link = world.mina_mum
    given = {
        "court_restriction": ORDER,
        "restricted_from": "2026-11-01",
        "restricted_until": "2027-01-31",
    }
    assert dsl.post(url("restriction", link), given).status_code == 302
    link.refresh_from_db()
    assert (link.court_restriction, link.restricted_until) == (ORDER, date(2027, 1, 31))
    assert link not in FamilyLink.objects.for_keywork(
        world.today
    ) and link not in FamilyLink.objects.for_reports(world.today)
    forget_relations(world.u_parent)
    assert not allows(world.u_parent, Can.VIEW_FAMILY_HOME, world.mina)


def test_a_restriction_is_lifted(dsl, dad):
    dsl.post(url("restriction", dad), {"lift": "on"})
    dad.refresh_from_db()
    assert (dad.court_restriction, dad.restricted_from, dad.restricted_until) == ("", None, None)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"court_restriction": ORDER}, "Write the day from which it holds"),
        ({"restricted_from": "2026-11-01"}, "Say what the order says"),
        (
            {"court_restriction": ORDER, "restricted_from": "2026-11-01", "restricted_until": "2026-10-01"},
            "on or after the first",
        ),
    ],
)
def test_half_a_restriction_is_refused(dsl, world, given, sentence):
    answer = dsl.post(url("restriction", world.mina_mum), {**given})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert FamilyLink.objects.get(pk=world.mina_mum.pk).restricted_from is None


# ------------------------------------------------------------ two who write at once


def test_another_number_and_another_address_both_stand(admin, world, as_user):
    """One opened the form, another changed the mobile, the first changes the e-mail only."""
    form = form_of(admin.get(url("family_edit", world.mina_mum)).content.decode(), "best_time")
    as_user(world.u_keyworker).post(url("number", world.mina_mum), {"mobile": "07700 900999"})
    answer = admin.post(
        url("family_edit", world.mina_mum), form | {"email": "folake@new.example"}, follow=True
    )
    member = FamilyMember.objects.get(pk=world.mina_mum.member_id)
    assert (member.mobile, member.email) == ("07700 900999", "folake@new.example")
    assert "Keyworker changed “Mobile” while you were writing. That is kept too." in answer.content.decode()


def test_the_same_number_changed_twice_is_asked_about(admin, world, as_user):
    form = form_of(admin.get(url("family_edit", world.mina_mum)).content.decode(), "best_time")
    as_user(world.u_keyworker).post(url("number", world.mina_mum), {"mobile": "07700 900999"})
    answer = admin.post(url("family_edit", world.mina_mum), form | {"mobile": "07700 900111", "has_pr": "no"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Keyworker wrote" in page and "07700 900999" in page and 'value="07700 900111"' in page
    theirs = re.search(r'name="(choice:mobile)" value="(theirs[^"]+)"', page)
    again = form_of(page, "best_time") | {theirs[1]: theirs[2]}
    assert admin.post(url("family_edit", world.mina_mum), again).status_code == 302
    link = FamilyLink.objects.select_related("member").get(pk=world.mina_mum.pk)
    assert (link.member.mobile, link.has_pr) == ("07700 900999", "no")


# ------------------------------------------------------------ parents on staff


def test_a_parent_who_works_here_is_shut_out_of_their_childs_record(admin, world):
    teacher = world.u_teacher
    assert allows(teacher, Can.VIEW_STUDENT, world.mina)
    answer = admin.post(
        reverse("students:family_add", args=[world.mina.pk]),
        {**GIVEN, "email": teacher.email.upper()},
        follow=True,
    )
    forget_relations(teacher)
    assert "works here" in answer.content.decode()
    assert not allows(teacher, Can.VIEW_STUDENT, world.mina)
    # Being tied to an account gives no role: that is the administrator's to give.
    assert teacher.roles == ["staff"] and not allows(teacher, Can.VIEW_FAMILY_HOME, world.mina)


def test_an_email_changed_to_one_of_staff_shuts_them_out_too(admin, world):
    link = FamilyLink.objects.select_related("member").get(member__forename="Idris")
    FamilyLink.objects.filter(pk=link.pk).update(ended_on=None)
    FamilyMember.objects.filter(pk=link.member_id).update(user=None)
    edit(admin, link, email=world.u_keyworker.email)
    forget_relations(world.u_keyworker)
    assert not allows(world.u_keyworker, Can.VIEW_STUDENT, world.mina)


def test_accounts_made_later_are_tied_then(world):
    nell = FamilyMember.objects.create(forename="Nell", surname="Ashdown", email="new.staff@school.example")
    other = FamilyMember.objects.create(forename="Al", surname="Home", email="al@home.example")
    assert link_staff_parents() == 0
    staff = cast.make_user("new.staff", "staff")
    cast.make_user("al", "family")
    assert link_staff_parents() == 1
    nell.refresh_from_db()
    other.refresh_from_db()
    assert (nell.user, other.user) == (staff, None)


# --------------------------------------------------------------------- access


@pytest.mark.parametrize("name", ["keyworker", "head", "coordinator", "dsl", "parent", "student"])
def test_only_the_administrator_changes_family(world, as_user, dad, name):
    client = as_user(world.users[name])
    assert add(client, world.mina).status_code == 403
    assert edit(client, dad).status_code == 403
    assert client.post(url("family_end", dad), {"ended_on": "2026-11-20"}).status_code == 403
    assert FamilyLink.objects.get(pk=dad.pk).ended_on is None


@pytest.mark.parametrize("name", ["admin", "keyworker", "head", "senco", "parent_restricted"])
def test_only_the_safeguarding_lead_reads_or_writes_restrictions(world, as_user, dad, name):
    client = as_user(world.users[name])
    assert client.get(url("restriction", dad)).status_code == 403
    assert client.post(url("restriction", dad), {"lift": "on"}).status_code == 403
    assert FamilyLink.objects.get(pk=dad.pk).court_restriction == ORDER


def test_a_link_of_one_student_is_not_found_under_another(admin, world):
    assert (
        admin.get(reverse("students:family_edit", args=[world.mina.pk, world.otto_mum.pk])).status_code == 404
    )
