"""Soft tools of one student: many of late, few of long ago; done, begun, declined. What was asked of colleagues, and
how some students said they felt. What stands in each tool is in `texts/sheets.json`: texts, or what a method makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from enquiries.models import Enquiry
from tsp.enquiries import INPUT
from tsp.models import Answer, Feeling, Sheet, Tool
from tsp.questions.templates import Template

from .people import Link, School, Student
from .rows import DAY, Row, at, draw
from .spans import Span
from .words import texts

_HOURS = ("09:05", "10:20", "11:10", "13:25", "14:20", "15:30", "16:40")
_TICKS = ("not-yet", "sometimes", "sometimes", "yes", "yes", "not-sure")
_SAID = texts("sheets")
EXAMPLES: Mapping[str, Sequence[tuple[str, str]]] = texts("examples")["examples"]  # setting, what was seen
Answers = dict[str, Any]


def write_sheets(student: Student, form: Template, spans: Sequence[Span]) -> None:
    rng = student.rng
    for span in spans:
        now, full, autumn = span.is_now and not student.left, span.is_recent, span.term.id.endswith("autumn")
        term = _Term(student, form, span, student.story("tsp") if now else {})
        if term.end > span.first:
            yearly = 0.9 if span is spans[0] or (autumn and full) else 0.5 if autumn else 0.05
            term.tool(Tool.VOICE, "voice", 0.92 if full else 0.35)
            term.parents(0.88 if full else 0.2)
            term.tool(Tool.STRENGTHS, "strengths", yearly)
            term.tool(Tool.REGULATION, "regulation", yearly)
            term.tool(Tool.CIRCLE, "circle", 0.5 if span is spans[0] else 0.35 if autumn else 0.0)
            for _ in range(rng.choice((1, 1, 2, 3) if full else (0, 0, 1))):
                term.observation()
        if now:
            for asked in term.story.get("asks", [draw(rng, _SAID["asked"])] if rng.random() < 0.3 else []):
                what, _, whom = asked.partition(" ")
                ago = {"waiting": 4, "expired": 27}.get(what, 16)
                term.asks(what, whom, max(span.first, student.school.today - ago * DAY))
        elif span.review_on and rng.random() < (0.65 if full else 0.15):
            for kind in rng.sample(("mentor", "teacher", "deputy", "outside"), rng.choice((1, 1, 2))):
                term.asks("answered", kind, span.review_on - 12 * DAY)


@dataclass(slots=True)
class _Term:
    student: Student
    form: Template
    span: Span
    story: Mapping[str, Any]

    @property
    def end(self) -> date:
        """When the baseline was talked about; a student who came later has their own first weeks."""
        return min(self.span.baseline_on or self.span.first + 20 * DAY, self.span.last)

    def state(self, wanted: str, chance: float) -> str:
        """What became of one sheet: as the story says, else by chance; only this term's are still open."""
        if wanted or self.student.rng.random() > chance:
            return wanted or "none"
        return draw(self.student.rng, _SAID["states"]["now" if self.span.is_now else "then"])

    def tool(self, tool: Tool, name: str, chance: float) -> None:
        """One that is filled in with the keyworker; the student may do it alone, and agree or share afterwards."""
        student, rng, state = self.student, self.student.rng, self.state(self.story.get(name, ""), chance)
        if state == "none" or (state, name) == ("declined", "regulation"):
            return
        day, is_done = student.weekday(self.span.first, self.end), state == "done"
        alone = student.user_id if name == "voice" and rng.random() < 0.6 else None
        said = self.answers(tool, state, day)
        if name == "voice" and is_done:
            said |= {"how-i-gave-views": "on my own" if alone else "with my keyworker"}
            said |= self.story.get("voice_says", {})
        pool = _SAID["declined"].get(tool.value, ())
        words = self.story.get(f"{name}_says") or student.tell(pool, day) if state == "declined" else ""
        by, wording = alone or student.keyworker(day).id, "student" if alone else "staff"
        row = self.write(tool, state, day, by, said, wording=wording, declined=words)
        if is_done and name in ("voice", "circle"):
            shared = rng.random() < 0.7 if name == "voice" else rng.choice((True, False, False, None))
            row["shared_with"] = student.lives_with() if shared else []
            row["share_with_home"] = None if shared is None else bool(row["shared_with"])
        if is_done and name != "circle" and not alone and (self.story.get("checked") or rng.random() < 0.65):
            row["checked_at"] = row["started_at"]
        account = next((link.account for link in student.home() if link.account), None)
        if name == "regulation" and self.story.get("home_view") and account:
            # What the parent with an account sees at home, beside the school's map.
            day = min(day + 5 * DAY, student.school.today - DAY)
            self.write(tool, "done", day, account, _SAID["home-view"], wording="parent")

    def write(
        self, tool: Tool, state: str, day: date, by: int | None, answers: Answers, *, wording: str = "staff",
        declined: str = "", **more: Any,
    ) -> Row:  # fmt: skip
        student = self.student
        moment = at(day, "00:20" if day == student.school.today else student.rng.choice(_HOURS))
        row = student.add(
            Sheet, tool=tool.value, template_id=self.form.version_id, happened_on=day, term=self.span.term.id,
            wording=wording, author_id=by, started_at=moment, **more,
        )  # fmt: skip
        if state == "declined":
            noted = student.keyworker(day).id
            row |= {"declined_at": moment, "declined_words": declined, "declined_noted_by_id": noted}
            return row
        for field, value in answers.items():
            if value not in ("", []):
                student.add(Answer, sheet_id=row["id"], field=field, value=value, by_id=by, at=moment)
        if state != "begun":
            row |= {"done_at": moment, "done_by_id": by}
        return row

    # ------------------------------------------------------------------------------------------ what stands in a tool

    def answers(self, tool: Tool, state: str, day: date, **more: str) -> Answers:
        """Most of its questions answered; of what is only begun, the first; some statements ticked of late."""
        rng, asked, found = self.student.rng, [*_SAID["tools"][tool.value].items()], Answers()
        for field, how in asked[:2] if state == "begun" else asked:
            if isinstance(how, tuple):
                found[field] = self.student.tell(how, day, **more) if rng.random() < 0.85 else ""
            else:
                kind, said = next(iter(how.items()))
                found[field] = getattr(self, f"_{kind}")(said, day, how.get("least"))
        if tool in (Tool.VOICE, Tool.PARENT) and state != "begun" and self.span.is_recent:
            ticked = rng.sample([one.slug for one in self.form.in_use], rng.choice((3, 6, 9)))
            found |= {f"statement:{slug}": rng.choice(_TICKS) for slug in ticked}
        return found

    def _tags(self, said: Sequence[str], day: date, least: int) -> list[str]:
        """Some of the words, each once."""
        drawn = self.student.rng.sample(said, self.student.rng.randint(least, least + 2))
        return list(dict.fromkeys(self.lower(text, day) for text in drawn))

    def lower(self, text: str, day: date) -> str:
        """A tag keeps its small letter, unless it is a name."""
        told = self.student.say(text, day)
        return told[:1].lower() + told[1:] if text.startswith("{it}") else told

    def _number(self, weights: Mapping[str, int], day: date, _: None) -> int:
        return int(draw(self.student.rng, weights))

    def _areas(self, share: float, day: date, _: None) -> list[str]:
        return [area.slug for area in self.form.areas if self.student.rng.random() < share]

    def _stages(self, said: Mapping[str, Mapping[str, Sequence[str]]], day: date, _: None) -> list[Answers]:
        rng = self.student.rng
        return [
            {"stage": stage, **{column: rng.choice(words) for column, words in columns.items()}}
            for stage, columns in said.items()
        ]

    def _people(self, said: Sequence[tuple[str, ...]], day: date, _: None) -> list[Answers]:
        rng = self.student.rng
        people: list[Answers] = [
            {"who": self.lower(who, day), "circle": ring, "where": where, "how-it-feels": feels}
            for who, ring, where, feels in sorted(rng.sample(said, rng.choice((6, 7, 8, 10))), key=said.index)
            if self.student.boards or where != "the house"
        ]
        if rng.random() < 0.5:
            people[0]["angle"] = 45 + rng.randrange(90)  # below "Me", clear of the words at the top
        return people

    def _actions(self, said: Sequence[tuple[str, str]], day: date, _: None) -> list[Answers]:
        rng, by, say = self.student.rng, (day + 14 * DAY).isoformat(), self.student.say
        drawn = rng.sample(said, rng.choice((1, 1, 2)))
        return [
            {"what": say(what, day), "who": say(who, day), "by": rng.choice(("", by))} for what, who in drawn
        ]

    # ----------------------------------------------------------------------------------------------- home and others

    def parents(self, chance: float) -> None:
        people, wanted = self.student.home(), self.story.get("parents", ())
        apart = len({link.values.get("household", "") for link in people}) > 1
        for place, link in enumerate(people[:2]):
            likely = chance * (1 if place == 0 else 0.5 if apart else 0.12)
            state = self.state(wanted[place] if place < len(wanted) else "", likely)
            if state != "none":
                self.parent(link, state)

    def parent(self, link: Link, state: str) -> None:
        student = self.student
        alone = link.account if state in ("alone", "begun") else None
        day = student.weekday(self.span.first, self.end)
        if alone:
            day = max(self.span.first, student.school.today - 4 * DAY)
        answers = self.answers(Tool.PARENT, state, day, h=link.first)
        if state != "done":  # what was agreed is written down by whoever led the talk
            answers.pop("agreed-actions", None)
        words = student.say(_SAID["declined"]["parent-conversation"][0], day, h=link.first)
        by, wording = (alone, "parent") if alone else (student.keyworker(day).id, "staff")
        self.write(
            Tool.PARENT, state, day, by, answers, wording=wording, declined=words, member_id=link.member_id
        )

    def observation(self) -> None:
        student, rng, first = self.student, self.student.rng, self.span.first + 5 * DAY
        day, slug = student.weekday(first, max(first, self.span.last - DAY)), rng.choice([*EXAMPLES])
        places = [one for one in EXAMPLES[slug] if one[0] in _SAID["observed-in"]]
        if day < student.school.today and places:
            kind, (where, text) = rng.choice(("keyworker", "mentor", "teacher", "deputy")), rng.choice(places)
            author = student.holder(kind, day) or student.keyworker(day)
            answers: Answers = {
                "when": day.isoformat(), "setting": _SAID["observed-in"][where], "statements": [slug],
                "what-happened": student.say(text, day), "support-given": draw(rng, _SAID["support"]),
            }  # fmt: skip
            self.write(Tool.OBSERVATION, "done", day, author.id, answers)

    def asks(self, what: str, kind: str, asked: date) -> None:
        """What somebody was asked: it is waiting, expired, excused or answered."""
        student, rng, slugs = self.student, self.student.rng, [area.slug for area in self.form.areas]
        keyworker, colleague, until = student.keyworker(asked), student.holder(kind, asked), asked + 12 * DAY
        if asked < self.span.first or (kind != "outside" and colleague in (None, keyworker)):
            return
        if colleague:
            role, words = colleague.job.split(",")[0], ""
            whom: Row = {"user_id": colleague.id}
        else:
            name, role = rng.choice(_SAID["outside"])
            words, email = f"{name}, {role}", f"{name.lower().replace(' ', '.')}@outside.example"
            whom = {
                "name": name, "role": role, "email": email, "link_digest": f"!demo {student.id} {self.span.term.id}",
                "code_digest": "!asked-in-the-demo", "expires_at": at(asked + 14 * DAY, "10:15"),
            }  # fmt: skip
        areas = sorted(rng.sample(slugs, rng.choice((0, 2, 3, 4))), key=slugs.index)
        row = student.add(
            Enquiry, kind=INPUT, period=self.span.term.id, parts=areas, asked_at=at(asked, "10:15"),
            question=student.say(rng.choice(_SAID["questions"]), asked), asked_by_id=keyworker.id,
            answer_by=asked + rng.choice((7, 10, 14)) * DAY, **whom,
        )  # fmt: skip
        if what == "excused":
            said = student.say(rng.choice(_SAID["excused"]), asked)
            row |= {"declined_at": at(asked + 2 * DAY, "12:40"), "declined_words": said}
        elif what == "answered":
            day, areas = student.weekday(asked + DAY, until), areas or [rng.choice(slugs)]
            statement = rng.choice(self.form.area(areas[0]).statements).slug
            seen_on = student.weekday(max(self.span.first, day - 20 * DAY), day).isoformat()
            answers: Answers = {
                "role": role, "areas-seen": areas, "what-works": student.tell(_SAID["works"], day),
                "what-does-not": student.tell(_SAID["works-not"], day) if rng.random() < 0.7 else "",
                "example": {"on": seen_on, "words": student.say(rng.choice(EXAMPLES[statement])[1], day)},
            }  # fmt: skip
            sheet = self.write(Tool.TEAM, "done", day, whom.get("user_id"), answers, author_words=words)
            row |= {"target_id": sheet["id"]} | dict.fromkeys(
                ("opened_at", "answered_at"), sheet["started_at"]
            )


