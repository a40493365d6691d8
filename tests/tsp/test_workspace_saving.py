"""Saving a point field by field: two editors at once, with script and without; nothing that was typed is lost."""

from __future__ import annotations

import json
import re
import threading

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import clock, saving
from tests import world as cast
from tsp.models import Narrative, Rating
from tsp.rating.actions import open_point, save_fields

from .factories import TERM, make_evidence, rate_all
from .workspace import typed, url, values_of

HX = {"HX-Request": "true", "X-Keywork-Poll": "1"}
SUMMARY = "narrative:summary"


@pytest.fixture
def point(world):
    return open_point(by=world.u_keyworker, student=world.mina, term=TERM, kind="baseline")


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def deputy(world, as_user):
    return as_user(world.u_deputy)


@pytest.fixture
def send(world):
    """`send(client, {field: values}, {field: version})`: what autosave.js posts."""

    def post(client, fields, seen=None):
        data = {"autosave": "1"}
        for field, values in fields.items():
            data[f"base:{field}"] = str((seen or {}).get(field, 0))
            data[field] = values
        return client.post(url(world.mina, "ws_save"), data)

    return post


def words(point, part="summary"):
    return point.narratives.get(part=part).text


# ------------------------------------------------------------------------------------- one editor


def test_a_field_is_saved_and_what_it_changes_comes_back(keyworker, send, point):
    with clock.frozen(clock.now()):
        answer = send(keyworker, {"rating:emo-recover": "3"})
    told = answer.json()
    assert (answer.status_code, told["saved"], told["saved_at"]) == (200, {"rating:emo-recover": 1}, "12 pm")
    assert told["bases"]["rating:emo-recover"] == saving.base(1, ("3",))
    assert "1 of 54 statements rated" in told["parts"]["ws-due"]
    assert "1 of 6" in told["parts"]["ws-sum-emotional-regulation"]
    assert "“Mostly” needs two dated examples" in told["parts"]["ws-side-emo-recover"]
    assert "ws-sum-flexibility" not in told["parts"]


def test_the_same_again_writes_nothing(keyworker, send, point):
    send(keyworker, {SUMMARY: "Calm mornings."})
    again = send(keyworker, {SUMMARY: "Calm mornings.\r\n"}, {SUMMARY: 1})
    assert again.json()["saved"] == {SUMMARY: 1}
    assert Narrative.pgh_event_model.objects.count() == 1


