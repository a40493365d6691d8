"""Writing the TSP form: the first version, one draft at a time, publishing it for good."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed

from questionnaires.checks import Doc
from questionnaires.drafts import Drafts

from .. import template_doc, template_edit, template_schema
from ..models import TemplateVersion

FORM = Drafts(
    model=TemplateVersion,
    supplied=template_doc.SUPPLIED,
    whole=template_doc.whole,
    in_bytes=template_doc.in_bytes,
    problems=template_schema.problems,
    unlike_before=template_schema.unlike_before,
)
ensure_first_version = FORM.ensure_first_version
ensure_plainer_words = FORM.ensure_plainer_words
latest_published = FORM.latest_published
digest_of = FORM.digest_of
start_draft = FORM.start
start_plainer_draft = FORM.start_plainer
plainer_left = FORM.plainer_left
change_draft = FORM.change
replace_draft = FORM.replace
discard_draft = FORM.discard
publish = FORM.publish


def after_migrate(*, apps: Any = installed, **kwargs: Any) -> None:
    """Receiver of post_migrate; does nothing where the migrations just run leave no such table.

    `flush` sends the signal without `apps`: then the table is there as installed.
    """
    try:
        model = apps.get_model("tsp", "TemplateVersion")
    except LookupError:
        return
    if not ensure_first_version(model):
        ensure_plainer_words(model)


def kept_fields(content: Doc, tool: str) -> frozenset[str]:
    """Slugs of one tool's fields in a published version."""
    return frozenset(field["slug"] for field in template_edit.tool_of(content, tool)["fields"])


def kept_areas(content: Doc) -> frozenset[str]:
    """Slugs of the areas of a published version."""
    return frozenset(area["slug"] for area in content["areas"])


def kept_items(content: Doc) -> frozenset[str]:
    """Slugs of the statements of a published version."""
    return frozenset(item["slug"] for area in content["areas"] for item in area["items"])
