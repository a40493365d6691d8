"""What students, families and staff say on the soft tools. Placeholders: see words_examples; {kw} the keyworker's
first name, {h} the adult at home. Students and parents speak in the first person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..texts import texts

_TEXTS = texts("sheets")
VOICE: Mapping[str, tuple[str, ...]] = _TEXTS["voice"]
DECLINED: Mapping[str, tuple[str, ...]] = _TEXTS["declined"]

PARENT: Mapping[str, tuple[str, ...]] = _TEXTS["parent"]
AGREED: tuple[tuple[str, str], ...] = _TEXTS["agreed"]

STRENGTHS = _TEXTS["strengths"]
INTERESTS = _TEXTS["interests"]
MOTIVATORS = _TEXTS["motivators"]
BEST_WAY = _TEXTS["best-way"]
USE_IN_PLAN = _TEXTS["use-in-plan"]

STAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = _TEXTS["stages"]
TRIGGERS = _TEXTS["triggers"]
SAFE_PLACES = _TEXTS["safe-places"]
HOME_STAGES: Mapping[str, Mapping[str, str]] = _TEXTS["home-stages"]

CIRCLE: tuple[tuple[str, str, str, str], ...] = _TEXTS["circle"]
MORE_OF = _TEXTS["more-of"]
ONLINE = _TEXTS["online"]
MISSING = _TEXTS["missing"]

WORKS = _TEXTS["works"]
WORKS_NOT = _TEXTS["works-not"]

# Setting of the quick observation by where an example was seen.
OBSERVED_IN: Mapping[str, str] = _TEXTS["observed-in"]
SUPPORT = _TEXTS["support"]


@dataclass(frozen=True, slots=True)
class Side:
    """One student's record of a conversation. The other is never named: each side is read by its own people."""

    happened: str
    thinking: str
    affected: str
    right: str
    agreed: str


RESTORATIVE: tuple[tuple[Side, Side], ...] = tuple(
    (Side(**one), Side(**other)) for one, other in _TEXTS["repairs"]
)
