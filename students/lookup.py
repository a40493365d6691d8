"""The student of an address and whom to ring, for the pages and forms that are asked for most."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest

from keywork.access import Can, allows
from keywork.audit import looked_up
from keywork.compiled import Compiled, columns

from .models import FamilyLink, FamilyMember, Student

_FIELDS = columns(Student)
_LINK, _MEMBER = columns(FamilyLink), columns(FamilyMember)
_STUDENT = Compiled(lambda pk: Student.objects.filter(pk=pk).order_by().values_list(*_FIELDS), -1)


def find_student(request: HttpRequest, can: Can, pk: int) -> Any:
    """As `guards.find` of all students: the student, if this person may; otherwise as if there were none."""
    rows = _STUDENT.rows(pk) if allows(request.user, can, pk) else []
    if not rows:
        raise Http404("No Student matches the given query.")
    looked_up(request, pk, "student")
    return Student.from_db("default", _FIELDS, rows[0])


_LINKS = Compiled(
    lambda student_id, on: (
        FamilyLink.objects.for_keywork(on)
        .filter(student_id=student_id)
        .values_list(*_LINK, *columns(FamilyMember, "member__"))
    ),
    -1,
    date.min,
)


def links_for_keywork(student_id: int, on: date) -> list[FamilyLink]:
    """Whom a keyworker may contact about this student on a day, each with the `member`, the first to ring first."""
    found = []
    for row in _LINKS.rows(student_id, on):
        link = FamilyLink.from_db("default", _LINK, row)
        link.member = FamilyMember.from_db("default", _MEMBER, row[len(_LINK) :])
        found.append(link)
    return found
