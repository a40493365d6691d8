"""What a student does on a phone, and how people are moved on the circle map: by hand, by keys, by touch, by list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.tsp.factories import make_sheet
from tests.world import assign, make_family, make_student, make_user
from tsp.models import Answer, Sheet, Tool

from .axe import faults_here, look_at
from .conftest import DESK, PHONE
from .flows import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEAST_TARGET = 44  # CSS pixels
PEOPLE = [
    {"who": "Mum", "circle": "closest", "where": "home", "how-it-feels": "good"},
    {"who": "Ana", "circle": "friends", "where": "school", "how-it-feels": "mixed"},
]


@pytest.fixture
def wren(site):
    """A student of their own, with a keyworker and a mother."""
    site._made += 1
    name = f"own_{site._made}"
    user, keyworker = make_user(name, "student"), make_user(f"{name}_kw", "staff")
    student = make_student("Wren", f"Ashgrove{site._made}", user=user)
    assign(student, keyworker)
    mother = make_user(f"{name}_mum", "family")
    make_family(student, "Linnea", f"Ashgrove{site._made}", user=mother)
    student.people = {"user": user, "keyworker": keyworker, "mother": mother}
    return student


def test_a_voice_sheet_on_a_phone_left_and_come_back_to(site, open_browser, wren):
    user = wren.people["user"]
    page = open_browser(user, PHONE, has_touch=True)
    page.goto("/my-page/")
    page.get_by_role("link", name=re.compile("Start.*What goes well for me")).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("What goes well for me, and what is hard")
    page.get_by_role("button", name="Start").tap()

    box = page.get_by_role("textbox", name="What is going well for me")
    expect(box).to_be_visible()
    assert faults_here(page) == []
    box.fill("Art, and the garden.")
    expect(page.get_by_text("Saved at")).to_be_visible()  # nobody pressed anything
    page.get_by_role("button", name="Next").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("What I find hard right now")
    page.get_by_role("button", name="Skip this one").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("People who help me")
    page.get_by_role("button", name="Stop for now").tap()
    expect(page.get_by_text("It waits for you here.")).to_be_visible()
    page.context.close()

    # Another day, another phone: on at the first question without an answer.
    page = open_browser(user, PHONE, has_touch=True)
    page.goto("/my-page/")
    page.get_by_role("link", name=re.compile("Go on.*What goes well for me")).tap()
    page.get_by_role("button", name="Go on").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("What I find hard right now")
    for title in (
        "People who help me",
        "One thing I would change",
        "Something I am proud of",
        "What I hope for",
    ):
        page.get_by_role("button", name="Next").tap()
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.get_by_role("button", name="Next").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("How safe I feel")
    for choice in page.locator(".kw-feel label").all():
        size = choice.bounding_box()
        assert size["width"] >= LEAST_TARGET and size["height"] >= LEAST_TARGET
    assert faults_here(page) == []
    page.get_by_text("Mostly", exact=True).tap()
    expect(page.get_by_text("Saved at")).to_be_visible()
    page.get_by_role("button", name="Next").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("How I gave these views")
    page.get_by_text("On my own", exact=True).tap()
    page.get_by_role("button", name="To the end").tap()
    expect(page.get_by_role("button", name="I am done")).to_be_visible()
    assert faults_here(page) == []
    expect(page.get_by_role("heading", name="Who at home may see this?")).to_be_visible()
    page.get_by_role("button", name="I am done").tap()
    expect(page.get_by_text("Thank you. It is in.")).to_be_visible()

    sheet = Sheet.objects.get(student=wren)
    assert sheet.done_at is not None and sheet.share_with_home is bool(sheet.shared_with)
    assert dict(sheet.answers.values_list("field", "value")) == {
        "going-well": "Art, and the garden.",
        "feel-safe": 3,
        "how-i-gave-views": "on my own",
    }


@pytest.fixture
def circle(wren):
    sheet = make_sheet(wren, wren.people["user"], Tool.CIRCLE, done=False, answers={"people": PEOPLE})
    return wren.people["user"], sheet, f"/tsp/mine/{sheet.pk}/question/people/"


def person(page: Page, name: str):
    return page.locator("svg.kw-circle-map").get_by_role("button", name=name)


def rings_of(sheet) -> dict[str, str]:
    return {row["who"]: row["circle"] for row in Answer.objects.get(sheet=sheet, field="people").value}


def saved(page: Page) -> None:
    expect(page.locator(".kw-draft")).to_contain_text("Saved at")


def test_circle_map_by_keyboard(open_browser, circle):
    user, sheet, path = circle
    page = open_browser(user, DESK)
    page.goto(path)
    ana = person(page, "Ana")
    ana.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-circle-says]")).to_have_text("Ana: closest.")
    wait_until(page, lambda: rings_of(sheet) == {"Mum": "closest", "Ana": "closest"})
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("combobox", name="Circle").nth(1)).to_have_value("people I do things with")
    page.keyboard.press("Enter")  # to the line of the list
    expect(page.get_by_role("combobox", name="Circle").nth(1)).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("combobox", name="Circle").nth(1)).to_have_value("friends")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/question/more-of/")
    assert rings_of(sheet)["Ana"] == "friends"


def drag(page: Page, name: str, ring: int) -> None:
    """From where they stand straight outwards to another ring."""
    frame = page.locator("svg.kw-circle-map").bounding_box()
    start = person(page, name).locator(".kw-circle-shape").bounding_box()
    unit = frame["width"] / 480
    outer = page.locator(f"[data-ring='{ring}']")
    middle = (float(outer.get_attribute("data-inner")) + float(outer.get_attribute("data-outer"))) / 2
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2 + 20, steps=4)
    page.mouse.move(
        frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2 + middle * unit, steps=8
    )
    page.mouse.up()


def test_circle_map_by_drag_and_by_list(open_browser, circle):
    user, sheet, path = circle
    page = open_browser(user, DESK)
    page.goto(path)
    drag(page, "Mum", 3)
    expect(page.get_by_role("combobox", name="Circle").first).to_have_value("people who are paid to help")
    saved(page)
    page.reload()
    rows = Answer.objects.get(sheet=sheet, field="people").value
    assert rows[0]["circle"] == "people who are paid to help" and 80 <= rows[0]["angle"] <= 100
    # A new name in the list is in the drawing at once, and there is a line for the next.
    lines = page.locator("[data-circle-row]")
    before = lines.count()
    page.get_by_role("textbox", name="Who").nth(2).fill("Bo")
    page.get_by_role("combobox", name="Circle").nth(2).select_option("friends")
    page.get_by_role("combobox", name="How it feels").nth(2).select_option("worried")
    expect(person(page, "Bo, friends, worried")).to_be_visible()
    page.get_by_role("textbox", name="Who").nth(3).fill("Cy")
    expect(lines).to_have_count(before + 1)
    # A name rubbed out is gone from both.
    page.get_by_role("textbox", name="Who").nth(1).fill("")
    page.get_by_role("textbox", name="Who").nth(0).focus()
    expect(person(page, "Ana")).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/question/more-of/")
    assert rings_of(sheet) == {"Mum": "people who are paid to help", "Bo": "friends", "Cy": ""}


def test_circle_map_by_touch_on_a_small_phone(open_browser, circle):
    user, sheet, path = circle
    page = open_browser(user, {"width": 320, "height": 640}, has_touch=True)
    page.goto(path)
    assert faults_here(page) == []
    svg = page.locator("svg.kw-circle-map")
    svg.scroll_into_view_if_needed()
    start = person(page, "Mum").locator(".kw-circle-shape").bounding_box()
    frame = svg.bounding_box()
    at = {"x": start["x"] + start["width"] / 2, "y": start["y"] + start["height"] / 2}
    to = {"x": frame["x"] + frame["width"] / 2, "y": frame["y"] + frame["height"] * 0.84}
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    for part in (0.3, 0.6, 1):
        point = {axis: at[axis] + (to[axis] - at[axis]) * part for axis in "xy"}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_role("combobox", name="Circle").first).to_have_value("people I do things with")
    wait_until(page, lambda: rings_of(sheet)["Mum"] == "people I do things with")


def test_without_script_the_list_does_the_same(open_browser, circle):
    user, sheet, path = circle
    page = open_browser(user, PHONE, java_script_enabled=False)
    page.goto(path)
    expect(page.locator("svg.kw-circle-map")).to_be_visible()
    page.get_by_label("Circle").nth(1).select_option("closest")
    page.get_by_label("Who").nth(2).fill("Bo")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/question/more-of/")
    page.get_by_role("button", name="Back").click()
    page.wait_for_url("**/question/people/")
    assert rings_of(sheet) == {"Mum": "closest", "Ana": "closest", "Bo": ""}


def test_a_parent_writes_on_a_phone_and_goes_on_elsewhere(open_browser, wren):
    mother = wren.people["mother"]
    page = open_browser(mother, PHONE)
    page.goto("/home/")
    page.get_by_role("link", name=re.compile("Start.*Tell us about Wren at home")).click()
    expect(page.get_by_label("What is going well at home?")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_label("What is going well at home?").fill("Mornings are calmer.")
    expect(page.locator(".kw-draft")).to_contain_text("Saved at")
    page.context.close()

    page = open_browser(mother, DESK)
    page.goto("/home/")
    page.get_by_role("link", name=re.compile("Go on.*Tell us about Wren at home")).click()
    expect(page.get_by_label("What is going well at home?")).to_have_value("Mornings are calmer.")
    page.get_by_role("button", name="Look at what you say").click()
    expect(page.get_by_role("heading", name="This is what you say")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_text("It is with the school now.")).to_be_visible()
    assert faults_here(page) == []
    assert Sheet.objects.get(student=wren).done_at


def test_own_pages_have_no_faults(looking, wren):
    user, keyworker = wren.people["user"], wren.people["keyworker"]
    done = make_sheet(wren, keyworker, Tool.REGULATION)
    shown = make_sheet(wren, user, Tool.CIRCLE, share_with_home=True, answers={"people": PEOPLE})
    voice = make_sheet(wren, user, Tool.VOICE, done=False)
    faults = {}
    for who, paths in (
        (user, ["/my-page/", "/tsp/mine/", f"/tsp/mine/{done.pk}/", f"/tsp/mine/{shown.pk}/",
                f"/tsp/mine/{voice.pk}/tick/", f"/tsp/mine/{voice.pk}/tick/relationships/",
                "/tsp/mine/start/student-voice/rather-not/"]),
        (wren.people["mother"], ["/home/", f"/tsp/child/{wren.pk}/", f"/tsp/child/{wren.pk}/home-view/",
                                 f"/tsp/child/{wren.pk}/talk/ticks/", f"/tsp/child/{wren.pk}/sheets/{shown.pk}/",
                                 f"/tsp/child/{wren.pk}/sheets/{done.pk}/"]),
    ):  # fmt: skip
        page = looking(who)
        faults |= look_at(page, {path: path for path in paths})
    assert faults == {}
