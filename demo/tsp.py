"""Tracking Social Progress of the demo school: baselines and reviews of every term, with their words and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

from keywork.policy import Policy
from keywork.terms import AssessmentPeriod
from tsp.models import AssessmentPoint, Evidence, Narrative, Rating
from tsp.questions import templates
from tsp.questions.templates import Template
from tsp.rating.rules import EVIDENCE_SETTINGS

from .cast import BJ_RATINGS
from .goals import write_goals
from .people import School, Student
from .rows import DAY, Row, done, draw
from .sheets import EXAMPLES, write_feelings, write_repairs, write_sheets
from .spans import Span, spans_in
from .words import texts

RATING = ("point_id", "statement", "value", "carried_from_id", "confirmed_at", "by_id", "at", "version")
Ratings = dict[str, int | None]  # of each statement that was answered; None where there was no opportunity
_SAID = texts("assessment-points")
# Which topics of a contact or a session an area may be seen in, for evidence that points at one.
_TOPICS = texts("examples")["topics"]


def write_tsp(school: School, policy: Policy) -> None:
    """Every student's terms."""
    form, spans_of = templates.current(), spans_in(school, policy)
    for student in school.come("tsp"):
        spans = spans_of(student)
        points = _Points(student, form, Course(form, student))
        for span in spans:
            points.write_term(span)
        write_sheets(student, form, spans)
        write_goals(student, form, spans)
        write_feelings(student)
    for span in spans_of(next(school.come()))[-1:]:
        write_repairs(school, form, span)


class Course:
    """How the ratings of one student develop: slow rises, terms in which nothing moves, falls that have a reason.

    Each area has a level from 0 to 4 that moves from term to term; each statement lies a little above or below its area,
    always in the same way for one student.
    """

    def __init__(self, form: Template, student: Student) -> None:
        self.form, rng, needs = form, student.rng, student.values["needs"]
        self.rng, self.pace = rng, rng.uniform(0.5, 1.5)
        before = 0.12 * max(
            0, (student.school.live_on - student.joined).days // 365
        )  # the years until Keywork
        self.levels = {
            area.slug: min(3.1, rng.uniform(0.6, 1.9) + before + (0.0 if area.need in needs else 0.45))
            for area in form.areas
        }
        self.lost = dict.fromkeys(self.levels, 0.0)
        self.offsets = {one.slug: rng.gauss(0.5, 0.5) for one in form.in_use}
        self.unseen = [slug for slug in _SAID["seldom-seen"] if rng.random() < 0.3]

    def rate(self) -> Ratings:
        """The ratings as they would be found now."""
        rng, values = self.rng, Ratings()
        for one in self.form.in_use:
            level = self.levels[one.area] + self.offsets[one.slug] + rng.gauss(0, 0.22)
            values[one.slug] = max(0, min(4, int(level)))
        unseen = [*self.unseen, *rng.sample([*values], rng.random() < 0.25)]
        if rng.random() < 0.05:  # too few to say anything of one area
            unseen += [one.slug for one in rng.choice(self.form.areas).statements[:3]]
        return values | dict.fromkeys(unseen)

    def a_term_passes(self) -> list[str]:
        """Levels move; the codes of whatever happened meanwhile, mostly none."""
        rng, happened = self.rng, self.rng.random() < 0.08
        hit = rng.sample([*self.levels], rng.choice((3, 4, 5))) if happened else []
        for area, level in self.levels.items():
            back, fall = self.lost[area] * 0.6, rng.uniform(0.5, 1.0) if area in hit else 0.0
            self.lost[area] += fall - back
            step = float(draw(rng, _SAID["steps"])) * self.pace * (1.0 if level < 2.8 else 0.4)
            self.levels[area] = min(3.7, max(0.1, level + back - fall + step))
        return [rng.choice(_SAID["reasons"])] if happened else []

    def means(self, values: Ratings) -> dict[str, float]:
        """Of each area, over what was rated; roughly, to choose words by."""
        rated: dict[str, list[int]] = {area: [] for area in self.levels}
        for slug, value in values.items():
            if value is not None:
                rated[self.form.statements[slug].area].append(value)
        return {area: fmean(found or [0]) for area, found in rated.items()}


