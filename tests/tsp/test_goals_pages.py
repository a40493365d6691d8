"""The pages of goals: who opens them, what they say, and that they cost the same for one goal or many."""

from __future__ import annotations

import pytest
from django.urls import reverse

from .factories import make_evidence, make_goal, make_judgement, make_outcome, make_score, make_window

LEVELS_FORM = {
    "plus_2": "Every lesson of a week",
    "plus_1": "Four lessons of five",
    "zero": "Three lessons of five",
    "minus_1": "One or two lessons of five",
    "minus_2": "In no lesson",
    "baseline": "-1",
    "measure": "Cards shown, counted by the teaching assistant in maths",
    "support": "The card on the table.",
    "review_on": "2026-12-18",
}
GOAL_FORM = {
    **LEVELS_FORM,
    "student_words": "I want to stay in maths.",
    "why_it_matters": "I like numbers.",
    "area": "communicating",
    "statement": "comm-ask-help",
}


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def goal(world):
    return make_goal(world.mina, world.u_keyworker, checker=world.u_member)


def test_every_page_opens(world, as_user, keyworker, goal):
    outcome = make_outcome(world.mina, world.u_keyworker)
    asked = make_goal(world.mina, world.u_keyworker, asked=True, outcomes=[outcome], student_words="I wait.")
    draft = make_goal(world.mina, world.u_keyworker, student_words="I begin.")
    score = make_score(goal, world.u_keyworker, 1)
    make_score(goal, world.u_mentor, 0, second=True)
    make_judgement(outcome, world.u_keyworker, words="Three of four.")
    window = make_window(world.mina, world.u_keyworker, ratings={"comm-ask-help": 2})
    make_evidence(window, world.u_keyworker, "comm-ask-help")
    mina = [world.mina.pk]
    for name, args in [
        ("goals", mina),
        ("goal_add", mina),
        ("outcomes", mina),
        ("judge", [world.mina.pk, outcome.pk]),
        ("goals_to_check", []),
        ("goal", [goal.pk]),
        ("goal", [asked.pk]),
        ("goal", [draft.pk]),
        ("goal_edit", [goal.pk]),
        ("goal_edit", [draft.pk]),
        ("goal_withdraw", [goal.pk]),
        ("goal_score", [goal.pk]),
        ("score_void", [score.pk]),
    ]:
        assert keyworker.get(reverse(f"tsp:{name}", args=args)).status_code == 200, name
    head = as_user(world.u_head)
    for name, args in [("goals_above", []), ("goal_check", [asked.pk]), ("goal_second", [goal.pk])]:
        assert head.get(reverse(f"tsp:{name}", args=args)).status_code == 200, name
