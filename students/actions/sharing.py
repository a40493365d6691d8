"""Opening one record to one named person, until a date, for a reason; and closing it again."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction

from keywork import access, clock
from keywork.errors import Refused
from keywork.models import User

from ..models import FamilyLink, Student, StudentAccess

LONGEST_DAYS = 366  # an exception is looked at again at least once a year


@transaction.atomic
def share_record(
    *, student: Student, user: User, what: str, expires_on: date, reason: str, by: User
) -> StudentAccess:
    """Let `user` do what the exception `what` (a key of access.EXCEPTIONS) opens, from today to `expires_on`.

    A second grant of the same thing replaces the dates and the reason of the first. Raises Refused for
    someone who is not active staff, for the student's own family, a date that has passed, or no reason.
    """
    access.EXCEPTIONS[what]  # an unknown one is a mistake of the caller
    today = clock.today()
    if not user.signs_in_as("staff"):
        raise Refused("Choose someone who works here and can sign in.", "user")
    if FamilyLink.objects.of_account(user).filter(student=student).exists():
        raise Refused(f"{user.name} is family of {student.known_as} and cannot read this record.", "user")
    if expires_on < today:
        raise Refused("Choose a date that is today or later", "expires_on")
    if (expires_on - today).days > LONGEST_DAYS:
        raise Refused("Choose a date within a year; it can be shared again then", "expires_on")
    if not reason.strip():
        raise Refused("Say why they need it", "reason")
    permission = Permission.objects.get(content_type__app_label="students", codename=what)
    shared, _ = StudentAccess.objects.update_or_create(
        user=user,
        permission=permission,
        content_object=student,
        defaults={"reason": reason.strip(), "granted_by": by, "starts_on": today, "expires_on": expires_on},
    )
    access.forget_relations(user)
    return shared


@transaction.atomic
def end_sharing(*, shared: StudentAccess, by: User) -> StudentAccess:
    """Close it from now on: its last day becomes yesterday. Who ended it is in the row's history."""
    row = StudentAccess.objects.select_for_update().get(pk=shared.pk)
    row.expires_on = min(row.expires_on, clock.today() - timedelta(days=1))
    row.save(update_fields=["expires_on"])
    access.forget_relations(row.user)
    return row
