"""The rules of the Independent Living Skills Assessment: percentages, raters side by side, change over the years.

Pure functions of plain values (domain 3.3 to 3.6). An answer is 0 to 4, NOT_APPLICABLE, NOT_SEEN, or None while
nobody has answered. Raters are never averaged. Percentages are exact fractions, rounded once, when they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, TypeGuard

NOT_APPLICABLE: Final = "na"
NOT_SEEN: Final = "no"
Answer = int | Literal["na", "no"] | None
TOP: Final = 4
SCORES: Final = (0, 1, 2, 3, 4)

LEAST_RATED: Final = 4
LEAST_COVERAGE: Final = Fraction(60, 100)
LEAST_VALID_SHARE: Final = Fraction(80, 100)
LEAST_VALID_DOMAINS: Final = 5

FLAGGED_FROM: Final = 2
SEEN_ONCE_FROM: Final = 3
LEAST_ITEMS_FOR_KAPPA: Final = 20
ONE_ASSESSMENT_DAYS: Final = 42

LEAST_OVERLAP: Final = Fraction(60, 100)
DOMAIN_STEP: Final = Decimal(10)

# The usual explanations of a difference (domain 3.5).
EXPLANATIONS: Final[Mapping[str, str]] = {
    "one_place": "Does it in one place only",
    "different_help": "Different help given",
    "different_standard": "Different standard expected",
    "recent_change": "Recent change",
    "misread": "Misread the question",
}
# Why somebody did not take part: the report says so (domain 3.5).
NOT_TAKING_PART: Final[Mapping[str, str]] = {
    "not_asked": "Was not asked",
    "declined": "Would rather not",
    "no_reply": "Did not reply",
    "no_access": "Could not use the form",
}


def is_score(answer: Answer) -> TypeGuard[int]:
    """True for 0 to 4. Raises ValueError for what is no answer at all."""
    if answer is None or answer in (NOT_APPLICABLE, NOT_SEEN):
        return False
    if isinstance(answer, bool) or answer not in SCORES:
        raise ValueError(f"{answer!r} is not an answer")
    return True


def rounded(value: Fraction | Decimal, places: int = 0) -> Decimal:
    """Half up, away from zero: whole numbers on screens, one decimal in exports (domain 3.4)."""
    whole = Fraction(value)
    scale = 10**places
    steps = int(abs(whole) * scale + Fraction(1, 2))
    return Decimal(-steps if whole < 0 else steps).scaleb(-places)


# ---------------------------------------------------------------------------------- one rater, one domain

State = Literal["valid", "insufficient", "out_of_scope"]


@dataclass(frozen=True, slots=True)
class DomainFigure:
    """One domain as one person sees it. `per_cent` and `coverage` are exact, None where there is nothing to divide.

    `per_cent` may only be shown when `state` is valid: `shown` says it, or None for "not enough seen to say".
    """

    rated: int
    in_scope: int
    points: int
    state: State

    @property
    def per_cent(self) -> Fraction | None:
        return Fraction(100 * self.points, TOP * self.rated) if self.rated else None

    @property
    def coverage(self) -> Fraction | None:
        return Fraction(self.rated, self.in_scope) if self.in_scope else None

    @property
    def shown(self) -> Decimal | None:
        """Whole per cent for the screen."""
        return rounded(self.per_cent) if self.valid and self.per_cent is not None else None

    @property
    def valid(self) -> bool:
        return self.state == "valid"


def domain_figure(answers: Iterable[Answer]) -> DomainFigure:
    """100·Σs ÷ (4·rated); valid from four rated items that are 60 % of those in scope (domain 3.4)."""
    rated = points = in_scope = 0
    for answer in answers:
        if is_score(answer):
            rated += 1
            points += answer
        in_scope += answer != NOT_APPLICABLE
    state: State = "insufficient"
    if not in_scope:
        state = "out_of_scope"
    elif rated >= LEAST_RATED and Fraction(rated, in_scope) >= LEAST_COVERAGE:
        state = "valid"
    return DomainFigure(rated, in_scope, points, state)


@dataclass(frozen=True, slots=True)
class Overall:
    """The plain mean of the valid domains, each counting the same; None while too few are valid."""

    per_cent: Fraction | None
    valid: int
    in_scope: int

    @property
    def shown(self) -> Decimal | None:
        return None if self.per_cent is None else rounded(self.per_cent)


def overall(domains: Iterable[DomainFigure]) -> Overall:
    """At least 80 % of the domains in scope valid, and at least five of them (domain 3.4)."""
    in_scope = [domain for domain in domains if domain.state != "out_of_scope"]
    values = [domain.per_cent for domain in in_scope if domain.valid and domain.per_cent is not None]
    enough = len(values) >= LEAST_VALID_DOMAINS and Fraction(len(values), len(in_scope)) >= LEAST_VALID_SHARE
    mean = sum(values, Fraction(0)) / len(values) if enough else None
    return Overall(mean, len(values), len(in_scope))


# --------------------------------------------------------------------------------- raters side by side


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people over the items both scored. `signed` is first minus second; `kappa` None below 20 items or where
    neither varies. Rounded for display; no adjective belongs to any of them (domain 3.5)."""

    common: int
    mad: Decimal | None
    signed: Decimal | None
    exact: Decimal | None
    within_one: Decimal | None
    flagged: int
    kappa: Decimal | None


