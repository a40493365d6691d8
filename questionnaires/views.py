"""The versions of a form: what each says, how each audience reads it, what changed, and the draft as a whole.

Every page takes the `versions` it is about from its address (urls.pages). A page of one form that shows more has a
template of its own, which extends the one here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork.access import Can, has_capability
from keywork.editing import press, save
from keywork.guards import GET, GET_POST, POST, permission_required
from keywork.http import SchoolRequest, posted
from keywork.numbers import number_in

from . import reading
from .checks import Doc, NotATemplate, Problem
from .description import Questionnaire, Sections
from .diff import Difference, differences, in_short
from .forms import ImportForm, PublishForm
from .schema import in_bytes, parse
from .versions import Versions


def lock_seen(text: str) -> int:
    """The lock a page carried; -1, which no draft ever has, for anything else."""
    lock = number_in(text, digits=9)
    return -1 if lock is None else lock


def show(
    request: SchoolRequest, versions: Versions, page: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Of a form's own template for the page, if it has one."""
    app = versions.form.app
    names = [f"{app}/form_{page}.html", f"questionnaires/{page}.html"]
    return render(request, names, {"form_of": versions.form, "app": app, **context}, status=status)


def address(versions: Versions, name: str) -> str:
    return f"{versions.form.app}:{name}"


