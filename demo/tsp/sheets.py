"""Soft tools of one student: many of late, few of long ago; done, begun, declined. What was asked of colleagues, and
how some students said they felt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from enquiries.models import Enquiry
from tsp.enquiries import INPUT
from tsp.models import Answer, Feeling, Sheet, Tool
from tsp.questions.templates import Template

from ..pen import Pen
from ..people import Link, Staff
from ..rows import DAY, Row, at
from ..texts import texts
from .points import EXAMPLES, RECENT, Span

_HOURS = ("09:05", "10:20", "11:10", "13:25", "14:20", "15:30", "16:40")
_TICKS = ("not-yet", "sometimes", "sometimes", "yes", "yes", "not-sure")
_SAID = texts("sheets")
Answers = dict[str, Any]


def sheets_of(pen: Pen, form: Template, spans: Sequence[Span], story: Mapping[str, Any]) -> None:
    for span in spans:
        now = span.is_now and pen.student.left is None
        full, autumn, first = span.ago <= RECENT, span.term.id.endswith("autumn"), span is spans[0]
        # When the baseline was talked about; a student who came later has their own first weeks.
        end = min(span.baseline_on or span.first + 20 * DAY, span.last)
        term = _Term(pen, form, span, story if now else {}, span.first, end)
        if end > span.first:
            term.voice(0.92 if full else 0.35)
            term.parents(0.88 if full else 0.2)
            yearly = 0.9 if first or (autumn and full) else 0.5 if autumn else 0.05
            term.strengths(yearly)
            term.regulation(yearly)
            term.circle(0.5 if first else 0.35 if autumn else 0.0)
            for _ in range(pen.rng.choice((1, 1, 2, 3) if full else (0, 0, 1))):
                term.observation()
        if now:
            chance = pen.rng.choices([*_SAID["asked"]], [*_SAID["asked"].values()], k=pen.rng.random() < 0.3)
            for asked in story.get("asks") or chance:
                term.asks_now(asked)
        elif span.review_on and pen.rng.random() < (0.65 if full else 0.15):
            for kind in pen.rng.sample(("mentor", "teacher", "deputy"), pen.rng.choice((1, 1, 2))):
                term.asks("answered", kind, span.review_on - 12 * DAY, span.review_on)
            if pen.rng.random() < 0.06:
                term.asks("answered", "outside", span.review_on - 14 * DAY, span.review_on)


@dataclass(slots=True)
class _Term:
    pen: Pen
    form: Template
    span: Span
    story: Mapping[str, Any]
    begin: date
    end: date

    def state(self, wanted: str, chance: float) -> str:
        """What became of one sheet: as the story says, else by chance; only this term's are still open."""
        rng = self.pen.rng
        if wanted or rng.random() > chance:
            return wanted or "none"
        if self.span.is_now:
            return rng.choices(("done", "begun", "none", "declined"), (74, 10, 8, 8))[0]
        return "declined" if rng.random() < 0.06 else "done"

    def write(
        self, tool: Tool, state: str, day: date, by: int | None, answers: Answers, *, wording: str = "staff",
        declined: str = "", **more: Any,
    ) -> Row:  # fmt: skip
        pen = self.pen
        moment = at(day, "00:20" if day == pen.school.today else pen.rng.choice(_HOURS))
        row = pen.add(
            Sheet, student_id=pen.student.id, tool=tool.value, template_id=self.form.version_id, happened_on=day,
            term=self.span.term.id, wording=wording, author_id=by, started_at=moment, **more,
        )  # fmt: skip
        if state == "declined":
            noted = pen.keyworker(day).id
            row |= {"declined_at": moment, "declined_words": declined, "declined_noted_by_id": noted}
            return row
        for field, value in answers.items():
            if value not in ("", []):
                pen.add(Answer, sheet_id=row["id"], field=field, value=value, by_id=by, at=moment)
        if state != "begun":
            row |= {"done_at": moment, "done_by_id": by}
        return row

    def told(
        self, fields: Mapping[str, Sequence[str]], day: date, state: str, begun: int, **more: str
    ) -> Answers:
        """Most of the questions answered; of what is only begun, the first ones."""
        return {
            field: self.pen.tell(pool, day, **more)
            for number, (field, pool) in enumerate(fields.items())
            if (number < begun if state == "begun" else self.pen.rng.random() < 0.85)
        }

    def tags(self, pool: Sequence[str], many: Sequence[int], day: date) -> list[str]:
        rng = self.pen.rng
        return list(dict.fromkeys(self.lower(text, day) for text in rng.sample(pool, rng.choice(many))))

    def lower(self, text: str, day: date) -> str:
        """A tag keeps its small letter, unless it is a name."""
        told = self.pen.say(text, day)
        return told[:1].lower() + told[1:] if text.startswith("{it}") else told

    def ticks(self, many: int) -> Answers:
        slugs = self.pen.rng.sample([one.slug for one in self.form.in_use], many)
        return {f"statement:{slug}": self.pen.rng.choice(_TICKS) for slug in slugs}

    def checked(self, row: Row, chance: float) -> None:
        """Whether the student agreed with what was written for them."""
        row["checked_at"] = (
            row["started_at"] if self.story.get("checked") or self.pen.rng.random() < chance else None
        )

    def share(self, row: Row, shared: bool | None) -> None:
        row["shared_with"] = self.pen.shared() if shared else []
        row["share_with_home"] = None if shared is None else bool(row["shared_with"])

    def voice(self, chance: float) -> None:
        pen, rng, story = self.pen, self.pen.rng, self.story
        state = self.state(story.get("voice", ""), chance)
        if state == "none":
            return
        day, own = pen.weekday(self.begin, self.end), pen.student.values.get("user_id")
        alone = own is not None and rng.random() < 0.6
        by = own if alone else pen.keyworker(day).id
        answers = self.told(_SAID["voice"], day, state, 2)
        if state == "done":
            answers["feel-safe"] = rng.choices((0, 1, 2, 3, 4), (1, 3, 14, 40, 42))[0]
            answers["how-i-gave-views"] = "on my own" if alone else "with my keyworker"
            answers |= self.ticks(rng.choice((3, 6, 9))) if self.span.ago <= RECENT else {}
            answers |= story.get("voice_says", {})
        declined = pen.tell(_SAID["declined"]["student-voice"], day) if state == "declined" else ""
        wording = "student" if alone else "staff"
        row = self.write(Tool.VOICE, state, day, by, answers, wording=wording, declined=declined)
        if state == "done":
            self.share(row, rng.random() < 0.7)
            if not alone:
                self.checked(row, 0.8)

    def parents(self, chance: float) -> None:
        people, wanted = self.pen.home()[:2], self.story.get("parents", ())
        apart = len({link.values.get("household", "") for link in self.pen.home()}) > 1
        for place, link in enumerate(people):
            likely = chance if place == 0 else 0.5 * chance if apart else 0.12 * chance
            state = self.state(wanted[place] if place < len(wanted) else "", likely)
            if state != "none":
                self.parent(link, state)

    def parent(self, link: Link, state: str) -> None:
        pen, rng, account = self.pen, self.pen.rng, self.pen.school.account_of(link)
        alone = account is not None and state in ("alone", "begun")
        day = max(self.begin, pen.school.today - 4 * DAY) if alone else pen.weekday(self.begin, self.end)
        by = account if alone else pen.keyworker(day).id
        answers = self.told(_SAID["parent"], day, state, 1, h=link.first)
        if state in ("done", "alone"):
            answers["help-wanted"] = [area.slug for area in self.form.areas if rng.random() < 0.25]
            if not alone:  # what was agreed is written down by whoever led the talk
                agreed = rng.sample(_SAID["agreed"], rng.choice((1, 1, 2)))
                answers["agreed-actions"] = [
                    {"what": pen.say(what, day), "who": pen.say(who, day), "by": self.soon(day, 0.6)}
                    for what, who in agreed
                ]
            answers |= self.ticks(rng.choice((0, 4, 6))) if self.span.ago <= RECENT else {}
        declined = pen.say(_SAID["declined"]["parent-conversation"][0], day, h=link.first)
        wording = "parent" if alone else "staff"
        self.write(
            Tool.PARENT, state, day, by, answers, wording=wording, declined=declined, member_id=link.member_id
        )

    def soon(self, day: date, chance: float) -> str:
        rng = self.pen.rng
        return (day + rng.choice((7, 14, 21)) * DAY).isoformat() if rng.random() < chance else ""

    def strengths(self, chance: float) -> None:
        pen, state = self.pen, self.state(self.story.get("strengths", ""), chance)
        if state == "none":
            return
        day = pen.weekday(self.begin, self.end)
        answers: Answers = {
            name: self.tags(_SAID[name], (2, 3, 4), day) for name in ("strengths", "interests")
        }
        if state == "done":
            answers["motivators"] = self.tags(_SAID["motivators"], (2, 3), day)
            answers["best-way-to-work"] = pen.fresh(_SAID["best-way"])
            answers["use-in-plan"] = pen.tell(_SAID["use-in-plan"], day)
        declined = pen.tell(_SAID["declined"]["strengths-interests"], day) if state == "declined" else ""
        row = self.write(Tool.STRENGTHS, state, day, pen.keyworker(day).id, answers, declined=declined)
        if state == "done":
            self.checked(row, 0.6)

    def regulation(self, chance: float) -> None:
        pen, rng, state = self.pen, self.pen.rng, self.state(self.story.get("regulation", ""), chance)
        if state not in ("done", "begun"):
            return
        day = pen.weekday(self.begin, self.end)
        stages = [
            {"stage": stage} | {column: rng.choice(cells) if state == "done" or place < 2 else ""
                                for column, cells in columns.items()}
            for place, (stage, columns) in enumerate(_SAID["stages"].items())
        ]  # fmt: skip
        answers: Answers = {"stages": stages, "triggers": self.tags(_SAID["triggers"], (3, 4, 5), day)}
        if state == "done":
            answers["safe-places"] = self.tags(_SAID["safe-places"], (2, 3, 4), day)
            answers["recovery-time"] = rng.choice((10, 15, 15, 20, 30, 45, 60))
        row = self.write(Tool.REGULATION, state, day, pen.keyworker(day).id, answers)
        if state == "done":
            self.checked(row, 0.6)
        account = next((user for link in pen.home() if (user := pen.school.account_of(link))), None)
        if self.story.get("home_view") and account:  # what a parent sees at home, beside the school's map
            seen = [
                {"stage": stage}
                | {column: _SAID["home-stages"].get(stage, {}).get(column, "") for column in columns}
                for stage, columns in _SAID["stages"].items()
            ]
            day = min(day + 5 * DAY, pen.school.today - DAY)
            answers = {"stages": seen, "recovery-time": 40}
            self.write(Tool.REGULATION, "done", day, account, answers, wording="parent")

    def circle(self, chance: float) -> None:
        pen, rng, state = self.pen, self.pen.rng, self.state(self.story.get("circle", ""), chance)
        if state == "none":
            return
        day = pen.weekday(self.begin, self.end)
        boards = pen.student.values.get("placement", "day") != "day"
        chosen = sorted(rng.sample(_SAID["circle"], rng.choice((6, 7, 8, 10))), key=_SAID["circle"].index)
        people: list[dict[str, Any]] = [
            {"who": self.lower(who, day), "circle": ring, "where": where, "how-it-feels": feels}
            for who, ring, where, feels in chosen
            if boards or where != "the house"
        ]
        if rng.random() < 0.5:
            people[0]["angle"] = 45 + rng.randrange(360) // 4  # below "Me", clear of the words at the top
        answers: Answers = {"people": people}
        if state == "done":
            answers |= {"more-of": pen.fresh(_SAID["more-of"]), "missing": rng.choice(_SAID["missing"])}
            answers["online-people"] = pen.tell(_SAID["online"], day) if rng.random() < 0.6 else ""
        declined = self.story.get("circle_says") or pen.tell(_SAID["declined"]["social-circle-map"], day)
        row = self.write(Tool.CIRCLE, state, day, pen.keyworker(day).id, answers, declined=declined)
        if state == "done":
            self.share(row, rng.choice((True, False, False, None)))

    def observation(self) -> None:
        pen, rng = self.pen, self.pen.rng
        day = pen.weekday(self.begin + 5 * DAY, max(self.begin + 5 * DAY, self.span.last - DAY))
        slug = rng.choice([*EXAMPLES])
        places = [one for one in EXAMPLES[slug] if one[0] not in ("home", "residence", "work")]
        if day >= pen.school.today or not places:
            return
        author = pen.holder(rng.choice(("keyworker", "mentor", "teacher", "deputy")), day) or pen.keyworker(
            day
        )
        where, text = rng.choice(places)
        answers: Answers = {
            "when": day.isoformat(), "setting": _SAID["observed-in"][where], "statements": [slug],
            "what-happened": pen.say(text, day), "support-given": rng.choices(_SAID["support"], (30, 30, 25, 10, 5))[0],
        }  # fmt: skip
        self.write(Tool.OBSERVATION, "done", day, author.id, answers)

    def asks_now(self, state: str) -> None:
        """ "waiting mentor", "answered teacher", "excused mentor", "outside", "expired"."""
        (what, _, whom), today = state.partition(" "), self.pen.school.today
        ago = {"waiting": 4, "outside": 5, "expired": 27}.get(what, 16)
        asked = max(self.span.first, today - ago * DAY)
        self.asks(what, whom or "outside", asked, today - (2 if whom else 1) * DAY)

    def asks(self, what: str, kind: str, asked: date, until: date) -> None:
        pen, rng, keyworker = self.pen, self.pen.rng, self.pen.keyworker(asked)
        if asked < self.span.first:
            return
        colleague, words, whom = pen.holder(kind, asked), "", {}
        if kind == "outside":
            name, role = rng.choice(_SAID["outside"])
            link = hashlib.sha256(
                f"{pen.student.id} {self.span.term.id} {name} {rng.random()}".encode()
            ).hexdigest()
            words, email = f"{name}, {role}", f"{name.lower().replace(' ', '.')}@outside.example"
            whom = {
                "name": name, "role": role, "email": email, "link_digest": link, "code_digest": "!asked-in-the-demo",
                "expires_at": at(asked + 14 * DAY, "10:15"),
            }  # fmt: skip
        elif colleague is None or colleague.id == keyworker.id:
            return
        slugs = [area.slug for area in self.form.areas]
        areas = (
            sorted(rng.sample(slugs, rng.choice((2, 3, 4))), key=slugs.index) if rng.random() < 0.8 else []
        )
        row = pen.add(
            Enquiry, student_id=pen.student.id, kind=INPUT, period=self.span.term.id, parts=areas,
            question=pen.say(rng.choice(_SAID["questions"]), asked), asked_at=at(asked, "10:15"),
            asked_by_id=keyworker.id, answer_by=asked + rng.choice((7, 10, 14)) * DAY,
            **(whom or {"user_id": colleague and colleague.id}),
        )  # fmt: skip
        if what == "excused":
            said = pen.say(rng.choice(_SAID["excused"]), asked)
            row |= {"declined_at": at(min(asked + 2 * DAY, until), "12:40"), "declined_words": said}
        elif what == "answered":
            sheet = self.contribution(areas or [rng.choice(slugs)], asked, until, colleague, words)
            row |= {
                "target_id": sheet["id"],
                "answered_at": sheet["started_at"],
                "opened_at": sheet["started_at"],
            }

    def contribution(
        self, areas: list[str], asked: date, until: date, author: Staff | None, words: str
    ) -> Row:
        pen, rng = self.pen, self.pen.rng
        day = pen.weekday(min(asked + DAY, until), max(asked, until))
        statement = rng.choice([one.slug for one in self.form.area(areas[0]).statements])
        seen_on = pen.weekday(max(self.span.first, day - 20 * DAY), day)
        example = {"on": seen_on.isoformat(), "words": pen.say(rng.choice(EXAMPLES[statement])[1], day)}
        answers: Answers = {
            "role": author.post.job.split(",")[0] if author else words.partition(", ")[2], "areas-seen": areas,
            "what-works": pen.tell(_SAID["works"], day), "example": example,
            "what-does-not": pen.tell(_SAID["works-not"], day) if rng.random() < 0.7 else "",
        }  # fmt: skip
        return self.write(Tool.TEAM, "done", day, author.id if author else None, answers, author_words=words)


