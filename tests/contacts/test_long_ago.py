"""How long ago somebody joined: students share what is known of them, and the rule says the same of each alone."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from ilsa.duties import IlsaDuty, IlsaFacts
from keywork import school
from reports.duties import PapersDuty, PapersFacts
from tsp.deadlines import Done, TspFacts
from tsp.duties import TspDuty

A_DAY = timedelta(days=1)
DUTIES = {
    "tsp": (
        TspDuty(),
        lambda rng, day, *stay: TspFacts(*stay, Done(tuple(sorted(_days(rng, day))), tuple(_days(rng, day)))),
    ),
    "ilsa": (
        IlsaDuty(),
        lambda rng, day, *stay: IlsaFacts(*stay, next(iter(_days(rng, day)), None), rng.random() < 0.5, None),
    ),
    "papers": (
        PapersDuty(),
        lambda rng, day, *stay: PapersFacts(
            *stay, day - 300 * A_DAY, day + rng.randint(-100, 200) * A_DAY, next(iter(_days(rng, day)), None)
        ),
    ),
}


def _days(rng, day):
    return [day - rng.randint(0, 120) * A_DAY for _ in range(rng.choice((0, 0, 1)))]


@pytest.mark.parametrize("kind", DUTIES)
def test_it_makes_no_difference_to_the_rule(world, kind):
    duty, facts_of = DUTIES[kind]
    facts = school.load()
    rng, seen, moved = random.Random(kind), set(), 0
    for _ in range(1500):
        as_of = date(2025, 8, 1) + rng.randint(0, 700) * A_DAY
        context = duty.context(as_of, facts, facts.policy(as_of))
        joined = as_of - rng.choice((rng.randint(-20, 120), rng.randint(0, 900))) * A_DAY
        left = rng.choice((None, None, as_of + rng.randint(-60, 90) * A_DAY))
        known = rng.choice((None, None, joined + rng.randint(0, 300) * A_DAY))
        one = facts_of(rng, as_of, joined, left, known)
        shared = one._replace(joined_on=max(joined, duty.joined_long_ago(context)))
        moved += shared != one
        said = []
        for each in (one, shared):
            found = duty.evaluate(each, as_of, facts)
            standing = getattr(found, "standing", None)
            said.append((found.status, found.due_on, found.by(as_of), found.since, found.passed, standing))
        assert said[0] == said[1], (one, as_of)
        seen.add(said[0][0])
    assert moved > 300 and len(seen) > 4
