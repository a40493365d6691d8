"""Parts of the draft: domains with their questions, and the answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keywork.access import Can
from keywork.guards import door
from keywork.http import SchoolRequest
from questionnaires.checks import Doc
from questionnaires.drafts import version_name
from questionnaires.editing import do, keeps_typed, save, there
from questionnaires.parts import in_use

from .. import template_edit as edit
from ..actions.templates import FORM, latest_published, the_draft
from ..forms.draft import AnswersForm, DomainForm, QuestionForm
from .draft import FORM_METHODS, without_draft


@require_http_methods(FORM_METHODS)
@door(Can.EDIT_TEMPLATES)
@keeps_typed
def domain_edit(request: SchoolRequest, domain: str) -> HttpResponse:
    """A domain's questions with their buttons, and the form of its own words."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    found = there(edit.domain_of, draft.content, domain)

    def part(doc: Doc) -> Any:
        return edit.domain_words(edit.domain_of(doc, domain))

    words = part(draft.content)
    form = DomainForm(request.POST if request.method == "POST" else None, initial=words)
    form.edits(draft)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.reword_domain(doc, slug=domain, words=form.details()),
        part,
    )
    if made is not None:
        messages.success(request, "The domain’s words are saved in the draft.")
        return redirect("ilsa:domain_edit", domain)
    domains = draft.content["domains"]
    place = domains.index(found)
    context = {
        "draft": draft,
        "domain": found,
        "number": place + 1,
        "questions": in_use(found["items"]),
        "retired": [item for item in found["items"] if not item["active"]],
        "neighbours": domains[max(place - 1, 0) : place] + domains[place + 1 : place + 2],
        "form": form,
    }
    return render(request, "ilsa/form_domain.html", context, status=form.status)


@require_http_methods(FORM_METHODS)
@door(Can.EDIT_TEMPLATES)
@keeps_typed
def question_add(request: SchoolRequest, domain: str) -> HttpResponse:
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    found = there(edit.domain_of, draft.content, domain)
    shape: dict[str, Any] = {"vocabularies": draft.content["vocabularies"], "published": False}
    start = {name: found[name] for name in ("ehcp_area_of_need", "pfa_outcome")}
    form = QuestionForm(request.POST if request.method == "POST" else None, initial=start, **shape)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.add_item(doc, domain, form.values(), version_name(draft.number))[0],
    )
    if made is not None:
        messages.success(request, "The question is in the draft, last in its domain.")
        return redirect("ilsa:domain_edit", domain)
    back = reverse("ilsa:domain_edit", args=[domain])
    context = {"draft": draft, "domain": found, "form": form, "back": back}
    return render(request, "ilsa/form_question.html", context, status=form.status)


@require_http_methods(FORM_METHODS)
@door(Can.EDIT_TEMPLATES)
@keeps_typed
def question_edit(request: SchoolRequest, slug: str) -> HttpResponse:
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    domain, item = there(edit.item_of, draft.content, slug)
    kept = edit.items_of(latest_published().content)
    shape: dict[str, Any] = {
        "vocabularies": draft.content["vocabularies"],
        "published": slug in kept and item["active"],
    }
    form = QuestionForm(
        request.POST if request.method == "POST" else None, initial=QuestionForm.initial_of(item), **shape
    )
    form.edits(draft)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.reword_item(
            doc,
            slug,
            form.values(),
            new_meaning=form.cleaned_data.get("new_meaning", False),
            equivalent=form.cleaned_data.get("equivalent", False),
            version=version_name(draft.number),
            kept=kept,
        )[0],
        lambda doc: _words(edit.item_of(doc, slug)[1]),
    )
    if made is not None:
        messages.success(request, "The question is saved in the draft.")
        return redirect(f"{reverse('ilsa:domain_edit', args=[domain['slug']])}#{slug}")
    context = {
        "draft": draft,
        "domain": domain,
        "item": item,
        "form": form,
        "back": reverse("ilsa:domain_edit", args=[domain["slug"]]),
    }
    return render(request, "ilsa/form_question.html", context, status=form.status)


def _words(item: Doc) -> Any:
    """What the question's form changes; where it stands is another matter."""
    return {name: item[name] for name in (*QuestionForm.words, "suggested_from_nc_year", "active")}


@require_POST
@door(Can.EDIT_TEMPLATES)
def move(request: SchoolRequest, slug: str) -> HttpResponse:
    """Up, down, retire, bring back: plain buttons beside a question."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    domain, _ = there(edit.item_of, draft.content, slug)
    kept = edit.items_of(latest_published().content)
    done = {
        "up": (partial(edit.move_item, slug=slug, step=-1), ""),
        "down": (partial(edit.move_item, slug=slug, step=1), ""),
        "retire": (
            partial(edit.retire_item, slug=slug, kept=kept),
            "The question is retired in the draft."
            if slug in kept
            else "The question was never published, so it is taken away.",
        ),
        "restore": (partial(edit.restore_item, slug=slug), "The question is in use again."),
    }
    do(request, FORM, done)
    return redirect(f"{reverse('ilsa:domain_edit', args=[domain['slug']])}#{slug}")


@require_http_methods(FORM_METHODS)
@door(Can.EDIT_TEMPLATES)
@keeps_typed
def answers_edit(request: SchoolRequest) -> HttpResponse:
    """What people can answer, in the words of each audience."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    shape = {"answers": [*draft.content["scale"], *draft.content["non_scores"]]}
    words = edit.answer_words(draft.content)
    form = AnswersForm(
        request.POST if request.method == "POST" else None, initial=AnswersForm.initial_of(words), **shape
    )
    form.edits(draft)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.reword_answers(doc, answers=form.answers()),
        edit.answer_words,
    )
    if made is not None:
        messages.success(request, "The answers are saved in the draft.")
        return redirect("ilsa:template", draft.number)
    context = {
        "draft": draft,
        "form": form,
        "back": reverse("ilsa:template", args=[draft.number]),
    }
    return render(request, "ilsa/form_answers.html", context, status=form.status)
