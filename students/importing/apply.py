"""Carry out a plan: a handful of bulk writes inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from ..models import EarlierStay, FamilyLink, FamilyMember, Student
from .planned import Plan

CHUNK = 500


def carry_out(plan: Plan) -> list[Student]:
    """Write what the plan holds; returns the students whose last day the file has set."""
    leaving = []
    for student in plan.students:
        assert student.row is not None
        for name in student.changed:
            setattr(student.row, name, student.fields[name])
        if student.row.left_on and (student.is_new or "left_on" in student.changed):
            leaving.append(student.row)
    for member in plan.members:
        for name in member.changed:
            setattr(member.row, name, member.fields[name])
    Student.objects.bulk_create([s.row for s in plan.students if s.is_new and s.row], batch_size=CHUNK)
    _update(Student, ((s.row, s.changed) for s in plan.students if not s.is_new))
    EarlierStay.objects.bulk_create([s.ended for s in plan.students if s.ended], batch_size=CHUNK)
    FamilyMember.objects.bulk_create([m.row for m in plan.members if m.is_new], batch_size=CHUNK)
    _update(FamilyMember, ((m.row, m.changed) for m in plan.members if not m.is_new))
    for link in plan.links:
        if link.is_new:
            assert link.student.row is not None
            link.row.student = link.student.row
            link.row.member = link.member.row  # it has its key now
    FamilyLink.objects.bulk_create([link.row for link in plan.links if link.is_new], batch_size=CHUNK)
    _update(FamilyLink, ((link.row, link.changed) for link in plan.links if not link.is_new))
    return leaving


def _update(model: type[Model], rows: Iterable[tuple[Any, list[str]]]) -> None:
    """Only the fields that changed, those who changed alike together: a new school year is one statement in 500 rows."""
    alike: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row, changed in rows:
        if changed:
            row.version += 1
            if set(changed) & set(getattr(row, "name_fields", ())):
                for name, key in row.name_keys().items():
                    setattr(row, name, key)
                    changed = [*changed, name]
            alike[tuple(sorted(changed))].append(row)
    for names, changed_rows in alike.items():
        model._default_manager.bulk_update(changed_rows, [*names, "version"], batch_size=CHUNK)
