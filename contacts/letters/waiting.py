"""Whose e-mail waits to be put in the log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet

from keywork import prepared
from keywork.sql import any_of

from ..models import IncomingMail


def mail_waits(students: Collection[int]) -> prepared.Read:
    """Of these students, those with a message that waits: key, name and how many."""
    return prepared.Read(_waiting, students)


def _waiting(students: Any) -> QuerySet:
    rows = IncomingMail.objects.waiting().filter(any_of("student", students))
    return (
        rows.order_by("student__in_order", "student_id")
        .values_list("student_id", "student__known_as")
        .annotate(Count("pk"))
    )