def page_of_draft(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page about the draft, for those who edit; where there is none it leads to the versions."""

    @permission_required(Can.EDIT_TEMPLATES, GET_POST)
    @wraps(view)
    def page(request: SchoolRequest, versions: Versions, **kwargs: Any) -> HttpResponseBase:
        draft = versions.the_draft()
        if draft is None:
            messages.info(request, "There is no draft. Start one to change the form.")
            return redirect(address(versions, "templates"))
        return view(request, versions, draft, **kwargs)

    return page


def changed(versions: Versions, draft: Any) -> list[Difference]:
    return differences(versions.form, versions.latest_published().content, draft.content)


def _version(request: SchoolRequest, versions: Versions, number: int) -> Any:
    """A version anyone on the staff may read; a draft is there only for those who edit it."""
    rows = versions.model.objects.select_related("published_by", "changed_by")
    if not has_capability(request.user, Can.EDIT_TEMPLATES):
        rows = rows.published()
    return get_object_or_404(rows, number=number)


@permission_required(Can.VIEW_TEMPLATES, GET)
def all_versions(request: SchoolRequest, versions: Versions) -> HttpResponse:
    """Every published version, newest first; the draft for those who edit."""
    edits = has_capability(request.user, Can.EDIT_TEMPLATES)
    rows = list(versions.model.objects.select_related("published_by", "changed_by").order_by("-number"))
    published = [row for row in rows if row.is_published]
    context = {"edits": edits, "published": published, **versions.beside(request.user)}
    if edits:
        draft = next((row for row in rows if not row.is_published), None)
        context["draft"] = draft
        if draft is not None:
            context["changes"] = in_short(differences(versions.form, published[0].content, draft.content))
        context["plainer_left"] = versions.plainer_left((draft or published[0]).content)
    return show(request, versions, "versions", **context)


@permission_required(Can.VIEW_TEMPLATES, GET)
def version(request: SchoolRequest, versions: Versions, number: int) -> HttpResponse:
    """One version whole: every question in each wording, and the answers."""
    row = _version(request, versions, number)
    context = {
        "version": row,
        "edits": not row.is_published,
        "kinds": [_shown(versions.form, kind, row.content) for kind in versions.form.sections],
        "answer_heads": reading.answer_heads(versions.form),
        "answers": reading.answers(versions.form, row.content),
        "answers_url": reverse(address(versions, f"{versions.form.answers.name}_edit")),
    }
    return show(request, versions, "version", **context)


def _shown(form: Questionnaire, kind: Sections, content: Doc) -> dict[str, Any]:
    """The sections of one kind, each with where it is edited and where its buttons post."""
    rows = [
        (
            section,
            reverse(kind.address(form, "edit"), args=[section.slug]),
            "" if kind.stay else reverse(kind.address(form, "move"), args=[section.slug]),
        )
        for section in reading.sections(form, kind, content)
    ]
    return {
        "kind": kind,
        "sections": [row for row in rows if not row[0].is_retired],
        "retired": [row for row in rows if row[0].is_retired],
        "count": sum(len(section.questions) for section, *_ in rows if not section.is_retired),
        "add_url": "" if kind.stay else reverse(kind.address(form, "add")),
    }


@permission_required(Can.VIEW_TEMPLATES, GET)
def preview(request: SchoolRequest, versions: Versions, number: int, audience: str) -> HttpResponse:
    """The form as one audience reads it; nothing can be filled in here."""
    reader = versions.form.audience(audience)
    if reader is None:
        raise Http404
    row = _version(request, versions, number)
    context = {
        "version": row,
        "reader": reader,
        "is_staff": reader is versions.form.audiences[0],
        "sections": reading.as_read_by(reader, versions.form, row.content),
    }
    return show(request, versions, "preview", **context)


@permission_required(Can.VIEW_TEMPLATES, GET)
def diff(request: SchoolRequest, versions: Versions, number: int) -> HttpResponse:
    """What changed from an earlier version (`?from=`; the one before, unless asked) to this one."""
    row = _version(request, versions, number)
    earlier = list(versions.model.objects.published().filter(number__lt=row.number).order_by("-number"))
    asked = request.GET.get("from", "")
    before = next((one for one in earlier if str(one.number) == asked), earlier[0] if earlier else None)
    found = differences(versions.form, before.content, row.content) if before else []
    context = {
        "version": row,
        "before": before,
        "earlier": earlier,
        "groups": [(where, list(group)) for where, group in groupby(found, key=lambda one: one.where)],
        "short": in_short(found),
    }
    return show(request, versions, "diff", **context)


@permission_required(Can.VIEW_TEMPLATES, GET)
def export(request: SchoolRequest, versions: Versions, number: int) -> HttpResponse:
    """The document as a file; the same version always gives the same bytes."""
    row = _version(request, versions, number)
    name = f"{versions.form.file_name}-v{row.number}{'' if row.is_published else '-draft'}.json"
    return HttpResponse(
        in_bytes(versions.form, row.content),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# ------------------------------------------------------------------------------------- the draft as a whole


@permission_required(Can.EDIT_TEMPLATES, POST)
def start(request: SchoolRequest, versions: Versions) -> HttpResponse:
    if request.POST.get("words") == "plainer":
        return redirect(address(versions, "diff"), versions.start_plainer(by=request.user).number)
    return redirect(address(versions, "template"), versions.start(by=request.user).number)


@page_of_draft
def discard(request: SchoolRequest, versions: Versions, draft: Any) -> HttpResponse:
    """A page that says what would be lost, then the button."""
    if request.method == "POST":
        seen = lock_seen(request.POST.get("seen", ""))
        said = "The draft is gone. The published form is as it was."
        done = press(request, lambda: versions.discard(by=request.user, seen_lock=seen), said)
        return redirect(address(versions, "templates" if done else "discard_draft"))
    return show(request, versions, "discard", draft=draft, changes=in_short(changed(versions, draft)))


@page_of_draft
def publish(request: SchoolRequest, versions: Versions, draft: Any) -> HttpResponse:
    """What changed since the last version, and the note that goes with it."""
    form = PublishForm(posted(request), initial={"seen": draft.lock})
    made = save(
        request,
        form,
        lambda: versions.publish(
            by=request.user, note=form.cleaned_data["note"], seen_lock=lock_seen(form.cleaned_data["seen"])
        ),
    )
    if made is not None:
        messages.success(request, f"Version {made.number} {versions.form.published}")
        return redirect(address(versions, "template"), made.number)
    if form.is_overtaken:
        draft = versions.the_draft() or draft
        form.retype("seen", str(draft.lock))
    context = {
        "draft": draft,
        "latest": versions.latest_published(),
        "short": in_short(changed(versions, draft)),
        "form": form,
        "back": reverse(address(versions, "template"), args=[draft.number]),
    }
    return show(request, versions, "publish", form.status, **context)


@permission_required(Can.EDIT_TEMPLATES, GET_POST)
def import_draft(request: SchoolRequest, versions: Versions) -> HttpResponse:
    """A file becomes the draft, if it is a document of this form through and through."""
    draft = versions.the_draft()
    problems: list[Problem] = []
    form = ImportForm(initial={"seen": draft.lock if draft else ""})
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        made = save(request, form, lambda: _replaced(request, versions, form))
        if made is not None:
            messages.success(request, "The file is now the draft. Look through what it changes.")
            return redirect(address(versions, "diff"), made.number)
        if isinstance(form.refused, NotATemplate):
            problems = form.refused.problems
        if form.is_overtaken:
            draft = versions.the_draft()
            form.retype("seen", str(draft.lock) if draft else "")
    back = reverse(address(versions, "templates"))
    context = {"draft": draft, "form": form, "problems": problems, "back": back}
    return show(request, versions, "import", form.status, **context)


def _replaced(request: SchoolRequest, versions: Versions, form: ImportForm) -> Any:
    seen = form.cleaned_data["seen"]
    content = parse(versions.form, form.cleaned_data["file"].read())
    return versions.replace(by=request.user, content=content, seen_lock=lock_seen(seen) if seen else None)
