"""People who work here from a file: CSV or Excel, read into the lines that can also be typed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from keywork.caseload import FULL_WEEK
from keywork.errors import Refused
from keywork.words import worded
from students.importing import readers
from students.importing.source import Table

MOST_BYTES = 2 * 1024 * 1024
_WORDS = json.loads(
    (Path(__file__).parent / "fixtures" / "staff_file_words.json").read_text(encoding="utf-8")
)
# What a heading may be called, without spaces, hyphens and case.
HEADINGS: Mapping[str, Sequence[str]] = _WORDS["headings"]
# Words in the column of roles that are nobody's role here: posts beside a student, and work that is a job title.
POSTS, WORK = frozenset(_WORDS["posts"]), frozenset(_WORDS["work"])


class StaffLines(NamedTuple):
    """One line a person, as they are typed; and what of the file was not read."""

    lines: Sequence[str]
    notes: Sequence[str]


def lines_of(upload: Any) -> StaffLines:
    """Raises Refused with a sentence for anything that is no list of people with a name and an address each."""
    if upload.size > MOST_BYTES:
        raise Refused("The file is larger than 2 MB. Is it a list of staff?", "file")
    table = _read(upload)
    places = _places(table.headings)
    if "email" not in places or not ({"name"} <= places.keys() or {"forename", "surname"} <= places.keys()):
        raise Refused(
            "A column for the name, or for forename and surname, and one for the e-mail address are needed, "
            "with their headings in the first row.",
            "file",
        )
    lines, dropped = [], 0
    for row in table.rows:
        cells = {name: row.cells[place].replace("\t", " ").strip() for name, place in places.items()}
        name = cells.get("name") or f"{cells.get('forename', '')} {cells.get('surname', '')}".strip()
        roles = [one.strip() for one in re.split(r"[;,/]", cells.get("roles", "")) if one.strip()]
        kept = [one for one in roles if one.lower() not in _nobodys()]
        dropped += len(roles) - len(kept)
        job = cells.get("job") or next((one for one in roles if one.lower() in WORK), "")
        more = [f"job: {job}"] if job else []
        lines.append("\t".join([name, cells["email"], *kept, *more, *_days(cells)]))
    unread = [head for place, head in enumerate(table.headings) if place not in places.values() and head]
    notes = [f"Not read: {', '.join(unread)}."] if unread else []
    if dropped:
        notes.append(
            worded("Who is whose keyworker, mentor or teacher is left out: the Head says so in a later step.")
        )
    return StaffLines(lines, notes)


def _read(upload: Any) -> Table:
    with NamedTemporaryFile(suffix=Path(upload.name).suffix) as kept:
        for piece in upload.chunks():
            kept.write(piece)
        kept.flush()
        path = Path(kept.name)
        try:
            kind = readers.kind_of(path, upload.name)
            if kind == "ctf":
                raise Refused("Choose a CSV file or an Excel workbook (.xlsx).")
            return readers.READERS[kind](path)
        except Refused as no:
            raise Refused(str(no), "file") from no


def _places(headings: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        word = re.sub(r"[^a-z]", "", heading.lower())
        for name, known in HEADINGS.items():
            if word in known:
                found.setdefault(name, place)
    return found


def _nobodys() -> frozenset[str]:
    """What stands in the roles of such lists and is no role of its own."""
    return POSTS | WORK | {worded("keyworker").lower()}


def _days(cells: Mapping[str, str]) -> list[str]:
    """ "days: 3", also of a part of full time; what cannot be understood is left for the line to be refused."""
    if cells.get("days"):
        return [f"days: {cells['days']}"]
    if not cells.get("fte"):
        return []
    try:
        part = Decimal(cells["fte"].rstrip("%")) / (100 if cells["fte"].endswith("%") else 1)
        return [f"days: {(part * FULL_WEEK).quantize(Decimal('0.1')).normalize():f}"]
    except ArithmeticError:
        return [f"days: {cells['fte']}"]
