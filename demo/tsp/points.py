"""Baselines and reviews of one student, oldest term first, with their words and evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
RATING = ("window_id", "statement", "value", "carried_from_id", "confirmed_at", "by_id", "at", "version")
_HOURS = ("09:20", "10:51", "11:35", "13:10", "14:25", "15:40", "16:15", "17:05")
_SAID = texts("windows")
EXAMPLES: Mapping[str, Sequence[tuple[str, str]]] = texts("examples")["examples"]  # setting, what was seen
# Which topics of a contact or a session an area may be seen in, for evidence that points at one.
_TOPICS = texts("examples")["topics"]


@dataclass(slots=True)
class Span:
    """One term of one student. `ago` counts terms back from the present or last one, which is 0.

    `baseline` is None where none is owed; `last` the last day that counts: of the term, of the student, or today.
    The last two are the days on which the windows were finished.
    """

    term: Term
    ago: int
    first: date
    last: date
    is_now: bool
    baseline: terms.Window | None
    missed_on: date
    review: terms.Window | None
    baseline_on: date | None = None
    review_on: date | None = None


def spans_in(school: School, policy: Policy) -> Callable[[Student], list[Span]]:
    """Made once for the school; answers for a student, oldest first."""
    calendar, today = school.calendar, school.today
    begun = [one for one in calendar.terms if one.starts_on <= today and one.ends_on >= school.live_on]

    @cache
    def windows(term: Term, joined: date | None) -> tuple[terms.Window | None, date, terms.Window | None]:
        review = terms.review_window(term, policy, calendar)
        missed = terms.baseline_missed_on(term, calendar) or term.ends_on
        if joined is None:
            return terms.baseline_window(term, policy, calendar), missed, review
        new = terms.new_student_baseline(joined, policy, calendar)
        if new is None or new.term.id != term.id:
            return None, missed, review
        return terms.Window(joined, new.due_on), max(missed, new.due_on), review

    def of(student: Student) -> list[Span]:
        first_day, last_day = max(student.joined, school.live_on), min(today, student.left or today)
        found = []
        for ago, term in zip(reversed(range(len(begun))), begun, strict=True):
            if term.ends_on >= first_day and term.starts_on <= last_day:
                late = student.joined > (calendar.nth_pupil_day(term.starts_on, 1) or term.starts_on)
                first, last = max(term.starts_on, first_day), min(term.ends_on, last_day)
                baseline, missed_on, review = windows(term, student.joined if late else None)
                is_now = today <= term.ends_on
                found.append(Span(term, ago, first, last, is_now, baseline, missed_on, review))
        return found

    return of


def points_of(
    pen: Pen, form: Template, spans: Sequence[Span], course: Course, story: Mapping[str, Any]
) -> None:
    """Every window; `spans` are told when each was finished."""
    writer = _Writer(pen, form, course)
    for span in spans:
        how = story.get("baseline") if span.is_now else None
        start = writer.baseline(span, how or _how(pen, span)) if span.baseline is not None else None
        contexts = course.a_term_passes()
        if span.review is None or span.review.opens_on > pen.school.today or (span.is_now and not start):
            continue
        day = _review_day(pen, span, span.review)
        if day is not None:
            values, before = course.rate(), start or (writer.last and writer.last[1])
            writer.last = writer.finished(span, "review", day, values, before or None, contexts), values
            span.review_on = day


def _how(pen: Pen, span: Span) -> str:
    """How a baseline goes: on_time, late, half or none; what is not due yet has mostly not begun."""
    rng, today, due = pen.rng, pen.school.today, span.baseline
    assert due is not None
    if span.last < due.due_on and not span.is_now:
        return "on_time" if rng.random() < 0.5 else "none"  # left before it was due
    if today < due.due_on:
        gone = (today - due.opens_on).days / max(1, (due.due_on - due.opens_on).days)
        return "on_time" if rng.random() < gone * 0.7 else rng.choice(("half", "none"))
    weights = (62, 16, 12, 10) if span.is_now else (88, 7, 0, 5)
    return rng.choices(("on_time", "late", "half", "none"), weights)[0]


def _review_day(pen: Pen, span: Span, due: terms.Window) -> date | None:
    """Mostly in the window; a few in the holiday after it, a few not at all. Leavers have theirs on the last days."""
    rng, left = pen.rng, pen.student.left
    if left is not None and left < due.opens_on:
        attended = pen.school.calendar.pupil_days(span.first, left)
        return left if attended > 30 and rng.random() < 0.8 else None
    draw = rng.random()
    day = pen.weekday(due.opens_on + 2 * DAY, min(due.due_on, left or due.due_on))
    if draw < 0.08 and left is None:
        day = pen.weekday(due.due_on + DAY, due.due_on + 4 * DAY)
    return day if day <= pen.school.today and draw >= 0.05 else None


@dataclass(slots=True)
class _Writer:
    pen: Pen
    form: Template
    course: Course
    last: tuple[Row, list[int]] | None = None  # the last review, and its ratings

    def baseline(self, span: Span, how: str) -> list[int] | None:
        pen, last, due = self.pen, self.last, span.baseline
        assert due is not None
        if how in ("half", "bj"):
            self.half_done(span, due, how)
        if how not in ("late", "on_time"):
            return None
        opens = max(due.opens_on, span.first)
        day = (
            pen.weekday(due.due_on + DAY, max(due.due_on + DAY, span.missed_on))
            if how == "late"
            else pen.weekday(min(opens + 3 * DAY, due.due_on), due.due_on)
        )
        day = max(opens, min(pen.school.calendar.last_pupil_day_on_or_before(day) or day, span.last))
        values, carried = self.course.again(last[1]) if last else (self.course.rate(), frozenset[int]())
        row = self.finished(
            span,
            "baseline",
            day,
            values,
            last and last[1],
            [],
            carried_from=last and last[0]["id"],
            carried=carried,
        )
        if how == "late" and pen.rng.random() < 0.15:
            row["reopened_reason"] = _SAID["reopened"]
        span.baseline_on = day
        return values

    def opened(self, span: Span, kind: str, day: date) -> Row:
        opens = span.baseline.opens_on if kind == "baseline" and span.baseline else span.first
        begun = min(max(opens, span.first, day - self.pen.rng.randrange(0, 9) * DAY), day)
        return self.pen.add(
            AssessmentPoint, student_id=self.pen.student.id, term=span.term.id, kind=kind,
            template_id=self.form.version_id, opened_at=at(begun, "08:50"), opened_by_id=self.pen.keyworker(begun).id,
        )  # fmt: skip

    def finished(
        self, span: Span, kind: str, day: date, values: list[int], before: list[int] | None, contexts: list[str],
        **carried: Any,
    ) -> Row:  # fmt: skip
        pen = self.pen
        row = self.opened(span, kind, day)
        moment = at(day, "00:40" if day == pen.school.today else pen.rng.choice(_HOURS))
        by = pen.keyworker(day).id
        row |= {"contexts": contexts, "done_on": day, "finished_at": moment, "finished_by_id": by}
        self.rate(row, values, by, moment, **carried)
        if span.ago <= RECENT or kind == "review" or pen.rng.random() > 0.7:
            self.narratives(row, span, day, values, before)
        self.evidence(row, span, day, values)
        return row

    def rate(
        self, row: Row, values: list[int], by: int, moment: str, carried_from: int | None = None,
        carried: frozenset[int] = frozenset(), waiting: frozenset[int] = frozenset(), other: int | None = None,
    ) -> None:  # fmt: skip
        """`carried` are places of what came from the last review, `waiting` of what is not confirmed yet; `other`
        is whose the second areas are."""
        self.pen.school.rows.packed[Rating].append(
            (row["id"], values, by, moment, carried_from, carried, waiting, other)
        )

    def narratives(
        self, row: Row, span: Span, day: date, values: list[int], before: list[int] | None
    ) -> None:
        """A summary that fits; next steps; a line on two or three areas; the context of what fell."""
        pen, rng, is_review = self.pen, self.pen.rng, row["kind"] == "review"
        now = self.course.means(values)
        moved = [a - b for a, b in zip(now, self.course.means(before or values), strict=True)]
        slugs = [area.slug for area in self.form.areas]
        order = sorted(range(len(slugs)), key=lambda place: now[place])
        up = max(range(len(slugs)), key=lambda place: moved[place] if is_review else now[place])
        low = order[0] if order[0] != up else order[1]
        summary = "starting" if not is_review else "falling" if row["contexts"] else "level"
        if summary == "level" and max(moved) >= 0.3:
            summary = "rising"
        names = {"up": _SAID["areas"][slugs[up]], "low": _SAID["areas"][slugs[low]]}

        def write(part: str, text: str) -> None:
            told = pen.say(text, day, **names)
            pen.add(
                Narrative,
                window_id=row["id"],
                part=part,
                text=told,
                by_id=row["finished_by_id"],
                at=row["finished_at"],
            )

        write("summary", pen.fresh(_SAID[summary]))
        if span.ago <= RECENT or rng.random() < 0.4:
            hard = [order[2], low] if rng.random() < 0.5 else [low]
            steps = [pen.fresh(_SAID["next"][slugs[place]]) for place in hard]
            write("next-steps", "\n".join([*steps, rng.choice(_SAID["last-next"])]))
        for context in row["contexts"]:
            write("context", rng.choice(_SAID["context"][context]))
        for place in rng.sample(range(len(slugs)), rng.choice((2, 2, 3, 4))) if span.ago <= RECENT else ():
            write(
                f"area:{slugs[place]}",
                pen.fresh(_SAID["well" if now[place] >= 2.0 else "hard"][slugs[place]]),
            )

    def evidence(self, row: Row, span: Span, day: date, values: list[int]) -> None:
        """For many of the 3s and 4s of late, for a few of those long ago; some a piece short."""
        rng = self.pen.rng
        high = [place for place, value in enumerate(values) if EVIDENCE_FROM <= value <= 4]
        if span.ago > RECENT:
            high = rng.sample(high, min(1, len(high)))
        for place in high:
            if span.ago > RECENT or rng.random() < 0.5:
                wanted = EVIDENCE_SETTINGS[values[place]] - (rng.random() < 0.25)
                self.examples(row, place, wanted, max(span.first, day - 70 * DAY), day)

    def examples(self, row: Row, place: int, wanted: int, first: date, last: date) -> None:
        """`wanted` dated pieces, each from another place: entries of the log where they fit, else words."""
        pen, rng, slug = self.pen, self.pen.rng, self.course.slugs[place]
        topics = set(_TOPICS[self.form.statements[slug].area])
        made = {
            "window_id": row["id"], "statement": slug, "by_id": row.get("finished_by_id") or row["opened_by_id"],
            "at": row.get("finished_at") or row["opened_at"],
        }  # fmt: skip
        near = [one for one in pen.sources if first <= one.on <= last and topics.intersection(one.topics)]
        rng.shuffle(near)
        settings: set[str] = set()
        for source in near[:3]:
            setting = "home" if source.kind == "contact" else "keywork"
            if len(settings) < wanted and setting not in settings and rng.random() < 0.6:
                settings.add(setting)
                pen.add(
                    Evidence,
                    on=source.on,
                    setting=setting,
                    source_kind=source.kind,
                    source_pk=source.pk,
                    **made,
                )
        boards = pen.student.values.get("placement", "day") != "day"
        never = {"residence": not boards, "work": pen.student.year < 10}
        for setting, text in rng.sample(EXAMPLES[slug], len(EXAMPLES[slug])):
            if len(settings) < wanted and setting not in settings and not never.get(setting):
                settings.add(setting)
                on = pen.weekday(first, last)
                pen.add(Evidence, on=on, setting=setting, words=pen.say(text, on), **made)

    def half_done(self, span: Span, due: terms.Window, how: str) -> None:
        """Begun and not finished, by keyworker and deputy; what was carried over waits to be confirmed."""
        pen, rng = self.pen, self.pen.rng
        day = max(span.first, min(pen.school.today - rng.randrange(1, 6) * DAY, span.last))
        if day < due.opens_on:
            return
        row, area_of = self.opened(span, "baseline", day), self.course.area_of
        by, deputy, waiting, carried_from = (
            row["opened_by_id"],
            pen.holder("deputy", day),
            frozenset[int](),
            None,
        )
        if how == "bj":
            given = texts("cast")["bj_ratings"]
            values, deputy = [*given, *[NOT_ANSWERED] * (len(area_of) - len(given))], None
        else:
            values = self.course.rate()
            begun = set(rng.sample(range(len(self.form.areas)), rng.choice((3, 4, 5, 6))))
            partly = rng.choice(sorted(begun))
            kept = {
                n
                for n, area in enumerate(area_of)
                if area in begun and (area != partly or rng.random() < 0.6)
            }
            old = [NOT_ANSWERED] * len(values)
            if self.last is not None:  # everything there was is shown already, to be confirmed area by area
                carried_from, old = self.last[0]["id"], self.last[1]
                waiting = frozenset(
                    n for n, value in enumerate(old) if n not in kept and value != NO_OPPORTUNITY
                )
            values = [
                value if n in kept else old[n] if n in waiting else NOT_ANSWERED
                for n, value in enumerate(values)
            ]
        moment = at(day, rng.choice(_HOURS))
        self.rate(row, values, by, moment, carried_from, waiting, waiting, deputy.id if deputy else None)
        slug = self.form.areas[rng.randrange(3)].slug
        words = pen.tell(_SAID["hard"][slug], day)
        pen.add(Narrative, window_id=row["id"], part=f"area:{slug}", text=words, by_id=by, at=moment)
        for place, value in enumerate(values):
            if EVIDENCE_FROM <= value <= 4 and place not in waiting and (how == "bj" or rng.random() < 0.7):
                self.examples(row, place, 1, max(span.first, day - 40 * DAY), day)


def rating_lines(
    places: Sequence[tuple[str, int]], window: int, values: list[int], by: int, moment: str, carried_from: int | None,
    carried: frozenset[int], waiting: frozenset[int], other: int | None,
) -> str:  # fmt: skip
    """The ratings of one window in COPY's form: there may be millions in all, so they are never dicts."""
    lines = []
    for place, (value, (slug, area)) in enumerate(zip(values, places, strict=True)):
        if value != NOT_ANSWERED:
            origin = carried_from if carried_from is not None and place in carried else "\\N"
            told = "\\N" if value == NO_OPPORTUNITY else value
            confirmed = "\\N" if place in waiting else moment
            mine = other if other is not None and area % 2 and place not in waiting else by
            lines.append(f"{window}\t{slug}\t{told}\t{origin}\t{confirmed}\t{mine}\t{moment}\t1\n")
    return "".join(lines)
