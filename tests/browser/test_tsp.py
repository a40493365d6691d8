"""A term's TSP in a browser: a whole baseline by keyboard in one sitting; two people in one; no script at all."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests import world as cast
from tests.access.records import session
from tests.tsp.workspace import typed, url, values_of
from tsp.models import AssessmentPoint, Evidence, Narrative, Rating
from tsp.questions import templates
from tsp.rating import assessment_points as points
from tsp.rating.actions import open_point, save_fields

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TERM = "2026-27-autumn"


def opened(pair) -> AssessmentPoint:
    return open_point(by=pair.user, student=pair.student, term=TERM, kind="baseline")


def deputy_of(pair, name: str):
    user = cast.make_user(name, "staff")
    cast.assign(pair.student, user, "deputy")
    return user


def saved(page: Page) -> None:
    expect(page.locator(".kw-draft")).to_contain_text("Saved at")


def answer(page: Page, slug: str, value: str):
    return page.locator(f"#r-{slug}-{value}")


def in_version(page: Page, field: str, number: int) -> None:
    """The field is saved, and the page knows as what."""
    expect(page.locator(f"[name='base:{field}']")).to_have_value(re.compile(rf"^{number}\."))


def look_again(page: Page) -> None:
    """What happens by itself every 20 seconds."""
    with page.expect_response(lambda response: "/live/" in response.url):
        page.evaluate("htmx.trigger('#ws-live', 'look')")


def test_a_whole_baseline_in_one_sitting_by_keyboard(open_browser, site):
    """54 statements with digits and n, an example in two clicks, words, finished; the mouse is never needed to rate."""
    pair = site.pair("Perran")
    session(pair.student, pair.user, notes="Asked for a break with his card.")
    page = open_browser(pair.user)
    page.goto(url(pair.student))
    expect(page.get_by_text("0 of 54 statements rated")).to_be_visible()
    page.get_by_text("Keyboard", exact=True).click()
    expect(page.get_by_text("no chance to see it, and goes on")).to_be_visible()

    statements = templates.current().in_use
    keys = ["3", "2", "n", *("2103"[place % 4] for place in range(3, 54))]
    answer(page, statements[0].slug, "0").focus()
    for place, key in enumerate(keys):
        focused = page.evaluate("document.activeElement.name")
        assert focused == f"rating:{statements[place].slug}", (
            f"the focus goes on, to {statements[place].slug}"
        )
        page.keyboard.press(key)
    outline = page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle")
    assert outline == "solid", "and is seen"
    expect(page.get_by_text("53 of 54 statements rated, 1 with no chance to see")).to_be_visible()
    saved(page)
    expect(page.locator("#ws-sum-repair-community")).to_contain_text("Rated")

    page.locator("#ws-side-comm-ask-help").get_by_role("link", name="Add an example").click()
    page.get_by_role("button", name="Use this").first.click()
    side = page.locator("#ws-side-comm-ask-help")
    expect(side).to_contain_text("with the keyworker")
    expect(side).to_contain_text("There is one so far")

    page.get_by_text("Illness or injury").click()
    page.get_by_label("Summary").press_sequentially("He has found his feet.", delay=1)
    page.get_by_role("button", name="Finish baseline").first.click()  # what was typed goes first
    expect(page.locator("#messages")).to_contain_text("The baseline is finished.")
    point = AssessmentPoint.objects.get(student=pair.student)
    assert values_of(point) == {
        one.slug: None if key == "n" else int(key) for one, key in zip(statements, keys, strict=True)
    }
    assert (point.done_on, point.contexts) == (cast.TODAY, ["illness"])
    assert point.narratives.get(part="summary").text == "He has found his feet."
    assert Evidence.objects.get(point=point).source_kind == "session"
    expect(page.locator("fieldset")).to_have_count(0)


def test_two_people_in_one_baseline_lose_nothing(open_browser, site):
    """Different fields reach each other; of one field both texts are shown, merged, and kept in the history."""
    pair = site.pair("Merryn")
    second = deputy_of(pair, "second_merryn")
    point = opened(pair)
    pages = [open_browser(user) for user in (pair.user, second)]
    for page in pages:
        page.goto(url(pair.student))
    one, two = pages

    answer(one, "comm-ask-help", "2").check(force=True)
    one.get_by_label("Next steps").fill("A card for breaks.")
    saved(one)
    answer(two, "comm-start-exchange", "4").check(force=True)
    saved(two)
    look_again(two)
    expect(two.get_by_text(f"{pair.user.name} is working here too")).to_be_visible()
    expect(answer(two, "comm-ask-help", "2")).to_be_checked()
    expect(two.get_by_label("Next steps")).to_have_value("A card for breaks.")
    look_again(one)
    expect(answer(one, "comm-start-exchange", "4")).to_be_checked()
    expect(one.locator("#ws-sum-communicating")).to_contain_text("2 of 6")

    one.get_by_label("Summary").fill("Greets people now.")
    expect(one.locator(".kw-draft")).to_contain_text("Saved at")
    in_version(one, "narrative:summary", 1)
    two.get_by_label("Summary").fill("Smiles at people.")
    theirs = two.locator("[data-conflict='narrative:summary']")
    expect(theirs).to_contain_text(f"{pair.user.name} changed this while you were writing")
    expect(theirs).to_contain_text("Greets people now.")
    expect(two.get_by_label("Summary")).to_have_value("Smiles at people.")
    assert Narrative.objects.get(point=point, part="summary").text == "Greets people now."
    two.get_by_label("Summary").fill("Greets people now, and smiles at them.")
    theirs.get_by_role("button", name="Use mine").click()
    expect(theirs).to_have_count(0)
    saved(two)
    assert Narrative.objects.get(point=point, part="summary").text == "Greets people now, and smiles at them."

    answer(one, "comm-turn-taking", "1").check(force=True)
    in_version(one, "rating:comm-turn-taking", 1)
    answer(two, "comm-turn-taking", "3").check(force=True)
    theirs = two.locator("[data-conflict='rating:comm-turn-taking']")
    expect(theirs).to_contain_text("1 Beginning")
    theirs.get_by_role("button", name="Keep theirs").click()
    expect(answer(two, "comm-turn-taking", "1")).to_be_checked()
    assert values_of(point) == {"comm-ask-help": 2, "comm-start-exchange": 4, "comm-turn-taking": 1}
    history = Narrative.pgh_event_model.objects.filter(point=point, part="summary").order_by("pgh_id")
    assert [event.by.name for event in history.select_related("by")] == [pair.user.name, second.name]


def test_a_lost_connection_keeps_what_was_typed(open_browser, site):
    pair = site.pair("Loveday")
    point = opened(pair)
    page = open_browser(pair.user)
    page.goto(url(pair.student))
    page.context.set_offline(True)
    answer(page, "comm-ask-help", "1").check(force=True)
    page.get_by_label("Summary").fill("Typed in the lift.")
    expect(page.locator(".kw-draft")).to_contain_text("No connection. What you typed is still here")
    assert not Rating.objects.filter(point=point).exists()
    page.context.set_offline(False)
    saved(page)
    open_browser.trouble.clear()
    assert values_of(point) == {"comm-ask-help": 1}
    assert Narrative.objects.get(point=point).text == "Typed in the lift."


def test_what_is_carried_over_is_confirmed_by_choosing_it_again(open_browser, site):
    pair = site.pair("Jory")
    point = opened(pair)
    Rating.objects.bulk_create(
        Rating(point=point, statement=slug, value=2, carried_from=point, by=pair.user, at=point.opened_at)
        for slug in ("comm-ask-help", "comm-start-exchange", "comm-turn-taking")
    )
    page = open_browser(pair.user)
    page.goto(url(pair.student))
    answer(page, "comm-ask-help", "2").focus()
    page.keyboard.press("2")
    saved(page)
    expect(page.get_by_text("Two ratings carried over")).to_be_visible()
    page.get_by_role("button", name="Still right: confirm").click()
    expect(page.get_by_text("carried over from the last review")).to_have_count(0)
    expect(page.get_by_text("3 of 54 statements rated")).to_be_visible()
    assert all(row.counts for row in point.ratings.all())
    page.keyboard.press("Tab")
    answer(page, "comm-turn-taking", "4").check(force=True)  # in what htmx brought in
    expect(page.locator("#ws-side-comm-turn-taking")).to_contain_text("“Secure” needs three")
    assert points.read(point).statement("comm-turn-taking").rating == 4


def test_without_script(open_browser, site):
    """Radio buttons, words and a Save button; what somebody else wrote meanwhile stands beside one's own."""
    pair = site.pair("Demelza")
    second = deputy_of(pair, "second_demelza")
    point = opened(pair)
    page = open_browser(pair.user, java_script_enabled=False)
    page.goto(url(pair.student))
    answer(page, "comm-ask-help", "2").check(force=True)
    page.get_by_label("Summary").fill("Mine.")
    save_fields(
        by=second,
        point=point,
        typed=[typed("narrative:summary", "Theirs."), typed("rating:comm-turn-taking", 3)],
    )
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".kw-errors")).to_contain_text("changed the same while you were writing")
    expect(page.locator("[data-conflict='narrative:summary']")).to_contain_text("Theirs.")
    expect(page.get_by_label("Summary")).to_have_value("Mine.")
    assert values_of(point) == {"comm-ask-help": 2, "comm-turn-taking": 3}
    page.get_by_role("button", name="Use mine").click()
    expect(page.locator("#messages")).to_contain_text("Saved.")
    assert Narrative.objects.get(point=point).text == "Mine."
    page.get_by_role("button", name="Finish baseline").first.click()
    expect(page.locator(".kw-errors")).to_contain_text("things to do before this baseline is finished")
