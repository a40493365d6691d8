"""All points of a student: the same queries for one term or ten, and comparison across versions of the form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import school
from questionnaires import edit
from tsp.questions import templates
from tsp.questions.questionnaire import AREAS, TOOLS
from tsp.questions.templates import FORM
from tsp.rating import assessment_points as points
from tsp.rating import pictures
from tsp.rating.history import area_changes, compare, points_of, statement_changes

from .factories import TERMS, area_of, make_point, rate_all

NEW = {
    "statement": "Finds another way when the usual one is shut.",
    "pupil_wording": "When my way is blocked I can find another.",
    "parent_wording": "Finds another way when plans fail.",
    "ehcp_area_of_need": "communication_interaction",
    "pfa_outcome": "independent_living",
}


@pytest.fixture
def calendar(world):
    return school.load().calendar


def published(by, change):
    FORM.start(by=by)
    draft = FORM.change(by=by, change=change)
    return FORM.publish(by=by, note="For the test", seen_lock=draft.lock)


def test_points_in_the_order_of_the_calendar(world, calendar):
    for term in reversed(TERMS[-3:]):
        for kind in ("review", "baseline"):
            make_point(
                world.mina,
                world.u_keyworker,
                term=term,
                kind=kind,
                ratings=area_of("flexibility", 1, 1, 1, 2),
            )
    make_point(world.otto, world.u_keyworker_other, term=TERMS[0], ratings=rate_all(4))
    found = points_of(world.mina, calendar)
    assert [(one.term, one.kind) for one in found] == [
        (term, kind) for term in TERMS[-3:] for kind in ("baseline", "review")
    ]
    assert {one.scores["flexibility"] for one in found} == {Decimal("1.3")}
    assert {one.scores["engagement"] for one in found} == {None}
    assert points_of(world.mina, calendar, finished_only=True) == []


def test_what_is_carried_and_not_confirmed_does_not_count(world, calendar):
    before = make_point(
        world.mina, world.u_keyworker, term=TERMS[-2], kind="review", ratings=rate_all(2), finished=True
    )
    make_point(world.mina, world.u_keyworker, ratings=rate_all(2), carried_from=before, confirmed=False)
    review, baseline = points_of(world.mina, calendar)
    assert (review.completion.answered, baseline.completion.answered) == (54, 0)


def test_as_many_queries_for_seven_terms_as_for_one(world, calendar):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            points_of(world.mina, calendar)
        return len(captured)

    make_point(world.mina, world.u_keyworker, term=TERMS[0], ratings=rate_all(1), finished=True)
    one = asked()
    published(
        world.u_coordinator,
        lambda doc: edit.reword_section(TOOLS, doc, "student-voice", {"title": "Voice", "pupil_title": "Me"}),
    )
    for term in TERMS[1:]:
        for kind in ("baseline", "review"):
            make_point(
                world.mina, world.u_keyworker, term=term, kind=kind, ratings=rate_all(2), finished=True
            )
    assert asked() == one == 4


def test_points_of_two_versions_are_compared_over_what_both_have(world, calendar):
    """Version 2 retires one statement and adds another: neither looks like progress, and the old stays as it was."""
    then = area_of("flexibility", 4, 1, 1, 1, 1, 1)
    old = make_point(
        world.mina, world.u_keyworker, term=TERMS[-2], kind="review", ratings=then, finished=True
    )
    kept = frozenset(one.slug for one in templates.current().in_use)
    gone = templates.current().area("flexibility").statements[0].slug

    def change(doc):
        return edit.add_question(
            AREAS, edit.retire_question(AREAS, doc, gone, kept=kept), "flexibility", NEW, "2.0.0"
        )[0]

    published(world.u_coordinator, change)
    statements = templates.current().area("flexibility").statements
    make_point(
        world.mina,
        world.u_keyworker,
        ratings={one.slug: 4 if one.slug not in then else 2 for one in statements},
        finished=True,
    )
    first, second = points_of(world.mina, calendar)
    assert (first.scores["flexibility"], second.scores["flexibility"]) == (Decimal("1.5"), Decimal("2.3"))
    found = compare(first, second)["flexibility"]
    assert (found.then, found.now, found.shared) == (Decimal("1.0"), Decimal("2.0"), 5)
    assert found.only_then == (gone,) and len(found.only_now) == 1
    assert points.read(old).area("flexibility").score == Decimal("1.5")
    assert compare(first, second)["engagement"].now is None


def test_a_change_is_meaningful_when_held_at_two_reviews(world, calendar):
    kinds = [(TERMS[-3], "baseline"), (TERMS[-3], "review"), (TERMS[-2], "review")]
    for (term, kind), value in zip(kinds, (1, 2, 2), strict=True):
        make_point(
            world.mina,
            world.u_keyworker,
            term=term,
            kind=kind,
            ratings=area_of("engagement", *[value] * 6),
            finished=True,
        )
    start, *reviews = points_of(world.mina, calendar)
    assert area_changes(start, reviews[:1])["engagement"].standing == "once"
    held = area_changes(start, reviews)["engagement"]
    assert (held.by, held.standing, held.direction) == (Decimal("1.0"), "held", "rise")
    assert area_changes(start, reviews)["flexibility"].standing == "unknown"
    assert {change.standing for change in statement_changes(start, reviews).values()} == {"held"}


def test_contexts_come_with_the_point(world, calendar):
    make_point(
        world.mina,
        world.u_keyworker,
        ratings={},
        contexts=["bereavement"],
        narratives={"context": "Her grandfather died in May."},
    )
    [found] = points_of(world.mina, calendar)
    assert (found.context_labels, found.context_words) == (["A bereavement"], "Her grandfather died in May.")


@pytest.mark.parametrize(
    ("score", "words"),
    [
        ("0.4", "Not yet seen (0.4)"),
        ("0.5", "Beginning (0.5)"),
        ("2.2", "Developing (2.2)"),
        ("3.5", "Secure (3.5)"),
        (None, "Too few rated to say yet"),
    ],
)
def test_scores_in_words(world, score, words):
    assert pictures.score_in_words(Decimal(score) if score else None, templates.current()) == words
