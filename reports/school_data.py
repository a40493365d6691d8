"""Tables of the whole school for a spreadsheet: facts and dates, never anybody's words, nothing restricted.

One table is one entry of TABLES: its columns are paths of the ORM, so a new one is a few lines.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from care.meetings.kinds import KINDS as MEETING_KINDS
from care.models import Action, FiledDocument, Meeting, PlanVersion, Review
from care.plans.kinds import KINDS as PLAN_KINDS
from care.plans.permissions import guarded
from contacts.models import HomeContact, KeyworkSession, Miss
from ilsa.models import RaterForm
from keywork import clock, replica
from keywork.access import Can, scope_q
from keywork.audit import exported
from keywork.calendar import AcademicYear
from keywork.clock import LONDON
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest, attachment
from keywork.levels import Level
from keywork.models import Assignment
from keywork.spreadsheet import csv_answer, harmless
from students.models import Attendance, Points, Student
from tsp.models import AssessmentPoint

ALL = "all"
COLUMN_WIDTH = 18  # characters: a day in figures is whole
KINDS = {"csv": "CSV", "xlsx": "Excel"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` is heading to path; `student` is the path of the student's id, `on` of the day that decides the year.

    Values are called what their field calls them, or what `words` of a path says.
    """

    name: str
    about: str
    rows: Callable[[], QuerySet[Any]]
    columns: Mapping[str, str]
    can: Can
    student: str = "student_id"
    on: str = ""
    of_year: Callable[[AcademicYear], Q] | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def by_year(self) -> bool:
        return bool(self.on or self.of_year)

    def rows_for(self, user: Any, year: AcademicYear | None) -> QuerySet[Any]:
        """The rows this person may read, of a year or of all; oldest first."""
        rows = self.rows().filter(scope_q(user, self.can, self.student))
        if year is not None and self.by_year:
            between = {f"{self.on}__range": (year.starts_on, year.ends_on)}
            rows = rows.filter(self.of_year(year) if self.of_year else Q(**between))
        return rows.order_by(*([self.on] if self.on else []), "pk")

    def cells(self, rows: QuerySet[Any]) -> Iterator[tuple[int, list[Any]]]:
        """Of each row the student's id and the cells."""
        words = {path: self.words.get(path) or _choices(rows.model, path) for path in self.columns.values()}
        for student_id, *values in rows.values_list(self.student, *words):
            yield student_id, [_cell(*one) for one in zip(values, words.values(), strict=True)]


def _choices(model: Any, path: str) -> Mapping[str, str]:
    """What the values of the field at the end of a path are called; nothing where it has no choices."""
    found: Any = None
    for name in path.split("__"):
        found = model._meta.get_field(name)
        model = found.related_model
    return dict(getattr(found, "base_field", found).flatchoices)


