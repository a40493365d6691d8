"""Writing the form of the assessment: the first version, one draft at a time, publishing it for good."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed

from questionnaires.drafts import Drafts

from .. import template_doc, template_schema
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
the_draft = FORM.the_draft
start_draft = FORM.start
start_plainer_draft = FORM.start_plainer
plainer_left = FORM.plainer_left
change_draft = FORM.change
replace_draft = FORM.replace
discard_draft = FORM.discard
publish = FORM.publish


def after_migrate(*, apps: Any = installed, **kwargs: Any) -> None:
    """Receiver of post_migrate; does nothing where the migrations just run leave no such table."""
    try:
        model = apps.get_model("ilsa", "TemplateVersion")
    except LookupError:
        return
    if not ensure_first_version(model):
        ensure_plainer_words(model)
