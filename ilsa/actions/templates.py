"""Writing the form of the assessment: the first version."""

from __future__ import annotations

import hashlib
from typing import Any

from django.apps import apps as installed

from keywork import clock

from .. import template_doc
from ..models import TemplateVersion
from ..template_doc import Doc

FIRST_NOTE = "The form supplied with Keywork."


def digest_of(content: Doc) -> str:
    return hashlib.sha256(template_doc.in_bytes(content)).hexdigest()


def ensure_first_version(model: Any = TemplateVersion) -> bool:
    """Publish the form supplied with Keywork as version 1 if there is no version at all; True if it was needed."""
    if model.objects.exists():
        return False
    content = template_doc.shipped()
    now = clock.now()
    model.objects.create(
        number=1,
        status="published",
        content=content,
        digest=digest_of(content),
        note=FIRST_NOTE,
        started_at=now,
        changed_at=now,
        published_at=now,
    )
    return True


def after_migrate(*, apps: Any = installed, **kwargs: Any) -> None:
    """Receiver of post_migrate; does nothing where the migrations just run leave no such table."""
    try:
        model = apps.get_model("ilsa", "TemplateVersion")
    except LookupError:
        return
    ensure_first_version(model)
