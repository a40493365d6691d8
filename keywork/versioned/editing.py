"""Saving a part of a draft from its page, so that two editors never overwrite each other unseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404

from ..editing import blame
from ..errors import ChangedMeanwhile, Refused
from ..http import SchoolRequest
from ..numbers import number_in
from . import parts
from .checks import Doc
from .drafts import Drafts
from .forms import SeenForm

NOTHING_SEEN = "new"  # in the hidden field of a form that adds: there is nothing to overwrite


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


def meanwhile_words(by: str) -> str:
    return f"{by or 'Somebody'} changed the draft while you were looking. Nothing was done: look at it again first"


def save(
    request: SchoolRequest,
    drafts: Drafts,
    form: SeenForm,
    change: Callable[[Doc], Doc],
    part: Callable[[Doc], Any] | None = None,
) -> tuple[Any, int, Any]:
    """The draft written; or None, the status to answer with, and the part as somebody else left it (409)."""
    try:
        seen = form.cleaned_data["seen"]
        return drafts.change(by=request.user, change=change, part=part, seen=seen), 302, None
    except ChangedMeanwhile as meanwhile:
        form.add_error(
            None,
            f"{meanwhile.by or 'Somebody'} changed this while you were writing. "
            "Yours is kept below: saving now replaces theirs",
        )
        form.see(parts.fingerprint(meanwhile.current))
        return None, 409, meanwhile.current
    except Refused as refused:
        blame(form, refused)
        return None, 422, None


def do(request: SchoolRequest, drafts: Drafts, done: Mapping[str, tuple[Callable[[Doc], Doc], str]]) -> None:
    """The change of the button that was pressed (`do`), and the words to say when it is done."""
    change, words = done.get(request.POST.get("do", ""), (None, ""))
    if change is None:
        messages.warning(request, "Choose one of the buttons.")
        return
    try:
        drafts.change(by=request.user, change=change)
    except Refused as refused:
        messages.warning(request, f"{refused}.")
    else:
        if words:
            messages.success(request, words)