def write_repairs(school: School, form: Template, span: Span) -> None:
    """The restorative conversations of the story: a record each of two, joined by nothing but a number."""
    known = {one.values["legal_forename"]: one for one in school.come("repair") if one.child and not one.left}
    pairs = [(one, known.get(one.story("tsp").get("repairs_with", ""))) for one in known.values()]
    for one, other in pairs:
        first, last = span.first + 2 * DAY, span.last - 2 * DAY
        if other is None or first > last:
            continue
        day, together = one.weekday(first, last), UUID(int=one.rng.getrandbits(128), version=4)
        for student, side in zip((one, other), one.rng.choice(_SAID["repairs"]), strict=True):
            agreed = {"what": side["agreed"], "who": student.known_as, "by": (day + 7 * DAY).isoformat()}
            _Term(student, form, span, {}).write(
                Tool.RESTORATIVE, "done", day, student.keyworker(day).id, {**side, "agreed": [agreed]}, together=together,
            )  # fmt: skip


def write_feelings(student: Student) -> None:
    """On some of the last school days. Nobody has to; most say nothing but the cast. Somebody is worried today, so that
    a keyworker finds it; the student who signs in has not said."""
    rng, school, often = student.rng, student.school, student.rng.uniform(0.2, 0.7)
    if student.left is not None or not (student.child or rng.random() < 0.16):
        return
    for day in (school.today - ago * DAY for ago in range(21, -1, -1)):
        word = draw(rng, _SAID["feeling-weights"]) if rng.random() < often else ""
        if day == school.today:
            word = student.story("tsp").get("feels_today", word)
        if word and day >= student.first_day and school.calendar.is_pupil_day(day):
            shared = student.lives_with() if word != "worried" and rng.random() < 0.35 else []
            student.add(
                Feeling, on=day, word=word, words=rng.choice(_SAID["feelings"][word]), share_with_home=bool(shared),
                shared_with=shared, said_at=at(day, rng.choice(("08:55", "10:40", "12:50", "14:55"))),
            )  # fmt: skip
