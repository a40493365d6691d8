"""What WeasyPrint leaves open in the tags of a PDF, put right before the file is written (as its `finisher`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydyf import PDF
    from weasyprint.document import Document


def finish(document: Document, pdf: PDF) -> None:
    """Heads of tables say of which cells they are; names and what they are called stand in pairs in their list."""
    from pydyf import Dictionary  # loaded with WeasyPrint by now

    tags = {
        one.reference: one
        for one in pdf.objects
        if isinstance(one, Dictionary) and one.get("Type") == "/StructElem"
    }
    for tag in tags.values():
        around = tags.get(tag["P"])
        if around is None:
            continue
        if tag["S"] == "/TH":
            tag["A"]["Scope"] = "/Column" if tags[around["P"]]["S"] == "/THead" else "/Row"
        elif tag["S"] == "/Div" and around["S"] == "/L":  # <dl><div><dt>…</dt><dd>…</dd></div></dl>
            _pair(tag, tags)


def _pair(tag: dict[str, Any], tags: dict[bytes, dict[str, Any]]) -> None:
    """One item of a list: its label and what stands behind it, where each was an item of its own."""
    tag["S"] = "/LI"
    for number, reference in enumerate(tag["K"]):
        item = tags[reference]
        item["S"] = "/LBody" if number else "/Lbl"
        for inner in item["K"]:
            if inner in tags and tags[inner]["S"] == "/LBody":
                tags[inner]["S"] = "/NonStruct"
