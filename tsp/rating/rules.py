"""The rules of Tracking Social Progress: ratings, area scores, change, and Goal Attainment Scaling.

Pure functions of plain values (domain 2.3, 2.5). A rating is 0 to 4, NO_OPPORTUNITY, or None while nobody has
answered. Nothing here adds areas together or averages over students or staff: there is no such figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final, Literal, TypeGuard

NO_OPPORTUNITY: Final = "no"
Rating = int | Literal["no"] | None
RATINGS: Final = (0, 1, 2, 3, 4)

LEAST_RATED: Final = 4
LEAST_RATED_PER_CENT: Final = 60
EVIDENCE_FROM: Final = 3
EVIDENCE_PIECES: Final = 2
EVIDENCE_SETTINGS: Final[Mapping[int, int]] = {3: 2, 4: 3}
STATEMENT_STEP: Final = Decimal(1)
AREA_STEP: Final = Decimal("0.5")

FEELING_DAYS: Final = 14  # how many of their own days a student reads
PROMPT_DAYS: Final = 3  # how long a keyworker is reminded of a worry: over a weekend
WORRYING_WORDS: Final = frozenset({"worried"})

LEVELS: Final = (-2, -1, 0, 1, 2)
LEVEL_NAMES: Final[Mapping[int, str]] = {
    -2: "Much less than expected",
    -1: "Somewhat less than expected",
    0: "Expected outcome",
    1: "Somewhat more than expected",
    2: "Much more than expected",
}
BASELINE_LEVELS: Final = (-1, -2)
RHO: Final = Decimal("0.3")
LEAST_GOALS: Final = 2
MOST_ACTIVE_GOALS: Final = 4
RECOMMENDED_GOALS: Final = 3

# How far the context of a change is named from a list; anything else goes into words beside it (domain 2.3).
CONTEXTS: Final[Mapping[str, str]] = {
    "bereavement": "A bereavement",
    "home_move": "A move of home or residence",
    "illness": "Illness or injury",
    "family_change": "A change in the family",
    "new_people": "New staff or classmates",
    "medication": "A change of medication",
    "absence": "A long absence",
    "other": "Something else",
}


def one_decimal(value: Decimal) -> Decimal:
    """Rounded once, for display: one decimal, half up (away from zero for what is below it)."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


# ------------------------------------------------------------------------------ ratings and areas


def is_score(rating: Rating) -> TypeGuard[int]:
    """True for 0 to 4. Raises ValueError for what is no rating at all."""
    if rating is None or rating == NO_OPPORTUNITY:
        return False
    if isinstance(rating, bool) or rating not in RATINGS:
        raise ValueError(f"{rating!r} is not a rating from 0 to 4")
    return True


