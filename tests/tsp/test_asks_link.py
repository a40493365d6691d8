"""Somebody outside answers by a link and a code: what opens it, what ends it, and that it tells nothing else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pghistory.models
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from enquiries import actions as enquiries
from enquiries.models import Enquiry
from keywork import clock
from keywork.dates import LONDON
from keywork.errors import Refused
from tests.access.records import contact, outcome, plan
from tests.forms import form_of
from tests.world import OTHER_SURNAME, TODAY
from tsp.enquiries import actions
from tsp.models import Answer, Sheet

from . import factories as make

WRONG = "This is not the code"
ROLE = {"base:role": "0", "role": "Therapist"}
CHECK = {"do": "hand-in", **ROLE, "base:what-works": "0", "what-works": "A card on the desk."}
SURE = {"do": "hand-in", "sure": "1"}  # the button of the page "This is what you say"
HAND_IN = CHECK | SURE


@pytest.fixture
def asked(world, mails):
    """Somebody outside was asked about Mina: `ask`, `code`, `url` of the link, the `mail`."""

    def made(**fields) -> SimpleNamespace:
        with mails() as box:
            ask, code = actions.ask_outside(
                by=world.u_keyworker,
                student=world.mina,
                term=make.TERM,
                **{
                    "name": "Hollis Quarmby",
                    "role": "Speech therapist",
                    "email": "Hollis@Outside.example ",
                    "areas": ["flexibility"],
                    "question": "What helps on Tuesdays?",
                    "days": 14,
                    **fields,
                },
            )
        return SimpleNamespace(ask=ask, code=code, url=link_in(box[0]), mail=box[0])

    return made


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/enquiries/link/[\w-]+/)", message.body)[1]


@pytest.fixture
def outside(asked):
    """In, with the code."""
    made = asked()
    made.client = Client()
    assert made.client.post(made.url, {"code": made.code}).status_code == 302
    return made


def gone(client: Client, url: str) -> bytes:
    response = client.get(url)
    assert response.status_code == 404
    return response.content


# ------------------------------------------------------------------------------------- asking


def test_the_mail_has_the_link_and_neither_code_nor_name(asked):
    made = asked()
    told = f"{made.mail.subject}\n{made.mail.body}"
    assert made.mail.to == ["hollis@outside.example"]
    assert "MH" in told and "Keyworker of Aldermere School" in told and "Monday 7 December" in told
    for secret in (made.code, "Min ", "Mina", "Harcastle", "Flexib", "Tuesdays"):
        assert secret not in told


def test_only_digests_are_kept_anywhere(asked):
    """The link is in no column of any table, the row history and its context among them."""
    made = asked()
    client = Client()
    client.post(made.url, {"code": made.code})
    client.post(made.url, {"autosave": "1", "base:what-works": "0", "what-works": "A card."})
    assert pghistory.models.Context.objects.filter(metadata__url="/enquiries/link/").exists()
    token = made.url.rstrip("/").rsplit("/", 1)[-1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone() == (0,), table
    made.ask.refresh_from_db()
    assert made.code not in made.ask.code_digest
    assert len(made.ask.link_digest) == 64


def test_the_page_shows_the_code_once(world, as_user):
    page = as_user(world.u_keyworker)
    response = page.post(
        reverse("tsp:ask_outside", args=[world.mina.pk]),
        {
            "name": "Hollis Quarmby",
            "role": "Therapist",
            "email": "h@outside.example",
            "areas": ["flexibility"],
            "days": "7",
        },
    )
    code = re.search(r'class="kw-code"[^>]*>(\d{3} \d{3})<', response.content.decode())[1]
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    ask = Enquiry.objects.get()
    assert enquiries.try_code(enquiry=ask, code=code)
    assert code not in page.get(reverse("tsp:asks", args=[world.mina.pk])).content.decode()


def test_a_second_press_asks_nobody_again_and_says_how_to_have_a_code(world, as_user):
    page = as_user(world.u_keyworker)
    url, listed = (reverse(f"tsp:{name}", args=[world.mina.pk]) for name in ("ask_outside", "asks"))
    typed = {"name": "Hollis Quarmby", "role": "Therapist", "email": "h@outside.example", "days": "7"}
    form = form_of(page.get(url).content.decode(), "email") | typed | {"areas": ["flexibility"]}
    assert "kw-code" in page.post(url, form).content.decode()
    ask = Enquiry.objects.get()
    assert page.post(url, form).url == f"{listed}#enquiry-{ask.pk}"
    told = page.get(listed).content.decode()
    assert "the code for Hollis Quarmby was shown the first time" in told and "Make a new code" in told
    again = reverse("enquiries:new_code", args=[ask.pk])
    form = form_of(told, "Make a new code")
    made = page.post(again, form).content.decode()
    assert page.post(again, form).url == f"{listed}#enquiry-{ask.pk}"
    code = re.search(r'class="kw-code"[^>]*>(\d{3} \d{3})<', made)[1]
    assert enquiries.try_code(enquiry=Enquiry.objects.get(), code=code), "the second press made no other code"
    assert code not in page.get(listed).content.decode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "Write their name"),
        ({"email": "nobody"}, "Write a whole e-mail address"),
        ({"areas": [], "question": ""}, "Choose an area or write a question"),
        ({"days": "90"}, "Choose one of the answers"),
    ],
)
def test_a_refused_form_asks_nobody(world, as_user, wrong, says, mails):
    data = {"name": "Hollis", "role": "Therapist", "email": "h@outside.example", "areas": ["engagement"]}
    with mails() as box:
        response = as_user(world.u_coordinator).post(
            reverse("tsp:ask_outside", args=[world.mina.pk]), {**data, "days": "7", **wrong}
        )
    assert response.status_code == 422 and says in response.content.decode()
    assert not Enquiry.objects.exists() and not box


def test_the_same_person_is_not_asked_twice_at_once(asked):
    asked()
    with pytest.raises(Refused, match="has been asked already"):
        asked()
    with clock.frozen(TODAY + timedelta(days=30)), pytest.raises(Refused):
        asked()  # a link that ended is renewed, not doubled


# ---------------------------------------------------------------------------------------- the code


def test_before_the_code_nothing_is_shown(asked, world):
    made = asked()
    page = Client().get(made.url).content.decode()
    for secret in ("Min", "Flexibility", "Tuesdays", "Keyworker", "Hollis", "Harcastle"):
        assert secret not in page


def test_five_wrong_codes_close_the_link(asked):
    made, client = asked(), Client()
    wrong = "000000" if made.code != "000000" else "111111"
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        response = client.post(made.url, {"code": wrong})
        assert response.status_code == 422 and f"You have {left} left" in response.content.decode()
    assert client.post(made.url, {"code": wrong}).status_code == 404
    gone(client, made.url)
    assert client.post(made.url, {"code": made.code}).status_code == 404  # the right one too
    made.ask.refresh_from_db()
    assert made.ask.tries == 5 and made.ask.opened_at is None


def test_an_empty_code_is_no_try(asked):
    made = asked()
    assert Client().post(made.url, {"code": " "}).status_code == 422
    made.ask.refresh_from_db()
    assert made.ask.tries == 0


def test_a_code_is_taken_as_people_write_it(asked):
    made = asked()
    assert Client().post(made.url, {"code": f" {made.code[:3]} {made.code[3:]} "}).status_code == 302


def test_a_fresh_code_kills_the_old_one_and_who_came_in_with_it(outside, world):
    code = enquiries.new_code(by=world.u_keyworker, enquiry=outside.ask)
    assert WRONG not in outside.client.get(outside.url).content.decode()
    assert "Code of six digits" in outside.client.get(outside.url).content.decode()
    if code != outside.code:
        assert WRONG in Client().post(outside.url, {"code": outside.code}).content.decode()
    assert Client().post(outside.url, {"code": code}).status_code == 302


def test_a_fresh_code_opens_a_closed_link_again(asked, world):
    made = asked()
    Enquiry.objects.update(tries=5)
    gone(Client(), made.url)
    code = enquiries.new_code(by=world.u_keyworker, enquiry=made.ask)
    assert Client().post(made.url, {"code": code}).status_code == 302


def test_the_code_of_one_link_opens_no_other(world, asked, outside):
    other = asked(email="other@outside.example")
    other_client = outside.client  # in at one link, and a stranger at the other
    assert "Code of six digits" in other_client.get(other.url).content.decode()
    moved = Client()
    moved.cookies["keywork_asked"] = outside.client.cookies["keywork_asked"].value
    assert "Code of six digits" in moved.get(other.url).content.decode()


def test_trying_from_one_address_is_limited(asked, monkeypatch):
    made, client = asked(), Client()
    for _ in range(30):
        assert client.post("/enquiries/link/nobodys-link/", {"code": "1"}).status_code == 404
    assert client.post(made.url, {"code": made.code}).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.9").post(made.url, {"code": made.code}).status_code == 302


def test_whoever_is_in_may_save_as_often_as_they_type(outside):
    for number in range(40):
        base = f"{number}"
        response = outside.client.post(
            outside.url, {"autosave": "1", "base:what-works": base, "what-works": f"Words {number}"}
        )
        assert response.status_code == 200


def test_after_two_hours_the_code_is_asked_for_again(outside, time_machine):
    time_machine.move_to(datetime.now(LONDON) + timedelta(hours=2, minutes=1))
    assert "Code of six digits" in outside.client.get(outside.url).content.decode()
    told = outside.client.post(outside.url, {"autosave": "1", "base:what-works": "0", "what-works": "More"})
    assert told.status_code == 409 and "Copy what you typed" in told.json()["refused"]
    assert not Answer.objects.exists()


# --------------------------------------------------------------------------------- what it shows


def test_it_shows_what_is_asked_and_leaks_nothing_else(world, outside):
    """Every other thing the school knows of the student is a sentinel that must not be on the page."""
    by = world.u_keyworker
    contact(world.mina, by, notes="Sentinel contact")
    outcome(plan(world.mina, by, la_reference="SENTINEL-LA"), text="Sentinel outcome")
    make.make_point(world.mina, by, ratings=make.rate_all(4), narratives={"summary": "Sentinel summary"})
    make.make_sheet(world.mina, by, answers={"going-well": "Sentinel voice"})
    make.make_goal(world.mina, by, student_words="Sentinel goal", checker=world.u_mentor)
    make.make_ask(world.mina, by, world.u_teacher, question="Sentinel to the teacher")
    make.make_ask(world.mina, by, question="Sentinel to another")
    world.mina.read_first = "Sentinel read first"
    world.mina.save()

    page = outside.client.get(outside.url).content.decode()
    assert "Your view of Min<" in page and "What helps on Tuesdays?" in page
    assert "Flexibility and coping with change" in page
    assert make.current().area("flexibility").statements[0].staff in page
    for secret in (
        "Sentinel", "SENTINEL", "Harcastle", "Mina", OTHER_SURNAME, "Friendships", "Year 9",
        "2013", "Keyworker<", "Folake", "Mentor", "Teacher", world.u_keyworker.email, "hollis@",
        "/students/", "/today/", "/accounts/", "kw-nav", world.u_keyworker.name + " ",
    ):  # fmt: skip
        assert secret not in page, secret


def test_headers_keep_it_private_on_every_answer(asked):
    made, client = asked(), Client()
    answers = [
        client.get(made.url),
        client.post(made.url, {"code": "x"}),
        client.post(made.url, {"code": made.code}),
        client.get(made.url),
        client.get("/enquiries/link/nobodys-link/"),
        client.post(made.url, {"autosave": "1", "base:what-works": "0", "what-works": "x"}),
        client.post(made.url, HAND_IN | {"base:what-works": "1"}),
    ]
    assert [one.status_code for one in answers] == [200, 422, 302, 200, 404, 200, 200]
    for one in answers:
        assert one["Referrer-Policy"] == "no-referrer"
        assert "no-store" in one["Cache-Control"]
        assert "noindex" in one["X-Robots-Tag"]


def test_a_colleague_signed_in_sees_the_same_page_and_no_more(world, asked, as_user):
    made = asked()
    page = as_user(world.u_head)
    page.post(made.url, {"code": made.code})
    seen = page.get(made.url).content.decode()
    assert "Your view of Min<" in seen and "Harcastle" not in seen and "kw-nav" not in seen


def test_the_cookie_belongs_to_this_address_alone(outside):
    cookie = outside.client.cookies["keywork_asked"]
    assert cookie["path"] == outside.url and cookie["httponly"] and cookie["samesite"] == "Lax"


# ------------------------------------------------------------------------------------- answering


def test_what_they_type_is_kept_while_the_link_lives(outside):
    saved = outside.client.post(
        outside.url, {"autosave": "1", "base:what-works": "0", "what-works": "A card."}
    )
    assert saved.json()["saved"] == {"what-works": 1}
    elsewhere = Client()
    elsewhere.post(outside.url, {"code": outside.code})
    assert "A card." in elsewhere.get(outside.url).content.decode()
    sheet = Sheet.objects.get()
    assert sheet.is_open and sheet.author is None and sheet.author_words == "Hollis Quarmby, Speech therapist"


def test_handed_in_it_is_a_sheet_like_any_other_and_the_link_is_used(world, outside, as_user):
    response = outside.client.post(outside.url, HAND_IN)
    assert response.status_code == 200 and "Thank you" in response.content.decode()
    outside.ask.refresh_from_db()
    sheet = make.sheet_of(outside.ask)
    assert outside.ask.answered_at and sheet.done_at and sheet.done_by is None
    assert sheet.student == world.mina and sheet.tool == "team-input"
    assert sheet.answers.get(field="what-works").value == "A card on the desk."
    gone(outside.client, outside.url)
    assert outside.client.post(outside.url, HAND_IN | {"what-works": "Again"}).status_code == 404
    assert sheet.answers.get(field="what-works").value == "A card on the desk."
    assert (
        "Answered"
        in as_user(world.u_keyworker).get(reverse("tsp:asks", args=[world.mina.pk])).content.decode()
    )


def test_what_they_say_is_shown_first_and_goes_once(outside, world, as_user):
    """Enter keeps it, the button shows it, and only the button of that page hands it in; pressed twice, once."""
    form = outside.client.get(outside.url).content.decode().split('id="answer"')[1]
    assert "name=" not in re.search(r"<button[^>]*>", form)[0]  # the first button is what Enter presses
    page = outside.client.post(outside.url, CHECK)
    said = page.content.decode()
    assert page.status_code == 200 and "This is what you say" in said and "A card on the desk." in said
    assert "Harcastle" not in said and "Keyworker" not in said
    outside.ask.refresh_from_db()
    assert outside.ask.answered_at is None and make.sheet_of(outside.ask).is_open
    assert "A card on the desk." in outside.client.get(outside.url).content.decode()  # to change something
    for _ in range(2):
        done = outside.client.post(outside.url, SURE)
        assert (done.status_code, "Your view is with the school" in done.content.decode()) == (200, True)
    assert Client().post(outside.url, SURE).status_code == 404  # whoever is not in learns nothing
    keyworker = as_user(world.u_keyworker)
    listed = keyworker.get(reverse("tsp:asks", args=[world.mina.pk])).content.decode()
    answer = re.search(r'href="([^"]+)">Read the answer', listed)[1]
    assert "A card on the desk." in keyworker.get(answer).content.decode()


def test_nothing_written_is_not_handed_in(outside):
    assert outside.client.post(outside.url, SURE).status_code == 422
    response = outside.client.post(outside.url, {"do": "hand-in", "base:role": "0", "role": ""})
    assert response.status_code == 422
    outside.ask.refresh_from_db()
    assert outside.ask.answered_at is None


def test_what_was_changed_after_it_was_shown_is_shown_again(outside):
    first = outside.client.post(outside.url, CHECK).content.decode()
    confirmed = SURE | {"preview_token": re.search(r'name="preview_token" value="(\w+)"', first)[1]}
    outside.client.post(
        outside.url, {"autosave": "1", "base:what-works": "1", "what-works": "In another window."}
    )
    page = outside.client.post(outside.url, confirmed).content.decode()
    assert "changed after this page was shown" in page and "In another window." in page
    assert Sheet.objects.get().is_open
    confirmed["preview_token"] = re.search(r'name="preview_token" value="(\w+)"', page)[1]
    done = outside.client.post(outside.url, confirmed).content.decode()
    assert "is with the school" in done and Sheet.objects.get().done_at


@pytest.mark.parametrize("words", ["", "\u202e \u200b"])
def test_a_role_alone_is_no_answer(outside, words):
    said = {**ROLE, "base:what-works": "0", "what-works": words, "do": "hand-in"}
    for more in ({}, {"sure": "1"}):
        page = outside.client.post(outside.url, said | more)
        assert page.status_code == 422 and "Write something first" in page.content.decode()
    outside.ask.refresh_from_db()
    assert outside.ask.answered_at is None


def test_only_the_areas_asked_are_taken(outside):
    response = outside.client.post(outside.url, {"base:areas-seen": "0", "areas-seen": ["relationships"]})
    assert response.status_code == 422 and not Answer.objects.exists()


def test_a_field_that_is_none_of_theirs_is_not_written(outside):
    data = {"autosave": "1", "base:going-well": "0", "going-well": "x", "base:statement:eng-attend": "0"}
    outside.client.post(outside.url, {**data, "statement:eng-attend": "yes"})
    assert not Answer.objects.exists()


def test_they_say_that_they_cannot(outside):
    assert outside.client.post(outside.url, {"cannot": "1", "words": ""}).status_code == 422
    done = outside.client.post(outside.url, {"cannot": "1", "words": "Not seen since June."})
    assert "you cannot answer" in done.content.decode()
    outside.ask.refresh_from_db()
    assert outside.ask.declined_words == "Not seen since June."
    gone(outside.client, outside.url)


# ---------------------------------------------------------------------------------------- its end


def test_the_link_ends_at_midnight_after_its_last_day(outside):
    last = datetime(2026, 12, 7, 23, 59, 59, tzinfo=LONDON)
    with clock.frozen(last):
        assert outside.client.get(outside.url).status_code == 200
    with clock.frozen(last + timedelta(seconds=1)):
        gone(outside.client, outside.url)
        saved = outside.client.post(
            outside.url, {"autosave": "1", "base:what-works": "0", "what-works": "Too late"}
        )
        assert saved.status_code == 409 and "Copy what you typed" in saved.json()["refused"]
        assert outside.client.post(outside.url, HAND_IN).status_code == 404
    assert not Answer.objects.exists()


def test_every_dead_link_answers_the_same(world, asked):
    """Expired, taken back, used, closed and never made: nobody learns which."""
    never = gone(Client(), "/enquiries/link/never-was-one/")
    for number, change in enumerate(
        (
            {"withdrawn_at": clock.now()},
            {"answered_at": clock.now()},
            {"declined_at": clock.now()},
            {"tries": 5},
            {"expires_at": clock.now(), "asked_at": clock.now() - timedelta(days=8)},
        )
    ):
        made = asked(email=f"person{number}@outside.example")
        assert Client().get(made.url).status_code == 200
        Enquiry.objects.filter(pk=made.ask.pk).update(**change)
        assert gone(Client(), made.url) == never, change
        posted = Client().post(made.url, {"code": made.code})
        assert (posted.status_code, posted.content) == (404, never), change


def test_taken_back_while_they_write(world, outside):
    outside.client.post(outside.url, {"autosave": "1", "base:what-works": "0", "what-works": "Half"})
    enquiries.withdraw(by=world.u_keyworker, enquiry=outside.ask)
    gone(outside.client, outside.url)
    assert Sheet.objects.get().voided_at


def test_a_new_link_goes_on_where_the_old_one_ended(world, outside, mails, as_user):
    outside.client.post(outside.url, {"autosave": "1", "base:what-works": "0", "what-works": "Half"})
    with clock.frozen(datetime(2026, 12, 9, 10, tzinfo=LONDON)):
        with mails() as box:
            page = as_user(world.u_keyworker).post(
                reverse("enquiries:new_link", args=[outside.ask.pk]), {"days": "7"}
            )
        code = re.search(r'class="kw-code"[^>]*>(\d{3} \d{3})<', page.content.decode())[1]
        new = link_in(box[0])
        assert new != outside.url and "takes the place" in box[0].body
        gone(outside.client, outside.url)
        client = Client()
        assert client.post(new, {"code": code}).status_code == 302
        assert "Half" in client.get(new).content.decode()


def test_a_reminder_carries_a_new_link_and_the_code_stays(world, asked, mails):
    made = asked()
    with clock.frozen(TODAY + timedelta(days=1)):
        with mails() as box:
            enquiries.remind(by=world.u_keyworker, enquiry=made.ask)
        [mail] = box
        assert "takes the place" in mail.body and made.code not in mail.body
        gone(Client(), made.url)
        assert Client().post(link_in(mail), {"code": made.code}).status_code == 302
        with pytest.raises(Refused):
            enquiries.remind(by=world.u_keyworker, enquiry=made.ask)


def test_looking_at_links_is_limited_too(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"outside": "3/m/ip"}
    codes = [Client().get(f"/enquiries/link/guess-{n}/").status_code for n in range(4)]
    assert codes == [404, 404, 404, 429]


def test_an_address_that_was_sent_before_opens_the_same(world, asked, as_user):
    """When only the TSP asked, its links and pages had addresses of its own."""
    made, client = asked(), Client()
    old = made.url.replace("/enquiries/link/", "/tsp/asked/")
    assert client.post(old, {"code": made.code}).status_code == 302
    assert "What helps on Tuesdays?" in client.get(old).content.decode()
    assert "This is what you say" in client.post(old, CHECK).content.decode()
    client.post(old, SURE)
    made.ask.refresh_from_db()
    assert made.ask.answered_at
    colleague = make.make_ask(world.mina, world.u_keyworker, world.u_teacher, question="And?")
    page = as_user(world.u_teacher)
    assert "And?" in page.get(f"/tsp/asks/{colleague.pk}/").content.decode()
    assert "And?" in page.get("/tsp/asked/").content.decode()
