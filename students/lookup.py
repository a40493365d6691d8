"""The student of an address and whom to ring, for the pages and forms that are asked for most."""

from __future__ import annotations

from datetime import date

from django.http import Http404

from keywork.access import Can, allows
from keywork.audit import looked_up
from keywork.http import SchoolRequest

from .models import FamilyLink, Student


def find_student(request: SchoolRequest, can: Can, pk: int) -> Student:
    """As `guards.find` of all students: the student, if this person may; otherwise as if there were none."""
    student = Student.objects.filter(pk=pk).first() if allows(request.user, can, pk) else None
    if student is None:
        raise Http404("No Student matches the given query.")
    looked_up(request, pk, "student")
    return student


def links_for_keywork(student_id: int, on: date) -> list[FamilyLink]:
    """Whom a keyworker may contact about this student on a day, each with the `member`, the first to ring first."""
    return list(FamilyLink.objects.for_keywork(on).filter(student_id=student_id).select_related("member"))
