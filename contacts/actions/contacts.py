"""Logging, amending and voiding contacts with home (C6 to C10, C15, C17)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import Any, Final

from django.db import transaction

from keywork import clock
from keywork.errors import Refused
from keywork.levels import Level
from keywork.models import User
from keywork.school import SchoolFacts
from students.models import FamilyLink, Student

from .. import clock as rules
from ..models import HomeContact
from ..summary import home_summary
from .entries import amend, first_facts


@dataclass(frozen=True, slots=True)
class Person:
    """Who was at the other end: a member of the family by their link, or anyone by name."""

    link: FamilyLink | None = None
    name: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """The columns of a contact. Only a link that may be contacted today is ever marked (C6)."""
        if self.link is None:
            return {"member_id": None, "with_name": self.name, "person_marked": False}
        return {"member_id": self.link.member_id, "with_name": self.link.label, "person_marked": True}


def check_person(person: Person, student: Student) -> None:
    """Only someone who may be contacted today: a restriction beats every other flag (1.10)."""
    link = person.link
    if link is None:
        if not person.name.strip():
            raise Refused("Say who it was", "other_name")
        return
    today = clock.today()
    if (
        link.student_id != student.pk
        or link.ended_on is not None
        or not link.may_receive_keywork_contact
        or link.is_restricted(today)
    ):
        raise Refused("Choose someone who may be contacted", "person")


# What is so of an entry that says nothing of it.
UNSAID: Final[Mapping[str, Any]] = {
    "direction": HomeContact.Direction.OUT,
    "happened_time": None,
    "topics": (),
    "notes": "",
    "level": Level.GENERAL,
    "share": False,
    "summary": "",
    "withheld": "",
}


def _told(
    *,
    by: User,
    happened_on: date,
    happened_time: time | None,
    channel: str,
    reached: str,
    direction: str,
    topics: Sequence[str],
    notes: str,
    level: str,
    share: bool,
    summary: str,
    withheld: str,
) -> dict[str, Any]:
    """The columns the writer told. Home sees the contact itself unless `withheld` says why not, and words if they are
    shared: `summary` in place of those that are made."""
    withheld = withheld.strip()
    words = ""
    if share:
        if withheld:
            raise Refused(
                "Home cannot read a summary of what is kept from them. Choose one of the two", "share"
            )
        if level != Level.GENERAL:
            raise Refused("An entry only some of the core team can read is not shared with home", "share")
        words = summary.strip() or home_summary(
            keyworker=by.get_short_name(), reached=reached, channel=channel, on=happened_on, topics=topics
        )
    return {
        "happened_on": happened_on,
        "happened_time": happened_time,
        "channel": channel,
        "reached": reached,
        "outcome": rules.outcome(reached, channel),
        "direction": direction,
        "topics": list(topics),
        "notes": notes,
        "level": level,
        "shared": share,
        "shared_summary": words,
        "withheld_reason": withheld,
    }


def log_contact(
    *,
    by: User,
    student: Student,
    person: Person,
    siblings: Sequence[FamilyLink] = (),
    facts: SchoolFacts | None = None,
    **told: Any,
) -> list[HomeContact]:
    """One row for the student and one for each sibling the call was also about, all with one `call` (C15).

    `told` are arguments of `_told`, of which those in UNSAID need not be given. `siblings` are the same person's links
    to other students, with their `student`. Raises Refused when the day, the person, the level or the sharing cannot be.
    """
    check_person(person, student)
    common = {"call": uuid.uuid4(), **_told(by=by, **{**UNSAID, **told})}
    first = partial(first_facts, by=by, happened_on=common["happened_on"], level=common["level"], facts=facts)
    rows = [HomeContact(**common | first(student=student) | person.fields)]
    for link in siblings:
        if person.link is None or link.member_id != person.link.member_id:
            raise Refused(
                f"{person.fields['with_name']} is not down as family of {link.student.name}", "siblings"
            )
        theirs = Person(link=link)
        try:
            check_person(theirs, link.student)
            rows.append(HomeContact(**common | first(student=link.student) | theirs.fields))
        except Refused as refused:
            raise Refused(f"{link.student.known_as}: {refused}", "siblings") from refused
    return HomeContact.objects.bulk_create(rows)  # one INSERT, all rows or none


@transaction.atomic
def amend_contact(
    *,
    by: User,
    contact: HomeContact,
    version: int,
    person: Person | None,
    facts: SchoolFacts | None = None,
    **told: Any,
) -> HomeContact:
    """A new version of one contact, with all arguments of `_told`; `person` None keeps whoever was written down that day.

    Siblings keep theirs. Raises Refused, or ChangedMeanwhile when `version` is not the latest.
    """
    changes = _told(by=contact.made_by, **told)
    if person is not None:
        check_person(person, contact.student)
        changes |= person.fields
    amended = amend(by=by, entry=contact, version=version, changes=changes, facts=facts)
    assert isinstance(amended, HomeContact)
    return amended