def least_rated(statements: int) -> int:
    """How many of an area's statements must be rated before its score is shown: 4 of 6.

    At least 60 %, and at least four unless the area has fewer.
    """
    share = -(-statements * LEAST_RATED_PER_CENT // 100)
    return max(min(LEAST_RATED, statements), share)


def area_score(ratings: Sequence[Rating]) -> Decimal | None:
    """Mean of the rated statements to one decimal, half up; None while too few are rated (domain 2.3).

    `ratings` holds one entry for each active statement of the area.
    """
    scores = [rating for rating in ratings if is_score(rating)]
    if not scores or len(scores) < least_rated(len(ratings)):
        return None
    return one_decimal(Decimal(sum(scores)) / len(scores))


def lowest(scores: Mapping[str, Decimal | None]) -> list[str]:
    """The areas of one assessment point that have the lowest score; none where fewer than two have one.

    For counting over a school where it stands lowest most often. Of one student it says nothing: areas ask about
    different things.
    """
    known = {area: score for area, score in scores.items() if score is not None}
    if len(known) < 2:
        return []
    least = min(known.values())
    return [area for area, score in known.items() if score == least]


@dataclass(frozen=True, slots=True)
class Completion:
    """How far a form is. No opportunity to see is an answer, and no score."""

    rated: int
    no_opportunity: int
    of: int

    @property
    def answered(self) -> int:
        return self.rated + self.no_opportunity

    @property
    def complete(self) -> bool:
        return self.of > 0 and self.answered == self.of

    @property
    def words(self) -> str:
        """ "Not started", "3 of 6", "Rated"."""
        if not self.answered:
            return "Not started"
        return "Rated" if self.complete else f"{self.answered} of {self.of}"

    def __add__(self, other: Completion) -> Completion:
        return Completion(
            self.rated + other.rated, self.no_opportunity + other.no_opportunity, self.of + other.of
        )


def completion(ratings: Iterable[Rating]) -> Completion:
    """Of one area, or of all: one entry for each active statement."""
    rated = unseen = of = 0
    for rating in ratings:
        of += 1
        if is_score(rating):
            rated += 1
        elif rating == NO_OPPORTUNITY:
            unseen += 1
    return Completion(rated, unseen, of)


@dataclass(frozen=True, slots=True)
class EvidenceGap:
    """What a 3 or 4 still wants. A warning, never a block."""

    pieces: int
    pieces_wanted: int
    settings: int
    settings_wanted: int


def evidence_gap(rating: Rating, settings: Sequence[str]) -> EvidenceGap | None:
    """What is missing for this rating, None when nothing is. `settings` has one entry for each dated piece.

    A 3 needs two pieces from two settings, a 4 three settings.
    """
    if not is_score(rating) or rating < EVIDENCE_FROM:
        return None
    wanted = EVIDENCE_SETTINGS[rating]
    places = len({place for place in settings if place})
    if len(settings) >= EVIDENCE_PIECES and places >= wanted:
        return None
    return EvidenceGap(len(settings), max(EVIDENCE_PIECES, wanted), places, wanted)


# -------------------------------------------------------------------------------------- change

Standing = Literal["unknown", "steady", "once", "held"]


@dataclass(frozen=True, slots=True)
class ReviewChange:
    """`by` is the last review less the start. Only `held` is meaningful; `once` waits for the next review."""

    by: Decimal | None
    standing: Standing

    @property
    def direction(self) -> Literal["rise", "fall", "none"]:
        """Falls are shown as plainly as rises."""
        if not self.by:
            return "none"
        return "rise" if self.by > 0 else "fall"


def change(
    start: Decimal | int | None, reviews: Sequence[Decimal | int | None], step: Decimal
) -> ReviewChange:
    """From the start to the last review: meaningful when a step, the same way, stood at two reviews in a row.

    `reviews` are in order, None where nothing could be said; such a review breaks the row. `step` is
    STATEMENT_STEP or AREA_STEP.
    """
    if start is None or not reviews or reviews[-1] is None:
        return ReviewChange(None, "unknown")
    by = Decimal(reviews[-1]) - Decimal(start)
    if abs(by) < step:
        return ReviewChange(by, "steady")
    before = reviews[-2] if len(reviews) > 1 else None
    earlier = Decimal(before) - Decimal(start) if before is not None else Decimal(0)
    held = abs(earlier) >= step and (earlier > 0) == (by > 0)
    return ReviewChange(by, "held" if held else "once")


@dataclass(frozen=True, slots=True)
class AreaComparison:
    """One area then and now over the statements rated both times. Scores are None when they are too few."""

    then: Decimal | None
    now: Decimal | None
    shared: int
    only_then: tuple[str, ...]
    only_now: tuple[str, ...]


def compare_area(then: Mapping[str, Rating], now: Mapping[str, Rating]) -> AreaComparison:
    """Two assessment points of one area, each slug to rating, perhaps of two versions of the template.

    Only statements rated in both count; they must be enough of the larger set (4 of 6, 60 %), so that neither a
    new statement nor one that could be seen for the first time looks like progress.
    """
    shared = [
        (old, new)
        for slug, old in then.items()
        if slug in now and is_score(old) and is_score(new := now[slug])
    ]
    only_then = tuple(slug for slug in then if slug not in now)
    only_now = tuple(slug for slug in now if slug not in then)
    if not shared or len(shared) < least_rated(max(len(then), len(now))):
        return AreaComparison(None, None, len(shared), only_then, only_now)
    return AreaComparison(
        one_decimal(Decimal(sum(old for old, _ in shared)) / len(shared)),
        one_decimal(Decimal(sum(new for _, new in shared)) / len(shared)),
        len(shared),
        only_then,
        only_now,
    )


# ---------------------------------------------------------------------- Goal Attainment Scaling


def goal_weight(importance: int, difficulty: int) -> int:
    """Importance times difficulty, each 1 to 3: a zero would take the goal out of the sum. Raises ValueError."""
    if importance not in (1, 2, 3) or difficulty not in (1, 2, 3):
        raise ValueError("Importance and difficulty are 1, 2 or 3")
    return importance * difficulty


def t_score(scores: Sequence[int], weights: Sequence[int] | None = None) -> Decimal:
    """T = 50 + 10·Σwx / √((1−ρ)·Σw² + ρ·(Σw)²), ρ = 0.3, at full precision: round once, when shown.

    The formula of the published erratum (Turner-Stokes 2009; domain [V15]). `scores` are levels −2 to +2,
    `weights` whole numbers from 1, all 1 unless given. Raises ValueError for anything else.
    """
    weights = [1] * len(scores) if weights is None else weights
    if not scores or len(scores) != len(weights):
        raise ValueError("T needs one score or more, and a weight for each")
    if any(score not in LEVELS for score in scores) or any(weight < 1 for weight in weights):
        raise ValueError("Scores are from -2 to 2 and weights 1 or more")
    total = sum(weight * score for weight, score in zip(weights, scores, strict=True))
    squares = (1 - RHO) * sum(weight * weight for weight in weights) + RHO * sum(weights) ** 2
    with localcontext(prec=40):
        return 50 + 10 * total / squares.sqrt()


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal as it is scored. `level` is None until then; `partial` is progress within level −1."""

    baseline: int
    level: int | None = None
    partial: bool = False
    withdrawn: bool = False
    weight: int = 1

    def __post_init__(self) -> None:
        if self.baseline not in BASELINE_LEVELS:
            raise ValueError("A goal begins at -1, or at -2 when nothing worse is plausible")
        if self.level is not None and self.level not in LEVELS:
            raise ValueError("A goal is scored from -2 to 2")
        if self.partial and not (self.level == -1 and self.baseline == -1):
            raise ValueError("Partial progress is within level -1, from a start at -1")

    @property
    def scored_at(self) -> int | None:
        return None if self.withdrawn else self.level

    @property
    def scored(self) -> bool:
        return self.scored_at is not None

    @property
    def progressed(self) -> bool:
        """It rose at least one level. Partial progress is shown, and counts as −1."""
        return self.scored_at is not None and self.scored_at > self.baseline

    @property
    def met(self) -> bool:
        return self.scored_at is not None and self.scored_at >= 0


def level_in_words(level: int, partial: bool = False) -> str:
    """ "Expected outcome"; "Somewhat less than expected, with some progress"."""
    return LEVEL_NAMES[level] + (", with some progress" if partial else "")


def level_label(level: int) -> str:
    """ "+1", "0", "−2": with a true minus sign."""
    return f"+{level}" if level > 0 else str(level).replace("-", "−")


@dataclass(frozen=True, slots=True)
class Attainment:
    """What may be said of one student's goals of one term, in the order to say it (domain 2.5).

    The T-scores are already rounded for display, and are all None when they may not be shown; then `why_no_t`
    says so. `difference` is rounded from the full precision, not from the two figures shown.
    """

    scored: int
    met: int
    progressed: int
    withdrawn: int
    baseline_t: Decimal | None
    achieved_t: Decimal | None
    difference: Decimal | None
    why_no_t: str


def attainment(goals: Sequence[Goal]) -> Attainment:
    """Of agreed goals, withdrawn ones among them: T only of two scored goals or more, and not when more than a
    third were withdrawn. Baseline and achieved T are of the same goals, those scored."""
    scored = [goal for goal in goals if goal.scored]
    levels = [goal.scored_at for goal in goals if goal.scored_at is not None]
    withdrawn = sum(goal.withdrawn for goal in goals)
    why_not = ""
    if len(scored) < LEAST_GOALS:
        why_not = "A T-score needs at least two scored goals."
    elif withdrawn * 3 > len(goals):
        why_not = "More than a third of the goals were withdrawn, so no T-score is shown."
    baseline_t = achieved_t = difference = None
    if not why_not:
        weights = [goal.weight for goal in scored]
        before = t_score([goal.baseline for goal in scored], weights)
        after = t_score(levels, weights)
        baseline_t, achieved_t = one_decimal(before), one_decimal(after)
        difference = one_decimal(after - before)
    return Attainment(
        scored=len(scored),
        met=sum(goal.met for goal in scored),
        progressed=sum(goal.progressed for goal in scored),
        withdrawn=withdrawn,
        baseline_t=baseline_t,
        achieved_t=achieved_t,
        difference=difference,
        why_no_t=why_not,
    )


def asks_for_a_talk(word: str) -> bool:
    """Should an adult come back to what a student said of how they feel?

    That they do not feel safe is no matter of this: it goes to those who keep them safe (app `safety`).
    """
    return word in WORRYING_WORDS
