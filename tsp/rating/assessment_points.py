"""Baselines and reviews as they stand: each area's statements, score and completion, in a fixed number of queries.

    state = load(student, "2026-27-autumn", "baseline")      # None while nobody has opened it
    state.completion.words, state.areas[0].score, state.missing

A rating carried over from the last review is shown, and counts for nothing until it is confirmed (domain 2.3, T4).
Opening one is an action: `tsp.rating.actions.open_point`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from keywork.grouped import grouped
from keywork.words import worded_lazy

from ..models import AssessmentPoint, Evidence, Narrative, Rating
from ..questions import templates
from . import rules

SUMMARY, NEXT_STEPS, CONTEXT = "summary", "next-steps", "context"
PARTS: Mapping[str, str] = {
    SUMMARY: worded_lazy("Summary in the keyworker’s words"),
    NEXT_STEPS: "Next steps",
    CONTEXT: "More about the context",
}


def area_part(area: str) -> str:
    return f"area:{area}"


@dataclass(frozen=True, slots=True)
class StatementState:
    """One statement in one point. `shown` is what the form shows, `rating` what counts."""

    statement: templates.Statement
    row: Rating | None
    evidence: tuple[Evidence, ...]

    @property
    def slug(self) -> str:
        return self.statement.slug

    @property
    def shown(self) -> rules.Rating:
        return None if self.row is None else self.row.rating

    @property
    def rating(self) -> rules.Rating:
        return self.row.rating if self.row is not None and self.row.counts else None

    @property
    def carried(self) -> bool:
        """Carried over and not yet confirmed."""
        return self.row is not None and not self.row.counts

    @property
    def version(self) -> int:
        return self.row.version if self.row is not None else 0

    @property
    def moments(self) -> list[datetime]:
        """When it was rated and when each example came."""
        return [*([self.row.at] if self.row is not None else []), *(piece.at for piece in self.evidence)]

    @property
    def gap(self) -> rules.EvidenceGap | None:
        return rules.evidence_gap(self.rating, [piece.setting for piece in self.evidence])


@dataclass(frozen=True, slots=True)
class AreaState:
    area: templates.Area
    statements: tuple[StatementState, ...]
    note: Narrative | None

    @property
    def slug(self) -> str:
        return self.area.slug

    @property
    def ratings(self) -> dict[str, rules.Rating]:
        """What counts, by slug: one entry for each statement in use."""
        return {one.slug: one.rating for one in self.statements}

    @property
    def score(self) -> Decimal | None:
        return rules.area_score(list(self.ratings.values()))

    @property
    def completion(self) -> rules.Completion:
        return rules.completion(self.ratings.values())

    @property
    def carried(self) -> int:
        """How many ratings still wait to be confirmed."""
        return sum(one.carried for one in self.statements)


@dataclass(frozen=True)
class Missing:
    """One thing to do before a point can be finished; `target` is the id to go to on its page."""

    text: str
    target: str
    area: str


@dataclass(frozen=True)
class PointState:
    """A whole point. `point` is None for one nobody has opened: then everything is empty."""

    point: AssessmentPoint | None
    form: templates.Template
    areas: tuple[AreaState, ...]
    narratives: Mapping[str, Narrative]

    @cached_property
    def completion(self) -> rules.Completion:
        return sum((area.completion for area in self.areas), rules.Completion(0, 0, 0))

    @cached_property
    def scores(self) -> dict[str, Decimal | None]:
        return {area.slug: area.score for area in self.areas}

    @property
    def is_finished(self) -> bool:
        return self.point is not None and self.point.is_finished

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """What keeps it from being finished: unconfirmed areas, then statements without an answer."""
        found = []
        for area in self.areas:
            if area.carried:
                many = "1 rating" if area.carried == 1 else f"{area.carried} ratings"
                found.append(
                    Missing(f"Confirm {area.area.title}: {many} carried over", f"area-{area.slug}", area.slug)
                )
            open_ones = [one for one in area.statements if one.shown is None]
            if len(open_ones) == len(area.statements):
                found.append(
                    Missing(f"Rate {area.area.title}: nothing is rated yet", f"area-{area.slug}", area.slug)
                )
            else:
                found += [
                    Missing(f"{area.area.title}: {one.statement.staff}", f"statement-{one.slug}", area.slug)
                    for one in open_ones
                ]
        return tuple(found)

    def statement(self, slug: str) -> StatementState:
        """Raises KeyError."""
        return self._statements[slug]

    def area(self, slug: str) -> AreaState:
        """Raises KeyError."""
        return self._areas[slug]

    @cached_property
    def _areas(self) -> dict[str, AreaState]:
        return {area.slug: area for area in self.areas}

    @cached_property
    def _statements(self) -> dict[str, StatementState]:
        return {one.slug: one for area in self.areas for one in area.statements}

    @property
    def changed_at(self) -> datetime | None:
        """When anything in it was last written."""
        if self.point is None:
            return None
        moments = [at for one in self._statements.values() for at in one.moments]
        moments += [narrative.at for narrative in self.narratives.values()]
        return max([self.point.opened_at, *moments])

    @property
    def pieces(self) -> int:
        """How many ratings, narratives and examples there are."""
        ratings = sum(one.row is not None for one in self._statements.values())
        return ratings + len(self.narratives) + sum(len(one.evidence) for one in self._statements.values())

    def changed_since(self, moment: str) -> frozenset[str]:
        """Names of the fields written, or given an example, at or after a moment (as `isoformat` says it)."""
        found = {
            f"rating:{one.slug}"
            for one in self._statements.values()
            if any(at.isoformat() >= moment for at in one.moments)
        }
        return frozenset(
            found
            | {f"narrative:{row.part}" for row in self.narratives.values() if row.at.isoformat() >= moment}
        )


def find_point(student: Any, term: str, kind: str) -> AssessmentPoint | None:
    return (
        AssessmentPoint.objects.filter(student=student, term=term, kind=kind)
        .select_related("opened_by", "finished_by")
        .first()
    )


def load(student: Any, term: str, kind: str) -> PointState | None:
    """One point as it stands; None while nobody has opened it. Five queries."""
    point = find_point(student, term, kind)
    return None if point is None else read(point)


def unopened(form: templates.Template) -> PointState:
    """What a point will look like that is yet to be opened."""
    return put_together(None, form, (), (), ())


def read(point: AssessmentPoint) -> PointState:
    """Four queries, whatever is in it."""
    return put_together(
        point,
        templates.version(point.template_id),
        Rating.objects.filter(point=point).order_by(),
        Narrative.objects.filter(point=point).order_by(),
        Evidence.objects.filter(point=point, removed_at__isnull=True),
    )


def put_together(
    point: AssessmentPoint | None,
    form: templates.Template,
    ratings: Iterable[Rating],
    narratives: Iterable[Narrative],
    evidence: Iterable[Evidence],
) -> PointState:
    """Only statements in use in the point's own version of the form are part of it."""
    rows = {row.statement: row for row in ratings}
    words = {narrative.part: narrative for narrative in narratives}
    pieces = grouped(evidence, lambda piece: piece.statement)
    areas = tuple(
        AreaState(
            area,
            tuple(
                StatementState(one, rows.get(one.slug), tuple(pieces[one.slug])) for one in area.statements
            ),
            words.get(area_part(area.slug)),
        )
        for area in form.areas
    )
    return PointState(point, form, areas, words)
