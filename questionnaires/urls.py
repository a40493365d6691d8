"""The addresses of the pages about one form."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import editor, views
from .versions import Versions


def pages(versions: Versions) -> list[URLPattern]:
    """To stand among the urlpatterns of the app whose form it is, in its namespace."""
    form = versions.form
    of = {"versions": versions}
    answers = form.answers.name
    found = [
        path("form/", views.all_versions, of, name="templates"),
        path("form/versions/<int:number>/", views.version, of, name="template"),
        path("form/versions/<int:number>/as/<slug:audience>/", views.preview, of, name="preview"),
        path("form/versions/<int:number>/changes/", views.diff, of, name="diff"),
        path("form/versions/<int:number>/export/", views.export, of, name="export"),
        path("form/draft/start/", views.start, of, name="start_draft"),
        path("form/draft/discard/", views.discard, of, name="discard_draft"),
        path("form/draft/publish/", views.publish, of, name="publish"),
        path("form/draft/import/", views.import_draft, of, name="import"),
        path(f"form/draft/{answers}/", editor.answers_edit, of, name=f"{answers}_edit"),
    ]
    for kind in form.sections:
        each = {**of, "kind": kind}
        name, asked = kind.name, kind.question
        section = f"form/draft/{name}s/<slug:section>/"
        question = f"{section}<slug:slug>/" if kind.alone else f"form/draft/{asked}s/<slug:slug>/"
        if not kind.stay:
            found += [
                path(f"form/draft/new-{name}/", editor.section_add, each, name=f"{name}_add"),
                path(f"{section}move/", editor.section_move, each, name=f"{name}_move"),
            ]
        found += [
            path(section, editor.section_edit, each, name=f"{name}_edit"),
            path(f"{section}new/", editor.question_add, each, name=f"{asked}_add"),
            path(question, editor.question_edit, each, name=f"{asked}_edit"),
            path(f"{question}move/", editor.question_move, each, name=kind.moves),
        ]
    return found
