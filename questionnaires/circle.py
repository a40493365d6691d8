"""The social circle map as a drawing: people on rings around "Me", laid out from the rows of the answer.

Pure geometry. A row is what the list form saves: who, on which ring, where, how it feels, and perhaps the angle
at which somebody put them. The rings and the feelings are the options of the form's own columns, so a reworded
form draws itself. Angles are degrees clockwise from the right, as SVG turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin
from typing import Any, NamedTuple

SIZE = 480  # the drawing is SIZE by SIZE units
MIDDLE = SIZE // 2
ME_RADIUS = 30
OUTER_RADIUS = 236
# People stand around a ring but not at its top, where its name is written.
FIRST_ANGLE, LAST_ANGLE = -55, 235
TURN_FOR_EACH_RING = 97
STEP = 5
ENOUGH_ROOM = 75.0  # beyond that, further away is no better
SHORT_NAME = 12  # letters on a line of the drawing; static/circle.js breaks names in the same way
# A name where it is largest, on a phone: how wide a letter is, how high a line, and how far below the middle of its shape it begins.
LETTER, LINE, BELOW = 11, 21, 15
SHAPE = 15  # from its middle to its edge
ROUNDS = 3  # how often each looks for a place, as others came after

ANGLE = "angle"
PEOPLE = "people"  # the question of the form that is drawn
BLANK_LINES = 2

# A shape for each feeling in the order the form lists them; the last is for "nobody has said".
SHAPES = (
    "M-14 0a14 14 0 1 0 28 0a14 14 0 1 0-28 0",
    "M0-16L16 0L0 16L-16 0z",
    "M0-16L16 12H-16z",
    "M-13-13H13V13H-13z",
)
NOT_SAID = "M-12 0a12 12 0 1 0 24 0a12 12 0 1 0-24 0"


class Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def shares(self, other: Rectangle) -> float:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0) * max(high, 0)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table question: "circle (closest / friends)" has the key "circle" and two options."""

    key: str
    title: str
    hint: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    number: int
    word: str
    inner: float
    outer: float

    @property
    def middle(self) -> float:
        return (self.inner + self.outer) / 2

    @property
    def label_y(self) -> float:
        """Where its name stands: inside, at the top."""
        return MIDDLE - self.outer + 17

    @property
    def label(self) -> Rectangle:
        half = len(self.word) * LETTER * 0.4  # smaller and lighter than the name of a person
        return Rectangle(MIDDLE - half, self.label_y - LINE * 0.7, MIDDLE + half, self.label_y + LINE * 0.2)


@dataclass(frozen=True, slots=True)
class Feeling:
    number: int
    word: str
    shape: str


