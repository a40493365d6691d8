"""Area scores, change and Goal Attainment Scaling: every table of domain 2.5, and the edges of 2.3."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsp.rating.rules import (
    AREA_STEP,
    LEVELS,
    NO_OPPORTUNITY,
    STATEMENT_STEP,
    Completion,
    EvidenceGap,
    Goal,
    area_score,
    attainment,
    change,
    compare_area,
    completion,
    evidence_gap,
    goal_weight,
    least_rated,
    level_in_words,
    level_label,
    lowest,
    one_decimal,
    t_score,
)

D = Decimal
NO = NO_OPPORTUNITY

# The whole table of domain 2.5: scores, weights (None: all 1), T to two decimals, T as shown.
T_TABLE = [
    ("0", None, "50.00", "50.0"),
    ("-2", None, "30.00", "30.0"),
    ("2", None, "70.00", "70.0"),
    ("-1 -1", None, "37.60", "37.6"),
    ("1 0", None, "56.20", "56.2"),
    ("0 0 0", None, "50.00", "50.0"),
    ("-1 -1 -1", None, "36.31", "36.3"),
    ("-2 -2 -2", None, "22.61", "22.6"),
    ("1 0 0", None, "54.56", "54.6"),
    ("1 1 0", None, "59.13", "59.1"),
    ("2 1 0", None, "63.69", "63.7"),
    ("2 2 2", None, "77.39", "77.4"),
    ("-1 0 1", None, "50.00", "50.0"),
    ("-1 -1 -1 -1", None, "35.49", "35.5"),
    ("-2 -2 -2 -2", None, "20.98", "21.0"),
    ("1 0 0 0", None, "53.63", "53.6"),
    ("-2 -2 -2 -2 -2", None, "19.85", "19.8"),
    ("-1 -1 -1 -1 -1", None, "34.92", "34.9"),
    ("1 0 -1", "9 4 1", "57.09", "57.1"),
    ("0 1 2", "1 2 3", "67.63", "67.6"),
    ("-1 -1 -1", "9 4 1", "37.60", "37.6"),
    ("0 1 0", "6 2 1", "52.75", "52.7"),
    ("-1 0 2 1", "2 1 3 2", "60.64", "60.6"),
]


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split()]


@pytest.mark.parametrize(("scores", "weights", "exact", "shown"), T_TABLE)
def test_t_score(scores, weights, exact, shown):
    t = t_score(numbers(scores), numbers(weights) if weights else None)
    assert t.quantize(D("0.01"), ROUND_HALF_UP) == D(exact)
    assert one_decimal(t) == D(shown)


def test_the_table_is_whole():
    assert len(T_TABLE) == 23


@pytest.mark.parametrize(
    ("level", "goals", "published"),
    [(-2, 5, "19.8"), (-2, 4, "21.0"), (-2, 3, "22.6"), (-1, 5, "34.9"), (-1, 4, "35.5"), (0, 4, "50.0")],
)
def test_published_quartiles(level, goals, published):
    """977 goals of 243 patients [V17]: the quartiles of baseline T, and the median achieved."""
    assert one_decimal(t_score([level] * goals)) == D(published)


@pytest.mark.parametrize(("goals", "gain"), [(1, "10.0"), (2, "12.4"), (3, "13.7"), (4, "14.5")])
def test_what_one_level_is_worth_depends_on_how_many_goals(goals, gain):
    assert one_decimal(t_score([0] * goals) - t_score([-1] * goals)) == D(gain)


level_lists = st.lists(st.sampled_from(LEVELS), min_size=1, max_size=8)


@given(level_lists)
def test_t_is_symmetric_about_fifty(scores):
    assert t_score(scores) + t_score([-score for score in scores]) == 100


@given(level_lists, st.integers(1, 9))
def test_equal_weights_are_no_weights(scores, weight):
    assert one_decimal(t_score(scores, [weight] * len(scores))) == one_decimal(t_score(scores))


@given(level_lists, st.data())
def test_rising_never_lowers_t(scores, data):
    place = data.draw(st.integers(0, len(scores) - 1))
    higher = [*scores]
    higher[place] = min(2, higher[place] + 1)
    assert t_score(higher) >= t_score(scores)


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.integers(1, 9)), min_size=1, max_size=8))
def test_order_does_not_matter(goals):
    scores, weights = zip(*goals, strict=True)
    assert t_score(scores, weights) == t_score(scores[::-1], weights[::-1])


@pytest.mark.parametrize(
    ("scores", "weights"), [([], None), ([3], None), ([0], [0]), ([0, 1], [1]), ([0], [-1]), ([], [])]
)
def test_t_refuses_what_is_no_score(scores, weights):
    with pytest.raises(ValueError):
        t_score(scores, weights)


def test_weights_are_importance_times_difficulty():
    assert {goal_weight(i, d) for i in (1, 2, 3) for d in (1, 2, 3)} == {1, 2, 3, 4, 6, 9}
    for pair in ((0, 3), (3, 0), (4, 1), (1, 4)):
        with pytest.raises(ValueError):
            goal_weight(*pair)


# ----------------------------------------------------------------------------------- attainment


def scored(*levels: int, baseline: int = -1) -> list[Goal]:
    return [Goal(baseline, level) for level in levels]


def test_attainment_says_levels_first():
    found = attainment([*scored(1, 0, -1), Goal(-1)])
    assert (found.scored, found.met, found.progressed, found.withdrawn) == (
        3,
        2,
        2,
        0,
    )
    assert (found.baseline_t, found.achieved_t) == (D("36.3"), D("50.0"))
    assert found.difference == D("13.7")
    assert found.why_no_t == ""


def test_the_difference_is_rounded_once():
    found = attainment(scored(0, 0))
    assert (found.baseline_t, found.achieved_t, found.difference) == (D("37.6"), D("50.0"), D("12.4"))
    whole = t_score([1, 0, 2, -1]) - t_score([-1] * 4)
    assert attainment(scored(1, 0, 2, -1)).difference == one_decimal(whole)


@pytest.mark.parametrize("levels", [(), (2,)])
def test_no_t_of_fewer_than_two_scored_goals(levels):
    found = attainment([*scored(*levels), Goal(-1), Goal(-1)])
    assert found.achieved_t is found.baseline_t is found.difference is None
    assert "two scored goals" in found.why_no_t


@pytest.mark.parametrize(
    ("kept", "withdrawn", "shown"),
    [(2, 0, True), (2, 1, True), (2, 2, False), (3, 1, True), (3, 2, False), (4, 2, True)],
)
def test_no_t_when_more_than_a_third_were_withdrawn(kept, withdrawn, shown):
    found = attainment(scored(*[0] * kept) + [Goal(-1, 1, withdrawn=True)] * withdrawn)
    assert (found.achieved_t is not None) is shown
    assert found.withdrawn == withdrawn
    assert found.scored == kept, "a withdrawn goal is listed, never counted"
    assert ("third" in found.why_no_t) is not shown


def test_partial_progress_is_shown_and_counts_as_minus_one():
    partly = Goal(-1, -1, partial=True)
    assert not partly.progressed
    assert attainment([partly, Goal(-1, 0)]) == attainment(scored(-1, 0))
    assert level_in_words(-1, partial=True) == "Somewhat less than expected, with some progress"


@pytest.mark.parametrize(
    "values",
    [
        {"baseline": 0},
        {"baseline": -1, "level": 3},
        {"baseline": -1, "level": 0, "partial": True},
        {"baseline": -2, "level": -1, "partial": True},
        {"baseline": -1, "partial": True},
    ],
)
def test_a_goal_that_cannot_be(values):
    with pytest.raises(ValueError):
        Goal(**values)


def test_levels_in_words():
    assert [level_label(level) for level in LEVELS] == ["−2", "−1", "0", "+1", "+2"]
    assert level_in_words(0) == "Expected outcome"


# ----------------------------------------------------------------------------------- area scores


@pytest.mark.parametrize(
    ("ratings", "score"),
    [
        ([2, 2, 2, 2, 2, 2], "2.0"),
        ([0, 0, 0, 0, 0, 0], "0.0"),
        ([4, 4, 4, 4, None, NO], "4.0"),  # four of six are enough
        ([4, 4, 4, None, None, None], None),  # three are not
        ([4, 4, 4, NO, NO, NO], None),
        ([4, 4, 4, 0, NO, NO], "3.0"),  # "not yet" is a score, "no opportunity" is none
        ([1, 1, 1, 2, None, None], "1.3"),  # 1.25, half up
        ([0, 0, 0, 1, None, None], "0.3"),  # 0.25
        ([2, 2, 2, 1, None, None], "1.8"),  # 1.75
        ([2, 2, 2, 3, 2, None], "2.2"),
        ([1, 1, 1, 1, 1, 2], "1.2"),  # 1.1666…
        ([2, 1, 1, 1, 1, 2], "1.3"),  # 1.3333…
        ([], None),
        ([3], "3.0"),
        ([NO, NO], None),
    ],
)
def test_area_score(ratings, score):
    assert area_score(ratings) == (D(score) if score else None)


@pytest.mark.parametrize(
    ("statements", "needed"), [(1, 1), (3, 3), (4, 4), (5, 4), (6, 4), (7, 5), (8, 5), (9, 6), (10, 6)]
)
def test_how_many_must_be_rated(statements, needed):
    assert least_rated(statements) == needed


@pytest.mark.parametrize("rating", [5, -1, True, "yes"])
def test_what_is_no_rating_is_refused(rating):
    with pytest.raises(ValueError):
        area_score([rating] * 6)


ratings_of_six = st.lists(st.sampled_from([0, 1, 2, 3, 4, NO, None]), min_size=6, max_size=6)


@given(ratings_of_six)
def test_no_opportunity_never_moves_a_score(ratings):
    """Swapping an unanswered statement for "no opportunity" changes nothing."""
    swapped = [NO if rating is None else rating for rating in ratings]
    assert area_score(swapped) == area_score(ratings)


@given(ratings_of_six)
def test_completion_counts_every_answer_once(ratings):
    found = completion(ratings)
    assert found.answered + ratings.count(None) == found.of == 6
    assert found.complete is (None not in ratings)


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ([None] * 6, "Not started"),
        ([0, NO, None, None, None, 2], "3 of 6"),
        ([NO] * 6, "Rated"),
        ([], "Not started"),
    ],
)
def test_completion_in_words(ratings, words):
    assert completion(ratings).words == words


def test_completion_adds_up():
    assert completion([1, NO, None]) + completion([2]) == Completion(2, 1, 4)


# -------------------------------------------------------------------------------------- evidence


@pytest.mark.parametrize(
    ("rating", "places", "gap"),
    [
        (2, [], None),
        (None, [], None),
        (NO, [], None),
        (3, [], EvidenceGap(0, 2, 0, 2)),
        (3, ["lesson"], EvidenceGap(1, 2, 1, 2)),
        (3, ["lesson", "lesson"], EvidenceGap(2, 2, 1, 2)),
        (3, ["lesson", "home"], None),
        (4, ["lesson", "home"], EvidenceGap(2, 3, 2, 3)),
        (4, ["lesson", "home", "lesson"], EvidenceGap(3, 3, 2, 3)),
        (4, ["lesson", "home", "mealtime"], None),
        (3, ["", ""], EvidenceGap(2, 2, 0, 2)),  # a piece without a setting shows none
    ],
)
def test_evidence(rating, places, gap):
    assert evidence_gap(rating, places) == gap


# -------------------------------------------------------------------------------- meaningful change


@pytest.mark.parametrize(
    ("start", "reviews", "by", "standing"),
    [
        (1, [2, 2], 1, "held"),
        (1, [2], 1, "once"),
        (1, [1, 2], 1, "once"),
        (1, [2, 1], 0, "steady"),
        (1, [2, 3], 2, "held"),
        (3, [2, 2], -1, "held"),
        (3, [2, 1], -2, "held"),
        (2, [3, 1], -1, "once"),  # up, then down: neither held
        (1, [2, None], None, "unknown"),
        (1, [2, None, 2], 1, "once"),  # a review without a rating breaks the row
        (1, [None, 2, 2], 1, "held"),
        (None, [2, 2], None, "unknown"),
        (1, [], None, "unknown"),
    ],
)
def test_change_of_a_statement(start, reviews, by, standing):
    found = change(start, reviews, STATEMENT_STEP)
    assert (found.by, found.standing) == (by, standing)


@pytest.mark.parametrize(
    ("start", "reviews", "standing", "direction"),
    [
        ("1.5", ["2.0", "2.0"], "held", "rise"),
        ("1.5", ["1.9", "2.0"], "once", "rise"),  # 0.4 is not enough at the first
        ("1.5", ["2.0", "1.9"], "steady", "rise"),
        ("1.5", ["1.0", "1.0"], "held", "fall"),
        ("1.5", ["1.0", "2.0"], "once", "rise"),
        ("1.5", ["1.5", "1.5"], "steady", "none"),
    ],
)
def test_change_of_an_area(start, reviews, standing, direction):
    found = change(D(start), [D(value) for value in reviews], AREA_STEP)
    assert (found.standing, found.direction) == (standing, direction)


@given(st.integers(0, 4), st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_falls_are_judged_as_rises_are(start, reviews):
    up = change(start, reviews, STATEMENT_STEP)
    down = change(4 - start, [4 - value for value in reviews], STATEMENT_STEP)
    assert up.standing == down.standing
    assert up.by == -down.by


# ------------------------------------------------------------------------- across template versions


def test_comparison_is_over_shared_slugs_only():
    then = dict(zip("abcdef", (1, 1, 1, 1, 0, 4), strict=True))
    now = dict(zip("abcdgh", (2, 2, 2, 2, 4, 4), strict=True))
    found = compare_area(then, now)
    assert (found.then, found.now, found.shared) == (D("1.0"), D("2.0"), 4)
    assert (found.only_then, found.only_now) == (("e", "f"), ("g", "h"))


def test_too_few_shared_is_not_comparable():
    found = compare_area(dict.fromkeys("abcdef", 1), dict.fromkeys("abcghi", 2))
    assert (found.then, found.now) == (None, None)
    assert found.shared == 3


def test_a_first_chance_to_see_is_not_progress():
    then = dict(zip("abcdef", (2, 2, 2, 2, NO, None), strict=True))
    now = dict(zip("abcdef", (2, 2, 2, 2, 4, 4), strict=True))
    found = compare_area(then, now)
    assert (found.then, found.now) == (D("2.0"), D("2.0"))


@given(ratings_of_six)
def test_nothing_changed_is_no_change(ratings):
    same = dict(zip("abcdef", ratings, strict=True))
    found = compare_area(same, same)
    assert found.then == found.now == area_score(ratings)


def test_the_lowest_areas_are_those_that_stand_alike_below_all_others():
    half = Decimal("2.5")
    assert lowest({"one": Decimal(2), "two": half, "three": None, "four": Decimal("2.0")}) == [
        "one",
        "four",
    ]
    assert lowest({"one": half, "two": None}) == [], "of one area nothing is said"
    assert lowest({}) == []
