"""The draft as a whole: its areas added, moved, retired and brought back; the scale reworded."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import Can
from keywork.guards import door
from keywork.http import SchoolRequest
from questionnaires.drafts import version_name
from questionnaires.editing import do, keeps_typed, save, there

from .. import template_edit as edit
from ..actions.templates import FORM, kept_areas, latest_published
from ..forms.draft import NewAreaForm, ScaleForm
from .draft import the_draft, without_draft


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def area_add(request: SchoolRequest) -> HttpResponse:
    """A new area with its first statement, last on the form."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    vocabularies = draft.content["vocabularies"]
    form = NewAreaForm(request.POST if request.method == "POST" else None, vocabularies=vocabularies)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.add_area(doc, form.values(), form.item(), version_name(draft.number))[0],
    )
    if made is not None:
        messages.success(request, "The area is in the draft, last on the form.")
        return redirect("tsp:template", draft.number)
    return _form(request, draft, form, "Add an area")


@door(Can.EDIT_TEMPLATES)
def area_move(request: SchoolRequest, area: str) -> HttpResponse:
    """Up, down, retire, bring back: plain buttons beside an area."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    there(edit.area_of, draft.content, area)
    kept = kept_areas(latest_published().content)
    done = {
        "up": (partial(edit.move_area, slug=area, step=-1), ""),
        "down": (partial(edit.move_area, slug=area, step=1), ""),
        "retire": (
            partial(edit.retire_area, slug=area, kept=kept),
            "The area is retired in the draft, with its statements."
            if area in kept
            else "The area was never published, so it is taken away.",
        ),
        "restore": (partial(edit.restore_area, slug=area), "The area is in use again."),
    }
    do(request, FORM, done)
    return redirect(f"{reverse('tsp:template', args=[draft.number])}#{area}")


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def scale_edit(request: SchoolRequest) -> HttpResponse:
    """Labels and meanings of the five points. What a point counts never changes."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    words = edit.scale_words(draft.content)
    form = ScaleForm(request.POST if request.method == "POST" else None, initial=ScaleForm.initial_of(words))
    form.edits(draft)
    made = save(
        request, FORM, form, draft, lambda doc: edit.reword_scale(doc, points=form.points()), edit.scale_words
    )
    if made is not None:
        messages.success(request, "The scale is saved in the draft.")
        return redirect("tsp:template", draft.number)
    return _form(request, draft, form, "Reword the scale")


def _form(request: SchoolRequest, draft: Any, form: Any, title: str) -> HttpResponse:
    context = {
        "draft": draft,
        "form": form,
        "title": title,
        "back": reverse("tsp:template", args=[draft.number]),
    }
    return render(request, "tsp/draft_form.html", context, status=form.status)
