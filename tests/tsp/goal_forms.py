"""What somebody types into the goal-setting sheet."""

from __future__ import annotations

LEVELS_FORM = {
    "plus_2": "Stays in all five lessons",
    "plus_1": "Stays in four lessons of five",
    "zero": "Stays in three lessons of five",
    "minus_1": "Stays in one or two lessons of five",
    "minus_2": "Stays in no lesson",
    "baseline": "-1",
    "measure": "Maths lessons stayed in to the end, counted by the teaching assistant",
    "support": "A seat by the door and a card on the table.",
    "review_on": "2026-12-18",
}
GOAL_FORM = {
    **LEVELS_FORM,
    "student_words": "I want to stay in maths.",
    "why_it_matters": "I like numbers.",
    "area": "flexibility",
    "statement": "flex-try-new",
}
ASK = {"ask": "1"}
KEEP = {"keep": "1"}
