"""Plans and documents as things that can be shown to a named person."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ..documents.models import FiledDocument
from ..plans.models import PlanVersion
from .items import Item


def plan(pk: int, reader: Any) -> Item | None:
    """The version of this key, while it is in force."""
    rows = PlanVersion.objects.newest()
    rows = rows if reader is None else rows.readable_by(reader)
    row = rows.filter(pk=pk).select_related("plan__student").first()
    if row is None:
        return None
    title = f"{row.plan.of_kind.name}, version {row.number}"
    parts = [(name, words) for _, name, words in row.sections]
    url = reverse("care:kept", args=[row.plan.student_id, row.plan.kind])
    return Item(row.plan.student, title, parts, url)


def document(pk: int, reader: Any) -> Item | None:
    """With the words of its file; the file itself stays on the record."""
    rows = FiledDocument.objects.standing()
    rows = rows if reader is None else rows.readable_by(reader)
    row = rows.filter(pk=pk).select_related("student").first()
    if row is None:
        return None
    said = [("Its words", row.words), ("In the file", row.text)]
    parts = [("From", row.author), *((name, words) for name, words in said if words)]
    return Item(row.student, row.title, parts, reverse("care:document", args=[row.student_id, row.pk]))
