"""The words of a baseline or a review: a summary that fits its ratings, a line on an area, and next steps.

{up} is the area that has moved most, {low} the one that is hardest, in the plain words of AREAS.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..texts import texts

_TEXTS = texts("windows")
AREAS: Mapping[str, str] = _TEXTS["areas"]

STARTING = _TEXTS["starting"]
RISING = _TEXTS["rising"]
LEVEL = _TEXTS["level"]
FALLING = _TEXTS["falling"]
CONTEXT: Mapping[str, tuple[str, ...]] = _TEXTS["context"]

# One line on an area: what is seen when it goes well, and when it is hard.
WELL: Mapping[str, tuple[str, ...]] = _TEXTS["well"]
HARD: Mapping[str, tuple[str, ...]] = _TEXTS["hard"]
NEXT: Mapping[str, tuple[str, ...]] = _TEXTS["next"]
LAST_NEXT = _TEXTS["last-next"]
REOPENED = _TEXTS["reopened"]
