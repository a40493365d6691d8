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

from ..pen import Pen
from ..rows import DAY, Row, at, done, draw
from ..texts import texts
from .points import RECENT, Span

_LEVELS = ("minus_2", "minus_1", "zero", "plus_1", "plus_2")
_SAID = texts("goals")
# A goal: area, the statement it grows from, their words, why, five levels, measure, support, and `towards`, pieces of
# the wording of outcomes it serves.
AIMS: Sequence[Mapping[str, Any]] = _SAID["aims"]
_NOT_AGREED = ("draft", "asked", "sent back")


def goals_of(pen: Pen, form: Template, spans: Sequence[Span], story: Mapping[str, Any]) -> None:
    rng, going_on = pen.rng, 0  # goals of earlier terms that have not ended
    used: set[str] = set()
    for span in spans:
        states: Sequence[str] = story.get("goals", ()) if span.is_now else ()
        if not states:
            many = rng.choice((1, 2, 2, 3) if span.ago <= RECENT else (0, 1, 1))
            unready = span.is_now and not span.baseline_on and rng.random() < 0.6
            many = (
                0
                if unready or (span.last - span.first).days < 25
                else min(many, MOST_ACTIVE_GOALS - going_on)
            )
            chances = _SAID["now" if span.is_now and pen.student.left is None else "then"]
            states = [draw(rng, chances) for _ in range(many)]
        areas: set[str] = set()
        for state in states:
            aim = _aim(pen, state, used, areas, span.last)
            areas.add(aim["area"])
            used.add(aim["words"])
            goal = _Goal(pen, form, span, aim, state).write()
            going_on += goal.get("closed_at") is None and goal.get("withdrawn_at") is None


def _aim(pen: Pen, state: str, used: set[str], areas: set[str], day: date) -> Mapping[str, Any]:
    """One not had before, in an area of its own; mostly one that serves an outcome of the plan."""
    if state == "lunch":
        return AIMS[0]
    # Students of one keyworker, whose pages are looked at one after the other, differ.
    known = pen.student.child is not None
    free = [one for one in AIMS[known:] if one["area"] not in areas]
    free = [one for one in free if one["words"] not in used] or free
    serving = [one for one in free if _fitting(pen, one, day)]
    if serving and pen.rng.random() < 0.75:
        free = serving
    return free[pen.student.id * 5 % len(free)] if known else pen.rng.choice(free)


def _fitting(pen: Pen, aim: Mapping[str, Any], day: date) -> list[Row]:
    return [row for row in pen.outcomes(day) if any(word in row["text"] for word in aim["towards"])]


