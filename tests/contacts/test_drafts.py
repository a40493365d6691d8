"""Nothing typed is ever lost: drafts on the server, by person and form."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import HomeContact
from keywork.actions.drafts import MAX_BYTES, find_drafts, keep_draft
from keywork.errors import Refused
from keywork.models import Draft
from tests.forms import form_of


@pytest.fixture
def draft_url(keyworker, log_url):
    """The address the form itself names, as keywork.js reads it."""
    form = keyworker.get(log_url).context["form"]
    assert form.helper.attrs["data-draft-url"] == form.where.draft
    return form.where.draft


def test_what_is_typed_comes_back_after_signing_in_again(keyworker, log_url, draft_url, world, as_user):
    kept = keyworker.post(
        draft_url, {"reached": "message", "notes": "Half a sent", "topics": ["health", "going_well"]}
    )
    assert kept.status_code == 204
    keyworker.logout()
    again = as_user(world.u_keyworker).get(log_url)
    form = again.context["form"]
    assert (form.shown("notes"), form.shown("reached"), form.shown("topics")) == (
        "Half a sent",
        "message",
        ["health", "going_well"],
    )
    assert "Draft saved at 12 pm" in again.content.decode()
    assert "Discard draft" in again.content.decode()


def test_the_last_words_win_and_there_is_one_draft(keyworker, draft_url):
    keyworker.post(draft_url, {"notes": "One"})
    keyworker.post(draft_url, {"notes": "One two"})
    assert Draft.objects.get().data == {"notes": ["One two"]}


def test_a_draft_is_nobody_elses(keyworker, log_url, draft_url, as_user, world):
    keyworker.post(draft_url, {"notes": "Sentinel words"})
    assert "Sentinel words" not in as_user(world.u_mentor).get(log_url).content.decode()


def test_saving_the_form_ends_the_draft(keyworker, log_url, draft_url, spoke):
    keyworker.post(draft_url, {"notes": "Half"})
    keyworker.post(log_url, spoke(reached=None))
    assert Draft.objects.exists()  # a refused save keeps it
    keyworker.post(log_url, spoke())
    assert not Draft.objects.exists()


def test_a_refused_save_leaves_its_text_as_a_draft(keyworker, log_url, spoke):
    keyworker.post(log_url, spoke(reached=None, notes="Walked away from"))
    assert keyworker.get(log_url).context["form"].shown("notes") == "Walked away from"
    keyworker.post(log_url, {"discard": "1"})
    keyworker.post(log_url, spoke(reached=None, notes=" "))
    assert not Draft.objects.exists()


def test_a_draft_can_be_discarded_or_kept_without_script(keyworker, log_url, spoke, world):
    assert keyworker.post(log_url, spoke(draft="1", reached=None, notes="By hand")).status_code == 302
    assert not HomeContact.objects.exists()
    assert "By hand" in keyworker.get(log_url).content.decode()
    fresh = keyworker.post(log_url, {"discard": "1"})
    assert "By hand" not in fresh.content.decode()
    assert not find_drafts(by=world.u_keyworker, form="contact-new", student_id=world.mina.pk)


def test_a_draft_of_a_change_keeps_what_it_began_from(keyworker, log_url, spoke, as_user, world):
    keyworker.post(log_url, spoke())
    url = reverse("contacts:amend_contact", args=[HomeContact.objects.get().pk])
    page = keyworker.get(url)
    mine = form_of(page.content.decode(), "notes") | {"notes": "Slow words"}
    keyworker.post(page.context["form"].where.draft, mine)
    as_user(world.u_head).post(url, spoke(person="same", notes="Quick words"))
    again = keyworker.get(url)
    assert again.context["form"].shown("notes") == "Slow words"
    assert keyworker.post(url, form_of(again.content.decode(), "notes")).status_code == 409


@pytest.mark.parametrize("typed_on", [False, True])
def test_a_conflict_that_was_settled_leaves_no_draft(keyworker, log_url, spoke, as_user, world, typed_on):
    """Begun, left and gone on with; then somebody else was quicker; then it was typed on, and saved."""
    keyworker.post(log_url, spoke())
    url = reverse("contacts:amend_contact", args=[HomeContact.objects.get().pk])
    page = keyworker.get(url)
    draft_url = page.context["form"].where.draft
    keyworker.post(draft_url, form_of(page.content.decode(), "notes") | {"notes": "Slow words of mine"})
    as_user(world.u_head).post(url, spoke(person="same", notes="Quick words"))
    on = form_of(keyworker.get(url).content.decode(), "notes") | {"notes": "Slower words of mine"}
    disputed = keyworker.post(url, on)
    assert disputed.status_code == 409 and "left unsent" not in disputed.content.decode()
    settled = form_of(disputed.content.decode(), "notes") | {"choice:notes": chosen(disputed, "mine")}
    settled |= {"notes": "Both our words"} if typed_on else {}
    if typed_on:
        keyworker.post(draft_url, settled)
    assert keyworker.post(url, settled).status_code == 302
    assert not Draft.objects.exists()


def chosen(page, which: str) -> str:
    return re.search(rf'name="choice:notes"[^>]*value="({which}\.[^"]+)"', page.content.decode())[1]


def test_a_refused_form_with_keys_leaves_no_draft_once_saved(keyworker, log_url, spoke):
    first = form_of(keyworker.get(log_url).content.decode(), "notes") | spoke(
        reached="", notes="One thing said"
    )
    refused = keyworker.post(log_url, first)
    assert refused.status_code == 422 and Draft.objects.exists()
    again = form_of(refused.content.decode(), "notes") | spoke(notes="Another thing, said otherwise")
    assert keyworker.post(log_url, again).status_code == 302
    assert not Draft.objects.exists()


def test_each_open_form_has_a_draft_of_its_own(keyworker, log_url, draft_url):
    one, other = (form_of(keyworker.get(log_url).content.decode(), "notes") for _ in range(2))
    keyworker.post(draft_url, one | {"notes": "Rang mother about the trip."})
    keyworker.post(draft_url, other | {"notes": "Father came to the gate."})
    keyworker.post(draft_url, one | {"notes": "Rang mother about the trip on Friday."})
    page = keyworker.get(log_url).content.decode()
    assert form_of(page, "notes")["notes"] == ["Father came to the gate."]
    assert (
        "One other draft of this form left unsent" in page
        and "“Rang mother about the trip on Friday.”" in page
    )
    open_other = re.search(r'name="go-on" value="(\d+)"', page)[1]
    typed = form_of(page, "notes") | {"notes": "Father came to the gate. He is glad."}
    there = keyworker.post(log_url, typed | {"go-on": open_other})["Location"]
    shown = form_of(keyworker.get(there).content.decode(), "notes")
    assert shown["notes"] == ["Rang mother about the trip on Friday."]
    assert {draft.data["notes"][0] for draft in Draft.objects.all()} == {
        "Rang mother about the trip on Friday.",
        "Father came to the gate. He is glad.",  # what it went on from is in it, and gone
    }


@pytest.mark.parametrize("word", ["Rang.", "妈妈打来电话", "Śniadanie"])
def test_a_draft_of_one_word_is_known_by_it(keyworker, log_url, draft_url, word):
    one, other = (form_of(keyworker.get(log_url).content.decode(), "notes") for _ in range(2))
    keyworker.post(draft_url, one | {"notes": word})
    keyworker.post(draft_url, other | {"notes": "Father came to the gate."})
    assert f"“{word}”, Monday" in keyworker.get(log_url).content.decode().replace("</span>", "")


@pytest.mark.parametrize("word", ["Rang.", "妈妈打来电话", "He was glad today."])
def test_what_was_continued_and_then_rewritten_is_offered(keyworker, log_url, draft_url, word):
    first = form_of(keyworker.get(log_url).content.decode(), "notes")
    keyworker.post(draft_url, first | {"notes": word})
    second = form_of(keyworker.get(log_url).content.decode(), "notes")
    assert second["notes"] == [word]
    keyworker.post(draft_url, second | {"notes": "Father came to the gate."})
    assert f"“{word}”" in keyworker.get(log_url).content.decode()


def test_a_draft_of_ticks_alone_is_not_called_empty(keyworker, log_url, draft_url):
    one, other = (form_of(keyworker.get(log_url).content.decode(), "notes") for _ in range(2))
    keyworker.post(draft_url, one | {"reached": "two_way"})
    keyworker.post(draft_url, other | {"notes": "Father came to the gate."})
    assert "Begun, Monday" in keyworker.get(log_url).content.decode().replace("</span>", "")


def test_saving_one_of_two_leaves_the_other(keyworker, log_url, draft_url, spoke):
    one, other = (form_of(keyworker.get(log_url).content.decode(), "notes") for _ in range(2))
    keyworker.post(draft_url, one | {"notes": "Rang mother."})
    keyworker.post(draft_url, other | {"notes": "Father came."})
    assert keyworker.post(log_url, other | spoke(notes="Father came.")).status_code == 302
    keyworker.post(draft_url, other | {"notes": "Father came."})  # on its way while the form was saved
    assert Draft.objects.get().data["notes"] == ["Rang mother."]
    page = keyworker.get(log_url).content.decode()
    assert keyworker.post(log_url, form_of(page, "notes") | spoke(notes="She is in.")).status_code == 302
    assert not Draft.objects.exists()


def test_another_draft_is_thrown_away_and_what_stands_in_the_form_stays(keyworker, log_url, draft_url):
    one, other = (form_of(keyworker.get(log_url).content.decode(), "notes") for _ in range(2))
    keyworker.post(draft_url, one | {"notes": "Rang mother."})
    keyworker.post(draft_url, other | {"notes": "Father came."})
    pk = Draft.objects.get(data__notes=["Rang mother."]).pk
    keyworker.post(log_url, other | {"notes": "Father came. He left.", "discard": pk})
    assert Draft.objects.get().data["notes"] == ["Father came. He left."]


@pytest.mark.parametrize(
    ("actor", "status"), [("former", 404), ("keyworker_other", 404), ("teacher", 404), ("parent", 403)]
)
def test_a_draft_about_a_student_is_kept_only_for_those_who_may_log(world, as_user, actor, status):
    url = reverse("keywork:draft", args=[world.mina.pk, "contact-new"])
    assert as_user(world.users[actor]).post(url, {"notes": "x"}).status_code == status
    assert not Draft.objects.exists()


def test_signed_out_a_draft_is_not_kept_and_script_can_tell(world):
    url = reverse("keywork:draft", args=[world.mina.pk, "contact-new"])
    response = Client().post(url, {"notes": "x"})
    assert response.status_code == 302
    assert not Draft.objects.exists()


def test_far_too_much_or_an_odd_name_is_refused(keyworker, world):
    url = reverse("keywork:draft", args=[world.mina.pk, "contact-new"])
    assert keyworker.post(url, {"notes": "x" * MAX_BYTES}).status_code == 422
    assert (
        keyworker.post(
            reverse("keywork:draft", args=[world.mina.pk, "Contact_NEW"]), {"notes": "x"}
        ).status_code
        == 422
    )
    with pytest.raises(Refused):
        keep_draft(by=world.u_keyworker, form="a" * 41, student_id=None, data={})
    assert not Draft.objects.exists()


def test_what_is_no_ones_words_is_left_out(keyworker, draft_url):
    keyworker.post(
        draft_url, {"notes": "x", "csrfmiddlewaretoken": "t", "next": "/", "card": "/today/1/card/"}
    )
    assert set(Draft.objects.get().data) == {"notes"}


def test_typing_keeps_the_session_alive(keyworker, draft_url):
    assert "sessionid" in keyworker.post(draft_url, {"notes": "x"}).cookies
