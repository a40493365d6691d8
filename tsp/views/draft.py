"""The draft as a whole: starting, importing, publishing, throwing away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import Can
from keywork.editing import press, save
from keywork.guards import door
from keywork.http import SchoolRequest
from questionnaires.changes import in_short
from questionnaires.checks import NotATemplate, Problem
from questionnaires.editing import lock_seen
from questionnaires.forms import ImportForm, PublishForm

from ..actions.templates import (
    discard_draft,
    latest_published,
    publish,
    replace_draft,
    start_draft,
    start_plainer_draft,
)
from ..models import TemplateVersion
from ..template_diff import differences
from ..template_file import parse

NO_DRAFT = "There is no draft. Start one to change the form."


def the_draft() -> TemplateVersion | None:
    return TemplateVersion.objects.drafts().select_related("changed_by").first()


def without_draft(request: SchoolRequest) -> HttpResponse:
    messages.info(request, NO_DRAFT)
    return redirect("tsp:templates")


@door(Can.EDIT_TEMPLATES)
def start(request: SchoolRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if request.POST.get("words") == "plainer":
        return redirect("tsp:diff", start_plainer_draft(by=request.user).number)
    return redirect("tsp:template", start_draft(by=request.user).number)


@door(Can.EDIT_TEMPLATES)
def discard(request: SchoolRequest) -> HttpResponse:
    """A page that says what would be lost, then the button."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    if request.method == "POST":
        seen = lock_seen(request.POST.get("seen", ""))
        said = "The draft is gone. The published form is as it was."
        done = press(request, lambda: discard_draft(by=request.user, seen_lock=seen), said)
        return redirect("tsp:templates" if done else "tsp:discard_draft")
    latest = latest_published()
    changes = in_short(differences(latest.content, draft.content))
    return render(request, "tsp/discard.html", {"draft": draft, "changes": changes})


@door(Can.EDIT_TEMPLATES)
def publish_draft(request: SchoolRequest) -> HttpResponse:
    """What changed since the last version, and the note that goes with it."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    form = PublishForm(request.POST if request.method == "POST" else None, initial={"seen": draft.lock})
    made = save(
        request,
        form,
        lambda: publish(
            by=request.user, note=form.cleaned_data["note"], seen_lock=lock_seen(form.cleaned_data["seen"])
        ),
    )
    if made is not None:
        messages.success(
            request,
            f"Version {made.number} is published and is the form from now on. "
            "Records made before keep the version they were made with.",
        )
        return redirect("tsp:template", made.number)
    if form.is_overtaken:
        draft = the_draft() or draft
        form.see(str(draft.lock))
    latest = latest_published()
    found = differences(latest.content, draft.content)
    context = {
        "draft": draft,
        "latest": latest,
        "short": in_short(found),
        "form": form,
        "back": reverse("tsp:template", args=[draft.number]),
    }
    return render(request, "tsp/publish.html", context, status=form.status)


@door(Can.EDIT_TEMPLATES)
def import_draft(request: SchoolRequest) -> HttpResponse:
    """A file becomes the draft, if it is a template through and through."""
    draft = the_draft()
    problems: list[Problem] = []
    form = ImportForm(initial={"seen": draft.lock if draft else ""})
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        made = save(request, form, lambda: _replaced(request, form))
        if made is not None:
            messages.success(request, "The file is now the draft. Look through what it changes.")
            return redirect("tsp:diff", made.number)
        if isinstance(form.refused, NotATemplate):
            problems = form.refused.problems
        if form.is_overtaken:
            draft = the_draft()
            form.see(str(draft.lock) if draft else "")
    context = {"draft": draft, "form": form, "problems": problems, "back": reverse("tsp:templates")}
    return render(request, "tsp/import.html", context, status=form.status)


def _replaced(request: SchoolRequest, form: ImportForm) -> TemplateVersion:
    seen = form.cleaned_data["seen"]
    content = parse(form.cleaned_data["file"].read())
    return replace_draft(by=request.user, content=content, seen_lock=lock_seen(seen) if seen else None)
