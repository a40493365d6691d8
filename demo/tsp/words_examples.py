"""Dated examples of each statement, with where they were seen: facts, kindly put, in the past tense.

Placeholders as in `demo.words`: {n} {he} {He} {him} {his} {His} {was} {it}.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..texts import texts

Example = tuple[str, str]  # a code of tsp.models.Setting, and what was seen

_TEXTS = texts("examples")
EXAMPLES: Mapping[str, tuple[Example, ...]] = _TEXTS["examples"]

# Which topics of a contact or a session an area may be seen in, for evidence that points at one.
TOPICS: Mapping[str, frozenset[str]] = {topic: frozenset(areas) for topic, areas in _TEXTS["topics"].items()}
