"""How complete every student's TSP is at one assessment point of one term: what is in, and what is missing.

A fixed number of queries however many students. The social circle map is left out on purpose: whether there is
one is known to nobody but the student, keyworker, deputy and safeguarding lead (domain 2.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from django.db.models import Count, Max, Q

from enquiries.models import Enquiry
from keywork.access import Can
from keywork.calendar import Term
from keywork.dates import day_in_full, london_date
from keywork.keyworker_history import keyworker_names
from keywork.replica import Read, directly
from keywork.school import SchoolFacts
from keywork.terms import baseline_period, review_period
from students.filters import year_label
from students.models import EarlierStay, Student

from ..duties.facts import due_summaries
from ..enquiries import INPUT
from ..models import AssessmentPoint, Goal, Rating, Reminder, Sheet, Tool
from ..questions import templates
from ..questions.templates import Template
from ..rating import rules
from ..sheets.soft_tools import OF_A_TERM, TOOLS

ToolState = Literal["in", "declined", "begun", "missing"]
COUNTED_TOOLS = [tool for tool, one in TOOLS.items() if one.counted]


class PlainStudent(NamedTuple):
    """A student as a plain row; a whole school of model instances would cost more than the page."""

    pk: int
    known_as: str
    surname: str
    nc_year: str
    joined_on: date
    left_on: date | None
    known_from: date | None

    @property
    def name(self) -> str:
        return f"{self.known_as} {self.surname}".strip()

    @property
    def initials(self) -> str:
        return f"{self.known_as[:1]}{self.surname[:1]}".upper()

    @property
    def year_label(self) -> str:
        return year_label(self.nc_year)


@dataclass(slots=True)
class CompletenessRow:
    """One student. `tools` are (title, state) in the order of the form; `missing` codes, empty when complete."""

    student: PlainStudent
    keyworker_id: int | None
    keyworker: str
    on_roll: bool
    due_on: date | None
    by: date | None  # as every page names it
    done_on: date | None = None
    is_begun: bool = False
    answered: int = 0
    of: int = 0
    areas: int = 0
    areas_of: int = 0
    tools: list[tuple[str, str, ToolState]] = field(default_factory=list)
    asked: int = 0
    input_answered: int = 0
    cannot: int = 0
    goals: int = 0
    goals_drafted: int = 0
    reminded_at: datetime | None = None
    missing: tuple[str, ...] = ()

    @property
    def is_late(self) -> bool:
        return self.done_on is not None and self.due_on is not None and self.done_on > self.due_on

    @property
    def owes_ratings(self) -> bool:
        return self.done_on is None and bool(self.missing)

    def may_be_reminded(self, today: date) -> bool:
        """There is somebody to write to, who was not written to today."""
        told_today = self.reminded_at is not None and london_date(self.reminded_at) == today
        return self.keyworker_id is not None and self.on_roll and not told_today

    @property
    def tools_in(self) -> int:
        """Declined counts: it was asked, and recorded without fault."""
        return sum(state in ("in", "declined") for _, _, state in self.tools)


@dataclass(frozen=True, slots=True)
class AskedPoint:
    """Which point of which term, with the days it is open in general."""

    term: Term
    kind: str
    opens_on: date
    due_on: date

    @property
    def is_baseline(self) -> bool:
        return self.kind == AssessmentPoint.Kind.BASELINE


def terms_so_far(school: SchoolFacts, today: date) -> list[Term]:
    """Terms that have begun and did not end before Keywork was in use, newest first."""
    return [
        term
        for term in reversed(school.calendar.terms)
        if term.starts_on <= today and term.ends_on >= school.went_live_on
    ]


def asked_for(school: SchoolFacts, today: date, term_id: str, kind: str) -> AskedPoint | None:
    """The point asked for; without one, this term's (or the last one's) review once it is open, else baseline.

    None while the calendar knows no term with a pupil day.
    """
    terms = terms_so_far(school, today)
    term = next((one for one in terms if one.id == term_id), terms[0] if terms else None)
    if term is None:
        return None
    policy, calendar = school.policy(today), school.calendar
    baseline, review = baseline_period(term, policy, calendar), review_period(term, policy, calendar)
    if baseline is None or review is None:
        return None
    if kind not in AssessmentPoint.Kind.values:
        kind = AssessmentPoint.Kind.REVIEW if today >= review.opens_on else AssessmentPoint.Kind.BASELINE
    period = baseline if kind == AssessmentPoint.Kind.BASELINE else review
    return AskedPoint(term, kind, period.opens_on, period.due_on)


def expected_tools(form: Template, asked: AskedPoint) -> list[tuple[str, str]]:
    """Slug and title of each soft tool whose time it is, by the form's own `when` (domain 2.4)."""
    wanted = {"term_baseline"} if asked.is_baseline else {"term_review"}
    if asked.is_baseline and asked.term.id.endswith("-autumn"):
        wanted.add("autumn_baseline")
    return [
        (tool.slug, tool.title)
        for tool in form.tools
        if tool.slug in COUNTED_TOOLS and not wanted.isdisjoint(tool.when)
    ]


