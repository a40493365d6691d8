"""Who is told when somebody's keyworker changes, and in which words. No e-mail says whose (look.md, Words)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from keywork import clock
from keywork.dates import day_in_full
from keywork.models import Assignment, User
from keywork.words import filled, worded
from students.models import FamilyLink, OwnChoiceAtHome

# Families see these three on their page; the core team and the teachers are the school's own affair.
NOTIFIED_AT_HOME = frozenset({Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY, Assignment.Kind.MENTOR})


class What(StrEnum):
    """What happened to a post."""

    BEGINS = "begins"
    ENDS = "ends"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Notification:
    """One change in one kind of post, for one or more students. `on` is its first day, or its last when it ends.

    `at_home` is false where another of the same change notifies the families.
    """

    what: What
    kind: str
    on: date
    student_ids: tuple[int, ...]
    incoming: int | None = None  # user ids
    outgoing: tuple[int, ...] = ()
    at_home: bool = True

    @property
    def word(self) -> str:
        return Assignment.Kind(self.kind).label.lower()

    @property
    def as_order(self) -> dict[str, Any]:
        """In plain values, for an order of the outbox."""
        on, students = self.on.isoformat(), list(self.student_ids)
        return {"what": str(self.what), "post": str(self.kind), "on": on, "students": students}

    @classmethod
    def of(
        cls, what: str, post: str, on: str, students: Iterable[int], incoming: Any = None, outgoing: Any = ()
    ) -> Notification:
        return cls(What(what), post, date.fromisoformat(on), tuple(students), incoming, tuple(outgoing))

    @property
    def makes_known(self) -> bool:
        """Whether somebody becomes keyworker: the staff around the student are told as well (portal.made_known)."""
        is_keyworker = self.kind == Assignment.Kind.KEYWORKER and self.incoming is not None
        return is_keyworker and self.what is What.BEGINS

    @property
    def has_begun(self) -> bool:
        return self.on <= clock.today() if self.what is What.BEGINS else self.on < clock.today()


def family_accounts(student_ids: Iterable[int]) -> Mapping[User, Sequence[int]]:
    """Accounts of the parents and carers who may hear of keywork for any of these students today, and for which."""
    links = FamilyLink.objects.for_keywork(clock.today()).without(OwnChoiceAtHome.Sees.NOTHING)
    links = links.filter(
        student__in=list(student_ids), member__user__is_active=True, member__user__roles__contains=["family"]
    )
    found: dict[User, list[int]] = defaultdict(list)
    for link in links.select_related("member__user").order_by("member__user__email", "student_id"):
        assert link.member.user is not None
        found[link.member.user].append(link.student_id)
    return found


def to_family(notification: Notification, school: str, link: str) -> tuple[str, str]:
    """Subject and body for a parent or carer: who, what kind of thing, and a link."""
    post = notification.word
    if notification.what is What.TAKEN_BACK:
        subject = filled("Your child’s {post} is not changing after all", post=post)
    elif notification.has_begun:
        subject = filled("Your child’s {post} has changed", post=post)
    else:
        subject = filled("Your child’s {post} is changing", post=post)
    body = filled(
        "{school} has news for you: {news}.\n\n"
        "Open Keywork to see who it is: {link}\n\nOr ring the school and ask.\n",
        school=school,
        news=subject[0].lower() + subject[1:],
        link=link,
    )
    return subject, body


def to_staff(lines: Iterable[str], link: str) -> tuple[str, str]:
    """Subject and body for a member of staff, of all that one act changed for them."""
    return worded("Your students in Keywork are changing"), "\n".join([*lines, "", f"Open Today: {link}", ""])


def line_to_staff(notification: Notification, initials: Sequence[str], *, incoming: bool) -> str:
    """What one change means for a member of staff: initials only."""
    day = day_in_full(notification.on, clock.today())
    whom = ", ".join(initials)
    word = notification.word if notification.kind != Assignment.Kind.CORE else "core team member"
    if notification.what is What.TAKEN_BACK:
        said = f"The plan that you become {word} of {whom} on {day} has been taken back."
    elif incoming:
        said = f"You are {word} of {whom} from {day}."
    elif notification.what is What.BEGINS:
        said = f"From {day} somebody else is {word} of {whom}."
        if notification.kind == Assignment.Kind.KEYWORKER and not notification.has_begun:
            said += " Please write the hand-over note for whoever follows before then."
    else:
        said = f"Your time as {word} of {whom} ends on {day}."
    return said
