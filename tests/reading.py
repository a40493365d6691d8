"""A page as a browser reads it: where the lines of a template end is not to be seen in it."""

from __future__ import annotations

import re

# Their white space is what somebody typed, or is code.
KEPT = re.compile(r"(<(?:textarea|pre|script|style)\b.*?</(?:textarea|pre|script|style)>)", re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
IN_TAG = re.compile(r"""("[^"]*"|'[^']*')|\s+(>?)""")
BESIDE_BLOCK = re.compile(
    r" ?(</?(?:address|article|aside|blockquote|body|br|caption|col|colgroup|dd|details|dialog|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|noscript|ol|optgroup"
    r"|option|p|section|select|summary|table|tbody|td|template|tfoot|th|thead|title|tr|ul)\b[^<>]*>"
    r'|<span class="kw-when"[^<>]*>) ?'  # a line of its own
)


def _in_tag(found: re.Match[str]) -> str:
    return found[1] or found[2] or " "


def as_read(html: str) -> str:
    """The page with each line break as one space, and none beside the tags that begin and end a block."""
    pieces = KEPT.split(html)
    for n, piece in enumerate(pieces):
        kept = n % 2
        piece = TAG.sub(lambda tag: IN_TAG.sub(_in_tag, tag[0]), piece, count=kept)
        pieces[n] = piece if kept else BESIDE_BLOCK.sub(r"\1", re.sub(r"[ \t]*\n\s*", " ", piece))
    return "".join(pieces)
