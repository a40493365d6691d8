"""Staff look at the views side by side, talk over the differences and agree; each year on from the one before."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ilsa import actions, rules, templates
from ilsa.models import Agreement, Answer
from tests.forms import form_of as fields_of
from tests.world import TODAY, make_family

from .factories import answer, filled, form_of, opened
from .pages import YEAR, complete, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(world):
    return f"/independence/students/{world.mina.pk}/{YEAR}/"


@pytest.fixture
def keyworker(world, as_user):
    opened(world.u_head)
    return as_user(world.u_keyworker)


@pytest.fixture
def rated(world, keyworker):
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2, {"pc-wash": 1, "pc-teeth": 3})
    filled(form_of(world.mina, "pupil"), world.u_student, 2, {"pc-wash": 4, "pc-teeth": rules.NOT_SEEN})
    return keyworker


def test_nobody_has_answered_yet(keyworker, path):
    page = words(keyworker.get(path))
    assert "Nobody’s answers are in yet." in page and "Not in yet" in page
    assert "to talk over" not in page


def test_views_differences_and_figures(rated, path):
    page = words(rated.get(path))
    assert "Independence 2026/27: 2 views" in page
    assert "One difference to talk over" in page and "Talk over 1 difference" in page
    assert "1 With full support" in page and "4 Fully independent" in page
    assert "One item seen in one place only" in page
    assert "Min minus Keyworker" in page and "Show as a table" in page
    assert "Personal care: Keyworker 50%, Min 58%" in page  # the picture in words, for who does not see it


def test_each_pair_in_figures_is_for_staff_and_kappa_has_its_floor(world, rated, path, as_user):
    page = words(rated.get(path))
    assert "Each pair in figures (staff only)" in page
    for person, where in ((world.u_student, f"/independence/mine/{YEAR}/result/"),):
        assert "minus" not in words(as_user(person).get(where))


def test_agreeing_a_value(world, rated, path):
    form = rated.get(path + "agree/pc-wash/")
    assert "1 With full support" in words(form) and "4 Fully independent" in words(form)
    before = list(Answer.objects.order_by("pk").values())
    sent = {
        "score": "2",
        "tags": ["one_place"],
        "note": "Only with school so far.",
        "agreed_on": TODAY,
    }
    assert rated.post(path + "agree/pc-wash/", sent).url == path + "#flags"
    page = words(rated.get(path))
    assert "2 With prompting" in page and "“Only with school so far.”" in page
    assert "Does it in one place only" in page and "Talk over" not in page
    assert list(Answer.objects.order_by("pk").values()) == before


def test_two_people_agreeing_at_once(world, rated, path, as_user):
    deputy, where = as_user(world.u_deputy), path + "agree/pc-wash/"
    mine = fields_of(deputy.get(where).content.decode(), "agreed_on")
    rated.post(where, {"score": "2", "note": "First.", "agreed_on": TODAY, "tags": ["one_place"]})
    late = deputy.post(where, mine | {"score": "3", "note": "Second words."})
    assert late.status_code == 409
    assert "2 With prompting" in words(late) and "Second words." in words(late)
    assert Agreement.objects.get().score == 2
    text = late.content.decode()
    chosen = {
        name: re.search(rf'name="choice:{name}" value="({who}[^"]+)"', text)[1]
        for name, who in (("score", "mine"), ("note", "theirs"))
    }
    again = fields_of(text, "agreed_on") | {f"choice:{name}": value for name, value in chosen.items()}
    assert deputy.post(where, again).status_code == 302
    row = Agreement.objects.get()
    assert (row.score, row.note, row.tags) == (3, "First.", ["one_place"])


@pytest.mark.parametrize(
    "wrong", [{"score": ""}, {"score": "9"}, {"agreed_on": "2026-12-01"}, {"tags": ["because"]}]
)
def test_what_cannot_be_agreed_keeps_what_was_typed(rated, path, wrong):
    sent = {"score": "2", "note": "Typed words.", "agreed_on": "2026-11-23", **wrong}
    refused = rated.post(path + "agree/pc-wash/", sent)
    assert refused.status_code == 422 and "Typed words." in words(refused)
    assert not Agreement.objects.exists()


def test_views_more_than_42_days_apart_are_said_so(world, keyworker, path):
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, on=TODAY - timedelta(days=42))
    filled(form_of(world.mina, "pupil"), world.u_student)
    assert "not one assessment" not in words(keyworker.get(path))


def test_views_43_days_apart(world, keyworker, path):
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, on=TODAY - timedelta(days=43))
    filled(form_of(world.mina, "pupil"), world.u_student)
    page = words(keyworker.get(path))
    assert "43 days lie between" in page and "not one assessment" in page


def test_who_took_no_part_and_why(world, keyworker, path):
    form = form_of(world.mina, "parent_carer", world.mina_mum.member)
    where = f"/independence/forms/{form.pk}/missing/"
    opened_before = fields_of(keyworker.get(where).content.decode(), "reason")
    sent = keyworker.post(where, {"reason": "declined", "words": "Not this year."})
    assert sent.status_code == 302
    page = words(keyworker.get(path))
    assert "Would rather not: Not this year." in page
    assert keyworker.post(where, {**opened_before, "reason": "no_reply"}).status_code == 409
    assert keyworker.post(f"{where}?back=https://bad.example/", {"reason": ""}).url == path


def test_notes_stand_with_the_answers_for_staff(world, keyworker, path):
    form = form_of(world.mina, "keyworker")
    answer(form, world.u_keyworker, "pc-wash", 2, "Beside the basin only.")
    complete(form, world.u_keyworker)
    keyworker.post(f"/independence/forms/{form.pk}/send/")
    assert "Beside the basin only." in words(keyworker.get(path))


def test_what_a_reader_may_not_do_is_not_offered(world, rated, path, as_user):
    page = words(as_user(world.u_mentor).get(path))
    assert "One difference to talk over" in page
    for offer in ("Agree a value", "Type in a paper form", "take no part", "Make it a goal"):
        assert offer not in page


def test_the_years_level_and_change(world, keyworker, path):
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 1, {"pc-wash": rules.NOT_APPLICABLE})
    tab = f"/independence/students/{world.mina.pk}/"
    assert "Change from" not in words(keyworker.get(tab))
    opened(world.u_head, "2027-28")
    filled(form_of(world.mina, "keyworker", year="2027-28"), world.u_keyworker, 2)
    page = words(keyworker.get(tab))
    assert "Up 25 points overall." in page and "Up 25 points: 25% to 50%, over 6 questions" in page
    assert "Newly in scope" in page and templates.current().items["pc-wash"].staff in page
    assert page.index(">25%<") < page.index(">50%<")  # the table behind the picture


def test_queries_do_not_grow_with_raters_items_or_years(world, keyworker, path):
    def count(where: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert keyworker.get(where).status_code == 200
        return len(queries)

    tab = f"/independence/students/{world.mina.pk}/"
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    filled(form_of(world.mina, "pupil"), world.u_student, 3)
    opened(world.u_head, "2027-28")
    filled(form_of(world.mina, "keyworker", year="2027-28"), world.u_keyworker, 2)
    count(path)
    few, years = count(path), count(tab)
    for number in range(4):
        link = make_family(world.mina, f"P{number}", "More")
        actions.add_newcomers(by=world.u_head, round=form_of(world.mina, "pupil").assessment.round)
        filled(form_of(world.mina, "parent_carer", link.member), world.u_keyworker, number)
        opened(world.u_head, f"20{30 + number}-{31 + number}")
        filled(form_of(world.mina, "keyworker", year=f"20{30 + number}-{31 + number}"), world.u_keyworker, 2)
    assert (count(path), count(tab)) == (few, years)


def test_nobody_assessed_yet_says_what_to_do_next(world, as_user):
    tab = f"/independence/students/{world.mina.pk}/"
    for who, leads_on in ((world.u_head, True), (world.u_keyworker, False)):
        page = words(as_user(who).get(tab))
        assert "No assessment yet" in page
        assert ('href="/independence/rounds/"' in page) is leads_on