def flagged(*answers: Answer) -> bool:
    """Two of them differ by two steps or more."""
    scores = [answer for answer in answers if is_score(answer)]
    return len(scores) > 1 and max(scores) - min(scores) >= FLAGGED_FROM


def seen_in_one_place(*answers: Answer) -> bool:
    """Someone rated it 3 or 4, and someone else had no chance to see it."""
    return NOT_SEEN in answers and any(is_score(answer) and answer >= SEEN_ONCE_FROM for answer in answers)


def quadratic_kappa(pairs: Sequence[tuple[int, int]]) -> Fraction | None:
    """1 − Σ(i−j)²·O ÷ Σ(i−j)²·(row·column ÷ n); None where it is undefined for want of variation."""
    n = len(pairs)
    observed = sum((first - second) ** 2 for first, second in pairs)
    rows = [sum(first == score for first, _ in pairs) for score in SCORES]
    columns = [sum(second == score for _, second in pairs) for score in SCORES]
    expected = sum((i - j) ** 2 * rows[i] * columns[j] for i in SCORES for j in SCORES)
    return 1 - Fraction(observed * n, expected) if expected else None


def compare_pair(first: Mapping[str, Answer], second: Mapping[str, Answer]) -> Pair:
    """Statistics for staff, of items both scored; each mapping is item slug to answer."""
    scored: list[tuple[int, int]] = [
        (answer, other)
        for slug, answer in first.items()
        if is_score(answer) and slug in second and is_score(other := second[slug])
    ]
    n = len(scored)
    if not n:
        return Pair(0, None, None, None, None, 0, None)
    gaps = [one - other for one, other in scored]
    kappa = quadratic_kappa(scored) if n >= LEAST_ITEMS_FOR_KAPPA else None
    return Pair(
        common=n,
        mad=rounded(Fraction(sum(abs(gap) for gap in gaps), n), 2),
        signed=rounded(Fraction(sum(gaps), n), 2),
        exact=rounded(Fraction(100 * gaps.count(0), n), 1),
        within_one=rounded(Fraction(100 * sum(abs(gap) <= 1 for gap in gaps), n), 1),
        flagged=sum(abs(gap) >= FLAGGED_FROM for gap in gaps),
        kappa=None if kappa is None else rounded(kappa, 3),
    )


def days_apart(submitted_on: Iterable[date]) -> int:
    days = sorted(submitted_on)
    return (days[-1] - days[0]).days if days else 0


def one_assessment(submitted_on: Iterable[date]) -> bool:
    """Within 42 days of each other; otherwise the report says so."""
    return days_apart(submitted_on) <= ONE_ASSESSMENT_DAYS


# ------------------------------------------------------------------------------------- over the years


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """Like for like: only items scored in both years by the same role. All None when not comparable.

    `then` and `now` are exact per cents over the `shared` items; `newly_in_scope` came from "does not apply" to a
    score, which is no growth.
    """

    then: Fraction | None
    now: Fraction | None
    shared: int
    of: int
    newly_in_scope: tuple[str, ...]

    @property
    def comparable(self) -> bool:
        return self.then is not None

    @property
    def by(self) -> Fraction | None:
        """In points, exact."""
        return None if self.then is None or self.now is None else self.now - self.then

    @property
    def shown(self) -> Decimal | None:
        return None if self.by is None else rounded(self.by)

    def stands_out(self, step: Decimal) -> bool:
        return self.by is not None and abs(self.by) >= step


def like_for_like(
    then: Mapping[str, Answer],
    now: Mapping[str, Answer],
    equivalent: Mapping[str, str] | None = None,
) -> ScoreChange:
    """One domain (or all items) in two years. `equivalent` names, for a new slug, the old one it is declared equal to.

    Needs at least 60 % of the larger year's rated items in common.
    """
    equal = equivalent or {}
    before = {slug: _earlier(slug, then, equal) for slug in now}
    shared = [
        (earlier, answer)
        for slug, answer in now.items()
        if (old := before[slug]) is not None and is_score(earlier := then[old]) and is_score(answer)
    ]
    newly = tuple(
        slug
        for slug, answer in now.items()
        if (old := before[slug]) is not None and then[old] == NOT_APPLICABLE and is_score(answer)
    )
    larger = max(sum(map(is_score, then.values())), sum(map(is_score, now.values())))
    if not shared or Fraction(len(shared), larger) < LEAST_OVERLAP:
        return ScoreChange(None, None, len(shared), larger, newly)
    out_of = TOP * len(shared)
    return ScoreChange(
        Fraction(100 * sum(old for old, _ in shared), out_of),
        Fraction(100 * sum(new for _, new in shared), out_of),
        len(shared),
        larger,
        newly,
    )


def _earlier(slug: str, then: Mapping[str, Answer], equivalent: Mapping[str, str]) -> str | None:
    """The slug under which this item stood in the earlier year; None if it was not asked."""
    if slug in then:
        return slug
    old = equivalent.get(slug)
    return old if old in then else None


def overall_change(domains: Iterable[ScoreChange]) -> Fraction | None:
    """The mean of the comparable domains' changes, each counting the same, with the floors of the overall figure."""
    every = list(domains)
    found = [change.by for change in every if change.by is not None]
    asked = [change for change in every if change.of]
    if len(found) < LEAST_VALID_DOMAINS or Fraction(len(found), len(asked)) < LEAST_VALID_SHARE:
        return None
    return sum(found, Fraction(0)) / len(found)
