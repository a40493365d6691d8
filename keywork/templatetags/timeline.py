"""Entries of a timeline as they stand on a page: `{% load timeline %}`.

Written here and not in a template, of which fifteen entries would be a third of a record's.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from keywork.timeline import Entry

from .kw import clock_time, full_date_year, icon_svg

register = template.Library()

_DOTS = ("ok", "missed", "info", "brand")  # levels whose dot has a colour


@register.simple_tag
def timeline_row(entry: Entry) -> SafeString:
    """One of `timeline_rows`."""
    return mark_safe(_row(entry))


@register.simple_tag
def timeline_rows(entries: Iterable[Entry]) -> SafeString:
    """An `<li>` of `ol.kw-timeline` for each entry. Everything that somebody wrote is escaped."""
    return mark_safe("".join([_row(entry) for entry in entries]))


def _row(entry: Entry) -> str:
    dot = f" is-{entry.level}" if entry.level in _DOTS else ""
    title = escape(entry.title)
    if entry.url:
        title = f'<a href="{escape(entry.url)}">{title}</a>'
    at = f", {clock_time(entry.at)}" if entry.at else ""
    by = "".join([f" · {escape(words)}" for words in (entry.who, entry.note) if words])
    return (
        f'<li><span class="kw-dot{dot}">{icon_svg(entry.icon)}</span>'
        f'<article class="kw-entry" hx-disable><h3>{f"<s>{title}</s>" if entry.voided else title}</h3>'
        f'<p class="kw-by">{full_date_year(entry.on)}{at}{by}</p>'
        f"{_crossed_out(entry) if entry.voided else _words(entry)}{_seen_by(entry)}</article></li>\n"
    )


def _crossed_out(entry: Entry) -> str:
    return f"<p><strong>{escape(entry.voided_as)}:</strong> {escape(entry.voided)}</p>"


def _words(entry: Entry) -> str:
    parts = []
    if entry.text:
        parts.append(linebreaks(entry.text, autoescape=True))
    if entry.agreed:
        parts.append(f"<p><strong>Agreed:</strong> {escape(entry.agreed)}</p>")
    if entry.shared:
        parts.append(f'<p class="kw-preview"><strong>Home sees:</strong> “{escape(entry.shared)}”</p>')
    if entry.act_url:
        about = f'<span class="visually-hidden">: {escape(entry.title)}</span>'
        link = f'<a class="kw-act" href="{escape(entry.act_url)}">{escape(entry.act)}{about}</a>'
        parts.append(f'<p class="kw-small">{link}</p>')
    if entry.tags:
        tags = "".join([f'<span class="kw-tag">{escape(tag)}</span> ' for tag in entry.tags])
        parts.append(f"<p>{tags}</p>")
    return "".join(parts)


def _seen_by(entry: Entry) -> str:
    if not entry.seen_by:
        return ""
    lock, eye = (" is-restricted", "lock-closed"), ("", "eye")
    css, icon = lock if entry.restricted else eye
    return f'<p class="kw-seen{css}">{icon_svg(icon)}{escape(entry.seen_by)}</p>'
