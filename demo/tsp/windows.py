"""Baselines and reviews of one student, oldest term first, with their words and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from keywork.calendar import SchoolCalendar
from tsp.rating.rules import EVIDENCE_FROM, EVIDENCE_SETTINGS

from ..history import Row
from . import words_windows as said
from .profile import Course, Reading
from .rows import NO_OPPORTUNITY, NOT_ANSWERED, Pen, Rated, Source, at
from .stories import BJ_RATINGS, Story
from .when import Span
from .words_examples import EXAMPLES, TOPICS

_DAY = timedelta(days=1)
RECENT = 2  # terms back in which much was written down; before that less
_HOURS = ("09:20", "10:51", "11:35", "13:10", "14:25", "15:40", "16:15", "17:05")


@dataclass(slots=True)
class Done:
    """What became of one term: the days on which its windows were finished, None where they were not."""

    span: Span
    baseline_on: date | None = None
    review_on: date | None = None


def windows_of(pen: Pen, spans: Sequence[Span], course: Course, story: Story) -> list[Done]:
    """Writes into `pen.rows`; what was finished when."""
    found: list[Done] = []
    last_review: tuple[Row, Reading] | None = None
    for span in spans:
        done = Done(span)
        found.append(done)
        how = story.baseline if span.is_now and story.baseline else _how(pen, span)
        before = last_review[1] if last_review else None
        start = None
        if span.baseline is not None and how != "none":
            start = _baseline(pen, span, course, how, last_review, done)
        contexts = course.a_term_passes()
        if span.review is None or span.review.opens_on > pen.school.today or (span.is_now and not start):
            continue
        reviewed = _review_day(pen, span)
        if reviewed is None:
            continue
        reading = course.rate()
        reading.contexts = contexts
        last_review = (_finished(pen, span, "review", reviewed, reading, course, start or before), reading)
        done.review_on = reviewed
    return found


def _how(pen: Pen, span: Span) -> str:
    """How a baseline goes: on_time, late, half or none; what is not due yet has mostly not begun."""
    rng, today = pen.rng, pen.school.today
    if span.baseline is None:
        return "none"
    if span.last < span.baseline.due_on and not span.is_now:
        return "on_time" if rng.random() < 0.5 else "none"  # left before it was due
    if today < span.baseline.due_on:
        gone = (today - span.baseline.opens_on).days / max(
            1, (span.baseline.due_on - span.baseline.opens_on).days
        )
        return "on_time" if rng.random() < gone * 0.7 else rng.choice(("half", "none"))
    on_time, late, half, none = (62, 16, 12, 10) if span.is_now else (88, 7, 0, 5)
    return rng.choices(("on_time", "late", "half", "none"), (on_time, late, half, none))[0]


def _baseline(
    pen: Pen,
    span: Span,
    course: Course,
    how: str,
    last_review: tuple[Row, Reading] | None,
    done: Done,
) -> Reading | None:
    assert span.baseline is not None
    if how in ("half", "bj"):
        _half_done(pen, span, course, how, last_review)
        return None
    calendar = pen.school.calendar
    due = span.baseline.due_on
    opens = max(span.baseline.opens_on, span.first)
    if how == "late":
        day = _school_day(calendar, pen.weekday(due + _DAY, max(due + _DAY, span.missed_on)))
    else:
        day = _school_day(calendar, pen.weekday(min(opens + 3 * _DAY, due), due))
    day = max(opens, min(day, span.last))
    if last_review is None:
        reading, carried = course.rate(), frozenset[int]()
    else:
        reading, carried = course.again(last_review[1])
    row = _finished(pen, span, "baseline", day, reading, course, last_review[1] if last_review else None)
    if last_review is not None:
        rated = pen.rows.rated[-1]
        rated.carried_from, rated.carried = last_review[0]["id"], carried
    if how == "late" and pen.rng.random() < 0.15:
        row["reopened_reason"] = said.REOPENED
    done.baseline_on = day
    return reading


def _review_day(pen: Pen, span: Span) -> date | None:
    """Mostly in the window; a few in the holiday after it, a few not at all. Leavers have theirs on the last days."""
    assert span.review is not None
    rng, today = pen.rng, pen.school.today
    student = pen.student
    if student.left is not None and student.left < span.review.opens_on:
        attended = pen.school.calendar.pupil_days(span.first, student.left)
        return student.left if attended > 30 and rng.random() < 0.8 else None
    draw = rng.random()
    if draw < 0.05:
        return None
    late = draw < 0.08 and student.left is None
    first, last = (
        (span.review.due_on + _DAY, span.review.due_on + 4 * _DAY)
        if late
        else (span.review.opens_on + 2 * _DAY, min(span.review.due_on, student.left or span.review.due_on))
    )
    day = pen.weekday(first, last)
    return day if day <= today else None


def _school_day(calendar: SchoolCalendar, day: date) -> date:
    return calendar.last_pupil_day_on_or_before(day) or day


def _opened(pen: Pen, span: Span, kind: str, day: date) -> Row:
    opens = span.baseline.opens_on if kind == "baseline" and span.baseline else span.first
    begun = max(opens, span.first, day - pen.rng.randrange(0, 9) * _DAY)
    by = pen.keyworker(begun).id
    return pen.rows.add(
        "windows",
        student_id=pen.student.id,
        term=span.term.id,
        kind=kind,
        template_id=pen.form.version_id,
        opened_at=at(min(begun, day), "08:50"),
        opened_by_id=by,
    )


def _finished(
    pen: Pen, span: Span, kind: str, day: date, reading: Reading, course: Course, before: Reading | None
) -> Row:
    time = pen.rng.choice(_HOURS)
    if day == pen.school.today:
        time = "00:40"
    row = _opened(pen, span, kind, day)
    by = pen.keyworker(day).id
    row |= {
        "contexts": reading.contexts,
        "done_on": day,
        "finished_at": at(day, time),
        "finished_by_id": by,
    }
    pen.rows.rated.append(Rated(row["id"], reading.values, by, at(day, time)))
    _narratives(pen, row, span, day, reading, course, before)
    _evidence(pen, row, span, day, reading)
    return row


# ---------------------------------------------------------------------------------------- words


def _narratives(
    pen: Pen, row: Row, span: Span, day: date, reading: Reading, course: Course, before: Reading | None
) -> None:
    """A summary that fits; next steps; a line on two or three areas; the context of what fell."""
    rng = pen.rng
    if span.ago > RECENT and row["kind"] == "baseline" and rng.random() < 0.7:
        return
    now = course.means(reading)
    then = course.means(before) if before else now
    moved = [a - b for a, b in zip(now, then, strict=True)]
    slugs = [area.slug for area in pen.form.areas]
    order = sorted(range(len(slugs)), key=lambda place: now[place])
    low = order[0]
    up = max(range(len(slugs)), key=lambda place: moved[place] if row["kind"] == "review" else now[place])
    if up == low:
        low = order[1]
    texts: tuple[str, ...]
    if row["kind"] == "baseline":
        texts = said.STARTING
    elif reading.contexts:
        texts = said.FALLING
    elif max(moved) >= 0.3:
        texts = said.RISING
    else:
        texts = said.LEVEL
    names = {"up": said.AREAS[slugs[up]], "low": said.AREAS[slugs[low]]}

    def write(part: str, text: str) -> None:
        pen.rows.add(
            "narratives",
            window_id=row["id"],
            part=part,
            text=pen.say(text, day, **names),
            by_id=row["finished_by_id"],
            at=row["finished_at"],
        )

    write("summary", pen.fresh(texts))
    if span.ago <= RECENT or rng.random() < 0.4:
        steps = [pen.fresh(said.NEXT[slugs[low]]), rng.choice(said.LAST_NEXT)]
        if rng.random() < 0.5:
            steps.insert(0, pen.fresh(said.NEXT[slugs[order[2]]]))
        write("next-steps", "\n".join(steps))
    for context in reading.contexts:
        write("context", rng.choice(said.CONTEXT[context]))
    if span.ago <= RECENT:
        for place in rng.sample(range(len(slugs)), rng.choice((2, 2, 3, 4))):
            lines = said.WELL if now[place] >= 2.0 else said.HARD
            write(f"area:{slugs[place]}", pen.fresh(lines[slugs[place]]))


def _evidence(pen: Pen, row: Row, span: Span, day: date, reading: Reading) -> None:
    """For many of the 3s and 4s of late, for a few of those long ago; some a piece short."""
    rng = pen.rng
    slugs = [one.slug for area in pen.form.areas for one in area.statements]
    high = [place for place, value in enumerate(reading.values) if EVIDENCE_FROM <= value <= 4]
    if span.ago > RECENT:
        high = rng.sample(high, min(1, len(high)))
    first = max(span.first, day - 70 * _DAY)
    near = [one for one in pen.sources if first <= one.on <= day]
    for place in high:
        if span.ago <= RECENT and rng.random() > 0.5:
            continue
        slug = slugs[place]
        wanted = EVIDENCE_SETTINGS[reading.values[place]] - (rng.random() < 0.25)
        area = pen.form.statements[slug].area
        write_evidence(pen, row, slug, wanted, near, first, day, TOPICS[area])


def write_evidence(
    pen: Pen,
    row: Row,
    slug: str,
    wanted: int,
    near: Sequence[Source],
    first: date,
    last: date,
    topics: frozenset[str],
) -> None:
    """`wanted` dated pieces, each from another place: entries of the log where they fit, else words."""
    rng = pen.rng
    placement, year = pen.student.values.get("placement", "day"), pen.student.year
    by = row.get("finished_by_id") or row["opened_by_id"]
    settings: set[str] = set()
    fitting = [one for one in near if topics.intersection(one.topics)]
    rng.shuffle(fitting)
    for source in fitting[:3]:
        setting = "home" if source.kind == "contact" else "keywork"
        if len(settings) >= wanted or setting in settings or rng.random() > 0.6:
            continue
        settings.add(setting)
        pen.rows.add(
            "evidence",
            window_id=row["id"],
            statement=slug,
            on=source.on,
            setting=setting,
            source_kind=source.kind,
            source_pk=source.pk,
            by_id=by,
            at=row.get("finished_at") or row["opened_at"],
        )
    for setting, text in rng.sample(EXAMPLES[slug], len(EXAMPLES[slug])):
        if len(settings) >= wanted:
            return
        if (
            setting in settings
            or (setting == "residence" and placement == "day")
            or (setting == "work" and year < 10)
        ):
            continue
        settings.add(setting)
        on = pen.weekday(first, last)
        pen.rows.add(
            "evidence",
            window_id=row["id"],
            statement=slug,
            on=on,
            setting=setting,
            words=pen.say(text, on),
            by_id=by,
            at=row.get("finished_at") or row["opened_at"],
        )


# -------------------------------------------------------------------------------------- begun


def _half_done(
    pen: Pen, span: Span, course: Course, how: str, last_review: tuple[Row, Reading] | None
) -> None:
    """Begun and not finished, by keyworker and deputy; what was carried over waits to be confirmed."""
    assert span.baseline is not None
    rng, today = pen.rng, pen.school.today
    day = max(span.first, min(today - rng.randrange(1, 6) * _DAY, span.last))
    if day < span.baseline.opens_on:
        return
    row = _opened(pen, span, "baseline", day)
    by = row["opened_by_id"]
    other = pen.holder("deputy", day)
    area_of = course.area_of
    if how == "bj":
        values = list(BJ_RATINGS)
        values += [NOT_ANSWERED] * (len(area_of) - len(values))
        others: frozenset[int] = frozenset()
        waiting: frozenset[int] = frozenset()
        carried_from = None
    else:
        values = course.rate().values
        begun = set(rng.sample(range(len(pen.form.areas)), rng.choice((3, 4, 5, 6))))
        partly = rng.choice(sorted(begun))
        waiting, carried_from = frozenset(), None
        kept = {
            place
            for place, area in enumerate(area_of)
            if area in begun and (area != partly or rng.random() < 0.6)
        }
        if last_review is not None:
            # Everything there was is shown already, to be confirmed area by area.
            carried_from = last_review[0]["id"]
            old = last_review[1].values
            waiting = frozenset(
                place for place in range(len(values)) if place not in kept and old[place] != NO_OPPORTUNITY
            )
            values = [old[place] if place in waiting else value for place, value in enumerate(values)]
        values = [
            value if place in kept or place in waiting else NOT_ANSWERED for place, value in enumerate(values)
        ]
        others = frozenset(place for place in kept if area_of[place] % 2) if other else frozenset()
    time = rng.choice(_HOURS)
    pen.rows.rated.append(
        Rated(
            row["id"],
            values,
            by,
            at(day, time),
            carried_from=carried_from,
            carried=waiting,
            waiting=waiting,
            other_id=other.id if other else None,
            others=others,
        )
    )
    area = pen.form.areas[rng.randrange(3)]
    pen.rows.add(
        "narratives",
        window_id=row["id"],
        part=f"area:{area.slug}",
        text=pen.say(pen.fresh(said.HARD[area.slug]), day),
        by_id=by,
        at=at(day, time),
    )
    slugs = [one.slug for found in pen.form.areas for one in found.statements]
    first = max(span.first, day - 40 * _DAY)
    near = [one for one in pen.sources if first <= one.on <= day]
    for place, value in enumerate(values):
        if EVIDENCE_FROM <= value <= 4 and place not in waiting and (how == "bj" or rng.random() < 0.7):
            slug = slugs[place]
            write_evidence(pen, row, slug, 1, near, first, day, TOPICS[pen.form.statements[slug].area])
