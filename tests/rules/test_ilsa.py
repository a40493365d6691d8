"""Domain 3.3 to 3.6: percentages of independence, three raters, change over the years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilsa import rules

NA, NO = rules.NOT_APPLICABLE, rules.NOT_SEEN


@pytest.mark.parametrize(
    ("answers", "rated", "in_scope", "points", "coverage", "state", "exact", "shown"),
    [
        ([4, 3, 2, NA, 1, 0, NO], 5, 6, 10, "0.833", "valid", "50.0", "50"),
        ([4, 4, 4, NO, NO, NO, NO], 3, 7, 12, "0.429", "insufficient", "100.0", None),
        ([NA] * 7, 0, 0, 0, None, "out_of_scope", None, None),
        ([3, 3, 3, 3, NA, NA, NA], 4, 4, 12, "1.000", "valid", "75.0", "75"),
        ([0] * 7, 7, 7, 0, "1.000", "valid", "0.0", "0"),
        ([4, 4, 3, 3, 2, 2, 1], 7, 7, 19, "1.000", "valid", "67.9", "68"),
        ([4, 3, 3, 2, 2, 1, NO, NA], 6, 7, 15, "0.857", "valid", "62.5", "63"),
        ([NO] * 7, 0, 7, 0, "0.000", "insufficient", None, None),
    ],
)
def test_percentage_table(answers, rated, in_scope, points, coverage, state, exact, shown):
    figure = rules.domain_figure(answers)
    assert (figure.rated, figure.in_scope, figure.points, figure.state) == (rated, in_scope, points, state)
    assert (None if figure.coverage is None else str(rules.rounded(figure.coverage, 3))) == coverage
    assert (None if figure.per_cent is None else str(rules.rounded(figure.per_cent, 1))) == exact
    assert (None if figure.shown is None else str(figure.shown)) == shown


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([4, 4, 4], "insufficient"),  # three rated are too few, whatever the coverage
        ([1, 1, 1, NO, NO], "insufficient"),
        ([1, 1, 1, 1, NO, NO], "valid"),  # 4 of 6 is two thirds
        ([1, 1, 1, 1, NO, NO, NO], "insufficient"),  # 4 of 7 is 57 %
        ([1, 1, 1, 1, 1, 1, NO, NO, NO, NO], "valid"),  # 6 of 10 is 60 % exactly
        ([1, 1, 1, 1, None, None, None], "insufficient"),  # a blank is in scope until it is answered
    ],
)
def test_validity_at_its_edges(answers, state):
    assert rules.domain_figure(answers).state == state


@pytest.mark.parametrize("wrong", [5, -1, True, "yes", 2.5])
def test_what_is_no_answer(wrong):
    with pytest.raises(ValueError, match="not an answer"):
        rules.domain_figure([wrong])


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(125, 2), 0, "63"),
        (Fraction(-125, 2), 0, "-63"),
        (Fraction(1, 3), 0, "0"),
        (Fraction(1, 2), 0, "1"),
        (Fraction(125, 1000), 2, "0.13"),
        (Fraction(-3, 23), 2, "-0.13"),
        (Fraction(595, 10), 1, "59.5"),
    ],
)
def test_rounds_half_up_once(value, places, text):
    assert str(rules.rounded(value, places)) == text


def domains(*shares):
    """Domains of eight items whose points are given; None is out of scope, "few" not enough seen."""
    for share in shares:
        if share is None:
            yield rules.domain_figure([NA] * 8)
        elif share == "few":
            yield rules.domain_figure([4, 4, 4, NO, NO, NO, NO, NO])
        else:
            yield rules.domain_figure([share] * 4 + [NO] * 2)


def test_overall_is_the_mean_of_domains_not_of_items():
    long = rules.domain_figure([4] * 8)
    others = [rules.domain_figure([2, 2, 2, 2]) for _ in range(4)]
    found = rules.overall([long, *others])
    assert found.per_cent == 60  # pooling the 24 items would give 66.7
    assert (found.valid, found.in_scope) == (5, 5)


@pytest.mark.parametrize(
    ("shares", "shown"),
    [
        ([2] * 8 + ["few", None], "50"),  # 8 of 9
        ([2] * 7 + ["few", "few", None], None),  # 7 of 9 is 78 %
        ([2] * 8 + ["few", "few"], "50"),  # 8 of 10 is 80 % exactly
        ([3] * 4 + [None] * 6, None),  # all four valid, but fewer than five
        ([3] * 5 + [None] * 5, "75"),
        ([None] * 10, None),
    ],
)
def test_overall_needs_most_domains(shares, shown):
    found = rules.overall(domains(*shares))
    assert (None if found.shown is None else str(found.shown)) == shown


# Sets of answers that give the published rows: the gaps are those of the row, the levels one way to have its kappa.
PUPIL = "00 11 11 33 00 11 22 33 22 11 11 10 32 43 43 32 21 20 31 31 20 20 20"  # pupil, keyworker
PARENT = "11 11 22 00 00 11 11 00 33 22 22 11 11 11 44 11 43 10 23 12 01 01 23"


def sides(text):
    pairs = text.split()
    return (
        {f"i{n}": int(pair[0]) for n, pair in enumerate(pairs)},
        {f"i{n}": int(pair[1]) for n, pair in enumerate(pairs)},
    )


@pytest.mark.parametrize(
    ("pairs", "common", "mad", "signed", "exact", "within", "flagged", "kappa"),
    [
        (PUPIL, 23, "0.78", "0.78", "47.8", "73.9", 6, "0.559"),
        (PARENT, 23, "0.30", "-0.13", "69.6", "100.0", 0, "0.878"),
        ("11 22 33 00 44", 5, "0.00", "0.00", "100.0", "100.0", 0, None),
        ("33 " * 20, 20, "0.00", "0.00", "100.0", "100.0", 0, None),
    ],
)
def test_pairs_table(pairs, common, mad, signed, exact, within, flagged, kappa):
    found = rules.compare_pair(*sides(pairs))
    assert found.common == common
    assert (str(found.mad), str(found.signed), str(found.exact), str(found.within_one)) == (
        mad,
        signed,
        exact,
        within,
    )
    assert found.flagged == flagged
    assert (None if found.kappa is None else str(found.kappa)) == kappa


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        # By hand: rows 2 and 2, columns 2 and 2: observed 0, expected 4 x 4 halves.
        ([(0, 0), (0, 0), (1, 1), (1, 1)], Fraction(1)),
        ([(0, 1), (1, 0)], Fraction(-1)),
        ([(0, 0), (0, 1), (1, 0), (1, 1)], Fraction(0)),
        # One in two steps out: observed 4 over 4 items; rows 0:2 4:2, columns 0:1 2:1 4:2.
        ([(0, 0), (0, 2), (4, 4), (4, 4)], Fraction(6, 7)),
        ([(2, 2)] * 30, None),
        ([(1, 3)] * 30, Fraction(0)),  # each says always the same: no better than chance
    ],
)
def test_kappa_by_hand(pairs, kappa):
    assert rules.quadratic_kappa(pairs) == kappa


def test_kappa_floor_is_twenty_items():
    first, second = sides(PARENT)
    nineteen = {slug: first[slug] for slug in list(first)[:19]}
    twenty = {slug: first[slug] for slug in list(first)[:20]}
    assert rules.compare_pair(nineteen, second).kappa is None
    assert rules.compare_pair(twenty, second).kappa is not None


def test_only_what_both_scored_is_compared():
    found = rules.compare_pair({"a": 4, "b": NO, "c": 2, "d": 1}, {"a": 2, "b": 3, "c": NA, "e": 0})
    assert (found.common, str(found.signed), found.flagged) == (1, "2.00", 1)
    assert rules.compare_pair({"a": NO}, {"a": 1}) == rules.Pair(0, None, None, None, None, 0, None)


@pytest.mark.parametrize(
    ("answers", "is_flagged", "one_place"),
    [
        ((1, 3, 2), True, False),
        ((1, 2, 2), False, False),
        ((3, NO, 3), False, True),
        ((2, NO, 2), False, False),
        ((4, NO, 2), True, True),
        ((4, NA, None), False, False),
        ((NO, NO, NO), False, False),
    ],
)
def test_differences_to_talk_over(answers, is_flagged, one_place):
    assert rules.flagged(*answers) is is_flagged
    assert rules.seen_in_one_place(*answers) is one_place


@pytest.mark.parametrize(("last", "one"), [(date(2026, 10, 13), True), (date(2026, 10, 14), False)])
def test_one_assessment_is_42_days(last, one):
    days = [date(2026, 9, 20), date(2026, 9, 1), last]
    assert rules.one_assessment(days) is one
    assert rules.days_apart([]) == 0


# Year 1: 11 of 20 points (55 %). Year 2: 17 of 28 (60.7 %). Five shared of seven: 11 -> 14 of 20 (55 -> 70).
YEAR_1 = {"a": 2, "b": 3, "c": 1, "d": 3, "e": 2, "puberty": NA, "gone": NO}
YEAR_2 = {"a": 3, "b": 3, "c": 2, "d": 4, "e": 2, "puberty": 1, "new": 2}


def test_like_for_like_example():
    assert str(rules.rounded(rules.domain_figure(YEAR_1.values()).per_cent, 1)) == "55.0"
    assert str(rules.rounded(rules.domain_figure(YEAR_2.values()).per_cent, 1)) == "60.7"
    found = rules.like_for_like(YEAR_1, YEAR_2)
    assert (found.shared, found.of) == (5, 7)
    assert (str(rules.rounded(found.then, 1)), str(rules.rounded(found.now, 1))) == ("55.0", "70.0")
    assert str(rules.rounded(found.by, 1)) == "15.0"
    assert found.newly_in_scope == ("puberty",)
    assert found.stands_out(rules.DOMAIN_STEP)


@pytest.mark.parametrize(
    ("now", "comparable"),
    [
        ({"a": 1, "b": 1, "c": 1, "x": 1, "y": 1}, True),  # 3 of 5 is 60 %
        ({"a": 1, "b": 1, "x": 1, "y": 1, "z": 1}, False),
        ({"a": NO, "b": NO, "c": NO}, False),
    ],
)
def test_enough_in_common(now, comparable):
    assert rules.like_for_like({"a": 2, "b": 2, "c": 2}, now).comparable is comparable


def test_declared_equivalents_are_the_same_item():
    found = rules.like_for_like({"old": 1}, {"new": 3}, {"new": "old"})
    assert found.by == 50
    assert not rules.like_for_like({"old": 1}, {"new": 3}).comparable


@pytest.mark.parametrize(("gap", "stands_out"), [(Decimal(10), True), (Decimal(11), False)])
def test_highlight_at_its_edge(gap, stands_out):
    found = rules.like_for_like(
        {"a": 0, "b": 2, "c": 2, "d": 2, "e": 2}, {"a": 2, "b": 2, "c": 2, "d": 2, "e": 2}
    )
    assert found.by == 10
    assert found.stands_out(gap) is stands_out


def test_overall_change_needs_most_domains():
    up = rules.like_for_like({"a": 1}, {"a": 2})
    not_comparable = rules.like_for_like({"a": 1}, {"b": 2})
    nothing = rules.like_for_like({"a": NA}, {"a": NA})
    assert rules.overall_change([up] * 5 + [nothing] * 5) == 25
    assert rules.overall_change([up] * 8 + [not_comparable] * 2) == 25
    assert rules.overall_change([up] * 7 + [not_comparable] * 2) is None
    assert rules.overall_change([up] * 4) is None


ANSWER = st.sampled_from([0, 1, 2, 3, 4, NA, NO])


@given(st.lists(ANSWER, min_size=1, max_size=9), st.data())
def test_na_to_not_seen_changes_coverage_and_no_percentage(answers, data):
    places = [place for place, answer in enumerate(answers) if answer == NA]
    if not places:
        answers = [*answers, NA]
        places = [len(answers) - 1]
    changed = list(answers)
    changed[data.draw(st.sampled_from(places))] = NO
    before, after = rules.domain_figure(answers), rules.domain_figure(changed)
    assert after.per_cent == before.per_cent
    assert after.in_scope == before.in_scope + 1
    if before.rated:
        assert after.coverage < before.coverage


@given(st.lists(ANSWER, min_size=1, max_size=9), st.integers(0, 4))
def test_one_more_score_moves_towards_it(answers, score):
    before = rules.domain_figure(answers).per_cent
    after = rules.domain_figure([*answers, score]).per_cent
    wanted = Fraction(100 * score, 4)
    if before is None or before == wanted:
        assert after == wanted
    else:
        assert min(before, wanted) < after < max(before, wanted)


@given(st.permutations([0, 1, 2, 3, 4, NA, NO, 2, 3]))
def test_order_never_matters(answers):
    assert rules.domain_figure(answers) == rules.domain_figure(sorted(answers, key=str))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_kappa_is_symmetric_and_at_most_one(pairs):
    kappa = rules.quadratic_kappa(pairs)
    assert kappa == rules.quadratic_kappa([(second, first) for first, second in pairs])
    assert kappa is None or kappa <= 1
