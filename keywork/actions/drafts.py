"""Keeping what someone types, on the server, until they save it or throw it away."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from .. import clock
from ..errors import Refused
from ..models import Draft, SentForm, User
from ..numbers import number_in

FORM_NAME = re.compile(r"[a-z]+(-[a-z0-9]+){0,3}")
MAX_BYTES = 100_000
_OF_A_CHOICE = re.compile(r"[a-z0-9_:.,/+-]*")  # and numbers, dates and times
# What a form carries for itself, not for the person.
CONTINUES = "continues"  # the drafts that a form was filled from, by their stamps
NOT_TYPED = frozenset(
    {
        "csrfmiddlewaretoken",
        "form_key",
        "next",
        "card",
        "draft",
        "discard",
        "preview",
        "go-on",
        "begin",
        "pending",
        CONTINUES,
    }
)


def key_for(form: str, student_id: int | None) -> str:
    """The key of one form about one student: "contact-new:17". Raises Refused for an impossible name."""
    if len(form) > 40 or not FORM_NAME.fullmatch(form):
        raise Refused("No form has this name.")
    return f"{form}:{student_id}" if student_id is not None else form


def keep_draft(
    *,
    by: User,
    form: str,
    student_id: int | None,
    data: Mapping[str, Sequence[str]],
    open_form: str = "",
) -> None:
    """Keep `data` (field name to its values, as posted) over what was kept of this open form. Raises Refused.

    A draft that the form was filled from goes once all its sentences stand in this one.
    """
    # Postgres keeps no NUL, and nobody types one.
    kept = {
        name: [value.replace("\x00", "") for value in values]
        for name, values in data.items()
        if name not in NOT_TYPED and "\x00" not in name
    }
    if len(json.dumps(kept)) > MAX_BYTES:
        raise Refused("This is too long to keep as a draft.")
    key = key_for(form, student_id)
    if open_form and SentForm.objects.filter(user=by, key=open_form).exclude(leads_to="").exists():
        return  # it was saved meanwhile: this was on its way
    Draft.objects.bulk_create(
        [
            Draft(
                user=by,
                key=key,
                open_form=open_form,
                student_id=student_id,
                data=kept,
                updated_at=clock.now(),
            )
        ],
        update_conflicts=True,
        unique_fields=["user", "key", "open_form"],
        update_fields=["data", "updated_at"],
    )
    for before in _continued(by, key, data):
        if before.open_form != open_form and _holds(kept, before.data):
            before.delete()


def find_drafts(*, by: User, form: str, student_id: int | None) -> list[Draft]:
    """What this person left unfinished in this form, the newest first."""
    return list(Draft.objects.filter(user=by, key=key_for(form, student_id)).order_by("-updated_at", "-pk"))


def end_draft(
    *, by: User, form: str, student_id: int | None, data: Mapping[str, Sequence[str]], open_form: str = ""
) -> None:
    """The form was saved or thrown away: its draft goes, and each it was filled from, as it was then."""
    key = key_for(form, student_id)
    Draft.objects.filter(user=by, key=key, open_form=open_form).delete()
    for before in _continued(by, key, data):
        before.delete()


def stamp(draft: Draft) -> str:
    """What a form filled from this draft carries: the draft as it is now."""
    return f"{draft.pk}.{draft.updated_at.timestamp()}"


def _continued(by: User, key: str, data: Mapping[str, Sequence[str]]) -> list[Draft]:
    """The drafts the form was filled from, but for those that have changed since: their own pages are open then."""
    told = set(data.get(CONTINUES, ()))
    asked = [number_in(one.partition(".")[0], digits=18) for one in told]
    named = [pk for pk in asked if pk is not None]
    return [draft for draft in Draft.objects.filter(user=by, key=key, pk__in=named) if stamp(draft) in told]


def is_typed(value: str) -> bool:
    """Whether these are a person's words, and no value of a choice: those are of small letters, digits and dashes."""
    return not _OF_A_CHOICE.fullmatch(value.strip())


def _holds(kept: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]]) -> bool:
    """Whether all that was typed in `before` stands in the same field of `kept`."""
    return all(
        any(value.strip() in one for one in kept.get(name, ()))
        for name, values in before.items()
        for value in values
        if is_typed(value)
    )
