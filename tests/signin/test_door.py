"""Coming in by password: who may, what is said, how often one may try, and no way to sign up."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

from tests.world import PASSWORD

from .conftest import choose_password, is_in, link_in, sign_in

pytestmark = pytest.mark.django_db


def test_password_opens_the_page_one_came_from(world, client):
    page = client.get("/me/?x=1")
    assert page.status_code == 302 and page["Location"] == "/accounts/login/?next=/me/%3Fx%3D1"
    _, answer = sign_in(world.u_keyworker.email, client=client, next="/me/?x=1")
    assert answer["Location"] == "/me/?x=1"
    assert is_in(client)


def test_never_to_another_site(world):
    _, answer = sign_in(world.u_keyworker.email, next="https://elsewhere.example/")
    assert answer["Location"] == "/"


def test_capitals_in_the_address_do_not_matter(world):
    client, _ = sign_in("Keyworker@School.Example")
    assert is_in(client)


def test_closed_account_stays_out(world):
    client, answer = sign_in(world.u_inactive.email)
    assert not is_in(client)
    assert answer.status_code in (200, 302)


def test_unknown_and_known_address_get_the_same_answer(world):
    _, known = sign_in(world.u_keyworker.email, "wrong-password-here")
    _, unknown = sign_in("nobody-at-all@school.example", "wrong-password-here")
    words = b"The e-mail address or the password is not right"
    assert words in known.content and words in unknown.content
    assert known.status_code == unknown.status_code


def test_nobody_signs_up(client, db):
    page = client.get("/accounts/signup/")
    assert page.status_code == 404 and b"Accounts come by invitation" in page.content
    posted = client.post(
        "/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert posted.status_code == 404
    from keywork.models import User

    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["account_email", "socialaccount_connections", "socialaccount_signup"])
def test_unwanted_routes_do_not_exist(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_sixth_wrong_password_is_refused_even_if_right(world):
    for _ in range(5):
        sign_in(world.u_keyworker.email, "wrong-password-here")
    client, answer = sign_in(world.u_keyworker.email)
    assert b"Too many tries" in answer.content
    assert not is_in(client)
    other, _ = sign_in(world.u_deputy.email)
    assert is_in(other), "one person's mistakes lock out nobody else"


def test_flood_gets_the_429_page(world, settings, client):
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    codes = [sign_in("x@school.example", "wrong", client=client)[1].status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    page = sign_in("x@school.example", "wrong", client=client)[1]
    assert b"Too many tries" in page.content and b"kw-top" in page.content
    assert [key for key in cache._cache.get_client(None).keys("*rl:*")], "counted in Redis"


def test_behind_our_proxy_each_sender_is_counted_apart(world, settings, client):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    settings.PROXIES = 1

    def knock(passed_on):
        form = {"login": "x@school.example", "password": "wrong"}
        return client.post("/accounts/login/", form, headers={"X-Forwarded-For": passed_on}).status_code

    assert knock("203.0.113.1") == 200
    assert knock("203.0.113.2") == 200
    assert knock("203.0.113.1") == 429
    assert knock("198.51.100.9, 203.0.113.1") == 429, "what the sender writes himself is not believed"


def test_sign_out_is_a_post(world, as_user):
    client = as_user(world.u_keyworker)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_new_password_by_mail(world, client, mails):
    before, _ = sign_in(world.u_keyworker.email)
    with mails() as box:
        client.post("/accounts/password/reset/", {"email": world.u_keyworker.email})
    assert [m.to for m in box] == [[world.u_keyworker.email]]
    path = link_in(box[0])
    with mails() as box:
        choose_password(client, path)
    assert "was chosen" in box[0].body
    assert is_in(client)
    assert not is_in(before), "every session of before has ended"
    again = client.get(path)
    assert b"no longer works" in again.content
    client.post("/accounts/logout/")
    assert not is_in(sign_in(world.u_keyworker.email)[0])
    assert is_in(sign_in(world.u_keyworker.email, "brave-heron-counts-stars")[0])


def test_no_mail_to_strangers_and_the_same_answer(world, client, mails):
    with mails() as box:
        unknown = client.post("/accounts/password/reset/", {"email": "stranger@elsewhere.example"})
        closed = client.post("/accounts/password/reset/", {"email": world.u_inactive.email})
    assert not box
    with mails() as box:
        known = client.post("/accounts/password/reset/", {"email": world.u_head.email})
    assert len(box) == 1
    assert unknown["Location"] == known["Location"] == closed["Location"]


def test_looking_for_links_that_work_is_limited(world, settings, client, mails):
    settings.ACCOUNT_RATE_LIMITS = {"reset_link": "3/m/ip"}
    tries = [f"/accounts/password/reset/key/{n}-d1s2-abcdef/" for n in range(4)]
    assert [client.get(path).status_code for path in tries] == [200, 200, 200, 429]
    assert b"Too many tries" in client.get(tries[0]).content


def test_link_to_a_new_password_lasts_a_day(world, client, mails, later):
    with mails() as box:
        client.post("/accounts/password/reset/", {"email": world.u_keyworker.email})
    path = link_in(box[0])
    later(hours=23)
    assert client.get(path).status_code == 302
    later(hours=2)
    assert b"no longer works" in client.get(path).content


def test_password_change_ends_the_other_sessions(world, mails):
    here, _ = sign_in(world.u_keyworker.email)
    elsewhere, _ = sign_in(world.u_keyworker.email)
    form = {
        "oldpassword": PASSWORD,
        "password1": "brave-heron-counts-stars",
        "password2": "brave-heron-counts-stars",
    }
    with mails() as box:
        answer = here.post("/accounts/password/change/", form)
    assert answer["Location"] == "/me/"
    assert "was changed" in box[0].body
    assert is_in(here) and not is_in(elsewhere)


def test_pages_around_a_password_are_in_our_words(world, as_user, client):
    asked = as_user(world.u_keyworker).get("/accounts/reauthenticate/").text
    assert "Is it still you?" in asked and "Enter your password" not in asked
    done = client.get("/accounts/password/reset/key/done/").text
    assert "<h1>Your password is changed</h1>" in done and 'href="/accounts/login/"' in done


def test_weak_password_is_refused(world, as_user):
    client = as_user(world.u_keyworker)
    form = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert client.post("/accounts/password/change/", form).status_code == 200
    world.u_keyworker.refresh_from_db()
    assert world.u_keyworker.check_password(PASSWORD)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/inactive/",
    ],
)
def test_pages_outside_have_nothing_inline(client, db, path):
    page = client.get(path).content.decode()
    assert "style=" not in page and "onclick" not in page
    assert not [
        part
        for part in page.split("<script")[1:]
        if "src=" not in part.split(">")[0] and "json" not in part.split(">")[0]
    ]


def test_demo_sign_in_is_told_only_in_the_demo(world, client, settings):
    settings.DEMO = False
    assert b"keywork-demo" not in client.get("/accounts/login/").content
    settings.DEMO = True
    assert b"keywork-demo" in client.get("/accounts/login/").content


def test_what_is_missing_is_said_plainly(client, db):
    page = client.post("/accounts/login/", {}).content.decode()
    assert "Write your e-mail address" in page and "Write your password" in page
    assert "This field is required" not in page and "placeholder=" not in page