def write_repairs(pens: Mapping[int, Pen], form: Template, spans: Sequence[Span], rng: Random) -> None:
    """Restorative conversations between two students: a record each, joined by nothing but a number."""
    here = [pen for pen in pens.values() if pen.student.left is None]
    known = {pen.student.child.forename: pen for pen in here if pen.student.child is not None}
    for span in spans:
        pairs = [rng.sample(here, 2) for _ in range(max(1, len(here) // 14))]
        if span.is_now:
            pairs += [[known["Kacper"], known["Noah"]], [known["Teddy"], known["Aoife"]]]
        for pair in pairs:
            joined = max(pen.student.joined for pen in pair)
            first, last = max(span.first, joined) + 2 * DAY, span.last - 2 * DAY
            day = pair[0].weekday(first, last) if last > first else joined
            if last <= first or day < joined:
                continue
            state = "begun" if span.is_now and rng.random() < 0.2 else "done"
            together = UUID(int=rng.getrandbits(128), version=4)
            for pen, side in zip(pair, rng.choice(_SAID["repairs"]), strict=True):
                answers: Answers = {
                    "what-happened": side["happened"], "thinking-feeling": side["thinking"],
                    "who-affected": side["affected"],
                }  # fmt: skip
                if state == "done":
                    by = (day + 7 * DAY).isoformat()
                    agreed = {"what": side["agreed"], "who": pen.student.known_as, "by": by}
                    answers |= {"put-right": side["right"], "agreed": [agreed]}
                term = _Term(pen, form, span, {}, first, last)
                term.write(Tool.RESTORATIVE, state, day, pen.keyworker(day).id, answers, together=together)


def feelings_of(pen: Pen) -> None:
    """On some of the last school days. Nobody has to; most say nothing but the cast. Teddy is worried today, so that a
    keyworker finds it; Kacper, who signs in, has not said."""
    student, school, rng, said = pen.student, pen.school, pen.rng, _SAID["feelings"]
    name = student.child.forename if student.child is not None else ""
    often = rng.uniform(0.2, 0.7)
    if student.left is not None or (student.child is None and rng.random() > 0.16):
        return
    for ago in range(21, -1, -1):
        day = school.today - ago * DAY
        worried = ago == 0 and name == "Teddy"
        if day < max(student.joined, school.live_on) or not school.calendar.is_pupil_day(day):
            continue
        if not worried and (rng.random() > often or (ago == 0 and name == "Kacper")):
            continue
        word = "worried" if worried else rng.choices([*said], (34, 34, 18, 7, 7))[0]
        shared = pen.shared() if word != "worried" and rng.random() < 0.35 else []
        pen.add(
            Feeling, student_id=student.id, on=day, word=word, words=rng.choice(said[word]),
            share_with_home=bool(shared), shared_with=shared,
            said_at=at(day, rng.choice(("08:55", "10:40", "12:50", "14:55"))),
        )  # fmt: skip
