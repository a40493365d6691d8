"""Tracking Social Progress of the demo school: baselines and reviews of every term, with their words and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from keywork.policy import Policy
from keywork.terms import AssessmentPeriod
from tsp.models import AssessmentPoint, Evidence, Narrative, Rating
from tsp.questions import templates
from tsp.questions.templates import Template
from tsp.rating.rules import EVIDENCE_FROM, EVIDENCE_SETTINGS

from .cast import BJ_RATINGS
from .goals import write_goals
from .people import School, Student
from .rows import DAY, Row, at, draw
from .sheets import EXAMPLES, write_feelings, write_repairs, write_sheets
from .spans import Span, spans_in
from .words import texts

NO_OPPORTUNITY, NOT_ANSWERED = 9, 8
RATING = ("point_id", "statement", "value", "carried_from_id", "confirmed_at", "by_id", "at", "version")
_SAID = texts("assessment-points")
# Which topics of a contact or a session an area may be seen in, for evidence that points at one.
_TOPICS = texts("examples")["topics"]


def write_tsp(school: School, policy: Policy) -> None:
    """Every student's terms."""
    form, spans_of = templates.current(), spans_in(school, policy)
    found: dict[int, list[Span]] = {}
    for student in school.come("tsp"):
        spans = found[student.id] = spans_of(student)
        points = _Points(student, form, Course(form, student))
        for span in spans:
            points.write_term(span)
        write_sheets(student, form, spans)
        write_goals(student, form, spans)
        write_feelings(student)
    longest = max(found.values(), key=len, default=[])
    write_repairs(school, form, [span for span in longest if span.is_recent])


class Course:
    """How the ratings of one student develop: slow rises, terms in which nothing moves, falls that have a reason.

    Each area has a level from 0 to 4 that moves from term to term; each statement lies a little above or below its area,
    always in the same way for one student. Kept cheap: a school of 2,000 has millions of ratings.
    """

    def __init__(self, form: Template, student: Student) -> None:
        rng = self.rng = student.rng
        self.place, self.pace = 0, rng.uniform(0.5, 1.5)
        before = 0.12 * max(
            0, (student.school.live_on - student.joined).days // 365
        )  # the years until Keywork
        self.levels = [
            min(3.1, rng.uniform(0.6, 1.9) + (0.0 if area.need in student.values["needs"] else 0.45) + before)
            for area in form.areas
        ]
        self.lost = [0.0] * len(self.levels)
        self.area_of = [place for place, area in enumerate(form.areas) for _ in area.statements]
        self.slugs = [one.slug for area in form.areas for one in area.statements]
        self.offsets = [rng.gauss(0.5, 0.5) for _ in self.slugs]
        self.noise = [rng.gauss(0, 0.22) for _ in range(61)]
        self.unseen = [self.slugs.index(slug) for slug in _SAID["seldom-seen"] if rng.random() < 0.3]

    def rate(self) -> list[int]:
        """The ratings as they would be found now, in the order of the form."""
        values, rng = [], self.rng
        for area, offset in zip(self.area_of, self.offsets, strict=True):
            self.place += 7
            values.append(max(0, min(4, int(self.levels[area] + offset + self.noise[self.place % 61]))))
        unseen = [*self.unseen, *rng.sample(range(len(values)), rng.random() < 0.25)]
        if rng.random() < 0.05:  # too few to say anything of one area
            area = rng.randrange(len(self.levels))
            unseen += rng.sample([number for number, found in enumerate(self.area_of) if found == area], 3)
        for number in unseen:
            values[number] = NO_OPPORTUNITY
        return values

    def a_term_passes(self) -> list[str]:
        """Levels move; the codes of whatever happened meanwhile, mostly none."""
        rng, happened = self.rng, self.rng.random() < 0.08
        hit = set(rng.sample(range(len(self.levels)), rng.choice((3, 4, 5)))) if happened else set()
        for number, level in enumerate(self.levels):
            back, fall = self.lost[number] * 0.6, rng.uniform(0.5, 1.0) if number in hit else 0.0
            self.lost[number] += fall - back
            step = float(draw(rng, _SAID["steps"])) * self.pace * (1.0 if level < 2.8 else 0.4)
            self.levels[number] = min(3.7, max(0.1, level + back - fall + step))
        return [rng.choice(_SAID["reasons"])] if happened else []

    def means(self, values: Sequence[int]) -> list[float]:
        """Of each area, over what was rated; roughly, to choose words by."""
        rated: list[list[int]] = [[] for _ in self.levels]
        for area, value in zip(self.area_of, values, strict=True):
            if value <= 4:
                rated[area].append(value)
        return [sum(found) / len(found) if found else 0.0 for found in rated]


