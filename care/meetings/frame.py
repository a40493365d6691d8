"""The tab “Meetings” of a record: meetings, decisions and lists beside each other."""

from __future__ import annotations

from typing import Any

from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.http import SchoolRequest
from students.models import Student
from students.record import Tab, record_context

PARTS = (
    ("meetings", "Meetings", "care:meetings", Can.VIEW_MEETINGS),
    ("decisions", "Decisions", "care:decisions", Can.VIEW_MEETINGS),
    ("lists", "Lists", "care:checklists", Can.VIEW_CHECKLISTS),
)


def meeting_context(request: SchoolRequest, student: Student, active: str) -> dict[str, Any]:
    """Context of `care/meeting_base.html`. `active` names a part."""
    parts = [
        Tab(label, numbered(url).format(student.pk), name == active)
        for name, label, url, can in PARTS
        if allows(request.user, can, student)
    ]
    return {"parts": parts, **record_context(request, student, "meetings")}
