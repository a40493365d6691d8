"""Saving a part of a draft from its page, so that two editors never overwrite each other unseen.

    @door(Can.EDIT_TEMPLATES)
    @keeps_typed
    def question_edit(request, versions, kind, slug): ... save(request, ...)

What is typed in such a page is kept until it is saved (keywork.form_drafts), as that of any other form is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from crispy_forms.layout import HTML
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from keywork import editing
from keywork.editing import EditForm
from keywork.form_drafts import FormDrafts
from keywork.http import SchoolRequest
from keywork.numbers import number_in
from keywork.saving import digest

from .checks import Doc
from .slugs import NotThere, fingerprint
from .versions import Versions


def there(find: Callable[..., Any], *args: Any) -> Any:
    """What `find` finds in a document; 404 where it is not."""
    try:
        return find(*args)
    except NotThere as missing:
        raise Http404 from missing


def keeps_typed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page whose form is drawn and saved by `save`: gives the request its `form_drafts`."""

    @wraps(view)
    def page(request: SchoolRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        match = request.resolver_match
        assert match is not None and match.url_name is not None
        which = digest([value for value in kwargs.values() if isinstance(value, str)])  # of the address
        drafts = FormDrafts(request, f"{match.namespace}-{match.url_name.replace('_', '')}-{which}", None)
        if (answer := drafts.answer(request.path)) is not None:
            return answer
        if request.method == "POST" and "discard" in request.POST:
            drafts.end()
            return redirect(request.path)
        request.form_drafts = drafts
        return view(request, *args, **kwargs)

    return page


DISCARD = '<button class="btn btn-quiet" type="submit" name="discard" value="this" formnovalidate>Discard draft</button>'


STATUS = '{% include "components/draft.html" with saved_at=request.form_drafts.chosen.updated_at %}'


def _draw(form: EditForm, drafts: FormDrafts) -> None:
    """What a form shows of its drafts: what else was left, and among its buttons how it stands with its own."""
    if not form.is_bound and drafts.chosen is not None:
        form.fill(drafts.chosen)
    helper = form.helper
    helper.keep_drafts(reverse("keywork:template_draft", args=[drafts.which["form"]]))
    helper.layout.insert(0, HTML('{% include "components/drafts.html" with drafts=request.form_drafts %}'))
    discard = HTML(f"{{% if request.form_drafts.continues %}}{DISCARD}{{% endif %}}")
    helper.layout[-1].fields += [discard, HTML(STATUS)]


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
    typed = request.form_drafts

    def change_it() -> Any:
        made = versions.change(by=request.user, change=change, part=part, seen=seen)
        typed.end()
        return made

    made = editing.save(request, form, change_it)
    if made is None:
        if form.is_bound:
            typed.keep()
        _draw(form, typed)
    return made


def do(
    request: SchoolRequest, versions: Versions, done: Mapping[str, tuple[Callable[[Doc], Doc], str]]
) -> None:
    """The change of the button that was pressed (`do`), and the words to say when it is done."""
    change, words = done.get(request.POST.get("do", ""), (None, ""))
    if change is None:
        messages.warning(request, "Choose one of the buttons.")
        return
    editing.press(request, lambda: versions.change(by=request.user, change=change), words)
