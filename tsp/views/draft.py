"""The draft as a whole: starting, importing, publishing, throwing away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import Can
from keywork.editing import blame
from keywork.errors import ChangedMeanwhile, Refused
from keywork.guards import door
from keywork.http import SchoolRequest
from keywork.versioned.changes import in_short
from keywork.versioned.checks import NotATemplate
from keywork.versioned.editing import lock_seen, meanwhile_words
from keywork.versioned.forms import ImportForm, PublishForm

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
        seen = request.POST.get("seen", "")
        try:
            discard_draft(by=request.user, seen_lock=lock_seen(seen))
        except ChangedMeanwhile as meanwhile:
            messages.warning(request, f"{meanwhile_words(meanwhile.by)}.")
            return redirect("tsp:discard_draft")
        except Refused as refused:
            messages.warning(request, f"{refused}.")
        else:
            messages.success(request, "The draft is gone. The published form is as it was.")
        return redirect("tsp:templates")
    latest = latest_published()
    changes = in_short(differences(latest.content, draft.content))
    return render(request, "tsp/discard.html", {"draft": draft, "changes": changes})


@door(Can.EDIT_TEMPLATES)
def publish_draft(request: SchoolRequest) -> HttpResponse:
    """What changed since the last version, and the note that goes with it."""
    draft = the_draft()
    if draft is None:
        return without_draft(request)
    status = 200
    form = PublishForm(initial={"seen": draft.lock})
    if request.method == "POST":
        form = PublishForm(request.POST)
        status = 422
        if form.is_valid():
            seen = form.cleaned_data["seen"]
            try:
                made = publish(
                    by=request.user,
                    note=form.cleaned_data["note"],
                    seen_lock=lock_seen(seen),
                )
            except ChangedMeanwhile as meanwhile:
                form.add_error(None, meanwhile_words(meanwhile.by))
                draft = the_draft() or draft
                form.see(str(draft.lock))
                status = 409
            except Refused as refused:
                blame(form, refused)
            else:
                messages.success(
                    request,
                    f"Version {made.number} is published and is the form from now on. "
                    "Records made before keep the version they were made with.",
                )
                return redirect("tsp:template", made.number)
    latest = latest_published()
    found = differences(latest.content, draft.content)
    context = {
        "draft": draft,
        "latest": latest,
        "short": in_short(found),
        "form": form,
        "back": reverse("tsp:template", args=[draft.number]),
    }
    return render(request, "tsp/publish.html", context, status=status)


@door(Can.EDIT_TEMPLATES)
def import_draft(request: SchoolRequest) -> HttpResponse:
    """A file becomes the draft, if it is a template through and through."""
    draft = the_draft()
    status, problems = 200, []
    form = ImportForm(initial={"seen": draft.lock if draft else ""})
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        status = 422
        if form.is_valid():
            seen = form.cleaned_data["seen"]
            try:
                content = parse(form.cleaned_data["file"].read())
                made = replace_draft(
                    by=request.user, content=content, seen_lock=lock_seen(seen) if seen else None
                )
            except NotATemplate as refused:
                problems = refused.problems
                form.add_error("file", "This file cannot be taken: see below what is wrong with it")
            except ChangedMeanwhile as meanwhile:
                form.add_error(None, meanwhile_words(meanwhile.by))
                draft = the_draft()
                form.see(str(draft.lock) if draft else "")
                status = 409
            else:
                messages.success(request, "The file is now the draft. Look through what it changes.")
                return redirect("tsp:diff", made.number)
    context = {"draft": draft, "form": form, "problems": problems, "back": reverse("tsp:templates")}
    return render(request, "tsp/import.html", context, status=status)
