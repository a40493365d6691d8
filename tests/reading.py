"""A page as a browser reads it: where the lines of a template end is not to be seen in it."""

from __future__ import annotations

import re
from functools import lru_cache

# Their white space is what somebody typed, or is code.
KEPT = re.compile(r"(<(?:textarea|pre|script|style)\b.*?</(?:textarea|pre|script|style)>)", re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
BROKEN = re.compile(r"<[^<>]* (?: |(?=>))[^<>]*>")  # more than one space stands in it, or one before its end
IN_TAG = re.compile(r"""("[^"]*"|'[^']*')|\s+(>?)""")
BLOCK = (
    r"</?(?:address|article|aside|blockquote|body|br|caption|col|colgroup|dd|details|dialog|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|noscript|ol|optgroup"
    r"|option|p|section|select|summary|table|tbody|td|template|tfoot|th|thead|title|tr|ul)\b[^<>]*>"
    r'|<span class="kw-when"[^<>]*>'  # a line of its own
)
BEFORE_BLOCK, AFTER_BLOCK = re.compile(f" (?={BLOCK})"), re.compile(f"({BLOCK}) ")


def _in_tag(found: re.Match[str]) -> str:
    return found[1] or found[2] or " "


def _tidied(tag: re.Match[str]) -> str:
    return IN_TAG.sub(_in_tag, tag[0])


def _in_one_line(text: str) -> str:
    """With a space where lines ended, however many of them were empty and however far the next was moved in."""
    *ended, last = text.split("\n")
    if not ended:
        return last
    first, *others = (line.rstrip(" \t") for line in ended)
    return " ".join([first, *filter(None, (line.lstrip() for line in others)), last.lstrip()])


@lru_cache(maxsize=256)  # most refusals are the same page
def as_read(html: str) -> str:
    """The page with each line break as one space, and none beside the tags that begin and end a block."""
    pieces = KEPT.split(html)
    for n, piece in enumerate(pieces):
        if n % 2:
            pieces[n] = TAG.sub(_tidied, piece, count=1)
        else:
            piece = BROKEN.sub(_tidied, _in_one_line(piece))
            pieces[n] = BEFORE_BLOCK.sub("", AFTER_BLOCK.sub(r"\1", piece))
    return "".join(pieces)
