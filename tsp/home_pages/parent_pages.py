"""What a parent or carer is asked about their child, and what they read: their own words, and what is shared."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from keywork import clock
from students.models import FamilyLink, FamilyMember, Student

from ..models import Sheet, Tool
from ..sheets import permissions as sheet_permissions
from ..sheets.soft_tools import ASKED_TO_SHARE, READ_AT_HOME
from .student_pages import MOST_TURNS, SheetTurn, serves

NOTHING_YET = "Write something first. One answer is enough."

# What whoever follows the child reads of the school's work with them (domain 2.4).


def member_of(user: Any, student: Student) -> FamilyMember:
    """Who this person is to the child: their open, unrestricted link. 404 when there is none."""
    links = FamilyLink.objects.of_account(user).unrestricted(clock.today())
    return get_object_or_404(links.select_related("member"), student=student).member


def talks_of(student: Student, member: FamilyMember) -> list[Sheet]:
    """This person's own conversations about the child, newest first, whoever wrote them down."""
    rows = Sheet.objects.standing().filter(student=student, tool=Tool.PARENT, member=member)
    return list(rows.select_related("author", "student", "member"))


def talk_now(talks: list[Sheet], term: str) -> Sheet | None:
    """The one being written; else this term's, done or declined; None when nothing was said yet."""
    begun = next((one for one in talks if one.is_open), None)
    return begun or next((one for one in talks if one.term == term), None)


def home_views(user: Any, student: Student) -> list[Sheet]:
    """What this person added to the regulation map, newest first."""
    rows = Sheet.objects.standing().filter(
        student=student, tool=Tool.REGULATION, wording=Sheet.Wording.PARENT, author=user
    )
    return list(rows.select_related("author", "student"))


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


def parent_turns(
    user: Any, student: Student, member: FamilyMember, term: str, in_term: bool
) -> list[SheetTurn]:
    """At most three; nothing new in a holiday or of a child who is not at school. Three queries."""
    name = student.known_as
    turns = []
    talk = talk_now(talks_of(student, member), term)
    theirs = talk is None or talk.wording == Sheet.Wording.PARENT
    if talk is not None and talk.is_open and theirs:
        turns.append(
            SheetTurn(
                f"Tell us about {name} at home",
                "You have begun this.",
                "tsp:own_talk",
                (student.pk,),
                "Go on",
            )
        )
    elif talk is None and in_term:
        turns.append(
            SheetTurn(
                f"Tell us about {name} at home",
                "About 10 minutes. You can stop and come back.",
                "tsp:own_talk",
                (student.pk,),
                "Start",
            )
        )
    views = home_views(user, student)
    begun = next((one for one in views if one.is_open), None)
    title = f"What helps {name} at home"
    if begun is not None:
        turns.append(SheetTurn(title, "You have begun this.", "tsp:own_home_view", (student.pk,), "Go on"))
    elif in_term and not any(serves(one, term) for one in views) and Tool.REGULATION in helps(user, student):
        turns.append(
            SheetTurn(
                title,
                "School has a map of what helps. Add how it is at home.",
                "tsp:own_home_view",
                (student.pk,),
                "Start",
            )
        )
    return turns[:MOST_TURNS]
