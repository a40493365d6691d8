"""Moved to keywork.saving, which every record app may use."""

from keywork.saving import (
    BASE,
    NOTHING,
    Current,
    Decision,
    Saving,
    Typed,
    Values,
    as_values,
    base,
    conflict,
    decide,
    digest,
    is_autosave,
    plain,
    typed_fields,
)

__all__ = [
    "BASE",
    "NOTHING",
    "Current",
    "Decision",
    "Saving",
    "Typed",
    "Values",
    "as_values",
    "base",
    "conflict",
    "decide",
    "digest",
    "is_autosave",
    "plain",
    "typed_fields",
]
