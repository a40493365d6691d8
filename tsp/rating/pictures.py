"""What the pictures of progress are drawn from: the profile, each area over the terms, and the levels of goals.

Plain values for templates/tsp/pic_*.html, which draw SVG with the table behind it. Positions are in per cent, so
that text and marks keep their size on a phone. No figure here adds areas together, and none is of more than one
student. Falls are said in the same words as rises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from keywork.calendar import term_name
from keywork.dates import day_short
from keywork.words import filled, marked, translated

from ..questions.templates import Area, Audience, Template
from . import history, rules
from .history import PointScores

TOP = Decimal(4)
REVIEW = "review"
ONCE = "at one review so far"
TOO_FEW = "Too few rated to say yet"
NAMES: Mapping[str, str] = {"baseline": "Baseline", REVIEW: "Review"}
# The same at home, in whole words.
AT_HOME: Mapping[str, str] = {
    "baseline": marked("{term}, at the start"),
    REVIEW: marked("{term}, at the end"),
}
TERMS_AT_HOME: Mapping[str, str] = {
    "autumn": marked("Autumn term {year}"),
    "spring": marked("Spring term {year}"),
    "summer": marked("Summer term {year}"),
}
TOO_FEW_AT_HOME = marked("Not enough seen to say")


def percent(value: Decimal | int | float) -> str:
    """As SVG takes it: "37.5%"."""
    return f"{float(value):g}%"


def along(score: Decimal) -> str:
    """From 0 at the left to 4 at the right."""
    return percent(score / TOP * 100)


def nearest_point(score: Decimal) -> int:
    """The point of the scale an area score reads as: 2.2 is 2, 1.5 is 2."""
    return int(score.quantize(Decimal(1), ROUND_HALF_UP))


def term_in_short(term: str) -> str:
    """ "Autumn 2026/27"."""
    return term_name(term).replace(" term", "")


def term_at_home(term: str) -> str:
    """ "Autumn term 2026/27" in the language of who reads it."""
    year, _, season = term.rpartition("-")
    if season not in TERMS_AT_HOME:
        return term_name(term)
    return filled(TERMS_AT_HOME[season], year=year.replace("-", "/"))


def score_at_home(score: Decimal | None, form: Template) -> str:
    """ "Developing (with prompts)", without a figure."""
    return translated(TOO_FEW_AT_HOME if score is None else form.scale[nearest_point(score)].label)


def score_in_words(score: Decimal | None, form: Template, audience: Audience = "staff") -> str:
    """ "Developing (2.2)"; without the figure, in their own words, for a student or parent."""
    if score is None:
        return TOO_FEW
    point = form.scale[nearest_point(score)]
    if audience == "staff":
        return f"{point.short_label} ({score})"
    return point.student_label if audience == "student" else point.short_label


def change_in_words(change: rules.ReviewChange, audience: Audience = "staff", once: str = ONCE) -> str:
    """ "Up 0.8, held at two reviews", "Down 0.8 at one review so far", "About the same"."""
    if change.standing == "unknown" or change.by is None:
        return TOO_FEW
    if change.standing == "steady":
        return "About the same"
    way = "Up" if change.direction == "rise" else "Down"
    much = f" {rules.one_decimal(abs(change.by))}" if audience == "staff" else ""
    if change.standing == "held":
        return f"{way}{much}, held at two reviews"
    return f"{way}{much} {once}"


# ------------------------------------------------------------------------------------- profile


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One area, then and now over the statements rated both times (rules.compare_area).

    `now` is None while there is no review to compare with, or too little to say; then `then` is the area's own
    score. `contexts` stand beside a fall.
    """

    slug: str
    number: int
    title: str
    then: Decimal | None
    then_words: str
    now: Decimal | None = None
    now_words: str = ""
    change_words: str = ""
    note: str = ""
    contexts: tuple[str, ...] = ()
    # Statements that changed and held: "Joins a game", "Up 1: 1 to 2".
    lasting: tuple[tuple[str, str], ...] = ()

    @property
    def then_at(self) -> str:
        return along(self.then) if self.then is not None else ""

    @property
    def now_at(self) -> str:
        return along(self.now) if self.now is not None else ""

    @property
    def moved(self) -> bool:
        """Far enough for an arrow; nearer, a filled circle stands beside the open one."""
        return self.then is not None and self.now is not None and abs(self.now - self.then) >= rules.AREA_STEP

    @property
    def fell(self) -> bool:
        return self.then is not None and self.now is not None and self.now < self.then

    @property
    def in_a_sentence(self) -> str:
        """The row in a sentence, for who does not see it."""
        if self.now is None:
            return f"{self.title}: {self.then_words}."
        return f"{self.title}: {self.then_words} then, {self.now_words} now. {self.change_words}."


