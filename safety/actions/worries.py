"""A worry is said, seen, taken and closed. Every page on which a student can say it calls `open_worry`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from keywork import clock, school
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from keywork.words import filled, worded
from outbox import actions as outbox
from students.models import Student

from .. import worry_audience
from ..models import Worry, WorryReader

LONGEST = 2000


@transaction.atomic
def open_worry(
    *,
    by: User,
    student: Student,
    source: str,
    words: str = "",
    about_staff: bool = False,
    left_out: Iterable[int] = (),
    source_id: int | None = None,
) -> Worry:
    """The worry as it stands for those who see it, who are told at once by e-mail without content.

    `left_out` are ids of those whom the student keeps it from. Where that is everybody who leads, the headteacher or
    the Head of Social Education sees it in their place; somebody has to remain. The same said again while it is open
    is the same worry. Raises Refused.
    """
    at_home = source == Worry.Source.HOME
    if at_home and not allows(by, Can.VIEW_FAMILY_HOME, student):
        raise Refused("Ring the school, please")
    if not at_home and not (allows(by, Can.VIEW_MY_PAGE, student) or allows(by, Can.FILL_SHEETS, student)):
        raise Refused(worded("Only the student can say this"))
    words = words.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(words) > LONGEST:
        raise Refused(filled("Keep it to {most} characters", most=LONGEST), "words")
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    everyone = worry_audience.audience(student)
    out = {user.pk for user in everyone.everyone if user.pk in set(left_out)}
    readers = everyone.readers(about_staff=about_staff, out=out)
    if at_home:  # who leads decides who else is told what home said
        readers = [one for one in readers if one[1] != WorryReader.Why.KEYWORKER]
    if everyone.leads and all(why == WorryReader.Why.KEYWORKER for _, why in readers):
        can_see = {*everyone.leads, *everyone.headteachers, *everyone.instead}
        raise Refused(
            "Somebody who keeps you safe has to see it. Leave one of them in"
            if len(can_see) > 1
            else filled(
                "Here only {names} can get it. "
                "Is it about them? Tell another adult now, or ring Childline on 0800 1111",
                names=everyone.names_of_leads,
            ),
            "left_out",
        )
    same = _same(by, student, source, source_id, words, about_staff, out)
    if same is not None:
        return same
    worry = Worry.objects.create(
        student=student,
        source=source,
        source_id=source_id,
        words=words,
        about_staff=about_staff,
        said_at=clock.now(),
        written_by=by,
    )
    kept_from = [
        (user, WorryReader.Why.LEAD if "dsl" in user.roles else WorryReader.Why.KEYWORKER)
        for user in everyone.everyone
        if user.pk in out
    ]
    WorryReader.objects.bulk_create(
        WorryReader(worry=worry, user=user, why=why, left_out=left_out)
        for people, left_out in ((readers, False), (kept_from, True))
        for user, why in people
    )
    _notify(worry)
    return worry


def _notify(worry: Worry) -> None:
    outbox.do("safety.worry", worry=worry.pk)
    minutes = school.load().policy(clock.today()).worry_answer_minutes
    outbox.do("safety.worry_waits", due_at=worry.said_at + timedelta(minutes=minutes), worry=worry.pk)


def _same(
    by: User,
    student: Student,
    source: str,
    source_id: int | None,
    words: str,
    about_staff: bool,
    out: set[int],
) -> Worry | None:
    """What was said already, is open and holds at least this: pressed twice, or saved again unchanged."""
    rows = Worry.objects.open().filter(
        student=student, source=source, source_id=source_id, about_staff=about_staff
    )
    if source == Worry.Source.HOME:
        rows = rows.filter(written_by=by)
    for one in rows.prefetch_related("readers"):
        if words in ("", one.words) and out == {row.user_id for row in one.readers.all() if row.left_out}:
            return one
    return None


@transaction.atomic
def note_opened(*, by: User, worry: Worry) -> None:
    """Somebody has read it: the student is told who."""
    row, made = WorryReader.objects.get_or_create(
        worry=worry, user=by, defaults={"why": WorryReader.Why.LEAD, "opened_at": clock.now()}
    )
    if not made and row.opened_at is None:
        row.opened_at = clock.now()
        row.save(update_fields=["opened_at"])


@transaction.atomic
def take(*, by: User, worry: Worry) -> Worry:
    """They have it, and have not finished. It stays open for everybody who sees it. Raises Refused."""
    row = _locked(by, worry)
    row.taken_by, row.taken_at = by, clock.now()
    row.save(update_fields=["taken_by", "taken_at"])
    return row


@transaction.atomic
def close(*, by: User, worry: Worry, done: Iterable[str]) -> Worry:
    """What was done: one or more of a short choice, and no case notes. Raises Refused."""
    row = _locked(by, worry)
    chosen = [one for one in Worry.Done.values if one in set(done)]
    if not chosen:
        raise Refused("Choose what was done", "done")
    row.done, row.done_by, row.done_at = chosen, by, clock.now()
    row.save(update_fields=["done", "done_by", "done_at"])
    return row


def _locked(by: User, worry: Worry) -> Worry:
    row = Worry.objects.select_for_update(of=("self",)).get(pk=worry.pk)
    if not worry_audience.seen_by(by).filter(pk=row.pk).exists() or not worry_audience.answers(by, row):
        raise Refused("Only somebody who leads safeguarding says what was done")
    if row.done_at is not None:
        who = row.done_by.name if row.done_by else "Somebody"
        raise Refused(f"{who} has already said what was done")
    return row
