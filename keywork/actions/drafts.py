"""Keeping what someone types, on the server, until they save it or throw it away."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from .. import clock
from ..models import Draft, User

FORM_NAME = re.compile(r"[a-z]+(-[a-z0-9]+){0,3}")
MAX_BYTES = 100_000
# What a form carries for itself, not for the person.
NOT_TYPED = frozenset({"csrfmiddlewaretoken", "form_key", "next", "card", "draft", "discard", "preview"})


class DraftRefused(ValueError):
    """The draft has a name no form has, or is far larger than anyone types."""


def key_for(form: str, student_id: int | None) -> str:
    """The key of one form about one student: "contact-new:17". Raises DraftRefused for an impossible name."""
    if len(form) > 40 or not FORM_NAME.fullmatch(form):
        raise DraftRefused("No form has this name.")
    return f"{form}:{student_id}" if student_id is not None else form


def keep_draft(*, by: User, form: str, student_id: int | None, data: Mapping[str, Sequence[str]]) -> None:
    """Keep `data` (field name to its values, as posted) over what was kept before. Raises DraftRefused."""
    # Postgres keeps no NUL, and nobody types one.
    kept = {
        name: [value.replace("\x00", "") for value in values]
        for name, values in data.items()
        if name not in NOT_TYPED and "\x00" not in name
    }
    if len(json.dumps(kept)) > MAX_BYTES:
        raise DraftRefused("This is too long to keep as a draft.")
    Draft.objects.bulk_create(
        [
            Draft(
                user=by,
                key=key_for(form, student_id),
                student_id=student_id,
                data=kept,
                updated_at=clock.now(),
            )
        ],
        update_conflicts=True,
        unique_fields=["user", "key"],
        update_fields=["data", "updated_at"],
    )


def find_draft(*, by: User, form: str, student_id: int | None) -> Draft | None:
    """What this person left unfinished in this form, if anything."""
    return Draft.objects.filter(user=by, key=key_for(form, student_id)).first()


def discard_draft(*, by: User, form: str, student_id: int | None) -> None:
    Draft.objects.filter(user=by, key=key_for(form, student_id)).delete()
