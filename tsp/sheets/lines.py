"""What people told us: one line for each soft tool of a student's term, and what they ticked beside statements.

    lines = sheet_lines(student, "2026-27-autumn", request.user)      # a fixed number of queries
    ticks = ticks_for(student, "2026-27-autumn", request.user)        # one query

Only tools this reader may know of have a line: the social circle map has none for most of the core team.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse

from enquiries.models import Enquiry
from keywork import clock, prepared, school
from keywork.access import Can, allows
from keywork.calendar import Term
from keywork.dates import day_short, london_date
from keywork.duty_words import listed
from keywork.models import User
from questionnaires import fields
from students.models import FamilyLink, FamilyMember, Student

from ..enquiries import INPUT, TALK
from ..models import Answer, Sheet, Tool
from ..questions import templates
from . import permissions as sheet_permissions
from .soft_tools import IN_COLUMN, OF_A_TERM, STUDENT_TOOLS, TOOLS

IN, PART, WAITING, DECLINED, NOT_STARTED = "In", "Part done", "Waiting", "Declined", "Not started"
LEVELS: Final = {IN: "ok", PART: "open", WAITING: "open", DECLINED: "none", NOT_STARTED: "none"}


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One tool in the column. `url` is "" when this reader can do nothing there; `state` is a badge's word."""

    tool: str
    title: str
    words: str
    state: str
    url: str = ""
    alert: str = ""  # an answer to think about, for those who read it

    @property
    def level(self) -> str:
        return LEVELS[self.state]


def sheet_lines(student: Student, term: str, reader: User) -> list[SheetLine]:
    """In the order of the column; at most seven queries. Of a term that is over, what stood when it ended."""
    sheets: dict[str, list[Sheet]] = {tool: [] for tool in IN_COLUMN}
    rows = sheet_permissions.known_of(reader, student).filter(tool__in=IN_COLUMN, voided_at__isnull=True)
    span, today = school.load().calendar.known_term(term), clock.today()
    over = span is not None and span.ends_on < today
    if span is not None and over:
        rows = rows.filter(Q(tool__in=OF_A_TERM) | Q(happened_on__lte=span.ends_on))
    for sheet in rows.order_by("-happened_on", "-pk"):
        if sheet.tool not in OF_A_TERM or sheet.term == term:
            sheets[sheet.tool].append(sheet)
    alerts = alerts_of([sheet for found in sheets.values() for sheet in found], reader)
    waiting, by_link = _asked(student, term, reader)
    turns = _turns(student, span, reader, today) if span is not None and not over else {}
    lines, form = [], templates.current()
    for tool in IN_COLUMN:
        if not form.has(tool) or not _may_know_of(tool, student, reader):
            continue
        words, state, url = _line(tool, sheets[tool], student, reader, waiting, over=over)
        if state == NOT_STARTED and over:
            words, url = "Nothing in this term", ""
        elif state == NOT_STARTED and (tool in turns or (tool == Tool.PARENT and by_link)):
            sent = f"Asked by link: {_and(by_link)}" if tool == Tool.PARENT and by_link else ""
            words, state = ". ".join(filter(None, [sent, turns.get(tool)])), WAITING
        alert = next((alerts[sheet.pk] for sheet in sheets[tool] if sheet.pk in alerts), "")
        lines.append(SheetLine(tool, TOOLS[tool].title, words, state, url, alert=alert))
    return lines


def _turns(student: Student, term: Term, reader: User, today: date) -> dict[str, str]:
    """What stands on a page of the student's or a parent's own: tool to "On Min’s page since 1 September".

    Two queries. Nothing is asked in a holiday or of who is not at school (home.turns). Since when is
    said of what is asked anew each term: from its first day, of joining, of the account, whichever came last.
    """
    if not (term.starts_on <= today and student.is_on_roll(today)):
        return {}
    if not allows(reader, Can.VIEW_SHEETS, student):
        return {}
    began = max(term.starts_on, student.joined_on, school.load().went_live_on)
    turns: dict[str, str] = {}
    if student.opens_pages:
        turns = {tool: f"On {_possessive(student.known_as)} page" for tool in STUDENT_TOOLS}
        turns[Tool.VOICE] += _since([student.user], began, today)
    links = people_at_home(student)
    reached = [one.member for one in links if one.member.opens_pages]
    if reached:
        pages = "page" if len(reached) == 1 else "pages"
        since = _since([one.user for one in reached], began, today)
        turns[Tool.PARENT] = f"On {_and(_possessive(one.name) for one in reached)} {pages}{since}"
    return turns


