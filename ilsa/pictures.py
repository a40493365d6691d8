"""The pictures of the assessment as plain rows for templates/ilsa/_chart*.html; each has its table behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from keywork.words import filled, translated

from . import rules
from .comparison import AGREED, Column, Comparison, Year, YearStep
from .models import Role

WIDE = 25  # points between two people from which a row stands out
SHAPES = {Role.KEYWORKER: "keyworker", Role.PUPIL: "student", Role.PARENT: "parent"}
NOT_ENOUGH = "not enough seen to say"


@dataclass(frozen=True, slots=True)
class Mark:
    """One rater's point on a row: `at` in whole per cent, None where not enough was seen."""

    shape: str
    label: str
    at: int | None
    coverage: str = ""

    @property
    def words(self) -> str:
        seen = f"{self.at}%" if self.at is not None else translated(NOT_ENOUGH)
        return f"{translated(self.label)} {seen}"

    @property
    def cell(self) -> str:
        return (
            f"{self.at}%"
            if self.at is not None
            else f"{translated(NOT_ENOUGH[0].upper() + NOT_ENOUGH[1:])}{self.coverage}"
        )


@dataclass(frozen=True, slots=True)
class PictureRow:
    title: str
    marks: tuple[Mark, ...]
    out_of_scope: bool

    @property
    def drawn(self) -> list[Mark]:
        """Back to front: the circle, the smaller square in it, the triangle that is an outline, each seen on one spot."""
        back_to_front = ("keyworker", "student", "parent", "parent-2")
        marks = [mark for mark in self.marks if mark.at is not None]
        return sorted(marks, key=lambda mark: back_to_front.index(mark.shape))

    @property
    def words(self) -> str:
        return f"{translated(self.title)}: " + ", ".join(mark.words for mark in self.marks)

    @property
    def low(self) -> int:
        return min((mark.at for mark in self.marks if mark.at is not None), default=0)

    @property
    def high(self) -> int:
        return max((mark.at for mark in self.marks if mark.at is not None), default=0)

    @property
    def spread(self) -> int | None:
        return self.high - self.low if len(self.drawn) > 1 else None

    @property
    def wide(self) -> bool:
        return self.spread is not None and self.spread >= WIDE

    @property
    def unseen_by(self) -> list[str]:
        return [] if self.out_of_scope else [mark.label for mark in self.marks if mark.at is None]


def shapes_of(columns: Sequence[Column]) -> list[str]:
    """A shape for each rater; a second parent's triangle stands on its point."""
    shapes: list[str] = []
    for column in columns:
        shape = SHAPES[Role(column.role)]
        shapes.append("parent-2" if shape == "parent" and shape in shapes else shape)
    return shapes


def mark(shape: str, column: Column, figure: rules.DomainFigure) -> Mark:
    at = None if figure.shown is None else int(figure.shown)
    coverage = (
        filled(" ({rated} of {of} seen)", rated=figure.rated, of=figure.in_scope) if figure.in_scope else ""
    )
    return Mark(shape, column.label, at, coverage)


def domain_rows(found: Comparison, title: str = "title") -> list[PictureRow]:
    """The ten domains, a mark for each rater; `title` is the domain's attribute to head the row with."""
    shapes = shapes_of(found.columns)
    return [
        PictureRow(
            getattr(row.domain, title),
            tuple(
                mark(shape, column, figure)
                for shape, column, figure in zip(shapes, found.columns, row.figures, strict=True)
            ),
            bool(row.figures) and all(figure.state == "out_of_scope" for figure in row.figures),
        )
        for row in found.domains
    ]


# ------------------------------------------------------------------------------------- over the years

# In per cent of the drawing, so that lines and words keep their size on a phone; below the scale stand the years.
TOP, FLOOR = 2, 86
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    label: str
    per_cent: int | None


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One series over the years; a year without a figure breaks it."""

    shape: str
    label: str
    points: tuple[Point, ...]

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        """From one year to the next where both have a figure."""
        return [pair for pair in pairwise(self.points) if None not in (pair[0].per_cent, pair[1].per_cent)]

    @property
    def drawn(self) -> list[Point]:
        return [point for point in self.points if point.per_cent is not None]


def trend(years: Sequence[Year], series: Sequence[tuple[str, str, str]]) -> list[TrendLine]:
    """The overall figure of each series (key, shape, label), each year's own (domain 3.6: levels)."""
    lines = []
    for key, shape, label in series:
        points = []
        for place, year in enumerate(years):
            overall = year.overall(key)
            shown = overall.shown if overall else None
            at = None if shown is None else int(shown)
            points.append(Point(_x(place, len(years)), _y(at or 0), year.label, at))
        if any(point.per_cent is not None for point in points):
            lines.append(TrendLine(shape, label, tuple(points)))
    return lines


def grid() -> list[tuple[int, float]]:
    return [(per_cent, _y(per_cent)) for per_cent in (0, 25, 50, 75, 100)]


def axis(years: Sequence[Year]) -> list[tuple[str, float, bool]]:
    """Each year, where it stands, and whether a narrow screen leaves its name out."""
    of = len(years)
    return [
        (year.label, _x(place, of), of > MOST_NAMED and (of - 1 - place) % 3 != 0)
        for place, year in enumerate(years)
    ]


def _x(place: int, of: int) -> float:
    return 50.0 if of == 1 else round(100 * place / (of - 1), 2)


def _y(per_cent: int) -> float:
    return round(TOP + (FLOOR - TOP) * (100 - per_cent) / 100, 2)


def trend_table(years: Sequence[Year], series: Sequence[tuple[str, str, str]]) -> list[tuple[str, list[str]]]:
    """The same in words: each series that somebody answered, with a cell for each year."""
    return [
        (translated(label), [_year_cell(year, key) for year in years])
        for key, _, label in series
        if any(key in year.answers for year in years)
    ]


def _year_cell(year: Year, key: str) -> str:
    overall = year.overall(key)
    if overall is None:
        return translated("Nothing agreed" if key == AGREED else "No answers")
    return f"{overall.shown}%" if overall.shown is not None else translated("Not enough seen to say")


@dataclass(frozen=True, slots=True)
class ChangeRow:
    title: str
    words: str
    stands_out: bool


def change_rows(step: YearStep) -> list[ChangeRow]:
    rows = []
    for domain in step.after.template.domains:
        change = step.domains[domain.slug]
        if not change.comparable or change.shown is None:
            words = "Not comparable: too few of the same questions were answered in both years"
            if not change.of:
                words = "Not answered with a score in either year"
            rows.append(ChangeRow(domain.title, words, False))
            continue
        then, now = rules.rounded(change.then or Fraction(0)), rules.rounded(change.now or Fraction(0))
        rows.append(
            ChangeRow(
                domain.title,
                f"{points(int(change.shown))}: {then}% to {now}%, over {change.shared} questions answered both times",
                change.stands_out(rules.DOMAIN_STEP),
            )
        )
    return rows


def points(by: int) -> str:
    """ "Up 15 points", "Down 1 point", "No change": falls as plainly as rises."""
    if not by:
        return "No change"
    return f"{'Up' if by > 0 else 'Down'} {abs(by)} point{'' if abs(by) == 1 else 's'}"