@dataclass(frozen=True, slots=True)
class Context:
    """What a rise or fall has to be read beside."""

    when: str
    labels: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The nine areas from `start` to `now`. There is no figure for all of them together."""

    start: PointScores
    now: PointScores | None
    start_label: str
    now_label: str
    rows: tuple[ProfileRow, ...]
    contexts: tuple[Context, ...]
    scale: tuple[tuple[str, str, str], ...]  # words, place and anchor of the marks below
    versions: str = ""  # said when two versions of the form are compared

    @property
    def fell(self) -> bool:
        return any(row.fell and row.moved for row in self.rows)

    @property
    def lasting(self) -> list[ProfileRow]:
        """Areas with a statement whose change held at two reviews in a row."""
        return [row for row in self.rows if row.lasting]


def point_label(point: PointScores, today: date) -> str:
    """ "Baseline, autumn 2026/27 (18 September)"; "so far" while it is unfinished."""
    short = term_in_short(point.term)
    when = f"{short[:1].lower()}{short[1:]}"
    day = day_short(point.done_on, today) if point.done_on else "so far"
    return f"{NAMES[point.kind]}, {when} ({day})"


def starts(points: Sequence[PointScores]) -> list[PointScores]:
    """Where a profile can begin: finished baselines, oldest first, the one in hand, and where it usually begins."""
    baselines = [one for one in points if one.kind != REVIEW]
    usual = usual_start(points)
    return [
        one
        for one in points
        if one is usual or (one.kind != REVIEW and (one.finished or one is baselines[-1]))
    ]


def usual_start(points: Sequence[PointScores]) -> PointScores | None:
    """The first baseline of the school year of the newest finished point: "September and now".

    Until that year has a review there is nothing to compare it with: then the last finished review before it, or
    the finished point before where there is none. A baseline half done says too little to begin or end at.
    """
    finished = [one for one in points if one.finished]
    if not finished:
        return next((one for one in reversed(points) if one.kind != REVIEW), None)
    newest = finished[-1]
    year = [one for one in points if one.term[:7] == newest.term[:7]]
    first = next((one for one in year if one.kind != REVIEW and one.finished), None)
    if first is not None and any(one.kind == REVIEW for one in year[year.index(first) :]):
        return first
    begins = first or newest  # a review whose baseline was missed
    before = finished[: finished.index(begins)]
    return next((one for one in reversed(before) if one.kind == REVIEW), before[-1] if before else begins)


def profile(
    points: Sequence[PointScores],
    start: PointScores,
    today: date,
    *,
    until: PointScores | None = None,
    audience: Audience = "staff",
) -> Profile:
    """From `start` to the newest review after it (or `until`); without one, to the newest finished baseline.

    `points` are oldest first, as history gives them.
    """
    after = points[[one.pk for one in points].index(start.pk) + 1 :]
    reviews = [one for one in after if one.kind == REVIEW and one.completion.answered]
    if until is not None:
        reviews = reviews[: [one.pk for one in reviews].index(until.pk) + 1]
    if not reviews and until is None:
        reviews = [one for one in after if one.finished][-1:]
    now = reviews[-1] if reviews else None
    changes = history.area_changes(start, reviews) if reviews else {}
    lasting = _lasting(start, reviews, audience) if reviews else {}
    compared = history.compare(start, now) if now else {}
    rows = tuple(
        replace(
            _row(area, start, now, compared, changes, audience),
            lasting=tuple(lasting[one.slug] for one in area.statements if one.slug in lasting),
        )
        for area in start.form.areas
    )
    versions = ""
    if now is not None and now.form.version_id != start.form.version_id:
        versions = (
            f"The form changed in between, from version {start.form.number} to version {now.form.number}."
            " Only statements rated in both are compared."
        )
    return Profile(
        start=start,
        now=now,
        start_label=point_label(start, today),
        now_label=point_label(now, today) if now else "",
        rows=rows,
        contexts=contexts([start, *after] if now is None else [start, *after[: after.index(now) + 1]], today),
        scale=_ends(start.form, audience),
        versions=versions,
    )


def _lasting(
    start: PointScores, reviews: Sequence[PointScores], audience: Audience
) -> dict[str, tuple[str, str]]:
    """Statement slug to its wording and change, of those a whole point away at two reviews in a row."""
    changes = history.statement_changes(start, reviews)
    then = {slug: rating for of in start.ratings.values() for slug, rating in of.items()}
    found = {}
    for area in start.form.areas:
        for one in area.statements:
            change = changes.get(one.slug)
            if change is None or change.standing != "held" or change.by is None:
                continue
            way, by = ("Up" if change.by > 0 else "Down"), abs(int(change.by))
            was: Any = then[one.slug]
            words = f"{way} {by}, from {was} to {was + int(change.by)}" if audience == "staff" else way
            found[one.slug] = (one.wording(audience), words)
    return found


def _ends(form: Template, audience: Audience) -> tuple[tuple[str, str, str], ...]:
    """What stands under the picture: (words, place, anchor). Students' words are too long for one in the middle."""
    low, middle, high = (
        point.student_label if audience == "student" else point.short_label
        for point in (form.scale[0], form.scale[2], form.scale[4])
    )
    between = () if audience == "student" else ((middle, "50%", "middle"),)
    return ((low, "0%", "start"), *between, (high, "100%", "end"))


