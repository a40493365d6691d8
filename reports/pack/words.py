"""What whoever puts a pack together writes for it: (heading, what to write), in the order of the pack."""

from __future__ import annotations

from students.models import Student

SHORT = "in_short"
TESTS = "tests"
ASKED, NOT_ENOUGH = "asked_for", "not_enough"
NEEDS = dict(Student.Need.choices)

FIELDS: dict[str, tuple[str, str]] = {
    SHORT: (
        "In short",
        "Three or four sentences for the cover: what is hard, what was tried, what is asked for.",
    ),
    **{
        need: (label, "Strengths first, then needs, each with how it is known.")
        for need, label in NEEDS.items()
    },
    TESTS: ("Scores from others", "Standardised scores with name of the test, date and who gave it."),
    ASKED: ("What is asked for", "What the authority is asked to find out or to provide."),
    NOT_ENOUGH: (
        "Why what the school has is not enough",
        "What was provided, at what cost if it is known, and what it did not change.",
    ),
}
NEEDED = (SHORT, ASKED, NOT_ENOUGH)
