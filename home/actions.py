"""What students alone say: that they are done with a sheet, who at home sees it, that it is not right, how they feel."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from keywork import clock
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from keywork.words import filled, worded
from safety.actions.worries import Refused as NotTold
from safety.actions.worries import open_worry
from safety.models import Worry
from students.models import Student
from students.people_at_home import chosen, people_at_home
from tsp.models import Answer, Feeling, Sheet
from tsp.sheets.actions import finish
from tsp.sheets.answers import NOT_RIGHT, locked, write_answer
from tsp.sheets.soft_tools import ASKED_TO_SHARE, STUDENT_TOOLS

LONGEST_FEELING = 200
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
        raise Refused(filled("Keep it to {most} characters", most=LONGEST_NOTE), "words")
    before = Answer.objects.filter(sheet=row, field=NOT_RIGHT).first()
    return write_answer(by=by, sheet=row, name=NOT_RIGHT, value=words, answer=before)


@transaction.atomic
def say_feeling(
    *,
    by: User,
    student: Student,
    word: str,
    words: str,
    not_safe: bool,
    share: Iterable[int] = (),
    about_staff: bool = False,
    left_out: Iterable[int] = (),
) -> Feeling:
    """What they say now stands for today; nothing is said for another day. Raises Refused.

    `share` are the family members (ids) who may see it. Where they do not feel safe, home does not see it, and what they wrote goes to those who
    keep them safe and to nobody else (safety.actions.worries, with `about_staff` and `left_out`).
    """
    row, today = _today(by, student), clock.today()
    if not student.is_on_roll(today):
        raise Refused("This is for days at this school")
    if word not in Feeling.Word.values:
        raise Refused("Choose a face", "word")
    words = " ".join(words.replace("\x00", "").split())
    if len(words) > LONGEST_FEELING:
        raise Refused(filled("Keep it to {most} characters", most=LONGEST_FEELING), "words")
    row = row or Feeling(student=student, on=today)
    if not_safe:
        try:
            open_worry(
                by=by,
                student=student,
                source=Worry.Source.FEELING,
                words=words,
                about_staff=about_staff,
                left_out=left_out,
            )
        except NotTold as refused:
            raise Refused(str(refused), refused.field) from None
        words = ""
    row.word, row.words, row.not_safe = word, words, not_safe
    row.shared_with = [] if not_safe else chosen(people_at_home(student, today), share)
    row.share_with_home = bool(row.shared_with)
    row.said_at, row.taken_back_at = clock.now(), None
    if not_safe and row.not_safe_at is None:
        row.not_safe_at = row.said_at
    row.save()
    return row


@transaction.atomic
def take_back(*, by: User, student: Student) -> Feeling:
    """What they said today is gone from every page. Raises Refused when there is nothing."""
    row = _today(by, student)
    if row is None or row.taken_back_at is not None:
        raise Refused("There is nothing of today to take back")
    row.taken_back_at, row.share_with_home, row.shared_with = clock.now(), False, []
    row.save(update_fields=["taken_back_at", "share_with_home", "shared_with"])
    return row


def _today(by: User, student: Student) -> Feeling | None:
    """Today's row, locked with its student: two windows of theirs wait for each other."""
    if not allows(by, Can.VIEW_MY_PAGE, student):
        raise Refused(worded("Only the student says how they feel"))
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    return Feeling.objects.select_for_update(of=("self",)).filter(student=student, on=clock.today()).first()
