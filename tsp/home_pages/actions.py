"""What only the student says of a sheet: that they are done, whether home may see it, and whether it is right."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from keywork.errors import Refused
from keywork.models import User

from ..models import Answer, Sheet
from ..questions.bound_questions import Stored
from ..sheets.actions import finish
from ..sheets.answers import locked, write_answer
from ..sheets.soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS
from .student_pages import NOT_RIGHT

LONGEST_NOTE = 1000


@transaction.atomic
def hand_in(*, by: User, sheet: Sheet, share: Iterable[int | str] | None) -> Sheet:
    """The student is done. Where they are asked who at home may see it they say so each time, not once for all.

    `share` are ids of family members, none for nobody; None is no answer.

    Raises Refused (`field` "share" when that is missing), NotWhole when nothing is written.
    """
    if sheet.tool in ASKED_TO_SHARE and share is None:
        raise Refused("Choose who may see it, or nobody", "share")
    return finish(by=by, sheet=sheet, share=share)


@transaction.atomic
def say_not_right(*, by: User, sheet: Sheet, words: str) -> Answer:
    """What an adult wrote for the student is not right, in the student's words. Raises Refused."""
    row = locked(sheet, by)
    if row.tool not in STUDENT_TOOLS or row.done_at is None or row.wording != Sheet.Wording.STAFF:
        raise Refused("There is nothing to check here")
    words = words.replace("\x00", "").strip()
    if not words:
        raise Refused("Write what is not right. A few words are enough", "words")
    if len(words) > LONGEST_NOTE:
        raise Refused(f"Keep it to {LONGEST_NOTE} characters", "words")
    before = Answer.objects.filter(sheet=row, field=NOT_RIGHT).first()
    return write_answer(by=by, sheet=row, name=NOT_RIGHT, value=words, answer=before)


def note_of(stored: dict[str, Stored]) -> Stored | None:
    """What the student said was not right, if they did."""
    return stored.get(NOT_RIGHT)
