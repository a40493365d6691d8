"""Proposing other details, and accepting them; what is accepted is written by students.actions.family.edit_link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from keywork import clock
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from students.actions.family import edit_link
from students.models import FamilyLink

from ..mails import notify_home, notify_school
from ..models import DetailsProposal

OF_MEMBER = ("mobile", "phone", "email", "address")
OF_LINK = ("best_time", "preferred_channel", "language", "interpreter")
FIELDS = (*OF_MEMBER, *OF_LINK)


def stands(link: FamilyLink) -> dict[str, Any]:
    """Their details as the school has them."""
    return {name: getattr(link.member if name in OF_MEMBER else link, name) for name in FIELDS}


@transaction.atomic
def propose(*, by: User, link: FamilyLink, fields: Mapping[str, Any]) -> DetailsProposal:
    """What differs from what stands. Raises Refused where nothing does."""
    if link.member.user_id != by.pk or not allows(by, Can.VIEW_FAMILY_HOME, link.student_id):
        raise Refused("These are somebody else’s details")
    rows = FamilyLink.objects.select_for_update(of=("self",)).select_related("member", "student")
    row = rows.get(pk=link.pk)
    now = stands(row)
    changes = {name: fields[name] for name in FIELDS if name in fields and fields[name] != now[name]}
    if not changes:
        raise Refused("This is what we have already")
    DetailsProposal.objects.waiting().filter(link=row).update(withdrawn_at=clock.now())
    made = DetailsProposal.objects.create(link=row, fields=changes, proposed_by=by, proposed_at=clock.now())
    notify_school("details", details=made)
    return made


@transaction.atomic
def decide(
    *,
    by: User,
    proposal: DetailsProposal,
    accepted: bool,
    answer: str = "",
    link_version: int,
    member_version: int,
) -> DetailsProposal:
    """Raises Refused, ChangedMeanwhile where the details were changed since the page was drawn."""
    rows = DetailsProposal.objects.select_for_update(of=("self",))
    row = rows.select_related("link__member", "link__student").get(pk=proposal.pk)
    if not allows(by, Can.CORRECT_DETAILS, row.link.student_id):
        raise Refused("You do not keep these details")
    if row.decided_at is not None or row.withdrawn_at is not None:
        raise Refused("Somebody has dealt with this already")
    if not accepted and not answer.strip():
        raise Refused("Say why it stays as it is", "answer")
    if accepted:
        versions = {"link_version": link_version, "member_version": member_version}
        edit_link(link=row.link, fields=row.fields, by=by, **versions)
    row.decided_by, row.decided_at = by, clock.now()
    row.accepted, row.answer = accepted, answer.strip()
    row.save(update_fields=["decided_by", "decided_at", "accepted", "answer"])
    notify_home("details", details=row)
    return row
