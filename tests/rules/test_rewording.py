"""Two versions of a text, word by word."""

from __future__ import annotations

import pytest

from keywork.rewording import reworded


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "", []),
        ("Buys a drink.", "Buys  a drink.", [("kept", "Buys a drink.")]),
        (
            "Buys a drink alone.",
            "Buys a warm drink.",
            [("kept", "Buys a"), ("out", "drink alone."), ("in", "warm drink.")],
        ),
        ("", "New.", [("in", "New.")]),
        ("Old.", "", [("out", "Old.")]),
        ("so " * 2000, "no " * 2000, [("out", ("so " * 2000).strip()), ("in", ("no " * 2000).strip())]),
    ],
)
def test_a_text_is_compared_word_by_word(before, after, said):
    assert [(one.kept, one.words) for one in reworded(before, after)] == said