def _cell(value: Any, words: Mapping[str, str]) -> Any:
    """As a spreadsheet takes it: text that is no formula, days as days, yes and no in words."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.astimezone(LONDON).date()
    if isinstance(value, list):
        return harmless(", ".join(str(words.get(one, one)) for one in value))
    if isinstance(value, str):
        return harmless(str(words.get(value, value)))
    return "" if value is None else value


WHO = {"MIS number": "student__mis_id", "Known as": "student__known_as", "Surname": "student__surname"}


def _who(before: str) -> dict[str, str]:
    return {heading: before + path for heading, path in WHO.items()}


TABLES: Mapping[str, Table] = {
    "students": Table(
        "Students",
        "Everyone who is or was on roll.",
        Student.objects.all,
        {
            "MIS number": "mis_id",
            "UPN": "upn",
            "Known as": "known_as",
            "Surname": "surname",
            "Date of birth": "born_on",
            "Year": "nc_year",
            "Form": "reg_group",
            "Day or residential": "placement",
            "SEN status": "sen_status",
            "Areas of need": "needs",
            "Looked after": "looked_after",
            "Authority": "maintained_by",
            "Pupil premium": "pupil_premium",
            "Ethnicity": "ethnicity",
            "First day on roll": "joined_on",
            "Last day on roll": "left_on",
        },
        Can.VIEW_STUDENT,
        student="pk",
    ),
    "attendance": Table(
        "Attendance",
        "Sessions of each week, as each source has them, and days suspended.",
        Attendance.objects.all,
        {
            **WHO,
            "From": "starts_on",
            "To": "ends_on",
            "Source": "source",
            "Sessions possible": "possible",
            "Attended": "attended",
            "Authorised absence": "authorised",
            "Unauthorised absence": "unauthorised",
            "Days suspended": "suspended_days",
        },
        Can.VIEW_FAMILY,
        on="starts_on",
    ),
    "points": Table(
        "Points",
        "Points of each week, as each source has them.",
        Points.objects.all,
        {
            **WHO,
            "From": "starts_on",
            "To": "ends_on",
            "Source": "source",
            "Achievement points": "achievement",
            "Behaviour points": "behaviour",
        },
        Can.VIEW_FAMILY,
        on="starts_on",
    ),
    "contacts": Table(
        "Contacts with home",
        "When, how, with what result and by whom. No words, no restricted entries.",
        lambda: HomeContact.objects.filter(level=Level.GENERAL),
        {
            **WHO,
            "Day": "happened_on",
            "How": "channel",
            "Who began": "direction",
            "Reached": "reached",
            "Counts as": "outcome",
            "By": "made_by__name",
            "Written down": "logged_on",
            "Waits for approval": "needs_approval",
            "Approved": "approved_on",
            "Crossed out": "voided_on",
        },
        Can.VIEW_LOG,
        on="happened_on",
    ),
    "sessions": Table(
        "Keywork sessions",
        "When, what happened and what about. No words, no restricted entries.",
        lambda: KeyworkSession.objects.filter(level=Level.GENERAL),
        {
            **WHO,
            "Day": "happened_on",
            "What happened": "status",
            "How": "how",
            "Minutes": "minutes",
            "About": "topics",
            "By": "made_by__name",
            "Written down": "logged_on",
            "Crossed out": "voided_on",
        },
        Can.VIEW_LOG,
        on="happened_on",
        words={"topics": dict(KeyworkSession.Topic.choices)},
    ),
    "missed": Table(
        "Missed",
        "Due dates that passed unmet, as the nightly work recorded them.",
        Miss.objects.all,
        {
            **WHO,
            "Duty": "duty",
            "Was due": "due_on",
            "How it came": "klass",
            "Keyworker in post": "keyworker__name",
            "Withdrawn": "withdrawn_at",
        },
        Can.VIEW_LOG,
        on="due_on",
        words={"duty": {"home_contact": "Home contact", "session": "Keywork session"}},
    ),
    "keyworkers": Table(
        "Keyworkers and teams",
        "Who was what to whom, from when to when.",
        Assignment.objects.all,
        {**WHO, "Who": "user__name", "As": "kind", "From": "starts_on", "To": "ends_on"},
        Can.VIEW_STUDENT,
        of_year=lambda year: (
            Q(starts_on__lte=year.ends_on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=year.starts_on))
        ),
    ),
    "tsp": Table(
        "TSP baselines and reviews",
        "Which were begun and finished, when and by whom.",
        AssessmentPoint.objects.all,
        {
            **WHO,
            "Term": "term",
            "Which": "kind",
            "Begun": "opened_at",
            "Finished": "done_on",
            "Finished by": "finished_by__name",
        },
        Can.VIEW_TSP,
        of_year=lambda year: Q(term__startswith=f"{year.id}-"),
    ),
    "independence": Table(
        "Independence assessments",
        "Who rated and when, and why somebody did not.",
        RaterForm.objects.all,
        {
            **_who("assessment__"),
            "Year": "assessment__round__year",
            "Rater": "role",
            "Asked": "invited_at",
            "Begun": "started_at",
            "Rated": "answered_on",
            "Took no part because": "missing",
        },
        Can.VIEW_ILSA,
        student="assessment__student_id",
        of_year=lambda year: Q(assessment__round__year=year.id),
    ),
    "plans": Table(
        "Plans a keyworker keeps",
        "Each version: which plan, by whom and for how long. No words, no safeguarding plans.",
        lambda: PlanVersion.objects.exclude(guarded("plan__")),
        {
            **_who("plan__"),
            "Plan": "plan__kind",
            "Version": "number",
            "Written": "written_on",
            "By": "written_by__name",
            "Look again by": "review_by",
            "In force": "is_newest",
            "Ended": "plan__ended_on",
        },
        Can.VIEW_KEPT_PLANS,
        student="plan__student_id",
        on="written_on",
        words={"plan__kind": {slug: kind.name for slug, kind in PLAN_KINDS.items()}},
    ),
    "reviews": Table(
        "Reviews of EHC plans",
        "Their days, from the papers to the authority’s decision. No words.",
        Review.objects.standing,
        {
            **WHO,
            "Meeting": "meets_at",
            "Papers sent": "papers_on",
            "Talk before it": "talk_at",
            "Minutes of the talk": "talk_minutes",
            "Held": "held_on",
            "Report sent": "report_on",
            "Decision": "decision",
            "Decided": "decided_on",
        },
        Can.VIEW_REVIEWS,
        on="meets_at",
        of_year=lambda year: Q(meets_at__date__range=(year.starts_on, year.ends_on)),
    ),
    "meetings": Table(
        "Meetings",
        "Which, when, led by whom. No words, no restricted ones.",
        lambda: Meeting.objects.filter(level=Level.GENERAL),
        {
            **WHO,
            "Day": "on",
            "Kind": "kind",
            "Minutes": "minutes",
            "Led by": "led_by__name",
            "Written down": "minutes_at",
            "Called off": "voided_at",
        },
        Can.VIEW_MEETINGS,
        on="on",
        words={"kind": {slug: kind.name for slug, kind in MEETING_KINDS.items()}},
    ),
    "agreed": Table(
        "What was agreed in meetings",
        "Who was to do it by when, and when it was done. No words, no restricted ones.",
        lambda: Action.objects.filter(level=Level.GENERAL, repair_id__isnull=True),
        {
            **WHO,
            "Who": "owner__name",
            "Due first": "first_due_on",
            "Due": "due_on",
            "Done": "done_on",
            "Given up": "dropped_at",
        },
        Can.VIEW_MEETINGS,
        on="first_due_on",
    ),
    "documents": Table(
        "Documents filed",
        "Which kind, of which day, filed by whom. No titles, no words, no restricted ones.",
        lambda: FiledDocument.objects.standing().filter(level=Level.GENERAL),
        {**WHO, "Date on it": "dated_on", "Kind": "kind", "Filed": "filed_at", "By": "filed_by__name"},
        Can.VIEW_LOG,
        on="dated_on",
    ),
}


@permission_required(Can.EXPORT_SCHOOL, GET)
def school_data(request: SchoolRequest) -> HttpResponse:
    """The tables, with a year to choose."""
    years = _years(request)
    now = request.school.calendar.year_shown(clock.today())
    year = request.GET.get("year", now.id if now else ALL)
    context = {
        "tables": TABLES.items(),
        "kinds": KINDS.items(),
        "years": [(one, one.replace("-", "/")) for one in reversed(years)],
        "year": year if year in years else ALL,
    }
    return render(request, "reports/school_data.html", context)


@permission_required(Can.EXPORT_SCHOOL, GET)
def download(request: SchoolRequest, slug: str, year: str, kind: str) -> HttpResponse:
    """One table as a file; whose rows they were is kept."""
    table, years = TABLES.get(slug), _years(request)
    if table is None or kind not in KINDS or (year != ALL and year not in years):
        raise Http404
    rows = replica.read(lambda: list(table.cells(table.rows_for(request.user, years.get(year)))))
    exported(request, {student_id for student_id, _ in rows}, f"table: {table.name.lower()}")
    lines = [list(table.columns), *(cells for _, cells in rows)]
    name = f"{slug}-{year if table.by_year else clock.today().isoformat()}.{kind}"
    if kind == "csv":
        return csv_answer(name, lines)
    return attachment(as_xlsx(table.name, lines), XLSX, name)


def _years(request: SchoolRequest) -> dict[str, AcademicYear]:
    """Those that have begun, oldest first."""
    today = clock.today()
    return {year.id: year for year in request.school.calendar.years if year.starts_on <= today}


def as_xlsx(title: str, lines: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])  # no longer name is allowed
    sheet.freeze_panes = "A2"  # the headings stay
    for place in range(len(lines[0])):
        sheet.column_dimensions[get_column_letter(place + 1)].width = COLUMN_WIDTH
    for line in lines:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
