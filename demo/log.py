"""The log as it would have come about: each keyworker's habits with families, tries, late notes; sessions by half-term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Model

from contacts.clock import outcome
from contacts.models import ContactHold, HomeContact, KeyworkSession
from contacts.summary import home_summary
from keywork import clock
from keywork.calendar import Block
from students.models import Absence

from . import words
from .cast import PEOPLE
from .people import Link, School, Source, Staff, Student
from .rows import DAY, Row, at, done, draw, is_working_day, working_day
from .words import texts

INTERVAL, CATCH_UP_DAYS = 14, 14
_SAID = texts("log")


def write_log(school: School) -> None:
    """Contacts, sessions, absences and holds of every student, each in the order in which they happened."""
    taught = {
        block: [day for day in _days(block.starts_on, block.ends_on) if school.calendar.is_pupil_day(day)]
        for block in school.calendar.blocks
        if block.ends_on >= school.live_on and block.starts_on <= school.today
    }
    written: list[tuple[Student, str, type[Model], Row]] = []
    for student in school.come("log"):
        written += [(student, "contact", HomeContact, row) for row in _contacts(student)]
        written += [(student, "session", KeyworkSession, row) for row in _sessions(student, taught)]
    for student, kind, model, row in sorted(written, key=lambda one: one[3]["happened_on"]):
        made = student.add(model, **row)
        if _is_open(row) and row["topics"] and row.get("status", "held") == "held":
            student.sources.append(Source(kind, made["id"], row["happened_on"], tuple(row["topics"])))


def _is_open(row: Row) -> bool:
    """Whether everyone of the team may read it."""
    return row.get("level", "general") == "general" and "voided_on" not in row


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


# ----------------------------------------------------------------------------------------------------------- contacts


def _contacts(student: Student) -> list[Row]:
    """Every contact and try; before a hold that stands now home was last reached."""
    rng, ending, rows = student.rng, student.story("ending"), list[Row]()
    first, last = student.first_day, student.last_day
    if "hold" in ending:
        began, ends = (last + days * DAY for days in ending["hold"])
        student.add(
            ContactHold, starts_on=began, ends_on=ends, reason=PEOPLE["bereavement"],
            **done("placed", began, "00:01", student.school.holding("dsl").id),
        )  # fmt: skip
    if ending.get("nothing_logged") or not student.home() or first >= last:
        return rows
    before = first
    for day in _rhythm(student, last - (ending["last"] + 8) * DAY if "last" in ending else last):
        if (day - before).days > INTERVAL and rng.random() < 0.3:
            # Three tries by two channels before a due date: what makes a miss count as tried (C7).
            tries = zip((10, 12, 14), _SAID["tried"][1:], strict=True)
            rows += [_attempt(student, before + after * DAY, *how) for after, how in tries]
        rows += _around(student, day)
        before = day
    if "last" in ending and (final := working_day(last - ending["last"] * DAY)) >= first:
        rows.append(_contact(student, final, student.keyworker(final), prompt=True))
    rows += [_attempt(student, last - ago * DAY, *how) for ago, *how in ending.get("tries", ())]
    return rows


def _rhythm(student: Student, stop: date) -> Iterator[date]:
    """The days on which home was reached, at the pace of whoever was keyworker; a new family is rung early."""
    rng, before = student.rng, student.first_day - DAY
    day = student.first_day + rng.randint(2, 9) * DAY
    while day <= stop:
        if day.weekday() > 4:
            day = working_day(day) + (3 * DAY if rng.random() < 0.15 else 0 * DAY)
        day = _rung_on(day, before)
        yield day
        before = day
        keyworker = student.holder("keyworker", day)
        late = rng.random() > (keyworker.punctual if keyworker is not None else 0.75)
        day += (rng.choice(_SAID["late-gaps"]) if late else int(draw(rng, _SAID["gaps"]))) * DAY


def _rung_on(day: date, before: date) -> date:
    """Before a bank holiday or Christmas rather than after it, where home was not rung then already."""
    if (earlier := working_day(day)) > before:
        return earlier
    while not is_working_day(day):
        day += DAY
    return day


def _around(student: Student, day: date) -> Iterator[Row]:
    """A contact with the tries before it, and now and then a call back."""
    rng, maker, last = student.rng, _maker(student, day), student.last_day
    for number in range(rng.choice((1, 1, 1, 2, 3)) if rng.random() < 0.15 else 0, 0, -1):
        if day - number * DAY >= student.first_day + 2 * DAY:
            channel, reached = rng.choice(_SAID["tried"])
            yield _attempt(student, day - number * DAY, channel, reached, maker)
    yield _contact(student, min(day, last), maker)
    chance = rng.random()
    if chance < 0.014:  # the same thing twice, or for somebody else: voided a little later
        voided = min(max(working_day(day + rng.randrange(0, 4) * DAY), day), student.school.today)
        yield _contact(student, min(day, last), maker, prompt=True) | {
            "voided_on": voided, "voided_by_id": maker.id, "void_reason": rng.choice(_SAID["voided"]),
            "shared": False, "shared_summary": "",
        }  # fmt: skip
    elif chance < 0.1 and day + 3 * DAY < last:
        back = working_day(day + rng.randrange(1, 4) * DAY)
        yield _contact(student, max(back, day), maker, incoming=True)


def _maker(student: Student, day: date) -> Staff:
    """Mostly the keyworker; sometimes, or without one, the deputy or mentor."""
    keyworker, chance = student.holder("keyworker", day), student.rng.random()
    if keyworker is not None and chance < 0.88:
        return keyworker
    return student.holder("mentor" if chance > 0.96 else "deputy", day) or student.keyworker(day)


def _entry(student: Student, day: date, maker: Staff, *, prompt: bool = False) -> Row:
    """What contacts and sessions share: when it happened, by whom, when it was written down and approved."""
    rng, today, now = student.rng, student.school.today, clock.now().astimezone(clock.LONDON)
    hour, minute = rng.choice(_SAID["hours"]), rng.randrange(0, 60, 5)
    late = not prompt and rng.random() > maker.prompt
    logged = day + (rng.choice(_SAID["lags"]) if late else 0) * DAY
    logged = min(max(working_day(logged), day), today)
    begun, then = f"{hour:02d}:{minute:02d}", f"{hour + (logged > day):02d}:{min(minute + 4, 59):02d}"
    row: Row = {
        "happened_on": day, "made_by_id": maker.id, "logged_by_id": maker.id,
        "happened_time": None if day == today and begun > f"{now:%H:%M}" else begun, "logged_on": logged,
        "logged_at": now if logged == today and then > f"{now:%H:%M}" else at(logged, then),
    }  # fmt: skip
    if (logged - day).days > 14:
        row |= {
            "needs_approval": True, "approved_on": min(max(working_day(logged + DAY), logged), today),
            "approved_by_id": student.school.holding("head").id, "approval_reason": rng.choice(_SAID["late-reason"]),
        }  # fmt: skip
    return row


def _with_home(student: Student, day: date, maker: Staff, person: Link, *, prompt: bool, **row: Any) -> Row:
    return _entry(student, day, maker, prompt=prompt) | {
        "member_id": person.member_id, "with_name": f"{person.name} ({person.values['relationship']})",
        "person_marked": person.may("keywork_contact"), "call": UUID(int=student.rng.getrandbits(128), version=4),
        "outcome": outcome(row["reached"], row["channel"]), **row,
    }  # fmt: skip


def _attempt(student: Student, day: date, channel: str, reached: str, maker: Staff | None = None) -> Row:
    day, person = working_day(day), student.home()[0]
    notes = student.say(student.rng.choice(_SAID["tries"][reached]), day, h=person.first)
    row = {"direction": "out", "channel": channel, "reached": reached, "topics": [], "notes": notes}
    return _with_home(student, day, maker or _maker(student, day), person, prompt=True, **row)


def _contact(
    student: Student, day: date, maker: Staff | None = None, *, incoming: bool = False, prompt: bool = False
) -> Row:
    rng, maker, people = student.rng, maker or _maker(student, day), student.home()
    person = people[0] if rng.random() < 0.76 else rng.choice(people)
    channel, preferred = draw(rng, _SAID["channels"]), person.values["preferred_channel"]
    if preferred in ("text", "email") and rng.random() < 0.55:
        channel = preferred
    if prompt or (incoming and channel in ("meeting", "video")):
        channel = "phone"
    reached = "replied" if incoming or rng.random() < 0.65 else "message"
    if channel in ("phone", "meeting", "video"):
        reached = "spoke"
    drawn = {draw(rng, _SAID["topics"]) for _ in range(rng.choice((1, 2, 2, 3)))}
    about = {topic: rng.choice(_SAID["about"][topic]) for topic in _SAID["topics"] if topic in drawn}
    how = "in" if incoming else "meeting" if channel == "meeting" else reached
    closing = rng.choice(_SAID["endings"]) if rng.random() < 0.6 else ""
    note = words.joined([rng.choice(_SAID["openings"][how]), *about.values(), closing])
    row = _with_home(
        student, day, maker, person, prompt=prompt, direction="in" if incoming else "out", channel=channel,
        reached=reached, topics=[*about], notes=student.say(note, day, h=person.first),
    )  # fmt: skip
    chance = rng.random()
    if chance < 0.014:
        level = "restricted" if chance < 0.012 else "safeguarding"
        return row | {"level": level, "notes": student.say(rng.choice(_SAID[level]), day, h=person.first)}
    if chance < 0.5:
        told = home_summary(keyworker=maker.first, reached=reached, channel=channel, on=day, topics=[*about])
        # What may be told to home word for word: it names nobody but the student.
        good = [said for topic, said in about.items() if topic in _SAID["good-news"] and "{h}" not in said]
        news = " " + student.say(words.named(good[0]), day) if good and rng.random() < 0.5 else ""
        row |= {"shared": True, "shared_summary": told + (news or rng.choice(_SAID["more-for-home"]))}
    return row


# ----------------------------------------------------------------------------------------------------------- sessions


def _sessions(student: Student, taught: Mapping[Block, list[date]]) -> list[Row]:
    """Half-term by half-term, and the days the student was away in it."""
    calendar, today, rows = student.school.calendar, student.school.today, list[Row]()
    present = calendar.block_on(today) or calendar.block_before(today)
    latest = (present, calendar.block_before(present.starts_on) if present else None)
    for block, every in taught.items():
        if block.ends_on >= student.first_day and block.starts_on <= student.last_day:
            days = [day for day in every if student.first_day <= day <= student.last_day]
            _absence(student, block, days, is_now=block is present)
            rows += _in_block(student, block, days, _goes(student, block, latest, len(days)))
    return rows


def _absence(student: Student, block: Block, days: list[date], *, is_now: bool) -> None:
    """A few short illnesses; for one story the whole of the present half-term."""
    rng, school = student.rng, student.school
    if is_now and student.story("ending").get("session") == "absent":
        start, end, note = max(block.starts_on, student.first_day), block.ends_on, PEOPLE["hospital"]
    elif days and rng.random() < 0.3:
        start, note = rng.choice(days), rng.choice(PEOPLE["absences"])
        end = min(start + rng.choice((0, 0, 0, 1, 2)) * DAY, student.last_day)
    else:
        return
    recorded = done("recorded", min(start, school.today), "00:01", school.holding("head").id)
    student.add(Absence, starts_on=start, ends_on=end, note=note, **recorded)


def _goes(student: Student, block: Block, latest: Sequence[Block | None], days: int) -> str:
    """How the half-term goes: as the student's story says for the latest ones, else by chance."""
    session, rng = student.story("ending").get("session", ""), student.rng
    running = student.school.today <= block.ends_on
    if session == "missed" and block in latest:
        return "open" if running else "missed"
    if session == "met_late" and block in latest and not running:
        return "met_late"
    if session not in ("", "missed", "met_late") and block is latest[0]:
        return str(session)
    if running:  # the more of the half-term is gone, the more have been met
        return "met" if rng.random() < min(0.95, days / 28) else draw(rng, _SAID["goes"]["running"])
    keyworker = student.holder("keyworker", block.ends_on)
    steady = rng.random() < (keyworker.punctual if keyworker is not None else 0.6)
    return draw(rng, _SAID["goes"]["short" if days < 10 else "steady" if steady else "unsteady"])


