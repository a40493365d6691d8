"""The rows of Oversight's table, written here: fifty of them would keep a template busy for 5 ms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe

from keywork.addresses import numbered
from keywork.duties import DutyState
from keywork.templatetags.kw import badge, icon_svg, state_badge

from .overview import Line, Row


def table_rows(rows: Iterable[Row], *, assigns: bool, away: Mapping[int, str]) -> SafeString:
    """A `<tr>` for each student. `assigns`: the reader may name a keyworker where there is none.

    `away`: the keyworkers who are away today, by id, with the words that say until when.
    """
    record_url, assign_url = numbered("students:record"), numbered("portal:assign")
    return mark_safe("".join([_row(row, record_url, assign_url if assigns else "", away) for row in rows]))


def _row(row: Row, record_url: str, assign_url: str, away: Mapping[int, str]) -> str:
    student = row.student
    url = record_url.format(student.pk)
    cells = "".join([_cell(state, student, url) for state in row.states])
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><a href="{url}">{escape(student.name)}</a>'
        f"<small>{escape(student.year_label)} · {student.placement_label}</small></th>"
        f'<td role="cell" data-label="Keyworker">{_keyworker(row, assign_url, away)}</td>{cells}</tr>\n'
    )


def _keyworker(row: Row, assign_url: str, away: Mapping[int, str]) -> str:
    if row.keyworker:
        until = away.get(row.keyworker_id or 0)
        said = f'<span class="kw-when">{escape(until)}</span>' if until else ""
        return escape(row.keyworker) + said
    nobody = badge("info", "Nobody")
    if not assign_url:
        return nobody
    url, name = assign_url.format(row.student.pk), escape(row.student.name)
    words = f'Assign<span class="visually-hidden"> a keyworker to {name}</span>'
    return f'{nobody} <a class="kw-small kw-act" href="{url}">{words}</a>'


def _cell(state: DutyState, student: Line, record_url: str) -> str:
    note = f'<span class="kw-when">{escape(state.note)}</span>' if state.note else ""
    head = f'<td role="cell" data-label="{escape(state.name)}"'
    if state.is_plain:
        return f'{head} class="is-quiet">{state_badge(state)}{note}</td>'
    reasons = "".join([f"<p>{escape(reason)}</p>" for reason in state.reasons])
    return (
        f'{head}><details class="kw-why" name="why"><summary>{state_badge(state)}{icon_svg("chevron-down")}</summary>'
        f'<div class="kw-stack is-tight"><p><strong>Why?</strong></p>{reasons}'
        f'<p><a href="{record_url}">Open {escape(student.known_as)}’s timeline</a></p></div></details>{note}</td>'
    )
