"""The independence assessment of the demo school: a round in the second half of each autumn, and this year's, which is
open now; who answered when, who took no part, what was agreed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from enquiries.models import Enquiry
from ilsa import rules, templates
from ilsa.enquiries import RATING, RELATION
from ilsa.goal_links import link_source
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Role, Round
from keywork.calendar import AcademicYear
from students.rules import academic_year
from tsp.models import Goal

from ..pen import Pen
from ..people import Link, School
from ..rows import DAY, Row, Rows, at, copy, draw
from ..texts import texts
from .levels import NA, Course, Form

OPEN_DAYS, BEGAN_BEFORE = 41, 20  # whoever answers within it answers within one assessment
RECENT = 2  # years back in which nearly everyone was asked
LATE_PAPER = rules.ONE_ASSESSMENT_DAYS + 9
_SAID = texts("independence")
_ANSWER = ("form_id", "item", "kind", "score", "suggested", "note", "note_version", "at", "by_id", "version")


class Span(NamedTuple):
    """One round, so many years `ago`. `is_last`: the newest of those that are over."""

    year: AcademicYear
    opens_on: date
    closes_on: date
    is_now: bool
    is_last: bool
    ago: int


def write_ilsa(school: School, dice: Callable[[str], Random]) -> None:
    """Every round with its forms. After TSP: goals are told from which item they grew."""
    template, rows, rounds = templates.current(), school.rows, list(_spans(school))
    form, goals, shown = Form(template), defaultdict[int, list[Row]](list), school.of_sign_in()
    for span in rounds:
        rows.add(
            Round, year=span.year.id, template_id=template.version_id, opens_on=span.opens_on, closes_on=span.closes_on,
            opened_at=at(span.opens_on, "00:01"), opened_by_id=school.holding("head").id,
        )  # fmt: skip
    for goal in reversed(rows.tables[Goal]):
        if _SAID["grows"].get(goal["statement"]) in form.place:
            goals[goal["student_id"]].append(goal)
    for student in school.come():
        pen = Pen(school, student, dice(f"ilsa {student.id}"))
        course = Course(form, pen.rng, boards=student.values.get("placement", "day") != "day")
        for number, span in enumerate(rounds, 1):
            one = _One(pen, form, span, course, goals[student.id], student in shown)
            one.write(number)
    ask(rows)


def _spans(school: School) -> Iterator[Span]:
    """Oldest first: every academic year since the school went live that has begun."""
    begun = [year for year in school.calendar.years if school.live_on <= year.starts_on <= school.today]
    past = [year for year in begun if year.ends_on < school.today]
    for ago, year in zip(reversed(range(len(begun))), begun, strict=True):
        starts = (
            one.starts_on for one in school.calendar.blocks if year.starts_on < one.starts_on < year.ends_on
        )
        opens_on = min(starts, default=year.starts_on)
        if year not in past:
            opens_on = max(year.starts_on, school.pupil_day(school.today - BEGAN_BEFORE * DAY))
        closes_on = min(opens_on + OPEN_DAYS * DAY, year.ends_on)
        yield Span(year, opens_on, closes_on, year not in past, year in past[-1:], ago)


@dataclass(slots=True)
class _One:
    """One assessment while it is written."""

    pen: Pen
    form: Form
    span: Span
    course: Course
    goals: list[Row]  # that may have grown from an item, and of which none is told yet
    is_shown: bool  # somebody who tries the demo looks for one
    row: Row = field(default_factory=dict)
    opened: date = date.min
    last: date = date.min  # the last day something could be answered
    year: int = 0  # the student's year group then
    answered: dict[int, list[int]] = field(default_factory=dict)  # by form, the keyworker's first
    days: dict[str, date] = field(default_factory=dict)

    def write(self, number: int) -> None:
        pen, span, student, today = self.pen, self.span, self.pen.student, self.pen.school.today
        # Their forms were made when the round opened, or when they had come; none for those there too short a time.
        self.opened = max(
            span.opens_on,
            min(student.joined + 8 * DAY, today) if student.joined > span.opens_on else span.opens_on,
        )
        ends = min(student.left or span.year.ends_on, span.year.ends_on)
        here = pen.school.calendar.pupil_days(max(student.joined, span.year.starts_on), min(ends, today))
        if ends < self.opened or (student.joined > span.opens_on and here < (1 if span.is_now else 60)):
            return
        self.last = max(self.opened, min(ends, today - DAY))
        self.year = student.year - (academic_year(student.left or today) - int(span.year.id[:4]))
        story = student.story("ilsa")
        whole, now = story.get("late_paper") and span.is_last, story if span.is_now else {}
        self.row = pen.add(
            Assessment, round_id=number, student_id=student.id, opened_at=self.moment(self.opened, "09:10"),
            template_id=self.form.template.version_id,
        )  # fmt: skip
        for role in ("keyworker", "pupil"):
            self.rate(role, "in" if whole else now.get(role, ""), None, role)
        for place, link in enumerate(link for link in student.links if link.may_receive_reports):
            late = self.days["keyworker"] + LATE_PAPER * DAY if whole and place == 0 else None
            state = "paper" if late else "".join(now.get("parents", ())[place : place + 1])
            self.rate("parent_carer", state, link, "other parent" if place else "parent_carer", late)
        self.grow()
        self.agree(now.get("agreed"))

    def moment(self, day: date, time: str) -> str:
        """What happened today happened early, in the same order."""
        return at(day, "00:" + time[:2] if day >= self.pen.school.today else time)

    def say(self, texts: Sequence[str], adult: str = "") -> str:
        return self.pen.rng.choice(texts).replace("{n}", self.pen.student.known_as).replace("{adult}", adult)

    def rate(self, role: str, state: str, link: Link | None, chances: str, late: date | None = None) -> None:
        pen, rng, school, span = self.pen, self.pen.rng, self.pen.school, self.span
        account = school.account_of(link) if link else pen.student.values.get("user_id")
        account = pen.keyworker(self.last).id if role == "keyworker" else account
        known = _SAID["chances"]["now" if span.is_now else "long-ago" if span.ago > RECENT else "then"]
        chosen = state or draw(rng, known[chances])
        if chosen == "missing":
            chosen = "not_asked" if span.ago > RECENT else draw(rng, _SAID["reasons"])
        form = pen.add(
            RaterForm, assessment_id=self.row["id"], role=role, member_id=link.member_id if link else None,
            invited_at=self.row["opened_at"],
        )  # fmt: skip
        waits = ((school.today if span.is_now else span.closes_on) - self.opened).days
        if waits > 12 and chosen not in ("in", "paper") and role != "pupil":
            form["reminded_at"] = self.moment(self.opened + 12 * DAY, "10:00")
        if chosen in rules.NOT_TAKING_PART:
            noted = pen.weekday(min(self.opened + 9 * DAY, self.last), self.last)
            words = self.say(_SAID["missing"][role][chosen], link.first if link else "")
            form |= {"missing": chosen, "missing_words": "" if span.ago > RECENT else words}
            form |= {
                "missing_noted_by_id": pen.keyworker(noted).id,
                "missing_noted_at": self.moment(noted, "15:45"),
            }
        elif chosen in ("in", "paper"):
            self.submitted(form, role, None if chosen == "paper" else account, late)
        elif chosen == "begun" and account is not None:
            form["started_at"] = self.moment(pen.weekday(self.opened, self.last), "15:10")
            # Some domains are answered, the next one in part; what the form only suggests is not written down yet.
            suggested, values = (
                self.form.suggested(str(self.year)),
                self.course.answers(role, self.year, form["member_id"]),
            )
            kept = [-1 if n in suggested and value == NA else value for n, value in enumerate(values)]
            self.give(
                form,
                kept[: rng.randrange(9, 50)],
                frozenset(),
                self.notes(role, values),
                form["started_at"],
                account,
            )

    def give(self, form: Row, *given: Any) -> None:
        self.pen.school.rows.packed[Answer].append((form["id"], *given))

    def submitted(self, form: Row, role: str, account: int | None, late: date | None) -> None:
        """Mostly while the round was open, now and then after a reminder; what came on paper was typed in later."""
        pen, rng, last = self.pen, self.pen.rng, self.last
        first, point = min(self.opened + 2 * DAY, last), 38
        if rng.random() < 0.05:
            first, point = min(self.opened + 42 * DAY, last), 30
        day = late or pen.weekday(first, min(first + point * DAY, last))
        sent = day if account else max(day, pen.weekday(min(day + 2 * DAY, last), min(day + 6 * DAY, last)))
        account = pen.keyworker(day).id if role == "keyworker" else account
        writer = account or pen.keyworker(sent).id
        begun = max(self.opened, day - rng.randrange(8) * DAY) if account else sent
        form |= {
            "started_at": self.moment(begun, "14:05"), "submitted_at": self.moment(sent, "16:20"), "answered_on": day,
            "rater_id": account, "from_paper": account is None, "typed_by_id": None if account else writer,
            "helped_by": rng.choice(_SAID["helped"]) if role == "pupil" else "",
        }  # fmt: skip
        values = self.answered[form["id"]] = self.course.answers(role, self.year, form["member_id"])
        self.days[role] = max(day, self.days.get(role, day))
        self.give(
            form,
            values,
            self.form.suggested(str(self.year)),
            self.notes(role, values),
            form["submitted_at"],
            writer,
        )

    def notes(self, role: str, values: Sequence[int]) -> dict[int, str]:
        """A few, of late; beside what was seen."""
        rng, place = self.pen.rng, self.form.place
        if not (self.span.is_now or self.span.is_last) or (role != "keyworker" and rng.random() < 0.5):
            return {}
        known = {place[slug]: text for slug, text in _SAID["notes"][role].items() if slug in place}
        fitting = [number for number in known if 2 <= values[number] <= 4]
        return {
            number: known[number] for number in rng.sample(fitting, min(len(fitting), rng.choice((1, 2, 3))))
        }

    def grow(self) -> None:
        """A goal of the year that followed grew from an item at 1 or 2."""
        day, mine = self.days.get("keyworker", date.max), next(iter(self.answered.values()), [])
        for goal in [*self.goals]:
            slug, begun = _SAID["grows"][goal["statement"]], date.fromisoformat(goal["started_at"][:10])
            place = self.form.place[slug]
            if not day < begun or (begun - day).days > 330 or not (self.is_shown or mine[place] in (1, 2)):
                continue
            mine[place] = mine[place] if mine[place] in (1, 2) else 2
            words = link_source(self.form.template.in_use[place].staff, self.span.year.id)
            goal |= {"grew_from": f"ilsa:{self.row['id']}:{slug}", "grew_from_words": words}
            self.goals.remove(goal)
            return

    def agree(self, wanted: int | None) -> None:
        """Where two people differ by two or more, they talked, and agreed on a value."""
        pen, rng, sets = self.pen, self.pen.rng, list(self.answered.values())
        if len(sets) < 2 or "keyworker" not in self.days:
            return
        given = enumerate([value for value in values if value < NA] for values in zip(*sets, strict=True))
        apart = [(number, found) for number, found in given if rules.flagged(*found)]
        some = rng.choice((2, 3, 4)) if rng.random() < (0.3 if self.span.is_now else 0.5) else 0
        last = max(self.days.values())
        day = pen.weekday(last, max(last, min(last + 13 * DAY, self.last)))
        for number, found in apart[: some if wanted is None else wanted]:
            tags = rng.sample([*rules.EXPLANATIONS], 1 + (rng.random() < 0.15))
            pen.add(
                Agreement, assessment_id=self.row["id"], item=self.form.slugs[number], tags=tags,
                score=rng.randint(min(found), max(found)), agreed_on=day, at=self.moment(day, "17:00"),
                note=self.say(_SAID["agreed"][tags[0]]) if rng.random() < 0.8 else "", by_id=pen.keyworker(day).id,
            )  # fmt: skip


def ask(rows: Rows) -> None:
    """What each form stands for, as the product would have asked it."""
    for form in rows.tables[RaterForm]:
        assessment = rows.tables[Assessment][form["assessment_id"] - 1]
        span = rows.tables[Round][assessment["round_id"] - 1]
        rows.add(
            Enquiry, kind=RATING, student_id=assessment["student_id"], period=span["year"], target_id=form["id"],
            relation=RELATION.get(Role(form["role"]), ""), member_id=form["member_id"], asked_at=form["invited_at"],
            asked_by_id=span["opened_by_id"], answer_by=span["closes_on"], reminded_at=form.get("reminded_at"),
            opened_at=form.get("started_at"), answered_at=form.get("submitted_at"),
            declined_at=form.get("missing_noted_at"), declined_words=form.get("missing_words", ""),
        )  # fmt: skip


def write_answers(rows: Rows) -> None:
    """Those packed in `rows`: form, values in its order, which of them it suggested, notes, moment, writer."""
    slugs = [item.slug for item in templates.current().in_use]
    with _asleep(Answer):
        copy(Answer, _ANSWER, (line for one in rows.packed[Answer] for line in _lines(slugs, *one)))


@contextmanager
def _asleep(model: type[Model]) -> Iterator[None]:
    """The table's triggers are off and its foreign keys are checked once, at the end.

    Row by row both take several times as long as writing a million of them.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # Rows that wait for their foreign keys to be checked stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname",
            [model._meta.db_table],
        )
        keys = cursor.fetchall()
        dropped = ", ".join(f"DROP CONSTRAINT {name}" for name, _ in keys)
        added = ", ".join(f"ADD CONSTRAINT {name} {words}" for name, words in keys)
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER, {dropped}")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER, {added}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _lines(
    slugs: Sequence[str], form: int, values: Sequence[int], suggested: frozenset[int], notes: Mapping[int, str], moment: str, by: int,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Answers by column: there may be millions in all, so they are never dicts."""
    for place, value in enumerate(values):
        if value >= 0:
            kind, score = ("na", None) if value == NA else ("no", None) if value > NA else ("score", value)
            noted = (notes[place], 1) if place in notes else ("", 0)
            yield form, slugs[place], kind, score, value == NA and place in suggested, *noted, moment, by, 1
