"""Administrators invite, change, close and open accounts, through their pages."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from keywork.access import Can, allows, forget_relations
from keywork.models import User
from keywork.roles import ROLES
from students.models import FamilyMember
from tests.forms import form_of
from tests.world import OTHER_SURNAME, PASSWORD, TODAY, make_family, make_user

from .conftest import choose_password, is_in, link_in, set_up_app, sign_in

pytestmark = pytest.mark.django_db
STAFF_FORM = {
    "name": "Ines Marlow-Tate",
    "email": "Ines@School.Example",
    "job_title": "Keyworker",
    "roles": ["senco"],
}


@pytest.fixture
def admin(world, as_user):
    """Has just said that it is they (asking for it is tested at the end)."""
    client = as_user(world.u_admin)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def invite(admin, mails, form=STAFF_FORM, path="/school/accounts/invite/staff/"):
    with mails() as box:
        answer = admin.post(path, form)
    return answer, box


# ------------------------------------------------------------------ inviting


def test_invitation_there_and_back(admin, mails, client):
    answer, box = invite(admin, mails)
    made = User.objects.get(email="ines@school.example")
    assert answer["Location"] == f"/school/accounts/{made.pk}/"
    assert made.roles == ["staff", "senco"] and not made.has_usable_password()
    assert [m.to for m in box] == [["ines@school.example"]]
    assert b"not in yet" in admin.get(answer["Location"]).content

    with mails():
        done = choose_password(client, link_in(box[0]))
    assert done.status_code == 302 and is_in(client)
    assert b"no longer works" in Client().get(link_in(box[0])).content, "a link works once"
    assert is_in(sign_in("ines@school.example", "brave-heron-counts-stars")[0])


def test_who_has_just_chosen_a_password_is_not_asked_whether_it_is_still_they(admin, mails, client, later):
    _, box = invite(admin, mails)
    with mails():
        choose_password(client, link_in(box[0]))
    app = "/accounts/2fa/totp/activate/"
    assert client.get(app).status_code == 200
    later(minutes=10)
    assert client.get(app)["Location"].startswith("/accounts/reauthenticate/")
    new = {
        "oldpassword": "brave-heron-counts-stars",
        "password1": "calm-otter-7-lanterns",
        "password2": "calm-otter-7-lanterns",
    }
    with mails():
        assert client.post("/accounts/password/change/", new).status_code == 302
    assert client.get(app).status_code == 200


def test_link_lasts_seven_days(admin, mails, client, later):
    _, box = invite(admin, mails)
    later(days=6, hours=23)
    assert client.get(link_in(box[0])).status_code == 302
    later(hours=2)
    assert b"no longer works" in client.get(link_in(box[0])).content


def test_invited_person_sets_up_a_second_step_first(admin, mails, client, require_mfa, world):
    set_up_app(world.u_admin)
    _, box = invite(admin, mails)
    with mails():
        choose_password(client, link_in(box[0]))
    assert client.get("/today/")["Location"] == "/accounts/2fa/"


def test_mail_names_no_student_and_leads_home(admin, mails, world, settings):
    settings.BASE_URL = "https://keywork.aldermere.example"
    _, box = invite(
        admin,
        mails,
        {"email": "folake@home.example"},
        f"/school/accounts/invite/family/?member={fresh(world.mina).pk}",
    )
    assert "Mina" not in box[0].body + box[0].subject and "Harcastle" not in box[0].subject
    assert "https://keywork.aldermere.example/accounts/password/reset/key/" in box[0].body


def fresh(student, **fields) -> FamilyMember:
    """A parent with no account yet."""
    return make_family(student, "Noor", "Ellerby", **fields).member


def test_typed_words_stay_after_a_refusal(admin, mails, world):
    answer, box = invite(admin, mails, {**STAFF_FORM, "email": world.u_head.email})
    text = answer.content.decode()
    assert answer.status_code == 422 and not box
    assert "Head signs in with this address already" in text and "Ines Marlow-Tate" in text


def test_roles_of_families_cannot_be_given_to_staff(admin, mails):
    answer, _ = invite(admin, mails, {**STAFF_FORM, "roles": ["family"]})
    assert answer.status_code == 422
    assert not User.objects.filter(email="ines@school.example").exists()


def test_again_until_a_password_is_chosen(admin, mails, client, world):
    _, first = invite(admin, mails)
    old = link_in(first[0])
    made = User.objects.get(email="ines@school.example")
    url = f"/school/accounts/{made.pk}/"
    again = form_of(admin.get(url).content.decode(), "email") | {"again": "1"}
    with mails() as box:
        page = admin.post(url, again, follow=True)
    assert b"The invitation is on its way to ines@school.example." in page.content
    with mails():
        choose_password(client, link_in(box[0]))
    assert b"no longer works" in Client().get(old).content
    assert b"send the invitation again" not in admin.get(url).content
    late = form_of(admin.get(url).content.decode(), "email") | {"again": "1"}
    with mails() as box:
        page = admin.post(url, late)
    assert page.status_code == 422 and not box and b"has chosen a password already" in page.content


def test_an_address_typed_before_it_is_sent_again_is_the_one_written_to(admin, mails):
    invite(admin, mails)
    made = User.objects.get(email="ines@school.example")
    url = f"/school/accounts/{made.pk}/"
    typed = form_of(admin.get(url).content.decode(), "email") | {"email": "ines@new.example", "again": "1"}
    with mails() as box:
        admin.post(url, typed)
    assert [mail.to for mail in box if "invited" in mail.subject.lower() or "password" in mail.body] == [
        ["ines@new.example"]
    ]
    made.refresh_from_db()
    assert made.email == "ines@new.example"


def test_parent_found_by_child_and_invited(admin, mails, client, world):
    noor = fresh(world.mina)
    page = admin.get("/school/accounts/invite/family/?q=min ellerby")
    assert "Noor Ellerby" in page.content.decode() and "mum of" in page.content.decode().lower()
    _, box = invite(
        admin, mails, {"email": "noor@home.example"}, f"/school/accounts/invite/family/?member={noor.pk}"
    )
    noor.refresh_from_db()
    assert noor.user.roles == ["family"] and noor.user.name == "Noor Ellerby"
    with mails():
        choose_password(client, link_in(box[0]))
    assert is_in(client)
    assert allows(noor.user, Can.VIEW_FAMILY_HOME, world.mina)
    assert not allows(noor.user, Can.VIEW_FAMILY_HOME, world.otto)


def test_restricted_parent_is_not_invited(admin, mails, world):
    barred = fresh(world.mina, restricted_from="2026-01-01", court_restriction="No contact.")
    answer, box = invite(
        admin, mails, {"email": "noor@home.example"}, f"/school/accounts/invite/family/?member={barred.pk}"
    )
    assert answer.status_code == 422 and b"A court restriction is in force" in answer.content and not box
    assert b"No contact." not in answer.content


def test_two_parents_cannot_share_an_address(admin, mails, world):
    noor = fresh(world.mina)
    answer, _ = invite(
        admin, mails, {"email": world.u_parent.email}, f"/school/accounts/invite/family/?member={noor.pk}"
    )
    assert answer.status_code == 422 and b"Each person needs their own address" in answer.content
    noor.refresh_from_db()
    assert noor.user is None


def test_student_invited(admin, mails, world):
    world.mina.user = None
    world.mina.save()
    page = admin.get("/school/accounts/invite/student/?q=min")
    assert f"?student={world.mina.pk}" in page.content.decode()
    _, box = invite(
        admin,
        mails,
        {"email": "min@school.example"},
        f"/school/accounts/invite/student/?student={world.mina.pk}",
    )
    world.mina.refresh_from_db()
    assert world.mina.user.roles == ["student"] and len(box) == 1
    again, _ = invite(
        admin,
        mails,
        {"email": "min2@school.example"},
        f"/school/accounts/invite/student/?student={world.mina.pk}",
    )
    assert again.status_code == 422


def test_staff_parent_is_shut_out_from_the_first_day(admin, mails, world):
    """The invited address is the one on file for a parent: the account is tied, and gets no role by it."""
    parent = fresh(world.mina)
    FamilyMember.objects.filter(pk=parent.pk).update(email="INES@school.example")
    invite(admin, mails)
    made = User.objects.get(email="ines@school.example")
    parent.refresh_from_db()
    assert parent.user == made and made.roles == ["staff", "senco"]
    assert allows(made, Can.VIEW_STUDENT, world.otto)
    assert not allows(made, Can.VIEW_STUDENT, world.mina) and not allows(
        made, Can.VIEW_FAMILY_HOME, world.mina
    )
    answer, _ = invite(
        admin, mails, {"email": made.email}, f"/school/accounts/invite/family/?member={parent.pk}"
    )
    assert answer.status_code == 302
    made.refresh_from_db()
    forget_relations(made)
    assert "family" in made.roles and allows(made, Can.VIEW_FAMILY_HOME, world.mina)
    assert not allows(made, Can.VIEW_STUDENT, world.mina)


def test_own_child_is_not_found_by_an_administrator(world, as_user):
    world.u_staff_parent.roles = ["staff", "admin", "family"]
    world.u_staff_parent.save()
    client = as_user(world.u_staff_parent)
    assert b"Nobody is found" in client.get("/school/accounts/invite/student/?q=harcastle").content
    assert OTHER_SURNAME.encode() in client.get(f"/school/accounts/invite/student/?q={OTHER_SURNAME}").content


# ------------------------------------------------------------------ changing


def test_change_name_and_roles(admin, world):
    user = world.u_keyworker
    form = {"name": "Kay Worker", "email": user.email, "job_title": "Tutor", "roles": ["transition", "senco"]}
    admin.post(f"/school/accounts/{user.pk}/", form)
    user.refresh_from_db()
    assert (user.name, user.job_title, user.roles) == (
        "Kay Worker",
        "Tutor",
        ["staff", "senco", "transition"],
    )
    page = admin.get(f"/school/accounts/{user.pk}/").content.decode()
    assert "Details or roles changed" in page and "by Admin" in page


def test_an_old_page_undoes_no_role_given_meanwhile(admin, world):
    user, path = world.u_keyworker, f"/school/accounts/{world.u_keyworker.pk}/"
    first, second = (form_of(admin.get(path).content.decode(), "job_title") for _ in range(2))
    admin.post(path, first | {"roles": ["senco"]})
    assert admin.post(path, second | {"job_title": "Tutor"})["Location"] == path
    user.refresh_from_db()
    assert (user.job_title, user.roles) == ("Tutor", ["staff", "senco"])
    assert "“Roles”" in admin.get(path).content.decode(), "and it is said"


def test_where_both_changed_the_roles_one_chooses(admin, world):
    user, path = world.u_keyworker, f"/school/accounts/{world.u_keyworker.pk}/"
    first, second = (form_of(admin.get(path).content.decode(), "job_title") for _ in range(2))
    admin.post(path, first | {"roles": ["senco"]})
    answer = admin.post(path, second | {"roles": ["dsl"]})
    page = answer.content.decode()
    assert answer.status_code == 409 and "You, in another tab, changed “Roles” while you were writing" in page
    assert f">{ROLES['senco'].name}</blockquote>" in page
    theirs = re.search(r'name="(choice:roles)" value="(theirs[^"]+)"', page)
    admin.post(path, form_of(page, "job_title") | {theirs[1]: theirs[2]})
    user.refresh_from_db()
    assert user.roles == ["staff", "senco"]


def test_staff_parent_keeps_being_a_parent(admin, world):
    user = world.u_staff_parent
    admin.post(f"/school/accounts/{user.pk}/", {"name": user.name, "email": user.email, "roles": []})
    user.refresh_from_db()
    assert user.roles == ["staff", "family"]


def test_parents_get_no_roles(admin, world):
    user = world.u_parent
    admin.post(f"/school/accounts/{user.pk}/", {"name": user.name, "email": user.email, "roles": ["dsl"]})
    user.refresh_from_db()
    assert user.roles == ["family"]


def test_the_last_administrator_stays_one(admin, world):
    user = world.u_admin
    form = {"name": user.name, "email": user.email, "roles": []}
    refused = admin.post(f"/school/accounts/{user.pk}/", form)
    assert refused.status_code == 422 and b"This is the only administrator" in refused.content
    make_user("gone", "staff admin", active=False)
    assert admin.post(f"/school/accounts/{user.pk}/", form).status_code == 422, (
        "a closed account is no administrator"
    )
    make_user("second", "staff admin")
    assert admin.post(f"/school/accounts/{user.pk}/", form).status_code == 302
    user.refresh_from_db()
    assert user.roles == ["staff"]
    assert admin.get("/school/accounts/").status_code == 403


def test_new_address_is_told_to_the_old_one_and_shuts_it(admin, world, mails):
    user = world.u_keyworker
    sign_in(user.email)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    old = user.email
    with mails() as box:
        admin.post(
            f"/school/accounts/{user.pk}/", {"name": user.name, "email": "new@school.example", "roles": []}
        )
    told = [mail for mail in box if "who may do what" not in mail.subject]
    assert [m.to for m in told] == [[old]]
    assert not is_in(sign_in(old)[0])
    assert is_in(sign_in("new@school.example")[0])


def test_taken_address_is_refused(admin, world):
    user = world.u_keyworker
    answer = admin.post(
        f"/school/accounts/{user.pk}/", {"name": user.name, "email": world.u_head.email, "roles": []}
    )
    assert answer.status_code == 422 and b"Someone else signs in with this address" in answer.content


# ------------------------------------------------------------------ closing and opening


def close(admin, user, reason="Left the school"):
    return admin.post(
        f"/school/accounts/{user.pk}/close/", {"close-reason": reason, "close-at_once": "on"}, follow=True
    )


def test_closing_signs_out_at_once_and_for_good(admin, world, mails):
    theirs, _ = sign_in(world.u_keyworker.email)
    assert is_in(theirs)
    close(admin, world.u_keyworker)
    lost = theirs.get("/today/")
    assert lost.status_code == 302 and lost["Location"].startswith("/accounts/login/")
    assert not is_in(sign_in(world.u_keyworker.email)[0])

    with mails() as box:
        admin.post(f"/school/accounts/{world.u_keyworker.pk}/reopen/", {"reopen-reason": "Came back"})
    assert not is_in(theirs), "the session of before stays dead"
    assert not is_in(sign_in(world.u_keyworker.email)[0]), "and so does the password of before"
    back = Client()
    with mails():
        choose_password(back, link_in(box[0]))
    assert is_in(back)


def test_a_link_sent_before_dies_with_the_account(admin, world, mails, client):
    with mails() as box:
        client.post("/accounts/password/reset/", {"email": world.u_keyworker.email})
    close(admin, world.u_keyworker)
    assert b"no longer works" in client.get(link_in(box[0])).content


def test_posts_of_a_closed_account_are_listed_for_handing_over(admin, world):
    page = close(admin, world.u_keyworker).content.decode()
    assert "Nobody has taken these over" in page and "Harcastle" in page
    assert OTHER_SURNAME not in page
    assert world.mina.assignments.filter(user=world.u_keyworker, ends_on__isnull=True).exists(), (
        "not ended by itself"
    )


def test_of_a_leaver_whose_last_day_is_today_nobody_says_that_none_follows(admin, world):
    world.u_keyworker.assignments.filter(ends_on__isnull=True).update(ends_on=TODAY)
    page = close(admin, world.u_keyworker).content.decode()
    assert "Harcastle" in page and "until Monday 23 November 2026" in " ".join(page.split())
    assert "Nobody has taken these over" not in page


def test_closing_needs_a_reason_and_keeps_it(admin, world):
    page = close(admin, world.u_keyworker, "  ")
    world.u_keyworker.refresh_from_db()
    assert page.status_code == 422 and world.u_keyworker.is_active
    assert "Left the school" in close(admin, world.u_keyworker).content.decode()


def test_nobody_closes_their_own_account_or_the_last_administrator(admin, world, as_user):
    assert close(admin, world.u_admin).status_code == 422
    world.u_admin.refresh_from_db()
    assert world.u_admin.is_active


def test_lost_phone(admin, world, mails, require_mfa):
    set_up_app(world.u_admin)
    set_up_app(world.u_keyworker)
    thief = Client()
    thief.force_login(world.u_keyworker)
    assert is_in(thief)
    User.objects.filter(pk=world.u_keyworker.pk).update(last_login="2026-11-20T08:00Z")
    with mails() as box:
        admin.post(
            f"/school/accounts/{world.u_keyworker.pk}/reset/", {"reset-reason": "Phone stolen on the train"}
        )
    assert not is_in(thief)
    assert not is_in(sign_in(world.u_keyworker.email)[0])
    mine = Client()
    with mails():
        choose_password(mine, link_in(box[0]))
    assert mine.get("/me/")["Location"] == "/accounts/2fa/", "signed in, and a second step is to be set up"


# ------------------------------------------------------------------ the list, and whom it is for


def test_list_filters_and_searches(admin, world):
    def names(query):
        return {row.record.name for row in admin.get(f"/school/accounts/?{query}").context["table"].rows}

    assert "Inactive" not in names("") and "Keyworker" in names("")
    assert names("state=closed") == {"Inactive"}
    assert names("q=HEAD@school") == {"Head"}
    assert names("role=dsl") == {"Dsl"}
    assert names("kind=student") == {"Student", "Student Other"}
    assert "Staff Parent" in names("kind=family") & names("kind=staff")
    assert names("q=nobody-like-this") == set()


def test_as_many_queries_for_fifty_as_for_one(admin, world):
    def count():
        with CaptureQueriesContext(connection) as caught:
            assert admin.get("/school/accounts/?q=paging").status_code == 200
        return len(caught)

    make_user("paging0", "staff")
    count()
    one = count()
    User.objects.bulk_create(
        User(email=f"paging{n}@school.example", name=f"Paging {n}", roles=["staff"], password="!")
        for n in range(1, 50)
    )
    assert count() == one <= 12


@pytest.mark.parametrize("who", ["keyworker", "head", "dsl", "parent", "student", "nobody"])
def test_only_for_administrators(world, as_user, who):
    client = as_user(world.users[who])
    pk = world.u_deputy.pk
    for path in ("", "invite/staff/", "invite/family/", "invite/student/", f"{pk}/"):
        assert client.get(f"/school/accounts/{path}").status_code == 403
    for path in ("invite/staff/", f"{pk}/", f"{pk}/close/", f"{pk}/reopen/", f"{pk}/reset/"):
        assert client.post(f"/school/accounts/{path}", {"close-reason": "x", **STAFF_FORM}).status_code == 403
    world.u_deputy.refresh_from_db()
    assert world.u_deputy.is_active and world.u_deputy.check_password(PASSWORD)


# ------------------------------------------------------------------ rights of rights


def test_nobody_gives_themselves_a_role(admin, world, mails):
    user = world.u_admin
    form = {"name": user.name, "email": user.email, "roles": ["admin", "dsl"]}
    refused = admin.post(f"/school/accounts/{user.pk}/", form)
    assert refused.status_code == 422 and b"Nobody gives themselves a role" in refused.content
    noor = fresh(world.mina)
    refused = admin.post(f"/school/accounts/invite/family/?member={noor.pk}", {"email": user.email})
    assert refused.status_code == 422 and b"Nobody makes themselves a parent" in refused.content
    user.refresh_from_db()
    assert user.roles == ["staff", "admin"]


def test_an_administrator_does_not_find_their_own_child_under_a_colleague_s_posts(world, as_user):
    world.u_staff_parent.roles = ["staff", "admin", "family"]
    world.u_staff_parent.save()
    page = as_user(world.u_staff_parent).get(f"/school/accounts/{world.u_keyworker.pk}/").content.decode()
    assert "Harcastle" not in page and "Students who count on" not in page
    other = as_user(world.u_admin).get(f"/school/accounts/{world.u_keyworker.pk}/").content.decode()
    assert "Harcastle" in other


def test_the_invitation_says_what_keywork_is_for(admin, mails, world):
    _, box = invite(admin, mails)
    assert "who each student’s keyworker is" in box[0].body
    _, box = invite(
        admin,
        mails,
        {"email": "noor@home.example"},
        f"/school/accounts/invite/family/?member={fresh(world.mina).pk}",
    )
    assert "keep in touch about your child" in box[0].body


# ------------------------------------------------------------------ rights of rights


@pytest.fixture
def idle_admin(world, as_user):
    """Signed in long ago."""
    return as_user(world.u_admin)


@pytest.mark.parametrize("role", ["dsl", "head", "headteacher", "admin"])
def test_a_guarded_role_asks_who_it_is_and_head_and_dsl_are_told(idle_admin, world, mails, role):
    user, path = world.u_keyworker, f"/school/accounts/{world.u_keyworker.pk}/"
    form = {"name": "Kay Quince", "email": user.email, "roles": ["senco", role]}
    with mails() as box:
        asked = idle_admin.post(path, form)
    assert asked["Location"].startswith("/accounts/reauthenticate/") and not box
    user.refresh_from_db()
    assert user.roles == ["staff"]
    with mails() as box:
        wrong = idle_admin.post(asked["Location"], {"password": "not-this-one", "next": path})
        assert b"That is not your password" in wrong.content
        done = idle_admin.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    assert done["Location"] == path, "what was sent is done now"
    user.refresh_from_db()
    assert user.name == "Kay Quince" and set(user.roles) == {"staff", "senco", role}
    told = [mail for mail in box if "who may do what" in mail.subject]
    assert sorted(mail.to[0] for mail in told) == [world.u_dsl.email, world.u_head.email]
    assert "Admin changed the account of Kay Quince" in told[0].body and "Given: " in told[0].body


def test_taking_a_guarded_role_away_is_told_to_whoever_had_it(idle_admin, world, mails):
    path = f"/school/accounts/{world.u_dsl.pk}/"
    form = {"name": world.u_dsl.name, "email": world.u_dsl.email, "roles": []}
    assert "reauthenticate" in idle_admin.post(path, form)["Location"]
    with mails() as box:
        idle_admin.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    assert sorted(mail.to[0] for mail in box) == [world.u_dsl.email, world.u_head.email]
    assert "Taken away: Designated safeguarding lead" in box[0].body


def test_another_address_asks_who_it_is_and_is_told(idle_admin, world, mails):
    path = f"/school/accounts/{world.u_parent.pk}/"
    form = {"name": world.u_parent.name, "email": "new@home.example"}
    assert "reauthenticate" in idle_admin.post(path, form)["Location"]
    world.u_parent.refresh_from_db()
    assert world.u_parent.email != "new@home.example"
    with mails() as box:
        idle_admin.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    to = {mail.to[0] for mail in box}
    assert {world.u_dsl.email, world.u_head.email, "parent@school.example"} <= to
    world.u_parent.refresh_from_db()
    assert world.u_parent.email == "new@home.example"


def test_inviting_an_administrator_asks_who_it_is(idle_admin, world, mails):
    path = "/school/accounts/invite/staff/"
    form = {**STAFF_FORM, "roles": ["admin"]}
    assert "reauthenticate" in idle_admin.post(path, form)["Location"]
    assert not User.objects.filter(email="ines@school.example").exists()
    with mails() as box:
        idle_admin.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    assert {mail.to[0] for mail in box} == {"ines@school.example", world.u_dsl.email, world.u_head.email}


def test_a_refusal_after_that_keeps_what_was_typed_and_its_address(idle_admin, world):
    path = f"/school/accounts/{world.u_parent.pk}/"
    idle_admin.post(path, {"name": "Kept Name", "email": world.u_head.email})
    page = idle_admin.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    text = page.content.decode()
    assert page.status_code == 422 and "Kept Name" in text and "Someone else signs in" in text
    assert f'action="{path}"' in text


def test_everyday_changes_ask_nothing(idle_admin, world, mails):
    path = f"/school/accounts/{world.u_keyworker.pk}/"
    form = {"name": "Kay", "email": world.u_keyworker.email.upper(), "roles": ["senco"]}
    with mails() as box:
        assert idle_admin.post(path, form)["Location"] == path
    assert not box


def test_an_administrator_neither_opens_nor_changes_accounts_of_their_own_child(world, as_user):
    me = world.u_staff_parent
    me.roles = ["staff", "admin", "family"]
    me.save()
    client = as_user(me)
    listed = client.get("/school/accounts/?state=all").content.decode()
    for user in (world.u_student, world.u_parent, world.u_parent_restricted):
        path = f"/school/accounts/{user.pk}/"
        assert client.get(path).status_code == 404
        for what in ("", "resend/", "close/", "reopen/", "reset/"):
            form = {"name": "X", "email": user.email, f"{what[:-1]}-reason": "I say so"}
            assert client.post(path + what, form).status_code == 404
        assert path not in listed
        user.refresh_from_db()
        assert user.is_active and user.has_usable_password() and user.name != "X"
    for user in (me, world.u_student_other, world.u_keyworker):
        assert client.get(f"/school/accounts/{user.pk}/").status_code == 200
    assert as_user(world.u_admin).get(f"/school/accounts/{world.u_student.pk}/").status_code == 200
