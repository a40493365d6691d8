"""Goals of one student: agreed at the beginning of a term, scored at its end; this term's in every state.

A state is a word or two: "draft", "asked", "sent back", "agreed", "scored 1", "partial", "second" (a second
scorer saw it otherwise), "changed" (a new scale after the first), "withdrawn", "lunch" (the goal of the guide).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tsp.models import GasScale, Goal, GoalOutcome, GoalScore, Judgement
from tsp.questions.templates import Template
from tsp.rating.rules import MOST_ACTIVE_GOALS

from .people import Student
from .rows import DAY, Row, at, done, draw
from .spans import Span
from .words import texts

_LEVELS = ("minus_2", "minus_1", "zero", "plus_1", "plus_2")
_SAID = texts("goals")
# A goal: area, the statement it grows from, their words, why, five levels, measure, support, and `towards`, pieces of
# the wording of outcomes it serves.
AIMS: Sequence[Mapping[str, Any]] = _SAID["aims"]
_NOT_AGREED = ("draft", "asked", "sent back")


def write_goals(student: Student, form: Template, spans: Sequence[Span]) -> None:
    rng, story, going_on = student.rng, student.story("tsp"), 0  # goals of earlier terms that have not ended
    used: list[Mapping[str, Any]] = []
    for span in spans if story.get("goals") or rng.random() < 0.95 else ():
        states: Sequence[str] = story.get("goals", ()) if span.is_now else ()
        unready = span.is_now and not span.baseline_on and rng.random() < 0.6
        if not states and not unready and (span.last - span.first).days >= 25:
            wanted, pool = rng.choice((1, 2, 2, 3) if span.is_recent else (0, 1, 1)), _SAID["then"]
            if span.is_now and not student.left:
                pool = _SAID["now"]
            states = [draw(rng, pool) for _ in range(min(wanted, MOST_ACTIVE_GOALS - going_on))]
        areas: set[str] = set()
        for state in states:
            aim = AIMS[0] if state == "lunch" else _aim(student, used, areas, span.last)
            areas.add(aim["area"])
            used.append(aim)
            goal = _Goal(student, form, span, aim, state).write()
            going_on += goal.get("closed_at") is None and goal.get("withdrawn_at") is None
    _judge(student, [span.review_on for span in spans if span.review_on])


def _aim(student: Student, used: list[Mapping[str, Any]], areas: set[str], day: date) -> Mapping[str, Any]:
    """One not had before, in an area of its own; mostly one that serves an outcome of the plan."""
    free = [one for one in AIMS[bool(student.child) :] if one["area"] not in areas]
    free = [one for one in free if one not in used] or free
    serving = [one for one in free if _fitting(student, one, day)]
    if serving and student.rng.random() < 0.75:
        free = serving
    # Students of one keyworker, whose pages are looked at one after the other, differ.
    return free[student.id * 5 % len(free)] if student.child else student.rng.choice(free)


def _fitting(student: Student, aim: Mapping[str, Any], day: date) -> list[Row]:
    return [row for row in student.outcomes(day) if any(word in row["text"] for word in aim["towards"])]


def _judge(student: Student, reviews: Sequence[date]) -> None:
    """What the keyworker makes of the outcomes sought, at the last review."""
    for outcome in student.outcomes(reviews[-1]) if reviews else ():
        if student.rng.random() < 0.6:
            day, word = reviews[-1], draw(student.rng, _SAID["judging"])
            words = student.say(student.rng.choice(_SAID["judged"][word]), day)
            student.add(
                Judgement, outcome_id=outcome["id"], word=word, words=words, made_on=day,
                by_id=student.keyworker(day).id, at=at(day, "16:20"),
            )  # fmt: skip


@dataclass(slots=True)
class _Goal:
    student: Student
    form: Template
    span: Span
    aim: Mapping[str, Any]
    state: str

    def write(self) -> Row:
        """The goal with its scale, links and scores."""
        student, aim, span, state = self.student, self.aim, self.span, self.state
        begun, asked, agreed, scored = self.days()
        by, statement = student.keyworker(begun).id, self.form.statements[aim["statement"]]
        goal = student.add(
            Goal, template_id=self.form.version_id, term=span.term.id, area=aim["area"], statement=aim["statement"],
            need=statement.need, pfa=[statement.pfa], why_it_matters=aim["why"],
            student_words=student.say(aim["words"], begun), **done("started", begun, "14:10", by),
        )  # fmt: skip
        for outcome in _fitting(student, aim, agreed)[:2]:
            student.add(GoalOutcome, goal_id=goal["id"], outcome_id=outcome["id"])
        scale = self.scale(goal, begun, asked, agreed)
        if state in _NOT_AGREED:
            return goal
        goal |= done("agreed", agreed, "15:50", by)
        goes_on = span.ago == 1 and not (student.left or student.child) and student.rng.random() < 0.25
        if state == "withdrawn":
            why = student.say(student.rng.choice(_SAID["withdrawn"]), scored)
            goal |= done("withdrawn", scored, "15:15", student.keyworker(scored).id, reason=why)
        elif not span.is_now and not goes_on:
            goal["closed_at"] = at(scored, "16:10")
        if state == "changed":
            self.smaller_steps(scale, scored)
        elif state not in ("agreed", "lunch", "withdrawn"):
            self.score(goal, scale, agreed, scored)
        return goal

    def days(self) -> tuple[date, date, date, date]:
        """When it was begun, sent to be checked, agreed and scored."""
        student, rng, span, today = self.student, self.student.rng, self.span, self.student.school.today
        start = span.baseline_on or min(span.first + 12 * DAY, span.last)
        if span.is_now and self.state in (*_NOT_AGREED, "lunch"):
            start = today - 9 * DAY
        begun = student.weekday(min(start, today - 3 * DAY), min(start + 5 * DAY, today - 2 * DAY))
        begun = max(begun, span.first)
        asked = max(begun, min(begun + rng.choice((1, 2, 3)) * DAY, today - 2 * DAY))
        agreed = max(asked, min(asked + rng.choice((0, 1, 2, 4)) * DAY, today - DAY))
        scored = max(agreed, min(span.review_on or span.last, span.last))
        if span.is_now:
            scored = student.weekday(max(agreed, today - 14 * DAY), max(agreed, today - DAY))
        return begun, asked, agreed, scored

    def levels(self, texts: Sequence[str], day: date) -> dict[str, str]:
        return {name: self.student.say(text, day) for name, text in zip(_LEVELS, texts, strict=True)}

    def scale(self, goal: Row, begun: date, asked: date, agreed: date) -> Row:
        student, aim, state, span, rng = self.student, self.aim, self.state, self.span, self.student.rng
        writer, low = (
            goal["started_by_id"],
            state == "scored 2" or (state != "partial" and rng.random() < 0.06),
        )
        review = span.review.due_on - rng.choice((0, 2, 4, 7)) * DAY if span.review else span.last
        row = student.add(
            GasScale, goal_id=goal["id"], baseline=-2 if low else -1, review_on=max(review, agreed),
            measure=student.say(aim["measure"], begun), support=student.say(aim["support"], begun),
            **self.levels(aim["levels"], begun), **done("written", begun, "14:10", writer),
        )  # fmt: skip
        checker = student.second_adult(agreed, writer).id
        if state == "draft":
            row |= {"plus_2": "", "plus_1": "", "support": ""}
        elif state == "sent back":
            row |= done("sent_back", asked, "12:30", checker, words=rng.choice(_SAID["sent-back"]))
        else:
            row["asked_at"] = at(asked, "14:30")
        if state not in _NOT_AGREED:
            row |= {**done("checked", agreed, "15:50", checker), "agreed_at": at(agreed, "15:50")}
        return row

    def smaller_steps(self, old: Row, day: date) -> None:
        """A second scale, agreed too; the first stays as it was."""
        student, (low, now, zero, plus, _) = self.student, self.aim["levels"]
        writer, half = student.keyworker(day).id, f"Half way: {zero[:1].lower()}{zero[1:]}, with a reminder"
        row = old | self.levels((low, now, half, zero, plus), day) | done("written", day, "09:40", writer)
        row |= done("checked", day, "15:20", student.second_adult(day, writer).id)
        row |= {"asked_at": at(day, "09:45"), "agreed_at": at(day, "15:20"), "number": 2}
        student.school.rows.add(GasScale, **row | {"reason": student.say(_SAID["changed"], day)})

    def score(self, goal: Row, scale: Row, agreed: date, scored: date) -> None:
        student, rng, state = self.student, self.student.rng, self.state
        by = student.keyworker(scored).id

        def one(kind: str, level: int, day: date, by: int) -> Row:
            return student.add(
                GoalScore, goal_id=goal["id"], scale_id=scale["id"], level=level, scored_on=day, by_id=by,
                evidence=student.say(rng.choice(_SAID[kind][str(level)]), day), at=at(day, "16:00"),
                partial=kind == "partial", second=kind == "second",
            )  # fmt: skip

        level = int(state.split(" ")[1]) if state.startswith("scored") else -1 if state == "partial" else 0
        if not self.span.is_now and level >= 0 and rng.random() < 0.4:  # on the way there
            one("scored", scale["baseline"], student.weekday(agreed, scored), by)
        last = one("partial" if state == "partial" else "scored", level, scored, by)
        near = [one for one in student.sources if agreed <= one.on <= scored and one.kind == "session"]
        if near and rng.random() < 0.5:
            last |= {"source_kind": near[-1].kind, "source_pk": near[-1].pk}
        if state == "second":
            one("second", -1, scored, student.second_adult(scored, by).id)
