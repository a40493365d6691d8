"""A student says how they feel today by keyboard alone, changes it, and takes it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.tsp.factories import make_sheet
from tests.world import make_user
from tsp.models import Feeling, Tool

from .axe import faults_here
from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def student(site):
    us = site.pair("Ivo")
    us.student.user = make_user(f"feels_{us.student.pk}", "student")
    us.student.save(update_fields=["user"])
    return us


def tab_to(page, words: str) -> None:
    """Go on with the Tab key until the focus is on what is called so."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if words in page.evaluate(
            "() => document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText"
        ):
            return
    raise AssertionError(f"the Tab key never comes to {words}")


def test_said_changed_and_taken_back_by_keyboard(student, open_browser):
    page = open_browser(student.student.user, viewport=PHONE, reduced_motion="reduce")
    page.goto("/my-page/")
    expect(page.get_by_role("heading", name="How I feel today")).to_be_visible()
    assert faults_here(page) == []
    tab_to(page, "Tired")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Tired")).to_be_checked()
    assert not Feeling.objects.filter(student=student.student).exists()  # a tap alone says nothing
    assert faults_here(page) == []

    tab_to(page, "Tired")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Worried")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("The bus.")
    tab_to(page, "Say it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Somebody can help")).to_be_visible()
    expect(page.get_by_text("My team can see it, and the people at home I chose.")).to_be_visible()
    assert faults_here(page) == []
    one = Feeling.objects.get(student=student.student)
    assert (one.word, one.words, one.share_with_home) == ("worried", "The bus.", True)

    keyworker = open_browser(student.user, viewport=PHONE, reduced_motion="reduce")
    keyworker.goto("/today/")
    expect(keyworker.get_by_text("“I feel worried”")).to_be_visible()
    assert faults_here(keyworker) == []

    tab_to(page, "Take it back")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("It is taken back.")
    keyworker.reload()
    expect(keyworker.get_by_text("“I feel worried”")).to_have_count(0)


def test_without_script_a_missing_face_is_said_and_the_words_stay(student, open_browser):
    page = open_browser(student.student.user, viewport=PHONE, java_script_enabled=False)
    page.goto("/tsp/mine/feeling/")
    page.get_by_label("I want to say more").fill("Ducks.")
    page.get_by_role("button", name="Say it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a face")
    expect(page.get_by_label("I want to say more")).to_have_value("Ducks.")
    page.get_by_role("radio", name="Good").check(force=True)
    page.get_by_role("group", name="Who at home can see it?").get_by_role("checkbox").first.check(force=True)
    page.get_by_role("button", name="Say it").click()
    expect(page.get_by_text("Today I feel good. “Ducks.”")).to_be_visible()
    assert Feeling.objects.get(student=student.student).share_with_home


LISTEN = """
  window.said = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  Object.defineProperty(window, "speechSynthesis", {value: {speak: (one) => said.push(one.text), cancel: () => said.push("(stop)")}});
"""


def test_read_it_to_me_reads_the_question_and_its_answers_once_and_stops(student, open_browser):
    page = open_browser(student.student.user, viewport=PHONE, reduced_motion="reduce")
    page.add_init_script(LISTEN)
    page.goto("/tsp/mine/feeling/")
    safe = page.get_by_role("button", name=re.compile("Read it to me ?: do I feel safe"))
    safe.click()
    said = page.evaluate("said")[1:]
    assert said[0].startswith("Do I feel safe?") and said[1] == "I do not feel safe"
    assert any(one.startswith("Who will see it:") for one in said)
    assert len(said) == len(set(said)) and not any("Read it to me" in one for one in said)
    stop = page.get_by_role("button", name=re.compile("Stop reading ?: do I feel safe"))
    expect(stop).to_have_attribute("aria-pressed", "true")
    stop.click()
    expect(safe).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("said").pop() == "(stop)"

    sheet = make_sheet(
        student.student, student.student.user, Tool.REGULATION, done=False, answers={}, wording="student"
    )
    page.goto(f"/tsp/mine/{sheet.pk}/question/stages-calm/")
    page.get_by_label("What I feel").fill("Sunny")
    page.get_by_role("button", name=re.compile("Read it to me ?: this question")).click()
    said = page.evaluate("said")[1:]
    assert said[0] == "When I am calm" and said.count("Sunny") == 1
    assert said.index("Sunny") == said.index("What I feel") + 1
