"""What waits for an answer: what one colleague was asked for, and what is still asked of people when a student
leaves."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q, QuerySet

from enquiries import kinds
from enquiries.models import Enquiry
from keywork import clock, prepared
from keywork.access import Can, of_these
from keywork.numbers import in_words
from keywork.words import worded

from . import INPUT, TALK

if TYPE_CHECKING:
    from keywork.models import User


class WaitingEnquiry(NamedTuple):
    """Something that a colleague asked for and that waits; of a follow-up also about whom, and who asks."""

    pk: int
    kind: str
    student_id: int
    answer_by: date
    first_name: str
    asked_by: str


def asked_of(user: User) -> prepared.Read:
    """By when their view was asked for, of each student they may still say something about; what they are asked to
    follow up in the log, of each whose log they read; and what they are asked to read. The first first."""
    return prepared.Read(_asked, user.pk, clock.today(), then=partial(_sorted, user))


def _sorted(user: User, found: list[Any]) -> tuple[list[date], list[WaitingEnquiry], list[WaitingEnquiry]]:
    rows = [WaitingEnquiry(*row) for row in found]
    apart, to_read, ids = kinds.in_digest(), kinds.to_read(), [one.student_id for one in rows]
    adds, reads = of_these(user, Can.ADD_INPUT, ids), of_these(user, Can.VIEW_LOG, ids)
    # Kinds that say themselves which of theirs a colleague may answer: a review asks beyond the team.
    asked = [one for one in rows if one.kind not in (*apart, *to_read)]
    own = [one.pk for one in asked if kinds.kind_of(one).for_colleague(user) is not None]
    may = set(Enquiry.objects.of(user).filter(pk__in=own).values_list("pk", flat=True)) if own else set()
    views: dict[int, date] = {}  # of each student, the first
    for one in asked:
        if one.pk in may if one.pk in own else one.student_id in adds:
            views.setdefault(one.student_id, one.answer_by)
    follow_ups = [one for one in rows if one.kind in apart and one.student_id in reads]
    around = of_these(user, Can.VIEW_PROFILE, ids)
    return (
        list(views.values()),
        follow_ups,
        [one for one in rows if one.kind in to_read and one.student_id in around],
    )


def _asked(user_id: int, on: date) -> QuerySet:
    waiting = Enquiry.objects.waiting(on).filter(user_id=user_id).order_by("answer_by", "pk")
    return waiting.values_list("pk", "kind", "student_id", "answer_by", "student__known_as", "asked_by__name")


def waiting_asks(student_id: int) -> list[str]:
    """How many have not answered. Who they are is for those who keep the TSP."""
    still = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    asked = Enquiry.objects.waiting().filter(still, student=student_id, kind__in=(INPUT, TALK))
    count = asked.count()
    if not count:
        return []
    who = "person has" if count == 1 else "people have"
    return [
        f"{in_words(count).capitalize()} {who} been asked for their part of the TSP and not answered. "
        f"That stays open: the {worded('keyworker')} can take it back."
    ]
