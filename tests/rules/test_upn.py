"""Unique pupil numbers: the published examples, one of which is mis-added in the wild."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork import upn

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

CASES = [
    ("P207000016049", "permanent", 266, "P"),
    ("Q207000016049", "invalid_check_letter", 266, "P"),
    ("B801200005001", "permanent", 93, "B"),
    ("A801200005001", "invalid_check_letter", 93, "B"),
    ("J815724523001", "permanent", 215, "J"),
    ("E823432118042", "permanent", 257, "E"),
    ("S801200005001", "invalid_format", 93, "B"),
    ("B80120000500", "invalid_format", None, None),
    ("b801200005001", "permanent", 93, "B"),
    ("H81572452301A", "temporary", 214, "H"),
]


@pytest.mark.parametrize(("text", "kind", "total", "letter"), CASES, ids=[case[0] for case in CASES])
def test_upn(text, kind, total, letter):
    found = upn.check(text)

    assert (found.kind, found.right_letter) == (kind, letter)
    assert letter is None or LETTERS[total % 23] == letter


def test_it_is_normalised():
    assert upn.check(" b8012 0000 5001 ") == upn.Upn("B801200005001", "permanent", "B")


def test_local_authority_codes_are_not_judged():
    body = "999" + "000016049"
    letter = upn.check("A" + body).right_letter

    assert upn.check(letter + body).is_valid


@pytest.mark.parametrize(
    "text", ["", "B", "B8012000050012", "BX01200005001", "B80120000500I", "B80120000500S", "B80120000500²"]
)
def test_malformed(text):
    assert upn.check(text).kind == "invalid_format"
    assert not upn.check(text).is_valid


@given(st.from_regex(r"[0-9]{11}[0-9A-HJ-NP-RT-Z]", fullmatch=True))
def test_exactly_one_letter_fits_a_body(body):
    values = [LETTERS.index(char) if char in LETTERS else int(char) for char in body]
    total = sum(weight * value for weight, value in enumerate(values, 2))

    assert [letter for letter in LETTERS if upn.check(letter + body).is_valid] == [LETTERS[total % 23]]


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text):
    assert upn.check(text).kind in ("permanent", "temporary", "invalid_check_letter", "invalid_format")
