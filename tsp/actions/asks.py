"""Asking colleagues and people outside for their part of the team input, and what becomes of an ask.

A parent or carer is asked in tsp.actions.asks_home; the link, the code and their end are those of this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from keywork import clock, outside, quiet
from keywork.access import shut_out
from keywork.dates import london_date
from keywork.errors import Refused
from keywork.models import Assignment, User
from keywork.outside import digest
from students.models import Student

from .. import asking
from ..models import Ask, Sheet, Tool
from ..models.sheet import SheetQuerySet
from .ask_mails import ASKED, write

# Whom a keyworker may ask inside the school: those who have a part in the round-up (domain 2.4).
ASKED_KINDS = (Assignment.Kind.MENTOR, Assignment.Kind.CORE, Assignment.Kind.TEACHER)


def colleagues(student: Student) -> list[Assignment]:
    """The posts of today's mentor, core team and teachers, each person once; never the student's own family."""
    rows = (
        Assignment.objects.current(clock.today())
        .filter(student=student, kind__in=ASKED_KINDS, user__is_active=True)
        .select_related("user")
        .order_by("user__in_order", "user_id", "kind")
    )
    once = {row.user_id: row for row in reversed(rows)}
    family = {
        user_id for user_id, student_id in shut_out(row.user for row in rows) if student_id == student.pk
    }
    return [
        row for row in sorted(once.values(), key=lambda row: row.user.in_order) if row.user_id not in family
    ]


def state_of(ask: Ask, barred: bool | None = None) -> asking.State:
    """How this ask stands now. `barred` is what AskQuerySet.barred says of it, where that is known already."""
    if barred is None:
        barred = is_barred(ask)
    return asking.state_of(
        answered_at=ask.answered_at,
        excused_at=ask.excused_at,
        taken_back_at=ask.taken_back_at,
        expires_at=ask.expires_at,
        tries=ask.tries,
        now=clock.now(),
        barred=barred,
    )


def is_barred(ask: Ask) -> bool:
    """Is this a parent or carer who may not be written to about the student today?"""
    return ask.member_id is not None and Ask.objects.barred(clock.today()).filter(pk=ask.pk).exists()


@transaction.atomic
def ask_colleagues(
    *,
    by: User,
    student: Student,
    term: str,
    people: Iterable[User],
    areas: Sequence[str],
    question: str,
    answer_by: date,
) -> list[Ask]:
    """One ask each, and a mail each. Raises Refused for who has no part in the student, or is asked already."""
    chosen = list(people)
    if not chosen:
        raise Refused("Choose whom to ask", "people")
    if answer_by < clock.today():
        raise Refused("Choose today or a later day", "answer_by")
    allowed = {row.user_id for row in colleagues(student)}
    strangers = [user.name for user in chosen if user.pk not in allowed]
    if strangers:
        raise Refused(f"{strangers[0]} is no longer in the team of {student.known_as}", "people")
    made = []
    for user in chosen:
        try:
            with transaction.atomic():
                made.append(
                    Ask.objects.create(
                        student=student,
                        term=term,
                        user=user,
                        areas=list(areas),
                        question=question.strip(),
                        asked_at=clock.now(),
                        asked_by=by,
                        answer_by=answer_by,
                    )
                )
        except IntegrityError as error:
            raise Refused(f"{user.name} has been asked already and has not answered", "people") from error
    for ask in made:
        write(ask)
    return made


@transaction.atomic
def ask_outside(
    *,
    by: User,
    student: Student,
    term: str,
    name: str,
    role: str,
    email: str,
    areas: Sequence[str],
    question: str,
    days: int,
) -> tuple[Ask, str]:
    """A link by mail, and the code that goes with it, which only the caller ever sees. Raises Refused."""
    email = email.strip().lower()
    if days not in outside.LINK_DAYS:
        raise Refused("Choose how long the link lasts", "days")
    if not areas and not question.strip():
        raise Refused("Choose an area or write a question", "areas")
    # Two people asking the same professional wait for each other.
    Student.objects.select_for_update().get(pk=student.pk)
    if _asked_outside(student, term, email):
        raise Refused("This person has been asked already. Make a new code or link for them instead", "email")
    return send_link(
        by=by,
        student=student,
        term=term,
        days=days,
        name=name.strip(),
        role=role.strip(),
        email=email,
        areas=list(areas),
        question=question.strip(),
    )


def send_link(*, by: User, student: Student, term: str, days: int, **whom: Any) -> tuple[Ask, str]:
    """An ask with a link in the mail; and its code, which is kept nowhere. Inside a transaction."""
    ask = Ask(student=student, term=term, asked_at=clock.now(), asked_by=by, **whom)
    code = ASKED.new_code(ask)
    ASKED.new_address(ask)
    ask.answer_by = ASKED.lasts(ask, days)
    ask.save()
    write(ask)
    return ask, code


def _asked_outside(student: Student, term: str, email: str) -> bool:
    """Is there an ask of this address that has not ended in some way? An ended link is renewed, not doubled."""
    asks = Ask.objects.waiting().of_the_team()
    return asks.filter(student=student, term=term, email=email).exists()


@transaction.atomic
def new_code(*, by: User, ask: Ask) -> str:
    """Another code for the same link: the old one is dead, and so is whoever came in with it. Raises Refused."""
    row = standing(ask, "waiting", "closed")
    if row.user_id is not None:
        raise Refused("A colleague signs in and needs no code")
    code = ASKED.new_code(row)
    row.save(update_fields=["code_digest", "tries"])
    return code


@transaction.atomic
def new_link(*, by: User, ask: Ask, days: int) -> str:
    """Another link and code by the same ask, from today on; what was typed is kept. Returns the code.

    Raises Refused.
    """
    row = standing(ask, "waiting", "closed", "ended")
    if row.user_id is not None:
        raise Refused("A colleague signs in and needs no link")
    if days not in outside.LINK_DAYS:
        raise Refused("Choose how long the link lasts", "days")
    code = ASKED.new_code(row)
    ASKED.new_address(row)
    row.answer_by, row.reminded_at = ASKED.lasts(row, days), clock.now()
    row.email = _address(row)
    row.save(
        update_fields=[
            "link_seed", "link_digest", "code_digest", "tries", "answer_by", "expires_at", "reminded_at", "email",
        ]
    )  # fmt: skip
    write(row, again=True)
    return code


@transaction.atomic
def remind(*, by: User, ask: Ask) -> Ask:
    """Once a day at most. Someone outside gets a new link in the place of the old: only its digest was kept.

    Raises Refused.
    """
    row = standing(ask, "waiting")
    reminded = london_date(row.reminded_at) if row.reminded_at else None
    if not asking.may_remind("waiting", london_date(row.asked_at), reminded, clock.today()):
        raise Refused("They have heard from us today already. Remind them tomorrow")
    row.reminded_at = clock.now()
    if row.user_id is not None:
        row.save(update_fields=["reminded_at"])
        write(row, again=True, reminder=True)
        return row
    ASKED.new_address(row)
    row.email = _address(row)
    row.save(update_fields=["reminded_at", "link_seed", "link_digest", "email"])
    write(row, again=True, reminder=True)
    return row


def refuse_on_hold(student: Student) -> None:
    """Nobody writes to home while contact is on hold. A link sent before stays theirs to use."""
    if quiet.on_hold(student.pk, clock.today()):
        raise Refused("Home contact is on hold, so nothing is sent now. Ask the Head of Social Education")


def _address(row: Ask) -> str:
    """Where the next link goes: of a parent or carer, their address as the office keeps it now. Raises Refused."""
    if row.member is None:
        return row.email
    refuse_on_hold(row.student)
    if not row.member.email:
        raise Refused(f"The office keeps no e-mail address of {row.name} any more")
    return row.member.email


@transaction.atomic
def take_back(*, by: User, ask: Ask) -> Ask:
    """They need not answer any more; what they had begun is crossed out. Raises Refused once answered."""
    row = standing(ask, "waiting", "barred", "closed", "ended")
    now = clock.now()
    row.taken_back_at, row.taken_back_by = now, by
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    _begun_by_link(row).update(
        voided_at=now, voided_by=by, void_reason="The ask was taken back before it was answered"
    )
    return row


def _begun_by_link(row: Ask) -> SheetQuerySet:
    """What stands half written behind the link. What a parent began signed in is theirs, and not the link's."""
    begun = Sheet.objects.standing().filter(done_at__isnull=True, declined_at__isnull=True)
    if row.member_id is None:
        return begun.filter(pk=row.sheet_id)
    return begun.filter(
        student=row.student_id,
        tool=Tool.PARENT,
        member=row.member_id,
        wording=Sheet.Wording.PARENT,
        author__isnull=True,
    )