def test_an_answer_taken_away(keyworker, send, point, world):
    send(keyworker, {"rating:emo-recover": "3"})
    told = send(keyworker, {"rating:emo-recover": []}, {"rating:emo-recover": 1}).json()
    assert told["saved"] == {"rating:emo-recover": 2}
    assert values_of(point) == {}
    # Rated once more, from this page and from one loaded afresh: never a number that was used before.
    told = send(keyworker, {"rating:emo-recover": "1"}, {"rating:emo-recover": 2}).json()
    assert told["saved"] == {"rating:emo-recover": 3}
    send(keyworker, {"rating:emo-recover": []}, {"rating:emo-recover": 3})
    told = send(keyworker, {"rating:emo-recover": "2"}).json()
    assert told["saved"] == {"rating:emo-recover": 5}
    last = Rating.pgh_event_model.objects.order_by("pgh_id").values_list("value", "by__name")
    assert [value for value, _ in last] == [3, 3, 3, 1, 1, 1, 2]  # rated, taken away and gone, twice


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("rating:emo-recover", "5", "Choose one of the answers"),
        ("rating:emo-recover", "-1", "Choose one of the answers"),
        ("rating:emo-recover", ["1", "2"], "Choose one answer"),
        ("rating:nowhere", "2", "not part of the form"),
        ("narrative:area:nowhere", "Words", "not part of the form"),
        ("narrative:secret", "Words", "not part of the form"),
        (SUMMARY, "w" * 5001, "longer than 5,000"),
        ("contexts", ["weather"], "Choose from the list"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_saved(
    keyworker, send, point, field, value, why
):
    answer = send(keyworker, {field: value, "rating:flex-try-new": "2"})
    assert answer.status_code == 422
    assert why in answer.json()["errors"][field]
    assert answer.json()["saved"] == {"rating:flex-try-new": 1}
    assert values_of(point) == {"flex-try-new": 2}
    assert not Narrative.objects.exists()


def test_contexts_with_their_words(keyworker, deputy, send, point, world):
    """A page loaded before anybody began has seen version 0 and nothing chosen; so has what is there."""
    unopened = {"autosave": "1", "base:contexts": saving.base(0, ()), "contexts": ["absence", "illness"]}
    told = keyworker.post(url(world.mina, "ws_save"), unopened).json()
    send(keyworker, {"narrative:context": "Two weeks away."})
    point.refresh_from_db()
    assert (told["saved"], point.contexts) == ({"contexts": 2}, ["illness", "absence"])
    assert words(point, "context") == "Two weeks away."
    other = deputy.post(url(world.mina, "ws_save"), unopened | {"contexts": ["other"]})
    html = other.json()["conflicts"]["contexts"]["html"]
    assert other.status_code == 409 and "Keyworker changed this" in html and "Illness or injury" in html


# ------------------------------------------------------------------------------------ two editors


def test_two_editors_of_different_fields_disturb_nobody(keyworker, deputy, send, point):
    assert send(keyworker, {SUMMARY: "Mornings.", "rating:emo-recover": "1"}).status_code == 200
    assert send(deputy, {"narrative:next-steps": "A map.", "rating:flex-try-new": "4"}).status_code == 200
    assert values_of(point) == {"emo-recover": 1, "flex-try-new": 4}
    assert (words(point), words(point, "next-steps")) == ("Mornings.", "A map.")


def test_two_editors_of_one_passage(keyworker, deputy, send, point):
    """The second sees whose words came between, loses none of theirs, and decides."""
    send(keyworker, {SUMMARY: "Mina greets people."})
    second = send(deputy, {SUMMARY: "Mina smiles at people."})
    told = second.json()["conflicts"][SUMMARY]
    assert second.status_code == 409 and told["version"] == 1
    assert "Keyworker changed this while you were writing, at 12 pm" in told["html"]
    assert "Mina greets people." in told["html"]
    assert words(point) == "Mina greets people."
    assert send(deputy, {SUMMARY: "Both: greets and smiles."}, {SUMMARY: 1}).status_code == 200
    history = Narrative.pgh_event_model.objects.order_by("pgh_id").values_list("text", "by__name")
    assert list(history) == [("Mina greets people.", "Keyworker"), ("Both: greets and smiles.", "Deputy")]


def test_two_editors_of_one_rating(keyworker, deputy, send, point):
    send(keyworker, {"rating:emo-recover": "1"})
    assert send(deputy, {"rating:emo-recover": "1"}).status_code == 200, "the same is no dispute"
    answer = send(deputy, {"rating:emo-recover": "4", "rating:flex-try-new": "2"})
    told = answer.json()
    assert answer.status_code == 409 and told["saved"] == {"rating:flex-try-new": 1}
    assert "1 Beginning" in told["conflicts"]["rating:emo-recover"]["html"]
    assert told["conflicts"]["rating:emo-recover"]["values"] == ["1"]
    assert values_of(point) == {"emo-recover": 1, "flex-try-new": 2}


def test_an_answer_taken_away_by_somebody_else(keyworker, deputy, send, point):
    send(keyworker, {"rating:emo-recover": "1"})
    send(keyworker, {"rating:emo-recover": []}, {"rating:emo-recover": 1})
    told = send(deputy, {"rating:emo-recover": "3"}, {"rating:emo-recover": 1}).json()
    assert "Keyworker changed this" in told["conflicts"]["rating:emo-recover"]["html"]
    assert "They left it empty." in told["conflicts"]["rating:emo-recover"]["html"]


def test_hostile_words_stay_words(keyworker, deputy, send, point):
    send(keyworker, {SUMMARY: "<script>alert(1)</script>"})
    html = send(deputy, {SUMMARY: "Mine"}).json()["conflicts"][SUMMARY]["html"]
    assert "<script>" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize("base", ["", "x", "99999999999999999999", "1.zzz", "-1", "0.5.6"])
def test_a_forged_base_writes_over_nothing(keyworker, point, world, base):
    save_fields(by=world.u_deputy, point=point, typed=[typed(SUMMARY, "Theirs")])
    Narrative.objects.update(version=7)
    keyworker.post(url(world.mina, "ws_save"), {"autosave": "1", f"base:{SUMMARY}": base, SUMMARY: "Mine"})
    assert words(point) == "Theirs"


def test_one_of_two_sessions_at_the_same_moment(transactional_db):
    """Two real connections save one field with the same version seen: one is written, one is told of it."""
    with clock.frozen(cast.TODAY):
        w = cast.build()
        point = open_point(by=w.u_keyworker, student=w.mina, term=TERM, kind="baseline")
    together, told = threading.Barrier(2), {}

    def save(user, value):
        try:
            together.wait(10)
            told[value] = save_fields(by=user, point=point, typed=[typed("rating:emo-recover", value)])
        finally:
            connection.close()

    people = [threading.Thread(target=save, args=one) for one in ((w.u_keyworker, 1), (w.u_deputy, 4))]
    [one.start() for one in people]
    [one.join(20) for one in people]
    statuses = sorted(one.status for one in told.values())
    assert statuses == [200, 409]
    [won] = [value for value, one in told.items() if one.status == 200]
    assert values_of(point) == {"emo-recover": won}
    assert Rating.pgh_event_model.objects.count() == 1


# --------------------------------------------------------------------------------- without script


def page_form(client, world) -> dict[str, list[str]]:
    """Everything the page's own form holds, as a browser without script would send it."""
    text = client.get(url(world.mina)).content.decode()
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input[^>]*form="ws"[^>]*>', text):
        name, value = (re.search(rf' {what}="([^"]*)"', tag) for what in ("name", "value"))
        if 'type="hidden"' in tag or " checked" in tag:
            found.setdefault(name[1], []).append(value[1])
    for name, value in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*form="ws"[^>]*>([^<]*)</textarea>', text
    ):
        found[name] = [value.strip()]
    return found