def _row(
    area: Area,
    start: PointScores,
    now: PointScores | None,
    compared: Mapping[str, rules.AreaComparison],
    changes: Mapping[str, rules.ReviewChange],
    audience: Audience,
) -> ProfileRow:
    form, then = start.form, start.scores[area.slug]
    words = score_in_words(then, form, audience)
    begun = ProfileRow(area.slug, area.number, area.title_for(audience), then, words)
    if now is None:
        return begun
    both = compared.get(area.slug)
    if both is None or both.then is None or both.now is None:
        why = "Too few statements rated both times to compare" if both else "Not part of the later form"
        return replace(begun, now_words=TOO_FEW, change_words=why, note=_changed_statements(both))
    change = changes[area.slug]
    has_fallen = change.direction == "fall" and abs(change.by or Decimal(0)) >= rules.AREA_STEP
    return replace(
        begun,
        then=both.then,
        then_words=score_in_words(both.then, form, audience),
        now=both.now,
        now_words=score_in_words(both.now, now.form, audience),
        change_words=change_in_words(change, audience, ONCE if now.kind == REVIEW else "since then"),
        note=_changed_statements(both),
        contexts=tuple(now.context_labels) if has_fallen else (),
    )


def _changed_statements(both: rules.AreaComparison | None) -> str:
    """ "Over 5 statements: 1 is new, 1 was taken out."."""
    if both is None or not (both.only_then or both.only_now):
        return ""
    parts = []
    if both.only_now:
        parts.append(f"{len(both.only_now)} {'is' if len(both.only_now) == 1 else 'are'} new")
    if both.only_then:
        parts.append(f"{len(both.only_then)} {'was' if len(both.only_then) == 1 else 'were'} taken out")
    statements = f"{both.shared} statement{'' if both.shared == 1 else 's'} rated both times"
    return f"Over {statements}: {' and '.join(parts)}."


def contexts(points: Iterable[PointScores], today: date) -> tuple[Context, ...]:
    """What was noted beside these points, oldest first."""
    return tuple(
        Context(point_label(one, today), tuple(one.context_labels), one.context_words)
        for one in points
        if one.contexts or one.context_words
    )


