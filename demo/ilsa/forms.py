"""One student's assessments, oldest round first, as rows: who answered when, who took no part, what was agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from ilsa import rules
from ilsa.goal_links import grown_from
from students.rules import academic_year

from ..history import Row
from ..people import Link, School, Student
from . import words
from .levels import NA, Course, Form
from .stories import CHANCE, Story, story_of
from .when import RECENT, Span

_DAY = timedelta(days=1)
_REASONS = ("no_reply", "declined", "not_asked", "no_access")
_WEIGHTS = (50, 25, 10, 15)
# How it went, and how often: for rounds that are over, and for one that is half way.
_THEN = {
    "keyworker": (("in", 980), ("begun", 12), ("none", 8)),
    "pupil": (("in", 82), ("missing", 13), ("none", 5)),
    "parent_carer": (("in", 62), ("missing", 32), ("none", 6)),
    "other parent": (("in", 25), ("missing", 60), ("none", 15)),
}
_NOW = {
    "keyworker": (("in", 45), ("begun", 20), ("none", 35)),
    "pupil": (("in", 30), ("begun", 10), ("missing", 8), ("none", 52)),
    "parent_carer": (("in", 30), ("begun", 10), ("missing", 14), ("none", 46)),
    "other parent": (("in", 14), ("begun", 4), ("missing", 22), ("none", 60)),
}
# Long ago, when the school had only begun with it, few were asked besides the keyworkers.
_LONG_AGO = {
    **_THEN,
    "pupil": (("in", 25), ("missing", 70), ("none", 5)),
    "parent_carer": (("in", 15), ("missing", 80), ("none", 5)),
    "other parent": (("in", 3), ("missing", 92), ("none", 5)),
}
LATE_PAPER = rules.ONE_ASSESSMENT_DAYS + 9


@dataclass(frozen=True, slots=True)
class Given:
    """All answers of one form, in its order. `until`: the first of those not answered yet."""

    form_id: int
    values: list[int]
    until: int
    suggested: frozenset[int]
    notes: Mapping[int, str]
    at: str
    by_id: int


@dataclass(slots=True)
class Rows:
    rounds: list[Row] = field(default_factory=list)
    assessments: list[Row] = field(default_factory=list)
    forms: list[Row] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    agreements: list[Row] = field(default_factory=list)
    grown: list[tuple[int, str, str]] = field(default_factory=list)  # goal, ref, words

    def add(self, table: str, **row: Any) -> Row:
        """The row with its id, which is its place."""
        rows: list[Row] = getattr(self, table)
        row["id"] = len(rows) + 1
        rows.append(row)
        return row


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal that may have grown from an item: the place of the item in the form."""

    pk: int
    place: int
    begun_on: date
    is_shown: bool  # somebody who tries the demo looks for it


@dataclass(slots=True)
class Hand:
    """Writes about one student."""

    school: School
    form: Form
    rows: Rows
    student: Student
    rng: Random
    accounts: Mapping[int, int]  # of parents and carers who have one
    goals: Sequence[Goal]
    grown: set[int] = field(default_factory=set)  # goals that have their origin

    def write(self, spans: Sequence[Span]) -> None:
        student = self.student
        course = Course.begin(self.form, self.rng, boards=student.values.get("placement", "day") != "day")
        newest = academic_year(student.left or self.school.today)
        for number, span in enumerate(spans, 1):
            opened = self._opened(span)
            if opened is None:
                continue
            year = student.year - (newest - int(span.year.id[:4]))
            _One(self, span, number, opened, year, course).write()

    def _opened(self, span: Span) -> date | None:
        """The day their forms were made; None for those not there, or not for long enough."""
        student, today = self.student, self.school.today
        last = min(student.left or today, today, span.year.ends_on)
        if student.joined <= span.opens_on:
            return span.opens_on if last >= span.opens_on else None
        opened = self.school_day(student.joined + 8 * _DAY, last)
        stays = self.school.calendar.pupil_days(student.joined, min(student.left or last, span.year.ends_on))
        if span.is_now:
            return min(opened, today) if student.joined <= today <= last else None
        return opened if student.joined <= span.year.ends_on and stays >= 60 else None

    def school_day(self, first: date, last: date, spread: int = 0) -> date:
        """A school day from `first` to `last`, up to `spread` days after the first."""
        day = min(first + self.rng.randrange(spread + 1) * _DAY, last)
        taught = self.school.calendar.last_pupil_day_on_or_before(day)
        return (
            taught if taught is not None and taught >= first else max(first, day) if first <= last else last
        )

    def at(self, day: date, time: str) -> str:
        """What happened today happened early, in the same order."""
        return f"{day} {'00:' + time[:2] if day >= self.school.today else time} Europe/London"

    def say(self, text: str, adult: str = "") -> str:
        return text.replace("{n}", self.student.known_as).replace("{adult}", adult)


