"""How ratings develop: slow rises, terms in which nothing moves, falls that have a reason and come back.

Each area has a level from 0 to 4 that moves from term to term; each statement lies a little above or below its area,
always in the same way for one student. Kept cheap: a school of 2,000 has millions of ratings.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tsp.questions.templates import Template

NO_OPPORTUNITY, NOT_ANSWERED = 9, 8
# How a term goes for one area, and how often.
_STEPS, _CHANCE = (-0.15, 0.0, 0.0, 0.15, 0.25, 0.4, 0.6), (5, 18, 17, 22, 20, 12, 6)
_REASONS = (
    "bereavement", "home_move", "illness", "family_change", "new_people", "new_people", "medication", "absence", "other",
)  # fmt: skip
# What cannot always be seen at school.
_SELDOM_SEEN = ("sens-rest-routine", "rep-safe-choices", "rel-spot-unkind", "soc-unwritten-rules")


class Course:
    """One student's way through the terms."""

    def __init__(self, form: Template, rng: Random, needs: Sequence[str], years_here: int) -> None:
        self.rng, self.place, self.pace = rng, 0, rng.uniform(0.5, 1.5)
        self.levels = [
            min(3.1, rng.uniform(0.6, 1.9) + (0.0 if area.need in needs else 0.45) + 0.12 * years_here)
            for area in form.areas
        ]
        self.lost = [0.0] * len(self.levels)
        self.area_of = [place for place, area in enumerate(form.areas) for _ in area.statements]
        self.slugs = [one.slug for area in form.areas for one in area.statements]
        self.offsets = [rng.gauss(0, 0.5) for _ in self.slugs]
        self.noise = [rng.gauss(0, 0.22) for _ in range(61)]
        self.unseen = [
            self.slugs.index(slug) for slug in _SELDOM_SEEN if slug in self.slugs and rng.random() < 0.3
        ]

    def rate(self) -> list[int]:
        """The ratings as they would be found now, in the order of the form."""
        values, place, rng = [], self.place, self.rng
        for area, offset in zip(self.area_of, self.offsets, strict=True):
            place += 7
            values.append(max(0, min(4, int(self.levels[area] + offset + self.noise[place % 61] + 0.5))))
        self.place = place
        unseen = [*self.unseen, *rng.sample(range(len(values)), rng.random() < 0.25)]
        if rng.random() < 0.05:  # too few to say anything of one area
            area = rng.randrange(len(self.levels))
            unseen += rng.sample([number for number, found in enumerate(self.area_of) if found == area], 3)
        for number in unseen:
            values[number] = NO_OPPORTUNITY
        return values

    def a_term_passes(self) -> list[str]:
        """Levels move; the codes of whatever happened meanwhile, mostly none."""
        rng, happened = self.rng, self.rng.random() < 0.08
        hit = set(rng.sample(range(len(self.levels)), rng.choice((3, 4, 5)))) if happened else set()
        for number, step in enumerate(rng.choices(_STEPS, _CHANCE, k=len(self.levels))):
            back, level = self.lost[number] * 0.6, self.levels[number]
            fall = rng.uniform(0.5, 1.0) if number in hit else 0.0
            self.lost[number] += fall - back
            step *= self.pace * (1.0 if level < 2.8 else 0.4)
            self.levels[number] = min(3.7, max(0.1, level + back - fall + step))
        return [rng.choice(_REASONS)] if happened else []

    def again(self, before: Sequence[int]) -> tuple[list[int], frozenset[int]]:
        """A baseline begun from the last review: most confirmed as they were, a few seen anew; which were kept."""
        now = self.rate()
        kept = frozenset(
            number
            for number, value in enumerate(before)
            if NO_OPPORTUNITY not in (value, now[number]) and self.rng.random() < 0.9
        )
        return [before[number] if number in kept else value for number, value in enumerate(now)], kept

    def means(self, values: Sequence[int]) -> list[float]:
        """Of each area, over what was rated; roughly, to choose words by."""
        rated: list[list[int]] = [[] for _ in self.levels]
        for area, value in zip(self.area_of, values, strict=True):
            if value <= 4:
                rated[area].append(value)
        return [sum(found) / len(found) if found else 0.0 for found in rated]
