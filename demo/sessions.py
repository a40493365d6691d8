"""Keywork sessions, half-term by half-term, and the days students were away."""

from __future__ import annotations

from datetime import date, timedelta

from keywork.calendar import Block

from . import words
from .history import Row, Writer, entry_of
from .people import Link

_DAY = timedelta(days=1)
REQUIRED = ("attendance", "engagement", "social_progress")
EXTRA = ("points", "feelings", "friends", "goals", "home")
CATCH_UP_DAYS = 14


def sessions_of(writer: Writer) -> list[Row]:
    """Every session of one student, oldest first; the fields of contacts.KeyworkSession."""
    student, school = writer.student, writer.school
    first, last = max(student.joined, school.live_on), min(school.today, student.left or school.today)
    window = school.calendar.block_on(school.today) or school.calendar.block_before(school.today)
    previous = school.calendar.block_before(window.starts_on) if window is not None else None
    rows: list[Row] = []
    for block in school.calendar.blocks:
        if block.ends_on < first or block.starts_on > last:
            continue
        days = _pupil_days(writer, max(block.starts_on, first), min(block.ends_on, last))
        wanted = _story(writer, block, window, previous, len(days))
        rows += _in_block(writer, block, days, wanted, last)
    return sorted(rows, key=lambda row: row["happened_on"])


def absences_of(writer: Writer) -> list[tuple[date, date, str]]:
    """Days away: a few short illnesses, and for one story the whole of the present half-term."""
    student, school, rng = writer.student, writer.school, writer.rng
    first, last = max(student.joined, school.live_on), min(school.today, student.left or school.today)
    window = school.calendar.block_on(school.today) or school.calendar.block_before(school.today)
    found: list[tuple[date, date, str]] = []
    for block in school.calendar.blocks:
        if block.ends_on < first or block.starts_on > last:
            continue
        if student.ending.session == "absent" and block is window:
            found.append(
                (max(block.starts_on, first), block.ends_on, "In hospital, with the hospital school")
            )
        elif rng.random() < 0.3:
            days = _pupil_days(writer, max(block.starts_on, first), min(block.ends_on, last))
            if days:
                began = rng.choice(days)
                note = rng.choice(
                    (
                        "Cold",
                        "Stomach upset",
                        "Dentist",
                        "Hospital visit",
                        "Family funeral",
                        "Unwell",
                        "Tired after a hard weekend",
                    )
                )
                found.append((began, min(began + rng.choice((0, 0, 0, 1, 2)) * _DAY, last), note))
    return found


def _pupil_days(writer: Writer, first: date, last: date) -> list[date]:
    span = range(first.toordinal(), last.toordinal() + 1)
    return [date.fromordinal(day) for day in span if day in writer.days.pupil]


def _story(writer: Writer, block: Block, window: Block | None, previous: Block | None, days: int) -> str:
    """How the half-term goes: as the student's story says for the latest ones, else by chance."""
    session = writer.student.ending.session
    running = writer.school.today <= block.ends_on
    if block is window and session not in ("", "missed", "met_late"):
        return session
    if (session == "missed" and block is previous) or (session == "missed" and block is window):
        return "open" if running else "missed"
    if session == "met_late" and (
        block is previous if running or window is None else block in (previous, window)
    ):
        return "met_late"
    rng = writer.rng
    keyworker = writer.keyworker_on(writer.school.today if running else block.ends_on)
    steady = keyworker.punctual if keyworker is not None else 0.6
    if running:
        # Not everyone has been met yet: the more of the half-term is gone, the more have.
        if rng.random() > min(0.95, days / 28):
            return rng.choices(("open", "part"), (5, 1))[0]
        return "met"
    if days < 10:
        return "met" if rng.random() < 0.3 else "open"
    if rng.random() < steady:
        return rng.choices(("met", "two", "declined"), (84, 12, 4))[0]
    return rng.choices(("missed", "met_late", "part", "declined"), (45, 30, 15, 10))[0]


def _in_block(writer: Writer, block: Block, days: list[date], wanted: str, last: date) -> list[Row]:
    rng = writer.rng
    rows: list[Row] = []
    if not days:
        return _catch_up(writer, block, last) if wanted == "met_late" else rows
    # Sessions come after the first week, and most well before the last.
    later = days[min(5, len(days) - 1) :]
    if wanted == "met":
        if rng.random() < 0.12:
            rows.append(
                _not_held(
                    writer, rng.choice(days[: max(1, len(days) // 3)]), rng.choice(("cancelled", "no_show"))
                )
            )
        rows.append(_held(writer, rng.choice(later), REQUIRED))
    elif wanted == "two" and len(later) >= 2:
        one, two = sorted(rng.sample(later, 2))
        split = rng.sample(REQUIRED, 3)
        rows += [_held(writer, one, tuple(split[:2])), _held(writer, two, tuple(split[2:]))]
    elif wanted in ("two", "part"):
        rows.append(_held(writer, rng.choice(later), ("attendance", "social_progress")))
    elif wanted == "declined" and len(days) >= 2:
        rows += [_not_held(writer, day, "declined") for day in sorted(rng.sample(days, 2))]
    elif wanted == "met_late":
        rows += _catch_up(writer, block, last)
    elif wanted == "missed" and rng.random() < 0.5:
        rows.append(_not_held(writer, rng.choice(later), rng.choice(("no_show", "cancelled"))))
    return rows


def _catch_up(writer: Writer, block: Block, last: date) -> list[Row]:
    """Held soon after the half-term had ended, for it (H6); nothing if that is still to come."""
    after = [block.ends_on + number * _DAY for number in range(1, CATCH_UP_DAYS + 1)]
    after = [day for day in after if day <= last and day.weekday() < 5]
    if not after:
        return []
    row = _held(writer, writer.rng.choice(after[-6:]), REQUIRED)
    row |= {
        "catch_up_for": block.id,
        "how": "remote" if row["happened_on"].toordinal() not in writer.days.pupil else "in_person",
    }
    return [row]


def _common(writer: Writer, day: date, status: str) -> Row:
    maker = writer.keyworker_on(day) or writer.maker_on(day)
    return entry_of(writer, day, maker) | {"status": status}


def _home(writer: Writer) -> Link | None:
    return writer.people[0] if writer.people else None


def _held(writer: Writer, day: date, required: tuple[str, ...]) -> Row:
    rng = writer.rng
    topics = [*required, *rng.sample(EXTRA, rng.choice((0, 1, 1, 2)))]
    said = writer.words(_home(writer))
    row = _common(writer, day, "held")
    row |= {
        "topics": topics,
        "minutes": rng.choice((15, 20, 20, 25, 30, 30, 35, 40, 45)),
        "how": "remote" if rng.random() < 0.05 else "in_person",
        "notes": words.session_note(rng, topics, said),
        "agreed": words.one_of(rng, words.AGREED, said) if rng.random() < 0.75 else "",
    }
    if rng.random() < 0.012:
        row |= {"level": "restricted", "notes": words.one_of(rng, words.RESTRICTED, said)}
    return row


def _not_held(writer: Writer, day: date, status: str) -> Row:
    return _common(writer, day, status) | {
        "topics": [],
        "notes": words.one_of(writer.rng, words.NOT_HELD[status], writer.words(_home(writer))),
    }
