"""Contacts with home, as they would have come about: each keyworker's habits, tries, replies, late notes."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contacts.clock import outcome
from contacts.summary import home_summary
from keywork.calendar import SchoolCalendar

from . import words
from .people import Link, School, Staff, Student

_DAY = timedelta(days=1)
ALL_TOPICS = ("attendance", "engagement", "social_progress", "health", "going_well", "follow_up")
_WEIGHTS = (20, 22, 24, 10, 30, 12)
LONG_CLOSURE = 14
INTERVAL = 14
Row = dict[str, Any]


@dataclass(slots=True)
class Days:
    """The calendar as quick look-ups by ordinal, from the day the school went live to today."""

    pupil: frozenset[int]
    next_pupil: dict[int, int]
    long_closure: frozenset[int]

    @classmethod
    def of(cls, calendar: SchoolCalendar, first: date, last: date) -> Days:
        span = range(first.toordinal(), last.toordinal() + 1)
        pupil = frozenset(day for day in span if calendar.is_pupil_day(date.fromordinal(day)))
        following: dict[int, int] = {}
        coming = last.toordinal()
        for day in reversed(span):
            coming = day if day in pupil else coming
            following[day] = coming
        closed = frozenset(
            day
            for start, end in calendar.closures()
            if (end - start).days + 1 >= LONG_CLOSURE
            for day in range(start.toordinal(), end.toordinal() + 1)
        )
        return cls(pupil, following, closed)


@dataclass(slots=True)
class Writer:
    """Writes one student's contacts. `now` bounds what is logged today."""

    school: School
    days: Days
    student: Student
    rng: random.Random
    now: datetime
    people: list[Link]

    def keyworker_on(self, day: date) -> Staff | None:
        return self._holder("keyworker", day)

    def _holder(self, kind: str, day: date) -> Staff | None:
        for found, staff, first, last in self.student.posts:
            if found == kind and first <= day and (last is None or day <= last):
                return staff
        return None

    def maker_on(self, day: date) -> Staff:
        """Mostly the keyworker; sometimes, or without one, the deputy or mentor."""
        keyworker = self._holder("keyworker", day)
        draw = self.rng.random()
        if keyworker is not None and draw < 0.88:
            return keyworker
        other = self._holder("mentor" if draw > 0.96 else "deputy", day)
        return other or keyworker or self._holder("deputy", day) or self.school.holding("head")

    def words(self, person: Link | None) -> dict[str, str]:
        """What the sentences of `words` need, with this adult as the one at home."""
        values = self.student.values
        home = person.first if person is not None else "home"
        return words.words_for(
            self.student.known_as, values["sex"], values.get("pronouns", ""), self.student.interest, home
        )

    def reached_person(self) -> Link:
        if len(self.people) > 1 and self.rng.random() > 0.76:
            return self.rng.choice(self.people[1:])
        return self.people[0]


def contacts_of(writer: Writer) -> list[Row]:
    """Every contact and try of one student, oldest first; the fields of contacts.HomeContact."""
    student, school = writer.student, writer.school
    first = max(student.joined, school.live_on)
    last = min(school.today, student.left or school.today)
    ending = student.ending
    if ending.nothing_logged or not writer.people or first >= last:
        return []
    rows: list[Row] = []
    stop = last if ending.last is None else last - (ending.last + 8) * _DAY
    before = first
    for day in _rhythm(writer, first, stop):
        if (day - before).days > INTERVAL and writer.rng.random() < 0.3:
            rows += _tried_and_not_reached(writer, before)
        _one_contact(writer, day, rows)
        before = day
    if ending.last is not None:
        final = _weekday(last - ending.last * _DAY)
        if final >= first:
            rows.append(
                _contact(writer, final, writer.keyworker_on(final) or writer.maker_on(final), prompt=True)
            )
    for days_ago, channel, reached in ending.tries:
        when = _weekday(last - days_ago * _DAY)
        rows.append(_attempt(writer, when, writer.maker_on(when), channel, reached))
    if ending.restricted_entry:
        when = _weekday(last - 45 * _DAY)
        row = _contact(writer, when, writer.maker_on(when), prompt=True)
        spoke_with = next(one for one in writer.people if one.member_id == row["member_id"])
        private = words.one_of(writer.rng, words.RESTRICTED, writer.words(spoke_with))
        rows.append(row | {"level": "restricted", "notes": private, "shared": False, "shared_summary": ""})
    if ending.waiting is not None:
        when, written = _weekday(last - ending.waiting * _DAY), last - _DAY
        row = _contact(writer, when, writer.maker_on(when), prompt=True)
        row |= {"logged_on": written, "logged_at": f"{written} 16:40 Europe/London", "needs_approval": True}
        rows.append(row)
    return [row for row in rows if not _held(student, row)]


