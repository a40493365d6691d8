"""The independence assessment of the demo school: a round in the second half of each autumn, and this year's, which is
open now; who answered when, who took no part, what was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from enquiries.models import Enquiry
from ilsa import rules, templates
from ilsa.enquiries import RATING, RELATION
from ilsa.goal_links import link_source
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Role, Round
from ilsa.templates import Template
from keywork.calendar import AcademicYear
from students.rules import academic_year
from tsp.models import Goal

from .people import Link, School, Student
from .rows import DAY, Row, at, draw
from .words import texts

OPEN_DAYS, BEGAN_BEFORE = 41, 20  # whoever answers within it answers within one assessment
RECENT = 2  # years back in which nearly everyone was asked
LATE_PAPER = rules.ONE_ASSESSMENT_DAYS + 9
NA: Final = 5
NO: Final = 6
_SAID = texts("independence")
_ANSWER = ("form_id", "item", "kind", "score", "suggested", "note", "note_version", "at", "by_id", "version")


class Span(NamedTuple):
    """One round, so many years `ago`; `is_last`: the newest of those that are over."""

    number: int
    year: AcademicYear
    opens_on: date
    closes_on: date
    is_now: bool
    is_last: bool
    ago: int


def write_ilsa(school: School) -> None:
    """Every round with its forms. After TSP: goals are told from which item they grew."""
    form, spans, shown = Form(templates.current()), [*_spans(school)], {one.id for one in school.of_sign_in()}
    for span in spans:
        school.rows.add(
            Round, year=span.year.id, template_id=form.template.version_id, opens_on=span.opens_on,
            closes_on=span.closes_on, opened_at=at(span.opens_on, "00:01"), opened_by_id=school.holding("head").id,
        )  # fmt: skip
    goals = [
        row
        for row in reversed(school.rows.tables[Goal])
        if _SAID["grows"].get(row["statement"]) in form.place
    ]
    for student in school.come("ilsa"):
        course = Course(form, student.rng, boards=student.boards)
        mine = [goal for goal in goals if goal["student_id"] == student.id]
        for span in spans:
            _One(student, form, span, course).write(mine, is_shown=student.id in shown)


def _spans(school: School) -> Iterator[Span]:
    """Oldest first: every academic year since the school went live that has begun."""
    begun = [year for year in school.calendar.years if school.live_on <= year.starts_on <= school.today]
    for number, year in enumerate(begun, 1):
        is_now, ago = year.ends_on >= school.today, len(begun) - number
        starts = (
            one.starts_on for one in school.calendar.blocks if year.starts_on < one.starts_on < year.ends_on
        )
        opens_on = min(starts, default=year.starts_on)
        if is_now:
            opens_on = max(year.starts_on, school.pupil_day(school.today - BEGAN_BEFORE * DAY))
        is_last = not is_now and (ago == 0 or begun[number].ends_on >= school.today)
        yield Span(
            number, year, opens_on, min(opens_on + OPEN_DAYS * DAY, year.ends_on), is_now, is_last, ago
        )


@dataclass(slots=True)
class _One:
    """One assessment while it is written."""

    student: Student
    form: Form
    span: Span
    course: Course
    row: Row = field(default_factory=dict)
    opened: date = date.min
    last: date = date.min  # the last day something could be answered
    year: int = 0  # the student's year group then
    answered: list[list[int]] = field(default_factory=list)  # the keyworker's first
    days: dict[str, date] = field(default_factory=dict)

    def write(self, goals: list[Row], *, is_shown: bool) -> None:
        span, student, today = self.span, self.student, self.student.school.today
        # Their forms were made when the round opened, or when they had come; none for those there too short a time.
        is_new = student.joined > span.opens_on
        self.opened = max(span.opens_on, min(student.joined + 8 * DAY, today) if is_new else date.min)
        ends = min(student.left or span.year.ends_on, span.year.ends_on)
        here = student.school.calendar.pupil_days(max(student.joined, span.year.starts_on), min(ends, today))
        if ends < self.opened or (is_new and here < (1 if span.is_now else 60)):
            return
        self.last = max(self.opened, min(ends, today - DAY))
        self.year = student.year - (academic_year(student.left or today) - int(span.year.id[:4]))
        story = student.story("ilsa")
        whole, now = story.get("late_paper") and span.is_last, story if span.is_now else {}
        self.row = student.add(
            Assessment, round_id=span.number, opened_at=self.moment(self.opened, "09:10"),
            template_id=self.form.template.version_id,
        )  # fmt: skip
        for role in ("keyworker", "pupil"):
            self.rate(role, "in" if whole else now.get(role, ""), None, role)
        for place, link in enumerate(link for link in student.links if link.may("reports")):
            late = self.days["keyworker"] + LATE_PAPER * DAY if whole and place == 0 else None
            state = "paper" if late else "".join(now.get("parents", ())[place : place + 1])
            self.rate("parent_carer", state, link, "other parent" if place else "parent_carer", late)
        self.grow(goals, is_shown)
        self.agree(now.get("agreed"))

    def moment(self, day: date, time: str) -> str:
        """What happened today happened early, in the same order."""
        return at(day, "00:" + time[:2] if day >= self.student.school.today else time)

    def say(self, texts: Sequence[str], adult: str = "") -> str:
        words = self.student.rng.choice(texts)
        return words.replace("{n}", self.student.known_as).replace("{adult}", adult)

    def rate(self, role: str, state: str, link: Link | None, chances: str, late: date | None = None) -> None:
        student, rng, span = self.student, self.student.rng, self.span
        account = link.account if link else student.user_id
        account = student.keyworker(self.last).id if role == "keyworker" else account
        when = "now" if span.is_now else "long-ago" if span.ago > RECENT else "then"
        chosen = state or draw(rng, _SAID["chances"][when][chances])
        if chosen == "missing":
            chosen = "not_asked" if span.ago > RECENT else draw(rng, _SAID["reasons"])
        form = student.add(
            RaterForm, assessment_id=self.row["id"], role=role, member_id=link.member_id if link else None,
            invited_at=self.row["opened_at"],
        )  # fmt: skip
        waits = ((student.school.today if span.is_now else span.closes_on) - self.opened).days
        if waits > 12 and chosen not in ("in", "paper") and role != "pupil":
            form["reminded_at"] = self.moment(self.opened + 12 * DAY, "10:00")
        if chosen in rules.NOT_TAKING_PART:
            noted = student.weekday(min(self.opened + 9 * DAY, self.last), self.last)
            words = self.say(_SAID["missing"][role][chosen], link.first if link else "")
            form |= {
                "missing": chosen, "missing_words": "" if span.ago > RECENT else words,
                "missing_noted_by_id": student.keyworker(noted).id, "missing_noted_at": self.moment(noted, "15:45"),
            }  # fmt: skip
        elif chosen in ("in", "paper"):
            self.submitted(form, role, None if chosen == "paper" else account, late)
        elif chosen == "begun" and account is not None:
            form["started_at"] = self.moment(student.weekday(self.opened, self.last), "15:10")
            # Some domains are answered, the next one in part; what the form only suggests is not written down yet.
            values = self.course.answers(role, self.year, form["member_id"])[: rng.randrange(9, 50)]
            suggested = self.form.suggested(str(self.year))
            values = [-1 if n in suggested and value == NA else value for n, value in enumerate(values)]
            self.give(form, role, values, account)
        # What the form stands for, as the product would have asked it.
        student.add(
            Enquiry, kind=RATING, period=span.year.id, target_id=form["id"], relation=RELATION.get(Role(role), ""),
            member_id=form["member_id"], asked_at=form["invited_at"], asked_by_id=student.school.holding("head").id,
            answer_by=span.closes_on, reminded_at=form.get("reminded_at"), opened_at=form.get("started_at"),
            answered_at=form.get("submitted_at"), declined_at=form.get("missing_noted_at"),
            declined_words=form.get("missing_words", ""),
        )  # fmt: skip

    def submitted(self, form: Row, role: str, account: int | None, late: date | None) -> None:
        """Mostly while the round was open, now and then after a reminder; what came on paper was typed in later."""
        student, rng, last = self.student, self.student.rng, self.last
        after, window = rng.choices(((2, 38), (42, 30)), (95, 5))[0]
        first = min(self.opened + after * DAY, last)
        day = late or student.weekday(first, min(first + window * DAY, last))
        sent = (
            day if account else max(day, student.weekday(min(day + 2 * DAY, last), min(day + 6 * DAY, last)))
        )
        account = student.keyworker(day).id if role == "keyworker" else account
        writer = account or student.keyworker(sent).id
        begun = max(self.opened, day - rng.randrange(8) * DAY) if account else sent
        form |= {
            "started_at": self.moment(begun, "14:05"), "submitted_at": self.moment(sent, "16:20"), "answered_on": day,
            "rater_id": account, "from_paper": account is None, "typed_by_id": None if account else writer,
            "helped_by": rng.choice(_SAID["helped"]) if role == "pupil" else "",
        }  # fmt: skip
        values = self.course.answers(role, self.year, form["member_id"])
        self.answered.append(values)
        self.days[role] = max(day, self.days.get(role, day))
        self.give(form, role, values, writer)

    def give(self, form: Row, role: str, values: list[int], by: int) -> None:
        """The answers; with a few notes, of late, beside what was seen."""
        rng, place, notes = self.student.rng, self.form.place, {}
        if (self.span.is_now or self.span.is_last) and (role == "keyworker" or rng.random() < 0.5):
            known = {place[slug]: text for slug, text in _SAID["notes"][role].items() if slug in place}
            fitting = [number for number in known if number < len(values) and 2 <= values[number] <= 4]
            notes = {n: known[n] for n in rng.sample(fitting, min(len(fitting), rng.choice((1, 2, 3))))}
        self.student.school.rows.lines[Answer, _ANSWER].append(self.lines(form, values, by, notes))

    def lines(
        self, form: Row, values: list[int], by: int, notes: dict[int, str]
    ) -> Iterator[tuple[Any, ...]]:
        """Answers are made when they are written: a school of 2,000 has more than a million."""
        moment, suggested = form.get("submitted_at", form["started_at"]), self.form.suggested(str(self.year))
        for place, (slug, value) in enumerate(zip(self.form.slugs, values, strict=False)):
            if value >= 0:
                kind, score = (
                    ("na", None) if value == NA else ("no", None) if value > NA else ("score", value)
                )
                noted = (notes[place], 1) if place in notes else ("", 0)
                yield form["id"], slug, kind, score, value == NA and place in suggested, *noted, moment, by, 1

    def grow(self, goals: list[Row], is_shown: bool) -> None:
        """A goal of the year that followed grew from an item at 1 or 2; there is one where somebody looks for it."""
        day, mine = self.days.get("keyworker", date.max), next(iter(self.answered), [])
        for goal in goals:
            slug, begun = _SAID["grows"][goal["statement"]], date.fromisoformat(goal["started_at"][:10])
            place = self.form.place[slug]
            if day < begun and (begun - day).days <= 330 and (is_shown or mine[place] in (1, 2)):
                mine[place] = mine[place] if mine[place] in (1, 2) else 2
                words = link_source(self.form.template.in_use[place].staff, self.span.year.id)
                goal |= {"grew_from": f"ilsa:{self.row['id']}:{slug}", "grew_from_words": words}
                goals.remove(goal)
                return

    def agree(self, wanted: int | None) -> None:
        """Where two people differ by two or more, they talked, and agreed on a value."""
        student, rng = self.student, self.student.rng
        if len(self.answered) < 2 or "keyworker" not in self.days:
            return
        given = enumerate(
            [value for value in values if value < NA] for values in zip(*self.answered, strict=True)
        )
        apart = [(number, found) for number, found in given if rules.flagged(*found)]
        some = rng.choice((2, 3, 4)) if rng.random() < (0.3 if self.span.is_now else 0.5) else 0
        last = max(self.days.values())
        day = student.weekday(last, max(last, min(last + 13 * DAY, self.last)))
        for number, found in apart[: some if wanted is None else wanted]:
            tags = rng.sample([*rules.EXPLANATIONS], 1 + (rng.random() < 0.15))
            student.add(
                Agreement, assessment_id=self.row["id"], item=self.form.slugs[number], tags=tags,
                score=rng.randint(min(found), max(found)), agreed_on=day, at=self.moment(day, "17:00"),
                note=self.say(_SAID["agreed"][tags[0]]) if rng.random() < 0.8 else "",
                by_id=student.keyworker(day).id,
            )  # fmt: skip


class Form:
    """The published form as places in a list; made once."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.slugs = [item.slug for item in template.in_use]
        self.place = {slug: number for number, slug in enumerate(self.slugs)}
        numbers = {domain.slug: number for number, domain in enumerate(template.domains)}
        self.domain_of = [numbers[item.domain] for item in template.in_use]
        self.hard = [
            _SAID["harder"].get(item.domain, 0.0) + (item.from_year * 0.25 - 1.2 if item.from_year else 0.0)
            for item in template.in_use
        ]
        # What a school seldom sees of somebody who goes home at four, what home seldom sees, what some have not.
        self.at_home, self.at_school, self.equipment = (
            [self.place[slug] for slug in _SAID[name] if slug in self.place]
            for name in ("at-home", "at-school", "equipment")
        )
        self.suggested = cache(self._suggested)

    def _suggested(self, nc_year: str) -> frozenset[int]:
        """What the form answers with "does not apply" in this year group."""
        return frozenset(n for n, item in enumerate(self.template.in_use) if not item.usual_for(nc_year))


