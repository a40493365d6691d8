"""What home may read of meetings: the summaries that were shared with this person by name."""

from __future__ import annotations

from typing import Any

from keywork.access import Can, allows
from students.models import FamilyMember, Student

from ..models import Meeting
from ..models.meeting import MeetingQuerySet


def summaries_for(user: Any, student: Student) -> MeetingQuerySet:
    """Newest first, for a parent or carer; none for anybody else. `meeting.summary` is what they read. Two queries."""
    rows = Meeting.objects.filter(student=student, voided_at__isnull=True, summary_at__isnull=False)
    if not allows(user, Can.VIEW_FAMILY_HOME, student):
        return rows.none()
    member = FamilyMember.objects.filter(user=user).values_list("pk", flat=True).first()
    return rows.filter(summary_for__contains=[member]) if member is not None else rows.none()
