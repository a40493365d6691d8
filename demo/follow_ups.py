"""What colleagues have asked of each other about a contact: one that waits, and one that was done."""

from __future__ import annotations

from datetime import timedelta

from contacts.follow_ups.actions import ask, may_be_asked
from contacts.models import HomeContact
from enquiries.models import Enquiry
from keywork import clock
from keywork.access import heads
from keywork.models import Assignment, User

_SOON = timedelta(days=4)


def write_follow_ups() -> None:
    """About the newest contacts of the keyworker who signs in to the demo; none in a school without one."""
    keyworker = User.objects.filter(email__startswith="keyworker@").first()
    head = heads().first()
    if keyworker is None or head is None:
        return
    mine = Assignment.objects.keyworkers(clock.today()).filter(user=keyworker).values("student")
    entries = (
        HomeContact.objects.filter(
            student__in=mine, level="general", voided_on__isnull=True, made_by=keyworker
        )
        .select_related("student")
        .order_by("-happened_on", "-pk")[:2]
    )
    for entry, (by, words) in zip(
        entries,
        (
            (head, "Please ring home again about the coach on Thursday, so that they know when to be there."),
            (keyworker, "Home asked about the reading group. Could you ring them before the weekend?"),
        ),
        strict=False,
    ):
        people = may_be_asked(entry, by)
        person = next((one for one in people if one == keyworker or (by != head and one != head)), None)
        if person is None:  # without a sign-in nobody is written to
            continue
        row = ask(by=by, entry=entry, person=person, answer_by=clock.today() + _SOON, words=words)
        if by == keyworker:
            Enquiry.objects.filter(pk=row.pk).update(
                answered_at=clock.now(),
                answers={"came": "I rang: they are glad, and will bring the book on Monday."},
            )
