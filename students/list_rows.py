"""The rows of the list of students, written here: fifty of them would keep a template busy for 8 ms."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from keywork.addresses import numbered
from keywork.templatetags.kw import badge, state_badge

from .models import Student

PLACEMENTS = dict(Student.Placement.choices)


def table_rows(students: Iterable[Student], *, shows_owed: bool) -> SafeString:
    """A `<tr>` for each student as the list's view has prepared it: `here`, `keyworker_name`, perhaps `owed`."""
    url = numbered("students:record")
    return mark_safe("".join([_row(student, url, shows_owed=shows_owed) for student in students]))


def _row(student: Student, url: str, *, shows_owed: bool) -> str:
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><a href="{url.format(student.pk)}">{escape(student.name)}</a></th>'
        f'<td role="cell" data-label="Year">{escape(student.year_label)}</td>'
        f'<td role="cell" data-label="Placement">{PLACEMENTS[student.placement]}</td>'
        f'<td role="cell" data-label="Keyworker">{_keyworker(student)}</td>'
        f"{_owed(student) if shows_owed else ''}</tr>\n"
    )


def _keyworker(student: Student) -> str:
    if student.keyworker_name:
        return escape(student.keyworker_name)
    return badge("info", "Nobody") if student.here else ""


def _owed(student: Student) -> str:
    state = getattr(student, "owed", None)
    words = f'{state_badge(state)}<span class="kw-when">{escape(state.headline)}</span>' if state else ""
    return f'<td role="cell" data-label="Next">{words}</td>'