@dataclass(slots=True)
class _Points:
    """Baselines and reviews of one student, oldest term first."""

    student: Student
    form: Template
    course: Course
    last: tuple[int, Ratings] = 0, {}  # the last review, and its ratings

    def write_term(self, span: Span) -> None:
        """Both of one term; `span` is told when each was finished."""
        how = self.student.story("tsp").get("baseline") if span.is_now else None
        start = self.baseline(span, how or self.how(span))
        contexts = self.course.a_term_passes()
        if start or not span.is_now:
            self.review(span, start, contexts)

    def how(self, span: Span) -> str:
        """How a baseline goes: on_time, late, half or none; what is not due yet has mostly not begun."""
        rng, today, due = self.student.rng, self.student.school.today, span.baseline
        if due is None:
            return "none"
        if span.last < due.due_on and not span.is_now:
            return "on_time" if rng.random() < 0.5 else "none"  # left before it was due
        if today < due.due_on:
            gone = (today - due.opens_on).days / max(1, (due.due_on - due.opens_on).days)
            return "on_time" if rng.random() < gone * 0.7 else rng.choice(("half", "none"))
        return draw(rng, _SAID["baselines"]["now" if span.is_now else "then"])

    def baseline(self, span: Span, how: str) -> Ratings:
        student, rng, due = self.student, self.student.rng, span.baseline
        if due is None or how == "none":
            return {}
        if how in ("half", "bj"):
            self.half_done(span, due, how)
            return {}
        latest = max(due.due_on + DAY, span.missed_on)
        opens = max(due.opens_on, span.first)
        first, last = min(opens + 3 * DAY, due.due_on), due.due_on
        if how != "on_time":
            first, last = latest if how == "last" else due.due_on + DAY, latest
        day = max(opens, min(student.school.pupil_day(student.weekday(first, last)), span.last))
        # Begun from the last review: most confirmed as they were, a few seen anew.
        values, before = self.course.rate(), self.last[1]
        carried = {
            slug: old for slug, old in before.items()
            if None not in (old, values[slug]) and rng.random() < 0.9
        }  # fmt: skip
        values |= carried
        row = self.point(span, "baseline", day, values, carried.keys())
        self.finish(row, span, day, values, before or values)
        if how == "late" and rng.random() < 0.15:
            row["reopened_reason"] = _SAID["reopened"]
        span.baseline_on = day
        return values

    def review(self, span: Span, start: Ratings, contexts: list[str]) -> None:
        day = self.review_day(span)
        if day is not None:
            values = self.course.rate()
            row = self.point(span, "review", day, values)
            row["contexts"] = contexts
            self.finish(row, span, day, values, start or self.last[1] or values)
            self.last, span.review_on = (row["id"], values), day

    def review_day(self, span: Span) -> date | None:
        """Mostly while it is open; a few in the holiday after it, a few not at all. Leavers have theirs on the last days."""
        student, chance, due, left = self.student, self.student.rng.random(), span.review, self.student.left
        if due is None or due.opens_on > student.school.today or chance < 0.05:
            return None
        if left is not None and left < due.opens_on:
            days = student.school.calendar.pupil_days(span.first, left)
            return left if days > 30 and chance < 0.8 else None
        day = student.weekday(due.opens_on + 2 * DAY, min(due.due_on, left or due.due_on))
        if chance < 0.08 and left is None:
            day = student.weekday(due.due_on + DAY, due.due_on + 4 * DAY)
        return day if day <= student.school.today else None

    def half_done(self, span: Span, due: AssessmentPeriod, how: str) -> None:
        """Begun and not finished, by keyworker and deputy; what was carried over waits to be confirmed."""
        student, rng = self.student, self.student.rng
        day = max(span.first, min(student.school.today - rng.randrange(1, 6) * DAY, span.last))
        if day < due.opens_on:
            return
        now = dict([*self.course.rate().items()][: rng.randrange(18, 45)])
        if how == "bj":
            rated = zip(self.course.offsets, BJ_RATINGS, strict=False)
            now = {slug: value for slug, value in rated if value is not None}
        waiting: Ratings = {
            slug: old for slug, old in self.last[1].items() if slug not in now and old is not None
        }
        deputy = student.holder("deputy", day) if how == "half" else None
        other = deputy.id if deputy else None
        row = self.point(span, "baseline", day, now | waiting, waiting.keys(), waiting.keys(), other)
        slug = self.form.areas[rng.randrange(3)].slug
        self.tell(row, f"area:{slug}", student.fresh(_SAID["hard"][slug]), day)
        for slug, value in now.items():
            if value in EVIDENCE_SETTINGS and (how == "bj" or rng.random() < 0.7):
                self.examples(row, slug, 1, max(span.first, day - 40 * DAY), day)

    def point(
        self, span: Span, kind: str, day: date, values: Ratings, carried: AbstractSet[str] = frozenset(),
        waiting: AbstractSet[str] = frozenset(), other: int | None = None,
    ) -> Row:  # fmt: skip
        """With its ratings. `carried` came from the last review, `waiting` is not confirmed yet; `other` is whose every
        second area is."""
        student = self.student
        opens = span.baseline.opens_on if kind == "baseline" and span.baseline else span.first
        begun = min(max(opens, span.first, day - student.rng.randrange(0, 9) * DAY), day)
        moment, by = student.school.moment(day, student.rng.choice(_SAID["hours"])), student.keyworker(day).id
        row = student.add(
            AssessmentPoint, term=span.term.id, kind=kind, template_id=self.form.version_id, by=by, moment=moment,
            **done("opened", begun, "08:50", student.keyworker(begun).id),
        )  # fmt: skip
        whose = {
            area.slug: other if other and place % 2 else by for place, area in enumerate(self.form.areas)
        }
        lines = self.ratings(row, values, carried, waiting, whose, self.last[0])
        student.school.rows.lines[Rating, RATING].append(lines)
        return row

    def ratings(
        self, row: Row, values: Ratings, carried: AbstractSet[str], waiting: AbstractSet[str], whose: dict[str, int],
        carried_from: int,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """As lines made when they are written: there may be millions in all."""
        for slug, value in values.items():
            waits, by = slug in waiting, whose[self.form.statements[slug].area]
            yield (
                row["id"], slug, value, carried_from if slug in carried else None, None if waits else row["moment"],
                row["by"] if waits else by, row["moment"], 1,
            )  # fmt: skip

    def finish(self, row: Row, span: Span, day: date, values: Ratings, before: Ratings) -> None:
        row |= {"done_on": day, "finished_at": row["moment"], "finished_by_id": row["by"]}
        if span.is_recent or row["kind"] == "review" or self.student.rng.random() > 0.7:
            self.narratives(row, span, day, values, before)
        self.evidence(row, span, day, values)

    def tell(self, row: Row, part: str, text: str, day: date, **names: str) -> None:
        told = self.student.say(text, day, **names)
        self.student.add(
            Narrative, point_id=row["id"], part=part, text=told, by_id=row["by"], at=row["moment"]
        )

    def narratives(self, row: Row, span: Span, day: date, values: Ratings, before: Ratings) -> None:
        """A summary that fits; next steps; a line on two or three areas; the context of what fell."""
        student, rng, is_review = self.student, self.student.rng, row["kind"] == "review"
        now, then = self.course.means(values), self.course.means(before)
        moved = {area: now[area] - then[area] for area in now}
        order = sorted(now, key=now.__getitem__)
        up = max(order, key=(moved if is_review else now).__getitem__)
        low = order[0] if order[0] != up else order[1]
        way = "falling" if row.get("contexts") else "rising" if max(moved.values()) >= 0.3 else "level"
        names = {"up": _SAID["areas"][up], "low": _SAID["areas"][low]}
        self.tell(row, "summary", student.fresh(_SAID[way if is_review else "starting"]), day, **names)
        for context in row.get("contexts", ()):
            self.tell(row, "context", rng.choice(_SAID["context"][context]), day)
        if not span.is_recent and rng.random() < 0.6:
            return
        hard = [order[2], low] if rng.random() < 0.5 else [low]
        steps = [student.fresh(_SAID["next"][area]) for area in hard]
        self.tell(row, "next-steps", "\n".join([*steps, rng.choice(_SAID["last-next"])]), day)
        for area in rng.sample(order, rng.choice((2, 2, 3, 4))) if span.is_recent else ():
            lines = _SAID["well" if now[area] >= 2.0 else "hard"][area]
            self.tell(row, f"area:{area}", student.fresh(lines), day)

    def evidence(self, row: Row, span: Span, day: date, values: Ratings) -> None:
        """For many of the 3s and 4s of late, for a few of those long ago; some a piece short."""
        rng, high = self.student.rng, [slug for slug, value in values.items() if value in EVIDENCE_SETTINGS]
        for slug in high if span.is_recent else rng.sample(high, min(1, len(high))):
            if not span.is_recent or rng.random() < 0.5:
                wanted = EVIDENCE_SETTINGS[values[slug] or 0] - (rng.random() < 0.25)
                self.examples(row, slug, wanted, max(span.first, day - 70 * DAY), day)

    def examples(self, row: Row, slug: str, wanted: int, first: date, last: date) -> None:
        """`wanted` dated pieces, each from another place: entries of the log where they fit, else words."""
        student, rng = self.student, self.student.rng
        topics, found = set(_TOPICS[self.form.statements[slug].area]), dict[str, Row]()
        near = [one for one in student.sources if first <= one.on <= last and topics.intersection(one.topics)]
        for source in rng.sample(near, min(2, len(near))):
            setting = "home" if source.kind == "contact" else "keywork"
            found.setdefault(setting, {"on": source.on, "source_kind": source.kind, "source_pk": source.pk})
        never = {"residence": not student.boards, "work": student.year < 10}
        for setting, text in rng.sample(EXAMPLES[slug], len(EXAMPLES[slug])):
            if len(found) < wanted and setting not in found and not never.get(setting):
                on = student.weekday(first, last)
                found[setting] = {"on": on, "words": student.say(text, on)}
        made = {"point_id": row["id"], "statement": slug, "by_id": row["by"], "at": row["moment"]}
        for setting, piece in [*found.items()][:wanted]:
            student.add(Evidence, setting=setting, **made, **piece)
