"""Goals of one student: agreed at the beginning of a term, scored at its end; this term's in every state.

A state is a word or two: "draft", "asked", "sent back", "agreed", "scored 1", "partial", "second" (a second
scorer saw it otherwise), "changed" (a new scale after the first), "withdrawn", "lunch" (the goal of the guide).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tsp.rating.rules import MOST_ACTIVE_GOALS

from ..history import Row
from . import words_goals as said
from .rows import Pen, at
from .stories import Story
from .windows import RECENT, Done
from .words_goals import AIMS, Aim

_DAY = timedelta(days=1)
_LEVELS = ("minus_2", "minus_1", "zero", "plus_1", "plus_2")
_NOW = (
    ("draft", 9), ("asked", 9), ("sent back", 6), ("agreed", 30), ("scored -1", 6), ("scored 0", 14),
    ("scored 1", 9), ("scored 2", 3), ("partial", 5), ("second", 3), ("changed", 3), ("withdrawn", 3),
)  # fmt: skip
_THEN = (
    ("scored -2", 3), ("scored -1", 13), ("scored 0", 38), ("scored 1", 22), ("scored 2", 8),
    ("partial", 7), ("second", 3), ("changed", 2), ("withdrawn", 4),
)  # fmt: skip


def goals_of(pen: Pen, terms: Sequence[Done], story: Story) -> None:
    rng = pen.rng
    used: set[str] = set()
    going_on = 0  # goals of earlier terms that have not ended
    for done in terms:
        span = done.span
        if (span.last - span.first).days < 25 and not (span.is_now and story.goals):
            continue
        if span.is_now and story.goals:
            states: Sequence[str] = story.goals
        else:
            many = rng.choices((1, 2, 3), (25, 50, 25))[0] if span.ago <= RECENT else rng.choice((0, 1, 1))
            if span.is_now and done.baseline_on is None and rng.random() < 0.6:
                many = 0
            many = min(many, MOST_ACTIVE_GOALS - going_on)
            chances = _NOW if span.is_now and pen.student.left is None else _THEN
            names, weights = zip(*chances, strict=True)
            states = rng.choices(names, weights, k=many)
        areas: set[str] = set()
        for state in states:
            aim = _aim(pen, state, used, areas, span.last)
            areas.add(aim.area)
            used.add(aim.words)
            goal = write_goal(pen, done, aim, state)
            going_on += goal.get("closed_at") is None and goal.get("withdrawn_at") is None


def _aim(pen: Pen, state: str, used: set[str], areas: set[str], day: date) -> Aim:
    """One not had before, in an area of its own; mostly one that serves an outcome of the plan."""
    if state == "lunch":
        return AIMS[0]
    # Students of one keyworker, whose pages are looked at one after the other, differ.
    known = pen.student.child is not None
    pool = AIMS[1:] if known else AIMS
    free = [one for one in pool if one.words not in used and one.area not in areas]
    free = free or [one for one in pool if one.area not in areas]
    serving = [one for one in free if _fitting(pen, one, day)]
    if serving and pen.rng.random() < 0.75:
        free = serving
    return free[pen.student.id * 5 % len(free)] if known else pen.rng.choice(free)


def _fitting(pen: Pen, aim: Aim, day: date) -> list[Row]:
    return [row for row in pen.outcomes(day) if any(word in row["text"] for word in aim.towards)]


@dataclass(slots=True)
class _Days:
    """When a goal was begun, sent to be checked, agreed and scored, and when it is to be reviewed."""

    begun: date
    asked: date
    agreed: date
    scored: date
    review: date


def _days(pen: Pen, done: Done, state: str) -> _Days:
    rng, span, today = pen.rng, done.span, pen.school.today
    start = done.baseline_on or min(span.first + 12 * _DAY, span.last)
    begun = pen.weekday(min(start, today - 3 * _DAY), min(start + 6 * _DAY, today - 2 * _DAY))
    if span.is_now and state in ("draft", "asked", "sent back", "lunch"):
        begun = max(span.first, pen.weekday(today - 9 * _DAY, today - 4 * _DAY))
    begun = max(begun, span.first)
    asked = min(begun + rng.choice((1, 2, 3)) * _DAY, today - 2 * _DAY)
    asked = max(begun, asked)
    agreed = max(asked, min(asked + rng.choice((0, 1, 2, 4)) * _DAY, today - _DAY))
    if span.is_now:
        scored = pen.weekday(max(agreed, today - 14 * _DAY), max(agreed, today - _DAY))
    else:
        scored = max(agreed, min(done.review_on or span.last, span.last))
    review = span.review.due_on - pen.rng.choice((0, 2, 4, 7)) * _DAY if span.review else span.last
    return _Days(begun, asked, agreed, scored, max(review, agreed))


def write_goal(pen: Pen, done: Done, aim: Aim, state: str) -> Row:
    """The goal with its scale, link and scores."""
    rng, span = pen.rng, done.span
    days = _days(pen, done, state)
    statement = pen.form.statements[aim.statement]
    keyworker = pen.keyworker(days.begun)
    agreed = state not in ("draft", "asked", "sent back")
    goal = pen.rows.add(
        "goals",
        student_id=pen.student.id,
        template_id=pen.form.version_id,
        term=span.term.id,
        area=aim.area,
        statement=aim.statement,
        need=statement.need,
        pfa=[statement.pfa],
        student_words=pen.say(aim.words, days.begun),
        why_it_matters=aim.why,
        started_at=at(days.begun, "14:10"),
        started_by_id=keyworker.id,
        agreed_at=at(days.agreed, "15:50") if agreed else None,
        agreed_by_id=keyworker.id if agreed else None,
    )
    _link(pen, goal, aim, days)
    scale = _scale(pen, goal, aim, state, days, keyworker.id)
    if not agreed:
        return goal
    if state == "changed":
        _changed(pen, goal, aim, scale, days)
    _score(pen, done, goal, scale, state, days)
    if state == "withdrawn":
        goal |= {
            "withdrawn_at": at(days.scored, "15:15"),
            "withdrawn_by_id": pen.keyworker(days.scored).id,
            "withdrawn_reason": pen.say(rng.choice(said.WITHDRAWN), days.scored),
        }
    elif not span.is_now and not (span.ago == 1 and rng.random() < 0.25 and pen.student.left is None):
        goal["closed_at"] = at(days.scored, "16:10")
    return goal


def _link(pen: Pen, goal: Row, aim: Aim, days: _Days) -> None:
    """Towards the outcomes of the plan in force that it serves; without any it is an additional need."""
    for outcome in _fitting(pen, aim, days.agreed)[:2]:
        pen.rows.add("links", goal_id=goal["id"], outcome_id=outcome["id"])


def _scale(pen: Pen, goal: Row, aim: Aim, state: str, days: _Days, writer: int) -> Row:
    row = pen.rows.add(
        "scales",
        goal_id=goal["id"],
        baseline=-2 if state == "scored 2" or pen.rng.random() < 0.06 else -1,
        written_at=at(days.begun, "14:10"),
        written_by_id=writer,
        review_on=days.review,
        measure=pen.say(aim.measure, days.begun),
        support=pen.say(aim.support, days.begun),
        **{name: pen.say(text, days.begun) for name, text in zip(_LEVELS, aim.levels, strict=True)},
    )
    if state == "partial":
        row["baseline"] = -1
    if state == "draft":
        row |= {"plus_2": "", "plus_1": "", "support": ""}
        return row
    if state == "sent back":
        checker = pen.second_adult(days.asked, writer)
        row |= {
            "sent_back_at": at(days.asked, "12:30"),
            "sent_back_by_id": checker.id,
            "sent_back_words": pen.rng.choice(said.SENT_BACK),
        }
        return row
    row["asked_at"] = at(days.asked, "14:30")
    if state == "asked":
        return row
    checker = pen.second_adult(days.agreed, writer)
    row |= {
        "checked_at": at(days.agreed, "15:50"),
        "checked_by_id": checker.id,
        "agreed_at": at(days.agreed, "15:50"),
    }
    return row


def _changed(pen: Pen, goal: Row, aim: Aim, old: Row, days: _Days) -> None:
    """A second scale with smaller steps, agreed too; the first stays as it was."""
    day = days.scored
    writer = pen.keyworker(day).id
    smaller = dict(
        zip(_LEVELS, (aim.levels[0], aim.levels[1], "", aim.levels[2], aim.levels[3]), strict=True)
    )
    smaller["zero"] = "Half way: " + aim.levels[2][:1].lower() + aim.levels[2][1:] + ", with a reminder"
    new = pen.rows.add(
        "scales",
        **{key: value for key, value in old.items() if key != "id"}
        | {name: pen.say(text, day) for name, text in smaller.items()}
        | {
            "goal_id": goal["id"],
            "number": 2,
            "reason": pen.say(said.CHANGED, day),
            "written_at": at(day, "09:40"),
            "written_by_id": writer,
            "asked_at": at(day, "09:45"),
            "checked_at": at(day, "15:20"),
            "checked_by_id": pen.second_adult(day, writer).id,
            "agreed_at": at(day, "15:20"),
        },
    )
    assert new["id"] > old["id"]


def _score(pen: Pen, done: Done, goal: Row, scale: Row, state: str, days: _Days) -> None:
    rng = pen.rng
    if state in ("agreed", "lunch", "withdrawn", "changed"):
        return
    level = int(state.split(" ")[1]) if state.startswith("scored") else -1 if state == "partial" else 0
    by = pen.keyworker(days.scored).id
    near = [one for one in pen.sources if days.agreed <= one.on <= days.scored and one.kind == "session"]
    if not done.span.is_now and level >= 0 and rng.random() < 0.4:
        # On the way there.
        middle = pen.weekday(days.agreed, days.scored)
        _one_score(pen, goal, scale, scale["baseline"], middle, by, said.SCORED[-1])
    row = _one_score(
        pen,
        goal,
        scale,
        level,
        days.scored,
        by,
        (said.PARTIAL,) if state == "partial" else said.SCORED[level],
    )
    row["partial"] = state == "partial"
    if near and rng.random() < 0.5:
        row |= {"source_kind": near[-1].kind, "source_pk": near[-1].pk}
    if state == "second":
        other = pen.second_adult(days.scored, by)
        second = _one_score(pen, goal, scale, -1, days.scored, other.id, (said.SECOND,))
        second["second"] = True


def _one_score(
    pen: Pen, goal: Row, scale: Row, level: int, day: date, by: int, texts: tuple[str, ...]
) -> Row:
    return pen.rows.add(
        "scores",
        goal_id=goal["id"],
        scale_id=scale["id"],
        level=level,
        scored_on=day,
        evidence=pen.say(pen.rng.choice(texts), day),
        by_id=by,
        at=at(day, "16:00"),
    )


def judge(pen: Pen, terms: Sequence[Done]) -> None:
    """What the keyworker makes of the outcomes sought, at the last review or since."""
    rng = pen.rng
    day = next((done.review_on for done in reversed(terms) if done.review_on), None)
    if day is None:
        return
    for outcome in pen.outcomes(day):
        if rng.random() > 0.6:
            continue
        word = rng.choices((*said.JUDGED,), (8, 34, 36, 18, 4))[0]
        pen.rows.add(
            "judgements",
            outcome_id=outcome["id"],
            word=word,
            words=pen.say(rng.choice(said.JUDGED[word]), day) if rng.random() < 0.85 else "",
            made_on=day,
            by_id=pen.keyworker(day).id,
            at=at(day, "16:20"),
        )
