"""Parts of the draft: areas with their statements, soft tools with their fields."""

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
from questionnaires.checks import Doc
from questionnaires.drafts import version_name
from questionnaires.editing import do, keeps_typed, save, there
from questionnaires.forms import StatementForm

from .. import template_edit as edit
from ..actions.templates import FORM, kept_fields, kept_items, latest_published
from ..forms.draft import AreaForm, FieldForm, ToolForm
from ..template_doc import built_in
from .draft import the_draft, without_draft

# ------------------------------------------------------------------------------------- areas


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def area_edit(request: SchoolRequest, area: str) -> HttpResponse:
    """An area's statements with their buttons, and the form of its own words."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    found = there(edit.area_of, draft.content, area)

    def part(doc: Doc) -> Any:
        return edit.area_words(edit.area_of(doc, area))

    form = AreaForm(request.POST if request.method == "POST" else None, initial=AreaForm.initial_of(found))
    form.edits(draft)
    made = save(
        request, FORM, form, draft, lambda doc: edit.reword_area(doc, slug=area, **form.values()), part
    )
    if made is not None:
        messages.success(request, "The area’s words are saved in the draft.")
        return redirect("tsp:area_edit", area)
    # Those in use come first, as they stand on the form; a retired one is still here to read and bring back.
    shown = edit.in_use(draft.content["areas"])
    order = [one["slug"] for one in shown] + ([] if found in shown else [area])
    place = order.index(area)
    titles = {one["slug"]: one["title"] for one in draft.content["areas"]}
    neighbours = [
        (slug, titles[slug]) for slug in order[max(place - 1, 0) : place] + order[place + 1 : place + 2]
    ]
    context = {
        "draft": draft,
        "area": found,
        "number": place + 1,
        "is_retired": found not in shown,
        "statements": edit.in_use(found["items"]),
        "retired": [item for item in found["items"] if not item["active"]],
        "neighbours": neighbours,
        "form": form,
    }
    return render(request, "tsp/area_edit.html", context, status=form.status)


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def statement_add(request: SchoolRequest, area: str) -> HttpResponse:
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    found = there(edit.area_of, draft.content, area)
    vocabularies = draft.content["vocabularies"]
    start = {name: found[name] for name in ("ehcp_area_of_need", "pfa_outcome")}
    form = StatementForm(
        request.POST if request.method == "POST" else None,
        initial=start,
        vocabularies=vocabularies,
        published=False,
    )
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.add_item(doc, area, form.values(), version_name(draft.number))[0],
    )
    if made is not None:
        messages.success(request, "The statement is in the draft, last in its area.")
        return redirect("tsp:area_edit", area)
    context = {"draft": draft, "area": found, "form": form, "back": reverse("tsp:area_edit", args=[area])}
    return render(request, "tsp/statement_form.html", context, status=form.status)


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def statement_edit(request: SchoolRequest, slug: str) -> HttpResponse:
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    area, item = there(edit.item_of, draft.content, slug)
    kept = kept_items(latest_published().content)
    shape = {"vocabularies": draft.content["vocabularies"], "published": slug in kept and item["active"]}
    form = StatementForm(
        request.POST if request.method == "POST" else None,
        initial={name: item[name] for name in StatementForm.words},
        **shape,
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
        messages.success(request, "The statement is saved in the draft.")
        return redirect(f"{reverse('tsp:area_edit', args=[area['slug']])}#{slug}")
    context = {
        "draft": draft,
        "area": area,
        "item": item,
        "form": form,
        "back": reverse("tsp:area_edit", args=[area["slug"]]),
    }
    return render(request, "tsp/statement_form.html", context, status=form.status)


def _words(item: Doc) -> Any:
    """What the statement's form changes; where it stands is another matter."""
    return [item[name] for name in (*StatementForm.words, "active")]


# ------------------------------------------------------------------------------------- places


