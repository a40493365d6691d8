"""EHC plans of the demo school: section E as local authorities word it, and how it changed with amendments."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from care.models import EhcPlan
from keywork.models import Assignment
from reports.rendering import pdf
from students.rules import academic_year

from . import cast
from .history import Row
from .people import School, Student
from .texts import texts
from .words import PRONOUNS

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sought:
    """An outcome, what it says after an amendment, and what it prepares for."""

    area: str
    text: str
    amended: str
    pfa: tuple[str, ...]


_TEXTS = texts("outcomes")
SOUGHT: dict[str, tuple[Sought, ...]] = {
    need: tuple(Sought(**one) for one in found) for need, found in _TEXTS["sought"].items()
}
REACHED = _TEXTS["reached"]
GIVEN_UP = _TEXTS["given-up"]


def plans_of(school: School, dice: Callable[[str], random.Random]) -> tuple[list[Row], list[Row]]:
    """The rows of students.EhcPlan and of students.Outcome, for everyone with a plan who has come."""
    plans: list[Row] = []
    outcomes: list[Row] = []
    numbers = count(1)
    writer = school.holding("senco").id
    for student in school.students:
        if student.values["sen_status"] != "E" or student.joined > school.today:
            continue
        rng = dice(f"plan {student.id}")
        reference = f"EHC/{rng.randrange(10_000, 99_999)}"
        before: list[Row] = []
        days = _issued(student, school, rng)
        for place, issued_on in enumerate(days):
            in_force_until = days[place + 1] if place + 1 < len(days) else None
            plan = {
                "id": len(plans) + 1,
                "student_id": student.id,
                "number": place + 1,
                "la_reference": reference,
                "issued_on": issued_on,
                **_reviews(issued_on, in_force_until, student, school),
                "created_by_id": writer,
                "created_at": _written(issued_on, student, school),
            }
            plans.append(plan)
            before = _section_e(plan, before, in_force_until, student, school, rng, numbers)
            outcomes += before
    return plans, outcomes


def _reviews(issued_on: date, until: date | None, student: Student, school: School) -> Row:
    """Some plans were reviewed since and go on as they are; most were amended, or wait for their first review."""
    ago = 28 + student.id % 25
    reviewed_on = _weekday((student.left or school.today) - ago * _DAY)
    kept_on = until is None and student.id % 6 == 3 and reviewed_on > issued_on + 60 * _DAY
    return {
        "reviewed_on": reviewed_on if kept_on else None,
        "next_review_on": (reviewed_on if kept_on else issued_on) + 364 * _DAY,
    }


def _issued(student: Student, school: School, rng: random.Random) -> list[date]:
    """When each version was issued, oldest first: those that were in force while the student was here."""
    last = student.left or school.today
    known = max(student.joined, school.live_on)
    ago = rng.randrange(366, 385) if rng.random() < 0.04 else rng.randrange(25, 345)
    days = [_weekday(last - ago * _DAY)]
    amended = student.child is not None and student.child is cast.CHILDREN[0]
    if student.child is not None:
        # Long enough ago for something to have happened since; the one amended twice needs room for it.
        days = [_weekday(last - (70 if amended else max(ago, 140 + student.id * 7)) * _DAY)]
    wanted = 3 if amended else rng.choices((1, 2, 3), (50, 38, 12))[0]
    while len(days) < wanted and days[0] > known:
        days.insert(0, _weekday(days[0] - rng.randrange(330, 370) * _DAY))
    return days


def _written(issued_on: date, student: Student, school: School) -> str:
    day = max(issued_on + 9 * _DAY, student.joined, school.live_on)
    return f"{min(day, school.today)} 08:30 Europe/London"


def _section_e(
    plan: Row,
    before: list[Row],
    until: date | None,
    student: Student,
    school: School,
    rng: random.Random,
    numbers: Iterator[int],
) -> list[Row]:
    """The outcomes of a version: what was open in the one before it, here and there reworded, and new ones.

    `until` is when the next version was issued; None for the one in force.
    """
    words = _words(student)
    rows: list[Row] = []
    open_ones = [row for row in before if row["status"] == "open"]
    for row in open_ones:
        one = row["_sought"]
        reworded = row["text"] == one.text.format_map(words) and rng.random() < 0.4
        rows.append(
            {
                **row,
                "same_as_id": row["id"],
                "text": (one.amended if reworded else row["text"]).format_map(words),
                "target_on": _target(plan["issued_on"], student, school, rng)
                if reworded
                else row["target_on"],
            }
        )
    used = {row["_sought"] for row in before}
    wanted = max(rng.choices((3, 4, 5), (30, 45, 25))[0], len(rows) + (1 if before and len(rows) < 5 else 0))
    rows += [
        {
            "_sought": one,
            "same_as_id": None,
            "text": one.text.format_map(words),
            "area_of_need": one.area,
            "pfa": list(one.pfa),
            "target_on": _target(plan["issued_on"], student, school, rng),
        }
        for one in _drawn(student, used, wanted - len(rows), rng)
    ]
    last = until or student.left or school.today
    for number, row in enumerate(rows, 1):
        row |= {"id": next(numbers), "plan_id": plan["id"], "number": number, **_open_or_not(rng, until)}
        if row["status"] != "open":
            span = max(1, (last - plan["issued_on"]).days - 1)
            row["closed_on"] = _weekday(plan["issued_on"] + rng.randrange(1, span + 1) * _DAY)
            notes = REACHED if row["status"] == "achieved" else GIVEN_UP
            row["closed_note"] = rng.choice(notes).format_map(words)
    return rows


def _open_or_not(rng: random.Random, until: date | None) -> Row:
    """Somewhat more are closed by the time a plan is amended than along the way."""
    dice = rng.random()
    reached, given_up = (0.22, 0.28) if until else (0.1, 0.12)
    status = "achieved" if dice < reached else "ceased" if dice < given_up else "open"
    return {"status": status, "closed_on": None, "closed_note": ""}


def _drawn(student: Student, used: set[Sought], wanted: int, rng: random.Random) -> list[Sought]:
    """`wanted` outcomes not in `used`, mostly from the student's areas of need."""
    found: list[Sought] = []
    areas = student.values["needs"]
    for place in range(max(0, wanted)):
        near = rng.choice(areas) if place < 3 or rng.random() < 0.5 else rng.choice(sorted(SOUGHT))
        free = [one for one in SOUGHT[near] if one not in used and one not in found]
        free = free or [
            one for rows in SOUGHT.values() for one in rows if one not in used and one not in found
        ]
        found.append(rng.choice(free))
    return found


