"""A finished TSP ticks a point of a list by itself (care.checklists.ticks)."""

from __future__ import annotations

from django.db.models import QuerySet

from care.checklists.ticks import Tick

from .models import AssessmentPoint


def _finished() -> QuerySet:
    return AssessmentPoint.objects.finished().filter(done_on__isnull=False)


TSP = Tick("tsp", "A TSP is finished", _finished, "done_on", "tsp:student", of_student=True)