def completeness(
    user: Any, school: SchoolFacts, asked: AskedPoint, today: date, read: Read = directly
) -> list[CompletenessRow]:
    """A row for everybody on roll while it is open whom `user` may follow, by name.

    `read` is keywork.replica's, for what is no page: who may be followed is asked of the database all the same.
    """
    last = max(asked.due_on, min(today, asked.term.ends_on)) if asked.is_baseline else asked.due_on
    students, form = _students(user, asked, last), templates.current()
    return read(lambda: _rows(students, form, school, asked, today, last))


def _rows(
    students: Sequence[PlainStudent],
    form: Template,
    school: SchoolFacts,
    asked: AskedPoint,
    today: date,
    last: date,
) -> list[CompletenessRow]:
    in_term = {one.pk: one for one in EarlierStay.objects.at(students, last)}
    keyworkers = keyworker_names(today)
    due = due_summaries(list(in_term.values()), asked.term, asked.kind, today, school)
    rows = {
        one.pk: CompletenessRow(
            student=in_term[one.pk],
            keyworker_id=keyworkers.get(one.pk, (None, ""))[0],
            keyworker=keyworkers.get(one.pk, (None, ""))[1],
            on_roll=one.left_on is None or one.left_on >= today,
            due_on=due[one.pk].due_on if one.pk in due else None,
            by=due[one.pk].by if one.pk in due else None,
            of=len(form.in_use),
            areas_of=len(form.areas),
        )
        for one in students
    }
    _add_ratings(rows, asked, form)
    _add_tools(rows, asked, expected_tools(form, asked))
    _add_input(rows, asked)
    _add_goals(rows, asked)
    reminders = Reminder.objects.filter(term=asked.term.id).order_by()
    for student_id, sent_at in reminders.values_list("student").annotate(last=Max("sent_at")):
        if student_id in rows:
            rows[student_id].reminded_at = sent_at
    if today >= asked.opens_on:  # before, nothing is missing yet
        for row in rows.values():
            row.missing = _missing(row, asked)
    return list(rows.values())


def _students(user: Any, asked: AskedPoint, last: date) -> list[PlainStudent]:
    """On roll on a day it is open; and who joined later in the term, for their first baseline (T2)."""
    found = (
        Student.objects.visible_to(user, Can.FOLLOW_TSP)
        .on_roll_during(asked.opens_on, last)
        .order_by("in_order", "pk")
    )
    return [PlainStudent(*row) for row in found.values_list(*PlainStudent._fields)]


def _add_ratings(rows: Mapping[int, CompletenessRow], asked: AskedPoint, form: Template) -> None:
    """One row for each point from the database: how many statements of each area have a confirmed answer."""
    found = AssessmentPoint.objects.filter(term=asked.term.id, kind=asked.kind).order_by()
    points = {
        pk: (student, version, done_on)
        for pk, student, version, done_on in found.values_list("pk", "student", "template", "done_on")
        if student in rows
    }
    others = {version for _, version, _ in points.values()} - {form.version_id}
    forms = {form.version_id: form, **(templates.versions(others) if others else {})}
    slugs: dict[str, set[str]] = defaultdict(set)
    for one in forms.values():
        for area in one.areas:
            slugs[area.slug].update(statement.slug for statement in area.statements)
    names = list(slugs)
    counts = {
        f"area{number}": Count("pk", filter=Q(statement__in=sorted(slugs[name])))
        for number, name in enumerate(names)
    }
    counted = (
        Rating.objects.filter(point__term=asked.term.id, point__kind=asked.kind, confirmed_at__isnull=False)
        .order_by()
        .values_list("point")
        .annotate(**counts)
    )
    answered = {pk: dict(zip(names, numbers, strict=True)) for pk, *numbers in counted}
    for pk, (student_id, version, done_on) in points.items():
        row, mine, by_area = rows[student_id], forms[version], answered.get(pk, {})
        row.is_begun, row.done_on = True, done_on
        row.of, row.areas_of = len(mine.in_use), len(mine.areas)
        row.answered = sum(by_area.get(area.slug, 0) for area in mine.areas)
        row.areas = sum(
            bool(area.statements) and by_area.get(area.slug, 0) >= len(area.statements) for area in mine.areas
        )


def _add_tools(
    rows: Mapping[int, CompletenessRow], asked: AskedPoint, expected: Sequence[tuple[str, str]]
) -> None:
    """The best that is known of each tool: in, declined, begun, missing. A home view beside a map is not the map."""
    found: dict[tuple[int, str], ToolState] = {}
    sheets = (
        Sheet.objects.standing()
        .filter(tool__in=[slug for slug, _ in expected], student__in=list(rows))
        .filter(Q(term=asked.term.id) | ~Q(tool__in=OF_A_TERM))
        .exclude(~Q(tool=Tool.PARENT), wording=Sheet.Wording.PARENT)
        .order_by()
        .values_list("student", "tool", "done_at", "declined_at")
    )
    places: Mapping[ToolState, int] = {"in": 0, "declined": 1, "begun": 2, "missing": 3}
    for student_id, tool, done_at, declined_at in sheets:
        state: ToolState = "in" if done_at else "declined" if declined_at else "begun"
        before = found.get((student_id, tool), "missing")
        found[student_id, tool] = min(state, before, key=lambda one: places[one])
    for pk, row in rows.items():
        row.tools = [(slug, title, found.get((pk, slug), "missing")) for slug, title in expected]


