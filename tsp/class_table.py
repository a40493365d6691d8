"""The rows of the class view, written here: four hundred of them would keep a template busy for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from keywork.dates import day_in_full, london_date
from keywork.templatetags.kw import badge, icon_svg

from .completeness import Asked, Row, in_words, state_words
from .templates import Template

NOBODY = badge("info", "Nobody")
# What each head sorts by; the name breaks ties, as the rows come in its order.
SORTS: Mapping[str, tuple[str, Callable[[Row], Any]]] = {
    "student": ("Student", lambda row: ()),
    "keyworker": ("Keyworker", lambda row: (not row.keyworker, row.keyworker)),
    "window": ("Ratings", lambda row: (row.done_on is not None, row.answered, row.is_begun)),
    "tools": ("Soft tools", lambda row: row.tools_in),
    "input": ("Team input", lambda row: (row.input_answered, -row.asked)),
    "goals": ("Goals agreed", lambda row: row.goals),
    "missing": ("Missing", lambda row: len(row.missing)),
}


def in_order(rows: Iterable[Row], sort: str) -> list[Row]:
    """Sorted by one head; "-window" turns it round. An unknown head leaves them by name."""
    found = list(rows)
    head = SORTS.get(sort.removeprefix("-"))
    if head is not None:
        found.sort(key=head[1], reverse=sort.startswith("-"))
        if sort == "-student":
            found.reverse()
    return found


@dataclass(frozen=True, slots=True)
class _Page:
    """What every row needs. Addresses are made once, with a 0 in the place of the student."""

    asked: Asked
    form: Template
    today: date
    chases: bool
    hidden: str
    workspace: str
    chase: str


def table_rows(
    rows: Iterable[Row], asked: Asked, form: Template, today: date, *, token: str, chases: bool, query: str
) -> SafeString:
    """A `<tr>` for each student. `token` is the CSRF token of the buttons, `query` what leads back here."""
    page = _Page(
        asked=asked,
        form=form,
        today=today,
        chases=chases,
        hidden=f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(token)}">',
        workspace=reverse("tsp:workspace", args=[0, asked.term.id, asked.kind]),
        chase=f"{reverse('tsp:chase', args=[0])}?{escape(query)}",
    )
    return mark_safe("".join([_row(row, page) for row in rows]))


def _row(row: Row, page: _Page) -> str:
    level, word, note = state_words(row, page.today, page.asked)
    student = row.student
    name = escape(student.name)
    url = page.workspace.replace("/0/", f"/{student.pk}/", 1)
    left = (
        f" · left {day_in_full(student.left_on, page.today)}" if student.left_on and not row.on_roll else ""
    )
    begun = f"{row.areas} of {row.areas_of} areas"
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><a href="{url}">{name}</a>'
        f"<small>{escape(student.year_label)}{left}</small></th>"
        f'<td role="cell" data-label="Keyworker">{escape(row.keyworker) or NOBODY}</td>'
        f'<td role="cell" data-label="Ratings">{badge(level, word)}'
        f'<span class="kw-when">{begun}{f"; {note}" if note else ""}</span></td>'
        f'<td role="cell" data-label="Soft tools">{_tools(row)}</td>'
        f'<td role="cell" data-label="Team input">{_input(row)}</td>'
        f'<td role="cell" data-label="Goals agreed">{_goals(row)}</td>'
        f'<td role="cell" data-label="Missing">{_missing(row, page, name)}</td></tr>\n'
    )


def _tools(row: Row) -> str:
    """How many are in; what is begun or declined by name. What is missing stands in the last column."""
    if not row.tools:
        return '<span class="kw-soft">None now</span>'
    names = "; ".join(
        f"{escape(title)}: {state}" for _, title, state in row.tools if state in ("declined", "begun")
    )
    return f"{row.tools_in} of {len(row.tools)}" + (f'<span class="kw-when">{names}</span>' if names else "")


def _input(row: Row) -> str:
    if not row.asked:
        return '<span class="kw-soft">Nobody asked</span>'
    cannot = f'<span class="kw-when">{row.cannot} cannot</span>' if row.cannot else ""
    return f"{row.input_answered} of {row.asked}{cannot}"


def _goals(row: Row) -> str:
    drafted = f'<span class="kw-when">{row.goals_drafted} being written</span>' if row.goals_drafted else ""
    return f"{row.goals}{drafted}"


def _missing(row: Row, page: _Page, name: str) -> str:
    if not row.missing:
        is_owed = row.due_on is not None or row.is_begun
        return badge("ok", "Complete") if is_owed and page.today >= page.asked.opens_on else ""
    words = ", ".join(in_words(row.missing, page.form))
    said = (
        '<details class="kw-why" name="why"><summary>'
        f'<span class="kw-state is-open">{len(row.missing)} missing</span>{icon_svg("chevron-down")}</summary>'
        f"<div><p>{escape(words[:1].upper() + words[1:])}.</p></div></details>"
    )
    told_today = False
    if row.chased_at is not None:
        chased_on = london_date(row.chased_at)
        told_today = chased_on == page.today
        said += f'<span class="kw-when">Chased on {day_in_full(chased_on, page.today)}</span>'
    if not page.chases or told_today or row.keyworker_id is None or not row.on_roll:
        return said
    action = page.chase.replace("/0/", f"/{row.student.pk}/", 1)
    return (
        f'{said}<form method="post" action="{action}">{page.hidden}<button class="btn btn-quiet" type="submit">'
        f'Chase<span class="visually-hidden"> the keyworker of {name}</span></button></form>'
    )
