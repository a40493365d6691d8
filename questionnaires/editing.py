"""Saving a part of a draft from its page, so that two editors never overwrite each other unseen.

    @page_of_draft
    @keeps_typed
    def question_edit(request, versions, draft, kind, slug): ... save(request, ...)

What is typed in such a page is kept until it is saved (keywork.form_drafts), as that of any other form is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404

from keywork import editing
from keywork.editing import EditForm
from keywork.http import SchoolRequest
from keywork.numbers import number_in

from .checks import Doc
from .slugs import NotThere, fingerprint
from .versions import Versions


def there(find: Callable[..., Any], *args: Any) -> Any:
    """What `find` finds in a document; 404 where it is not."""
    try:
        return find(*args)
    except NotThere as missing:
        raise Http404 from missing


def lock_seen(text: str) -> int:
    """The lock a page carried; -1, which no draft ever has, for anything else."""
    lock = number_in(text, digits=9)
    return -1 if lock is None else lock


def save(
    request: SchoolRequest,
    versions: Versions,
    form: EditForm,
    draft: Any,
    change: Callable[[Doc], Doc],
    part: Callable[[Doc], Any] | None = None,
) -> Any:
    """The draft written; None where the form says what is to be put right.

    `draft` is the one that the form was made from, `part` what it changes of it; nothing for a form that adds.
    """
    seen = fingerprint(part(draft.content)) if part is not None else ""
    return editing.save(
        request, form, lambda: versions.change(by=request.user, change=change, part=part, seen=seen)
    )


def do(
    request: SchoolRequest, versions: Versions, done: Mapping[str, tuple[Callable[[Doc], Doc], str]]
) -> None:
    """The change of the button that was pressed (`do`), and the words to say when it is done."""
    change, words = done.get(request.POST.get("do", ""), (None, ""))
    if change is None:
        messages.warning(request, "Choose one of the buttons.")
        return
    editing.press(request, lambda: versions.change(by=request.user, change=change), words)
