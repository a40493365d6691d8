"""The student of an address and whom to ring, for the pages and forms that are asked for most."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from keywork import prepared
from keywork.access import Can, allows
from keywork.audit import looked_up
from keywork.http import SchoolRequest

from .models import FamilyLink, Student


def find_student(request: SchoolRequest, can: Can, pk: int) -> Student:
    """As `get_visible_or_404` of all students: the student, if this person may; otherwise as if there were none."""
    found = prepared.rows(_student, pk) if allows(request.user, can, pk) else []
    if not found:
        raise Http404("No Student matches the given query.")
    looked_up(request, pk, "student")
    return found[0]


def _student(pk: int) -> QuerySet:
    return Student.objects.filter(pk=pk).order_by()


def links_for_keywork(student_id: int, on: date) -> list[FamilyLink]:
    """Whom a keyworker may contact about this student on a day, each with the `member`, the first to ring first."""
    return prepared.rows(_links, student_id, on)


def _links(student_id: int, on: date) -> QuerySet:
    return FamilyLink.objects.for_keywork(on).filter(student_id=student_id).select_related("member")
