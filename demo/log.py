"""The log as it would have come about: each keyworker's habits with families, tries, late notes; sessions by half-term."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
from .pen import Pen
from .people import Link, School, Staff
from .rows import DAY, Row, at, draw
from .texts import texts

INTERVAL, CATCH_UP_DAYS = 14, 14
_SAID = texts("log")


def write_log(school: School, dice: Callable[[str], random.Random]) -> None:
    """Contacts, sessions, absences and holds of every student, each in the order in which they happened."""
    now, taught = clock.now().astimezone(clock.LONDON), {}
    for block in school.calendar.blocks:
        if block.ends_on >= school.live_on and block.starts_on <= school.today:
            days = (block.starts_on + n * DAY for n in range((block.ends_on - block.starts_on).days + 1))
            taught[block] = [day for day in days if school.calendar.is_pupil_day(day)]
    contacts: dict[int, list[Row]] = {}
    sessions: list[Row] = []
    for student in school.come():
        first, last = max(student.joined, school.live_on), min(school.today, student.left or school.today)
        log = _Log(Pen(school, student, dice(f"log {student.id}")), first, last, now, taught)
        contacts[student.id] = log.contacts()
        if student.sibling is not None:
            contacts[student.id] += log.shared_calls(contacts.get(student.sibling.id, []))
        sessions += log.sessions()
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
class _Log:
    """One student's. `now` bounds what is logged today; `taught` are the school days of each half-term."""

    pen: Pen
    first: date
    last: date
    now: datetime
    taught: dict[Block, list[date]]

    def maker_on(self, day: date) -> Staff:
        """Mostly the keyworker; sometimes, or without one, the deputy or mentor."""
        keyworker, chance = self.pen.holder("keyworker", day), self.pen.rng.random()
        if keyworker is not None and chance < 0.88:
            return keyworker
        return self.pen.holder("mentor" if chance > 0.96 else "deputy", day) or self.pen.keyworker(day)

    def holds(self) -> list[tuple[date, date]]:
        """Their own, or of one student in forty some days long ago on which home was left in peace."""
        pen, span = self.pen, (self.last - self.first).days
        holds = pen.student.holds
        if pen.student.child is None and span > 120 and pen.rng.random() < 0.025:
            began = self.first + pen.rng.randrange(20, span - 60) * DAY
            holds.append((began, began + pen.rng.randrange(6, 20) * DAY, pen.rng.choice(PEOPLE["holds"])))
        for start, end, reason in holds:
            by = pen.school.holding("dsl").id
            placed = {"reason": reason, "placed_by_id": by, "placed_at": at(start, "00:01")}
            pen.add(ContactHold, student_id=pen.student.id, starts_on=start, ends_on=end, **placed)
        return [(start, end) for start, end, _ in holds]

    def contacts(self) -> list[Row]:
        """Every contact and try, but for what a hold forbids."""
        pen, ending, held, rows = self.pen, self.pen.student.story("ending"), self.holds(), list[Row]()
        if ending.get("nothing_logged") or not pen.home() or self.first >= self.last:
            return rows
        before = self.first
        for day in self.rhythm(self.last - (ending["last"] + 8) * DAY if "last" in ending else self.last):
            if (day - before).days > INTERVAL and pen.rng.random() < 0.3:
                # Three tries by two channels before a due date: what makes a miss count as tried (C7).
                tries = zip((10, 12, 14), _SAID["tried"][1:], strict=True)
                rows += [self.attempt(before + after * DAY, *how) for after, how in tries]
            self.one_contact(day, rows)
            before = day
        if "last" in ending and (final := _weekday(self.last - ending["last"] * DAY)) >= self.first:
            rows.append(self.contact(final, pen.keyworker(final), prompt=True))
        rows += [self.attempt(self.last - ago * DAY, *how) for ago, *how in ending.get("tries", ())]
        for name, ago in (("restricted", 45), ("waiting", ending.get("waiting", 0))):
            if name in ending:
                row = self.contact(_weekday(self.last - ago * DAY), None, prompt=True)
                written = {"logged_on": self.last - DAY, "logged_at": at(self.last - DAY, "16:40")}
                more = written | {"needs_approval": True} if ago != 45 else self.guarded("restricted", row)
                rows.append(row | {"shared": False, "shared_summary": ""} | more)
        peace = {one + n * DAY for one, end in held for n in range((end - one).days + 1)}
        return [row for row in rows if row["direction"] != "out" or row["happened_on"] not in peace]

    def rhythm(self, stop: date) -> Iterator[date]:
        """The days on which home was reached, at the pace of whoever was keyworker; a new family is rung early."""
        rng, day = self.pen.rng, self.first + self.pen.rng.randint(2, 9) * DAY
        while day <= stop:
            weekend = day.weekday() - 4
            day += 0 * DAY if weekend <= 0 else (3 - weekend) * DAY if rng.random() < 0.15 else -weekend * DAY
            yield day
            keyworker = self.pen.holder("keyworker", day)
            late = rng.random() > (keyworker.punctual if keyworker is not None else 0.75)
            day += (rng.choice(_SAID["late-gaps"]) if late else int(draw(rng, _SAID["gaps"]))) * DAY

    def one_contact(self, day: date, rows: list[Row]) -> None:
        rng, maker, chance = self.pen.rng, self.maker_on(day), self.pen.rng.random()
        for number in range(rng.choice((1, 1, 1, 2, 3)) if rng.random() < maker.tries else 0, 0, -1):
            if day - number * DAY >= self.first + 2 * DAY:
                rows.append(self.attempt(day - number * DAY, *rng.choice(_SAID["tried"]), maker=maker))
        rows.append(self.contact(min(day, self.last), maker))
        if chance < 0.014:  # the same thing twice, or for somebody else: voided a little later
            voided = {
                "voided_on": min(day + rng.randrange(0, 4) * DAY, self.pen.school.today),
                "voided_by_id": maker.id,
            }
            voided |= {"void_reason": rng.choice(_SAID["voided"]), "shared": False, "shared_summary": ""}
            rows.append(self.contact(min(day, self.last), maker, prompt=True) | voided)
        elif chance < 0.1 and day + 3 * DAY < self.last:
            rows.append(self.contact(day + rng.randrange(1, 4) * DAY, maker, incoming=True))

    def entry(self, day: date, maker: Staff, *, prompt: bool = False) -> Row:
        """What contacts and sessions share: when it happened, by whom, when it was written down and approved."""
        rng, today, present = self.pen.rng, self.pen.school.today, f"{self.now:%H:%M}"
        hour, minute = (
            rng.choice((8, 9, 9, 10, 11, 12, 13, 14, 15, 15, 16, 16, 17, 18)),
            rng.randrange(0, 60, 5),
        )
        late = not prompt and rng.random() > maker.prompt
        logged = min(day + (rng.choice(_SAID["lags"]) if late else 0) * DAY, today)
        begun, then = f"{hour:02d}:{minute:02d}", f"{hour + (logged > day):02d}:{min(minute + 4, 59):02d}"
        row: Row = {
            "student_id": self.pen.student.id, "happened_on": day, "made_by_id": maker.id, "logged_by_id": maker.id,
            "happened_time": None if day == today and begun > present else begun, "logged_on": logged,
            "logged_at": self.now if logged == today and then > present else at(logged, then),
        }  # fmt: skip
        if (logged - day).days > 14:
            row |= {"needs_approval": True, "approved_on": min(logged + DAY, today)}
            row |= {
                "approved_by_id": self.pen.school.holding("head").id,
                "approval_reason": rng.choice(_SAID["late-reason"]),
            }
        return row

    def reached(self, day: date, maker: Staff, person: Link, *, prompt: bool, **row: Any) -> Row:
        return self.entry(day, maker, prompt=prompt) | {
            "member_id": person.member_id, "with_name": person.label, "person_marked": person.open_to_keywork,
            "call": uuid.UUID(int=self.pen.rng.getrandbits(128), version=4),
            "outcome": outcome(row["reached"], row["channel"]), **row,
        }  # fmt: skip

    def attempt(self, day: date, channel: str, reached: str, *, maker: Staff | None = None) -> Row:
        day, person = _weekday(day), self.pen.home()[0]
        notes = self.pen.say(self.pen.rng.choice(_SAID["tries"][reached]), day, h=person.first)
        row = {"direction": "out", "channel": channel, "reached": reached, "topics": [], "notes": notes}
        return self.reached(day, maker or self.maker_on(day), person, prompt=True, **row)

    def guarded(self, level: str, row: Row) -> Row:
        """That row, read by few."""
        home = row["with_name"].split(" ")[0]
        notes = self.pen.say(self.pen.rng.choice(_SAID[level]), row["happened_on"], h=home)
        return {"level": level, "notes": notes}

    def contact(self, day: date, maker: Staff | None, *, incoming: bool = False, prompt: bool = False) -> Row:
        rng, maker, people = self.pen.rng, maker or self.maker_on(day), self.pen.home()
        person = people[0] if rng.random() < 0.76 else rng.choice(people)
        chance, preferred = rng.random(), person.values.get("preferred_channel")
        channel = "phone" if chance < 0.3 else rng.choice(("text", "email", "meeting", "video"))
        if chance > 0.45:
            channel = preferred if preferred in ("text", "email") else maker.writes
        if prompt or (incoming and channel in ("meeting", "video")):
            channel = "phone"
        spoken, answers = channel in ("phone", "meeting", "video"), incoming or rng.random() < 0.65
        reached = "spoke" if spoken else "replied" if answers else "message"
        drawn = {draw(rng, _SAID["topics"]) for _ in range(rng.choice((1, 2, 2, 3)))}
        topics = [topic for topic in _SAID["topics"] if topic in drawn]
        about = {topic: rng.choice(_SAID["about"][topic]) for topic in topics}
        how = "in" if incoming else "meeting" if channel == "meeting" else reached
        closing = rng.choice(_SAID["endings"]) if rng.random() < 0.6 else ""
        note = words.joined([rng.choice(_SAID["openings"][how]), *about.values(), closing])
        row = self.reached(
            day, maker, person, prompt=prompt, direction="in" if incoming else "out", channel=channel, reached=reached,
            topics=topics, notes=self.pen.say(note, day, h=person.first),
        )  # fmt: skip
        chance = rng.random()
        if chance < 0.014:
            return row | self.guarded("restricted" if chance < 0.012 else "safeguarding", row)
        if chance < 0.5:
            # What may be told to home word for word: it names nobody but the student.
            good = [
                text for topic, text in about.items() if topic in _SAID["good-news"] and "{h}" not in text
            ]
            told = home_summary(
                keyworker=maker.first, reached=reached, channel=channel, on=day, topics=topics
            )
            news = " " + self.pen.say(words.named(good[0]), day) if good and rng.random() < 0.5 else ""
            row |= {"shared": True, "shared_summary": told + (news or rng.choice(_SAID["more-for-home"]))}
        return row

    def shared_calls(self, older: list[Row]) -> list[Row]:
        """Calls about one child in which this sibling was spoken of as well (C15): copies."""
        student, limit = self.pen.student, self.pen.school.today - 21 * DAY
        makers = {
            staff.id: (first, last or limit)
            for kind, staff, first, last in student.assignments
            if kind in ("core", "deputy", "keyworker")
        }
        known, found = {link.member_id for link in student.links}, []
        for row in older:
            first, last = makers.get(row["made_by_id"], (date.max, date.min))
            plain = (
                row.keys().isdisjoint({"level", "voided_on", "needs_approval"})
                and row["outcome"] == "two_way"
            )
            fits = plain and first <= row["happened_on"] <= min(last, limit) and row["member_id"] in known
            if fits and self.pen.rng.random() < 0.5:
                notes = _SAID["sibling"].format(n=student.known_as, h=row["with_name"].split(" ")[0])
                copied = {"student_id": student.id, "shared": False, "shared_summary": "", "notes": notes}
                found.append(row | copied)
        return found

    def sessions(self) -> list[Row]:
        """Half-term by half-term, and the days the student was away in it."""
        calendar, today, rows = self.pen.school.calendar, self.pen.school.today, list[Row]()
        present = calendar.block_on(today) or calendar.block_before(today)
        latest = (present, calendar.block_before(present.starts_on) if present else None)
        for block, every in self.taught.items():
            if block.ends_on >= self.first and block.starts_on <= self.last:
                days = [day for day in every if self.first <= day <= self.last]
                self.absence(block, days, is_now=block is present)
                rows += self.in_block(block, days, self.goes(block, latest, len(days)))
        return rows

    def absence(self, block: Block, days: list[date], *, is_now: bool) -> None:
        """A few short illnesses; for one story the whole of the present half-term."""
        pen, rng = self.pen, self.pen.rng
        if is_now and pen.student.story("ending").get("session") == "absent":
            start, end, note = max(block.starts_on, self.first), block.ends_on, PEOPLE["hospital"]
        elif days and rng.random() < 0.3:
            start, note = rng.choice(days), rng.choice(PEOPLE["absences"])
            end = min(start + rng.choice((0, 0, 0, 1, 2)) * DAY, self.last)
        else:
            return
        by, then = pen.school.holding("head").id, at(min(start, pen.school.today), "00:01")
        recorded = {"note": note, "recorded_by_id": by, "recorded_at": then}
        pen.add(Absence, student_id=pen.student.id, starts_on=start, ends_on=end, **recorded)

    def goes(self, block: Block, latest: Sequence[Block | None], days: int) -> str:
        """How the half-term goes: as the student's story says for the latest ones, else by chance."""
        session, rng, running = (
            self.pen.student.story("ending").get("session", ""),
            self.pen.rng,
            self.pen.school.today <= block.ends_on,
        )
        if session == "missed" and block in latest:
            return "open" if running else "missed"
        if session == "met_late" and not running and block in latest:
            return "met_late"
        if session not in ("", "missed", "met_late") and block is latest[0]:
            return str(session)
        if running:  # the more of the half-term is gone, the more have been met
            return "met" if rng.random() < min(0.95, days / 28) else draw(rng, _SAID["goes"]["running"])
        keyworker = self.pen.holder("keyworker", block.ends_on)
        steady = rng.random() < (keyworker.punctual if keyworker is not None else 0.6)
        return draw(rng, _SAID["goes"]["short" if days < 10 else "steady" if steady else "unsteady"])

    def in_block(self, block: Block, days: list[date], wanted: str) -> list[Row]:
        """Sessions come after the first week; one that is met late within two weeks of the end of the half-term (H6)."""
        rng, later, held, catch_up = self.pen.rng, days[5:] or days, _SAID["held"][wanted], {}
        if wanted == "met_late":
            after = (block.ends_on + number * DAY for number in range(1, CATCH_UP_DAYS + 1))
            later = [day for day in after if day <= self.last and day.weekday() < 5][-6:]
            catch_up = {"catch_up_for": block.id}
        away = [status for status in _SAID["not-there"].get(wanted, ()) if days]
        rows = [
            self.session(day, status)
            for day, status in zip(sorted(rng.sample(days, min(2, len(days)))), away, strict=False)
        ]
        drawn = sorted(rng.sample(later, min(len(held), len(later))))
        return rows + [
            self.session(day, "held", topics) | catch_up for day, topics in zip(drawn, held, strict=False)
        ]

    def session(self, day: date, status: str, required: Sequence[str] = ()) -> Row:
        rng, home = self.pen.rng, self.pen.home()
        row = self.entry(day, self.pen.keyworker(day)) | {"status": status, "topics": []}
        person = home[0].first if home else "home"
        if status != "held":
            return row | {"notes": self.pen.say(rng.choice(_SAID["not-held"][status]), day, h=person)}
        topics = [*required, *rng.sample(_SAID["extra"], rng.choice((0, 1, 1, 2)))]
        level = "restricted" if rng.random() < 0.012 else "general"
        told = [rng.choice(_SAID["session"][topic]) for topic in topics]
        agreed = self.pen.say(rng.choice(_SAID["agreed"]), day, h=person) if rng.random() < 0.75 else ""
        in_school = self.pen.school.calendar.is_pupil_day(day) and rng.random() < 0.95
        return row | {
            "topics": topics, "minutes": rng.choice((15, 20, 20, 25, 30, 30, 35, 40, 45)), "level": level, "agreed": agreed,
            "how": "in_person" if in_school else "remote",
            "notes": self.pen.say(words.joined(told) if level == "general" else rng.choice(_SAID[level]), day, h=person),
        }  # fmt: skip