@door(Can.EDIT_TEMPLATES)
def move(request: SchoolRequest, slug: str) -> HttpResponse:
    """Up, down, retire, bring back: plain buttons beside a statement."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    area, _ = there(edit.item_of, draft.content, slug)
    kept = kept_items(latest_published().content)
    done = {
        "up": (partial(edit.move_item, slug=slug, step=-1), ""),
        "down": (partial(edit.move_item, slug=slug, step=1), ""),
        "retire": (
            partial(edit.retire_item, slug=slug, kept=kept),
            "The statement is retired in the draft."
            if slug in kept
            else "The statement was never published, so it is taken away.",
        ),
        "restore": (partial(edit.restore_item, slug=slug), "The statement is in use again."),
    }
    do(request, FORM, done)
    return redirect(f"{reverse('tsp:area_edit', args=[area['slug']])}#{slug}")


@door(Can.EDIT_TEMPLATES)
def field_move(request: SchoolRequest, tool: str, slug: str) -> HttpResponse:
    """The same beside a field."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    there(edit.field_of, draft.content, tool, slug)
    kept = kept_fields(latest_published().content, tool)
    one = {"tool_slug": tool, "slug": slug}
    done = {
        "up": (partial(edit.move_field, **one, step=-1), ""),
        "down": (partial(edit.move_field, **one, step=1), ""),
        "retire": (
            partial(edit.retire_field, **one, kept=kept),
            "The field is retired in the draft."
            if slug in kept
            else "The field was never published, so it is taken away.",
        ),
        "restore": (partial(edit.restore_field, **one), "The field is in use again."),
    }
    do(request, FORM, done)
    return redirect(f"{reverse('tsp:tool_edit', args=[tool])}#{slug}")


# ------------------------------------------------------------------------------------- soft tools


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def tool_edit(request: SchoolRequest, tool: str) -> HttpResponse:
    """A soft tool's fields with their buttons, and the form of its titles."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    found = there(edit.tool_of, draft.content, tool)

    def part(doc: Doc) -> Any:
        return edit.tool_words(edit.tool_of(doc, tool))

    form = ToolForm(request.POST if request.method == "POST" else None, initial=part(draft.content))
    form.edits(draft)
    made = save(
        request, FORM, form, draft, lambda doc: edit.reword_tool(doc, slug=tool, **form.details()), part
    )
    if made is not None:
        messages.success(request, "The sheet’s titles are saved in the draft.")
        return redirect("tsp:tool_edit", tool)
    kept = kept_fields(latest_published().content, tool)
    context = {
        "draft": draft,
        "tool": found,
        "fields": [
            (field, built_in(tool, field) and field["slug"] in kept) for field in edit.in_use(found["fields"])
        ],
        "retired": [field for field in found["fields"] if not field.get("active", True)],
        "form": form,
    }
    return render(request, "tsp/tool_edit.html", context, status=form.status)


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def field_add(request: SchoolRequest, tool: str) -> HttpResponse:
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    found = there(edit.tool_of, draft.content, tool)
    shape: dict[str, Any] = {"field": None, "published": False, "built_in": False}
    form = FieldForm(request.POST if request.method == "POST" else None, **shape)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.add_field(doc, tool, form.values(), version_name(draft.number))[0],
    )
    if made is not None:
        messages.success(request, "The field is in the draft, last on its sheet.")
        return redirect("tsp:tool_edit", tool)
    context = {"draft": draft, "tool": found, "form": form, "back": reverse("tsp:tool_edit", args=[tool])}
    return render(request, "tsp/field_form.html", context, status=form.status)


@door(Can.EDIT_TEMPLATES)
@keeps_typed
def field_edit(request: SchoolRequest, tool: str, slug: str) -> HttpResponse:
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    field = there(edit.field_of, draft.content, tool, slug)
    kept = kept_fields(latest_published().content, tool)
    shape: dict[str, Any] = {
        "field": field,
        "published": slug in kept and field.get("active", True),
        "built_in": built_in(tool, field) and slug in kept,
    }
    form = FieldForm(
        request.POST if request.method == "POST" else None, initial=FieldForm.initial_of(field), **shape
    )
    form.edits(draft)
    made = save(
        request,
        FORM,
        form,
        draft,
        lambda doc: edit.reword_field(
            doc,
            tool,
            slug,
            form.values(),
            new_meaning=form.cleaned_data.get("new_meaning", False),
            equivalent=form.cleaned_data.get("equivalent", False),
            version=version_name(draft.number),
            kept=kept,
        )[0],
        lambda doc: edit.field_of(doc, tool, slug),
    )
    if made is not None:
        messages.success(request, "The field is saved in the draft.")
        return redirect(f"{reverse('tsp:tool_edit', args=[tool])}#{slug}")
    context = {
        "draft": draft,
        "tool": edit.tool_of(draft.content, tool),
        "field": field,
        "form": form,
        "back": reverse("tsp:tool_edit", args=[tool]),
    }
    return render(request, "tsp/field_form.html", context, status=form.status)
