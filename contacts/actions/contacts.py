"""Logging, amending and voiding contacts with home (C6 to C10, C15, C17)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

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
from .entries import amend, first_facts, void


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


def _shared_words(
    *,
    by: User,
    share: bool,
    words: str,
    level: str,
    reached: str,
    channel: str,
    on: date,
    topics: Sequence[str],
    withheld: str,
) -> dict[str, Any]:
    """The columns that say what home sees: the contact itself unless `withheld` says why not, words if shared."""
    withheld = withheld.strip()
    if not share:
        return {"shared": False, "shared_summary": "", "withheld_reason": withheld}
    if withheld:
        raise Refused("Home cannot read a summary of what is kept from them. Choose one of the two", "share")
    if level != Level.GENERAL:
        raise Refused("An entry only some of the core team can read is not shared with home", "share")
    written = words.strip() or home_summary(
        keyworker=by.get_short_name(), reached=reached, channel=channel, on=on, topics=topics
    )
    return {"shared": True, "shared_summary": written, "withheld_reason": ""}


def log_contact(
    *,
    by: User,
    student: Student,
    person: Person,
    happened_on: date,
    channel: str,
    reached: str,
    direction: str = HomeContact.Direction.OUT,
    happened_time: time | None = None,
    topics: Sequence[str] = (),
    notes: str = "",
    level: str = Level.GENERAL,
    share: bool = False,
    summary: str = "",
    withheld: str = "",
    siblings: Sequence[FamilyLink] = (),
    facts: SchoolFacts | None = None,
) -> list[HomeContact]:
    """One row for the student and one for each sibling the call was also about, all with one `call` (C15).

    `siblings` are the same person's links to other students, with their `student`. `summary` replaces the words
    home would see; `withheld` is why home does not
    see the contact at all. Raises Refused when the day, the person, the level or the sharing cannot be.
    """
    check_person(person, student)
    common = {
        "call": uuid.uuid4(),
        "direction": direction,
        "channel": channel,
        "reached": reached,
        "outcome": rules.outcome(reached, channel),
        "happened_time": happened_time,
        "topics": list(topics),
        "notes": notes,
        **_shared_words(
            by=by,
            share=share,
            words=summary,
            level=level,
            reached=reached,
            channel=channel,
            on=happened_on,
            topics=topics,
            withheld=withheld,
        ),
    }
    rows = [
        HomeContact(
            **first_facts(by=by, student=student, happened_on=happened_on, level=level, facts=facts),
            **person.fields,
            **common,
        )
    ]
    for link in siblings:
        if person.link is None or link.member_id != person.link.member_id:
            raise Refused(
                f"{person.fields['with_name']} is not down as family of {link.student.name}", "siblings"
            )
        theirs = Person(link=link)
        try:
            check_person(theirs, link.student)
            first = first_facts(
                by=by, student=link.student, happened_on=happened_on, level=level, facts=facts
            )
        except Refused as refused:
            raise Refused(f"{link.student.known_as}: {refused}", "siblings") from refused
        rows.append(HomeContact(**first, **theirs.fields, **common))
    return HomeContact.objects.bulk_create(rows)  # one INSERT, all rows or none


@transaction.atomic
def amend_contact(
    *,
    by: User,
    contact: HomeContact,
    version: int,
    happened_on: date,
    happened_time: time | None,
    person: Person | None,
    channel: str,
    reached: str,
    direction: str,
    topics: Sequence[str],
    notes: str,
    level: str,
    share: bool,
    summary: str,
    withheld: str = "",
    facts: SchoolFacts | None = None,
) -> HomeContact:
    """A new version of one contact; `person` None keeps whoever was written down that day.

    Siblings keep theirs. Raises Refused, or ChangedMeanwhile when `version` is not the latest.
    """
    changes: dict[str, Any] = {
        "happened_on": happened_on,
        "happened_time": happened_time,
        "channel": channel,
        "reached": reached,
        "outcome": rules.outcome(reached, channel),
        "direction": direction,
        "topics": list(topics),
        "notes": notes,
        "level": level,
        **_shared_words(
            by=contact.made_by,
            share=share,
            words=summary,
            level=level,
            reached=reached,
            channel=channel,
            on=happened_on,
            topics=topics,
            withheld=withheld,
        ),
    }
    if person is not None:
        check_person(person, contact.student)
        changes |= person.fields
    amended = amend(by=by, entry=contact, version=version, changes=changes, facts=facts)
    assert isinstance(amended, HomeContact)
    return amended


def void_contact(*, by: User, contact: HomeContact, reason: str) -> None:
    """Cross one contact out (C17); siblings on the same call keep theirs. Raises Refused."""
    void(by=by, entry=contact, reason=reason)
