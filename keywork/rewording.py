"""Two versions of a text as one, word by word. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Of one text: a longer one is told as a whole, since looking for its words would take seconds.
MOST_WORDS = 1500
Kept = Literal["kept", "out", "in"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that stay, are taken out, or are put in."""

    kept: Kept
    words: str


def reworded(before: str, after: str) -> list[Stretch]:
    """What was taken out stands before what was put in for it."""
    old, new = re.findall(r"\S+", before), re.findall(r"\S+", after)
    if max(len(old), len(new)) > MOST_WORDS and old != new:
        found: list[tuple[Kept, list[str]]] = [("out", old), ("in", new)]
    else:
        found = []
        for how, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            found += [("kept", old[i:j])] if how == "equal" else [("out", old[i:j]), ("in", new[k:m])]
    return [Stretch(kept, " ".join(words)) for kept, words in found if words]
