"""What of plans, meetings and documents the list of openings tells: the names of those that its reader may read."""

from __future__ import annotations

import re
from typing import Any

from keywork.audit import Tell

from .documents.models import FiledDocument
from .models import Meeting
from .plans.permissions import kinds_read
from .sharing import items

# "Risk profile and management, version 3, on paper"; of an EHC plan "version 3" and "PDF of version 3".
_PLAN = re.compile(r"(?:(?P<name>.+), )?(?P<rest>(?:PDF of )?version \d+(?:, at home|, on paper)?)")
_FILE = re.compile(r"plan-(?P<kind>[\w-]+?)-(?P<rest>version-\d+ as a Word file)")

FORM, BACK = "its form", "the form to take it back"
PAGES = {
    "plan add": "form of an EHC plan", "plan edit": FORM, "outcome add": "form of an outcome", "outcome edit": FORM,
    "outcome status": "where it stands", "outcome remove": BACK, "checklist end": "the form to end it", "point": FORM,
    "meeting add": "form of a meeting", "decision add": "form of a decision", "decision withdraw": BACK,
    "decision said": "what home says", "decision reply": "an answer to home", "review add": "form of a review",
    "review move": "another date", "review void": BACK, "review step": "a step", "review person add": "an invitation",
    "review person": FORM, "review person again": "a reminder", "review person out": BACK, "review change": FORM,
    "review change add": "form of a change", "cycle add": "form of a cycle of support", "cycle": FORM, "cycle void": BACK,
    "assessment add": "form of a request for assessment", "assessment edit": FORM, "assessment void": BACK,
    "document add": "form of a document", "document void": BACK, "share": "the form to show it to a colleague",
    "resource add": "form of something given", "resource edit": FORM, "tried add": "form of what was tried",
    "tried void": BACK, "kept write": "form of a plan", "kept end": "the form to end it",
}  # fmt: skip


def plan(reader: Any, student: Any) -> Tell:
    names = {str(kind.name) for kind in kinds_read(reader, student)}

    def tell(detail: str) -> str:
        found = _PLAN.fullmatch(detail)
        if found is None:
            return ""
        return detail if found["name"] is None or found["name"] in names else found["rest"]

    return tell


def plan_file(reader: Any, student: Any) -> Tell:
    """Of rows of exports."""
    slugs = {kind.slug for kind in kinds_read(reader, student)}

    def tell(detail: str) -> str:
        found = _FILE.fullmatch(detail)
        return f"plan-{found['rest']}" if found is not None and found["kind"] not in slugs else detail

    return tell


def document(reader: Any, student: Any) -> Tell:
    rows = FiledDocument.objects.readable_by(reader).filter(student=student)
    titles = set(rows.values_list("title", flat=True))
    return lambda detail: detail if detail.removeprefix("file of ") in titles else ""


def meeting(reader: Any, student: Any) -> Tell:
    rows = Meeting.objects.readable_by(reader).filter(student=student).distinct("kind").order_by("kind")
    names = {row.named.name for row in rows}
    return lambda detail: detail if detail in names else ""


def shown(_reader: Any, _student: Any) -> Tell:
    """What kind of thing was shown, never its title."""
    return lambda detail: detail if detail in (*items.KINDS, "no longer there") else ""
