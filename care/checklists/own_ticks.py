"""What ticks a point of a list by itself below the records: a keyworker is named."""

from __future__ import annotations

from django.db.models import QuerySet

from keywork.models import Assignment

from .ticks import Tick


def _named() -> QuerySet:
    return Assignment.objects.filter(kind=Assignment.Kind.KEYWORKER)


KEYWORKER = Tick(
    "keyworker", "A keyworker is named", _named, "starts_on", "students:keyworkers", of_student=True
)