def test_whole_pages_merge_field_by_field(keyworker, deputy, world, point):
    """Both loaded the page, both send all of it: neither takes back what the other alone changed."""
    save_fields(
        by=world.u_head, point=point, typed=[typed(SUMMARY, "Start."), typed("rating:emo-recover", 2)]
    )
    first, second = page_form(keyworker, world), page_form(deputy, world)
    first |= {SUMMARY: ["Start. And more."], "rating:flex-try-new": ["3"]}
    second |= {"rating:emo-recover": ["1"], "narrative:area:flexibility": ["New timetable."]}
    assert keyworker.post(url(world.mina, "ws_save"), first).status_code == 302
    assert deputy.post(url(world.mina, "ws_save"), second).status_code == 302
    assert values_of(point) == {"emo-recover": 1, "flex-try-new": 3}
    assert (words(point), words(point, "area:flexibility")) == ("Start. And more.", "New timetable.")


def test_a_dispute_without_script_shows_both_and_either_can_be_kept(keyworker, deputy, world, point):
    first, second = page_form(keyworker, world), page_form(deputy, world)
    keyworker.post(url(world.mina, "ws_save"), first | {SUMMARY: ["Theirs, said first."]})
    mine = second | {SUMMARY: ["Mine, said second."], "rating:flex-try-new": ["2"]}
    answer = deputy.post(url(world.mina, "ws_save"), mine)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs, said first." in text and "Mine, said second.</textarea>" in text
    assert "Not everything is saved" in text
    assert values_of(point) == {"flex-try-new": 2}, "the rest of the page is saved"
    again = mine | {f"base:{SUMMARY}": [saving.base(1, ("Theirs, said first.",))]}
    again |= {"base:rating:flex-try-new": [saving.base(1, ("2",))]}
    assert deputy.post(url(world.mina, "ws_save"), again | {"keep-theirs": SUMMARY}).status_code == 302
    assert words(point) == "Theirs, said first."
    assert deputy.post(url(world.mina, "ws_save"), again | {"use-mine": SUMMARY}).status_code == 302
    assert words(point) == "Mine, said second."


def test_taking_an_answer_away_without_script(keyworker, world, point):
    save_fields(by=world.u_keyworker, point=point, typed=[typed("rating:emo-recover", 2)])
    keyworker.post(url(world.mina, "ws_save"), page_form(keyworker, world) | {"clear": "emo-recover"})
    assert values_of(point) == {}


# ------------------------------------------------------------------------------- what others do


def test_the_page_hears_what_others_saved_and_who_is_here(keyworker, deputy, send, point, world):
    live = url(world.mina, "ws_live")
    keyworker.get(live, {"since": "", "where": "Flexibility and coping with change"}, headers=HX)
    first = deputy.get(live, {"since": "", "where": "Goals"}, headers=HX)
    assert "Keyworker is working here too, in Flexibility and coping with change." in first.content.decode()
    assert "Deputy is working" not in first.content.decode()
    since = first.context["since"]
    assert deputy.get(live, {"since": since}, headers=HX).context["fresh"] == ""
    send(keyworker, {"rating:emo-recover": "3", SUMMARY: "Words."})
    fresh = deputy.get(live, {"since": since}, headers=HX).context["fresh"]
    assert "rating:emo-recover" in fresh and "Words." in fresh and "ws-sum-emotional-regulation" in fresh
    now = deputy.get(live, {"since": since}, headers=HX).context["since"]
    send(keyworker, {"rating:emo-recover": []}, {"rating:emo-recover": 1})
    gone = deputy.get(live, {"since": now}, headers=HX).context["fresh"]
    assert json.loads(gone)["fields"]["rating:emo-recover"]["values"] == [], "what was taken away, too"


def test_being_here_is_forgotten(keyworker, deputy, world, point):
    keyworker.get(url(world.mina, "ws_live"), headers=HX)
    cache.clear()
    assert "working here" not in deputy.get(url(world.mina, "ws_live"), headers=HX).content.decode()


def test_looking_again_leaves_no_trace(keyworker, world, point):
    from keywork.models import RecordOpening

    keyworker.get(url(world.mina, "ws_live"), headers=HX)
    assert not RecordOpening.objects.filter(what="TSP").exists()
    keyworker.get(url(world.mina))
    assert RecordOpening.objects.filter(what="TSP", student_id=world.mina.pk).count() == 1


# -------------------------------------------------------------------------------------- queries


def test_saving_asks_as_much_of_one_field_as_of_many(keyworker, send, point, world):
    def asked(fields) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert send(keyworker, fields).status_code == 200
        return len(captured)

    asked({"rating:flex-try-new": "2"})  # what a process and a session do once
    one = asked({"rating:emo-recover": "2"})
    for slug in rate_all(1):
        make_evidence(point, world.u_keyworker, slug)
    assert asked({"rating:emo-early-signs": "2"}) == one
    assert one <= 25
