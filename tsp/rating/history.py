"""All baselines and reviews of one student, term after term, and what may be said of the change between them.

Three queries for one term or for ten. Points of different versions of the form are compared only over the
statements both have (rules.compare_area); an area is never put beside another, and nothing is added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from keywork.calendar import SchoolCalendar

from ..models import AssessmentPoint, Narrative, Rating
from ..questions import templates
from . import rules
from .assessment_points import CONTEXT


@dataclass(frozen=True, slots=True)
class PointScores:
    """One assessment point: what counts in it, area by area, and how each area stands on its own."""

    pk: int
    term: str
    kind: str
    done_on: date | None
    form: templates.Template
    ratings: Mapping[str, Mapping[str, rules.Rating]]  # area slug: statement slug: rating
    contexts: tuple[str, ...]  # codes of rules.CONTEXTS
    context_words: str

    @property
    def finished(self) -> bool:
        return self.done_on is not None

    @property
    def scores(self) -> dict[str, Decimal | None]:
        return {area: rules.area_score(list(of.values())) for area, of in self.ratings.items()}

    @property
    def completion(self) -> rules.Completion:
        return rules.completion(rating for of in self.ratings.values() for rating in of.values())

    @property
    def context_labels(self) -> list[str]:
        return [rules.CONTEXTS[code] for code in self.contexts if code in rules.CONTEXTS]


def points_of(student: Any, calendar: SchoolCalendar, *, finished_only: bool = False) -> list[PointScores]:
    """Oldest first, each term's baseline before its review. Four queries, however many terms."""
    rows = AssessmentPoint.objects.filter(student=student)
    if finished_only:
        rows = rows.finished()
    found = scores_of(list(rows))
    order = {term.id: place for place, term in enumerate(calendar.terms)}
    found.sort(key=lambda one: (order.get(one.term, -1), one.term, one.kind != AssessmentPoint.Kind.BASELINE))
    return found


def lowest_areas(students: Iterable[int], term: str) -> tuple[list[tuple[str, int]], int]:
    """Of the newest finished point of a term of each student: areas by how often they stand lowest, and of how many.

    Titles are those of the newest form. Three queries, and one for each version of the form.
    """
    rows = (
        AssessmentPoint.objects.finished()
        .filter(student__in=list(students), term=term)
        .order_by("done_on", "pk")
    )
    newest = {row.student_id: row for row in rows}
    points = scores_of(list(newest.values()))
    counted: Counter[str] = Counter()
    titles: dict[str, str] = {}
    compared = 0
    for one in sorted(points, key=lambda point: point.form.version_id):
        titles |= {area.slug: area.title_for("staff") for area in one.form.areas}
        found = rules.lowest(one.scores)
        compared += bool(found)
        counted.update(found)
    return [(titles[slug], count) for slug, count in counted.most_common()], compared


def scores_of(found: Sequence[AssessmentPoint]) -> list[PointScores]:
    """These points with what counts in them. Three queries, however many."""
    if not found:
        return []
    forms = templates.versions({point.template_id for point in found})
    rated: dict[int, dict[str, rules.Rating]] = {}
    for point, statement, value in (
        Rating.objects.filter(point__in=found, confirmed_at__isnull=False)
        .values_list("point_id", "statement", "value")
        .order_by()
    ):
        rated.setdefault(point, {})[statement] = rules.NO_OPPORTUNITY if value is None else value
    words = dict(
        Narrative.objects.filter(point__in=found, part=CONTEXT).values_list("point_id", "text").order_by()
    )
    return [
        PointScores(
            pk=one.pk,
            term=one.term,
            kind=one.kind,
            done_on=one.done_on,
            form=forms[one.template_id],
            ratings={
                area.slug: {each.slug: rated.get(one.pk, {}).get(each.slug) for each in area.statements}
                for area in forms[one.template_id].areas
            },
            contexts=tuple(one.contexts),
            context_words=words.get(one.pk, ""),
        )
        for one in found
    ]


def compare(then: PointScores, now: PointScores) -> dict[str, rules.AreaComparison]:
    """Area by area, over the statements that both versions of the form have. Areas of one only are left out."""
    return {
        area: rules.compare_area(then.ratings[area], now.ratings[area])
        for area in now.ratings
        if area in then.ratings
    }


def area_changes(start: PointScores, reviews: Sequence[PointScores]) -> dict[str, rules.ReviewChange]:
    """From `start` to the last of the reviews (oldest first), area by area: meaningful when held (domain 2.3).

    Each review is put beside the start over the statements rated in both, whatever versions they were made with.
    """
    return {
        area: rules.change(Decimal(0), [_risen(area, start, review) for review in reviews], rules.AREA_STEP)
        for area in start.ratings
    }


def _risen(area: str, start: PointScores, review: PointScores) -> Decimal | None:
    if area not in review.ratings:
        return None
    both = rules.compare_area(start.ratings[area], review.ratings[area])
    return None if both.then is None or both.now is None else both.now - both.then


def statement_changes(start: PointScores, reviews: Sequence[PointScores]) -> dict[str, rules.ReviewChange]:
    """The same for each statement of the start that was rated then."""

    def score(point: PointScores, slug: str) -> int | None:
        rating = next((of[slug] for of in point.ratings.values() if slug in of), None)
        return rating if rules.is_score(rating) else None

    slugs = [slug for of in start.ratings.values() for slug, rating in of.items() if rules.is_score(rating)]
    return {
        slug: rules.change(
            score(start, slug), [score(review, slug) for review in reviews], rules.STATEMENT_STEP
        )
        for slug in slugs
    }
