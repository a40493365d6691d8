"""Asking for another keyworker, and answering; what one keyworker leaves to the next."""

from __future__ import annotations

from django.db import transaction

from keywork import clock
from keywork.access import ANSWER_LINE, Can, allows
from keywork.errors import Refused
from keywork.models import User
from outbox import actions as outbox

from ..models import ChangeRequest, HandOverNote, Student


def readers(student: Student) -> list[User]:
    """Who reads and answers it, the Heads or who stands in for them: never the student's own family.

    The twin of ChangeRequest.objects.answered_by.
    """
    able = User.objects.filter(is_active=True, roles__overlap=list(ANSWER_LINE)).order_by("in_order", "pk")
    able_here = [one for one in able if allows(one, Can.ANSWER_REQUESTS, student)]
    in_line = ([one for one in able_here if role in one.roles] for role in ANSWER_LINE)
    return next((found for found in in_line if found), [])


@transaction.atomic
def ask_for_change(*, student: Student, words: str, by: User) -> ChangeRequest:
    """Only the `readers` read it. Raises Refused while an earlier one waits, and where nobody could read it."""
    if not readers(student):
        raise Refused("There is nobody here who could read it just now", "words")
    Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if ChangeRequest.objects.filter(student=student, answered_at__isnull=True).exists():
        raise Refused("This was asked already, and the answer is still to come", "words")
    made = ChangeRequest.objects.create(
        student=student, words=words.strip(), asked_by=by, asked_at=clock.now()
    )
    outbox.do("students.change_asked", request=made.pk)
    return made


@transaction.atomic
def answer_change(*, request: ChangeRequest, outcome: str, answer: str, by: User) -> ChangeRequest:
    """What becomes of it, and the words that the student reads. Raises Refused where it has its answer."""
    row = ChangeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.answered_at is not None:
        raise Refused("This has its answer already", "answer")
    row.outcome, row.answer = outcome, answer.strip()
    row.answered_by, row.answered_at = by, clock.now()
    row.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
    return row


def note_answers_read(*, student: Student) -> None:
    """The student has seen every answer that there is."""
    unread = ChangeRequest.objects.filter(student=student, answered_at__isnull=False, read_at__isnull=True)
    for row in unread:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])


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