def _target(issued_on: date, student: Student, school: School, rng: random.Random) -> date:
    """The end of the key stage, as most plans say; or of the next school year."""
    then = academic_year(issued_on)
    year = student.year - (academic_year(student.left or school.today) - then)
    end_of_stage = next(end for end in (2, 6, 9, 11, 14, 99) if year <= end)
    years = end_of_stage - year if rng.random() < 0.7 else 1
    return date(then + 1 + years, 8, 31)


def _words(student: Student) -> dict[str, Any]:
    values = student.values
    key = "T" if values.get("pronouns", "").startswith("They") else values["sex"]
    return {**PRONOUNS[key], "n": student.known_as}


def _weekday(day: date) -> date:
    return day - max(0, day.weekday() - 4) * _DAY


def attach_documents() -> int:
    """The plans in force of keyworker@'s students as PDF, as the local authority sends them; how many."""
    theirs = Assignment.objects.filter(
        user__email=f"keyworker@{cast.DOMAIN}", kind="keyworker", ends_on__isnull=True
    )
    plans = (
        EhcPlan.objects.current()
        .filter(student__in=theirs.values("student"))
        .select_related("student")
        .prefetch_related("outcomes")
    )
    for plan in plans:
        page = render_to_string("demo/plan.html", {"plan": plan, "student": plan.student})
        name = f"demo-{plan.student_id}.pdf"
        plan.pdf.storage.delete(f"plans/{name}")  # of a demo school before this one
        plan.pdf.save(name, ContentFile(pdf(page).content))
    return len(plans)
