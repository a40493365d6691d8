"""The versions of the form of the assessment: what each says, how each audience reads it, what changed between two."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from keywork.access import Can, has_capability
from keywork.guards import door
from keywork.http import SchoolRequest
from questionnaires.changes import in_short

from ..actions.templates import plainer_left
from ..models import TemplateVersion
from ..template_diff import differences
from ..template_doc import in_bytes
from ..templates import AUDIENCES, Template, read, version

AUDIENCE_LABELS = {"staff": "Keyworkers", "student": "Students", "parent": "Parents and carers"}


def _version(request: SchoolRequest, number: int) -> TemplateVersion:
    """A version anyone on the staff may read; a draft is there only for those who edit it."""
    rows = TemplateVersion.objects.select_related("published_by", "changed_by")
    if not has_capability(request.user, Can.EDIT_TEMPLATES):
        rows = rows.published()
    return get_object_or_404(rows, number=number)


def _form(row: TemplateVersion) -> Template:
    return version(row.pk) if row.is_published else read(row)


@require_safe
@door(Can.VIEW_TEMPLATES)
def templates(request: SchoolRequest) -> HttpResponse:
    """Every published version, newest first; the draft for those who edit."""
    edits = has_capability(request.user, Can.EDIT_TEMPLATES)
    rows = list(TemplateVersion.objects.select_related("published_by", "changed_by").order_by("-number"))
    published = [row for row in rows if row.is_published]
    context: dict[str, Any] = {
        "edits": edits,
        "published": published,
        "runs": has_capability(request.user, Can.RUN_ILSA),
    }
    if edits:
        draft = next((row for row in rows if not row.is_published), None)
        context["draft"] = draft
        if draft is not None:
            context["changes"] = in_short(differences(published[0].content, draft.content))
        context["plainer_left"] = plainer_left((draft or published[0]).content)
    return render(request, "ilsa/form_versions.html", context)


@require_safe
@door(Can.VIEW_TEMPLATES)
def template(request: SchoolRequest, number: int) -> HttpResponse:
    """One version whole: every question in its three wordings, and the answers."""
    row = _version(request, number)
    return render(
        request, "ilsa/form_version.html", {"version": row, "form": _form(row), "edits": not row.is_published}
    )


@require_safe
@door(Can.VIEW_TEMPLATES)
def preview(request: SchoolRequest, number: int, audience: str) -> HttpResponse:
    """The form as keyworkers, students or families read it; nothing can be filled in here."""
    if audience not in AUDIENCES:
        raise Http404
    row = _version(request, number)
    form = _form(row)
    context = {
        "version": row,
        "audience": audience,
        "audiences": AUDIENCE_LABELS,
        "label": AUDIENCE_LABELS[audience],
        "domains": [
            (domain, domain.title_for(audience), [(one, one.wording(audience)) for one in domain.items])
            for domain in form.domains
        ],
        "answers": [one.wording(audience) for one in form.choices],
    }
    return render(request, "ilsa/form_preview.html", context)


@require_safe
@door(Can.VIEW_TEMPLATES)
def diff(request: SchoolRequest, number: int) -> HttpResponse:
    """What changed from an earlier version (`?from=`; the one before, unless asked) to this one."""
    row = _version(request, number)
    earlier = list(TemplateVersion.objects.published().filter(number__lt=row.number).order_by("-number"))
    asked = request.GET.get("from", "")
    before = next((one for one in earlier if str(one.number) == asked), earlier[0] if earlier else None)
    found = differences(before.content, row.content) if before else []
    context = {
        "version": row,
        "before": before,
        "earlier": earlier,
        "groups": [(where, list(group)) for where, group in groupby(found, key=lambda one: one.where)],
        "short": in_short(found),
    }
    return render(request, "ilsa/form_diff.html", context)


@require_safe
@door(Can.VIEW_TEMPLATES)
def export(request: SchoolRequest, number: int) -> HttpResponse:
    """The document as a file; the same version always gives the same bytes."""
    row = _version(request, number)
    name = f"independence-form-v{row.number}{'' if row.is_published else '-draft'}.json"
    return HttpResponse(
        in_bytes(row.content),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
