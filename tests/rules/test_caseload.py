"""Caseload and its cap."""

from __future__ import annotations

import pytest

from keywork.caseload import Spell, caseload_on, over_cap
from tests.rules.helpers import d


def held(left: str | None = None) -> list[Spell]:
    """A holds five students since September and is given a sixth from 3 November 2025."""
    five = [Spell(number, d("2 Sep 2025")) for number in range(1, 5)]
    leaver = Spell(5, d("2 Sep 2025"), joined_on=d("2 Sep 2024"), left_on=left and d(left))
    return [*five, leaver, Spell(6, d("3 Nov 2025"))]


@pytest.mark.parametrize(
    ("left", "caseload", "needs_reason"),
    [(None, 6, True), ("31 Oct 2025", 5, False), ("3 Nov 2025", 6, True)],
)
def test_a_sixth_student_needs_a_reason_unless_one_has_left(left, caseload, needs_reason):
    assert caseload_on(held(left), d("2 Nov 2025")) == (5 if left != "31 Oct 2025" else 4)
    assert caseload_on(held(left), d("3 Nov 2025")) == caseload
    assert over_cap(caseload, 5) is needs_reason


def test_the_day_an_assignment_ends_is_its_last():
    spell = Spell(1, d("2 Sep 2025"), ends_on=d("19 Sep 2025"))

    assert [
        caseload_on([spell], d(day)) for day in ("1 Sep 2025", "2 Sep 2025", "19 Sep 2025", "20 Sep 2025")
    ] == [
        0,
        1,
        1,
        0,
    ]


def test_a_student_not_yet_on_roll_is_no_load():
    spell = Spell(1, d("2 Sep 2025"), joined_on=d("8 Sep 2025"))

    assert caseload_on([spell], d("7 Sep 2025")) == 0
    assert caseload_on([spell], d("8 Sep 2025")) == 1


def test_without_a_cap_there_is_no_limit():
    assert not over_cap(40, None)
