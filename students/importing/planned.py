"""What an import would do: the pieces a plan is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from keywork.words import worded_lazy

from ..models import EarlierStay, FamilyLink, FamilyMember, ImportRow, Student
from .columns import FILE_WORDS

Outcome = ImportRow.Outcome

FIELD_LABELS = {
    **FILE_WORDS["fields"],
    "may_receive_keywork_contact": worded_lazy("The keyworker may contact them"),
}


def shown(value: Any) -> str:
    """A value in a sentence: dates in full, yes and no, lists with commas, nothing as "empty"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, list):
        return ", ".join(value) or "empty"
    return str(value) if value not in (None, "") else "empty"


def difference(row: Any, fields: dict[str, Any], whose: str = "") -> list[str]:
    """Changes in words, "Year group 8 → 9", for the fields that differ from what the row holds."""
    return [
        f"{whose}{FIELD_LABELS[name]} {shown(getattr(row, name))} → {shown(value)}"
        for name, value in fields.items()
        if getattr(row, name) != value
    ]


BACK = "back"


class Option(NamedTuple):
    """A student the row may be about: id and label; or BACK, of somebody found by number who has left.

    Of somebody who has left and is back by this row: the first day back ("" where the file does not say), and the
    last day before it. Dates as text, for JSON.
    """

    value: int | str
    label: str
    back_on: str | None = None
    left_on: str | None = None


@dataclass(slots=True)
class Contact:
    """Facts of one adult (`member`) and of what they are to the student (`link`); only what the row says."""

    forename: str
    surname: str
    member: dict[str, Any] = field(default_factory=dict)
    link: dict[str, Any] = field(default_factory=dict)
    is_hearsay: bool = False  # another school says so: it never replaces what this one has confirmed
    shut: bool = False  # whether they are responsible cannot be read, so nothing is opened to them
    only_a_code: bool = False  # the relationship is a CTF code that the school has no word for yet

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}".strip()


@dataclass(slots=True)
class FileRow:
    """A row of a file and what becomes of it. `options` are those whom it may be about, `contact_options` whom its adult
    may be: id or "row 7"."""

    number: int
    values: dict[str, str]
    outcome: str = Outcome.SAME
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    options: list[Any] = field(default_factory=list)
    contact_options: list[tuple[str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Who the row is about."""
        raise NotImplementedError

    @property
    def goes_in(self) -> bool:
        return self.outcome not in (Outcome.REJECT, Outcome.ASK)

    def reject(self, reason: str) -> None:
        self.reasons.append(reason)
        self.outcome = Outcome.REJECT

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


@dataclass(slots=True)
class RowPlan(FileRow):
    """`fields` of Student, and only those that the row fills in."""

    fields: dict[str, Any] = field(default_factory=dict)
    contact: Contact | None = None
    student: StudentPlan | None = None

    @property
    def label(self) -> str:
        """As the file spells it, without the dot that stands for no surname."""
        names = (real_name(self.values.get(name, "")) for name in ("legal_forename", "legal_surname"))
        name = " ".join(filter(None, names))
        return f"{name} and {self.contact.name}" if self.contact else name


def real_name(text: str) -> str:
    """A name, or '' for the dot or dash of a form that demands one."""
    return text if any(c.isalnum() for c in text) else ""


@dataclass(slots=True)
class StudentPlan:
    """All rows of the file about one student. `row` is the student here already, or the one to be made."""

    first: RowPlan
    existing: Student | None
    fields: dict[str, Any]
    rows: list[RowPlan] = field(default_factory=list)
    seen: dict[tuple, int] = field(default_factory=dict)
    asks: bool = False
    row: Student | None = None
    changed: list[str] = field(default_factory=list)
    ended: EarlierStay | None = None  # of somebody who is back: the stay before

    @property
    def is_new(self) -> bool:
        return self.existing is None

    @property
    def accepted(self) -> list[RowPlan]:
        return [row for row in self.rows if row.goes_in]


@dataclass(slots=True)
class MemberPlan:
    """One adult of the file; `row` is here already or to be made."""

    row: FamilyMember
    is_new: bool
    fields: dict[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LinkPlan:
    student: StudentPlan
    member: MemberPlan
    row: FamilyLink
    is_new: bool
    changed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    rows: list[RowPlan]
    students: list[StudentPlan] = field(default_factory=list)
    members: list[MemberPlan] = field(default_factory=list)
    links: list[LinkPlan] = field(default_factory=list)
    leavers: list[Student] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Rows by outcome, people by what happens to them; the same keys whatever the file."""
        by_outcome = {outcome: sum(row.outcome == outcome for row in self.rows) for outcome in Outcome.values}
        return {
            "rows": len(self.rows),
            **{f"rows_{outcome}": n for outcome, n in by_outcome.items()},
            "rows_warned": sum(bool(row.warnings) for row in self.rows if row.goes_in),
            "students_created": sum(s.is_new for s in self.students),
            "students_updated": sum(not s.is_new and bool(s.changed) for s in self.students),
            "contacts_created": sum(m.is_new for m in self.members),
            "contacts_updated": sum(not m.is_new and bool(m.changed) for m in self.members),
            "links_created": sum(link.is_new for link in self.links),
            "links_updated": sum(not link.is_new and bool(link.changed) for link in self.links),
        }