def _in_block(student: Student, block: Block, days: list[date], wanted: str) -> Iterator[Row]:
    """Sessions come after the first week; one that is met late within two weeks of the end of the half-term (H6)."""
    rng, later, held, catch_up = student.rng, days[5:] or days, _SAID["held"][wanted], {}
    if wanted == "met_late":
        after = _days(block.ends_on + DAY, min(block.ends_on + CATCH_UP_DAYS * DAY, student.last_day))
        later, catch_up = [day for day in after if is_working_day(day)][-6:], {"catch_up_for": block.id}
    away = _SAID["not-there"].get(wanted, ())
    for day, status in zip(sorted(rng.sample(days, min(2, len(days)))), away, strict=False):
        yield _session(student, day, status)
    for day, topics in zip(sorted(rng.sample(later, min(len(held), len(later)))), held, strict=False):
        yield _session(student, day, "held", topics) | catch_up


def _session(student: Student, day: date, status: str, required: Sequence[str] = ()) -> Row:
    rng, home = student.rng, student.home()
    row = _entry(student, day, student.keyworker(day)) | {"status": status, "topics": []}
    person = home[0].first if home else "home"
    if status != "held":
        return row | {"notes": student.say(rng.choice(_SAID["not-held"][status]), day, h=person)}
    topics = [*required, *rng.sample(_SAID["extra"], rng.choice((0, 1, 1, 2)))]
    level = "restricted" if rng.random() < 0.012 else "general"
    told = words.joined([rng.choice(_SAID["session"][topic]) for topic in topics])
    agreed = student.say(rng.choice(_SAID["agreed"]), day, h=person) if rng.random() < 0.75 else ""
    in_school = student.school.calendar.is_pupil_day(day) and rng.random() < 0.95
    return row | {
        "topics": topics, "minutes": rng.choice((15, 20, 20, 25, 30, 30, 35, 40, 45)), "level": level, "agreed": agreed,
        "how": "in_person" if in_school else "remote",
        "notes": student.say(told if level == "general" else rng.choice(_SAID[level]), day, h=person),
    }  # fmt: skip