# ---------------------------------------------------------------------------- over the terms


@dataclass(frozen=True, slots=True)
class Dot:
    """One assessment point of one area. `x` and `y` are places in the picture; without a score there is no mark."""

    label: str
    kind: str
    score: Decimal | None
    words: str
    cell: str  # as it stands in the table
    x: str
    y: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class AreaOverTerms:
    """A line from dot to dot, broken where too few were rated and where the statements are others."""

    slug: str
    number: int
    title: str
    dots: tuple[Dot, ...]
    segments: tuple[Segment, ...]
    breaks: tuple[str, ...]  # where the form changed this area's statements
    latest: str

    @property
    def marks(self) -> list[Dot]:
        return [dot for dot in self.dots if dot.score is not None]

    @property
    def in_a_sentence(self) -> str:
        said = "; ".join(f"{dot.label} {dot.cell}" for dot in self.marks)
        return f"{said}." if said else self.latest


@dataclass(frozen=True, slots=True)
class OverTerms:
    areas: tuple[AreaOverTerms, ...]
    first: str
    last: str
    rows: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=()
    )  # assessment point: a cell for each area
    broken: bool = False


def over_terms(
    points: Sequence[PointScores], today: date, *, audience: Audience = "staff", least: int = 2
) -> OverTerms | None:
    """Each area through every point there is; None before there are `least`. For a parent all is in words."""
    shown = [one for one in points if one.completion.answered]
    if len(shown) < least:
        return None
    home = audience == "parent"
    areas = tuple(_area(area, shown, today, audience) for area in shown[-1].form.areas)
    term = term_at_home if home else term_in_short
    return OverTerms(
        areas,
        term(shown[0].term),
        term(shown[-1].term),
        tuple(
            (_label(one, today, home), tuple(area.dots[place].cell for area in areas))
            for place, one in enumerate(shown)
        ),
        any(area.breaks for area in areas),
    )


def _label(point: PointScores, today: date, home: bool) -> str:
    return filled(AT_HOME[point.kind], term=term_at_home(point.term)) if home else point_label(point, today)


def _dot(point: PointScores, slug: str, today: date, home: bool, x: str) -> Dot:
    score = point.scores.get(slug)
    words = score_at_home(score, point.form) if home else score_in_words(score, point.form)
    cell = words if home else "too few" if score is None else str(score)
    y = percent((TOP - score) / TOP * 100) if score is not None else ""
    return Dot(_label(point, today, home), point.kind, score, words, cell, x, y)


def _area(area: Area, shown: Sequence[PointScores], today: date, audience: Audience) -> AreaOverTerms:
    home = audience == "parent"
    dots: list[Dot] = []
    segments: list[Segment] = []
    breaks: list[str] = []
    step = 100 / max(1, len(shown) - 1)
    for place, point in enumerate(shown):
        dots.append(_dot(point, area.slug, today, home, percent(round(place * step, 2))))
        if not place:
            continue
        was, now = dots[-2:]
        if not _alike(shown[place - 1], point, area.slug):
            breaks.append(percent(round((place - 0.5) * step, 2)))
        elif was.score is not None and now.score is not None:
            segments.append(Segment(was.x, was.y, now.x, now.y))
    latest = translated(TOO_FEW_AT_HOME) if home else TOO_FEW
    told = next((place for place in reversed(range(len(dots))) if dots[place].score is not None), None)
    if told is not None:
        latest = dots[told].words
        if told < len(dots) - 1 and not home:  # not of the newest point: say of which
            latest += f" in {term_in_short(shown[told].term)}"
    title = area.title_for(audience)
    return AreaOverTerms(area.slug, area.number, title, tuple(dots), tuple(segments), tuple(breaks), latest)


def _alike(one: PointScores, other: PointScores, slug: str) -> bool:
    """Whether the area has the same statements in both: only then is one line drawn through them."""
    return set(one.ratings.get(slug, ())) == set(other.ratings.get(slug, ()))
