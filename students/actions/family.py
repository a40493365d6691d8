"""Parents and carers: who they are, what they are to a student, what a court has said and a young person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from keywork import access, clock
from keywork.errors import Refused
from keywork.models import User
from keywork.roles import STAFF_ROLES

from ..models import FamilyLink, FamilyMember, OwnChoice, OwnChoiceAtHome, Student
from ..rules import OWN_CHOICE_FROM, is_young_person
from .students import save_fields

MEMBER_FIELDS = ("title", "forename", "surname", "email", "mobile", "phone", "address", "abroad")
LINK_FIELDS = (
    "relationship",
    "has_pr",
    "lives_with",
    "priority",
    "emergency",
    "may_receive_reports",
    "may_receive_keywork_contact",
    "language",
    "interpreter",
    "preferred_channel",
    "best_time",
    "household",
)


def _of(fields: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}


@transaction.atomic
def add_link(
    *, student: Student, member: FamilyMember | None, fields: Mapping[str, Any], by: User
) -> FamilyLink:
    """Make an adult, new or known here already, a contact of a student.

    `fields` holds MEMBER_FIELDS (of a new adult) and LINK_FIELDS. Raises Refused.
    """
    if member is None:
        member = FamilyMember.objects.create(**_of(fields, MEMBER_FIELDS))
        link_staff_parents([member])
    try:
        with transaction.atomic():
            return FamilyLink.objects.create(student=student, member=member, **_of(fields, LINK_FIELDS))
    except IntegrityError as error:
        raise Refused(f"They are a contact of {student.known_as} already.") from error


@transaction.atomic
def edit_link(
    *, link: FamilyLink, fields: Mapping[str, Any], link_version: int, member_version: int, by: User
) -> FamilyLink:
    """Change an adult and what they are to the student. Raises ChangedMeanwhile if either was saved since."""
    member = FamilyMember.objects.select_for_update(of=("self",)).get(pk=link.member_id)
    row = FamilyLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    save_fields(member, _of(fields, MEMBER_FIELDS), member_version)
    save_fields(row, _of(fields, LINK_FIELDS), link_version)
    link_staff_parents([member])
    row.member = member
    return row


@transaction.atomic
def end_link(*, link: FamilyLink, ended_on: date, by: User) -> FamilyLink:
    """They stop being a contact of this student; what was logged with them stays. Ending twice changes nothing."""
    row = FamilyLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if row.ended_on is None:
        save_fields(row, {"ended_on": ended_on}, row.version)
    return row


@transaction.atomic
def set_restriction(
    *, link: FamilyLink, text: str, starts_on: date | None, ends_on: date | None, version: int, by: User
) -> FamilyLink:
    """Record, change or (with no start) lift what a court has said; it beats every other flag (domain 1.10)."""
    row = FamilyLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    save_fields(
        row,
        {
            "court_restriction": text if starts_on else "",
            "restricted_from": starts_on,
            "restricted_until": ends_on if starts_on else None,
        },
        version,
    )
    return row


def link_staff_parents(members: Iterable[FamilyMember] | None = None) -> int:
    """Tie adults to the staff account with their e-mail, so that it is shut out of their child's record.

    The account gets no role by this: an administrator makes someone a parent who signs in. One account is tied
    to one adult. Without `members`, all who have no account yet. Returns how many were tied.
    """
    waiting = FamilyMember.objects.filter(user__isnull=True).exclude(email="").order_by("pk")
    if members is not None:
        waiting = waiting.filter(pk__in=[member.pk for member in members])
    by_email: dict[str, FamilyMember] = {}
    for member in waiting:
        by_email.setdefault(member.email.lower(), member)
    tied = []
    staff = User.objects.filter(
        email__in=by_email, roles__overlap=sorted(STAFF_ROLES), family_member__isnull=True
    )
    for user in staff:
        member = by_email[user.email.lower()]
        member.user = user
        access.forget_relations(user)
        tied.append(member)
    FamilyMember.objects.bulk_update(tied, ["user"], batch_size=500)
    if members is not None:
        accounts = {member.pk: member.user for member in tied}
        for member in members:
            if member.pk in accounts:
                member.user = accounts[member.pk]
    return len(tied)


def links_asked_about(student: Student) -> list[FamilyLink]:
    """The adults at home about whom there is something to decide: those a court keeps away see nothing anyway."""
    links = FamilyLink.objects.filter(student=student, ended_on__isnull=True).unrestricted(clock.today())
    return list(links.select_related("member").order_by("priority", "pk"))


@transaction.atomic
def record_own_choice(
    *,
    student: Student,
    decided_on: date,
    speaks_for_self: bool,
    sees: Mapping[int, str],
    words: str = "",
    by: User,
) -> OwnChoice:
    """From now on the adults in `sees` (FamilyLink id to OwnChoiceAtHome.Sees) see that. Raises Refused.

    It takes the place of what was decided before, which stays on file.
    """
    row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if decided_on > clock.today():
        raise Refused("Choose today or a day before", "decided_on")
    if not is_young_person(row.born_on, decided_on):
        raise Refused(f"{row.known_as} was not {OWN_CHOICE_FROM} on this day", "decided_on")
    offered = {link.pk for link in links_asked_about(row)}
    now = clock.now()
    OwnChoice.objects.filter(student=row, replaced_at__isnull=True).update(replaced_at=now)
    choice = OwnChoice.objects.create(
        student=row,
        decided_on=decided_on,
        speaks_for_self=speaks_for_self,
        words=words.strip(),
        recorded_by=by,
        recorded_at=now,
    )
    OwnChoiceAtHome.objects.bulk_create(
        OwnChoiceAtHome(choice=choice, link_id=link, sees=OwnChoiceAtHome.Sees(one))
        for link, one in sees.items()
        if link in offered
    )
    return choice
