"""Reading an uploaded template: hostile until proved whole."""

from __future__ import annotations

from questionnaires import upload
from questionnaires.checks import Doc

from .template_doc import whole
from .template_schema import problems


def parse(raw: bytes) -> Doc:
    """An uploaded file as a whole, checked document. Raises NotATemplate."""
    return whole(upload.parse(raw, problems))
