"""The thread of one person at home with school."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from keywork import prepared
from students.models import FamilyMember, Student

from ..models import HomeMessage

SHOWN = 50


def thread(student: Student, member: FamilyMember) -> list[HomeMessage]:
    """The newest, oldest first. One query."""
    rows = HomeMessage.objects.filter(student=student, member=member).select_related("written_by")
    return list(rows.order_by("-written_at", "-pk")[:SHOWN])[::-1]


def talks(student: Student) -> dict[int, Any]:
    """Of one student, by the person: how many were `written`, and how many nobody at school has read. One query."""
    rows = HomeMessage.objects.filter(student=student).order_by().values("member")
    unread = Count("pk", filter=Q(from_home=True, read_at__isnull=True))
    return {row["member"]: row for row in rows.annotate(written=Count("pk"), unread=unread)}


def unread_at_home(student: Student, member: FamilyMember) -> int:
    """What school wrote to this person and they have not opened. One query."""
    return len(prepared.rows(_unread_at_home, student.pk, member.pk))


def _unread_at_home(student: Any, member: Any) -> QuerySet:
    unread = HomeMessage.objects.filter(student=student, member=member, from_home=False, read_at__isnull=True)
    return unread.order_by().values_list("pk")