class Course:
    """What one student can do by themself, rising with age, and how each rater sees it: 0 to 4, NA or NO."""

    def __init__(self, form: Form, rng: Random, *, boards: bool) -> None:
        self.form, self.rng, seldom = form, rng, 0.08 if boards else 0.3
        self.start, self.pace, self.bias = rng.gauss(1.7, 0.45), rng.uniform(0.15, 0.45), rng.gauss(0.25, 0.3)
        self.offsets = [rng.gauss(0, 0.7) - hard for hard in form.hard]
        self.noise = [rng.gauss(0, 0.3) for _ in range(89)]
        self.never = [one for one in form.equipment if rng.random() < 0.65]
        self.unseen = {
            "keyworker": [one for one in form.at_home if rng.random() < seldom],
            "parent_carer": [one for one in form.at_school if rng.random() < 0.3],
            "pupil": rng.sample(range(len(form.slugs)), rng.choice((0, 1, 1, 2))),
        }
        self.parents: dict[int, list[float]] = {}

    def answers(self, role: str, year: int, member: int | None = None) -> list[int]:
        """As one rater sees it when the student is in this year group."""
        form, rng, domains = self.form, self.rng, len(self.form.template.domains)
        level, place, values = self.start + self.pace * (year - 7) + 0.5, rng.randrange(89), []
        shifts = [self.bias if role == "pupil" else 0.0] * domains
        if role == "parent_carer":  # each adult sees it in their own way, in some domains more than in others
            own = rng.gauss(-0.1, 0.3)
            shifts = self.parents.setdefault(member or 0, [own + rng.gauss(0, 0.35) for _ in shifts])
        for offset, domain in zip(self.offsets, form.domain_of, strict=True):
            place += 1
            values.append(max(0, min(4, int(level + offset + shifts[domain] + self.noise[place % 89]))))
        if role != "keyworker":
            # Somebody sees it done in one place only, or expects something else.
            for number in rng.sample(range(len(values)), rng.choice((0, 1, 2, 3))):
                values[number] += -2 if values[number] > 1 else 2
        for number in self.unseen[role]:
            values[number] = NO
        # Now and then a younger one does already what is suggested for later.
        for number in (*self.never, *(one for one in form.suggested(str(year)) if rng.random() < 0.93)):
            values[number] = NA
        return values
