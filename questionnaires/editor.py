"""The editor of a draft: its sections with their questions, and what people can answer. Two editors never overwrite
each other unseen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork import editing
from keywork.editing import EditForm
from keywork.form_drafts import keeps_typed
from keywork.http import SchoolRequest, posted

from . import edit, reading
from .checks import Doc, NotThere, fingerprint
from .description import Sections, edited
from .forms import AnswersForm, NewSectionForm, PartForm, QuestionForm, SectionForm
from .versions import Versions, version_name
from .views import address, page_of_draft, show


def _vocabularies(draft: Any) -> Any:
    return draft.content.get("vocabularies", {})


# ------------------------------------------------------------------------------------- sections


@page_of_draft
@keeps_typed
def section_edit(
    request: SchoolRequest, versions: Versions, draft: Any, kind: Sections, section: str
) -> HttpResponse:
    """A section's questions with their buttons, and the form of its own words."""
    found = there(kind.section, draft.content, section)

    def part(doc: Doc) -> Any:
        return edit.values_of(kind.properties, kind.section(doc, section))

    form = SectionForm(
        posted(request),
        properties=edited(kind.properties),
        vocabularies=_vocabularies(draft),
        button="Save these words",
        back=False,
        initial=part(draft.content),
    )
    form.edits(draft)
    made = save(
        request,
        versions,
        form,
        draft,
        lambda doc: edit.reword_section(kind, doc, section, form.values()),
        part,
    )
    if made is not None:
        messages.success(request, f"The {kind.called}’s words are saved in the draft.")
        return redirect(kind.address(versions.form, "edit"), section)
    # Those in use come first, as they stand on the form; a retired one is still here to read and bring back.
    rows = reading.sections(versions.form, kind, draft.content)
    row = next(one for one in rows if one.slug == section)
    beside = [one for one in rows if not one.is_retired or one is row]
    place = beside.index(row)
    kept = kind.question_slugs(versions.latest_published().content, section)
    context = {
        "draft": draft,
        "kind": kind,
        "section": row,
        "questions": [
            (one, *_addresses(versions, kind, found, one.slug), one.is_fixed and one.slug in kept)
            for one in row.questions
        ],
        "retired": [(one, *_addresses(versions, kind, found, one.slug)) for one in row.retired],
        "add_url": reverse(kind.question_address(versions.form, "add"), args=[section]),
        "neighbours": [
            (reverse(kind.address(versions.form, "edit"), args=[one.slug]), one.doc["title"])
            for one in beside[max(place - 1, 0) : place] + beside[place + 1 : place + 2]
        ],
        "form": form,
    }
    return show(request, versions, "section", form.status, **context)


def _addresses(versions: Versions, kind: Sections, section: Doc, slug: str) -> tuple[str, str]:
    """Where a question is edited, and where its buttons post."""
    args = [section["slug"], slug] if kind.alone else [slug]
    return (
        reverse(kind.question_address(versions.form, "edit"), args=args),
        reverse(kind.question_address(versions.form, "move"), args=args),
    )


@page_of_draft
@keeps_typed
def section_add(request: SchoolRequest, versions: Versions, draft: Any, kind: Sections) -> HttpResponse:
    form = NewSectionForm(posted(request), kind=kind, vocabularies=_vocabularies(draft))
    made = save(
        request,
        versions,
        form,
        draft,
        lambda doc: edit.add_section(kind, doc, form.section(), form.question(), version_name(draft.number))[
            0
        ],
    )
    if made is not None:
        messages.success(request, f"The {kind.called} is in the draft, last on the form.")
        return redirect(address(versions, "template"), draft.number)
    return _form(request, versions, draft, form, f"Add {kind.a.lower()}")


@require_POST
@page_of_draft
def section_move(
    request: SchoolRequest, versions: Versions, draft: Any, kind: Sections, section: str
) -> HttpResponse:
    """Up, down, retire, bring back: plain buttons beside a section."""
    there(kind.section, draft.content, section)
    kept = kind.slugs(versions.latest_published().content)
    retired = f"The {kind.called} is retired in the draft, with its {kind.question}s."
    acts = (edit.move_section, edit.retire_section, edit.restore_section)
    _press(request, versions, kind, acts, kind.called, section, kept, retired)
    return redirect(f"{reverse(address(versions, 'template'), args=[draft.number])}#{section}")


# ------------------------------------------------------------------------------------- questions


@page_of_draft
@keeps_typed
def question_add(
    request: SchoolRequest, versions: Versions, draft: Any, kind: Sections, section: str
) -> HttpResponse:
    found = there(kind.section, draft.content, section)
    like_section = {one.name: found[one.name] for one in kind.question_properties if one.kind == "tag"}
    form = QuestionForm(posted(request), kind=kind, vocabularies=_vocabularies(draft), initial=like_section)
    made = save(
        request,
        versions,
        form,
        draft,
        lambda doc: edit.add_question(kind, doc, section, form.values(), version_name(draft.number))[0],
    )
    if made is not None:
        messages.success(
            request, f"The {kind.question} is in the draft, last {kind.within} its {kind.called}."
        )
        return redirect(kind.address(versions.form, "edit"), section)
    return _form(request, versions, draft, form, f"Add a {kind.question}", kind, found)


