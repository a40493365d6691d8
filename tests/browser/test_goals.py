"""A goal from the student's words to its first score, by three people in three browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import world as cast
from tests.tsp.factories import make_goal, make_outcome
from tests.tsp.goal_forms import GOAL_FORM, LEVELS_FORM
from tsp.models import Goal

from .axe import faults_here
from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = {
    "own words": GOAL_FORM["student_words"],
    "Why it matters": GOAL_FORM["why_it_matters"],
    "+2 Much more": LEVELS_FORM["plus_2"],
    "+1 Somewhat more": LEVELS_FORM["plus_1"],
    "0 Expected": LEVELS_FORM["zero"],
    "−1 Somewhat less": LEVELS_FORM["minus_1"],
    "−2 Much less": LEVELS_FORM["minus_2"],
    "What is counted or seen": LEVELS_FORM["measure"],
}


def around(pair) -> object:
    """A mentor for the pair's student, who can be the second adult."""
    mentor = cast.make_user(f"mentor_of_{pair.student.pk}", "staff")
    cast.assign(pair.student, mentor, "mentor")
    return mentor


def test_written_checked_and_scored(site, open_browser):
    pair = site.pair("Runa")
    mentor = around(pair)
    outcome = make_outcome(pair.student, pair.user)
    page = open_browser(pair.user, viewport=PHONE)
    page.goto(f"/tsp/students/{pair.student.pk}/goals/")
    page.get_by_role("link", name="Add a goal").first.click()
    for label, words in TYPED.items():
        page.get_by_label(label).fill(words)
    page.get_by_label("Area", exact=True).select_option("flexibility")
    with page.expect_response(
        lambda got: "/drafts/" in got.url and "outcomes" in (got.request.post_data or "")
    ):
        page.get_by_label(outcome.text).check()
    expect(page.locator(".kw-draft")).to_contain_text("Draft saved")

    # Left and come back to: everything is still there. What is missing is said beside it.
    page.reload()
    expect(page.get_by_label("0 Expected")).to_have_value(LEVELS_FORM["zero"])
    page.get_by_role("button", name="Save and ask for a check").click()
    expect(page.locator(".kw-errors")).to_contain_text("Say what adults will do")
    assert faults_here(page) == []
    page.get_by_label("What adults will do").fill(LEVELS_FORM["support"])
    page.get_by_role("button", name="Save and ask for a check").click()
    expect(page.get_by_text("The levels wait for a second adult.")).to_be_visible()

    second = open_browser(mentor)
    second.goto("/today/")
    second.get_by_role("link", name="Goals to check").click()
    second.get_by_role("link", name=f"“{GOAL_FORM['student_words']}”").click()
    second.get_by_label("Agree these levels").check()
    second.get_by_role("button", name="Answer").click()
    expect(second.get_by_text("The levels are locked from now on.")).to_be_visible()

    page.reload()
    page.get_by_role("link", name="Score this goal").click()
    page.get_by_label(LEVELS_FORM["plus_1"]).check()
    page.get_by_label("How you know").fill("Four of five this week.")
    page.get_by_role("button", name="Save score").click()
    expect(page.locator(".is-now")).to_contain_text(LEVELS_FORM["plus_1"])
    assert Goal.objects.get(student=pair.student).scores.get().level == 1


def test_two_editors_see_each_other(site, open_browser):
    pair = site.pair("Iver")
    deputy = cast.make_user(f"deputy_of_{pair.student.pk}", "staff")
    cast.assign(pair.student, deputy, "deputy")
    goal = make_goal(pair.student, pair.user)
    mine, theirs = open_browser(pair.user), open_browser(deputy)
    for page in (mine, theirs):
        page.goto(f"/tsp/goals/{goal.pk}/edit/")
    theirs.get_by_label("0 Expected").fill("What the deputy wrote")
    theirs.get_by_role("button", name="Save, not finished").click()
    theirs.wait_for_url(f"**/tsp/goals/{goal.pk}/")
    mine.get_by_label("0 Expected").fill("What the keyworker wrote")
    mine.get_by_role("button", name="Save, not finished").click()
    expect(mine.get_by_role("alert")).to_contain_text(
        "Expected by the review date” while you were writing. Choose which"
    )
    expect(mine.get_by_text("What the deputy wrote")).to_be_visible()
    expect(mine.get_by_label("0 Expected")).to_have_value("What the keyworker wrote")
    assert goal.scales.get().zero == "What the deputy wrote"
    assert faults_here(mine) == []