@dataclass(frozen=True, slots=True)
class Person:
    """`number` is the row; `angle` one that somebody chose, or laid out; `x` and `y` in the drawing."""

    number: int
    who: str
    ring: Ring | None
    where: str
    feeling: Feeling | None
    angle: int
    placed: bool
    x: float
    y: float

    @property
    def shape(self) -> str:
        return self.feeling.shape if self.feeling else NOT_SAID

    @property
    def name_lines(self) -> tuple[str, ...]:
        return name_lines(self.who)

    @property
    def boxes(self) -> tuple[Rectangle, Rectangle]:
        return _boxes(self.who, self.x, self.y)

    @property
    def words(self) -> str:
        """ "Ana, friends, good": what the drawing says of them, for whoever does not see it."""
        return ", ".join(self.parts)

    @property
    def parts(self) -> list[str]:
        parts = (self.who, self.ring and self.ring.word, self.where, self.feeling and self.feeling.word)
        return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list that does the same as the drawing; `angle` is empty until somebody moved them."""

    who: str = ""
    ring: str = ""
    where: str = ""
    feeling: str = ""
    angle: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """`lines` are all rows, those without a name too, and a few empty ones; `people` those with a name."""

    columns: tuple[Column, ...]
    rings: tuple[Ring, ...]
    feelings: tuple[Feeling, ...]
    people: tuple[Person, ...]
    lines: tuple[PersonRow, ...]

    @property
    def outermost_first(self) -> tuple[Ring, ...]:
        """As they are painted."""
        return self.rings[::-1]


def name_lines(who: str) -> tuple[str, ...]:
    """The name as the drawing has it: on one line or two, cut only beyond that."""
    if len(who) <= SHORT_NAME:
        return (who,)
    at = max(who.rfind(" ", 0, SHORT_NAME + 1), who.rfind("-", 0, SHORT_NAME) + 1)
    cut = at if at > 0 else min(SHORT_NAME - 1, (len(who) + 1) // 2)
    first, rest = who[:cut].rstrip(), who[cut:].lstrip()
    second = rest if len(rest) <= SHORT_NAME else rest[: SHORT_NAME - 1].rstrip() + "…"
    return first if at > 0 else f"{first}-", second


def column(label: str) -> Column:
    """What a column's label says: its name, and in brackets either its options or a hint."""
    title, _, rest = label.partition(" (")
    rest = rest.removesuffix(")")
    options = tuple(part.strip() for part in rest.split(" / ")) if " / " in rest else ()
    key = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return Column(key, title[:1].upper() + title[1:], "" if options else rest, options)


def draw(rows: Any, labels: Sequence[str]) -> Circle:
    """The drawing of the rows of an answer (None is none). Rows without a name are nobody."""
    columns = tuple(column(label) for label in labels[:4])
    _, ring, _, feeling = columns
    rings = _rings(ring.options)
    feelings = tuple(
        Feeling(number, word, SHAPES[min(number, len(SHAPES) - 1)])
        for number, word in enumerate(feeling.options)
    )
    people = _places(rows or (), columns, rings, feelings)
    lines = [_line(row, columns) for row in rows or ()]
    return Circle(
        columns,
        rings,
        feelings,
        people=tuple(people),
        lines=(*lines, *[PersonRow()] * BLANK_LINES),
    )


def _line(row: Mapping[str, Any], columns: Sequence[Column]) -> PersonRow:
    who, ring, where, feeling = (str(row.get(one.key) or "") for one in columns)
    angle = _saved_angle(row)
    return PersonRow(who, ring, where, feeling, "" if angle is None else str(angle))


def keys(labels: Sequence[str]) -> tuple[str, ...]:
    """What the inputs of a line hold, in order: the columns, and the angle."""
    return (*(column(label).key for label in labels), ANGLE)


def angle_of(typed: str) -> int | None:
    """Whole degrees of a turn; None for nothing that can be one."""
    text = typed.strip().removeprefix("-")
    return int(typed) % 360 if text.isascii() and text.isdigit() and len(text) < 6 else None


def _rings(words: Sequence[str]) -> tuple[Ring, ...]:
    """The inner ring a little wider than the others: it is the shortest way round."""
    shares = [1.15] + [1.0] * (len(words) - 1)
    unit = (OUTER_RADIUS - ME_RADIUS) / sum(shares)
    made, inner = [], float(ME_RADIUS)
    for number, (word, share) in enumerate(zip(words, shares, strict=True)):
        outer = inner + share * unit
        made.append(Ring(number, word, round(inner, 1), round(outer, 1)))
        inner = outer
    return tuple(made)


