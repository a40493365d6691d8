"""Saving a part of a draft from its page, so that two editors never overwrite each other unseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404

from .. import editing
from ..editing import EditForm
from ..http import SchoolRequest
from ..numbers import number_in
from . import parts
from .checks import Doc
from .drafts import Drafts


def there(find: Callable[..., Any], *args: Any) -> Any:
    """What `find` finds in a document; 404 where it is not."""
    try:
        return find(*args)
    except parts.NotThere as missing:
        raise Http404 from missing


def lock_seen(text: str) -> int:
    """The lock a page carried; -1, which no draft ever has, for anything else."""
    lock = number_in(text, digits=9)
    return -1 if lock is None else lock


def save(
    request: SchoolRequest,
    drafts: Drafts,
    form: EditForm,
    draft: Any,
    change: Callable[[Doc], Doc],
    part: Callable[[Doc], Any] | None = None,
) -> Any:
    """The draft written; None where the form says what is to be put right.

    `draft` is the one that the form was made from, `part` what it changes of it; nothing for a form that adds.
    """
    seen = parts.fingerprint(part(draft.content)) if part is not None else ""
    return editing.save(
        request, form, lambda: drafts.change(by=request.user, change=change, part=part, seen=seen)
    )


def do(request: SchoolRequest, drafts: Drafts, done: Mapping[str, tuple[Callable[[Doc], Doc], str]]) -> None:
    """The change of the button that was pressed (`do`), and the words to say when it is done."""
    change, words = done.get(request.POST.get("do", ""), (None, ""))
    if change is None:
        messages.warning(request, "Choose one of the buttons.")
        return
    editing.press(request, lambda: drafts.change(by=request.user, change=change), words)
