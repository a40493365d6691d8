"""The draft as a whole: starting, importing, publishing, throwing away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

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
    the_draft,
)
from ..models import TemplateVersion
from ..template_diff import differences
from ..template_file import parse

FORM_METHODS = ["GET", "HEAD", "POST"]


def without_draft(request: SchoolRequest) -> HttpResponse:
    messages.info(request, "There is no draft. Start one to change the form.")
    return redirect("ilsa:templates")


@require_POST
@door(Can.EDIT_TEMPLATES)
def start(request: SchoolRequest) -> HttpResponse:
    if request.POST.get("words") == "plainer":
        return redirect("ilsa:diff", start_plainer_draft(by=request.user).number)
    return redirect("ilsa:template", start_draft(by=request.user).number)


@require_http_methods(FORM_METHODS)
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
        return redirect("ilsa:templates" if done else "ilsa:discard_draft")
    changes = in_short(differences(latest_published().content, draft.content))
    return render(request, "ilsa/form_discard.html", {"draft": draft, "changes": changes})


@require_http_methods(FORM_METHODS)
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
            f"Version {made.number} is published and is the form of the next round. "
            "Rounds already open keep the version they were opened with.",
        )
        return redirect("ilsa:template", made.number)
    if form.is_overtaken:
        draft = the_draft() or draft
        form.see(str(draft.lock))
    latest = latest_published()
    context = {
        "draft": draft,
        "latest": latest,
        "short": in_short(differences(latest.content, draft.content)),
        "form": form,
        "back": reverse("ilsa:template", args=[draft.number]),
    }
    return render(request, "ilsa/form_publish.html", context, status=form.status)


@require_http_methods(FORM_METHODS)
@door(Can.EDIT_TEMPLATES)
def import_draft(request: SchoolRequest) -> HttpResponse:
    """A file becomes the draft, if it is a form of the assessment through and through."""
    draft = the_draft()
    problems: list[Problem] = []
    form = ImportForm(initial={"seen": draft.lock if draft else ""})
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        made = save(request, form, lambda: _replaced(request, form))
        if made is not None:
            messages.success(request, "The file is now the draft. Look through what it changes.")
            return redirect("ilsa:diff", made.number)
        if isinstance(form.refused, NotATemplate):
            problems = form.refused.problems
        if form.is_overtaken:
            draft = the_draft()
            form.see(str(draft.lock) if draft else "")
    context = {"draft": draft, "form": form, "problems": problems, "back": reverse("ilsa:templates")}
    return render(request, "ilsa/form_import.html", context, status=form.status)


def _replaced(request: SchoolRequest, form: ImportForm) -> TemplateVersion:
    seen = form.cleaned_data["seen"]
    content = parse(form.cleaned_data["file"].read())
    return replace_draft(by=request.user, content=content, seen_lock=lock_seen(seen) if seen else None)
