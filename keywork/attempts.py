"""Trying what may be refused: the one place that catches a refusal (keywork.errors)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from .errors import ChangedMeanwhile, Refused

Made = TypeVar("Made")


def attempt(act: Callable[[], Made]) -> tuple[Made | None, Refused | None]:
    """What `act` made, or why it was refused; then nothing of it stands."""
    try:
        with transaction.atomic():
            return act(), None
    except IntegrityError:  # what was looked for was not there yet a moment ago
        return None, ChangedMeanwhile()
    except Refused as refused:
        return None, refused
