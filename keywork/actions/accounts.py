"""Accounts: inviting, changing, closing and reopening them, and what each person keeps of their own.

Every change says in the row history who made it and why (`did`, `by`, `reason` in its context).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pghistory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from outbox import actions as outbox
from outbox.models import Job

from .. import access, clock
from ..caseload import FULL_WEEK
from ..errors import Refused
from ..models import Assignment, EmailedCode, StaffAbsence, User
from ..numbers import in_words
from ..roles import GUARDED_ROLES, ROLES, STAFF_ROLES
from ..words import worded
from .assignments import ONE_AT_A_TIME, leave_out

# What the row history calls each change, and how the account's page says it.
DEEDS = {
    "invited": "Invited",
    "added": "Account made, without an invitation",
    "resent": "Invitation sent again",
    "changed": "Details or roles changed",
    "closed": "Account closed",
    "reopened": "Account opened again",
    "reset": "Sign-in reset",
}


@transaction.atomic
def invite_staff(*, roles: Collection[str], by: User, **facts: Any) -> User:
    """A new account for someone who works here; a link to choose a password is mailed to them. `facts` as of `_new`.

    `roles` are slugs of keywork.roles; "staff" always comes with them. An adult on file as family under the
    same address is tied to the account, so that it is shut out of their own child's record.
    Raises Refused.
    """
    user = _new(roles=_staff_roles(roles), by=by, **facts)
    if needs_looking_at_twice(roles=roles):
        _notify_of_rights(user)
    _tie_family(user)
    return user


def add_staff(*, by: User, **facts: Any) -> User:
    """As `invite_staff`, but nobody is told yet: the invitation goes later. Raises Refused."""
    return invite_staff(by=by, mail=False, invited=False, **facts)


def needs_looking_at_twice(
    *, user: User | None = None, email: str = "", roles: Collection[str] | None = None
) -> bool:
    """Does this give or take a guarded role, or change an address (of a new account: give a guarded role)?

    Then whoever does it says first that it is they, and Head and DSL are told.
    """
    had = set(user.roles) if user is not None else set()
    changed = set() if roles is None else GUARDED_ROLES & (set(roles) ^ had)
    return bool(changed) or (user is not None and _clean(email) != user.email)


def has_administrator() -> bool:
    """Is there anybody who can invite people: an open account with a password and the right to?"""
    admins = User.objects.filter(roles__contains=["admin"], is_active=True)
    return any(admin.has_usable_password() for admin in admins)


@transaction.atomic
def invite_first_administrator(*, name: str, email: str) -> User:
    """The account that invites everybody else, made on the server; the caller hands over the link.

    Once more for an administrator who has not chosen a password yet. Raises Refused when there is one who
    has, or somebody else has the address.
    """
    if has_administrator():
        raise Refused("There is an administrator already, who can invite others in Keywork.", "email")
    nobody_was_in = not User.objects.filter(last_login__isnull=False).exists()
    known = User.objects.select_for_update().filter(email=_clean(email)).first()
    if known is None or "admin" not in known.roles or not (known.is_active or nobody_was_in):
        known = _new(name=name, email=email, roles=_staff_roles(["admin"]), by=None, mail=False)
    else:
        known.invited_at, known.is_active, known.deactivated_at = clock.now(), True, None
        with pghistory.context(did="resent"):
            known.save(update_fields=["invited_at", "is_active", "deactivated_at"])
    if nobody_was_in:
        # An address that was mistyped first is somebody's, who could ask for a new password later.
        mistyped = User.objects.filter(roles__contains=["admin"], is_active=True).exclude(pk=known.pk)
        mistyped.update(is_active=False, deactivated_at=clock.now())
    return known


@transaction.atomic
def invite_family(*, member: Any, email: str, by: User, mail: bool = True) -> User:
    """An account for a parent or carer on file (students.FamilyMember); without `mail` they choose a password at once.

    Someone who works here gets the parent's role with the account they have. Raises Refused, also
    while a court restriction is in force for all their children.
    """
    member = type(member).objects.select_for_update(of=("self",)).get(pk=member.pk)
    links = member.links.filter(ended_on__isnull=True)
    if not links.exists():
        raise Refused(f"{member.name} is not a contact of any {worded('student')} now.", "email")
    if not links.unrestricted(clock.today()).exists():
        raise Refused("A court restriction is in force. Ask the safeguarding lead.", "email")
    known = User.objects.filter(pk=member.user_id).first() or User.objects.filter(email=_clean(email)).first()
    if known is None:
        user = _new(name=member.name, email=email, roles=["family"], by=by, mail=mail)
    else:
        tied_to = getattr(known, "family_member", None)
        if (
            not known.is_school_staff
            or "family" in known.roles
            or (tied_to is not None and tied_to.pk != member.pk)
        ):
            raise Refused(
                f"{known.name} signs in with {known.email} already. Each person needs their own address.",
                "email",
            )
        if known.pk == by.pk:
            raise Refused("Nobody makes themselves a parent. Ask another administrator to.", "email")
        if not known.is_active:
            raise Refused(f"{known.name} has a closed account. Open that one again.", "email")
        user = known
        user.roles = [*user.roles, "family"]
        with pghistory.context(did="changed", by=by.pk):
            user.save(update_fields=["roles"])
    if member.user_id != user.pk:
        member.user = user
        member.save(update_fields=["user"])
    access.forget_relations(user)
    return user


@transaction.atomic
def invite_student(*, student: Any, email: str, by: User) -> User:
    """An account with which a student sees their own page. Raises Refused."""
    student = type(student).objects.select_for_update(of=("self",)).get(pk=student.pk)
    if student.user_id is not None:
        raise Refused(f"{student.name} has an account already.", "email")
    user = _new(name=student.name, email=email, roles=["student"], by=by)
    student.user = user
    student.save(update_fields=["user"])
    return user


@transaction.atomic
def add_student_account(*, name: str, by: User) -> User:
    """For a student who signs in with a card: without an address, so nothing is ever mailed to it."""
    return _new(name=name, email="", roles=["student"], by=by, mail=False, invited=False)


@transaction.atomic
def resend_invitation(*, user: User, by: User) -> User:
    """The link once more, for someone who has never chosen a password. Raises Refused."""
    row = _locked(user)
    if row.has_usable_password():
        raise Refused(f"{row.name} has chosen a password already and can ask for a new one at sign-in.")
    if not row.is_active:
        raise Refused(f"The account of {row.name} is closed. Open it again first.")
    if not row.email:
        raise Refused(f"{row.name} signs in with a card. Write their e-mail address first.", "email")
    _invite(row, "resent" if row.invited_at else "invited", by)
    return row


@transaction.atomic
def invite_added(*, user: User, by: User) -> None:
    """The first letter to somebody who was added without one; none where it was asked for meanwhile. Raises Refused."""
    if _locked(user).invited_at is None:
        resend_invitation(user=user, by=by)


@transaction.atomic
def change_account(
    *,
    user: User,
    name: str,
    email: str,
    job_title: str = "",
    days_a_week: Decimal = FULL_WEEK,
    roles: Collection[str] | None = None,
    by: User,
) -> User:
    """Change name, address and (for staff) title, days at work and roles. A new address is told to the old one.

    Being family or a student is not chosen here: it comes from the record. Raises Refused for an
    address in use and for the last administrator.
    """
    row = _locked(user)
    twice = needs_looking_at_twice(user=row, email=email, roles=roles)
    old_email, new_email = row.email, _clean(email)
    before = _newest_event(row)
    if row.is_school_staff and roles is not None:
        kept = [role for role in row.roles if role not in STAFF_ROLES]
        new_roles = [*_staff_roles(roles), *kept]
        if row.pk == by.pk and set(new_roles) - set(row.roles):
            raise Refused("Nobody gives themselves a role. Ask another administrator to.", "roles")
        if "admin" in row.roles and "admin" not in new_roles:
            _check_other_admin(row, "roles")
        row.roles, row.job_title, row.days_a_week = new_roles, job_title.strip(), days_a_week
    row.name, row.email = name.strip(), new_email
    try:
        with transaction.atomic(), pghistory.context(did="changed", by=by.pk):
            row.save(update_fields=["name", "email", "job_title", "days_a_week", "roles"])
    except IntegrityError as error:
        raise Refused("Someone else signs in with this address.", "email") from error
    if twice:
        _notify_of_rights(row)
    if new_email != old_email:
        EmailAddress.objects.filter(user=row).delete()  # allauth would let the old address in
        _tie_family(row)
        if row.has_usable_password():
            outbox.do("keywork.address_changed", before=before)
        else:
            _invite(row, "resent" if row.invited_at else "invited", by)
    access.forget_relations(row)
    return row


@transaction.atomic
def close_account(*, user: User, reason: str, by: User, at_once: bool = False) -> User:
    """Nobody gets in with it from this moment, and whoever's it was is nobody's keyworker from today.

    The rows of their posts stay until someone hands them over (`assignments_of`); the heads are told where students are
    left without a keyworker.

    The password goes too, so that no session of before comes back to life when the account is opened again.
    Raises Refused for oneself, for the last administrator, and, unless it is to be `at_once`, while they have
    students whom nobody is to take over.
    """
    row = _locked(user)
    if row.pk == by.pk:
        raise Refused("You cannot close your own account. Another administrator can.", "reason")
    if not row.is_active:
        raise Refused("This account is closed already.", "reason")
    if "admin" in row.roles:
        _check_other_admin(row, "reason")
    left = left_alone(row).count()
    if left and not at_once:
        counted = f"{in_words(left)} {worded('student' if left == 1 else 'students')}"
        raise Refused(
            worded(
                f"{row.name} has {counted} whom nobody takes over yet. Ask the Head to share them out first."
            ),
            "at_once",
        )
    row.is_active, row.deactivated_at = False, clock.now()
    row.set_unusable_password()
    with pghistory.context(did="closed", by=by.pk, reason=reason.strip()):
        row.save(update_fields=["is_active", "deactivated_at", "password"])
    if Assignment.objects.dated(clock.today()).filter(user=row, kind=Assignment.Kind.KEYWORKER).exists():
        outbox.do("keywork.account_closed", user=row.pk)
    access.forget_relations(row)
    return row


@transaction.atomic
def reopen_account(*, user: User, reason: str, by: User) -> User:
    """They may come in again, by a new invitation. Raises Refused if it is open."""
    row = _locked(user)
    if row.is_active:
        raise Refused("This account is open.", "reason")
    closed_on = (row.deactivated_at or clock.now()).astimezone(clock.LONDON).date()
    row.is_active, row.deactivated_at = True, None
    row.set_unusable_password()
    row.save(update_fields=["password"])  # not tracked, so not under the context
    _invite(row, "reopened", by, reason)
    if closed_on < clock.today():
        leave_out(user=row, first=closed_on, last=clock.today() - timedelta(days=1), by=by)
    return row


@transaction.atomic
def reset_sign_in(*, user: User, reason: str, by: User) -> User:
    """For a lost phone or a stolen one: second steps and password go, sessions end, a new link is mailed.

    Raises Refused for oneself and for a closed account.
    """
    row = _locked(user)
    if row.pk == by.pk:
        raise Refused("Change your own sign-in from your own page, or ask another administrator.", "reason")
    if not row.is_active:
        raise Refused("This account is closed. Open it again first.", "reason")
    Authenticator.objects.filter(user=row).delete()
    EmailedCode.objects.filter(user=row).delete()
    row.set_unusable_password()
    row.save(update_fields=["password"])
    _invite(row, "reset", by, reason)
    return row


@transaction.atomic
def change_own_details(*, phone: str, reach_note: str, by: User) -> User:
    """How families reach a member of staff."""
    row = _locked(by)
    row.phone, row.reach_note = phone.strip(), reach_note.strip()
    row.save(update_fields=["phone", "reach_note"])
    return row


@transaction.atomic
def choose_language(*, language: str, by: User) -> User:
    """In which language somebody reads Keywork, whatever is recorded."""
    row = _locked(by)
    row.language = language
    row.save(update_fields=["language"])
    return row


@transaction.atomic
def add_absence(*, starts_on: date, ends_on: date, by: User, user: User | None = None) -> StaffAbsence:
    """Days `user` is away, or whoever says it, both included (C11). Raises Refused for the past and an overlap."""
    who = _locked(user or by)
    if ends_on < starts_on:
        raise Refused("Choose a last day that is on or after the first", "ends_on")
    if ends_on < clock.today():
        raise Refused("Choose a last day that is today or later", "ends_on")
    if who.absences.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        whose = "You have said that you are" if who == by else f"{who.name} is down as"
        raise Refused(f"{whose} away on some of these days. Remove those first", "starts_on")
    return StaffAbsence.objects.create(user=who, starts_on=starts_on, ends_on=ends_on, recorded_by=by)


@transaction.atomic
def remove_absence(*, absence: StaffAbsence, by: User) -> None:
    absence.delete()


def assignments_of(user: User, on: date) -> QuerySet[Assignment]:
    """What the person holds on a day or will hold: to be handed over when they go."""
    return (
        Assignment.objects.exclude(ends_on__lt=on)
        .filter(user=user)
        .select_related("student")
        .order_by("student__in_order", "starts_on")
    )


def left_alone(user: User) -> QuerySet[Any]:
    """The students who would have nobody in the person's place, as keyworker, deputy or mentor, if they went now."""
    assignments = user.assignments.filter(kind__in=ONE_AT_A_TIME, ends_on__isnull=True)
    student = apps.get_model("students", "Student").objects
    return student.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=clock.today()), assignments__in=assignments
    ).distinct()