def _add_input(rows: Mapping[int, CompletenessRow], asked: AskedPoint) -> None:
    counted = (
        Enquiry.objects.filter(kind=INPUT, period=asked.term.id, withdrawn_at__isnull=True)
        .order_by()
        .values_list("student")
        .annotate(
            asked=Count("pk"),
            answered=Count("pk", filter=Q(answered_at__isnull=False)),
            cannot=Count("pk", filter=Q(declined_at__isnull=False)),
        )
    )
    for student_id, asked_count, answered, cannot in counted:
        if (row := rows.get(student_id)) is None:
            continue
        row.asked, row.input_answered, row.cannot = asked_count, answered, cannot


def _add_goals(rows: Mapping[int, CompletenessRow], asked: AskedPoint) -> None:
    """Goals of the term, and those agreed before that are still being worked on."""
    counted = (
        Goal.objects.filter(withdrawn_at__isnull=True, student__in=list(rows))
        .filter(
            Q(term=asked.term.id)
            | Q(agreed_at__date__lte=asked.term.ends_on)
            & (Q(closed_at__isnull=True) | Q(closed_at__date__gte=asked.term.starts_on))
        )
        .order_by()
        .values_list("student")
        .annotate(
            agreed=Count("pk", filter=Q(agreed_at__isnull=False)),
            drafted=Count("pk", filter=Q(agreed_at__isnull=True)),
        )
    )
    for student_id, agreed, drafted in counted:
        rows[student_id].goals, rows[student_id].goals_drafted = agreed, drafted


# ------------------------------------------------------------------------------ what is missing, in words


def _missing(row: CompletenessRow, asked: AskedPoint) -> tuple[str, ...]:
    """Codes, as a Reminder keeps them. Nothing is missing where nothing is owed at it (T2)."""
    if row.due_on is None and not row.is_begun:
        return ()
    codes = []
    if row.done_on is None:
        rated = "rated" if row.answered >= row.of else f"{row.answered}-of-{row.of}"
        codes.append(f"{asked.kind}:{rated if row.is_begun and row.answered else 'not-started'}")
    codes += [f"tool:{slug}" for slug, _, state in row.tools if state not in ("in", "declined")]
    if asked.is_baseline and not row.goals:
        codes.append("goals")
    waiting = row.asked - row.input_answered - row.cannot
    if not asked.is_baseline and not row.asked:
        codes.append("input:nobody")
    elif not asked.is_baseline and waiting > 0:
        codes.append(f"input:{waiting}")
    return tuple(codes)


def in_words(codes: Iterable[str], form: Template) -> list[str]:
    """Each code as a phrase: "baseline not started", "student voice sheet", "no goal agreed"."""
    said = []
    for code in codes:
        about, _, rest = code.partition(":")
        if about in AssessmentPoint.Kind.values:
            state = {"not-started": "not started", "rated": "rated, not finished"}.get(
                rest, f"{rest.replace('-', ' ')} rated"
            )
            said.append(f"{about} {state}")
        elif about == "tool":
            said.append(form.tool(rest).title.lower())
        elif about == "goals":
            said.append("no goal agreed")
        elif rest == "nobody":
            said.append("nobody asked for team input")
        else:
            said.append(f"team input of {rest} {'person' if rest == '1' else 'people'}")
    return said


def state_words(row: CompletenessRow, today: date, asked: AskedPoint) -> tuple[str, str, str]:
    """Level, word and note of the point itself, for a badge."""
    if row.done_on is not None:
        return "ok", "Finished late" if row.is_late else "Finished", day_in_full(row.done_on, today)
    if row.due_on is None and not row.is_begun:
        leaves_on = row.student.left_on
        if leaves_on is not None and leaves_on <= asked.term.ends_on:
            return (
                "none",
                "Not owed",
                f"{'Leaves' if row.on_roll else 'Left'} {day_in_full(leaves_on, today)}",
            )
        return "none", "Not owed", "New: the first baseline is due next term"
    due = f"due {day_in_full(row.by, today)}" if row.by else ""
    late = row.due_on is not None and today > row.due_on
    if not row.is_begun or not row.answered:
        if today < asked.opens_on:
            return "none", "Not open yet", f"opens {day_in_full(asked.opens_on, today)}"
        return ("overdue" if late else "open"), "Not started", due
    rated = rules.Completion(row.answered, 0, row.of)
    word = f"{rated.answered} of {rated.of}" if not rated.complete else "Rated, not finished"
    return ("overdue" if late else "open"), word, due
