"""The rows of the whole log, written here: five hundred of them would keep a template busy for 25 ms."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import normalize_newlines

from keywork.templatetags.kw import clock_time, full_date_year
from keywork.timeline import Entry


def table_rows(entries: Iterable[Entry]) -> SafeString:
    """A `<tr>` for each entry: when, what, the words. Everything that somebody wrote is escaped."""
    return mark_safe("".join([_row(entry) for entry in entries]))


def _row(entry: Entry) -> str:
    at = f"<small>{clock_time(entry.at)}</small>" if entry.at else ""
    title = f'<a href="{escape(entry.url)}">{escape(entry.title)}</a>'
    about = [entry.who, *([entry.note] if entry.note else []), *([entry.seen_by] if entry.restricted else [])]
    return (
        f'<tr role="row"><th scope="row" role="rowheader">{full_date_year(entry.on)}{at}</th>'
        f'<td role="cell" data-label="What">{f"<s>{title}</s>" if entry.voided else title}'
        f'<span class="kw-when">{escape(" · ".join(about))}</span></td>'
        f'<td role="cell" data-label="Words">{_words(entry)}</td></tr>\n'
    )


def _words(entry: Entry) -> str:
    if entry.voided:
        return f"Crossed out: {escape(entry.voided)}"
    words = escape(normalize_newlines(entry.text)).replace("\n", "<br>")
    if entry.agreed:
        words += f" <strong>Agreed:</strong> {escape(entry.agreed)}"
    if entry.tags:
        words += f'<span class="kw-when">{escape(", ".join(entry.tags))}</span>'
    return words
