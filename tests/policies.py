"""A school's policy from a day on, as the tests want it: no rule of how a school changes its own is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from keywork.models import PolicyVersion, User


def set_policy(
    *, effective_on: date, preset: str, overrides: Mapping[str, Any] | None = None, by: User | None
) -> PolicyVersion:
    version, _ = PolicyVersion.objects.update_or_create(
        effective_on=effective_on,
        defaults={"preset": preset, "overrides": dict(overrides or {}), "created_by": by},
    )
    return version
