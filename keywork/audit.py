"""Reading is recorded as well as writing (architecture, Access; DP-2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from . import clock
from .models import RecordOpening


def opened(request: HttpRequest, student: Any, what: str, detail: str = "", reason: str = "") -> None:
    """Leave a row saying that the signed-in person opened `what` of this student now."""
    RecordOpening.objects.create(
        at=clock.now(),
        user_id=request.user.pk,
        user_name=request.user.name,
        student_id=student.pk,
        what=what,
        detail=detail[:200],
        reason=reason[:200],
        address=request.META.get("REMOTE_ADDR") or None,
    )


def exported(request: HttpRequest, student_ids: Iterable[int], detail: str) -> None:
    """Leave one row for each student whose facts leave Keywork in a file; one query however many."""
    now = clock.now()
    address = request.META.get("REMOTE_ADDR") or None
    RecordOpening.objects.bulk_create(
        RecordOpening(
            at=now,
            user_id=request.user.pk,
            user_name=request.user.name,
            student_id=student_id,
            what="export",
            detail=detail[:200],
            address=address,
        )
        for student_id in student_ids
    )
