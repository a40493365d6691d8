"""What one student can do by themself, rising with age, and how each rater sees it.

Plain numbers, kept cheap: a school of 2,000 has more than a million answers. An answer is 0 to 4, NA or NO.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Final

from ilsa.templates import Template

from ..texts import texts

NA: Final = 5
NO: Final = 6
# What a school seldom sees of somebody who goes home at four, what home seldom sees, and how hard a domain is.
_SAID = texts("independence")


class Form:
    """The published form as places in a list; made once."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.slugs = [item.slug for item in template.in_use]
        self.place = {slug: number for number, slug in enumerate(self.slugs)}
        numbers = {domain.slug: number for number, domain in enumerate(template.domains)}
        self.domain_of = [numbers[item.domain] for item in template.in_use]
        self.hard = [
            _SAID["harder"].get(item.domain, 0.0) + (item.from_year * 0.25 - 1.2 if item.from_year else 0.0)
            for item in template.in_use
        ]
        self.at_home, self.at_school, self.equipment = (
            [self.place[slug] for slug in _SAID[name] if slug in self.place]
            for name in ("at-home", "at-school", "equipment")
        )
        self.suggested = cache(self._suggested)

    def _suggested(self, nc_year: str) -> frozenset[int]:
        """What the form answers with "does not apply" in this year group."""
        return frozenset(n for n, item in enumerate(self.template.in_use) if not item.usual_for(nc_year))


class Course:
    """One student's way through the years."""

    def __init__(self, form: Form, rng: Random, *, boards: bool) -> None:
        seldom = 0.08 if boards else 0.3
        self.form, self.rng = form, rng
        self.start, self.pace, self.student_bias = (
            rng.gauss(1.7, 0.45),
            rng.uniform(0.15, 0.45),
            rng.gauss(0.25, 0.3),
        )
        self.offsets = [rng.gauss(0, 0.7) for _ in form.slugs]
        self.noise = [rng.gauss(0, 0.3) for _ in range(89)]
        self.never = [one for one in form.equipment if rng.random() < 0.65]
        self.unseen = {
            "keyworker": [one for one in form.at_home if rng.random() < seldom],
            "parent_carer": [one for one in form.at_school if rng.random() < 0.3],
            "pupil": rng.sample(range(len(form.slugs)), rng.choice((0, 1, 1, 2))),
        }
        self.parents: dict[int, list[float]] = {}

    def answers(self, role: str, year: int, member: int | None = None) -> list[int]:
        """As one rater sees it when the student is in this year group."""
        form, rng, noise, domains = self.form, self.rng, self.noise, len(self.form.template.domains)
        level, place, values = self.start + self.pace * (year - 7), self.rng.randrange(89), []
        shifts = [self.student_bias if role == "pupil" else 0.0] * domains
        if role == "parent_carer":  # each adult sees it in their own way, in some domains more than in others
            own = rng.gauss(-0.1, 0.3)
            shifts = self.parents.setdefault(member or 0, [own + rng.gauss(0, 0.35) for _ in shifts])
        for offset, hard, domain in zip(self.offsets, form.hard, form.domain_of, strict=True):
            place += 1
            values.append(
                max(0, min(4, int(level + offset - hard + shifts[domain] + noise[place % 89] + 0.5)))
            )
        if role != "keyworker":
            # Somebody sees it done in one place only, or expects something else.
            for number in rng.sample(range(len(values)), rng.choice((0, 1, 2, 3))):
                values[number] += -2 if values[number] > 1 else 2
        for number in self.unseen[role]:
            values[number] = NO
        # Now and then a younger one does already what is suggested for later.
        for number in (*self.never, *(one for one in form.suggested(str(year)) if rng.random() < 0.93)):
            values[number] = NA
        return values
