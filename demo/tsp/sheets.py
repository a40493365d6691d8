"""Soft tools of one student: many of late, few of long ago; done, begun, declined. What was asked of colleagues, and
how some students said they felt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
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
from ..rows import DAY, Row, at, draw
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
            yearly = 0.9 if first or (autumn and full) else 0.5 if autumn else 0.05
            term.tool(Tool.VOICE, "voice", 0.92 if full else 0.35, term.voice)
            term.parents(0.88 if full else 0.2)
            term.tool(Tool.STRENGTHS, "strengths", yearly, term.strengths)
            term.tool(Tool.REGULATION, "regulation", yearly, term.regulation)
            term.tool(Tool.CIRCLE, "circle", 0.5 if first else 0.35 if autumn else 0.0, term.circle)
            for _ in range(pen.rng.choice((1, 1, 2, 3) if full else (0, 0, 1))):
                term.observation()
        if now:
            for asked in story.get("asks", [draw(pen.rng, _SAID["asked"])] if pen.rng.random() < 0.3 else []):
                term.asks_now(asked)
        elif span.review_on and pen.rng.random() < (0.65 if full else 0.15):
            for kind in pen.rng.sample(("mentor", "teacher", "deputy", "outside"), pen.rng.choice((1, 1, 2))):
                term.asks("answered", kind, span.review_on - 12 * DAY, span.review_on)


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
        if wanted or self.pen.rng.random() > chance:
            return wanted or "none"
        return draw(self.pen.rng, _SAID["states"]["now" if self.span.is_now else "then"])

    def tool(self, tool: Tool, name: str, chance: float, answers: Callable[[str, date], Answers]) -> None:
        """One that is filled in with the keyworker; the student may do it alone, and agree or share afterwards."""
        pen, rng, state = self.pen, self.pen.rng, self.state(self.story.get(name, ""), chance)
        if state == "none" or (state, name) == ("declined", "regulation"):
            return
        day, own = pen.weekday(self.begin, self.end), pen.student.values.get("user_id")
        alone = own if name == "voice" and own is not None and rng.random() < 0.6 else None
        said = answers(state, day)
        if name == "voice" and state == "done":
            said |= {
                "how-i-gave-views": "on my own" if alone else "with my keyworker",
                **self.story.get("voice_says", {}),
            }
        pool = _SAID["declined"].get(tool.value, ())
        declined = self.story.get(f"{name}_says") or pen.tell(pool, day) if state == "declined" else ""
        row = self.write(
            tool,
            state,
            day,
            alone or pen.keyworker(day).id,
            said,
            wording="student" if alone else "staff",
            declined=declined,
        )
        if state == "done" and name in ("voice", "circle"):
            shared = rng.random() < 0.7 if name == "voice" else rng.choice((True, False, False, None))
            row["shared_with"] = pen.shared() if shared else []
            row["share_with_home"] = None if shared is None else bool(row["shared_with"])
        if (
            state == "done"
            and name != "circle"
            and not alone
            and (self.story.get("checked") or rng.random() < 0.65)
        ):
            row["checked_at"] = row["started_at"]
        if name == "regulation":
            self.home_view(day)

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
        """Most of the questions answered; of what is only begun, the first ones; some statements ticked of late."""
        rng = self.pen.rng
        asked = [*fields][:begun] if state == "begun" else [one for one in fields if rng.random() < 0.85]
        many = rng.choice((3, 6, 9)) if state != "begun" and self.span.ago <= RECENT else 0
        ticked = rng.sample([one.slug for one in self.form.in_use], many)
        found: Answers = {f"statement:{slug}": rng.choice(_TICKS) for slug in ticked}
        return found | {one: self.pen.tell(fields[one], day, **more) for one in asked}

    def tags(self, name: str, many: int, day: date) -> list[str]:
        """Some of the words, each once."""
        drawn = self.pen.rng.sample(_SAID[name], self.pen.rng.randint(many, many + 2))
        return list(dict.fromkeys(self.lower(text, day) for text in drawn))

    def lower(self, text: str, day: date) -> str:
        """A tag keeps its small letter, unless it is a name."""
        told = self.pen.say(text, day)
        return told[:1].lower() + told[1:] if text.startswith("{it}") else told

    def voice(self, state: str, day: date) -> Answers:
        answers = self.told(_SAID["voice"], day, state, 2)
        return answers | ({"feel-safe": int(draw(self.pen.rng, _SAID["safe"]))} if state == "done" else {})

    def strengths(self, state: str, day: date) -> Answers:
        answers: Answers = {name: self.tags(name, 2, day) for name in ("strengths", "interests")}
        if state == "done":
            answers |= {
                "motivators": self.tags("motivators", 1, day),
                "best-way-to-work": self.pen.fresh(_SAID["best-way"]),
            }
            answers["use-in-plan"] = self.pen.tell(_SAID["use-in-plan"], day)
        return answers

    def regulation(self, state: str, day: date) -> Answers:
        rng = self.pen.rng
        answers: Answers = {"stages": [], "triggers": self.tags("triggers", 3, day)}
        for place, (stage, columns) in enumerate(_SAID["stages"].items()):
            kept = state == "done" or place < 2
            cells = {column: rng.choice(words) if kept else "" for column, words in columns.items()}
            answers["stages"].append({"stage": stage, **cells})
        if state == "done":
            answers |= {
                "safe-places": self.tags("safe-places", 2, day),
                "recovery-time": rng.choice((10, 15, 20, 30, 45, 60)),
            }
        return answers

    def home_view(self, day: date) -> None:
        """What the parent with an account sees at home, beside the school's map."""
        pen = self.pen
        account = next((user for link in pen.home() if (user := pen.school.account_of(link))), None)
        if self.story.get("home_view") and account:
            seen = [
                {"stage": stage, **{one: _SAID["home-stages"].get(stage, {}).get(one, "") for one in columns}}
                for stage, columns in _SAID["stages"].items()
            ]
            answers = {"stages": seen, "recovery-time": 40}
            day = min(day + 5 * DAY, pen.school.today - DAY)
            self.write(Tool.REGULATION, "done", day, account, answers, wording="parent")

    def circle(self, state: str, day: date) -> Answers:
        rng, boards = self.pen.rng, self.pen.student.values.get("placement", "day") != "day"
        chosen = sorted(rng.sample(_SAID["circle"], rng.choice((6, 7, 8, 10))), key=_SAID["circle"].index)
        people: list[Answers] = [
            {"who": self.lower(who, day), "circle": ring, "where": where, "how-it-feels": feels}
            for who, ring, where, feels in chosen
            if boards or where != "the house"
        ]
        if rng.random() < 0.5:
            people[0]["angle"] = 45 + rng.randrange(360) // 4  # below "Me", clear of the words at the top
        answers: Answers = {"people": people}
        if state == "done":
            answers |= {"more-of": self.pen.fresh(_SAID["more-of"]), "missing": rng.choice(_SAID["missing"])}
            answers["online-people"] = self.pen.tell(_SAID["online"], day) if rng.random() < 0.6 else ""
        return answers

    def parents(self, chance: float) -> None:
        people, wanted = self.pen.home()[:2], self.story.get("parents", ())
        apart = len({link.values.get("household", "") for link in self.pen.home()}) > 1
        for place, link in enumerate(people):
            likely = chance * (1 if place == 0 else 0.5 if apart else 0.12)
            state = self.state(wanted[place] if place < len(wanted) else "", likely)
            if state != "none":
                self.parent(link, state)

    def parent(self, link: Link, state: str) -> None:
        pen, rng, account = self.pen, self.pen.rng, self.pen.school.account_of(link)
        alone = account is not None and state in ("alone", "begun")
        day = max(self.begin, pen.school.today - 4 * DAY) if alone else pen.weekday(self.begin, self.end)
        answers = self.told(_SAID["parent"], day, state, 1, h=link.first)
        if state in ("done", "alone"):
            answers["help-wanted"] = [area.slug for area in self.form.areas if rng.random() < 0.25]
        if state == "done":  # what was agreed is written down by whoever led the talk
            answers["agreed-actions"] = [
                {
                    "what": pen.say(what, day),
                    "who": pen.say(who, day),
                    "by": rng.choice(("", (day + 14 * DAY).isoformat())),
                }
                for what, who in rng.sample(_SAID["agreed"], rng.choice((1, 1, 2)))
            ]
        declined = pen.say(_SAID["declined"]["parent-conversation"][0], day, h=link.first)
        by, wording = (account, "parent") if alone else (pen.keyworker(day).id, "staff")
        self.write(
            Tool.PARENT, state, day, by, answers, wording=wording, declined=declined, member_id=link.member_id
        )

    def observation(self) -> None:
        pen, rng, first = self.pen, self.pen.rng, self.begin + 5 * DAY
        day, slug = pen.weekday(first, max(first, self.span.last - DAY)), rng.choice([*EXAMPLES])
        places = [one for one in EXAMPLES[slug] if one[0] not in ("home", "residence", "work")]
        if day < pen.school.today and places:
            author = pen.holder(
                rng.choice(("keyworker", "mentor", "teacher", "deputy")), day
            ) or pen.keyworker(day)
            where, text = rng.choice(places)
            answers: Answers = {
                "when": day.isoformat(), "setting": _SAID["observed-in"][where], "statements": [slug],
                "what-happened": pen.say(text, day), "support-given": draw(rng, _SAID["support"]),
            }  # fmt: skip
            self.write(Tool.OBSERVATION, "done", day, author.id, answers)

    def asks_now(self, state: str) -> None:
        """ "waiting mentor", "answered teacher", "excused mentor", "waiting outside", "expired outside"."""
        (what, _, whom), today = state.partition(" "), self.pen.school.today
        asked = max(self.span.first, today - {"waiting": 4, "expired": 27}.get(what, 16) * DAY)
        self.asks(what, whom, asked, today - 2 * DAY)

    def asks(self, what: str, kind: str, asked: date, until: date) -> None:
        pen, rng, keyworker = self.pen, self.pen.rng, self.pen.keyworker(asked)
        colleague, words, whom = pen.holder(kind, asked), "", {}
        if kind == "outside":
            name, role = rng.choice(_SAID["outside"])
            link = hashlib.sha256(
                f"{pen.student.id} {self.span.term.id} {name} {rng.random()}".encode()
            ).hexdigest()
            words, email = f"{name}, {role}", f"{name.lower().replace(' ', '.')}@outside.example"
            whom = {
                "name": name,
                "role": role,
                "email": email,
                "link_digest": link,
                "code_digest": "!asked-in-the-demo",
            }
            whom["expires_at"] = at(asked + 14 * DAY, "10:15")
        if asked < self.span.first or (
            kind != "outside" and (colleague is None or colleague.id == keyworker.id)
        ):
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
        seen_on = pen.weekday(max(self.span.first, day - 20 * DAY), day).isoformat()
        answers: Answers = {
            "role": author.post.job.split(",")[0] if author else words.partition(", ")[2], "areas-seen": areas,
            "what-works": pen.tell(_SAID["works"], day),
            "what-does-not": pen.tell(_SAID["works-not"], day) if rng.random() < 0.7 else "",
            "example": {"on": seen_on, "words": pen.say(rng.choice(EXAMPLES[statement])[1], day)},
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
                by, term = (day + 7 * DAY).isoformat(), _Term(pen, form, span, {}, first, last)
                agreed = [{"what": side["agreed"], "who": pen.student.known_as, "by": by}]
                answers: Answers = {
                    "what-happened": side["happened"], "thinking-feeling": side["thinking"],
                    "who-affected": side["affected"],
                    **({"put-right": side["right"], "agreed": agreed} if state == "done" else {}),
                }  # fmt: skip
                term.write(Tool.RESTORATIVE, state, day, pen.keyworker(day).id, answers, together=together)


def feelings_of(pen: Pen) -> None:
    """On some of the last school days. Nobody has to; most say nothing but the cast. Teddy is worried today, so that a
    keyworker finds it; Kacper, who signs in, has not said."""
    student, school, rng, often = pen.student, pen.school, pen.rng, pen.rng.uniform(0.2, 0.7)
    name = student.child.forename if student.child is not None else ""
    if student.left is not None or (student.child is None and rng.random() > 0.16):
        return
    for ago in range(21, -1, -1):
        day = school.today - ago * DAY
        worried, says = (
            ago == 0 and name == "Teddy",
            rng.random() < often and not (ago == 0 and name == "Kacper"),
        )
        if (
            day < max(student.joined, school.live_on)
            or not school.calendar.is_pupil_day(day)
            or not (worried or says)
        ):
            continue
        word = "worried" if worried else draw(rng, _SAID["feeling-weights"])
        shared = pen.shared() if word != "worried" and rng.random() < 0.35 else []
        pen.add(
            Feeling, student_id=student.id, on=day, word=word, words=rng.choice(_SAID["feelings"][word]),
            share_with_home=bool(shared), shared_with=shared,
            said_at=at(day, rng.choice(("08:55", "10:40", "12:50", "14:55"))),
        )  # fmt: skip
