"""What tests of the workspace share."""

from __future__ import annotations

from django.urls import reverse

from keywork.saving import Typed
from tsp.models import AssessmentPoint

from .factories import TERM

SUMMER = "2025-26-summer"


def url(student, name: str = "workspace", term: str = TERM, kind: str = "baseline", *more: str) -> str:
    return reverse(f"tsp:{name}", args=[student.pk, term, kind, *more])


def typed(field: str, *values: object, version: int = 0, was: str = "") -> Typed:
    return Typed(field, tuple(str(value) for value in values), version, was)


def values_of(point: AssessmentPoint) -> dict[str, int | None]:
    return dict(point.ratings.values_list("statement", "value"))
