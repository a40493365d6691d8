"""A form that is sent twice is saved once, and who signed in again in another tab goes on where they were."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from contacts.models import HomeContact
from ilsa.models import Answer
from keywork.forms import KeyworkFormHelper
from keywork.models import Draft, PendingSubmission, SentForm
from keywork.saving import base
from keywork.tasks import clear_sessions
from students.models import FamilyMember, Student
from tests import world as cast
from tests.forms import form_of
from tests.ilsa.factories import opened
from tests.signin.conftest import sign_in
from tsp.models import Evidence, Rating

NEW_STUDENT = {"legal_forename": "Twice", "born_on": "2013-01-01", "nc_year": "9", "joined_on": "2026-09-01"}
NOTE = "Folake is pleased with the climbing wall."


@pytest.fixture
def log_url(world):
    return reverse("contacts:log_contact", args=[world.mina.pk])


def contact_of(client, url, **typed) -> dict:
    """The form of a contact as it stands on its page, filled in."""
    page = client.get(url).content.decode()
    return form_of(page, "happened_on") | {"reached": "spoke", "notes": NOTE} | typed


def signed_in(user, client: Client | None = None) -> Client:
    """A browser that asks for the token of its forms, signed in as people do it: with a new token each time.

    Somebody who is in is signed out first, as it is done in another tab.
    """
    client = client or Client(enforce_csrf_checks=True)
    if (page := client.get("/me/")).status_code == 200:
        client.post("/accounts/logout/", form_of(page.content.decode(), "data-sign-out"))
    token = form_of(client.get("/accounts/login/").content.decode(), "login")
    answer = client.post("/accounts/login/", token | {"login": user.email, "password": cast.PASSWORD})
    assert answer.status_code == 302
    return client


# ------------------------------------------------------------------------------------------ sent twice


def test_a_contact_sent_three_times_is_there_once(world, as_user, log_url):
    client = as_user(world.u_keyworker)
    form = contact_of(client, log_url)
    answers = [client.post(log_url, form) for _ in range(3)]
    assert HomeContact.objects.count() == 1
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, answers[0]["Location"])}
    said = [str(one) for one in client.get(answers[0]["Location"]).context["messages"]]
    assert len(said) == 1 and said[0].startswith("Contact saved.")
    again = client.post(log_url, form)  # long after: the words of the first once more, its Undo among them
    assert "Undo</a>" in str(next(iter(get_messages(again.wsgi_request))))


def test_opened_again_the_same_words_are_another_contact(world, as_user, log_url):
    client = as_user(world.u_keyworker)
    for _ in range(2):
        client.post(log_url, contact_of(client, log_url))
    assert HomeContact.objects.count() == 2


def test_a_refused_form_is_sent_again_and_saved(world, as_user, log_url):
    client = as_user(world.u_keyworker)
    form = contact_of(client, log_url)
    assert client.post(log_url, form | {"reached": ""}).status_code == 422
    assert client.post(log_url, form).status_code == 302
    assert HomeContact.objects.count() == 1


def test_looking_at_what_home_would_see_sends_nothing(world, as_user, log_url):
    """Script asks for that while the form is on its way."""
    client = as_user(world.u_keyworker)
    form = contact_of(client, log_url)
    client.post(log_url, form)
    asked = client.post(log_url, form | {"preview": "1", "channel": "text"}, headers={"HX-Request": "true"})
    assert asked.status_code == 200 and "HX-Redirect" not in asked


def test_what_was_typed_after_the_first_press_waits(world, as_user, log_url):
    client = as_user(world.u_keyworker)
    form = contact_of(client, log_url)
    client.post(log_url, form)
    answer = client.post(log_url, form | {"notes": "And she asked\x00 about the trip."})
    assert answer["Location"] == "/me/unsent/"
    assert HomeContact.objects.count() == 1
    assert "_session_expiry" not in client.session, "the session is as short as any"
    page = client.get("/me/unsent/").content.decode()
    assert "This was saved already" in page and "And she asked about the trip." in page
    client.post(log_url, form_of(page, "notes"))
    assert HomeContact.objects.count() == 2


def test_a_save_that_broke_leaves_no_key(world, as_user, log_url, monkeypatch):
    client = as_user(world.u_keyworker)
    client.raise_request_exception = False
    form = contact_of(client, log_url)
    with monkeypatch.context() as broken:
        broken.setattr("contacts.views.entry_messages.saved", lambda *args, **kwargs: 1 / 0)
        assert client.post(log_url, form).status_code == 500
    assert not HomeContact.objects.exists()
    assert client.post(log_url, form).status_code == 302
    assert HomeContact.objects.count() == 1


@pytest.mark.parametrize(
    ("actor", "page", "sent_to", "typed", "made"),
    [
        ("admin", "/students/{}/family/add/", "/students/{}/family/add/", {"surname": "Twice"}, FamilyMember),
        ("admin", "/students/add/", "/students/add/", NEW_STUDENT, Student),
    ],
)
def test_other_forms_that_add_something_add_it_once(world, as_user, actor, page, sent_to, typed, made):
    client = as_user(world.users[actor])
    page, sent_to = page.format(world.mina.pk), sent_to.format(world.mina.pk)
    form = form_of(client.get(page).content.decode(), next(iter(typed))) | typed
    before = made.objects.count()
    answers = [client.post(sent_to, form) for _ in range(2)]
    assert made.objects.count() == before + 1
    assert {answer["Location"] for answer in answers} == {answers[0]["Location"]}


def test_another_photo_of_the_same_name_and_size_is_another_form(world, as_user):
    client = as_user(world.users["admin"])
    form = form_of(client.get("/students/add/").content.decode(), "legal_forename") | NEW_STUDENT

    def send(pixels: bytes):
        Image.frombytes("L", (1, 2), pixels).save(drawn := BytesIO(), "PNG", compress_level=0)
        photo = SimpleUploadedFile("face.png", drawn.getvalue(), content_type="image/png")
        return client.post("/students/add/", form | {"photo": photo})

    first = send(b"12")
    assert first.status_code == 302 and send(b"12")["Location"] == first["Location"]
    assert send(b"34")["Location"] == "/me/unsent/"
    assert "The file you chose is not kept here" in client.get("/me/unsent/").content.decode()
    assert Student.objects.filter(legal_forename="Twice").count() == 1


def test_what_answers_with_a_piece_of_the_page_is_saved_once(world, as_user):
    """Script put a TSP example beside its statement; sent again, the page is drawn as it is now."""
    client = as_user(world.u_keyworker)
    page = f"/tsp/students/{world.mina.pk}/2026-27-autumn/baseline/"
    url, field = f"{page}examples/comm-ask-help/", "ex-comm-ask-help-"
    form = form_of(client.get(url).content.decode(), f"{field}words")
    form |= {f"{field}words": "Waited.", f"{field}on": "2026-11-20", f"{field}setting": "trip"}
    script = {"HX-Request": "true", "HX-Current-URL": f"https://testserver{page}?area=comm"}
    assert b"Waited." in client.post(url, form, headers=script).content
    assert client.post(url, form, headers=script)["HX-Refresh"] == "true"
    elsewhere = script | {"HX-Current-URL": f"https://testserver{url}"}
    assert client.post(url, form, headers=elsewhere)["HX-Redirect"] == f"{page}#statement-comm-ask-help"
    assert Evidence.objects.count() == 1


def test_two_at_the_same_moment_are_one(transactional_db, today, as_user):
    built = cast.build()
    client = as_user(built.u_keyworker)
    url = reverse("contacts:log_contact", args=[built.mina.pk])
    form = contact_of(client, url)

    def send(_: int):
        try:
            return as_user(built.u_keyworker).post(url, form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(4))) == {302}
    assert HomeContact.objects.count() == SentForm.objects.count() == 1


def test_every_form_that_posts_carries_its_key():
    """`{% csrf_token %}` draws it: in our own markup and in that of crispy."""
    without = [
        str(path)
        for path in [*Path(settings.BASE_DIR, "templates").rglob("*.html")]
        for form in re.findall(r'<form\b[^>]*method="post".*?</form>', path.read_text(), re.S)
        if "{% csrf_token %}" not in form
        and path.name != "talk_ticks.html"  # nobody is signed in there
        and path.parent.name != "outside"  # nor there
        and path.name != "503.html"  # it sends what was posted once more, its key among it
    ]
    assert not without


def test_no_form_that_takes_words_is_filled_in_by_the_browser():
    """Back after a save shows a page anew, with a new key: what the browser put back there would be saved twice."""
    ours = [
        (path, tag, body)
        for path in Path(settings.BASE_DIR, "templates").rglob("*.html")
        if path.relative_to(settings.BASE_DIR).parts[1]
        not in ("account", "allauth", "mfa")  # e-mail and password
        for tag, body in re.findall(r'(<form\b[^>]*method="post".*?>)(.*?)</form>', path.read_text(), re.S)
    ]
    takes_words = re.compile(r'<textarea|type="(text|email|tel|search)"|components/field')
    without = [
        str(path) for path, tag, body in ours if takes_words.search(body) and "autocomplete=" not in tag
    ]
    assert not without
    assert KeyworkFormHelper().attrs["autocomplete"] == "off"


# ------------------------------------------------------------------- signed in again in another tab


def test_signed_in_again_in_another_tab_the_first_goes_on(world, log_url):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url, notes="")
    draft_url = reverse("keywork:draft", args=[world.mina.pk, "contact-new"])
    assert client.post(draft_url, form | {"notes": "One."}).status_code == 204
    signed_in(world.u_keyworker, client)
    assert client.post(draft_url, form | {"notes": "One. Two."}).status_code == 204
    assert client.post(log_url, form | {"notes": "One. Two. Three."}).status_code == 302
    assert HomeContact.objects.get().notes == "One. Two. Three."


def test_undo_in_a_message_goes_on_too(world, log_url):
    client = signed_in(world.u_keyworker)
    said = client.get(client.post(log_url, contact_of(client, log_url))["Location"]).content.decode()
    undo, values = re.search(r"hx-post=\"([^\"]+)\" hx-vals='([^']+)'>Undo</a>", said).groups()
    signed_in(world.u_keyworker, client)
    assert client.post(unescape(undo), json.loads(values), headers={"HX-Request": "true"}).status_code == 200
    assert not HomeContact.objects.filter(voided_on=None).exists()


def test_sent_again_after_undo_it_says_that_it_was_undone(world, log_url):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    said = client.get(client.post(log_url, form)["Location"]).content.decode()
    undo, values = re.search(r"hx-post=\"([^\"]+)\" hx-vals='([^']+)'>Undo</a>", said).groups()
    client.post(unescape(undo), json.loads(values), headers={"HX-Request": "true"})
    again = client.post(log_url, form)
    told = [str(one) for one in get_messages(again.wsgi_request)]
    assert not any("Contact saved" in one for one in told)
    assert any("then undid it: it is not saved" in one for one in told)
    assert not HomeContact.objects.filter(voided_on=None).exists()


@pytest.mark.parametrize("other", ["head", None], ids=["another person", "nobody"])
def test_sign_out_on_the_page_of_somebody_before_signs_out(world, other):
    client = signed_in(world.u_keyworker)
    old = form_of(client.get("/me/").content.decode(), "data-sign-out")
    client.post("/accounts/logout/", old)
    if other:
        signed_in(world.users[other], client)
        assert client.post("/accounts/logout/", old | {"form_key": "made-up"}).status_code == 403
    answer = client.post("/accounts/logout/", old)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_another_person_sends_nothing_of_the_first(world, log_url):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    signed_in(world.u_head, client)
    draft_url = reverse("keywork:draft", args=[world.mina.pk, "contact-new"])
    fresh = client.cookies["csrftoken"].value  # what script would take from the cookie
    for sent in (form, form | {"csrfmiddlewaretoken": fresh}):
        for url in (log_url, draft_url):
            answer = client.post(url, sent)
            page = answer.content.decode()
            assert answer.status_code == 403 and NOTE not in page and "Somebody else has signed in" in page
            assert "What you typed is kept for you alone" in page
    assert not HomeContact.objects.exists()
    assert client.get("/me/unsent/").status_code == 302
    signed_in(world.u_keyworker, client)
    page = client.get("/me/unsent/").content.decode()
    assert page.count("Throw it away") == 1 and NOTE in page


def test_a_draft_of_the_first_is_kept_for_them_alone(world, log_url):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    signed_in(world.u_head, client)
    answer = client.post(reverse("keywork:draft", args=[world.mina.pk, "contact-new"]), form)
    assert answer.status_code == 403 and NOTE not in answer.content.decode()
    assert [(one.user, one.data["notes"]) for one in Draft.objects.all()] == [(world.u_keyworker, [NOTE])]


def test_when_the_second_session_has_ended_too_it_waits_for_them(world, log_url):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    signed_in(world.u_keyworker, client)
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    cache.clear()
    assert client.post(log_url, form)["Location"] == "/accounts/login/?next=/me/unsent/"
    signed_in(world.u_head, client)
    assert client.get("/me/unsent/").status_code == 302


@pytest.mark.parametrize(
    ("actor", "page", "to", "field", "kept"),
    [
        (
            "keyworker",
            "tsp:workspace",
            "tsp:ws_save",
            "rating:emo-recover",
            lambda: Rating.objects.get().value == 3,
        ),
        (
            "student",
            "/independence/mine/2026-27/parts/personal-care/",
            "",
            "pc-wash",
            lambda: Answer.objects.get(item="pc-wash").score == 3,
        ),
    ],
    ids=["a TSP rating", "an ILSA part"],
)
def test_what_saves_itself_goes_on_too(world, actor, page, to, field, kept):
    opened(world.u_head)
    client = signed_in(world.users[actor])
    point = [world.mina.pk, "2026-27-autumn", "baseline"]
    page = reverse(page, args=point) if to else page
    form = form_of(client.get(page).content.decode(), "data-autosave")
    url = reverse(to, args=point) if to else page
    sent = {name: form[name] for name in ("csrfmiddlewaretoken", "form_key")}
    sent |= {"autosave": "1", f"base:{field}": base(0, ()), field: "3"}
    signed_in(world.u_head, client)
    assert client.post(url, sent).status_code == 403
    assert not Rating.objects.exists() and not Answer.objects.filter(item="pc-wash", score=3).exists()
    signed_in(world.users[actor], client)
    for _ in range(2):  # sent twice, it is there once
        assert client.post(url, sent).status_code == 200 and kept()


def signed_out(user) -> tuple[Client, dict]:
    """A browser in which they signed out in another tab, and the form that was open in the first."""
    client = signed_in(user)
    form = form_of(client.get("/me/").content.decode(), "reach_note") | {"reach_note": "After two on Mondays"}
    client.post("/accounts/logout/", form_of(client.get("/me/").content.decode(), "data-sign-out"))
    return client, form


def test_signed_out_in_another_tab_what_is_sent_waits_for_them(world):
    client, form = signed_out(world.u_keyworker)
    assert client.post("/me/", form)["Location"] == "/accounts/login/?next=/me/unsent/"
    door = client.get("/accounts/login/").content.decode()
    assert "What you sent is kept" in door and "After two on Mondays" not in door
    signed_in(world.u_keyworker, client)
    page = client.get("/me/unsent/").content.decode()
    # What was changed is shown, and nothing that is for the form alone.
    assert re.findall(r'kw-preview">(.*?)<', page) == ["After two on Mondays"]
    client.post("/me/", form_of(page, "Save it now"))
    world.u_keyworker.refresh_from_db()
    assert world.u_keyworker.reach_note == "After two on Mondays"
    assert client.get("/me/unsent/").status_code == 302


def test_and_for_nobody_else(world):
    client, form = signed_out(world.u_keyworker)
    client.post("/me/", form)
    signed_in(world.u_head, client)
    assert client.get("/me/unsent/").status_code == 302
    signed_in(world.u_keyworker, client)
    assert "After two on Mondays" in client.get("/me/unsent/").content.decode(), "but it is not lost"


def test_signing_out_leaves_what_waits(world):
    client, form = signed_out(world.u_keyworker)
    client.post("/me/", form)
    for _ in range(2):
        signed_in(world.u_keyworker, client)  # signs out first
    assert "After two on Mondays" in client.get("/me/unsent/").content.decode()


@pytest.mark.parametrize("key", ["", "1.forged", "x:y:z"])
def test_a_forged_form_stays_refused(world, log_url, key):
    client = signed_in(world.u_keyworker)
    assert client.post(log_url, {"notes": NOTE, "form_key": key}).status_code == 403


def test_old_keys_are_swept_up(world, as_user, log_url, time_machine):
    client = as_user(world.u_keyworker)
    client.post(log_url, contact_of(client, log_url))
    clear_sessions()
    assert SentForm.objects.count() == 1
    SentForm.objects.update(sent_at="2026-11-15T12:00Z")
    clear_sessions()
    assert not SentForm.objects.exists()


# ------------------------------------------------------------------------------------------ what waits


def test_what_waits_says_which_page_it_is_of(world, log_url, today):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    client.post("/accounts/logout/", form_of(client.get("/me/").content.decode(), "data-sign-out"))
    client.post(log_url, form)
    assert not re.search(r"\bMin\b", client.get("/accounts/login/").content.decode())
    signed_in(world.u_keyworker, client)
    heading = re.search(r"<h2>(Contact with home.*?)</h2>", client.get("/me/unsent/").content.decode())[1]
    assert re.fullmatch(r"Contact with home, Min H\., sent [\d.]+ [ap]m", unescape(heading)), heading


def test_a_student_one_has_nothing_to_do_with_any_more_is_not_named(world, log_url):
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    client.post("/accounts/logout/", form_of(client.get("/me/").content.decode(), "data-sign-out"))
    client.post(log_url, form)
    world.u_keyworker.assignments.all().delete()
    signed_in(world.u_keyworker, client)
    page = client.get("/me/unsent/").content.decode()
    assert "Contact with home, sent" in page and world.mina.surname not in page


def test_what_waits_outlives_its_session(world):
    client, form = signed_out(world.u_keyworker)
    client.post("/me/", form)
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    page = signed_in(world.u_keyworker, Client(enforce_csrf_checks=True)).get("/me/unsent/")
    assert "After two on Mondays" in page.content.decode(), "in any browser"


def test_whoever_signs_in_is_told_what_waits(world):
    for reach_note in ("After two on Mondays", "Never on Fridays"):
        client, form = signed_out(world.u_keyworker)
        client.post("/me/", form | {"reach_note": reach_note})
    client, _ = sign_in(world.u_keyworker.email)  # in a browser of its own, on no page in particular
    home = client.get("/", follow=True).content.decode()
    assert home.count('2 forms you sent are not saved yet. <a href="/me/unsent/">Look at them</a>.') == 1
    assert "not saved yet" not in client.get("/me/").content.decode()
    assert "not saved yet" in client.get("/", follow=True).content.decode(), (
        "the first page says it each time"
    )
    assert "not saved yet" not in sign_in(world.u_head.email)[0].get("/", follow=True).content.decode()


def test_sent_twice_while_signed_out_it_waits_once(world):
    client, form = signed_out(world.u_keyworker)
    for note in ("After two", "After two on Mondays"):
        client.post("/me/", form | {"reach_note": note})
    client.post("/me/?again=1", form | {"reach_note": "After two on Tuesdays"})
    assert [dict(one.fields)["reach_note"] for one in PendingSubmission.objects.all()] == [
        "After two on Tuesdays"
    ]


def test_what_saves_itself_waits_as_one_form(world):
    """Script sends each field alone, again and again, and then somebody presses the button of the same form."""
    opened(world.u_head)
    client = signed_in(world.u_student)
    url = "/independence/mine/2026-27/parts/personal-care/"
    form = form_of(client.get(url).content.decode(), "data-autosave")
    client.post("/accounts/logout/", form_of(client.get("/me/").content.decode(), "data-sign-out"))
    sent = {name: form[name] for name in ("csrfmiddlewaretoken", "form_key")} | {"autosave": "1"}
    for answer in ({"pc-wash": "2"}, {"pc-wash": "3"}, {"pc-teeth": "1"}):
        named = {f"base:{name}": form[f"base:{name}"] for name in answer}
        client.post(url, sent | named | answer)
    fields = {name: value for name, value in PendingSubmission.objects.get().fields if ":" not in name}
    assert fields == {"pc-wash": "3", "pc-teeth": "1"}
    client.post(url, form | {"pc-wash": "3", "pc-teeth": "2"})
    signed_in(world.u_student, client)
    page = client.get("/me/unsent/").content.decode()
    assert PendingSubmission.objects.count() == 1
    assert client.post(url, form_of(page, "Save it now")).status_code == 302
    assert Answer.objects.get(item="pc-wash").score == 3 and Answer.objects.get(item="pc-teeth").score == 2
    assert not PendingSubmission.objects.exists()


@pytest.mark.parametrize("script", [False, True])
def test_without_any_cookie_what_is_sent_waits_too(world, script):
    client = signed_in(world.u_keyworker)
    form = form_of(client.get("/me/").content.decode(), "reach_note") | {"reach_note": "After two on Mondays"}
    client.cookies.clear()
    answer = client.post("/me/", form, headers={"HX-Request": "true"} if script else {})
    assert answer["HX-Redirect" if script else "Location"] == "/accounts/login/?next=/me/unsent/"
    assert "What you sent is kept" in client.get("/accounts/login/").content.decode()
    signed_in(world.u_keyworker, client)
    assert "After two on Mondays" in client.get("/me/unsent/").content.decode()


def test_without_any_cookie_nothing_without_a_key_is_held(world):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/me/", {"reach_note": "made up", "form_key": "x:y:z"}).status_code == 403
    assert not PendingSubmission.objects.exists()


def test_and_goes_to_nobody_else_then(world):
    client, form = signed_out(world.u_keyworker)
    client.post("/me/", form)
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    signed_in(world.u_head, client)
    assert client.get("/me/unsent/").status_code == 302


# ------------------------------------------------------------------------- what waits, until it is saved


def waiting_contact(world, url, **typed) -> Client:
    """Back in a browser in which a contact was sent while they were signed out."""
    client = signed_in(world.u_keyworker)
    form = contact_of(client, url, **typed)
    client.post("/accounts/logout/", form_of(client.get("/me/").content.decode(), "data-sign-out"))
    client.post(url, form)
    assert PendingSubmission.objects.count() == 1
    return signed_in(world.u_keyworker, client)


def test_refused_it_waits_until_what_was_put_right_is_saved(world, log_url):
    client = waiting_contact(world, log_url, reached="")
    answer = client.post(log_url, form_of(client.get("/me/unsent/").content.decode(), "Save it now"))
    assert answer.status_code == 422
    assert NOTE in client.get("/me/unsent/").content.decode()
    right = form_of(answer.content.decode(), "happened_on") | {
        "reached": "spoke",
        "notes": f"{NOTE} Put right",
    }
    assert client.post(log_url, right).status_code == 302
    assert not PendingSubmission.objects.exists()


def test_a_conflict_leaves_it_waiting(world):
    client, form = signed_out(world.u_keyworker)
    client.post("/me/", form)
    signed_in(world.u_keyworker, client)
    other = form_of(client.get("/me/").content.decode(), "reach_note")
    client.post("/me/", other | {"reach_note": "Never on Fridays"})
    assert PendingSubmission.objects.count() == 1, "other words"
    page = client.get("/me/unsent/").content.decode()
    assert client.post("/me/", form_of(page, "Save it now")).status_code == 409
    assert "After two on Mondays" in client.get("/me/unsent/").content.decode()


def test_a_page_that_is_gone_leaves_it_waiting(world, log_url):
    client = waiting_contact(world, log_url)
    world.u_keyworker.assignments.all().delete()
    page = client.get("/me/unsent/").content.decode()
    assert client.post(log_url, form_of(page, "Save it now")).status_code in (403, 404)
    assert NOTE in client.get("/me/unsent/").content.decode()


def test_the_same_words_typed_again_settle_it(world, log_url):
    client = waiting_contact(world, log_url, happened_time="10:42")
    client.post(log_url, contact_of(client, log_url, notes="Something else was said."))
    assert PendingSubmission.objects.count() == 1, "other words leave it"
    client.post(log_url, contact_of(client, log_url, happened_on="2026-11-19"))
    assert PendingSubmission.objects.count() == 1, "the same of another day is another contact"
    client.post(log_url, contact_of(client, log_url))
    assert not PendingSubmission.objects.exists()


@pytest.mark.parametrize(("more", "waits"), [(" And we agreed a day.", 0), (None, 1)])
def test_saved_from_its_draft_it_is_settled(world, log_url, more, waits):
    """Whoever writes on in the draft has it all in one; whoever takes words away keeps what was sent."""
    client = signed_in(world.u_keyworker)
    form = contact_of(client, log_url)
    client.post(reverse("keywork:draft", args=[world.mina.pk, "contact-new"]), form)
    client.post("/accounts/logout/", form_of(client.get("/me/").content.decode(), "data-sign-out"))
    client.post(log_url, form)
    signed_in(world.u_keyworker, client)
    page = form_of(client.get(log_url).content.decode(), "happened_on")
    assert page["notes"] == [NOTE]
    notes = "Something else was said." if more is None else NOTE + more
    assert client.post(log_url, page | {"notes": notes}).status_code == 302
    assert PendingSubmission.objects.count() == waits


# ------------------------------------------------------------------------------ a conflict with oneself


def test_a_conflict_with_oneself_says_so(world):
    client = signed_in(world.u_keyworker)
    first = form_of(client.get("/me/").content.decode(), "reach_note")
    second = form_of(client.get("/me/").content.decode(), "reach_note")
    client.post("/me/", first | {"reach_note": "Mondays"})
    answer = client.post("/me/", second | {"reach_note": "Tuesdays"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert (
        "You, in another tab, changed" in page and f"{world.u_keyworker.get_short_name()} changed" not in page
    )


def test_so_does_one_in_what_saves_itself(world):
    opened(world.u_head)
    client = signed_in(world.users["student"])
    part = "/independence/mine/2026-27/parts/personal-care/"
    forms = [form_of(client.get(part).content.decode(), "data-autosave") for _ in range(2)]
    client.post(part, forms[0] | {"pc-wash": ["1"]})
    answer = client.post(part, forms[1] | {"pc-wash": ["3"]})
    assert answer.status_code == 409
    assert "You, in another tab, changed this while you were writing" in answer.content.decode()