@transaction.atomic
def excuse(*, ask: Ask, words: str, by: User | None = None) -> Ask:
    """They say that they cannot, in their words. `by` is None for someone outside. Raises Refused."""
    row = standing(ask, "waiting")
    if not words.strip():
        raise Refused("Say why in a few words", "words")
    now = clock.now()
    row.excused_at, row.excused_words = now, words.strip()
    row.save(update_fields=["excused_at", "excused_words"])
    if row.sheet_id is not None:
        Sheet.objects.filter(pk=row.sheet_id).update(
            voided_at=now, voided_by=by, void_reason="Whoever began it said that they cannot answer"
        )
    return row


# ------------------------------------------------------------------------------- the link and its code


def by_link(token: str) -> Ask | None:
    """The ask of a link that works now. None for any other: nobody is told why."""
    rows = Ask.objects.waiting().select_related("student", "member")
    ask = rows.filter(link_digest=digest(token)).first()
    return ask if ask is not None and state_of(ask) == "waiting" else None


def used_link(token: str) -> Ask | None:
    """The ask that was answered by this link. None once its parent or carer may not be written to."""
    rows = Ask.objects.filter(answered_at__isnull=False, taken_back_at__isnull=True)
    ask = rows.select_related("student", "member").filter(link_digest=digest(token)).first()
    return None if ask is None or is_barred(ask) else ask


@transaction.atomic
def try_code(*, ask: Ask, code: str) -> bool:
    """Is this the code? Two tries at once wait for each other, so that none goes uncounted."""
    row = Ask.objects.select_for_update().get(pk=ask.pk)
    if state_of(row) != "waiting":
        return False
    right = ASKED.try_code(row, code)
    if right and row.opened_at is None:
        row.opened_at = clock.now()
        row.save(update_fields=["opened_at"])
    return right


def standing(ask: Ask, *states: asking.State) -> Ask:
    """The row, locked, if it still stands so."""
    row = (
        Ask.objects.select_for_update(of=("self",))
        .select_related("student", "asked_by", "user", "member")
        .get(pk=ask.pk)
    )
    found = state_of(row)
    if found not in states:
        words = {
            "answered": "It has been answered already",
            "cannot": "They have said that they cannot",
            "taken_back": "It has been taken back",
            "barred": f"{row.name} may not be written to about {row.student.known_as} now",
            "ended": "The link has ended. Send a new link",
            "closed": "The link was closed after too many wrong codes. Make a new code",
            "waiting": "It is still waiting for an answer",
        }
        raise Refused(words[found])
    return row
