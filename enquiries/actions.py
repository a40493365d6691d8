"""Asking, reminding, taking back, and what becomes of an enquiry; whom one may ask is for the app that asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Any, Final

from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.db.models import Q

from keywork import clock, contact_hold, outside
from keywork.dates import LONDON, london_date
from keywork.errors import Refused
from keywork.keyworker_history import reachable
from keywork.models import User
from keywork.numbers import number_in
from keywork.outside import Outside, digest
from outbox import actions as outbox
from outbox.kinds import Addressee
from students.models import FamilyMember, Student

from . import states
from .kinds import SIGNED, in_rounds, kind_of
from .models import SELF, Enquiry, EnquiryQuerySet

MAIL: Final = "enquiries.letter"
MAIL_TO_STAFF: Final = "enquiries.letter_to_staff"
LINKS = Outside("tsp.ask", "keywork_asked")  # named as when the first were sent: those are to work on
BATCH = 1000


def state_of(enquiry: Enquiry, barred: bool | None = None) -> states.State:
    """How it stands now. `barred` is what EnquiryQuerySet.barred says of it, where that is known already."""
    return states.state_of(
        answered_at=enquiry.answered_at,
        declined_at=enquiry.declined_at,
        withdrawn_at=enquiry.withdrawn_at,
        expires_at=enquiry.ends_at,
        tries=enquiry.tries,
        now=clock.now(),
        barred=is_barred(enquiry) if barred is None else barred,
    )


def is_barred(enquiry: Enquiry) -> bool:
    """Is this a parent or carer who may not be written to about the student today?"""
    if enquiry.member_id is None:
        return False
    return Enquiry.objects.barred(clock.today()).filter(pk=enquiry.pk).exists()


def locked(enquiry: Enquiry, *expected: states.State) -> Enquiry:
    rows = Enquiry.objects.select_for_update(of=("self",)).select_related(
        "student", "asked_by", "user", "member"
    )
    row = rows.get(pk=enquiry.pk)
    found = state_of(row)
    if found not in expected:
        raise Refused(states.NOT_SO[found].format(name=row.name, student=row.student.known_as))
    return row


# ------------------------------------------------------------------------------------------ asking


@transaction.atomic
def ask_colleagues(
    *, by: User, student: Student, people: Iterable[User], answer_by: date, **what: Any
) -> list[Enquiry]:
    """One enquiry each, and a mail each; `what` are its `kind`, `period`, `parts` and `question`.

    Raises Refused for who is asked already and has not answered.
    """
    if answer_by < clock.today():
        raise Refused("Choose today or a later day", "answer_by")
    made = [ask_account(by=by, student=student, answer_by=answer_by, user=user, **what) for user in people]
    if not made:
        raise Refused("Choose whom to ask", "people")
    return made


@transaction.atomic
def ask_account(
    *,
    by: User,
    student: Student,
    answer_by: date,
    user: User | None = None,
    member: FamilyMember | None = None,
    relation: str = "",
    **what: Any,
) -> Enquiry:
    """Of one who signs in: a colleague, a parent or carer, or who stands in a relation to the student.

    Raises Refused for who has been asked and has not answered.
    """
    row = Enquiry(
        student=student,
        user=user,
        member=member,
        relation=relation,
        asked_at=clock.now(),
        asked_by=by,
        answer_by=answer_by,
        **what,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(f"{row.respondent} has been asked already and has not answered", "people") from error
    _write([row])
    return row


@transaction.atomic
def ask_by_link(
    *, by: User, student: Student, days: int, kind: str, period: str, name: str, email: str, **what: Any
) -> tuple[Enquiry, str]:
    """A link by mail, and the code that goes with it, which is kept nowhere and only the caller ever sees.

    Raises Refused for who has been asked and has not answered: an ended link is renewed, not doubled.
    """
    _check(days)
    member = what.get("member")
    # Two people asking the same one wait for each other.
    Student.objects.select_for_update().get(pk=student.pk)
    open_rows = Enquiry.objects.waiting().filter(student=student, kind=kind, period=period, member=member)
    if (open_rows if member else open_rows.filter(email=email)).exists():
        whom = name if member else "This person"
        raise Refused(
            f"{whom} has been asked already. Make a new code or link for them instead",
            "member" if member else "email",
        )
    row = Enquiry(
        student=student,
        kind=kind,
        period=period,
        name=name,
        email=email,
        asked_at=clock.now(),
        asked_by=by,
        **what,
    )
    code = LINKS.new_code(row)
    LINKS.new_address(row)
    row.answer_by = LINKS.lasts(row, days)
    row.save()
    _write([row])
    return row, code


def ask_many(rows: Iterable[Enquiry]) -> None:
    """Of a round: nobody is written to yet (`remind_all`)."""
    Enquiry.objects.bulk_create(rows, batch_size=BATCH)


def _check(days: int) -> None:
    if days not in outside.LINK_DAYS:
        raise Refused("Choose how long the link lasts", "days")


# ------------------------------------------------------------------------------- reminders and mail


@transaction.atomic
def remind(*, by: User, enquiry: Enquiry, by_itself: bool = False) -> None:
    """Once a day at most. Raises Refused.

    While home contact is on hold a person is told so; what Keywork does `by_itself` is kept until it ends.
    """
    row = locked(enquiry, "waiting")
    is_held = row.member_id is not None and contact_hold.on_hold(row.student_id, clock.today())
    if is_held and not by_itself:
        raise Refused(contact_hold.NOTHING_SENT)
    reminded = london_date(row.reminded_at) if row.reminded_at else None
    if not states.may_remind("waiting", london_date(row.asked_at), reminded, clock.today()):
        raise Refused("They have heard from us today already. Remind them tomorrow")
    if row.by_link:
        if not is_held:  # until the letter goes, the link that they have is theirs to use
            LINKS.new_address(row)
        row.email = _address(row)
        row.save(update_fields=["link_seed", "link_digest", "email"])
    _write([row], again=True, reminder=True)
    Enquiry.objects.filter(pk=row.pk).update(reminded_at=clock.now())


@transaction.atomic
def remind_all(*, rows: EnquiryQuerySet, first: bool = False) -> int:
    """The letters of a round: to everyone of these who waits, signs in, and has not been written to today; how many.

    One letter to each person, about all that is asked of them. `first`: these are told for the first time.
    """
    midnight = datetime.combine(clock.today(), time(0), LONDON)
    waiting = rows.waiting().filter(expires_at__isnull=True)
    due = waiting.filter(Q(reminded_at__isnull=True) | Q(reminded_at__lt=midnight))
    locked_rows = due.select_for_update(of=("self",)).select_related("student", "user", "member__user")
    found = list(locked_rows.order_by("pk"))
    notified, letters = _write(found, again=not first, reminder=not first)
    Enquiry.objects.filter(pk__in=notified).update(reminded_at=clock.now())
    return letters


def _write(rows: Sequence[Enquiry], *, again: bool = False, reminder: bool = False) -> tuple[list[int], int]:
    """Asks for the mails in the transaction of what they are about; whom they tell, and how many there are.

    `again`: they have had a mail before, and a link in this one takes the place of that one's.
    """
    notified: list[int] = []
    mailed = [row for row in rows if not kind_of(row).in_digest]
    # What waits until home may be written to does not keep back what is asked about somebody else.
    held = contact_hold.students_on_hold({row.student_id for row in mailed if row.member_id}, clock.today())
    later = {row.pk for row in mailed if row.member_id and row.student_id in held}
    letters = recipients([row for row in mailed if row.pk not in later])
    letters += recipients([row for row in mailed if row.pk in later])
    for _, mine in letters:
        ids = [row.pk for row in mine]
        key = str(ids[0]) if len(ids) == 1 else ""
        outbox.do(mail_of(mine[0]), key=key, enquiries=ids, again=again, reminder=reminder)
        notified += ids
    return notified, len(letters)


def mail_of(enquiry: Enquiry) -> str:
    """The kind of mail in which it is asked: whoever is no staff hears at once."""
    return MAIL if enquiry.by_link or enquiry.member_id is not None else MAIL_TO_STAFF


def recipients(rows: Sequence[Enquiry]) -> list[tuple[Addressee, list[Enquiry]]]:
    """Who is written to about which of these today: nobody twice of one kind, nobody who may not be, no account that is closed.

    Students have no letter: their own page says that it is their turn.
    """
    today = clock.today()
    barred = set(
        Enquiry.objects.barred(today).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    found: dict[tuple[str, type, int], tuple[Any, list[Enquiry]]] = {}
    holders = {
        relation: reachable(relation, today, [row.student_id for row in mine])
        for relation, mine in _by_relation(rows)
    }
    for row in rows:
        if row.pk in barred:
            continue
        to: Any = row
        if not row.by_link:
            to = row.user or (
                row.member.user if row.member else holders.get(row.relation, {}).get(row.student_id)
            )
            if to is None or not to.is_active or (row.member and not row.member.opens_pages):
                continue
        found.setdefault((row.kind, type(to), to.pk), (to, []))[1].append(row)
    return list(found.values())


def _by_relation(rows: Sequence[Enquiry]) -> Iterable[tuple[str, list[Enquiry]]]:
    held = [row for row in rows if row.relation not in ("", SELF)]
    for relation, mine in groupby(sorted(held, key=lambda row: row.relation), key=lambda row: row.relation):
        yield relation, list(mine)


# ------------------------------------------------------------------------------- the link and its code


@transaction.atomic
def new_code(*, by: User, enquiry: Enquiry) -> str:
    """Another code for the same link: the old one is dead, and so is whoever came in with it. Raises Refused."""
    row = _of_link(enquiry, "waiting", "closed")
    code = LINKS.new_code(row)
    row.save(update_fields=["code_digest", "tries"])
    return code


@transaction.atomic
def new_link(*, by: User, enquiry: Enquiry, days: int) -> str:
    """Another link and code by the same enquiry, from today on; what was typed is kept. Returns the code.

    Raises Refused.
    """
    row = _of_link(enquiry, "waiting", "closed", "ended")
    _check(days)
    code = LINKS.new_code(row)
    LINKS.new_address(row)
    row.answer_by, row.reminded_at = LINKS.lasts(row, days), clock.now()
    if row.member is not None:
        refuse_on_hold(row.student)
    row.email = _address(row)
    row.save()
    _write([row], again=True)
    return code


def _of_link(enquiry: Enquiry, *expected: states.State) -> Enquiry:
    row = locked(enquiry, *expected)
    if not row.by_link:
        raise Refused("A colleague signs in and needs no link")
    return row


def refuse_on_hold(student: Student) -> None:
    """Nobody writes to home while contact is on hold. A link sent before stays theirs to use."""
    if contact_hold.on_hold(student.pk, clock.today()):
        raise Refused(contact_hold.NOTHING_SENT)


def _address(row: Enquiry) -> str:
    """Where the next link goes: of a parent or carer, their address as the office keeps it now. Raises Refused."""
    if row.member is None:
        return row.email
    if not row.member.email:
        raise Refused(f"The office keeps no e-mail address of {row.name} any more")
    return row.member.email


def by_link(token: str) -> Enquiry | None:
    """The enquiry of a link that works now. None for any other: nobody is told why."""
    rows = Enquiry.objects.waiting().select_related("student", "member", "asked_by")
    row = rows.filter(link_digest=digest(token)).first()
    return row if row is not None and state_of(row) == "waiting" else None


def used_link(token: str) -> Enquiry | None:
    """The enquiry that was answered by this link. None once its parent or carer may not be written to."""
    rows = Enquiry.objects.filter(answered_at__isnull=False, withdrawn_at__isnull=True)
    row = rows.select_related("student", "member").filter(link_digest=digest(token)).first()
    return None if row is None or is_barred(row) else row


def by_signature(signed: str) -> Enquiry | None:
    """What a signed address asks, as long as whoever was asked may answer it; None for any other, nobody is told why."""
    try:
        pk = number_in(SIGNED.unsign(signed), digits=18)
    except BadSignature:
        return None
    if pk is None:
        return None
    rows = Enquiry.objects.select_related("student", "user", "asked_by")
    row = rows.filter(pk=pk, kind__in=in_rounds(), user__is_active=True).first()
    if row is None or row.user is None or not may_answer(row):
        return None
    return row if Enquiry.objects.answered_by(row.user).filter(pk=row.pk).exists() else None


def may_answer(enquiry: Enquiry) -> bool:
    """It waits; or it is of a round that is not over, and may be answered anew."""
    state = state_of(enquiry)
    return state == "waiting" or (state == "answered" and is_open_again(enquiry))


def is_open_again(enquiry: Enquiry) -> bool:
    return kind_of(enquiry).in_rounds and clock.today() <= enquiry.answer_by


@transaction.atomic
def answer_in_round(*, enquiry: Enquiry, answers: dict[str, Any]) -> bool:
    """One answer each: the last one given before the round is over. Whether it says anything new. Raises Refused."""
    row = locked(enquiry, "waiting", "answered")
    if not may_answer(row):
        raise Refused("This round is over")
    if row.answered_at is not None and row.answers == answers:
        return False
    row.answers, row.answered_at, row.read_at, row.read_by = answers, clock.now(), None, None
    row.save(update_fields=["answers", "answered_at", "read_at", "read_by"])
    return True


@transaction.atomic
def mark_read(*, by: User, enquiry: Enquiry) -> None:
    """Whoever asked has read the answer as it is now."""
    row = locked(enquiry, "answered")
    if row.read_at is None:
        row.read_at, row.read_by = clock.now(), by
        row.save(update_fields=["read_at", "read_by"])


@transaction.atomic
def try_code(*, enquiry: Enquiry, code: str) -> bool:
    """Is this the code? Two tries at once wait for each other, so that none goes uncounted."""
    row = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
    if state_of(row) != "waiting":
        return False
    right = LINKS.try_code(row, code)
    if right and row.opened_at is None:
        row.opened_at = clock.now()
        row.save(update_fields=["opened_at"])
    return right


# ------------------------------------------------------------------------------------ how it ends


@transaction.atomic
def withdraw(*, by: User, enquiry: Enquiry, is_off: bool = False) -> None:
    """They need not answer any more; what they had begun goes with it. Raises Refused once answered.

    Of a thing that `is_off` altogether nothing stands with them any more, also where they had said that they cannot.
    """
    declined: tuple[states.State, ...] = ("declined",) if is_off else ()
    row = locked(enquiry, "waiting", "barred", "closed", "ended", *declined)
    row.withdrawn_at, row.withdrawn_by = clock.now(), by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    kind_of(row).withdrawn(row, by)


@transaction.atomic
def decline(*, enquiry: Enquiry, words: str, by: User | None = None) -> None:
    """They say that they cannot, in their words. `by` is None for someone outside. Raises Refused."""
    row = locked(enquiry, "waiting")
    row.declined_at, row.declined_words = clock.now(), words.strip()
    row.save(update_fields=["declined_at", "declined_words"])
    kind_of(row).declined(row, by)
