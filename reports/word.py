"""A report as a Word file, to be finished there: the words and tables of its page, without its pictures."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

from keywork.typed import for_word

from .authority.package import packed

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word(html: str, *, title: str, author: str, made_at: datetime) -> bytes:
    """The page as .docx. What a picture shows stands in words beside it, so that nothing is lost with it."""
    from html4docx import HtmlToDocx  # with python-docx, for whoever asks for a Word file and at no start

    body = re.search(r"<body[^>]*>(.*)</body>", html, flags=re.S)
    text = for_word(body.group(1) if body else html)
    text = re.sub(r"<(svg|style|img)\b.*?(?:</\1>|/?>)", "", text, flags=re.S)
    text = re.sub(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", r"<p>\1: \2</p>", text, flags=re.S)
    text = re.sub(r"</?(?:dl|main|header|article|section|colgroup|col)\b[^>]*>", "", text)
    document = HtmlToDocx().parse_html_string(text)
    about = document.core_properties
    about.title, about.author, about.language = for_word(title), for_word(author), "en-GB"
    about.created = about.modified = made_at.astimezone(UTC).replace(tzinfo=None)
    kept = io.BytesIO()
    document.save(kept)
    with zipfile.ZipFile(kept) as made:  # packed so that the same page is the same file
        return packed({name: made.read(name) for name in made.namelist()})
