"""Goals as students say them, with the five levels that were written before the work began.

Each describes one behaviour that someone could count without being told the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..texts import texts


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal: its area, the statement it grows from, their words, why, five levels (−2 to +2), measure, support.

    `towards` are pieces of the wording of outcomes it serves (demo.plans).
    """

    area: str
    statement: str
    words: str
    why: str
    levels: tuple[str, str, str, str, str]
    measure: str
    support: str
    towards: tuple[str, ...]


_TEXTS = texts("goals")
AIMS: tuple[Aim, ...] = tuple(Aim(**aim) for aim in _TEXTS["aims"])

SCORED: dict[int, tuple[str, ...]] = {int(score): said for score, said in _TEXTS["scored"].items()}
PARTIAL = _TEXTS["partial"]
SECOND = _TEXTS["second"]
WITHDRAWN = _TEXTS["withdrawn"]
CHANGED = _TEXTS["changed"]
SENT_BACK = _TEXTS["sent-back"]
JUDGED: dict[str, tuple[str, ...]] = _TEXTS["judged"]