@dataclass(slots=True)
class _Points:
    """Baselines and reviews of one student, oldest term first."""

    student: Student
    form: Template
    course: Course
    last: tuple[Row, list[int]] | None = None  # the last review, and its ratings

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

    def baseline(self, span: Span, how: str) -> list[int] | None:
        student, rng, due = self.student, self.student.rng, span.baseline
        if due is None or how == "none":
            return None
        if how in ("half", "bj"):
            self.half_done(span, due, how)
            return None
        latest = max(due.due_on + DAY, span.missed_on)
        opens = max(due.opens_on, span.first)
        first, last = min(opens + 3 * DAY, due.due_on), due.due_on
        if how != "on_time":
            first, last = latest if how == "last" else due.due_on + DAY, latest
        day = max(opens, min(student.school.pupil_day(student.weekday(first, last)), span.last))
        values, carried = self.course.rate(), frozenset[int]()
        if self.last:  # begun from the last review: most confirmed as they were, a few seen anew
            before = self.last[1]
            carried = frozenset(
                place for place, (old, new) in enumerate(zip(before, values, strict=True))
                if NO_OPPORTUNITY not in (old, new) and rng.random() < 0.9
            )  # fmt: skip
            values = [before[place] if place in carried else value for place, value in enumerate(values)]
        row = self.point(span, "baseline", day, values, carried)
        self.finish(row, span, day, values, self.last[1] if self.last else values)
        if how == "late" and rng.random() < 0.15:
            row["reopened_reason"] = _SAID["reopened"]
        span.baseline_on = day
        return values

    def review(self, span: Span, start: list[int] | None, contexts: list[str]) -> None:
        day = self.review_day(span)
        if day is not None:
            values = self.course.rate()
            before = start or (self.last[1] if self.last else values)
            row = self.point(span, "review", day, values)
            row["contexts"] = contexts
            self.finish(row, span, day, values, before)
            self.last, span.review_on = (row, values), day

    def review_day(self, span: Span) -> date | None:
        """Mostly while it is open; a few in the holiday after it, a few not at all. Leavers have theirs on the last days."""
        student, chance, due, left = self.student, self.student.rng.random(), span.review, self.student.left
        if due is None or due.opens_on > student.school.today or chance < 0.05:
            return None
        if left is not None and left < due.opens_on:
            return (
                left if student.school.calendar.pupil_days(span.first, left) > 30 and chance < 0.8 else None
            )
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
        now, many, old = self.course.rate(), rng.randrange(18, 45), self.last[1] if self.last else []
        if how == "bj":
            now, many = [*BJ_RATINGS], len(BJ_RATINGS)
        waiting = frozenset(n for n, value in enumerate(old) if n >= many and value != NO_OPPORTUNITY)
        rest = [old[n] if n in waiting else NOT_ANSWERED for n in range(many, len(self.course.slugs))]
        deputy = student.holder("deputy", day) if how == "half" else None
        row = self.point(
            span, "baseline", day, now[:many] + rest, waiting, waiting, deputy.id if deputy else None
        )
        slug = self.form.areas[rng.randrange(3)].slug
        self.tell(row, f"area:{slug}", student.fresh(_SAID["hard"][slug]), day)
        for place, value in enumerate(now[:many]):
            if EVIDENCE_FROM <= value <= 4 and (how == "bj" or rng.random() < 0.7):
                self.examples(row, place, 1, max(span.first, day - 40 * DAY), day)

    def point(
        self, span: Span, kind: str, day: date, values: list[int], carried: frozenset[int] = frozenset(),
        waiting: frozenset[int] = frozenset(), other: int | None = None,
    ) -> Row:  # fmt: skip
        """With its ratings. `carried` are places of what came from the last review, `waiting` of what is not confirmed
        yet; `other` is whose every second area is."""
        student = self.student
        opens = span.baseline.opens_on if kind == "baseline" and span.baseline else span.first
        begun = min(max(opens, span.first, day - student.rng.randrange(0, 9) * DAY), day)
        time, by = student.rng.choice(_SAID["hours"]), student.keyworker(day).id
        moment = at(day, "00:40" if day == student.school.today else time)
        row = student.add(
            AssessmentPoint, term=span.term.id, kind=kind, template_id=self.form.version_id, by=by, moment=moment,
            opened_at=at(begun, "08:50"), opened_by_id=student.keyworker(begun).id,
        )  # fmt: skip
        lines = self.ratings(row, values, carried, waiting, other, self.last[0]["id"] if self.last else None)
        student.school.rows.lines[Rating, RATING].append(lines)
        return row

    def ratings(
        self, row: Row, values: list[int], carried: frozenset[int], waiting: frozenset[int], other: int | None,
        carried_from: int | None,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """As lines made when they are written: there may be millions in all."""
        point, by, moment = row["id"], row["by"], row["moment"]
        for place, (value, slug, area) in enumerate(
            zip(values, self.course.slugs, self.course.area_of, strict=True)
        ):
            if value != NOT_ANSWERED:
                mine = other if other and area % 2 and place not in waiting else by
                yield (
                    point, slug, None if value == NO_OPPORTUNITY else value, carried_from if place in carried else None,
                    None if place in waiting else moment, mine, moment, 1,
                )  # fmt: skip

    def finish(self, row: Row, span: Span, day: date, values: list[int], before: list[int]) -> None:
        row |= {"done_on": day, "finished_at": row["moment"], "finished_by_id": row["by"]}
        if span.is_recent or row["kind"] == "review" or self.student.rng.random() > 0.7:
            self.narratives(row, span, day, values, before)
        self.evidence(row, span, day, values)

    def tell(self, row: Row, part: str, text: str, day: date, **names: str) -> None:
        told = self.student.say(text, day, **names)
        self.student.add(
            Narrative, point_id=row["id"], part=part, text=told, by_id=row["by"], at=row["moment"]
        )

    def narratives(self, row: Row, span: Span, day: date, values: list[int], before: list[int]) -> None:
        """A summary that fits; next steps; a line on two or three areas; the context of what fell."""
        student, rng, is_review = self.student, self.student.rng, row["kind"] == "review"
        now, slugs = self.course.means(values), [area.slug for area in self.form.areas]
        moved = [a - b for a, b in zip(now, self.course.means(before), strict=True)]
        order = sorted(range(len(slugs)), key=lambda place: now[place])
        up = max(order, key=lambda place: moved[place] if is_review else now[place])
        low = order[0] if order[0] != up else order[1]
        way = "falling" if row.get("contexts") else "rising" if max(moved) >= 0.3 else "level"
        names = {name: _SAID["areas"][slugs[place]] for name, place in (("up", up), ("low", low))}
        self.tell(row, "summary", student.fresh(_SAID[way if is_review else "starting"]), day, **names)
        for context in row.get("contexts", ()):
            self.tell(row, "context", rng.choice(_SAID["context"][context]), day)
        if not span.is_recent and rng.random() < 0.6:
            return
        hard = [order[2], low] if rng.random() < 0.5 else [low]
        steps = [student.fresh(_SAID["next"][slugs[place]]) for place in hard]
        self.tell(row, "next-steps", "\n".join([*steps, rng.choice(_SAID["last-next"])]), day)
        for place in rng.sample(order, rng.choice((2, 2, 3, 4))) if span.is_recent else ():
            lines = _SAID["well" if now[place] >= 2.0 else "hard"][slugs[place]]
            self.tell(row, f"area:{slugs[place]}", student.fresh(lines), day)

    def evidence(self, row: Row, span: Span, day: date, values: list[int]) -> None:
        """For many of the 3s and 4s of late, for a few of those long ago; some a piece short."""
        rng, high = self.student.rng, [n for n, value in enumerate(values) if EVIDENCE_FROM <= value <= 4]
        for place in high if span.is_recent else rng.sample(high, min(1, len(high))):
            if not span.is_recent or rng.random() < 0.5:
                wanted = EVIDENCE_SETTINGS[values[place]] - (rng.random() < 0.25)
                self.examples(row, place, wanted, max(span.first, day - 70 * DAY), day)

    def examples(self, row: Row, place: int, wanted: int, first: date, last: date) -> None:
        """`wanted` dated pieces, each from another place: entries of the log where they fit, else words."""
        student, rng, slug = self.student, self.student.rng, self.course.slugs[place]
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
