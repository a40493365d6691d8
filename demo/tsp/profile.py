"""How ratings develop: slow rises, terms in which nothing moves, falls that have a reason and come back.

Plain numbers. Each area has a level from 0 to 4 that moves from term to term; each statement lies a little above
or below its area, always in the same way for one student. Arithmetic is kept cheap: a school of 2,000 has millions
of ratings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tsp.questions.templates import Template

from .rows import NO_OPPORTUNITY

# How a term goes for one area, and how often.
_STEPS = (-0.15, 0.0, 0.0, 0.15, 0.25, 0.4, 0.6)
_CHANCE = (5, 18, 17, 22, 20, 12, 6)
_REASONS = (
    "bereavement",
    "home_move",
    "illness",
    "family_change",
    "new_people",
    "new_people",
    "medication",
    "absence",
    "other",
)
# Those who fall out of a form now and then: what cannot always be seen at school.
_SELDOM_SEEN = ("sens-rest-routine", "rep-safe-choices", "rel-spot-unkind", "soc-unwritten-rules")


@dataclass(slots=True)
class Reading:
    """One window's ratings, in the order of the form, and what they must be read beside."""

    values: list[int]
    contexts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Course:
    """One student's way through the terms."""

    form: Template
    rng: Random
    levels: list[float]
    offsets: list[float]
    area_of: list[int]
    unseen: set[int]
    noise: Sequence[float]
    pace: float
    lost: list[float]
    place: int = 0

    @classmethod
    def begin(cls, form: Template, rng: Random, needs: Sequence[str], years_here: int) -> Course:
        areas = form.areas
        levels = [
            min(3.1, rng.uniform(0.6, 1.9) + (0.0 if area.need in needs else 0.45) + 0.12 * years_here)
            for area in areas
        ]
        area_of = [place for place, area in enumerate(areas) for _ in area.statements]
        offsets = [rng.gauss(0, 0.5) for _ in area_of]
        noise = [rng.gauss(0, 0.22) for _ in range(61)]
        slugs = [one.slug for area in areas for one in area.statements]
        unseen = {slugs.index(slug) for slug in _SELDOM_SEEN if slug in slugs and rng.random() < 0.3}
        return cls(
            form,
            rng,
            levels,
            offsets,
            area_of,
            unseen,
            noise,
            rng.uniform(0.5, 1.5),
            [0.0] * len(areas),
        )

    def rate(self) -> Reading:
        """The ratings as they would be found now."""
        values = []
        levels, noise, place = self.levels, self.noise, self.place
        for number, area in enumerate(self.area_of):
            place += 7
            level = levels[area] + self.offsets[number] + noise[place % 61]
            values.append(0 if level < 0.5 else 4 if level >= 3.5 else int(level + 0.5))
        self.place = place
        for number in self.unseen:
            values[number] = NO_OPPORTUNITY
        rng = self.rng
        if rng.random() < 0.25:
            values[rng.randrange(len(values))] = NO_OPPORTUNITY
        if rng.random() < 0.05:
            # Too few to say anything of one area.
            area = rng.randrange(len(levels))
            mine = [number for number, found in enumerate(self.area_of) if found == area]
            for number in rng.sample(mine, 3):
                values[number] = NO_OPPORTUNITY
        return Reading(values)

    def a_term_passes(self) -> list[str]:
        """Levels move; the codes of whatever happened meanwhile, mostly none."""
        rng = self.rng
        happened = rng.random() < 0.08
        hit = set(rng.sample(range(len(self.levels)), rng.choice((3, 4, 5)))) if happened else set()
        for number, step in enumerate(rng.choices(_STEPS, _CHANCE, k=len(self.levels))):
            back = self.lost[number] * 0.6
            self.lost[number] -= back
            fall = rng.uniform(0.5, 1.0) if number in hit else 0.0
            self.lost[number] += fall
            room = 1.0 if self.levels[number] < 2.8 else 0.4
            self.levels[number] = min(
                3.7, max(0.1, self.levels[number] + back - fall + step * self.pace * room)
            )
        return [rng.choice(_REASONS)] if happened else []

    def again(self, before: Reading) -> tuple[Reading, frozenset[int]]:
        """A baseline begun from the last review: most confirmed as they were, a few seen anew; which were kept."""
        now = self.rate()
        kept = frozenset(
            number
            for number, value in enumerate(before.values)
            if value != NO_OPPORTUNITY and now.values[number] != NO_OPPORTUNITY and self.rng.random() < 0.9
        )
        values = [
            before.values[number] if number in kept else value for number, value in enumerate(now.values)
        ]
        return Reading(values), kept

    def means(self, reading: Reading) -> list[float]:
        """Of each area, over what was rated; roughly, to choose words by."""
        sums, counts = [0] * len(self.levels), [0] * len(self.levels)
        for number, value in enumerate(reading.values):
            if value <= 4:
                sums[self.area_of[number]] += value
                counts[self.area_of[number]] += 1
        return [total / count if count else 0.0 for total, count in zip(sums, counts, strict=True)]
