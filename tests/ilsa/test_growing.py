"""From item to goal: offered where it stands at 1 or 2, and the link is kept and shown on both sides."""

from __future__ import annotations

import re

import pytest

from ilsa import templates
from ilsa.goal_links import ref_of
from keywork import goal_links
from tests.tsp.factories import make_goal
from tsp.models import Goal

from .factories import assessment_of, filled, form_of, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def rated(world):
    opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 3, {"pc-wash": 1, "pc-teeth": 2})
    return assessment_of(world.mina)


def page(as_user, world, user):
    return as_user(user).get(f"/independence/students/{world.mina.pk}/2026-27/").content.decode()


def test_low_items_are_offered_to_who_may_set_goals(world, as_user, rated):
    html = page(as_user, world, world.u_keyworker)
    assert html.count("Make it a goal") == 2
    assert ref_of(rated, "pc-wash").replace(":", "%3A") in html
    assert "Make it a goal" not in page(as_user, world, world.u_mentor)


def test_a_goal_keeps_the_item_it_grew_from(world, as_user, rated):
    ref = ref_of(rated, "pc-wash")
    browser = as_user(world.u_keyworker)
    form = browser.get(goal_links.goals().new_url(world.mina.pk, ref)).content.decode()
    assert f'value="{ref}"' in form
    answer = browser.post(
        f"/tsp/students/{world.mina.pk}/goals/new/",
        {
            "student_words": "I wash by myself.",
            "area": "sensory-wellbeing",
            "baseline": "-1",
            "grew_from": ref,
            "keep": "1",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    goal = Goal.objects.get()
    assert goal.grew_from == ref
    assert (
        goal.grew_from_words
        == "“Washes, showers or bathes often and thoroughly enough”, independence 2026/27"
    )
    shown = page(as_user, world, world.u_keyworker)
    assert "I wash by myself." in shown
    there = browser.get(f"/tsp/goals/{goal.pk}/").content.decode()
    assert f"/independence/students/{world.mina.pk}/2026-27/" in there


def test_what_is_offered_is_what_the_words_say(world, as_user):
    """A 4 stands in the list only because it has a goal already, and the words above the list say so."""
    opened(world.u_head)
    form = form_of(world.mina, "keyworker")
    low = {"pc-wash": 1, "pc-teeth": 2}
    slugs = [one.slug for one in templates.version(form.assessment.template_id).in_use]
    fours = [slug for slug in slugs if slug not in low][:2]
    filled(form, world.u_keyworker, 3, low | dict.fromkeys(fours, 4))
    make_goal(world.mina, world.u_keyworker, grew_from=ref_of(assessment_of(world.mina), fours[0]))
    html = page(as_user, world, world.u_keyworker)
    listed = html[html.index('id="grow"') :]
    listed = listed[: listed.index("</section>")]
    assert "Items that have a goal already, then those at 1 or 2" in listed
    rows = re.findall(r'<li class="kw-row is-apart">(.*?)</li>', listed, re.S)
    figures = [re.search(r": (\d) ", row).group(1) for row in rows]
    assert figures == ["4", "1", "2"]  # the other 4 and every 3 are left out
    assert ["/tsp/goals/" in row for row in rows] == [True, False, False]


def test_nothing_grows_from_another_students_item(world, rated):
    ref = ref_of(rated, "pc-wash")
    assert goal_links.origin(ref, world.mina.pk) is not None
    assert goal_links.origin(ref, world.otto.pk) is None
    for wrong in (
        "ilsa:999999:pc-wash",
        "ilsa:x:pc-wash",
        f"ilsa:{rated.pk}:nothing",
        "care:1:x",
        "",
        "ilsa:",
    ):
        assert goal_links.origin(wrong, world.mina.pk) is None


def test_goals_of_another_student_are_never_shown(world, as_user, rated):
    goal = make_goal(
        world.otto, world.u_keyworker_other, checker=world.u_senco, student_words="Sentinel words"
    )
    Goal.objects.filter(pk=goal.pk).update(grew_from=ref_of(rated, "pc-wash"), grew_from_words="x")
    assert "Sentinel words" not in page(as_user, world, world.u_keyworker)
