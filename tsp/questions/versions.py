"""The versions of the TSP form."""

from __future__ import annotations

from typing import Any

from keywork.models import User
from questionnaires.versions import Versions

from ..models import Proposal, TemplateVersion
from .questionnaire import TSP


def _waiting(user: User) -> dict[str, Any]:
    return {"waiting": Proposal.objects.filter(status=Proposal.Status.OPEN).count()}


FORM = Versions(TSP, TemplateVersion, beside=_waiting)
ensure_first_version = FORM.ensure_first_version