@dataclass(slots=True)
class _One:
    """One assessment while it is written."""

    hand: Hand
    span: Span
    round_id: int
    opened: date
    year: int
    course: Course
    row: Row = field(default_factory=dict)
    answered: dict[str, list[int]] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)
    paper_after: date | None = None

    def write(self) -> None:
        hand, span = self.hand, self.span
        story = story_of(hand.student)
        now = story if span.is_now else CHANCE
        whole = story.late_paper and span.is_last
        self.row = hand.rows.add(
            "assessments",
            round_id=self.round_id,
            student_id=hand.student.id,
            template_id=hand.form.template.version_id,
            opened_at=hand.at(self.opened, "09:10"),
        )
        self._form("keyworker", "in" if whole else now.keyworker, None)
        self._form("pupil", "in" if whole else now.pupil, None)
        asked = [link for link in hand.student.links if _asked(link)]
        for place, link in enumerate(asked):
            state = now.parent(place)
            if whole and place == 0:
                state, self.paper_after = "paper", self.days["keyworker"] + LATE_PAPER * _DAY
            self._form("parent_carer", state, link, "parent_carer" if place == 0 else "other parent")
            self.paper_after = None
        self._grow()
        self._agree(now)

    # ------------------------------------------------------------------------------------------- a form

    def _form(self, role: str, state: str, link: Link | None, chances: str = "") -> None:
        hand, rng = self.hand, self.hand.rng
        account = self._account(role, link)
        chosen = state or self._by_chance(chances or role)
        if chosen == "missing":
            chosen = "not_asked" if self.span.ago > RECENT else rng.choices(_REASONS, _WEIGHTS)[0]
        if chosen == "begun" and account is None:
            chosen = "none"
        form = hand.rows.add(
            "forms",
            assessment_id=self.row["id"],
            role=role,
            member_id=link.member_id if link else None,
            invited_at=self.row["opened_at"],
        )
        waits = hand.school.today if self.span.is_now else self.span.closes_on
        if (waits - self.opened).days > 12 and chosen not in ("in", "paper") and role != "pupil":
            form["reminded_at"] = hand.at(self.opened + 12 * _DAY, "10:00")
        if chosen in rules.NOT_TAKING_PART:
            self._takes_no_part(form, role, chosen, link)
        elif chosen in ("in", "paper"):
            self._submitted(form, role, None if chosen == "paper" else account, link)
        elif chosen == "begun":
            assert account is not None
            self._begun(form, role, account, link)

    def _account(self, role: str, link: Link | None) -> int | None:
        if link is not None:
            return self.hand.accounts.get(link.member_id)
        if role == "pupil":
            return self.hand.student.values.get("user_id")
        return self.hand.school.keyworker_of(self.hand.student, self._last).id

    def _by_chance(self, chances: str) -> str:
        known = _NOW if self.span.is_now else _LONG_AGO if self.span.ago > RECENT else _THEN
        names, weights = zip(*known[chances], strict=True)
        return self.hand.rng.choices(names, weights)[0]

    @property
    def _last(self) -> date:
        """The last day something could be answered: of the student here, of the year, or yesterday."""
        day = min(self.hand.student.left or self.span.year.ends_on, self.span.year.ends_on)
        return max(self.opened, min(day, self.hand.school.today - _DAY))

    def _day(self, role: str) -> date:
        """When somebody answered: mostly while the round was open; keyworkers now and then after a reminder."""
        hand, rng = self.hand, self.hand.rng
        window = (self.span.closes_on - self.span.opens_on).days - 3
        first = min(self.opened + 2 * _DAY, self._last)
        if rng.random() < (0.06 if role == "keyworker" else 0.04):
            first, window = min(self.opened + (window + 4) * _DAY, self._last), 30
        spread = max(0, min(window, (self._last - first).days))
        return hand.school_day(first, self._last, spread)

    def _submitted(self, form: Row, role: str, account: int | None, link: Link | None) -> None:
        hand, rng = self.hand, self.hand.rng
        day = self._day(role)
        if self.paper_after is not None:
            day = hand.school_day(self.paper_after, max(self._last, self.paper_after))
        sent = day
        writer = account
        if role == "keyworker":
            writer = account = hand.school.keyworker_of(hand.student, day).id
        elif account is None:
            sent = hand.school_day(day + 2 * _DAY, self._last, 4) if day < self._last else day
            sent = max(day, sent)
            writer = hand.school.keyworker_of(hand.student, sent).id
        begun = hand.school_day(max(self.opened, day - rng.randrange(8) * _DAY), day)
        form |= {
            "started_at": hand.at(min(begun, day) if account else sent, "14:05"),
            "submitted_at": hand.at(sent, "16:20"),
            "answered_on": day,
            "rater_id": account,
            "from_paper": account is None,
            "typed_by_id": None if account else writer,
            "helped_by": rng.choice(words.HELPED) if role == "pupil" else "",
        }
        values = self.course.answers(role, self.year, form["member_id"])
        self.days[role] = max(day, self.days.get(role, day))
        self.answered[f"{role} {form['id']}"] = values
        assert writer is not None
        hand.rows.given.append(
            Given(
                form["id"],
                values,
                len(values),
                hand.form.suggested(str(self.year)),
                self._notes(role, values),
                form["submitted_at"],
                writer,
            )
        )

    def _begun(self, form: Row, role: str, account: int, link: Link | None) -> None:
        """Some domains are answered, the next one in part; what the form only suggests is not written down yet."""
        hand, rng = self.hand, self.hand.rng
        day = hand.school_day(self.opened, self._last, max(0, (self._last - self.opened).days))
        form["started_at"] = hand.at(day, "15:10")
        values = self.course.answers(role, self.year, form["member_id"])
        until = rng.randrange(9, 50)
        suggested = hand.form.suggested(str(self.year))
        notes = self._notes(role, values)
        hand.rows.given.append(
            Given(
                form["id"],
                [-1 if number in suggested and value == NA else value for number, value in enumerate(values)],
                until,
                frozenset(),
                notes,
                form["started_at"],
                account,
            )
        )

    def _notes(self, role: str, values: Sequence[int]) -> dict[int, str]:
        """A few, of late; beside what was seen."""
        rng = self.hand.rng
        if not (self.span.is_now or self.span.is_last) or (role != "keyworker" and rng.random() < 0.5):
            return {}
        place = self.hand.form.place
        found = {place[slug]: text for slug, text in words.NOTES[role].items() if slug in place}
        fitting = [number for number in found if 2 <= values[number] <= 4]
        many = min(len(fitting), rng.choice((1, 2, 3)))
        return {number: found[number] for number in rng.sample(fitting, many)}

    def _takes_no_part(self, form: Row, role: str, reason: str, link: Link | None) -> None:
        hand, rng = self.hand, self.hand.rng
        noted = hand.school_day(min(self.opened + 9 * _DAY, self._last), self._last, 9)
        adult = link.first if link else ""
        form |= {
            "missing": reason,
            "missing_words": ""
            if self.span.ago > RECENT
            else hand.say(rng.choice(words.MISSING[role][reason]), adult),
            "missing_noted_by_id": hand.school.keyworker_of(hand.student, noted).id,
            "missing_noted_at": hand.at(noted, "15:45"),
        }

    # ---------------------------------------------------------------------------------- what came of it

    def _grow(self) -> None:
        """A goal of the year that followed grew from an item at 1 or 2."""
        day = self.days.get("keyworker")
        if day is None:
            return
        hand = self.hand
        mine = next(values for key, values in self.answered.items() if key.startswith("keyworker"))
        for goal in hand.goals:
            if goal.pk in hand.grown or not day < goal.begun_on <= day + 330 * _DAY:
                continue
            if goal.is_shown and mine[goal.place] not in (1, 2):
                mine[goal.place] = 2
            if mine[goal.place] in (1, 2) and (goal.is_shown or hand.rng.random() < 0.4):
                item = hand.form.template.in_use[goal.place]
                hand.grown.add(goal.pk)
                hand.rows.grown.append(
                    (
                        goal.pk,
                        f"ilsa:{self.row['id']}:{item.slug}",
                        grown_from(item.staff, self.span.year.id),
                    )
                )
                return

    def _agree(self, story: Story) -> None:
        """Where two people differ by two or more, they talked, and agreed on a value."""
        hand, rng = self.hand, self.hand.rng
        sets = list(self.answered.values())
        if len(sets) < 2 or "keyworker" not in self.days:
            return
        apart = [
            (number, found)
            for number, given in enumerate(zip(*sets, strict=True))
            if rules.flagged(*(found := [value for value in given if value < NA]))
        ]
        many = story.agreed
        if many is None:
            many = rng.choice((2, 3, 4)) if rng.random() < (0.3 if self.span.is_now else 0.5) else 0
        last = max(self.days.values())
        day = hand.school_day(min(last + 3 * _DAY, max(last, self._last)), max(last, self._last), 10)
        by = hand.school.keyworker_of(hand.student, day).id
        for number, found in apart[:many]:
            tag = rng.choice((*rules.EXPLANATIONS,))
            tags = [
                tag,
                *(rng.sample([one for one in rules.EXPLANATIONS if one != tag], rng.random() < 0.15)),
            ]
            text = rng.choice(words.AGREED[tag]) if rng.random() < 0.8 else ""
            hand.rows.add(
                "agreements",
                assessment_id=self.row["id"],
                item=hand.form.slugs[number],
                score=rng.randint(min(found), max(found)),
                tags=tags,
                note=hand.say(text),
                agreed_on=day,
                by_id=by,
                at=hand.at(day, "17:00"),
            )


def _asked(link: Link) -> bool:
    """As students.FamilyLink.for_reports, on every day of the school."""
    return bool(link.values.get("may_receive_reports", True)) and "restricted_from" not in link.values
