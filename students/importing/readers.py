"""Which reader a file needs, by what it holds; its name must agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from keywork.errors import Refused
from keywork.words import worded

from . import csv_file, ctf_file, xlsx_file
from .columns import REQUIRED, known_headings
from .source import Known, Table
from .values import is_date

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHER_TYPES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"\x7fELF": "a program",
}
ENDINGS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".xml": "ctf"}
READERS: dict[str, Callable[[Path], Table]] = {
    "csv": csv_file.read,
    "xlsx": xlsx_file.read,
    "ctf": ctf_file.read,
}


def read(path: Path, name: str) -> Table:
    """The file as a table. Raises Refused for anything that is not a sound CSV, XLSX or CTF file with people in it."""
    table = READERS[kind_of(path, name)](path)
    if not table.canonical and not _may_hold_people(table):
        raise Refused(
            worded(
                "This is no table of students: a column each for surname, forename and date of birth is needed, with its "
                "heading in the first row. Export the list again as CSV or Excel."
            )
        )
    return table


def read_weekly(path: Path, name: str, known: Known) -> Table:
    """A file of attendance and points as a table. Raises Refused for anything that is not a sound CSV or XLSX file."""
    kind = kind_of(path, name)
    if kind == "ctf":
        raise Refused("Attendance and points are imported as CSV or Excel (.xlsx), not as XML.")
    return xlsx_file.read(path, known) if kind == "xlsx" else csv_file.read(path, known)


def _may_hold_people(table: Table) -> bool:
    """Whether somebody could match its columns: enough of them, with headings we know or with a date in some row."""
    if len(table.headings) < len(REQUIRED):
        return False
    return known_headings(table.headings) > 0 or any(
        is_date(cell) for row in table.rows for cell in row.cells
    )


def kind_of(path: Path, name: str) -> str:
    """csv, xlsx or ctf, by what the file holds; its name must agree. Raises Refused otherwise."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise Refused("The file is empty.")
    ending = Path(name).suffix.lower()
    if head.startswith(OLD_OFFICE):
        raise Refused(
            "This is an old Excel file (.xls). Open it in Excel, save it as .xlsx or CSV, and import that."
        )
    if head.startswith(ZIP):
        held = "xlsx"
    elif head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        held = "ctf"
    else:
        for start, words in OTHER_TYPES.items():
            if head.startswith(start):
                raise Refused(
                    f"This is {words}. Import a CSV file, an Excel workbook (.xlsx) or a CTF (.xml)."
                )
        held = "csv"
    expected = ENDINGS.get(ending)
    if expected is None:
        raise Refused("The name of the file must end in .csv, .xlsx or .xml.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(
            "The file is in UTF-16, which Keywork does not read. Save it as UTF-8 (in Excel: CSV UTF-8)."
        )
    if expected != held:
        words = {"csv": "plain text", "xlsx": "a ZIP or Excel file", "ctf": "XML"}[held]
        raise Refused(
            f"The name of the file ends in {ending}, but it holds {words}. Export it again, or correct its name."
        )
    return held