@page_of_draft
@keeps_typed
def question_edit(
    request: SchoolRequest, versions: Versions, draft: Any, kind: Sections, slug: str, section: str = ""
) -> HttpResponse:
    holder, question = there(kind.question_of, draft.content, slug, section)
    kept = kind.question_slugs(versions.latest_published().content, section)
    form = QuestionForm(
        posted(request),
        kind=kind,
        question=question,
        published=slug in kept and question.get("active", True),
        built_in=slug in kept and kind.built_in(holder, question),
        vocabularies=_vocabularies(draft),
    )
    form.edits(draft)
    made = save(
        request,
        versions,
        form,
        draft,
        lambda doc: edit.reword_question(
            kind,
            doc,
            slug,
            form.values(),
            section=section,
            new_meaning=form.cleaned_data.get("new_meaning", False),
            equivalent=form.cleaned_data.get("equivalent", False),
            version=version_name(draft.number),
            kept=kept,
        )[0],
        lambda doc: _words(kind, kind.question_of(doc, slug, section)[1]),
    )
    if made is not None:
        messages.success(request, f"The {kind.question} is saved in the draft.")
        return _back_to(versions, kind, holder, slug)
    return _form(request, versions, draft, form, f"Reword a {kind.question}", kind, holder)


def _words(kind: Sections, question: Doc) -> Any:
    """What the question's form changes; where it stands is another matter."""
    return edit.values_of(kind.question_properties, question), question.get("active", True)


@require_POST
@page_of_draft
def question_move(
    request: SchoolRequest, versions: Versions, draft: Any, kind: Sections, slug: str, section: str = ""
) -> HttpResponse:
    holder, _ = there(kind.question_of, draft.content, slug, section)
    kept = kind.question_slugs(versions.latest_published().content, section)
    retired = f"The {kind.question} is retired in the draft."
    acts = (edit.move_question, edit.retire_question, edit.restore_question)
    _press(request, versions, kind, acts, kind.question, slug, kept, retired, section=section)
    return _back_to(versions, kind, holder, slug)


def _press(
    request: SchoolRequest,
    versions: Versions,
    kind: Sections,
    acts: tuple[Callable[..., Doc], Callable[..., Doc], Callable[..., Doc]],
    what: str,
    slug: str,
    kept: Collection[str],
    retired: str,
    **where: str,
) -> None:
    """What the four buttons do, of which one was pressed; `acts` move, retire and bring back."""
    move, retire, restore = (partial(act, kind, slug=slug, **where) for act in acts)
    if slug not in kept:
        retired = f"The {what} was never published, so it is taken away."
    done = {
        "up": (partial(move, step=-1), ""),
        "down": (partial(move, step=1), ""),
        "retire": (partial(retire, kept=kept), retired),
        "restore": (restore, f"The {what} is in use again."),
    }
    do(request, versions, done)


def _back_to(versions: Versions, kind: Sections, section: Doc, slug: str) -> HttpResponse:
    return redirect(f"{reverse(kind.address(versions.form, 'edit'), args=[section['slug']])}#{slug}")


# ------------------------------------------------------------------------------------- answers


@page_of_draft
@keeps_typed
def answers_edit(request: SchoolRequest, versions: Versions, draft: Any) -> HttpResponse:
    """What people can answer, in the words of each audience. What an answer counts never changes."""
    described = versions.form
    words = partial(edit.answer_words, described)
    form = AnswersForm(
        posted(request), form=described, answers=described.answers.of(draft.content), vocabularies={}
    )
    form.edits(draft)
    made = save(
        request, versions, form, draft, lambda doc: edit.reword_answers(described, doc, form.answers()), words
    )
    if made is not None:
        messages.success(request, f"The {described.answers.name} {described.answers.are} saved in the draft.")
        return redirect(address(versions, "template"), draft.number)
    title = f"Reword the {described.answers.name}"
    said = "What each answer counts stays the same."
    return _form(request, versions, draft, form, title, said=said, page_class="is-mid")


def _form(
    request: SchoolRequest,
    versions: Versions,
    draft: Any,
    form: PartForm,
    title: str,
    kind: Sections | None = None,
    section: Doc | None = None,
    page_class: str = "is-narrow",
    said: str = "",
) -> HttpResponse:
    """A page with one form, beneath the section it is about or the whole draft."""
    if kind is not None and section is not None:
        back = reverse(kind.address(versions.form, "edit"), args=[section["slug"]])
    else:
        back = reverse(address(versions, "template"), args=[draft.number])
    context = {"draft": draft, "title": title, "said": said, "section": section, "back": back}
    return show(request, versions, "part", form.status, form=form, page_class=page_class, **context)


def there(find: Callable[..., Any], *args: Any) -> Any:
    """What `find` finds in a document; 404 where it is not."""
    try:
        return find(*args)
    except NotThere as missing:
        raise Http404 from missing


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