def _tried_and_not_reached(writer: Writer, since: date) -> list[Row]:
    """Three tries by two channels before a due date: what makes a miss count as tried (C7)."""
    tries = ((10, "phone", "no_answer"), (12, "phone", "message"), (14, "text", "failed"))
    maker = writer.maker_on(since + 10 * _DAY)
    return [
        _attempt(writer, _weekday(since + after * _DAY), maker, channel, reached)
        for after, channel, reached in tries
    ]


def _weekday(day: date) -> date:
    """The Friday before for a weekend: the stories of the cast happen on working days."""
    return day - max(0, day.weekday() - 4) * _DAY


def _held(student: Student, row: Row) -> bool:
    return any(
        start <= row["happened_on"] <= end and row["direction"] == "out" for start, end, _ in student.holds
    )


def _rhythm(writer: Writer, first: date, stop: date) -> Iterator[date]:
    """The days on which home was reached, at the pace of whoever was keyworker."""
    rng, days = writer.rng, writer.days
    day = first.toordinal()
    end = stop.toordinal()
    # The first call to a new family comes early.
    gap = rng.randint(2, 9)
    while True:
        keyworker = writer.keyworker_on(date.fromordinal(day))
        punctual = keyworker.punctual if keyworker is not None else 0.75
        coming = day + gap
        if coming > end:
            return
        coming = _on_a_working_day(coming, day, days, rng)
        if coming > end:
            return
        yield date.fromordinal(coming)
        day = coming
        gap = rng.choices((7, 8, 9, 10, 11, 12, 13, 14), (5, 6, 8, 12, 14, 16, 16, 14))[0]
        if rng.random() > punctual:
            gap = rng.choice((15, 15, 16, 16, 17, 18, 20, 23))


def _on_a_working_day(coming: int, after: int, days: Days, rng: random.Random) -> int:
    if coming in days.pupil:
        return coming
    if coming in days.long_closure:
        # Term-time staff: some ring in the holidays, some wait for the first day back.
        return coming if rng.random() < 0.82 else days.next_pupil.get(coming, coming)
    weekday = (coming - 1) % 7
    if weekday >= 5:
        friday = coming - (weekday - 4)
        return friday if friday > after and rng.random() < 0.85 else coming + 7 - weekday
    return coming


def _one_contact(writer: Writer, day: date, rows: list[Row]) -> None:
    rng = writer.rng
    maker = writer.maker_on(day)
    keyworker = writer.keyworker_on(day) or maker
    if rng.random() < keyworker.tries:
        for number in range(rng.choice((1, 1, 1, 2, 3)), 0, -1):
            when = _weekday(day - number * _DAY)
            if when >= max(writer.student.joined, writer.school.live_on):
                channel, reached = rng.choice(
                    (("phone", "no_answer"), ("phone", "message"), ("phone", "no_answer"), ("text", "failed"))
                )
                rows.append(_attempt(writer, when, maker, channel, reached))
    rows.append(_contact(writer, day, maker))
    chance = rng.random()
    if chance < 0.014:
        # The same thing twice, or for somebody else: voided a little later.
        twin = dict(_contact(writer, day, maker, prompt=True))
        voided = min(day + rng.randrange(0, 4) * _DAY, writer.school.today)
        twin |= {
            "voided_on": voided,
            "voided_by_id": maker.id,
            "void_reason": rng.choice(words.VOIDED),
            "shared": False,
            "shared_summary": "",
        }
        rows.append(twin)
    elif chance < 0.1 and day + 3 * _DAY < min(
        writer.school.today, writer.student.left or writer.school.today
    ):
        rows.append(_contact(writer, day + rng.randrange(1, 4) * _DAY, maker, incoming=True))


def entry_of(writer: Writer, day: date, maker: Staff, *, prompt: bool = False) -> Row:
    """What contacts and sessions share: when it happened, by whom, when it was written down and approved."""
    rng, today = writer.rng, writer.school.today
    hour, minute = rng.choice((8, 9, 9, 10, 11, 12, 13, 14, 15, 15, 16, 16, 17, 18)), rng.randrange(0, 60, 5)
    lag = 0
    if not prompt and rng.random() > maker.prompt:
        lag = rng.choice((1, 1, 1, 2, 2, 3, 4, 6, 9, 16)) if rng.random() < 0.35 else 1
    logged = day + lag * _DAY
    row: Row = {
        "student_id": writer.student.id,
        "happened_on": day,
        "happened_time": f"{hour:02d}:{minute:02d}",
        "made_by_id": maker.id,
        "logged_by_id": maker.id,
    }
    if logged >= today:
        logged = today
    row["logged_on"] = logged
    row["logged_at"] = (
        f"{logged} {min(hour + 1, 20):02d}:{minute:02d} Europe/London"
        if logged > day
        else f"{logged} {hour:02d}:{min(minute + 4, 59):02d} Europe/London"
    )
    if logged == today:
        _not_after_now(row, writer.now)
    if (logged - day).days > 14:
        approved = min(logged + _DAY, today)
        row |= {
            "needs_approval": True,
            "approved_on": approved,
            "approved_by_id": writer.school.holding("head").id,
            "approval_reason": rng.choice(words.LATE_REASON),
        }
    return row


