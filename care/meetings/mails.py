"""Telling home that there is something to read of a meeting, without a word of it."""

from __future__ import annotations

from collections.abc import Iterator

from keywork import clock
from keywork.contact_hold import on_hold
from keywork.models import User
from keywork.words import marked
from outbox import kinds
from outbox.kinds import Letter

from ..decisions.known import who_may_know
from ..decisions.mails import letter_home
from ..models import Meeting


@kinds.mail("care.meeting_summary", "Mails about a meeting", waits=False)
def shared(meeting: int) -> Iterator[Letter]:
    """To each parent and carer it was shared with who may know today and has an account."""
    row = Meeting.objects.filter(pk=meeting, voided_at__isnull=True).select_related("student").first()
    if row is None or on_hold(row.student_id, clock.today()):
        return
    links = who_may_know(row.student).filter(member__in=row.summary_for)
    told = User.objects.filter(
        is_active=True, roles__contains=["family"], family_member__in=links.values("member")
    )
    for user in told.order_by("pk"):
        yield letter_home(
            user,
            marked("A meeting about your child"),
            marked("{school} has written down for you what a meeting was about."),
        )
