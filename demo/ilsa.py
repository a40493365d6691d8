"""The independence assessment of the demo school: a round in the second half of each autumn, and this year's, which is
open now; who answered when, who took no part, what was agreed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from enquiries.models import Enquiry
from ilsa import rules, templates
from ilsa.actions import suggested
from ilsa.enquiries import RATING, RELATION
from ilsa.goal_links import link_source
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Role, Round
from ilsa.templates import Template
from keywork.calendar import AcademicYear
from students.rules import academic_year
from tsp.models import Goal

from .people import Link, School, Student
from .rows import DAY, Row, done, draw
from .words import texts

OPEN_DAYS, BEGAN_BEFORE = 41, 20  # whoever answers within it answers within one assessment
RECENT = 2  # years back in which nearly everyone was asked
LATE_PAPER = rules.ONE_ASSESSMENT_DAYS + 9
_SAID = texts("independence")
_ANSWER = ("form_id", "item", "kind", "score", "suggested", "note", "note_version", "at", "by_id", "version")
Answers = dict[str, rules.Answer]


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
    form, spans, shown = templates.current(), [*_spans(school)], {one.id for one in school.of_sign_in()}
    for span in spans:
        school.rows.add(
            Round, year=span.year.id, template_id=form.version_id, opens_on=span.opens_on, closes_on=span.closes_on,
            **done("opened", span.opens_on, "00:01", school.holding("head").id),
        )  # fmt: skip
    goals = [row for row in reversed(school.rows.tables[Goal]) if row["statement"] in _SAID["grows"]]
    for student in school.come("ilsa"):
        course = Course(form, student)
        mine = [goal for goal in goals if goal["student_id"] == student.id]
        for span in spans:
            _One(student, form, span, course).write(mine, is_shown=student.id in shown)


def _spans(school: School) -> Iterator[Span]:
    """Oldest first: every academic year since the school went live that has begun."""
    begun = [year for year in school.calendar.years if school.live_on <= year.starts_on <= school.today]
    over = sum(year.ends_on < school.today for year in begun)
    for number, year in enumerate(begun, 1):
        blocks = (one.starts_on for one in school.calendar.blocks)
        opens_on = min(day for day in blocks if year.starts_on < day < year.ends_on)
        if is_now := number > over:
            opens_on = max(year.starts_on, school.pupil_day(school.today - BEGAN_BEFORE * DAY))
        closes_on = min(opens_on + OPEN_DAYS * DAY, year.ends_on)
        yield Span(number, year, opens_on, closes_on, is_now, number == over, len(begun) - number)


@dataclass(slots=True)
class _One:
    """One assessment while it is written."""

    student: Student
    form: Template
    span: Span
    course: Course
    row: Row = field(default_factory=dict)
    opened: date = date.min
    last: date = date.min  # the last day something could be answered
    year: int = 0  # the student's year group then
    answered: list[Answers] = field(default_factory=list)  # the keyworker's first
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
            Assessment, round_id=span.number, opened_at=student.school.moment(self.opened, "09:10"),
            template_id=self.form.version_id,
        )  # fmt: skip
        for role in ("keyworker", "pupil"):
            self.rate(role, "in" if whole else now.get(role, ""), None, role)
        for place, link in enumerate(link for link in student.links if link.may("reports")):
            late = self.days["keyworker"] + LATE_PAPER * DAY if whole and place == 0 else None
            state = "paper" if late else "".join(now.get("parents", ())[place : place + 1])
            self.rate("parent_carer", state, link, "other parent" if place else "parent_carer", late)
        self.grow(goals, is_shown)
        self.agree(now.get("agreed"))

    def say(self, texts: Sequence[str], adult: str = "") -> str:
        words = self.student.rng.choice(texts)
        return words.replace("{n}", self.student.known_as).replace("{adult}", adult)

    def rate(self, role: str, state: str, link: Link | None, chances: str, late: date | None = None) -> None:
        student, rng, span, moment = self.student, self.student.rng, self.span, self.student.school.moment
        account = link.account if link else student.user_id
        account = student.keyworker(self.last).id if role == "keyworker" else account
        when = "now" if span.is_now else "long-ago" if span.ago > RECENT else "then"
        chosen = state or draw(rng, _SAID["chances"][when][chances])
        form = student.add(
            RaterForm, assessment_id=self.row["id"], role=role, member_id=link.member_id if link else None,
            invited_at=self.row["opened_at"],
        )  # fmt: skip
        waits = ((student.school.today if span.is_now else span.closes_on) - self.opened).days
        if waits > 12 and chosen not in ("in", "paper") and role != "pupil":
            form["reminded_at"] = moment(self.opened + 12 * DAY, "10:00")
        if chosen in rules.NOT_TAKING_PART:
            noted = student.weekday(min(self.opened + 9 * DAY, self.last), self.last)
            words = self.say(_SAID["missing"][role][chosen], link.first if link else "")
            form |= {
                "missing": chosen, "missing_words": "" if span.ago > RECENT else words,
                "missing_noted_by_id": student.keyworker(noted).id, "missing_noted_at": moment(noted, "15:45"),
            }  # fmt: skip
        elif chosen in ("in", "paper"):
            self.submitted(form, role, None if chosen == "paper" else account, late)
        elif chosen == "begun" and account is not None:
            form["started_at"] = moment(student.weekday(self.opened, self.last), "15:10")
            # Some domains are answered, the next one in part; what the form only suggests is not written down yet.
            first = [*self.course.answers(role, self.year, form["member_id"]).items()][: rng.randrange(9, 50)]
            later = suggested(self.form, str(self.year))
            self.give(form, role, {slug: one for slug, one in first if slug not in later}, account)
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
        student, rng, last, moment = self.student, self.student.rng, self.last, self.student.school.moment
        after, window = rng.choices(((2, 38), (42, 30)), (95, 5))[0]
        first = min(self.opened + after * DAY, last)
        day = sent = late or student.weekday(first, min(first + window * DAY, last))
        if not account:
            sent = max(day, student.weekday(min(day + 2 * DAY, last), min(day + 6 * DAY, last)))
        account = student.keyworker(day).id if role == "keyworker" else account
        writer = account or student.keyworker(sent).id
        begun = max(self.opened, day - rng.randrange(8) * DAY) if account else sent
        form |= {
            "started_at": moment(begun, "14:05"), "submitted_at": moment(sent, "16:20"), "answered_on": day,
            "rater_id": account, "from_paper": account is None, "typed_by_id": None if account else writer,
            "helped_by": rng.choice(_SAID["helped"]) if role == "pupil" else "",
        }  # fmt: skip
        values = self.course.answers(role, self.year, form["member_id"])
        self.answered.append(values)
        self.days[role] = max(day, self.days.get(role, day))
        self.give(form, role, values, writer)

    def give(self, form: Row, role: str, values: Answers, by: int) -> None:
        """The answers; with a few notes, of late, beside what was seen."""
        rng, notes, said = self.student.rng, dict[str, str](), _SAID["notes"][role]
        if (self.span.is_now or self.span.is_last) and (role == "keyworker" or rng.random() < 0.5):
            fitting = [slug for slug in said if values.get(slug) in (2, 3, 4)]
            notes = {slug: said[slug] for slug in rng.sample(fitting, min(len(fitting), rng.randint(1, 3)))}
        self.student.school.rows.lines[Answer, _ANSWER].append(self.lines(form, values, by, notes))

    def lines(self, form: Row, values: Answers, by: int, notes: dict[str, str]) -> Iterator[tuple[Any, ...]]:
        """Answers are made when they are written: a school of 2,000 has more than a million."""
        moment, later = form.get("submitted_at", form["started_at"]), suggested(self.form, str(self.year))
        for slug, value in values.items():
            kind, score = ("score", value) if rules.is_score(value) else (value, None)
            note, is_later = notes.get(slug, ""), value == "na" and slug in later
            yield form["id"], slug, kind, score, is_later, note, int(note != ""), moment, by, 1

    def grow(self, goals: list[Row], is_shown: bool) -> None:
        """A goal of the year that followed grew from an item at 1 or 2; there is one where somebody looks for it."""
        day, mine = self.days.get("keyworker", date.max), next(iter(self.answered), {})
        for goal in goals:
            slug, begun = _SAID["grows"][goal["statement"]], date.fromisoformat(goal["started_at"][:10])
            if day < begun and (begun - day).days <= 330 and (is_shown or mine[slug] in (1, 2)):
                mine[slug] = mine[slug] if mine[slug] in (1, 2) else 2
                words = link_source(self.form.items[slug].staff, self.span.year.id)
                goal |= {"grew_from": f"ilsa:{self.row['id']}:{slug}", "grew_from_words": words}
                goals.remove(goal)
                return

    def agree(self, wanted: int | None) -> None:
        """Where two people differ by two or more, they talked, and agreed on a value."""
        student, rng = self.student, self.student.rng
        if len(self.answered) < 2 or "keyworker" not in self.days:
            return
        found = {slug: [one[slug] for one in self.answered] for slug in self.answered[0]}
        apart = [slug for slug, answers in found.items() if rules.flagged(*answers)]
        some = rng.choice((2, 3, 4)) if rng.random() < (0.3 if self.span.is_now else 0.5) else 0
        last = max(self.days.values())
        day = student.weekday(last, max(last, min(last + 13 * DAY, self.last)))
        for slug in apart[: some if wanted is None else wanted]:
            scores = sorted(one for one in found[slug] if rules.is_score(one))
            tags = rng.sample([*rules.EXPLANATIONS], 1 + (rng.random() < 0.15))
            student.add(
                Agreement, assessment_id=self.row["id"], item=slug, tags=tags, score=rng.randint(scores[0], scores[-1]),
                agreed_on=day, at=student.school.moment(day, "17:00"), by_id=student.keyworker(day).id,
                note=self.say(_SAID["agreed"][tags[0]]) if rng.random() < 0.8 else "",
            )  # fmt: skip


class Course:
    """What one student can do by themself, rising with age, and how each rater sees it."""

    def __init__(self, form: Template, student: Student) -> None:
        rng = self.rng = student.rng
        self.form, self.start, self.pace = form, rng.gauss(2.2, 0.45), rng.uniform(0.15, 0.45)
        self.offsets = {
            item.slug: rng.gauss(0, 0.7) - _SAID["harder"].get(item.domain, 0.0)
            - (item.from_year * 0.25 - 1.2 if item.from_year else 0.0)
            for item in form.in_use
        }  # fmt: skip
        self.never = self.some("equipment", 0.65)
        # What a school seldom sees of somebody who goes home at four, and what home seldom sees.
        self.unseen = {
            "keyworker": self.some("at-home", 0.08 if student.boards else 0.3),
            "parent_carer": self.some("at-school", 0.3),
            "pupil": rng.sample([*self.offsets], rng.choice((0, 1, 1, 2))),
        }
        self.views: dict[tuple[str, int | None], dict[str, float]] = {}  # of each rater

    def some(self, what: str, chance: float) -> list[str]:
        return [slug for slug in _SAID[what] if self.rng.random() < chance]

    def view(self, role: str) -> dict[str, float]:
        """Each adult sees it in their own way, in some domains more than in others."""
        mean, spread, by_domain = _SAID["sees"][role]
        own = self.rng.gauss(mean, spread)
        return {domain.slug: own + self.rng.gauss(0, by_domain) for domain in self.form.domains}

    def answers(self, role: str, year: int, member: int | None = None) -> Answers:
        """As one rater sees it when the student is in this year group."""
        rng, values = self.rng, dict[str, int]()
        view = self.views.setdefault((role, member), self.view(role))
        for slug, offset in self.offsets.items():
            level = self.start + self.pace * (year - 7) + offset + view[self.form.items[slug].domain]
            values[slug] = max(0, min(4, int(level + rng.gauss(0, 0.3))))
        if role != "keyworker":
            # Somebody sees it done in one place only, or expects something else.
            for slug in rng.sample([*values], rng.choice((0, 1, 2, 3))):
                values[slug] += -2 if values[slug] > 1 else 2
        # Now and then a younger one does already what is suggested for later.
        later = [slug for slug in sorted(suggested(self.form, str(year))) if rng.random() < 0.93]
        return {
            **values,
            **dict.fromkeys(self.unseen[role], "no"),
            **dict.fromkeys([*self.never, *later], "na"),
        }