def _possessive(name: str) -> str:
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def _since(accounts: Sequence[Any], began: date, today: date) -> str:
    """Of several accounts the latest day, when it stood on the pages of all."""
    return f" since {day_short(max(began, *(london_date(one.created_at) for one in accounts)), today)}"


def _may_know_of(tool: str, student: Student, reader: User) -> bool:
    soft_tool = TOOLS[tool]
    cans = {soft_tool.staff_know, soft_tool.staff_read, soft_tool.staff_fill}
    if tool == Tool.CIRCLE:
        cans = {soft_tool.staff_know}
    return any(allows(reader, can, student) for can in cans)


def _line(
    tool: str, sheets: list[Sheet], student: Student, reader: User, waiting: list[str], *, over: bool
) -> tuple[str, str, str]:
    """Words, state and address."""
    if tool == Tool.TEAM:
        return _team_line(sheets, student, reader, waiting)
    main = [one for one in sheets if not _is_home_view(one)]
    begun = next((one for one in main if one.is_open), None)
    done = next((one for one in main if one.done_at is not None), None)
    newest = done or begun or (main[0] if main else None)
    if newest is None:
        may = allows(reader, TOOLS[tool].staff_fill, student)
        return "", NOT_STARTED, reverse("tsp:sheet_start", args=[student.pk, tool]) if may else ""
    words = whose(newest)
    if newest.declined_at is not None:
        words = f"“{newest.declined_words}”" if newest.declined_words else words
    if tool == Tool.PARENT and len(sheets) > 1:
        words += f", and {len(sheets) - 1} more"
    if tool == Tool.REGULATION and newest.done_at is not None:
        to_add = "" if over else ". Home view still to add"
        words += ". Home view added" if any(map(_is_home_view, sheets)) else to_add
    several = tool == Tool.PARENT and len(sheets) > 1
    if done is not None and begun is not None and not several:
        return f"{words}. A new one is begun", state_of(done), reverse("tsp:sheet", args=[begun.pk])
    url = reverse("tsp:sheets", args=[student.pk]) if several else reverse("tsp:sheet", args=[newest.pk])
    return words, state_of(newest), url


def _team_line(
    sheets: list[Sheet], student: Student, reader: User, waiting: list[str]
) -> tuple[str, str, str]:
    done = [one for one in sheets if one.done_at is not None]
    told = [author_of(one) for one in done]
    words = ". ".join(
        filter(None, ["From " + _and(told) if told else "", "Asked: " + _and(waiting) if waiting else ""])
    )
    state = IN if done and not waiting else PART if done else WAITING if waiting else NOT_STARTED
    if len(sheets) == 1:
        return words, state, reverse("tsp:sheet", args=[sheets[0].pk])
    if not sheets and allows(reader, Can.ADD_INPUT, student):
        return words, state, reverse("tsp:input_add", args=[student.pk])
    return words, state, reverse("tsp:sheets", args=[student.pk])


def _asked(student: Student, term: str, reader: User) -> tuple[list[str], list[str]]:
    """Who was asked and has not answered, for those who read it: for team input, and at home by link. One query."""
    if not allows(reader, Can.VIEW_SHEETS, student):
        return [], []
    waiting = Enquiry.objects.waiting().filter(student=student, kind__in=(INPUT, TALK), period=term)
    shut = Enquiry.objects.barred(clock.today()).values("pk")
    rows = waiting.filter(Q(member__isnull=True) | Q(expires_at__gt=clock.now()) & ~Q(pk__in=shut))
    asked = list(rows.select_related("user"))
    team = [ask.user.get_short_name() if ask.user else ask.name for ask in asked if ask.kind == INPUT]
    return team, [ask.name for ask in asked if ask.kind == TALK]


def _is_home_view(sheet: Sheet) -> bool:
    return sheet.tool != Tool.PARENT and sheet.wording == Sheet.Wording.PARENT


def _and(names: Iterable[str]) -> str:
    return listed(list(dict.fromkeys(names)))


# ---------------------------------------------------------------------------------- talks with home


def talks_of(student: Student, member: FamilyMember) -> list[Sheet]:
    """This person's own conversations about the child, newest first, whoever wrote them down."""
    return prepared.rows(_talks_of, student.pk, member.pk)


def _talks_of(student: Any, member: Any) -> QuerySet:
    rows = Sheet.objects.standing().filter(student=student, tool=Tool.PARENT, member=member)
    return rows.select_related("author", "student", "member")


def talk_now(talks: list[Sheet], term: str) -> Sheet | None:
    """The one being written; else this term's, done or declined; None when nothing was said yet."""
    begun = next((one for one in talks if one.is_open), None)
    return begun or next((one for one in talks if one.term == term), None)