def _clean(email: str) -> str:
    return email.strip().lower()


def _staff_roles(roles: Collection[str]) -> list[str]:
    """The staff roles among `roles`, in the order of the role list, always with "staff"."""
    return [slug for slug in ROLES if slug == "staff" or (slug in roles and slug in STAFF_ROLES)]


def _locked(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _new(
    *,
    name: str,
    email: str,
    roles: list[str],
    by: User | None,
    job_title: str = "",
    days_a_week: Decimal = FULL_WEEK,
    mail: bool = True,
    invited: bool = True,
) -> User:
    """`by` is None on the server itself, before there is anybody; without `mail` the caller passes the link on.

    Not `invited`: they are later.
    """
    address = _clean(email)
    known = User.objects.filter(email=address).first() if address else None
    if known is not None:
        state = "" if known.is_active else ", with a closed account"
        raise Refused(f"{known.name} signs in with this address already{state}.", "email")
    user = User(
        name=name.strip(),
        email=address,
        roles=roles,
        job_title=job_title.strip(),
        days_a_week=days_a_week,
        invited_at=clock.now() if invited else None,
    )
    user.set_unusable_password()
    try:
        with (
            transaction.atomic(),
            pghistory.context(did="invited" if invited else "added", by=by.pk if by else None),
        ):
            user.save()
    except IntegrityError as error:
        raise Refused("Someone has just been given an account with this address.", "email") from error
    if mail:
        _send_invitation(user)
    return user


def _newest_event(row: User) -> int | None:
    """The row of the history that says what the account is now."""
    return row.events.order_by("-pgh_id").values_list("pk", flat=True).first()


def _notify_of_rights(row: User) -> None:
    outbox.do("keywork.rights_changed", became=_newest_event(row))


def _invite(row: User, did: str, by: User, reason: str = "") -> None:
    row.invited_at = clock.now()
    with pghistory.context(did=did, by=by.pk, reason=reason.strip()):
        row.save(update_fields=["is_active", "deactivated_at", "invited_at"])
    _send_invitation(row)


def _send_invitation(user: User) -> None:
    """To those who have an address: a student may have a card instead."""
    if not user.email:
        return
    outbox.do("keywork.invitation", key=str(user.pk), user=user.pk)


def invitation_sent(user: User) -> Job | None:
    """What became of the newest invitation; None where none was mailed in the last month."""
    return outbox.latest("keywork.invitation", str(user.pk))


def _check_other_admin(row: User, field: str) -> None:
    """Administrators are locked in one order, so that two cannot resign at the same moment."""
    admins = User.objects.select_for_update().filter(roles__contains=["admin"], is_active=True).order_by("pk")
    if not [admin for admin in admins if admin.pk != row.pk]:
        raise Refused("This is the only administrator. Make someone else one first.", field)


def _tie_family(user: User) -> None:
    """Tie the adult on file with this address to a staff account: it gets no role, it is only shut out.

    Where two adults share the address, the first on file: both are family of the same children.
    """
    if not user.is_school_staff or hasattr(user, "family_member"):
        return
    members = apps.get_model("students", "FamilyMember").objects.filter(
        user__isnull=True, email__iexact=user.email
    )
    member = members.order_by("pk").first()
    if member is not None:
        member.user = user
        member.save(update_fields=["user"])
        access.forget_relations(user)
