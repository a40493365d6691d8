"""What staff propose to change in the form, and the coordinator's answer."""

from __future__ import annotations

from django.db import transaction

from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User

from ..models import Proposal


@transaction.atomic
def propose(*, by: User, text: str, reason: str, about: str = "", about_words: str = "") -> Proposal:
    """Raises Refused without words or a reason."""
    if not text.strip():
        raise Refused("Say what should change", "text")
    if not reason.strip():
        raise Refused("Say why", "reason")
    return Proposal.objects.create(
        about=about,
        about_words=about_words[:300],
        text=text.strip(),
        reason=reason.strip(),
        made_by=by,
        made_at=clock.now(),
    )


@transaction.atomic
def answer(*, by: User, proposal: Proposal, accepted: bool, words: str) -> Proposal:
    """Answered once, in words. Raises Refused without words, ChangedMeanwhile if somebody answered first."""
    if not words.strip():
        raise Refused("Say why, so that they know", "answer")
    row = Proposal.objects.select_for_update(of=("self",)).select_related("answered_by").get(pk=proposal.pk)
    if not row.is_open:
        raise ChangedMeanwhile(row, row.answered_by.name if row.answered_by else "")
    row.status = Proposal.Status.ACCEPTED if accepted else Proposal.Status.DECLINED
    row.answer = words.strip()
    row.answered_by, row.answered_at = by, clock.now()
    row.save(update_fields=["status", "answer", "answered_by", "answered_at"])
    return row