# -------------------------------------------------------------------------------- words for a sheet


def state_of(sheet: Sheet) -> str:
    if sheet.declined_at is not None:
        return DECLINED
    return IN if sheet.done_at is not None else PART


def author_of(sheet: Sheet) -> str:
    """Who wrote it, as people say it: the student, a parent, a colleague, or somebody from outside."""
    if sheet.author is None:
        return sheet.author_words
    if sheet.wording == Sheet.Wording.STUDENT and sheet.author_id == sheet.student.user_id:
        return sheet.student.known_as
    return sheet.author.name if sheet.wording == Sheet.Wording.PARENT else sheet.author.get_short_name()


def whose(sheet: Sheet) -> str:
    """ "Min, with Ros, 17 November"; "Min, 17 November" when they wrote it alone: who gave it, to whom, when."""
    writer = author_of(sheet)
    if sheet.tool == Tool.PARENT and sheet.member is not None:
        giver = sheet.member.name
    elif sheet.tool in STUDENT_TOOLS and sheet.wording != Sheet.Wording.PARENT:
        giver = sheet.student.known_as
    else:
        giver = writer
    with_whom = f", with {writer}" if sheet.wording == Sheet.Wording.STAFF and giver != writer else ""
    return f"{giver}{with_whom}, {day_short(day_of(sheet), clock.today())}"


def day_of(sheet: Sheet) -> date:
    """The day it stands under: when it was about for what adults write down, when it was done for the rest."""
    ended = sheet.done_at or sheet.declined_at
    if sheet.tool in (Tool.OBSERVATION, Tool.RESTORATIVE, Tool.PARENT) or ended is None:
        return sheet.happened_on
    return london_date(ended)


# ------------------------------------------------------------------------------------------- alerts


def alerts_of(sheets: Iterable[Sheet], reader: User) -> dict[int, str]:
    """Sheets with an answer the form asks the keyworker to think about, to the question's words. Two queries.

    "How safe I feel", answered low: a prompt on the page for who reads the sheet. Whom it reaches is app `safety`.
    """
    readable = {sheet.pk: sheet for sheet in sheets if sheet_permissions.may_read(reader, sheet)}
    asked: dict[int, dict[str, Any]] = {}
    forms = templates.versions(sheet.template_id for sheet in readable.values())
    for sheet in readable.values():
        tool = forms[sheet.template_id].tool(sheet.tool)
        watched = {one.slug: one for one in tool.fields if one.alert_if_at_most is not None}
        if watched:
            asked[sheet.pk] = watched
    if not asked:
        return {}
    slugs = {slug for watched in asked.values() for slug in watched}
    found = {}
    for answer in Answer.objects.filter(sheet__in=list(asked), field__in=slugs):
        question = asked[answer.sheet_id].get(answer.field)
        if question is not None and fields.is_alert(question, answer.value):
            found[answer.sheet_id] = question.label
    return found


# -------------------------------------------------------------------------------------------- ticks


@dataclass(slots=True)
class Ticks:
    """What was ticked beside one statement: codes of questionnaires.fields.TICKS. Shown beside a rating, never reckoned in."""

    student: str = ""
    home: list[str] = field(default_factory=list)

    @property
    def student_words(self) -> str:
        return fields.TICKS.get(self.student, "").lower()

    @property
    def home_words(self) -> str:
        """ "yes", or "yes and not yet" where two homes differ."""
        return " and ".join(dict.fromkeys(fields.TICKS[code].lower() for code in self.home))


def ticks_for(student: Student, term: str, reader: User) -> dict[str, Ticks]:
    """Statement slug to what student and home ticked in the done sheets of a term this reader may read."""
    sheets = Sheet.objects.done().filter(student=student, term=term, tool__in=[Tool.VOICE, Tool.PARENT])
    answers = (
        Answer.objects.filter(
            sheet__in=sheets.filter(sheet_permissions.done_read_by(reader, student)).values("pk")
        )
        .filter(field__startswith=fields.STATEMENT)
        .order_by("at")
        .values_list("field", "value", "sheet__tool")
    )
    found: dict[str, Ticks] = {}
    for name, value, tool in answers:
        if value not in fields.TICKS:
            continue
        ticks = found.setdefault(name.removeprefix(fields.STATEMENT), Ticks())
        if tool == Tool.VOICE:
            ticks.student = value
        else:
            ticks.home.append(value)
    return found


def people_at_home(student: Student) -> list[FamilyLink]:
    """Whom a keyworker may ask for a conversation: nobody under a restriction, nobody who left."""
    links = FamilyLink.objects.for_keywork(clock.today()).filter(student=student)
    return list(links.select_related("member__user"))