def _places(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    rings: Sequence[Ring],
    feelings: Sequence[Feeling],
) -> list[Person]:
    """Everybody with a name, in the order of the rows. Whoever was moved stays; the others find room around them."""
    who, ring_column, where, feeling_column = columns
    named = [(number, row) for number, row in enumerate(rows) if str(row.get(who.key) or "").strip()]
    ring_of = {
        number: next((one for one in rings if one.word == row.get(ring_column.key)), None)
        for number, row in named
    }
    angles = {number: angle for number, row in named if (angle := _saved_angle(row)) is not None}
    names = {number: str(row[who.key]).strip() for number, row in named}
    here = {number: _Taken(names[number], *_at(ring_of[number], angle)) for number, angle in angles.items()}
    me = _Taken("", float(MIDDLE), float(MIDDLE))
    labels = [one.label for one in rings]
    waiting = sorted((n for n, _ in named if n not in angles), key=lambda one: (_radius(ring_of[one]), one))
    for number in waiting * ROUNDS:
        others = [me, *(one for other, one in here.items() if other != number)]
        if number in here and not here[number].covers(others, labels):
            continue
        angles[number] = _free_angle(names[number], ring_of[number], others, labels)
        here[number] = _Taken(names[number], *_at(ring_of[number], angles[number]))
    return [
        Person(
            number=number,
            who=names[number],
            ring=ring_of[number],
            where=str(row.get(where.key) or "").strip(),
            feeling=next((one for one in feelings if one.word == row.get(feeling_column.key)), None),
            angle=angles[number],
            placed=number not in waiting,
            x=round(_at(ring_of[number], angles[number])[0], 1),
            y=round(_at(ring_of[number], angles[number])[1], 1),
        )
        for number, row in named
    ]


def _radius(ring: Ring | None) -> float:
    """Without a ring yet they wait at the edge."""
    return ring.middle if ring else OUTER_RADIUS


def _at(ring: Ring | None, angle: int) -> tuple[float, float]:
    turn, radius = radians(angle), _radius(ring)
    return MIDDLE + radius * cos(turn), MIDDLE + radius * sin(turn)


class _Taken(NamedTuple):
    """Somebody who stands already; without a name it is "Me"."""

    who: str
    x: float
    y: float

    @property
    def boxes(self) -> tuple[Rectangle, ...]:
        around = Rectangle(self.x - ME_RADIUS, self.y - ME_RADIUS, self.x + ME_RADIUS, self.y + ME_RADIUS)
        return _boxes(self.who, self.x, self.y) if self.who else (around,)

    def room_to(self, other: _Taken) -> float:
        return min(hypot((self.x - other.x) / 2, self.y - other.y), ENOUGH_ROOM)

    def covers(self, others: Iterable[_Taken], labels: Iterable[Rectangle]) -> float:
        """How much of the drawing is covered by both this one and another, or the name of a ring."""
        near = [*labels, *(box for one in others if self.room_to(one) < ENOUGH_ROOM for box in one.boxes)]
        return sum(mine.shares(theirs) for mine in self.boxes for theirs in near)


def _boxes(who: str, x: float, y: float) -> tuple[Rectangle, Rectangle]:
    lines = name_lines(who)
    half = max(map(len, lines)) * LETTER / 2
    return (
        Rectangle(x - SHAPE, y - SHAPE, x + SHAPE, y + SHAPE),
        Rectangle(x - half, y + BELOW, x + half, y + BELOW + LINE * len(lines)),
    )


def _free_angle(who: str, ring: Ring | None, taken: Sequence[_Taken], labels: Sequence[Rectangle]) -> int:
    """Where on the ring the name and the shape lie on nothing, or on least, and of those where there is most room.

    Names lie beside people, so sideways they need twice as much.
    """
    start = FIRST_ANGLE + ((ring.number if ring else 0) * TURN_FOR_EACH_RING) % (LAST_ANGLE - FIRST_ANGLE)
    reach = LAST_ANGLE - FIRST_ANGLE

    def how_good(angle: int) -> tuple[float, float]:
        mine = _Taken(who, *_at(ring, angle))
        return -round(mine.covers(taken, labels)), min(
            (mine.room_to(there) for there in taken), default=ENOUGH_ROOM
        )

    return max(
        (FIRST_ANGLE + (start - FIRST_ANGLE + step) % reach for step in range(0, reach, STEP)), key=how_good
    )


def _saved_angle(row: Mapping[str, Any]) -> int | None:
    return angle_of(str(row.get(ANGLE, "")))