@dataclass(slots=True)
class _Goal:
    pen: Pen
    form: Template
    span: Span
    aim: Mapping[str, Any]
    state: str

    def write(self) -> Row:
        """The goal with its scale, links and scores."""
        pen, aim, span, state = self.pen, self.aim, self.span, self.state
        begun, asked, agreed, scored, review = self.days()
        by, statement = pen.keyworker(begun).id, self.form.statements[aim["statement"]]
        goal = pen.add(
            Goal, student_id=pen.student.id, template_id=self.form.version_id, term=span.term.id, area=aim["area"],
            statement=aim["statement"], need=statement.need, pfa=[statement.pfa], why_it_matters=aim["why"],
            student_words=pen.say(aim["words"], begun), **done("started", begun, "14:10", by),
        )  # fmt: skip
        for outcome in _fitting(pen, aim, agreed)[:2]:
            pen.add(GoalOutcome, goal_id=goal["id"], outcome_id=outcome["id"])
        scale = self.scale(goal, begun, asked, agreed, review)
        if state in _NOT_AGREED:
            return goal
        goal |= done("agreed", agreed, "15:50", by)
        if state == "changed":
            self.smaller_steps(scale, scored)
        elif state not in ("agreed", "lunch", "withdrawn"):
            self.score(goal, scale, agreed, scored)
        goes_on = span.ago == 1 and pen.rng.random() < 0.25 and not (pen.student.left or pen.student.child)
        if state == "withdrawn":
            why = pen.say(pen.rng.choice(_SAID["withdrawn"]), scored)
            goal |= done("withdrawn", scored, "15:15", pen.keyworker(scored).id, reason=why)
        elif not span.is_now and not goes_on:
            goal["closed_at"] = at(scored, "16:10")
        return goal

    def days(self) -> tuple[date, date, date, date, date]:
        """When it was begun, sent to be checked, agreed and scored, and when it is to be reviewed."""
        pen, rng, span, today = self.pen, self.pen.rng, self.span, self.pen.school.today
        start = span.baseline_on or min(span.first + 12 * DAY, span.last)
        if span.is_now and self.state in (*_NOT_AGREED, "lunch"):
            start = today - 9 * DAY
        begun = pen.weekday(min(start, today - 3 * DAY), min(start + 5 * DAY, today - 2 * DAY))
        begun = max(begun, span.first)
        asked = max(begun, min(begun + rng.choice((1, 2, 3)) * DAY, today - 2 * DAY))
        agreed = max(asked, min(asked + rng.choice((0, 1, 2, 4)) * DAY, today - DAY))
        scored = max(agreed, min(span.review_on or span.last, span.last))
        if span.is_now:
            scored = pen.weekday(max(agreed, today - 14 * DAY), max(agreed, today - DAY))
        review = span.review.due_on - rng.choice((0, 2, 4, 7)) * DAY if span.review else span.last
        return begun, asked, agreed, scored, max(review, agreed)

    def levels(self, texts: Sequence[str], day: date) -> dict[str, str]:
        return {name: self.pen.say(text, day) for name, text in zip(_LEVELS, texts, strict=True)}

    def scale(self, goal: Row, begun: date, asked: date, agreed: date, review: date) -> Row:
        pen, aim, state, writer = self.pen, self.aim, self.state, goal["started_by_id"]
        low = state == "scored 2" or (state != "partial" and pen.rng.random() < 0.06)
        row = pen.add(
            GasScale, goal_id=goal["id"], baseline=-2 if low else -1, review_on=review, **self.levels(aim["levels"], begun),
            **{part: pen.say(aim[part], begun) for part in ("measure", "support")}, **done("written", begun, "14:10", writer),
        )  # fmt: skip
        checker = pen.second_adult(agreed, writer).id
        if state == "draft":
            row |= {"plus_2": "", "plus_1": "", "support": ""}
        elif state == "sent back":
            row |= done("sent_back", asked, "12:30", checker, words=pen.rng.choice(_SAID["sent-back"]))
        else:
            row["asked_at"] = at(asked, "14:30")
        if state not in _NOT_AGREED:
            row |= {**done("checked", agreed, "15:50", checker), "agreed_at": at(agreed, "15:50")}
        return row

    def smaller_steps(self, old: Row, day: date) -> None:
        """A second scale, agreed too; the first stays as it was."""
        pen, (low, now, zero, plus, _) = self.pen, self.aim["levels"]
        writer, half = pen.keyworker(day).id, f"Half way: {zero[:1].lower()}{zero[1:]}, with a reminder"
        row = old | self.levels((low, now, half, zero, plus), day) | done("written", day, "09:40", writer)
        row |= done("checked", day, "15:20", pen.second_adult(day, writer).id)
        row |= {"asked_at": at(day, "09:45"), "agreed_at": at(day, "15:20")}
        pen.add(GasScale, **row | {"number": 2, "reason": pen.say(_SAID["changed"], day)})

    def score(self, goal: Row, scale: Row, agreed: date, scored: date) -> None:
        pen, rng, state, by = self.pen, self.pen.rng, self.state, self.pen.keyworker(scored).id

        def one(level: int, day: date, by: int, texts: Sequence[str], **more: Any) -> None:
            pen.add(
                GoalScore, goal_id=goal["id"], scale_id=scale["id"], level=level, scored_on=day, by_id=by,
                evidence=pen.say(rng.choice(texts), day), at=at(day, "16:00"), **more,
            )  # fmt: skip

        level = int(state.split(" ")[1]) if state.startswith("scored") else -1 if state == "partial" else 0
        if not self.span.is_now and level >= 0 and rng.random() < 0.4:  # on the way there
            one(scale["baseline"], pen.weekday(agreed, scored), by, _SAID["scored"]["-1"])
        near = [one for one in pen.sources if agreed <= one.on <= scored and one.kind == "session"]
        seen = {"source_kind": near[-1].kind, "source_pk": near[-1].pk} if near and rng.random() < 0.5 else {}
        texts = (_SAID["partial"],) if state == "partial" else _SAID["scored"][str(level)]
        one(level, scored, by, texts, partial=state == "partial", **seen)
        if state == "second":
            one(-1, scored, pen.second_adult(scored, by).id, (_SAID["second"],), second=True)


def judge(pen: Pen, spans: Sequence[Span]) -> None:
    """What the keyworker makes of the outcomes sought, at the last review or since."""
    rng, days = pen.rng, [span.review_on for span in spans if span.review_on]
    for outcome in pen.outcomes(days[-1]) if days else ():
        if rng.random() < 0.6:
            word, day = draw(rng, _SAID["judging"]), days[-1]
            words = pen.say(rng.choice(_SAID["judged"][word]), day) if rng.random() < 0.85 else ""
            made = {
                "word": word,
                "words": words,
                "made_on": day,
                "by_id": pen.keyworker(day).id,
                "at": at(day, "16:20"),
            }
            pen.add(Judgement, outcome_id=outcome["id"], **made)
