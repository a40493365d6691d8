"""The versions of the form of the assessment."""

from __future__ import annotations

from typing import Any

from keywork.access import Can, has_capability
from keywork.models import User
from questionnaires.versions import Versions

from .models import TemplateVersion
from .questionnaire import ILSA


def _runs(user: User) -> dict[str, Any]:
    return {"runs": has_capability(user, Can.RUN_ILSA)}


FORM = Versions(ILSA, TemplateVersion, beside=_runs)
ensure_first_version = FORM.ensure_first_version
