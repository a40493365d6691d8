"""How far a round is: each student's forms by rater, and the counts above them. Three queries, whatever the school."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import OuterRef, QuerySet, Subquery

from enquiries.models import Enquiry
from keywork import clock
from keywork.access import Can
from keywork.keyworker_history import keyworker_names
from students.models import Student

from . import rules
from .enquiries import RATING
from .models import RaterForm, Role, Round

State = Literal["in", "begun", "missing", "none"]
LABELS: dict[State, str] = {"in": "In", "begun": "Begun", "missing": "No part", "none": "Not started"}
LEVELS: dict[State, str] = {"in": "ok", "begun": "open", "missing": "none", "none": "none"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One rater of one student. `who` names a parent; `reminded_on` when they were last reminded."""

    form_id: int
    state: State
    who: str
    why: str
    reminded_at: Any

    @property
    def label(self) -> str:
        return self.why if self.state == "missing" else LABELS[self.state]

    @property
    def level(self) -> str:
        return LEVELS[self.state]


@dataclass(frozen=True, slots=True)
class StudentProgress:
    student: Student
    keyworker: str
    cells: dict[str, list[Cell]]

    @property
    def complete(self) -> bool:
        """Nobody is still to answer. Where there are several parents, one of them is enough."""
        return all(
            any(cell.state in ("in", "missing") for cell in cells) for cells in self.cells.values() if cells
        )


@dataclass(frozen=True, slots=True)
class Count:
    role: str
    label: str
    done: int
    of: int


def state_of(submitted: bool, missing: str, started: bool) -> State:
    if submitted:
        return "in"
    if missing:
        return "missing"
    return "begun" if started else "none"


def lines(round: Round, reader: Any, only: QuerySet[Student] | None = None) -> list[StudentProgress]:
    """Every student of the round whom the reader may follow, by name."""
    students = Student.objects.visible_to(reader, Can.VIEW_ILSA)
    if only is not None:
        students = students.filter(pk__in=only)
    who = {
        one.pk: one
        for one in students.filter(assessments__round=round)
        .only("pk", "known_as", "surname", "nc_year", "preferred_forename", "legal_forename")
        .order_by("in_order", "pk")
    }
    keyworkers = {pk: name for pk, (_, name) in keyworker_names(clock.today(), who).items()}
    cells: dict[int, dict[str, list[Cell]]] = {pk: {role: [] for role in Role.values} for pk in who}
    asked = Enquiry.objects.filter(kind=RATING, target_id=OuterRef("pk")).order_by()
    rows = (
        RaterForm.objects.filter(assessment__round=round, assessment__student__in=list(who))
        .annotate(reminded=Subquery(asked.values("reminded_at")))
        .order_by("pk")
        .values_list(
            "pk", "assessment__student", "role", "submitted_at", "missing", "started_at", "reminded",
            "member__forename", "member__surname",
        )
    )  # fmt: skip
    for pk, student, role, submitted, missing, started, reminded, forename, surname in rows:
        state = state_of(submitted is not None, missing, started is not None)
        name = f"{forename or ''} {surname or ''}".strip()
        why = rules.NOT_TAKING_PART.get(missing, "")
        cells[student][role].append(Cell(pk, state, name, why, reminded))
    return [StudentProgress(student, keyworkers.get(pk, ""), cells[pk]) for pk, student in who.items()]


def counts(found: Iterable[StudentProgress]) -> list[Count]:
    """For each rater how many students have an answer, of how many asked; a reason is an answer too."""
    done: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for line in found:
        for role, cells in line.cells.items():
            if cells:
                of[role] += 1
                done[role] += any(cell.state in ("in", "missing") for cell in cells)
    return [
        Count(role.value, role.label, done[role.value], of[role.value]) for role in Role if of[role.value]
    ]
