"""Whom at school a family or a student turns to, and who answers."""

from __future__ import annotations

from keywork.absences import keyworker_of
from keywork.access import heads
from keywork.models import User
from students.models import Student


def to_ask(student: Student) -> User | None:
    """The keyworker, or the deputy in their place; where there is neither, the Head of Social Education."""
    return keyworker_of(student) or heads().order_by("in_order", "pk").first()
