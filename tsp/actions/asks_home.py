"""Asking a parent or carer by link for the sheet of a talk with home (domain 2.4), through tsp.actions.asks.

The sheet is the one they would find signed in: theirs and the core team's, wherever it was begun. A restriction
beats everything, also after the link was sent: `Ask.objects.barred` is asked with every look and every word.
"""

from __future__ import annotations

from django.db import transaction

from keywork import clock, outside
from keywork.errors import Refused
from keywork.models import User
from students.models import FamilyLink, FamilyMember, Student

from ..models import Ask, Sheet
from ..own_home import talk_now, talks_of
from ..sheet_lines import people_at_home
from .asks import refuse_on_hold, send_link, standing
from .inputs import sheet_of
from .sheets import words_of


def reachable_at_home(student: Student) -> list[FamilyLink]:
    """Who may be sent a link: nobody under a restriction, nobody who left, nobody without an address."""
    return [link for link in people_at_home(student) if link.member.email]


@transaction.atomic
def ask_home(*, by: User, student: Student, term: str, member: FamilyMember, days: int) -> tuple[Ask, str]:
    """A link by mail, and the code that goes with it, which only the caller ever sees. Raises Refused."""
    if days not in outside.LINK_DAYS:
        raise Refused("Choose how long the link lasts", "days")
    refuse_on_hold(student)
    # Two people asking the same parent wait for each other.
    Student.objects.select_for_update().get(pk=student.pk)
    link = next((one for one in reachable_at_home(student) if one.member_id == member.pk), None)
    if link is None:
        raise Refused("Choose whom to ask", "member")
    name = link.member.name
    if Ask.objects.waiting().filter(student=student, term=term, member=member).exists():
        raise Refused(f"{name} has been asked already. Make a new code or link for them instead", "member")
    told = talk_now(talks_of(student, link.member), term)
    if told is not None and (why := _why_not(told, name)):
        raise Refused(why, "member")
    return send_link(
        by=by,
        student=student,
        term=term,
        days=days,
        member=link.member,
        name=name[:100],
        role=link.relationship,
        email=link.member.email,
    )


def _why_not(told: Sheet, name: str) -> str:
    if told.done_at is not None:
        return f"{name} has told us this term. It stands among the sheets"
    if told.declined_at is not None:
        return f"{name} would rather not this term, and is not asked again"
    if told.wording != Sheet.Wording.PARENT:
        return f"A talk with {name} is being written down. Finish that sheet first"
    return ""


@transaction.atomic
def rather_not(*, ask: Ask, words: str) -> Ask:
    """They would rather not, in their words if they like: kept without fault. Raises Refused."""
    row = standing(ask, "waiting")
    sheet = sheet_of(row)
    now = clock.now()
    row.excused_at, row.excused_words, row.sheet = now, words_of(words), sheet
    row.save(update_fields=["excused_at", "excused_words", "sheet"])
    sheet.declined_at, sheet.declined_words, sheet.version = now, row.excused_words, sheet.version + 1
    sheet.save(update_fields=["declined_at", "declined_words", "version"])
    return row
