"""EHC plans of the demo school: section E as local authorities word it, and how it changed with amendments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from care.models import EhcPlan, Outcome
from keywork.models import Assignment
from reports.rendering import pdf
from students.rules import academic_year

from . import cast
from .people import School, Student
from .rows import DAY, Row, at
from .texts import texts
from .words import words_of

_SAID = texts("outcomes")
Sought = Callable[[date], list[Row]]


def write_plans(school: School, dice: Callable[[str], random.Random]) -> dict[int, Sought]:
    """Plans and outcomes of everyone with a plan; to each student the outcomes still sought on a day."""
    found: dict[int, Sought] = {}
    for student in school.come():
        if student.values["sen_status"] == "E":
            found[student.id] = _Plans(school, student, dice(f"plan {student.id}")).write()
    return found


def _weekday(day: date) -> date:
    return day - max(0, day.weekday() - 4) * DAY


@dataclass(slots=True)
class _Plans:
    school: School
    student: Student
    rng: random.Random

    @property
    def last(self) -> date:
        return self.student.left or self.school.today

    def write(self) -> Sought:
        reference, student, school = f"EHC/{self.rng.randrange(10_000, 99_999)}", self.student, self.school
        versions: list[tuple[date, list[Row]]] = []
        days = self.issued()
        for place, on in enumerate(days):
            until = days[place + 1] if place + 1 < len(days) else None
            written = min(max(on + 9 * DAY, student.joined, school.live_on), school.today)
            # Some plans were reviewed since and go on as they are.
            reviewed = _weekday(self.last - (28 + student.id % 25) * DAY)
            kept = until is None and student.id % 6 == 3 and reviewed > on + 60 * DAY
            plan = school.rows.add(
                EhcPlan, student_id=student.id, number=place + 1, la_reference=reference, issued_on=on,
                reviewed_on=reviewed if kept else None, next_review_on=(reviewed if kept else on) + 364 * DAY,
                created_by_id=school.holding("senco").id, created_at=at(written, "08:30"),
            )  # fmt: skip
            versions.append((on, self.section_e(plan, versions[-1][1] if versions else [], until)))

        def sought(day: date) -> list[Row]:
            rows = next((rows for on, rows in reversed(versions) if on <= day), [])
            return [row for row in rows if row["closed_on"] is None or row["closed_on"] > day]

        return sought

    def issued(self) -> list[date]:
        """When each version was issued, oldest first: those that were in force while the student was here."""
        rng, student = self.rng, self.student
        ago = rng.randrange(366, 385) if rng.random() < 0.04 else rng.randrange(25, 345)
        wanted = rng.choices((1, 2, 3), (50, 38, 12))[0]
        if student.child is not None:
            # Long enough ago for something to have happened since; the one amended twice needs room for it.
            amended = student.child is cast.CHILDREN[0]
            ago, wanted = (70, 3) if amended else (max(ago, 140 + student.id * 7), wanted)
        days = [_weekday(self.last - ago * DAY)]
        while len(days) < wanted and days[0] > max(student.joined, self.school.live_on):
            days.insert(0, _weekday(days[0] - rng.randrange(330, 370) * DAY))
        return days

    def section_e(self, plan: Row, before: list[Row], until: date | None) -> list[Row]:
        """What was open in the version before, here and there reworded, and new ones; closed more often by the time the
        next is issued (`until`)."""
        rng, words = self.rng, words_of(self.student, "home")
        drawn: list[Row] = []
        for row in before:
            if row["status"] == "open":
                reworded = row["text"] == row["sought"]["text"].format_map(words) and rng.random() < 0.4
                new = {"text": row["sought"]["amended"].format_map(words), "target_on": self.target(plan)}
                drawn.append({**row, "same_as_id": row["id"], **(new if reworded else {})})
        used = [row["sought"] for row in before]
        wanted = max(
            rng.choices((3, 4, 5), (30, 45, 25))[0], len(drawn) + (1 if before and len(drawn) < 5 else 0)
        )
        for one in self.drawn(used, wanted - len(drawn)):
            drawn.append({
                "sought": one, "same_as_id": None, "text": one["text"].format_map(words), "area_of_need": one["area"],
                "pfa": list(one["pfa"]), "target_on": self.target(plan),
            })  # fmt: skip
        rows = []
        for number, row in enumerate(drawn, 1):
            draw, (reached, given_up) = rng.random(), (0.22, 0.28) if until else (0.1, 0.12)
            status = "achieved" if draw < reached else "ceased" if draw < given_up else "open"
            closed: Row = {"status": status, "closed_on": None, "closed_note": ""}
            if status != "open":
                span = max(1, ((until or self.last) - plan["issued_on"]).days - 1)
                notes = _SAID["reached" if status == "achieved" else "given-up"]
                closed["closed_on"] = _weekday(plan["issued_on"] + rng.randrange(1, span + 1) * DAY)
                closed["closed_note"] = rng.choice(notes).format_map(words)
            rows.append(
                self.school.rows.add(Outcome, **row | {"plan_id": plan["id"], "number": number, **closed})
            )
        return rows

    def drawn(self, used: list[Row], wanted: int) -> list[Row]:
        """So many outcomes not in `used`, mostly from the student's areas of need."""
        found: list[Row] = []
        every = [one for rows in _SAID["sought"].values() for one in rows]
        for place in range(max(0, wanted)):
            near = place < 3 or self.rng.random() < 0.5
            area = self.rng.choice(self.student.values["needs"] if near else sorted(_SAID["sought"]))
            free = [one for one in every if one not in used and one not in found]
            found.append(self.rng.choice([one for one in free if one["area"] == area] or free))
        return found

    def target(self, plan: Row) -> date:
        """The end of the key stage, as most plans say; or of the next school year."""
        then = academic_year(plan["issued_on"])
        year = self.student.year - (academic_year(self.last) - then)
        end_of_stage = next(end for end in (2, 6, 9, 11, 14, 99) if year <= end)
        return date(then + 1 + (end_of_stage - year if self.rng.random() < 0.7 else 1), 8, 31)


def attach_documents() -> int:
    """The plans in force of keyworker@'s students as PDF, as the local authority sends them; how many."""
    theirs = Assignment.objects.filter(
        user__email=f"keyworker@{cast.DOMAIN}", kind="keyworker", ends_on__isnull=True
    )
    plans = EhcPlan.objects.current().filter(student__in=theirs.values("student"))
    for plan in plans.select_related("student").prefetch_related("outcomes"):
        page = render_to_string("demo/plan.html", {"plan": plan, "student": plan.student})
        name = f"demo-{plan.student_id}.pdf"
        plan.pdf.storage.delete(f"plans/{name}")  # of a demo school before this one
        plan.pdf.save(name, ContentFile(pdf(page).content))
    return len(plans)
