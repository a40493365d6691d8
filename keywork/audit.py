"""Reading is recorded as well as writing (architecture, Access; DP-2)."""

from __future__ import annotations

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
