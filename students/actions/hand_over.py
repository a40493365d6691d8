"""Hand-over notes: written by who goes or by the Head, read by who comes."""

from __future__ import annotations

from django.db import transaction

from keywork import clock
from keywork.models import User

from ..models import HandOverNote, Student


@transaction.atomic
def write_note(*, student: Student, words: str, by: User) -> HandOverNote:
    return HandOverNote.objects.create(
        student=student, words=words.strip(), written_by=by, written_at=clock.now()
    )


@transaction.atomic
def note_read(*, note: HandOverNote, by: User) -> None:
    """The first reader other than its writer stays who read it."""
    row = HandOverNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if row.read_at is None and row.written_by_id != by.pk:
        row.read_by, row.read_at = by, clock.now()
        row.save(update_fields=["read_by", "read_at"])
