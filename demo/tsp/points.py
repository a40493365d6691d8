"""Baselines and reviews of one student, oldest term first, with their words and evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from keywork import terms
from keywork.calendar import Term
from keywork.policy import Policy
from tsp.models import AssessmentPoint, Evidence, Narrative, Rating
from tsp.questions.templates import Template
from tsp.rating.rules import EVIDENCE_FROM, EVIDENCE_SETTINGS

from ..pen import Pen
from ..people import School, Student
from ..rows import DAY, Row, at
from ..texts import texts
from .course import NO_OPPORTUNITY, NOT_ANSWERED, Course

RECENT = 2  # terms back in which much was written down; before that less
RATING = ("point_id", "statement", "value", "carried_from_id", "confirmed_at", "by_id", "at", "version")
_HOURS = ("09:20", "10:51", "11:35", "13:10", "14:25", "15:40", "16:15", "17:05")
_SAID = texts("assessment-points")
EXAMPLES: Mapping[str, Sequence[tuple[str, str]]] = texts("examples")["examples"]  # setting, what was seen
# Which topics of a contact or a session an area may be seen in, for evidence that points at one.
_TOPICS = texts("examples")["topics"]


@dataclass(slots=True)
class Span:
    """One term of one student. `ago` counts terms back from the present or last one, which is 0.

    `baseline` is None where none is owed; `last` the last day that counts: of the term, of the student, or today.
    The last two are the days on which they were finished.
    """

    term: Term
    ago: int
    first: date
    last: date
    is_now: bool
    baseline: terms.AssessmentPeriod | None
    missed_on: date
    review: terms.AssessmentPeriod | None
    baseline_on: date | None = None
    review_on: date | None = None


def spans_in(school: School, policy: Policy) -> Callable[[Student], list[Span]]:
    """Made once for the school; answers for a student, oldest first."""
    calendar, today = school.calendar, school.today
    begun = [one for one in calendar.terms if one.starts_on <= today and one.ends_on >= school.live_on]

    @cache
    def periods(
        term: Term, joined: date | None
    ) -> tuple[terms.AssessmentPeriod | None, date, terms.AssessmentPeriod | None]:
        review = terms.review_period(term, policy, calendar)
        missed = terms.baseline_missed_on(term, calendar) or term.ends_on
        if joined is None:
            return terms.baseline_period(term, policy, calendar), missed, review
        new = terms.new_student_baseline(joined, policy, calendar)
        if new is None or new.term.id != term.id:
            return None, missed, review
        return terms.AssessmentPeriod(joined, new.due_on), max(missed, new.due_on), review

    def of(student: Student) -> list[Span]:
        first_day, last_day = max(student.joined, school.live_on), min(today, student.left or today)
        found = []
        for ago, term in zip(reversed(range(len(begun))), begun, strict=True):
            if term.ends_on >= first_day and term.starts_on <= last_day:
                late = student.joined > (calendar.nth_pupil_day(term.starts_on, 1) or term.starts_on)
                first, last = max(term.starts_on, first_day), min(term.ends_on, last_day)
                baseline, missed_on, review = periods(term, student.joined if late else None)
                is_now = today <= term.ends_on
                found.append(Span(term, ago, first, last, is_now, baseline, missed_on, review))
        return found

    return of


def points_of(
    pen: Pen, form: Template, spans: Sequence[Span], course: Course, story: Mapping[str, Any]
) -> None:
    """Every assessment point; `spans` are told when each was finished."""
    writer = _Writer(pen, form, course)
    for span in spans:
        how = story.get("baseline") if span.is_now else None
        start = writer.baseline(span, how or _how(pen, span))
        contexts = course.a_term_passes()
        if start or not span.is_now:
            writer.review(span, start, contexts)


def _how(pen: Pen, span: Span) -> str:
    """How a baseline goes: on_time, late, half or none; what is not due yet has mostly not begun."""
    rng, today, due = pen.rng, pen.school.today, span.baseline
    if due is None:
        return "none"
    if span.last < due.due_on and not span.is_now:
        return "on_time" if rng.random() < 0.5 else "none"  # left before it was due
    if today < due.due_on:
        gone = (today - due.opens_on).days / max(1, (due.due_on - due.opens_on).days)
        return "on_time" if rng.random() < gone * 0.7 else rng.choice(("half", "none"))
    weights = (62, 16, 12, 10) if span.is_now else (88, 7, 0, 5)
    return rng.choices(("on_time", "late", "half", "none"), weights)[0]


def _review_day(pen: Pen, span: Span) -> date | None:
    """Mostly while it is open; a few in the holiday after it, a few not at all. Leavers have theirs on the last days."""
    chance, left, today, due = pen.rng.random(), pen.student.left, pen.school.today, span.review
    if due is None or due.opens_on > today or chance < 0.05:
        return None
    if left is not None and left < due.opens_on:
        return left if pen.school.calendar.pupil_days(span.first, left) > 30 and chance < 0.8 else None
    day = pen.weekday(due.opens_on + 2 * DAY, min(due.due_on, left or due.due_on))
    if chance < 0.08 and left is None:
        day = pen.weekday(due.due_on + DAY, due.due_on + 4 * DAY)
    return day if day <= today else None


@dataclass(slots=True)
class _Writer:
    pen: Pen
    form: Template
    course: Course
    last: tuple[Row, list[int]] | None = None  # the last review, and its ratings

    def baseline(self, span: Span, how: str) -> list[int] | None:
        pen, last, due = self.pen, self.last, span.baseline
        if due is None or how == "none":
            return None
        if how in ("half", "bj"):
            self.half_done(span, due, how)
            return None
        opens, late = max(due.opens_on, span.first), due.due_on + DAY
        latest = max(late, span.missed_on)
        days = {"late": (late, latest), "last": (latest, latest)}.get(
            how, (min(opens + 3 * DAY, due.due_on), due.due_on)
        )
        day = max(opens, min(pen.school.pupil_day(pen.weekday(*days)), span.last))
        values, carried = self.course.again(last[1]) if last else (self.course.rate(), frozenset[int]())
        row = self.point(span, "baseline", day, values, carried)
        self.finish(row, span, day, values, last[1] if last else values)
        if how == "late" and pen.rng.random() < 0.15:
            row["reopened_reason"] = _SAID["reopened"]
        span.baseline_on = day
        return values

    def review(self, span: Span, start: list[int] | None, contexts: list[str]) -> None:
        day = _review_day(self.pen, span)
        if day is not None:
            values, before = self.course.rate(), start or (self.last[1] if self.last else [])
            row = self.point(span, "review", day, values)
            row["contexts"] = contexts
            self.finish(row, span, day, values, before or values)
            self.last, span.review_on = (row, values), day

    def half_done(self, span: Span, due: terms.AssessmentPeriod, how: str) -> None:
        """Begun and not finished, by keyworker and deputy; what was carried over waits to be confirmed."""
        pen, rng = self.pen, self.pen.rng
        day = max(span.first, min(pen.school.today - rng.randrange(1, 6) * DAY, span.last))
        if day < due.opens_on:
            return
        now, many, old = self.course.rate(), rng.randrange(18, 45), self.last[1] if self.last else []
        if how == "bj":
            now, many = [*texts("cast")["bj_ratings"]], 42
        waiting = frozenset(n for n, value in enumerate(old) if n >= many and value != NO_OPPORTUNITY)
        rest = [old[n] if n in waiting else NOT_ANSWERED for n in range(many, len(self.course.slugs))]
        deputy = pen.holder("deputy", day) if how == "half" else None
        row = self.point(
            span, "baseline", day, now[:many] + rest, waiting, waiting, deputy.id if deputy else None
        )
        slug = self.form.areas[rng.randrange(3)].slug
        self.words(row, f"area:{slug}", pen.fresh(_SAID["hard"][slug]), day)
        for place, value in enumerate(now[:many]):
            if EVIDENCE_FROM <= value <= 4 and (how == "bj" or rng.random() < 0.7):
                self.examples(row, place, 1, max(span.first, day - 40 * DAY), day)

    def point(
        self, span: Span, kind: str, day: date, values: list[int], carried: frozenset[int] = frozenset(),
        waiting: frozenset[int] = frozenset(), other: int | None = None,
    ) -> Row:  # fmt: skip
        """With its ratings. `carried` are places of what came from the last review, `waiting` of what is not confirmed
        yet; `other` is whose every second area is."""
        pen = self.pen
        opens = span.baseline.opens_on if kind == "baseline" and span.baseline else span.first
        begun = min(max(opens, span.first, day - pen.rng.randrange(0, 9) * DAY), day)
        row = pen.add(
            AssessmentPoint, student_id=pen.student.id, term=span.term.id, kind=kind, template_id=self.form.version_id,
            opened_at=at(begun, "08:50"), opened_by_id=pen.keyworker(begun).id,
        )  # fmt: skip
        moment = at(day, "00:40" if day == pen.school.today else pen.rng.choice(_HOURS))
        by, origin = pen.keyworker(day).id, self.last[0]["id"] if self.last else None
        given = (row["id"], values, by, moment, origin, carried, waiting, other)
        pen.school.rows.packed[Rating].append(given)
        row |= {"by": by, "moment": moment}
        return row

    def finish(self, row: Row, span: Span, day: date, values: list[int], before: list[int]) -> None:
        row |= {"done_on": day, "finished_at": row["moment"], "finished_by_id": row["by"]}
        if span.ago <= RECENT or row["kind"] == "review" or self.pen.rng.random() > 0.7:
            self.narratives(row, span, day, values, before)
        self.evidence(row, span, day, values)

    def words(self, row: Row, part: str, text: str, day: date, **names: str) -> None:
        told = self.pen.say(text, day, **names)
        self.pen.add(Narrative, point_id=row["id"], part=part, text=told, by_id=row["by"], at=row["moment"])

    def narratives(self, row: Row, span: Span, day: date, values: list[int], before: list[int]) -> None:
        """A summary that fits; next steps; a line on two or three areas; the context of what fell."""
        pen, rng, is_review = self.pen, self.pen.rng, row["kind"] == "review"
        now, slugs = self.course.means(values), [area.slug for area in self.form.areas]
        moved = [a - b for a, b in zip(now, self.course.means(before), strict=True)]
        order = sorted(range(len(slugs)), key=lambda place: now[place])
        up = max(order, key=lambda place: moved[place] if is_review else now[place])
        low = order[0] if order[0] != up else order[1]
        review = "falling" if row.get("contexts") else "rising" if max(moved) >= 0.3 else "level"
        names = {name: _SAID["areas"][slugs[place]] for name, place in (("up", up), ("low", low))}
        self.words(row, "summary", pen.fresh(_SAID[review if is_review else "starting"]), day, **names)
        if span.ago <= RECENT or rng.random() < 0.4:
            hard = [order[2], low] if rng.random() < 0.5 else [low]
            steps = [pen.fresh(_SAID["next"][slugs[place]]) for place in hard]
            self.words(row, "next-steps", "\n".join([*steps, rng.choice(_SAID["last-next"])]), day)
        for context in row.get("contexts", ()):
            self.words(row, "context", rng.choice(_SAID["context"][context]), day)
        for place in rng.sample(order, rng.choice((2, 2, 3, 4))) if span.ago <= RECENT else ():
            lines = _SAID["well" if now[place] >= 2.0 else "hard"][slugs[place]]
            self.words(row, f"area:{slugs[place]}", pen.fresh(lines), day)

    def evidence(self, row: Row, span: Span, day: date, values: list[int]) -> None:
        """For many of the 3s and 4s of late, for a few of those long ago; some a piece short."""
        rng = self.pen.rng
        high = [place for place, value in enumerate(values) if EVIDENCE_FROM <= value <= 4]
        long_ago = span.ago > RECENT
        for place in rng.sample(high, min(1, len(high))) if long_ago else high:
            if long_ago or rng.random() < 0.5:
                wanted = EVIDENCE_SETTINGS[values[place]] - (rng.random() < 0.25)
                self.examples(row, place, wanted, max(span.first, day - 70 * DAY), day)

    def examples(self, row: Row, place: int, wanted: int, first: date, last: date) -> None:
        """`wanted` dated pieces, each from another place: entries of the log where they fit, else words."""
        pen, rng, slug = self.pen, self.pen.rng, self.course.slugs[place]
        topics, found = set(_TOPICS[self.form.statements[slug].area]), dict[str, Row]()
        near = [one for one in pen.sources if first <= one.on <= last and topics.intersection(one.topics)]
        for source in rng.sample(near, min(2, len(near))):
            setting = "home" if source.kind == "contact" else "keywork"
            found.setdefault(setting, {"on": source.on, "source_kind": source.kind, "source_pk": source.pk})
        boards = pen.student.values.get("placement", "day") != "day"
        never = {"residence": not boards, "work": pen.student.year < 10}
        for setting, text in rng.sample(EXAMPLES[slug], len(EXAMPLES[slug])):
            if len(found) < wanted and setting not in found and not never.get(setting):
                on = pen.weekday(first, last)
                found[setting] = {"on": on, "words": pen.say(text, on)}
        made = {"point_id": row["id"], "statement": slug, "by_id": row["by"], "at": row["moment"]}
        for setting, piece in [*found.items()][:wanted]:
            pen.add(Evidence, setting=setting, **made, **piece)


def rating_lines(
    places: Sequence[tuple[str, int]], point: int, values: list[int], by: int, moment: str, carried_from: int | None,
    carried: frozenset[int], waiting: frozenset[int], other: int | None,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """The ratings of one point by column: there may be millions in all, so they are never dicts."""
    for place, (value, (slug, area)) in enumerate(zip(values, places, strict=True)):
        if value != NOT_ANSWERED:
            told = None if value == NO_OPPORTUNITY else value
            waits, mine = place in waiting, other if other and area % 2 and place not in waiting else by
            origin = carried_from if place in carried else None
            yield point, slug, told, origin, None if waits else moment, mine, moment, 1
