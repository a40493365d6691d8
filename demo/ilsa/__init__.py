"""The independence assessment of the demo school: a round in the second half of each autumn, and this year's, which is
open now; who answered when, who took no part, what was agreed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Final

from django.db import connection
from django.db.models import Model

from enquiries.models import Enquiry
from ilsa import rules, templates
from ilsa.enquiries import RATING, RELATION
from ilsa.goal_links import grown_from
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Round
from ilsa.models.assessment import Role
from keywork.calendar import AcademicYear
from students.rules import academic_year
from tsp.models import Goal

from ..copying import copy_lines
from ..people import Link, School, Student
from ..rows import DAY, Row, Rows, at
from ..texts import texts
from .levels import NA, Course, Form

OPEN_DAYS, BEGAN_BEFORE = 41, 20  # whoever answers within it answers within one assessment
RECENT = 2  # years back in which nearly everyone was asked
LATE_PAPER = rules.ONE_ASSESSMENT_DAYS + 9
_SAID = texts("independence")
_ANSWER = ("form_id", "item", "kind", "score", "suggested", "note", "note_version", "at", "by_id", "version")
# Kind, score, suggested: of 0 to 4, "does not apply", "not seen", and of what the form suggested.
_KINDS: Final = (*(f"score\t{score}\tf" for score in range(5)), "na\t\\N\tf", "no\t\\N\tf")
_SUGGESTED: Final = "na\t\\N\tt"


@dataclass(frozen=True, slots=True)
class Span:
    """One round, so many years `ago`. `is_last`: the newest of those that are over."""

    year: AcademicYear
    opens_on: date
    closes_on: date
    is_now: bool
    is_last: bool
    ago: int


def write_ilsa(school: School, dice: Callable[[str], Random]) -> int:
    """Every round with its forms; how many assessments. After TSP: goals are told from which item they grew."""
    template, rows = templates.current(), school.rows
    form, rounds, goals = Form(template), list(_spans(school)), defaultdict[int, list[Row]](list)
    for span in rounds:
        rows.add(
            Round, year=span.year.id, template_id=template.version_id, opens_on=span.opens_on, closes_on=span.closes_on,
            opened_at=at(span.opens_on, "00:01"), opened_by_id=school.holding("head").id,
        )  # fmt: skip
    for goal in reversed(rows.tables[Goal]):
        if _SAID["grows"].get(goal["statement"]) in form.place:
            goals[goal["student_id"]].append(goal)
    shown = {one.id for one in school.of_sign_in()}
    for student in school.come():
        rng = dice(f"ilsa {student.id}")
        course = Course(form, rng, boards=student.values.get("placement", "day") != "day")
        for number, span in enumerate(rounds, 1):
            _One(
                school, form, student, rng, span, number, course, goals[student.id], student.id in shown
            ).write()
    ask(rows)
    return len(rows.tables[Assessment])


def _spans(school: School) -> Iterator[Span]:
    """Oldest first: every academic year since the school went live that has begun."""
    begun = [year for year in school.calendar.years if school.live_on <= year.starts_on <= school.today]
    past = [year for year in begun if year.ends_on < school.today]
    for ago, year in zip(reversed(range(len(begun))), begun, strict=True):
        starts = (
            one.starts_on for one in school.calendar.blocks if year.starts_on < one.starts_on < year.ends_on
        )
        opens_on = min(starts, default=year.starts_on)
        closes_on = opens_on + OPEN_DAYS * DAY
        if year not in past:
            opens_on = max(year.starts_on, school.pupil_day(school.today - BEGAN_BEFORE * DAY))
            closes_on = max(school.today, min(opens_on + OPEN_DAYS * DAY, year.ends_on))
        yield Span(year, opens_on, closes_on, year not in past, year in past[-1:], ago)


@dataclass(slots=True)
class _One:
    """One assessment while it is written."""

    school: School
    form: Form
    student: Student
    rng: Random
    span: Span
    round_id: int
    course: Course
    goals: list[Row]  # that may have grown from an item, and of which none is told yet
    is_shown: bool  # somebody who tries the demo looks for one
    row: Row = field(default_factory=dict)
    opened: date = date.min
    answered: dict[int, list[int]] = field(default_factory=dict)  # by form, the keyworker's first
    days: dict[str, date] = field(default_factory=dict)

    def write(self) -> None:
        opened, story = self.opens(), self.student.story("ilsa")
        if opened is None:
            return
        self.opened, whole = opened, story.get("late_paper") and self.span.is_last
        now: Mapping[str, Any] = story if self.span.is_now else {}
        self.row = self.school.rows.add(
            Assessment, round_id=self.round_id, student_id=self.student.id, opened_at=self.moment(opened, "09:10"),
            template_id=self.form.template.version_id,
        )  # fmt: skip
        self.rate("keyworker", "in" if whole else now.get("keyworker", ""), None)
        self.rate("pupil", "in" if whole else now.get("pupil", ""), None)
        # As students.FamilyLink.for_reports, on every day of the school.
        asked = [
            link for link in self.student.links
            if link.values.get("may_receive_reports", True) and "restricted_from" not in link.values
        ]  # fmt: skip
        for place, link in enumerate(asked):
            state = (*now.get("parents", ()), "", "", "", "")[place]
            late = self.days["keyworker"] + LATE_PAPER * DAY if whole and place == 0 else None
            self.rate("parent_carer", "paper" if late else state, link, "other parent" if place else "", late)
        self.grow()
        self.agree(now)

    def opens(self) -> date | None:
        """The day their forms were made; None for those not there, or not for long enough."""
        student, today, span = self.student, self.school.today, self.span
        last = min(student.left or today, today, span.year.ends_on)
        if student.joined <= span.opens_on:
            return span.opens_on if last >= span.opens_on else None
        opened = self.school_day(student.joined + 8 * DAY, last)
        if span.is_now:
            return min(opened, today) if student.joined <= today <= last else None
        stays = self.school.calendar.pupil_days(student.joined, min(student.left or last, span.year.ends_on))
        return opened if student.joined <= span.year.ends_on and stays >= 60 else None

    @property
    def last(self) -> date:
        """The last day something could be answered: of the student here, of the year, or yesterday."""
        day = min(self.student.left or self.span.year.ends_on, self.span.year.ends_on)
        return max(self.opened, min(day, self.school.today - DAY))

    def school_day(self, first: date, last: date, spread: int = 0) -> date:
        """A school day from `first` to `last`, up to `spread` days after the first."""
        day = min(first + self.rng.randrange(spread + 1) * DAY, last)
        taught = self.school.calendar.last_pupil_day_on_or_before(day)
        if taught is not None and taught >= first:
            return taught
        return max(first, day) if first <= last else last

    def moment(self, day: date, time: str) -> str:
        """What happened today happened early, in the same order."""
        return at(day, "00:" + time[:2] if day >= self.school.today else time)

    def say(self, texts: Sequence[str], adult: str = "") -> str:
        return self.rng.choice(texts).replace("{n}", self.student.known_as).replace("{adult}", adult)

    def rate(
        self, role: str, state: str, link: Link | None, chances: str = "", late: date | None = None
    ) -> None:
        rng, school, span = self.rng, self.school, self.span
        account = school.account_of(link) if link else self.student.values.get("user_id")
        if role == "keyworker":
            account = school.keyworker_of(self.student, self.last).id
        known = _SAID["chances"]["now" if span.is_now else "long-ago" if span.ago > RECENT else "then"][
            chances or role
        ]
        chosen = state or rng.choices([*known], [*known.values()])[0]
        if chosen == "missing":
            reasons = ("no_reply", "declined", "not_asked", "no_access")
            chosen = "not_asked" if span.ago > RECENT else rng.choices(reasons, (50, 25, 10, 15))[0]
        form = school.rows.add(
            RaterForm, assessment_id=self.row["id"], role=role, member_id=link.member_id if link else None,
            invited_at=self.row["opened_at"],
        )  # fmt: skip
        waits = ((school.today if span.is_now else span.closes_on) - self.opened).days
        if waits > 12 and chosen not in ("in", "paper") and role != "pupil":
            form["reminded_at"] = self.moment(self.opened + 12 * DAY, "10:00")
        if chosen in rules.NOT_TAKING_PART:
            noted = self.school_day(min(self.opened + 9 * DAY, self.last), self.last, 9)
            said = self.say(_SAID["missing"][role][chosen], link.first if link else "")
            form |= {
                "missing": chosen, "missing_words": "" if span.ago > RECENT else said,
                "missing_noted_by_id": school.keyworker_of(self.student, noted).id,
                "missing_noted_at": self.moment(noted, "15:45"),
            }  # fmt: skip
        elif chosen in ("in", "paper"):
            self.submitted(form, role, None if chosen == "paper" else account, late)
        elif chosen == "begun" and account is not None:
            day = self.school_day(self.opened, self.last, max(0, (self.last - self.opened).days))
            form["started_at"] = self.moment(day, "15:10")
            # Some domains are answered, the next one in part; what the form only suggests is not written down yet.
            suggested = self.form.suggested(str(self.year))
            values = self.course.answers(role, self.year, form["member_id"])
            kept = [-1 if n in suggested and value == NA else value for n, value in enumerate(values)]
            notes = self.notes(role, values)
            self.give(form, kept[: rng.randrange(9, 50)], frozenset(), notes, form["started_at"], account)

    @property
    def year(self) -> int:
        newest = academic_year(self.student.left or self.school.today)
        return self.student.year - (newest - int(self.span.year.id[:4]))

    def give(self, form: Row, *given: Any) -> None:
        self.school.rows.packed[Answer].append((form["id"], *given))

    def submitted(self, form: Row, role: str, account: int | None, late: date | None) -> None:
        """Mostly while the round was open; keyworkers now and then after a reminder."""
        rng, last, keyworker_of = self.rng, self.last, self.school.keyworker_of
        window = (self.span.closes_on - self.span.opens_on).days - 3
        first = min(self.opened + 2 * DAY, last)
        if rng.random() < (0.06 if role == "keyworker" else 0.04):
            first, window = min(self.opened + (window + 4) * DAY, last), 30
        day = self.school_day(first, last, max(0, min(window, (last - first).days)))
        if late is not None:
            day = self.school_day(late, max(last, late))
        sent = day
        if role == "keyworker":
            account = keyworker_of(self.student, day).id
        elif account is None and day < last:
            sent = max(day, self.school_day(day + 2 * DAY, last, 4))
        writer = account or keyworker_of(self.student, sent).id
        begun = self.school_day(max(self.opened, day - rng.randrange(8) * DAY), day)
        form |= {
            "started_at": self.moment(min(begun, day) if account else sent, "14:05"),
            "submitted_at": self.moment(sent, "16:20"), "answered_on": day, "rater_id": account,
            "from_paper": account is None, "typed_by_id": None if account else writer,
            "helped_by": rng.choice(_SAID["helped"]) if role == "pupil" else "",
        }  # fmt: skip
        values = self.answered[form["id"]] = self.course.answers(role, self.year, form["member_id"])
        self.days[role] = max(day, self.days.get(role, day))
        suggested = self.form.suggested(str(self.year))
        self.give(form, values, suggested, self.notes(role, values), form["submitted_at"], writer)

    def notes(self, role: str, values: Sequence[int]) -> dict[int, str]:
        """A few, of late; beside what was seen."""
        rng, place = self.rng, self.form.place
        if not (self.span.is_now or self.span.is_last) or (role != "keyworker" and rng.random() < 0.5):
            return {}
        known = {place[slug]: text for slug, text in _SAID["notes"][role].items() if slug in place}
        fitting = [number for number in known if 2 <= values[number] <= 4]
        return {
            number: known[number] for number in rng.sample(fitting, min(len(fitting), rng.choice((1, 2, 3))))
        }

    def grow(self) -> None:
        """A goal of the year that followed grew from an item at 1 or 2."""
        day = self.days.get("keyworker")
        mine = next(iter(self.answered.values()), [])
        for goal in [*self.goals] if day is not None else ():
            slug = _SAID["grows"][goal["statement"]]
            place, begun = self.form.place[slug], date.fromisoformat(goal["started_at"][:10])
            if day is None or not day < begun <= day + 330 * DAY:
                continue
            if self.is_shown and mine[place] not in (1, 2):
                mine[place] = 2
            if mine[place] in (1, 2) and (self.is_shown or self.rng.random() < 0.4):
                words = grown_from(self.form.template.in_use[place].staff, self.span.year.id)
                goal |= {"grew_from": f"ilsa:{self.row['id']}:{slug}", "grew_from_words": words}
                self.goals.remove(goal)
                return

    def agree(self, story: Mapping[str, Any]) -> None:
        """Where two people differ by two or more, they talked, and agreed on a value."""
        rng, sets = self.rng, list(self.answered.values())
        if len(sets) < 2 or "keyworker" not in self.days:
            return
        given = enumerate([value for value in values if value < NA] for values in zip(*sets, strict=True))
        apart = [(number, found) for number, found in given if rules.flagged(*found)]
        some = rng.choice((2, 3, 4)) if rng.random() < (0.3 if self.span.is_now else 0.5) else 0
        last = max(self.days.values())
        until = max(last, self.last)
        day = self.school_day(min(last + 3 * DAY, until), until, 10)
        for number, found in apart[: story.get("agreed", some)]:
            tags = rng.sample([*rules.EXPLANATIONS], 1 + (rng.random() < 0.15))
            self.school.rows.add(
                Agreement, assessment_id=self.row["id"], item=self.form.slugs[number], tags=tags,
                score=rng.randint(min(found), max(found)), agreed_on=day, at=self.moment(day, "17:00"),
                note=self.say(_SAID["agreed"][tags[0]]) if rng.random() < 0.8 else "",
                by_id=self.school.keyworker_of(self.student, day).id,
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
        copy_lines(Answer, _ANSWER, (_lines(slugs, *one) for one in rows.packed[Answer]))


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
) -> str:  # fmt: skip
    """Answers for COPY, form by form: there may be millions, so they are never dicts."""
    tail, lines = f"\t\t0\t{moment}\t{by}\t1\n", []
    for place, value in enumerate(values):
        if value >= 0:
            kind = _SUGGESTED if value == NA and place in suggested else _KINDS[value]
            end = f"\t{notes[place]}\t1\t{moment}\t{by}\t1\n" if place in notes else tail
            lines.append(f"{form}\t{slugs[place]}\t{kind}{end}")
    return "".join(lines)
