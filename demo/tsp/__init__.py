"""Tracking Social Progress of the demo school: what every student's terms look like, and how the cast stand today."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from keywork.policy import Policy
from tsp.models import Proposal, Rating, Reminder
from tsp.questions import templates

from ..pen import Pen
from ..people import School
from ..rows import DAY, Rows, at, copy
from ..texts import texts
from .course import Course
from .goals import goals_of, judge
from .points import RATING, Span, points_of, rating_lines, spans_in
from .sheets import feelings_of, sheets_of, write_repairs


def write_tsp(school: School, policy: Policy, pens: Iterable[Pen], dice: Callable[[str], Random]) -> None:
    """Every student's terms."""
    form, spans_of = templates.current(), spans_in(school, policy)
    found: dict[int, list[Span]] = {}
    for pen in pens:
        student, story = pen.student, pen.student.story("tsp")
        pen.rng = dice(f"tsp {student.id}")
        spans = found[student.id] = spans_of(student)
        years_here = max(0, (school.live_on - student.joined).days // 365)
        course = Course(form, pen.rng, student.values["needs"], years_here)
        points_of(pen, form, spans, course, story)
        sheets_of(pen, form, spans, story)
        if story.get("goals") or pen.rng.random() < 0.95:
            goals_of(pen, form, spans, story)
        judge(pen, spans)
        feelings_of(pen)
    by_id = {pen.student.id: pen for pen in pens}
    longest = max(found.values(), key=len, default=[])
    write_repairs(by_id, form, [span for span in longest if span.ago <= 2], dice("repairs"))
    _remind([(by_id[pk], spans[-1]) for pk, spans in found.items() if spans], dice("chases"))
    _propose(school, {slug: one.staff for slug, one in form.statements.items()})


def write_ratings(rows: Rows) -> None:
    form = templates.current()
    places = [(one.slug, number) for number, area in enumerate(form.areas) for one in area.statements]
    copy(Rating, RATING, (line for one in rows.packed[Rating] for line in rating_lines(places, *one)))


def _remind(newest: list[tuple[Pen, Span]], rng: Random) -> None:
    """Half of the keyworkers whose forms of this term are not complete have a reminder of the coordinator."""
    late = [
        (pen, span)
        for pen, span in newest
        if pen.student.left is None and span.is_now and span.baseline_on is None
        if pen.holder("keyworker", pen.school.today)
    ]
    for pen, span in late[: max(2, len(late) // 2)]:
        sent = max(span.first, pen.school.today - rng.choice((3, 6, 10)) * DAY)
        missing = ["baseline:not-started", rng.choice(("tool:parent-conversation", "goals"))]
        pen.add(
            Reminder, student_id=pen.student.id, term=span.term.id, keyworker_id=pen.keyworker(sent).id,
            missing=missing, sent_at=at(sent, "09:30"), sent_by_id=pen.school.holding("coordinator").id,
        )  # fmt: skip


def _propose(school: School, statements: dict[str, str]) -> None:
    """One change to the form waits for its answer, one has had it."""
    for one in texts("sheets")["proposals"]:
        made = school.today - one["ago"] * DAY
        row = school.rows.add(
            Proposal, about=one["about"], about_words=statements[one["about"]][:300], text=one["text"],
            reason=one["reason"], made_by_id=school.working_as(one["by"])[0].id, made_at=at(made, "16:30"),
        )  # fmt: skip
        if one["answer"]:
            by, then = school.holding("coordinator").id, at(made + 5 * DAY, "11:00")
            row |= {"status": "declined", "answer": one["answer"], "answered_by_id": by, "answered_at": then}
