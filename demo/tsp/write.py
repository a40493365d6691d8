"""All of it into the database: every student's terms, then the tables one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from random import Random

from enquiries.models import Enquiry
from keywork.policy import Policy
from tsp.models import (
    Answer,
    AssessmentPoint,
    Evidence,
    Feeling,
    GasScale,
    Goal,
    GoalOutcome,
    GoalScore,
    Judgement,
    Narrative,
    Proposal,
    Rating,
    Reminder,
    Sheet,
)
from tsp.questions import templates

from ..copying import copy_lines, copy_numbered, silent
from ..history import Row
from ..people import School
from . import asks, feelings, goals, restorative, sheets
from .profile import Course
from .rows import NO_OPPORTUNITY, NOT_ANSWERED, Pen, Rated, Rows, Source
from .stories import story_of
from .when import Terms
from .windows import Done, windows_of

_TABLES = (
    ("windows", AssessmentPoint),
    ("narratives", Narrative),
    ("evidence", Evidence),
    ("sheets", Sheet),
    ("answers", Answer),
    ("goals", Goal),
    ("links", GoalOutcome),
    ("scales", GasScale),
    ("scores", GoalScore),
    ("judgements", Judgement),
    ("asks", Enquiry),
    ("chases", Reminder),
    ("proposals", Proposal),
    ("feelings", Feeling),
)
_RATING = (
    "id", "window_id", "statement", "value", "carried_from_id", "confirmed_at", "by_id", "at", "version",
)  # fmt: skip


def write_tsp(
    school: School,
    policy: Policy,
    dice: Callable[[str], Random],
    log: Sequence[tuple[str, Sequence[Row]]],
    plans: Sequence[Row],
    outcomes: Sequence[Row],
) -> int:
    """Everything of TSP, with the triggers of each table silent while it is filled; how many windows.

    `log` are the rows written of contacts and sessions, by their kind on the timeline; `plans` and `outcomes`
    those of the EHC plans.
    """
    form = templates.current()
    rows = Rows()
    sources = _sources(log)
    sought = _sought(plans, outcomes)
    terms = Terms(school, policy)
    found: dict[int, list[Done]] = {}
    pens: dict[int, Pen] = {}
    for student in school.students:
        if student.joined > school.today:
            continue
        rng = dice(f"tsp {student.id}")
        pen = Pen(school, form, rows, student, rng, sources.get(student.id, []), sought(student.id))
        pens[student.id] = pen
        found[student.id] = _one(pen, terms)
        feelings.feelings_of(pen, dice(f"feelings {student.id}"))
    _between(school, pens, found, terms, dice("repairs"))
    coordinator = school.holding("coordinator")
    asks.chases([*pens.values()], found, coordinator, school.today, dice("chases"))
    asks.proposals(school, next(iter(pens.values())), coordinator)
    for name, model in _TABLES:
        copy_numbered(model, getattr(rows, name))
    with silent(Rating):
        copy_lines(
            Rating, _RATING, _lines(rows.rated, [one.slug for area in form.areas for one in area.statements])
        )
    return len(rows.windows)


def _one(pen: Pen, terms: Terms) -> list[Done]:
    student, story = pen.student, story_of(pen.student)
    spans = [*terms.of(student)]
    years_here = max(0, (pen.school.live_on - student.joined).days // 365)
    course = Course.begin(pen.form, pen.rng, student.values["needs"], years_here)
    done = windows_of(pen, spans, course, story)
    sheets.sheets_of(pen, done, story)
    asks.asks_of(pen, done, story)
    if story.goals or pen.rng.random() < 0.95:
        goals.goals_of(pen, done, story)
    goals.judge(pen, done)
    return done


def _between(
    school: School, pens: Mapping[int, Pen], found: Mapping[int, list[Done]], terms: Terms, rng: Random
) -> None:
    """What happened between two students, in the last terms."""
    students = [one for one in school.students if one.id in pens]
    longest = max(found.values(), key=len, default=[])
    spans = [done.span for done in longest if done.span.ago <= 2]
    restorative.restorative_records(lambda student: pens[student.id], students, spans, rng)


def _sources(log: Sequence[tuple[str, Sequence[Row]]]) -> dict[int, list[Source]]:
    """Entries every member of the team may read, of conversations that took place."""
    found: dict[int, list[Source]] = defaultdict(list)
    for kind, rows in log:
        for row in rows:
            if (
                row.get("level", "general") == "general"
                and "voided_on" not in row
                and not (row.get("needs_approval") and "approved_on" not in row)
                and row["topics"]
                and row.get("status", "held") == "held"
            ):
                found[row["student_id"]].append(
                    Source(kind, row["id"], row["happened_on"], tuple(row["topics"]))
                )
    return found


def _sought(plans: Sequence[Row], outcomes: Sequence[Row]) -> Callable[[int], Callable[[date], list[Row]]]:
    """By student and day: the outcomes of the plan in force then which were still open."""
    by_plan: dict[int, list[Row]] = defaultdict(list)
    for row in outcomes:
        by_plan[row["plan_id"]].append(row)
    by_student: dict[int, list[Row]] = defaultdict(list)
    for plan in plans:
        by_student[plan["student_id"]].append(plan)

    def of(student_id: int) -> Callable[[date], list[Row]]:
        mine = by_student.get(student_id, [])

        def on(day: date) -> list[Row]:
            in_force = [plan for plan in mine if plan["issued_on"] <= day]
            if not in_force:
                return []
            return [
                row
                for row in by_plan[in_force[-1]["id"]]
                if row["closed_on"] is None or row["closed_on"] > day
            ]

        return on

    return of


def _lines(rated: Sequence[Rated], slugs: Sequence[str]) -> Iterator[str]:
    """Rows of Rating for COPY, window by window: there may be millions, so they are never dicts."""
    number = 0
    for one in rated:
        lines = []
        for place, value in enumerate(one.values):
            if value == NOT_ANSWERED:
                continue
            number += 1
            carried = one.carried_from if one.carried_from is not None and place in one.carried else "\\N"
            confirmed = "\\N" if place in one.waiting else one.at
            by = one.other_id if place in one.others else one.by_id
            told = "\\N" if value == NO_OPPORTUNITY else value
            lines.append(
                f"{number}\t{one.window_id}\t{slugs[place]}\t{told}\t{carried}\t{confirmed}\t{by}\t{one.at}\t1\n"
            )
        yield "".join(lines)
