"""Contacts as the household they were with reads them: on the family's page, and on paper. Plain facts only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from keywork.words import filled, translated
from students.models import FamilyLink

from .channels import CHANNELS
from .clock import ATTEMPTS
from .models import HomeContact
from .models.contact import ContactQuerySet
from .summary import home_line
from .timeline import channel_words


class HomeLine(NamedTuple):
    """One contact or try. `about` are the words somebody chose to share, "" where nobody did."""

    on: date
    line: str
    how: str
    about: str
    is_try: bool
    icon: str


def household_key(link_id: int, household: str) -> str:
    """People of one student with the same key live together; one nobody has written down is a household of one."""
    return household.strip().casefold() or f"#{link_id}"


def households(student_ids: Iterable[int]) -> Mapping[int, Mapping[str, list[int]]]:
    """For each student with family on file: the key of each household to its members' ids, as it is today.

    One query. Whoever is no longer down as family is of no household.
    """
    found: dict[int, dict[str, list[int]]] = {}
    links = FamilyLink.objects.filter(student__in=list(student_ids), ended_on__isnull=True)
    for pk, student_id, member_id, word in links.order_by("priority", "pk").values_list(
        "pk", "student_id", "member_id", "household"
    ):
        found.setdefault(student_id, {}).setdefault(household_key(pk, word), []).append(member_id)
    return found


def household_of(link: FamilyLink) -> list[int]:
    """The ids of the people who live with this one, their own among them."""
    if not link.household.strip():
        return [link.member_id]
    return list(households([link.student_id])[link.student_id][household_key(link.pk, link.household)])


def with_household(contacts: ContactQuerySet, members: Collection[int]) -> ContactQuerySet:
    """Those of `contacts` that were with one of these people and that home may know of, newest first."""
    return (
        contacts.seen_at_home()
        .filter(member__in=members)
        .select_related("member", "made_by")
        .order_by("-happened_on", "-happened_time", "-pk")
    )


def home_lines(contacts: Iterable[HomeContact], *, you: int | None = None) -> list[HomeLine]:
    """`you` is the id of the family member who reads; on paper, which a household shares, everyone is named.

    The contacts come with their `member` and `made_by`.
    """
    return [_line(contact, you) for contact in contacts]


def _line(contact: HomeContact, you: int | None) -> HomeLine:
    member = contact.member
    assert member is not None  # with_household asks for people on file alone
    from_home = contact.direction == HomeContact.Direction.IN
    line = home_line(
        keyworker="{keyworker}",
        reached=contact.reached,
        channel=contact.channel,
        from_home=from_home,
        whom="you" if member.pk == you else "{whom}",
    )
    words = filled(line, keyworker=contact.made_by.get_short_name(), whom=member.forename or member.name)
    return HomeLine(
        contact.happened_on,
        words,
        channel_words(contact.channel, translated),
        contact.shared_summary if contact.shared else "",
        contact.outcome in ATTEMPTS,
        CHANNELS[contact.channel].icon,
    )
