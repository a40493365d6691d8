"""The log as it would have come about: each keyworker's habits with families, tries, late notes; sessions by half-term."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contacts.clock import outcome
from contacts.models import ContactHold, HomeContact, KeyworkSession
from contacts.summary import home_summary
from keywork import clock
from keywork.calendar import Block
from students.models import Absence

from . import words
from .cast import PEOPLE
from .people import Link, School, Staff, Student
from .rows import DAY, Row, at
from .texts import texts

TOPICS = {
    "attendance": 20, "engagement": 22, "social_progress": 24, "health": 10, "going_well": 30, "follow_up": 12,
}  # fmt: skip
# What may be told to home word for word: it names nobody but the student.
GOOD_NEWS = ("going_well", "social_progress", "engagement", "attendance")
LONG_CLOSURE, INTERVAL, CATCH_UP_DAYS = 14, 14, 14
REQUIRED = ("attendance", "engagement", "social_progress")
EXTRA = ("points", "feelings", "friends", "goals", "home")
_SAID = texts("log")


@dataclass(slots=True)
class Days:
    """The calendar as quick look-ups by ordinal, from the day the school went live to today."""

    pupil: frozenset[int]
    next_pupil: dict[int, int]
    long_closure: frozenset[int]

    @classmethod
    def of(cls, school: School) -> Days:
        last, following = school.today.toordinal(), {}
        span = range(school.live_on.toordinal(), last + 1)
        pupil = frozenset(day for day in span if school.calendar.is_pupil_day(date.fromordinal(day)))
        for day in reversed(span):
            following[day] = last = day if day in pupil else last
        closures = [(one.toordinal(), end.toordinal() + 1) for one, end in school.calendar.closures()]
        closed = (day for one, end in closures if end - one >= LONG_CLOSURE for day in range(one, end))
        return cls(pupil, following, frozenset(closed))


def write_log(school: School, dice: Callable[[str], random.Random]) -> None:
    """Contacts, sessions, absences and holds of every student, each in the order in which they happened."""
    days, now, dsl = Days.of(school), clock.now().astimezone(clock.LONDON), school.holding("dsl").id
    contacts: dict[int, list[Row]] = {}
    sessions: list[Row] = []
    for student in school.come():
        writer = _Writer(school, days, student, dice(f"log {student.id}"), now)
        writer.past_hold()
        mine = contacts[student.id] = writer.contacts()
        sessions += writer.sessions()
        writer.absences()
        for start, end, reason in student.holds:
            school.rows.add(
                ContactHold, student_id=student.id, starts_on=start, ends_on=end, reason=reason, placed_by_id=dsl,
                placed_at=at(start, "00:01"),
            )  # fmt: skip
        if student.sibling is not None:
            mine += writer.shared_calls(contacts.get(student.sibling.id, []))
    for model, rows in (
        (HomeContact, [row for mine in contacts.values() for row in mine]),
        (KeyworkSession, sessions),
    ):
        for row in sorted(rows, key=lambda row: row["happened_on"]):
            school.rows.add(model, **row)


def _weekday(day: date) -> date:
    """The Friday before for a weekend: the stories of the cast happen on working days."""
    return day - max(0, day.weekday() - 4) * DAY


@dataclass(slots=True)
class _Writer:
    """Writes one student's log. `now` bounds what is logged today."""

    school: School
    days: Days
    student: Student
    rng: random.Random
    now: datetime
    people: list[Link] = field(init=False)
    first: date = field(init=False)
    last: date = field(init=False)

    def __post_init__(self) -> None:
        self.people = [link for link in self.student.links if link.open_to_keywork]
        self.first = max(self.student.joined, self.school.live_on)
        self.last = min(self.school.today, self.student.left or self.school.today)

    def maker_on(self, day: date) -> Staff:
        """Mostly the keyworker; sometimes, or without one, the deputy or mentor."""
        keyworker, draw = self.student.holder("keyworker", day), self.rng.random()
        if keyworker is not None and draw < 0.88:
            return keyworker
        other = self.student.holder("mentor" if draw > 0.96 else "deputy", day)
        return other or self.school.keyworker_of(self.student, day)

    def said(self, kind: str, person: Link | None) -> str:
        """One sentence of a kind, with this adult as the one at home."""
        kind, _, key = kind.partition(" ")
        return self.fill(self.rng.choice(_SAID[kind][key] if key else _SAID[kind]), person)

    def fill(self, text: str, person: Link | None) -> str:
        return words.fill(text, words.words_of(self.student, person.first if person else "home"))

    def past_hold(self) -> None:
        """One student in forty once had days on which home was left in peace."""
        span = (self.last - self.first).days
        if self.student.child is None and span > 120 and self.rng.random() < 0.025:
            began = self.first + self.rng.randrange(20, span - 60) * DAY
            self.student.holds.append(
                (began, began + self.rng.randrange(6, 20) * DAY, self.rng.choice(PEOPLE["holds"]))
            )

    # ----------------------------------------------------------------------------------------- home

    def contacts(self) -> list[Row]:
        """Every contact and try, but for what a hold forbids."""
        ending, rows = self.student.story("ending"), list[Row]()
        if ending.get("nothing_logged") or not self.people or self.first >= self.last:
            return rows
        before = self.first
        for day in self.rhythm(self.last - (ending["last"] + 8) * DAY if "last" in ending else self.last):
            if (day - before).days > INTERVAL and self.rng.random() < 0.3:
                rows += self.tried_and_not_reached(before)
            self.one_contact(day, rows)
            before = day
        if "last" in ending and (final := _weekday(self.last - ending["last"] * DAY)) >= self.first:
            rows.append(self.contact(final, self.student.holder("keyworker", final), prompt=True))
        for ago, channel, reached in ending.get("tries", ()):
            rows.append(self.attempt(_weekday(self.last - ago * DAY), None, channel, reached))
        if ending.get("restricted_entry"):
            row = self.contact(_weekday(self.last - 45 * DAY), None, prompt=True)
            person = next(one for one in self.people if one.member_id == row["member_id"])
            row |= {
                "level": "restricted",
                "notes": self.said("restricted", person),
                "shared": False,
                "shared_summary": "",
            }
            rows.append(row)
        if "waiting" in ending:
            written = self.last - DAY
            row = self.contact(_weekday(self.last - ending["waiting"] * DAY), None, prompt=True)
            row |= {"logged_on": written, "logged_at": at(written, "16:40"), "needs_approval": True}
            rows.append(row)
        held = [(start, end) for start, end, _ in self.student.holds]
        return [
            row for row in rows
            if row["direction"] != "out" or not any(one <= row["happened_on"] <= end for one, end in held)
        ]  # fmt: skip

    def tried_and_not_reached(self, since: date) -> list[Row]:
        """Three tries by two channels before a due date: what makes a miss count as tried (C7)."""
        tries, maker = (
            ((10, "phone", "no_answer"), (12, "phone", "message"), (14, "text", "failed")),
            self.maker_on(since),
        )
        return [self.attempt(_weekday(since + after * DAY), maker, *how) for after, *how in tries]

    def rhythm(self, stop: date) -> Iterator[date]:
        """The days on which home was reached, at the pace of whoever was keyworker; a new family is rung early."""
        rng, day, end, gap = self.rng, self.first.toordinal(), stop.toordinal(), self.rng.randint(2, 9)
        while True:
            keyworker = self.student.holder("keyworker", date.fromordinal(day))
            coming = self.working_day(day + gap, day) if day + gap <= end else end + 1
            if coming > end:
                return
            yield date.fromordinal(coming)
            day = coming
            gap = rng.choices(range(7, 15), (5, 6, 8, 12, 14, 16, 16, 14))[0]
            if rng.random() > (keyworker.punctual if keyworker is not None else 0.75):
                gap = rng.choice((15, 15, 16, 16, 17, 18, 20, 23))

    def working_day(self, coming: int, after: int) -> int:
        rng, weekday = self.rng, (coming - 1) % 7
        if coming in self.days.pupil:
            return coming
        if coming in self.days.long_closure:
            # Term-time staff: some ring in the holidays, some wait for the first day back.
            return coming if rng.random() < 0.82 else self.days.next_pupil.get(coming, coming)
        if weekday >= 5:
            friday = coming - (weekday - 4)
            return friday if friday > after and rng.random() < 0.85 else coming + 7 - weekday
        return coming

    def one_contact(self, day: date, rows: list[Row]) -> None:
        rng, maker, chance = self.rng, self.maker_on(day), self.rng.random()
        if rng.random() < (self.student.holder("keyworker", day) or maker).tries:
            for number in range(rng.choice((1, 1, 1, 2, 3)), 0, -1):
                if (when := _weekday(day - number * DAY)) >= self.first:
                    how = rng.choice(
                        (
                            ("phone", "no_answer"),
                            ("phone", "no_answer"),
                            ("phone", "message"),
                            ("text", "failed"),
                        )
                    )
                    rows.append(self.attempt(when, maker, *how))
        rows.append(self.contact(day, maker))
        if chance < 0.014:  # the same thing twice, or for somebody else: voided a little later
            voided = min(day + rng.randrange(0, 4) * DAY, self.school.today)
            rows.append(self.contact(day, maker, prompt=True) | {
                "voided_on": voided, "voided_by_id": maker.id, "void_reason": rng.choice(_SAID["voided"]),
                "shared": False, "shared_summary": "",
            })  # fmt: skip
        elif chance < 0.1 and day + 3 * DAY < self.last:
            rows.append(self.contact(day + rng.randrange(1, 4) * DAY, maker, incoming=True))

    def entry(self, day: date, maker: Staff, *, prompt: bool = False) -> Row:
        """What contacts and sessions share: when it happened, by whom, when it was written down and approved."""
        rng, today = self.rng, self.school.today
        hour, minute = (
            rng.choice((8, 9, 9, 10, 11, 12, 13, 14, 15, 15, 16, 16, 17, 18)),
            rng.randrange(0, 60, 5),
        )
        late = not prompt and rng.random() > maker.prompt
        lag = (rng.choice((1, 1, 1, 2, 2, 3, 4, 6, 9, 16)) if rng.random() < 0.35 else 1) if late else 0
        logged = min(day + lag * DAY, today)
        then = (
            f"{min(hour + 1, 20):02d}:{minute:02d}"
            if logged > day
            else f"{hour:02d}:{min(minute + 4, 59):02d}"
        )
        row: Row = {
            "student_id": self.student.id, "happened_on": day, "happened_time": f"{hour:02d}:{minute:02d}",
            "made_by_id": maker.id, "logged_by_id": maker.id, "logged_on": logged, "logged_at": at(logged, then),
        }  # fmt: skip
        if logged == today and then > f"{self.now:%H:%M}":  # nothing of today is later than this moment
            row["logged_at"] = self.now
        if logged == today == day and row["happened_time"] > f"{self.now:%H:%M}":
            row["happened_time"] = None
        if (logged - day).days > 14:
            row |= {
                "needs_approval": True, "approved_on": min(logged + DAY, today), "approval_reason": rng.choice(_SAID["late-reason"]),
                "approved_by_id": self.school.holding("head").id,
            }  # fmt: skip
        return row

    def reached(self, day: date, maker: Staff, person: Link, **row: Any) -> Row:
        prompt = row.pop("prompt")
        return self.entry(day, maker, prompt=prompt) | {
            "member_id": person.member_id, "with_name": person.label, "person_marked": person.open_to_keywork,
            "call": uuid.UUID(int=self.rng.getrandbits(128), version=4), "outcome": outcome(row["reached"], row["channel"]), **row,
        }  # fmt: skip

    def attempt(self, day: date, maker: Staff | None, channel: str, reached: str) -> Row:
        person = self.people[0]
        return self.reached(
            day, maker or self.maker_on(day), person, direction="out", channel=channel, reached=reached, topics=[],
            notes=self.said(f"tries {reached}", person), prompt=True,
        )  # fmt: skip

    def contact(self, day: date, maker: Staff | None, *, incoming: bool = False, prompt: bool = False) -> Row:
        rng, maker = self.rng, maker or self.maker_on(day)
        person = self.people[0] if rng.random() < 0.76 else rng.choice(self.people)
        some, draw, preferred = (
            ("text", "email", "meeting", "video"),
            rng.random(),
            person.values.get("preferred_channel"),
        )
        channel = maker.writes if draw < 0.55 else "phone" if draw < 0.85 else rng.choice(some)
        if preferred in ("text", "email") and rng.random() < 0.7:
            channel = str(preferred)
        if prompt or (incoming and channel in ("meeting", "video")):
            channel = "phone"
        reached = "replied" if incoming or rng.random() < 0.65 else "message"
        if channel in ("phone", "meeting", "video"):
            reached = "spoke"
        drawn = rng.choices([*TOPICS], [*TOPICS.values()], k=rng.choice((1, 2, 2, 3)))
        topics = [topic for topic in TOPICS if topic in drawn]
        about = [rng.choice(_SAID["about"][topic]) for topic in topics]
        how = "in" if incoming else "meeting" if channel == "meeting" else reached
        closing = rng.choice(_SAID["endings"]) if rng.random() < 0.6 else ""
        note = words.joined([rng.choice(_SAID["openings"][how]), *about, closing])
        row = self.reached(
            day, maker, person, direction="in" if incoming else "out", channel=channel, reached=reached, topics=topics,
            notes=self.fill(note, person), prompt=prompt,
        )  # fmt: skip
        chance = rng.random()
        if chance < 0.014:
            level = "restricted" if chance < 0.012 else "safeguarding"
            row |= {"level": level, "notes": self.said(level, person)}
        elif chance < 0.5:
            good = (
                text
                for topic, text in zip(topics, about, strict=True)
                if topic in GOOD_NEWS and "{h}" not in text
            )
            news = self.fill(words.named(next(good, "")), person)
            told = home_summary(
                keyworker=maker.first, reached=reached, channel=channel, on=day, topics=topics
            )
            extra = f" {news}" if news and rng.random() < 0.5 else rng.choice(_SAID["more-for-home"])
            row |= {"shared": True, "shared_summary": told + extra}
        return row

    def shared_calls(self, older: list[Row]) -> list[Row]:
        """Calls about one child in which this sibling was spoken of as well (C15): copies."""
        makers = {
            staff.id: (first, last or self.school.today)
            for kind, staff, first, last in self.student.posts
            if kind in ("core", "deputy", "keyworker")
        }
        known = {link.member_id for link in self.student.links}
        nobody = (date.max, date.min)
        return [
            {**row, "student_id": self.student.id, "shared": False, "shared_summary": "",
             "notes": _SAID["sibling"].format(n=self.student.known_as, h=row["with_name"].split(" ")[0])}
            for row in older
            if (span := makers.get(row["made_by_id"], nobody))[0] <= row["happened_on"] <= span[1]
            and row["outcome"] == "two_way" and row.get("level", "general") == "general" and "voided_on" not in row
            and not row.get("needs_approval") and row["member_id"] in known
            and row["happened_on"] < self.school.today - 21 * DAY and self.rng.random() < 0.5
        ]  # fmt: skip

    # -------------------------------------------------------------------------------- the student

    def blocks(self) -> Iterator[tuple[Block, list[date]]]:
        """The half-terms of the student, with their pupil days."""
        for block in self.school.calendar.blocks:
            if block.ends_on >= self.first and block.starts_on <= self.last:
                first, last = max(block.starts_on, self.first), min(block.ends_on, self.last)
                span = range(first.toordinal(), last.toordinal() + 1)
                yield block, [date.fromordinal(day) for day in span if day in self.days.pupil]

    def absences(self) -> None:
        """Days away: a few short illnesses, and for one story the whole of the present half-term."""
        rng, calendar, today = self.rng, self.school.calendar, self.school.today
        present = calendar.block_on(today) or calendar.block_before(today)
        for block, days in self.blocks():
            if self.student.story("ending").get("session") == "absent" and block is present:
                start, end, note = (
                    max(block.starts_on, self.first),
                    block.ends_on,
                    "In hospital, with the hospital school",
                )
            elif days and rng.random() < 0.3:
                start, note = rng.choice(days), rng.choice(PEOPLE["absences"])
                end = min(start + rng.choice((0, 0, 0, 1, 2)) * DAY, self.last)
            else:
                continue
            self.school.rows.add(
                Absence, student_id=self.student.id, starts_on=start, ends_on=end, note=note,
                recorded_by_id=self.school.holding("head").id, recorded_at=at(min(start, today), "00:01"),
            )  # fmt: skip

    def sessions(self) -> list[Row]:
        calendar, today = self.school.calendar, self.school.today
        present = calendar.block_on(today) or calendar.block_before(today)
        previous = calendar.block_before(present.starts_on) if present is not None else None
        rows: list[Row] = []
        for block, days in self.blocks():
            rows += self.in_block(block, days, self.goes(block, present, previous, len(days)))
        return rows

    def goes(self, block: Block, present: Block | None, previous: Block | None, days: int) -> str:
        """How the half-term goes: as the student's story says for the latest ones, else by chance."""
        session, rng = self.student.story("ending").get("session", ""), self.rng
        running = self.school.today <= block.ends_on
        if session == "missed" and block in (present, previous):
            return "open" if running else "missed"
        if session == "met_late" and not running and block in (present, previous):
            return "met_late"
        if block is present and session not in ("", "missed", "met_late"):
            return str(session)
        if running:  # the more of the half-term is gone, the more have been met
            return "met" if rng.random() < min(0.95, days / 28) else rng.choices(("open", "part"), (5, 1))[0]
        if days < 10:
            return "met" if rng.random() < 0.3 else "open"
        keyworker = self.student.holder("keyworker", block.ends_on)
        if rng.random() < (keyworker.punctual if keyworker is not None else 0.6):
            return rng.choices(("met", "two", "declined"), (84, 12, 4))[0]
        return rng.choices(("missed", "met_late", "part", "declined"), (45, 30, 15, 10))[0]

    def in_block(self, block: Block, days: list[date], wanted: str) -> list[Row]:
        rng, later = self.rng, days[min(5, len(days) - 1) :]  # sessions come after the first week
        if wanted == "met_late":
            return self.catch_up(block)
        if not days or wanted in ("open", "absent"):
            return []
        if wanted == "declined":
            return [self.not_held(day, "declined") for day in sorted(rng.sample(days, min(2, len(days))))]
        if wanted == "missed":
            return (
                [self.not_held(rng.choice(later), rng.choice(("no_show", "cancelled")))]
                if rng.random() < 0.5
                else []
            )
        if wanted == "two" and len(later) > 1:
            split = rng.sample(REQUIRED, 3)
            return [
                self.held(day, some)
                for day, some in zip(sorted(rng.sample(later, 2)), (split[:2], split[2:]), strict=True)
            ]
        before = rng.choice(days[: max(1, len(days) // 3)])
        called_off = (
            [self.not_held(before, rng.choice(("cancelled", "no_show")))] if rng.random() < 0.12 else []
        )
        topics = REQUIRED if wanted == "met" else ("attendance", "social_progress")
        return [*called_off, self.held(rng.choice(later), topics)]

    def catch_up(self, block: Block) -> list[Row]:
        """Held soon after the half-term had ended, for it (H6); nothing if that is still to come."""
        after = [block.ends_on + number * DAY for number in range(1, CATCH_UP_DAYS + 1)]
        after = [day for day in after if day <= self.last and day.weekday() < 5][-6:]
        if not after:
            return []
        row = self.held(self.rng.choice(after), REQUIRED)
        in_school = row["happened_on"].toordinal() in self.days.pupil
        return [row | {"catch_up_for": block.id, "how": "in_person" if in_school else "remote"}]

    def held(self, day: date, required: Sequence[str]) -> Row:
        rng, person = self.rng, self.people[0] if self.people else None
        topics = [*required, *rng.sample(EXTRA, rng.choice((0, 1, 1, 2)))]
        notes = self.fill(words.joined([rng.choice(_SAID["session"][topic]) for topic in topics]), person)
        level = "restricted" if rng.random() < 0.012 else "general"
        return self.entry(day, self.school.keyworker_of(self.student, day)) | {
            "status": "held", "topics": topics, "minutes": rng.choice((15, 20, 20, 25, 30, 30, 35, 40, 45)), "level": level,
            "how": "remote" if rng.random() < 0.05 else "in_person",
            "notes": self.said("restricted", person) if level == "restricted" else notes,
            "agreed": self.said("agreed", person) if rng.random() < 0.75 else "",
        }  # fmt: skip

    def not_held(self, day: date, status: str) -> Row:
        notes = self.said(f"not-held {status}", self.people[0] if self.people else None)
        maker = self.school.keyworker_of(self.student, day)
        return self.entry(day, maker) | {"status": status, "topics": [], "notes": notes}
