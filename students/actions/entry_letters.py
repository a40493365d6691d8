"""Letters with a code: made, put in the post, and used once to make an account."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from keywork import clock
from keywork.actions.accounts import invite_family
from keywork.errors import Refused
from keywork.models import User
from keywork.printed_codes import is_code

from ..models import EntryLetter, FamilyMember

NO_LONGER = "This code is not right, or works no more. Look at the letter again, or ring the school"


@transaction.atomic
def letters_for(*, members: Iterable[FamilyMember], by: User) -> list[EntryLetter]:
    """A letter for each, the same as before where that one still works: it may be printed twice."""
    members = list(members)
    list(FamilyMember.objects.select_for_update().filter(pk__in=[one.pk for one in members]).order_by("pk"))
    there = {one.member_id: one for one in EntryLetter.objects.open().filter(member__in=members)}
    return [
        there.get(member.pk) or EntryLetter.objects.create(member=member, made_at=clock.now(), made_by=by)
        for member in members
    ]


def put_in_the_post(*, by: User) -> int:
    """All that were printed have been posted today; how many."""
    return EntryLetter.objects.open().filter(posted_on__isnull=True).update(posted_on=clock.today())


def letter_of(code: str) -> EntryLetter | None:
    """The open letter with this code, however it is grouped and whether its letters are small."""
    found = None
    for letter in EntryLetter.objects.open().select_related("member"):
        if is_code(code, letter.code):
            found = letter
    return found


@transaction.atomic
def enter(*, code: str, email: str) -> User:
    """The account of whoever has the letter, to be given a password at once. Raises Refused.

    It says nothing of others who have the address already.
    """
    letter = letter_of(code)
    if letter is None:
        raise Refused(NO_LONGER, "code")
    letter = EntryLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if letter.used_at is not None:
        raise Refused(NO_LONGER, "code")
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise Refused("This address cannot be used. Write another, or ring the school", "email")
    try:
        user = invite_family(member=letter.member, email=email, by=letter.made_by, mail=False)
    except Refused as refused:
        raise Refused(NO_LONGER, "code") from refused
    letter.used_at = clock.now()
    letter.save(update_fields=["used_at"])
    return user
