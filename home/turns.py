"""Whose turn it is: what students, parents and carers are asked on their own pages, and the sheets it rests on.

Nothing here decides who sees what: that is tsp.sheets.permissions's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from care.decisions.known import to_answer
from care.models import DecisionReader
from keywork import clock, prepared
from keywork.dates import day_in_full
from keywork.names import ended
from keywork.turns import MOST_TURNS, Turn
from keywork.words import filled, translated
from students.models import FamilyLink, FamilyMember, Student
from tsp.models import Answer, Sheet, Tool
from tsp.questions.templates import Template
from tsp.sheets import permissions as sheet_permissions
from tsp.sheets.answers import NOT_RIGHT
from tsp.sheets.lines import talk_now, talks_of
from tsp.sheets.soft_tools import ASKED_TO_SHARE, OF_A_TERM, READ_AT_HOME, STUDENT_TOOLS, TOOLS

from .models import Appointment

BEGUN = "You have begun this."


# ---------------------------------------------------------------------------------------- students


def student_sheets(student: Student) -> list[Sheet]:
    """Every standing sheet that is the student's own, newest first; a parent's home view is not."""
    return prepared.rows(_own_sheets, student.pk)


def _own_sheets(student: Any) -> QuerySet:
    rows = Sheet.objects.standing().filter(student=student, tool__in=STUDENT_TOOLS)
    return rows.exclude(wording=Sheet.Wording.PARENT).select_related("author")


def what_helps(sheets: Iterable[Sheet]) -> list[tuple[str, Sheet]]:
    """The newest of each kind that says what helps the student, with its title; of their own sheets."""
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        if sheet.tool in READ_AT_HOME and sheet.done_at is not None:
            found.setdefault(sheet.tool, sheet)
    return [(TOOLS[tool].student_title, sheet) for tool, sheet in found.items()]


def by_adults(sheets: Iterable[Sheet]) -> list[tuple[str, Sheet]]:
    """What adults wrote down for the student, newest first, with its title."""
    theirs = [one for one in sheets if one.wording == Sheet.Wording.STAFF and one.done_at is not None]
    return [(TOOLS[one.tool].student_title, one) for one in theirs]


def to_check(sheets: Iterable[Sheet], term: str) -> list[Sheet]:
    """What an adult wrote for the student, done and not yet answered. One query.

    A note that it is not right is an answer; what the adult writes after it is asked about again.
    """
    waiting = [
        sheet
        for sheet in sheets
        if sheet.wording == Sheet.Wording.STAFF
        and sheet.done_at is not None
        and sheet.checked_at is None
        and sheet.term == term
    ]
    if not waiting:
        return []
    noted: dict[int, Any] = {}
    written: dict[int, Any] = {}
    rows = Answer.objects.filter(sheet__in=waiting).order_by("at").values_list("sheet", "field", "at")
    for sheet_id, name, at in rows:
        (noted if name == NOT_RIGHT else written)[sheet_id] = at
    return [
        sheet
        for sheet in waiting
        if sheet.pk not in noted or written.get(sheet.pk, noted[sheet.pk]) > noted[sheet.pk]
    ]


def student_turns(sheets: list[Sheet], term: str, in_term: bool, form: Template) -> list[Turn]:
    """Of all of a student's sheets (`student_sheets`). At most three; two queries.

    Their own voice of this term comes first, behind one thing to check at most, so that what adults wrote never
    crowds it out; then what else is to be checked, what was begun, and what is asked this term. Nothing new is
    asked in a holiday or of somebody who is not at school.
    """
    checks = [
        Turn(
            filled("Is this right? {title}", title=translated(TOOLS[sheet.tool].student_title)),
            filled("{name} wrote it down for you.", name=sheet.author.get_short_name())
            if sheet.author
            else "Somebody wrote it down for you.",
            reverse("home:read", args=[sheet.pk]),
            "Look",
        )
        for sheet in to_check(sheets, term)
    ]
    begun = [tool for tool in STUDENT_TOOLS if any(one.tool == tool and one.is_open for one in sheets)]
    served = {sheet.tool for sheet in sheets if serves(sheet, term)}
    fresh = [tool for tool in STUDENT_TOOLS if in_term and tool not in served and form.has(tool)]
    asks = {
        tool: Turn(
            TOOLS[tool].student_title,
            BEGUN if tool in begun else TOOLS[tool].student_hint,
            reverse("home:start", args=[tool]),
            "Go on" if tool in begun else "Start",
        )
        for tool in (*begun, *fresh)
    }
    voice = asks.pop(Tool.VOICE, None)
    mine = [voice] if voice else []
    return [*checks[:1], *mine, *checks[1:], *asks.values()][:MOST_TURNS]


def serves(sheet: Sheet, term: str) -> bool:
    """Is this sheet, done or declined or begun, the answer to what is asked in this term?"""
    if sheet.is_open or sheet.tool in OF_A_TERM:
        return sheet.is_open or sheet.term == term
    return _year(sheet.term) == _year(term)


def _year(term: str) -> str:
    """ "2026-27" of "2026-27-autumn"."""
    return term.rpartition("-")[0] or term


# ----------------------------------------------------------------------------- parents and carers


def member_of(user: Any, student: Student) -> FamilyMember:
    """Who this person is to the child: their open, unrestricted link. 404 when there is none."""
    links = FamilyLink.objects.of_account(user).unrestricted(clock.today())
    return get_object_or_404(links.select_related("member"), student=student).member


def home_views(user: Any, student: Student) -> list[Sheet]:
    """What this person added to the regulation map, newest first."""
    return prepared.rows(_home_views, student.pk, user.pk)


def _home_views(student: Any, author: Any) -> QuerySet:
    rows = Sheet.objects.standing().filter(
        student=student, tool=Tool.REGULATION, wording=Sheet.Wording.PARENT, author=author
    )
    return rows.select_related("author", "student")


def shared_sheets(user: Any, student: Student) -> list[Sheet]:
    """What the student chose to show this person, newest first."""
    rows = sheet_permissions.readable(user).filter(
        student=student, tool__in=ASKED_TO_SHARE, share_with_home=True, done_at__isnull=False
    )
    return list(rows.order_by("-done_at", "-pk"))


def helps(user: Any, student: Student) -> dict[str, Sheet]:
    """The newest strengths profile and regulation map that home may read, by tool; one query."""
    rows = sheet_permissions.readable(user).filter(
        student=student, tool__in=READ_AT_HOME, done_at__isnull=False, voided_at__isnull=True
    )
    found: dict[str, Sheet] = {}
    for sheet in rows.exclude(wording=Sheet.Wording.PARENT).order_by("-done_at", "-pk"):
        found.setdefault(sheet.tool, sheet)
    return found


def decision_turns(rows: Iterable[DecisionReader], child: Student | None = None) -> list[Turn]:
    """What was decided and waits for an answer, the oldest first: of a parent about this `child`, else of the student."""
    turns = []
    for row in reversed(to_answer(rows)):
        assert row.decision.answer_by is not None
        title, url = "Read about a change", reverse("home:my_decision", args=[row.decision_id])
        if child:
            title = filled("Read about a change for {name}", name=child.known_as)
            url = reverse("home:decision", args=[child.pk, row.decision_id])
        by = day_in_full(row.decision.answer_by, clock.today())
        words = filled("{what} Please tell us by {day}.", what=ended(row.decision.what), day=by)
        turns.append(Turn(title, words, url, "Read it"))
    return turns


def meeting_turns(meetings: Iterable[tuple[Appointment, str]]) -> list[Turn]:
    """Times that school offers and that wait for their yes; each meeting with how it stands in a sentence."""
    return [
        Turn("A time to meet", words, reverse("home:meet", args=[one.student_id]), "Answer")
        for one, words in meetings
        if one.state == "offered"
    ]


def parent_turns(user: Any, student: Student, member: FamilyMember, term: str, in_term: bool) -> list[Turn]:
    """Nothing new in a holiday or of a child who is not at school. Three queries."""
    turns = []
    talk = talk_now(talks_of(student, member), term)
    begun = talk is not None and talk.is_open and talk.wording == Sheet.Wording.PARENT
    if begun or (talk is None and in_term):
        words = "About 10 minutes. You can stop and come back."
        title = filled("Tell us about {name} at home", name=student.known_as)
        turns.append(_parent_turn(title, words, "talk", student, begun))
    views = home_views(user, student)
    begun = any(one.is_open for one in views)
    wanted = in_term and not any(serves(one, term) for one in views)
    if begun or (wanted and Tool.REGULATION in helps(user, student)):
        words = "School has a map of what helps. Add how it is at home."
        title = filled("What helps {name} at home", name=student.known_as)
        turns.append(_parent_turn(title, words, "home_view", student, begun))
    return turns


def _parent_turn(title: str, words: str, page: str, student: Student, begun: bool) -> Turn:
    url = reverse(f"home:{page}", args=[student.pk])
    return Turn(title, BEGUN if begun else words, url, "Go on" if begun else "Start")
