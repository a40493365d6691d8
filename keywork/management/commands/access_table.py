"""`manage.py access_table`: who may do what, as a table governors can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from keywork.access import Can
from keywork.roles import ROLES
from keywork.who_may import ABOUT_NO_STUDENT, STANDING_ABOVE, by_exception, by_relation, by_role

NOBODY = "–"
WIDTHS = (30, 38, 38)
Cells = Sequence[str]


class Command(BaseCommand):
    help = "Who may do what, read from the table that decides it (keywork/access.py)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--markdown", action="store_true", help="as Markdown, for a policy or a website")

    def handle(self, *args: Any, **options: Any) -> None:
        draw = _markdown if options["markdown"] else _plain
        for line in draw():
            self.stdout.write(line)


def _tables() -> Iterator[tuple[str, Cells, list[Cells]]]:
    """Each with its title, its heads and its rows."""
    yield (
        "About a student",
        ("What", "For every student", "For the students they are named for"),
        [
            (
                _sentence(can),
                ", ".join(by_role(can)) or NOBODY,
                _listed(by_relation(can) + (["someone given a named exception"] if by_exception(can) else []))
                or NOBODY,
            )
            for can in Can
            if can not in ABOUT_NO_STUDENT
        ],
    )
    rows: list[Cells] = [(_sentence(can), ", ".join(by_role(can)) or NOBODY) for can in ABOUT_NO_STUDENT]
    yield "About the school", ("What", "Who"), rows


def _listed(words: Sequence[str]) -> str:
    """ "Their keyworker, their deputy keyworker"."""
    return ", ".join(word if place == 0 else word[:1].lower() + word[1:] for place, word in enumerate(words))


def _sentence(can: Can) -> str:
    return can.value[:1].upper() + can.value[1:]


TITLE = "Who may do what in Keywork"
ROLES_HEAD = "The roles"
ABOVE = "Rules that stand above the tables"
OTHERS = "Whoever is not named here is refused."


def _markdown() -> Iterator[str]:
    yield f"# {TITLE}"
    yield ""
    yield f"{OTHERS}"
    yield ""
    for head, heads, rows in _tables():
        yield f"## {head}"
        yield ""
        yield f"| {' | '.join(heads)} |"
        yield f"| {' | '.join('---' for _ in heads)} |"
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield ""
    yield f"## {ABOVE}"
    yield ""
    yield from (f"{number}. **{name}.** {words}" for number, (name, words) in enumerate(STANDING_ABOVE, 1))
    yield ""
    yield f"## {ROLES_HEAD}"
    yield ""
    yield from (f"- **{role.name}.** {role.description}" for role in ROLES.values())


def _plain() -> Iterator[str]:
    yield TITLE
    yield OTHERS
    yield ""
    for head, heads, rows in _tables():
        widths = WIDTHS if len(heads) == 3 else (WIDTHS[0], sum(WIDTHS[1:]) + 2)
        yield head.upper()
        yield from _lines(heads, widths)
        yield "  ".join("-" * width for width in widths)
        for row in rows:
            yield from _lines(row, widths)
        yield ""
    yield ABOVE.upper()
    for number, (name, words) in enumerate(STANDING_ABOVE, 1):
        yield from wrap(f"{number}. {name}. {words}", 110, subsequent_indent="   ")
    yield ""
    yield ROLES_HEAD.upper()
    for role in ROLES.values():
        yield from wrap(f"{role.name}: {role.description}", 110, subsequent_indent="   ")


def _lines(cells: Cells, widths: Sequence[int]) -> Iterator[str]:
    """One row of a table, as many lines high as its longest cell."""
    columns = [wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    for place in range(max(map(len, columns))):
        parts = [
            (column[place] if place < len(column) else "").ljust(width)
            for column, width in zip(columns, widths, strict=True)
        ]
        yield "  ".join(parts).rstrip()
