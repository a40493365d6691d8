"""EHC plans of the demo school: section E as local authorities word it, and how it changed with amendments."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from care.models import EhcPlan, Outcome
from keywork.models import Assignment
from reports.rendering import pdf
from students.rules import academic_year

from . import cast
from .people import School, Student
from .rows import DAY, Row, done, working_day
from .words import texts

_SAID = texts("outcomes")


def write_plans(school: School) -> None:
    """Plans and outcomes of everyone with a plan, one for each version that was in force while they were here."""
    for student in school.come("plan"):
        if student.values["sen_status"] != "E":
            continue
        reference, days = f"EHC/{student.rng.randrange(10_000, 99_999)}", _issued(student)
        for number, (on, until) in enumerate(zip(days, [*days[1:], None], strict=True), 1):
            written = min(max(on + 9 * DAY, student.first_day), school.today)
            # Some plans were reviewed since and go on as they are.
            reviewed = working_day(student.last_day - (28 + student.id % 25) * DAY)
            kept = until is None and student.id % 6 == 3 and reviewed > on + 60 * DAY
            plan = student.add(
                EhcPlan, number=number, la_reference=reference, issued_on=on, reviewed_on=reviewed if kept else None,
                next_review_on=(reviewed if kept else on) + 364 * DAY, 
                **done("created", written, "08:30", school.holding("senco").id),
            )  # fmt: skip
            before = student.plans[-1][1] if student.plans else []
            student.plans.append((on, _section_e(student, plan, before, until)))


def _issued(student: Student) -> list[date]:
    """When each version was issued, oldest first."""
    rng = student.rng
    # The next review is not near yet; that of one in 25 is overdue.
    ago = rng.randrange(25, 275) if rng.random() > 0.04 else rng.randrange(366, 385)
    wanted = rng.choices((1, 2, 3), (50, 38, 12))[0]
    if student.child:
        # Long enough ago for something to have happened since; the one amended twice needs room for it.
        ago, wanted = (70, 3) if student.id == 1 else (max(ago, 140 + student.id * 7), wanted)
    days = [working_day(student.last_day - ago * DAY)]
    while len(days) < wanted and days[0] > student.first_day:
        days.insert(0, working_day(days[0] - rng.randrange(330, 370) * DAY))
    return days


def _section_e(student: Student, plan: Row, before: list[Row], until: date | None) -> list[Row]:
    """What was open in the version before, here and there reworded, and new ones; closed more often by the time the
    next is issued (`until`)."""
    rng, words, drawn = student.rng, student.words("home"), list[Row]()
    for row in before:
        if row["status"] == "open":
            new = {"text": row["sought"]["amended"].format_map(words), "target_on": _target(student, plan)}
            reworded = row["text"] == row["sought"]["text"].format_map(words) and rng.random() < 0.4
            drawn.append({**row, "same_as_id": row["id"], **(new if reworded else {})})
    used = [row["sought"] for row in before]
    wanted = max(
        rng.choices((3, 4, 5), (30, 45, 25))[0], len(drawn) + (1 if before and len(drawn) < 5 else 0)
    )
    for place in range(wanted - len(drawn)):
        one = _sought(student, used, near=place < 3 or rng.random() < 0.5)
        used.append(one)
        drawn.append({
            "sought": one, "same_as_id": None, "text": one["text"].format_map(words), "area_of_need": one["area"],
            "pfa": list(one["pfa"]), "target_on": _target(student, plan),
        })  # fmt: skip
    rows = []
    for number, row in enumerate(drawn, 1):
        chance, (reached, given_up) = rng.random(), (0.22, 0.28) if until else (0.1, 0.12)
        status = "achieved" if chance < reached else "ceased" if chance < given_up else "open"
        closed: Row = {"status": status, "closed_on": None, "closed_note": ""}
        if status != "open":
            span = max(1, ((until or student.last_day) - plan["issued_on"]).days - 1)
            closed["closed_on"] = working_day(plan["issued_on"] + rng.randrange(1, span + 1) * DAY)
            closed["closed_note"] = rng.choice(_SAID[status]).format_map(words)
        rows.append(
            student.school.rows.add(Outcome, **row | {"plan_id": plan["id"], "number": number, **closed})
        )
    return rows


def _sought(student: Student, used: list[Row], *, near: bool) -> Row:
    """An outcome not in `used`, if `near` from one of the student's areas of need."""
    area = student.rng.choice(student.values["needs"] if near else sorted(_SAID["sought"]))
    free = [one for rows in _SAID["sought"].values() for one in rows if one not in used]
    return student.rng.choice([one for one in free if one["area"] == area] or free)


def _target(student: Student, plan: Row) -> date:
    """The end of the key stage, as most plans say; or of the next school year."""
    then = academic_year(plan["issued_on"])
    year = student.year - (academic_year(student.last_day) - then)
    end_of_stage = next(end for end in (2, 6, 9, 11, 14, 99) if year <= end)
    return date(then + 1 + (end_of_stage - year if student.rng.random() < 0.7 else 1), 8, 31)


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
