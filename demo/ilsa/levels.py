"""What one student can do by themself, rising with age, and how each rater sees it.

Plain numbers, kept cheap: a school of 2,000 has more than a million answers. An answer is 0 to 4, NA or NO.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from ilsa.templates import Template

NA: Final = 5
NO: Final = 6
# What a school seldom sees of somebody who goes home at four, and what home seldom sees.
AT_HOME: Final = (
    "pc-wash", "pc-teeth", "pc-hair-nails", "fc-plan-shop", "hl-bed", "hl-laundry", "hl-clean", "hl-small-faults",
    "mo-bills-bank", "he-routine", "sa-door-phone", "sa-keys-home", "di-balance", "rl-keep-touch",
)  # fmt: skip
AT_SCHOOL: Final = (
    "sa-fire-drill", "di-form", "rl-sort-out", "wt-organise", "wt-complete", "wt-instruction", "wt-experience",
)  # fmt: skip
# How much harder one domain is than another, in steps of the scale.
_HARDER: Final = {
    "personal-care": -0.7, "food-cooking": 0.1, "home-laundry": 0.1, "money": 0.4, "travel-community": 0.3,
    "health": 0.2, "safety": 0.1, "digital-communication": -0.3, "relationships-leisure": 0.2, "work-time": 0.0,
}  # fmt: skip


class Form:
    """The published form as places in a list; made once."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.slugs = [item.slug for item in template.in_use]
        self.place = {slug: number for number, slug in enumerate(self.slugs)}
        numbers = {domain.slug: number for number, domain in enumerate(template.domains)}
        self.domain_of = [numbers[item.domain] for item in template.in_use]
        self.hard = [
            _HARDER.get(item.domain, 0.0) + (0.3 + (item.from_year - 6) * 0.25 if item.from_year else 0.0)
            for item in template.in_use
        ]
        self.at_home, self.at_school = self._places(AT_HOME), self._places(AT_SCHOOL)
        self.equipment = self.place.get("pc-equipment")
        self._suggested: dict[str, frozenset[int]] = {}

    def _places(self, slugs: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.place[slug] for slug in slugs if slug in self.place)

    def suggested(self, nc_year: str) -> frozenset[int]:
        """What the form answers with "does not apply" in this year group."""
        if nc_year not in self._suggested:
            self._suggested[nc_year] = frozenset(
                number for number, item in enumerate(self.template.in_use) if not item.usual_for(nc_year)
            )
        return self._suggested[nc_year]


@dataclass(slots=True)
class Course:
    """One student's way through the years. `year_now` is their year group in the newest round."""

    form: Form
    rng: Random
    boards: bool
    start: float
    pace: float
    offsets: list[float]
    noise: list[float]
    never: frozenset[int]
    unseen: dict[str, frozenset[int]]
    student_bias: float
    _parents: dict[int, list[float]] = field(default_factory=dict)

    @classmethod
    def begin(cls, form: Form, rng: Random, *, boards: bool) -> Course:
        seldom = 0.08 if boards else 0.3
        equipment = form.equipment
        return cls(
            form,
            rng,
            boards,
            rng.gauss(1.7, 0.45),
            rng.uniform(0.15, 0.45),
            [rng.gauss(0, 0.7) for _ in form.slugs],
            [rng.gauss(0, 0.3) for _ in range(89)],
            frozenset((equipment,) if equipment is not None and rng.random() < 0.65 else ()),
            {
                "keyworker": frozenset(one for one in form.at_home if rng.random() < seldom),
                "parent_carer": frozenset(one for one in form.at_school if rng.random() < 0.3),
                "pupil": frozenset(rng.sample(range(len(form.slugs)), rng.choice((0, 1, 1, 2)))),
            },
            rng.gauss(0.25, 0.3),
        )

    def answers(self, role: str, year: int, member: int | None = None) -> list[int]:
        """As one rater sees it when the student is in this year group."""
        form, rng = self.form, self.rng
        level = self.start + self.pace * (year - 7)
        if role == "pupil":
            shifts = [self.student_bias] * len(form.template.domains)
        elif role == "parent_carer":
            shifts = self._parent(member or 0)
        else:
            shifts = [0.0] * len(form.template.domains)
        noise, place = self.noise, rng.randrange(89)
        values = []
        for offset, hard, domain in zip(self.offsets, form.hard, form.domain_of, strict=True):
            place += 1
            found = level + offset - hard + shifts[domain] + noise[place % 89]
            values.append(0 if found < 0.5 else 4 if found >= 3.5 else int(found + 0.5))
        if role != "keyworker":
            # Somebody sees it done in one place only, or expects something else.
            for number in rng.sample(range(len(values)), rng.choice((0, 1, 2, 3))):
                values[number] += -2 if values[number] > 1 else 2
        for number in self.unseen[role]:
            values[number] = NO
        for number in self.never:
            values[number] = NA
        for number in form.suggested(str(year)):
            # Now and then a younger one does it already.
            if rng.random() < 0.93:
                values[number] = NA
        return values

    def _parent(self, member: int) -> list[float]:
        """Each adult sees it in their own way, in some domains more than in others."""
        if member not in self._parents:
            own = self.rng.gauss(-0.1, 0.3)
            self._parents[member] = [own + self.rng.gauss(0, 0.35) for _ in self.form.template.domains]
        return self._parents[member]
