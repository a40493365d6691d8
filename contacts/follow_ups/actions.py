"""Asking a colleague about an entry, and asking another one in their place."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from enquiries import actions as enquiries
from enquiries.models import Enquiry, EnquiryQuerySet
from keywork import access, clock
from keywork.errors import Refused
from keywork.levels import Level
from keywork.models import User

from ..models.entry import OPENED_BY, LogEntry
from .kinds import KINDS

LATELY = timedelta(days=120)


def may_be_asked(entry: LogEntry, by: User) -> list[User]:
    """Colleagues who may read the entry today, in the order of names."""
    can = OPENED_BY[Level(entry.level)]
    return [user for user in access.staff_who(can, entry.student_id) if user != by and user.is_written_to]


@transaction.atomic
def ask(*, by: User, entry: LogEntry, person: User, answer_by: date, words: str) -> Enquiry:
    noun = _noun(entry)
    if person not in may_be_asked(entry, by):
        raise Refused(f"{person.name} may not read this {noun}, so it cannot be asked of them", "person")
    if entry.voided_on is not None:
        raise Refused(f"This {noun} has been crossed out. Ask about one that stands")
    [row] = enquiries.ask_colleagues(
        by=by,
        student=entry.student,
        people=[person],
        answer_by=answer_by,
        kind=KINDS[noun].slug,
        period=str(entry.pk),
        question=words,
    )
    return row


@transaction.atomic
def ask_another(*, by: User, row: Enquiry, person: User, answer_by: date) -> Enquiry:
    """The same, asked of somebody else in place of whoever was asked. Raises Refused."""
    enquiries.withdraw(by=by, enquiry=row)
    return ask(by=by, entry=entry_of(row), person=person, answer_by=answer_by, words=row.question)


def entry_of(row: Enquiry) -> LogEntry:
    kind = next(kind for kind in KINDS.values() if kind.slug == row.kind)
    return kind.model.objects.select_related("student").get(pk=int(row.period))


def about(entry: LogEntry) -> EnquiryQuerySet:
    kind = KINDS[_noun(entry)]
    return Enquiry.objects.filter(student=entry.student_id, kind=kind.slug, period=str(entry.pk))


def asked_by(user: User) -> EnquiryQuerySet:
    """What one has asked; a Head also what somebody asked who works here no more, so that it ends."""
    readable = Q()
    for kind in KINDS.values():
        readable |= Q(kind.for_colleague(user), kind=kind.slug)
    theirs = Q(asked_by=user)
    if access.is_head(user):
        theirs |= Q(asked_by__is_active=False)
    return Enquiry.objects.filter(readable, theirs)


def lately(rows: EnquiryQuerySet) -> EnquiryQuerySet:
    since = clock.now() - LATELY
    ended = Q(answered_at__gt=since) | Q(declined_at__gt=since) | Q(withdrawn_at__gt=since)
    return rows.filter(ended | Q(pk__in=rows.waiting().values("pk")))


def who_cannot(rows: list[Enquiry]) -> set[int]:
    """The ids of those of these whose colleague has left, or may not read the entry any more.

    Two queries for each of the colleagues.
    """
    found: set[int] = set()
    for user in {row.user for row in rows if row.user is not None}:
        theirs = [row.pk for row in rows if row.user == user]
        may = set(Enquiry.objects.of(user).filter(pk__in=theirs).values_list("pk", flat=True))
        found |= set(theirs) if not user.is_active else set(theirs) - may
    return found


def _noun(entry: LogEntry) -> str:
    return next(noun for noun, kind in KINDS.items() if isinstance(entry, kind.model))
