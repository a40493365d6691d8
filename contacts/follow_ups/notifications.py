"""What digests tell of follow-ups: what somebody is asked, that its day has passed, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from enquiries.models import Enquiry
from keywork import clock
from keywork.access import heads, shut_out
from keywork.models import User

from ..escalation import NotificationKind
from ..models import Digest
from .actions import who_cannot
from .kinds import SLUGS

LATELY = timedelta(days=60)  # what ended before is read on its page


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """One thing told to one person: with initials, and no word of what was asked. `keys` say that it was told."""

    user: User
    kind: NotificationKind
    keys: tuple[str, ...]
    initials: str
    other: str  # the first name of who asked, or was asked
    by: date
    what: str  # asked, late, done, cannot, left


def lines(today: date) -> Iterator[FollowUpLine]:
    rows = list(
        Enquiry.objects.filter(kind__in=SLUGS, withdrawn_at__isnull=True)
        .filter(
            Q(answered_at__isnull=True, declined_at__isnull=True)
            | Q(answered_at__gt=clock.now() - LATELY)
            | Q(declined_at__gt=clock.now() - LATELY)
        )
        .select_related("student", "user", "asked_by")
        .order_by("answer_by", "pk")
    )
    leaders = list(heads().order_by("pk"))
    left = who_cannot([row for row in rows if row.answered_at is None and row.declined_at is None])
    lines = [(row, line) for row in rows for line in _of(row, row.pk in left, leaders, today)]
    family = shut_out({line.user for _, line in lines})
    found = [line for row, line in lines if (line.user.pk, row.student_id) not in family]
    notified = _notified(found)
    return (line for line in found if any((line.user.pk, key) not in notified for key in line.keys))


def _of(row: Enquiry, has_left: bool, leaders: Iterable[User], today: date) -> Iterator[FollowUpLine]:
    assert row.user is not None
    if row.answered_at or row.declined_at:
        if row.asked_by.is_active:
            what = "done" if row.answered_at else "cannot"
            yield _line(row, row.asked_by, NotificationKind.ANSWERED, ("ended",), what)
    elif has_left:
        for user in [row.asked_by] if row.asked_by.is_active else leaders:
            yield _line(row, user, NotificationKind.ASKED, ("left",), "left")
    elif row.answer_by < today:
        yield _line(row, row.user, NotificationKind.ASKED, ("asked", "late"), "late")
    else:
        yield _line(row, row.user, NotificationKind.ASKED, ("asked",), "asked")


def _line(row: Enquiry, to: User, kind: NotificationKind, keys: tuple[str, ...], what: str) -> FollowUpLine:
    assert row.user is not None
    other = row.asked_by if to == row.user else row.user
    return FollowUpLine(
        to,
        kind,
        tuple(f"{key} {row.pk}" for key in keys),
        row.student.initials,
        other.get_short_name(),
        row.answer_by,
        what,
    )


def _notified(lines: Iterable[FollowUpLine]) -> set[tuple[int, str]]:
    keys = sorted({key for line in lines for key in line.keys})
    rows = Digest.objects.filter(follow_ups__overlap=keys).values_list("user", "follow_ups") if keys else ()
    return {(user, key) for user, notified in rows for key in notified}
