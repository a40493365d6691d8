"""Changes that are looked at before they are made.

A preview is the change itself, made and rolled back: what is shown can never differ from what happens. Its token
goes into the form and comes back with the confirmation, so that nobody confirms what they have not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork.actions.calendar import lock_calendar
from keywork.attempts import attempt
from keywork.editing import blame
from keywork.errors import ChangedMeanwhile, Refused
from keywork.http import SchoolRequest
from keywork.models import School, User


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does, in sentences, which are also `said` once it is done."""

    lines: Sequence[str]
    preview_token: str = field(default="", kw_only=True)

    @property
    def said(self) -> str:
        return " ".join(self.lines)


Did = TypeVar("Did", bound=Effect)


@dataclass(slots=True)
class Change(Generic[Did]):
    """A change that can be looked at first. `by_others` and `by_you` are said where it is not what was looked at."""

    by_others: ClassVar[str]
    by_you: ClassVar[str]

    def lock(self) -> None:
        """Hold the rows it builds on until the transaction ends."""
        raise NotImplementedError

    def asked(self) -> tuple[Any, ...]:
        """Everything that was typed: its fields, rows by their keys."""
        return (type(self).__name__, *(_plain(getattr(self, one.name)) for one in fields(self)))

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows it builds on, as they are now."""
        raise NotImplementedError

    def make(self, by: User) -> Did:
        """Do it and say what it did. Raises Refused."""
        raise NotImplementedError

    def notify(self, effect: Did, by: User) -> None:
        """Tell people, once it is made and not only looked at."""


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return sorted(value.items()) if isinstance(value, Mapping) else value


@dataclass(slots=True)
class SchoolChange(Change[Did]):
    """What changes of the school's calendar and of its rules share: both stand on the one row of the school."""

    by_you: ClassVar[str] = (
        "You changed something since you last looked. Nothing is saved yet: this is what would happen now."
    )

    def lock(self) -> None:
        lock_calendar()

    def rows(self) -> list[tuple[Any, ...]]:
        """Its stamp is new after every change of calendar or policy."""
        return list(School.objects.values_list("stamp"))


def preview(change: Change[Did], *, by: User) -> Did:
    """What would happen. Raises Refused as the change itself would."""
    with transaction.atomic():
        token = _token_of(change)
        effect = change.make(by)
        transaction.set_rollback(True)
    return replace(effect, preview_token=token)


@transaction.atomic
def carry_out(change: Change[Did], *, preview_token: str, by: User) -> Did:
    """Do what was previewed and tell people after commit. Raises ChangedMeanwhile, Refused."""
    change.lock()
    asked, _, found = _token_of(change).partition(".")
    asked_then, _, found_then = preview_token.partition(".")
    if (asked, found) != (asked_then, found_then):
        raise ChangedMeanwhile(words=change.by_others if asked == asked_then else change.by_you)
    effect = change.make(by)
    change.notify(effect, by)
    return effect


def _token_of(change: Change[Any]) -> str:
    """A fingerprint of what was asked and of the rows it builds on, joined by a dot."""
    return ".".join(
        hashlib.sha256(repr(part).encode()).hexdigest()[:16] for part in (change.asked(), change.rows())
    )


def two_steps(
    request: SchoolRequest,
    template: str,
    context: dict[str, Any],
    form_of: Callable[[Any, Refused | None], Any],
    change_of: Callable[[Any], Change[Any]],
    *,
    label: Callable[[Any], str],
    data: Any = None,
) -> HttpResponse:
    """Draw the form; draw it again under what would happen; do what was seen, and go back to `back_url`.

    Refusals stand beside their field. `form_of` is given the refusal where there was one, for a form that then asks for more. `data` is what was posted,
    where the page has put something to it.
    """
    data = request.POST if data is None else data
    if request.method != "POST":
        return render(request, template, {**context, "form": form_of(None, None)})
    form = form_of(data, None)
    if not form.is_valid():
        return render(request, template, {**context, "form": form}, status=422)
    status = 200
    no: Refused | None = None
    if request.POST.get("do") == "make":
        token = request.POST.get("preview_token", "")
        made, no = attempt(lambda: carry_out(change_of(form), preview_token=token, by=request.user))
        if made is not None:
            messages.success(request, made.said)
            return redirect(context["back_url"])
        if isinstance(no, ChangedMeanwhile):  # looked at once more, as it is now
            context["warning"], status, no = str(no), 409, None
    effect = None
    if no is None:
        effect, no = attempt(lambda: preview(change_of(form), by=request.user))
    if no is not None:
        form = form_of(data, no)
        form.is_valid()
        blame(form, no)
        return render(request, template, {**context, "form": form}, status=form.status)
    assert effect is not None
    form.is_previewed = True
    context |= {"form": form, "effect": effect, "do_label": label(form)}
    return render(request, template, context, status=status)
