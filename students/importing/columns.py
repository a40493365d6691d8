"""The canonical columns and the headings they are met under (domain 8.1); what a file's headings probably mean.

The words that files are known to use are data: `fixtures/file_words.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE_WORDS: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "file_words.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    seen_as: Sequence[str]

    @property
    def of_contact(self) -> bool:
        return self.name.startswith("contact_")


def plain(heading: str) -> str:
    """A heading without capitals, spaces and marks, so that LastName, Last name and LAST_NAME are one."""
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def meanings(columns: Iterable[Column]) -> Mapping[str, str]:
    """Plain headings to the names of the columns that they are known to stand for."""
    return {plain(word): one.name for one in columns for word in (*one.seen_as, one.name, one.label)}


COLUMNS = tuple(Column(**row) for row in FILE_WORDS["columns"])
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
_SEEN_AS = meanings(COLUMNS)
REQUIRED = ("legal_surname", "legal_forename", "dob")  # one of the names may be empty in a row
NUMBERS = ("mis_id", "upn")
CONTACT_NAMES = frozenset({"contact_surname", "contact_forename", "contact_name"})
NO_NUMBER = (
    "No column is matched to a MIS number or a UPN. Students will be found by name and date of birth alone, so every "
    "later file will ask about each of them. Export the file with one of the two if you can."
)

# A heading met twice: the second is the contact's, as a row is one student and one contact.
_SECOND = {
    "legal_surname": "contact_surname",
    "legal_forename": "contact_forename",
    "home_language": "contact_language",
}


def shape(headings: Sequence[str]) -> str:
    """A fingerprint of the headings in their order: files of one shape share a remembered mapping."""
    return hashlib.sha256("\n".join(plain(heading) for heading in headings).encode()).hexdigest()


def lacks_number(kind: str, columns: Collection[str]) -> bool:
    """Whether a file's students cannot be found again by a number. A CTF knows none but the UPN, when it has one."""
    return kind != "ctf" and not set(NUMBERS) & set(columns)


def known_headings(cells: Sequence[str], seen_as: Mapping[str, str] = _SEEN_AS) -> int:
    """How many different canonical columns are named in a line: headings have several, a title has none."""
    return len({seen_as[word] for cell in cells if (word := plain(cell)) in seen_as})


def suggest(
    headings: Sequence[str], remembered: Mapping[str, str] | None = None, empty: Collection[int] = ()
) -> list[str]:
    """A canonical column for each heading, '' where none fits. No column is suggested twice.

    `remembered` is what plain headings were matched to in files of other shapes. It helps where no name is
    known: "Surname" may have been the contact's there. `empty` are the places of columns with no value in any row:
    they give way to another heading of the same meaning. Columns of a contact are suggested only with a contact's
    name, as a student's own telephone and e-mail have the same headings.
    """
    found = _suggest(headings, remembered, empty)
    if not CONTACT_NAMES & set(found):
        found = ["" if name.startswith("contact_") else name for name in found]
    return found


def _suggest(
    headings: Sequence[str], remembered: Mapping[str, str] | None, empty: Collection[int]
) -> list[str]:
    wanted = [
        _SEEN_AS.get(plain(heading)) or (remembered or {}).get(plain(heading), "") for heading in headings
    ]
    filled = {name for place, name in enumerate(wanted) if place not in empty}
    taken: set[str] = set()
    found: list[str] = []
    for place, name in enumerate(wanted):
        if place in empty and name in filled and name not in _SECOND:
            name = ""  # another column has this fact
        elif name in taken:
            name = _SECOND.get(name, "")
        if name in taken or name not in BY_NAME:
            name = ""
        if name:
            taken.add(name)
        found.append(name)
    return found


def problems(columns: Sequence[str]) -> list[str]:
    """What is wrong with a choice of columns, in words; empty when it can be used."""
    wrong = [
        f"No column is matched to {BY_NAME[name].label.lower()}." for name in REQUIRED if name not in columns
    ]
    chosen = [name for name in columns if name]
    wrong += [
        f"More than one column is matched to {BY_NAME[name].label.lower()}. Choose one."
        for name in dict.fromkeys(chosen)
        if chosen.count(name) > 1
    ]
    if any(BY_NAME[name].of_contact for name in chosen) and not CONTACT_NAMES & set(chosen):
        wrong.append("Columns of a contact are matched, but not the contact’s name.")
    return wrong