def _reached(writer: Writer, person: Link) -> Row:
    return {
        "member_id": person.member_id,
        "with_name": person.label,
        "person_marked": person.open_to_keywork,
        "call": uuid.UUID(int=writer.rng.getrandbits(128), version=4),
    }


def _not_after_now(row: Row, now: datetime) -> None:
    """Nothing of today was written down, or happened, later than the present moment."""
    logged_time = row["logged_at"].split(" ")[1]
    if logged_time > f"{now:%H:%M}":
        row["logged_at"] = now
    if row["happened_on"] == row["logged_on"] and row["happened_time"] > f"{now:%H:%M}":
        row["happened_time"] = None


def _contact(writer: Writer, day: date, maker: Staff, *, incoming: bool = False, prompt: bool = False) -> Row:
    rng = writer.rng
    person = writer.reached_person()
    row = entry_of(writer, day, maker, prompt=prompt) | _reached(writer, person)
    draw = rng.random()
    channel = (
        maker.writes
        if draw < 0.55
        else "phone"
        if draw < 0.85
        else rng.choice(("text", "email", "meeting", "video"))
    )
    if prompt:
        channel = "phone"
    preferred = person.values.get("preferred_channel")
    if preferred in ("text", "email") and not prompt and rng.random() < 0.7:
        channel = str(preferred)
    if incoming and channel in ("meeting", "video"):
        channel = "phone"
    spoken = channel in ("phone", "meeting", "video")
    reached = "spoke" if spoken else "replied" if incoming or rng.random() < 0.65 else "message"
    topics = sorted(set(rng.choices(ALL_TOPICS, _WEIGHTS, k=rng.choice((1, 2, 2, 3)))), key=ALL_TOPICS.index)
    said = writer.words(person)
    how = "in" if incoming else "meeting" if channel == "meeting" else reached
    note, news = words.contact_note(rng, how, topics, said, 0.6)
    row |= {
        "direction": "in" if incoming else "out",
        "channel": channel,
        "reached": reached,
        "outcome": outcome(reached, channel),
        "topics": topics,
        "notes": note,
    }
    chance = rng.random()
    if chance < 0.012:
        row |= {"level": "restricted", "notes": words.one_of(rng, words.RESTRICTED, said)}
    elif chance < 0.014:
        row |= {"level": "safeguarding", "notes": words.one_of(rng, words.SAFEGUARDING, said)}
    elif chance < 0.5:
        told = home_summary(keyworker=maker.first, reached=reached, channel=channel, on=day, topics=topics)
        extra = f" {news}" if news and rng.random() < 0.5 else rng.choice(words.MORE_FOR_HOME)
        row |= {"shared": True, "shared_summary": told + extra}
    return row


def _attempt(writer: Writer, day: date, maker: Staff, channel: str, reached: str) -> Row:
    person = writer.people[0]
    row = entry_of(writer, day, maker, prompt=True) | _reached(writer, person)
    said = writer.words(person)
    row |= {
        "direction": "out",
        "channel": channel,
        "reached": reached,
        "outcome": outcome(reached, channel),
        "topics": [],
        "notes": words.one_of(writer.rng, words.TRIES[reached], said),
    }
    return row


def shared_calls(
    older: list[Row], younger: Student, kept: list[Row], rng: random.Random, today: date
) -> list[Row]:
    """Calls about one child in which a sibling was spoken of as well (C15): copies for the sibling."""
    makers = {
        staff.id: (first, last)
        for kind, staff, first, last in younger.posts
        if kind in ("core", "deputy", "keyworker")
    }
    known = {link.member_id for link in younger.links}
    found: list[Row] = []
    for row in older:
        span = makers.get(row["made_by_id"])
        day = row["happened_on"]
        if span is None or not span[0] <= day <= (span[1] or today) or row["outcome"] != "two_way":
            continue
        plain = (
            row.get("level", "general") == "general"
            and "voided_on" not in row
            and not row.get("needs_approval")
        )
        if plain and row["member_id"] in known and day < today - 21 * _DAY and rng.random() < 0.5:
            home = row["with_name"].split(" ")[0]
            note = (
                f"On a call about the family. {younger.known_as} is doing well; {home} asked about next week."
            )
            found.append(
                {**row, "student_id": younger.id, "notes": note, "shared": False, "shared_summary": ""}
            )
    return sorted([*kept, *found], key=lambda row: row["happened_on"])
