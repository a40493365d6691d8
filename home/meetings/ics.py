"""Meetings for calendar programs. They say that there is one, when and where; never whose child, or what about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse

from keywork import ics
from keywork.access import Can
from keywork.models import User
from keywork.numbers import number_in

from ..models import Appointment, AppointmentQuerySet

SALT: Final = "home.meetings-feed"
NAME: Final = "Keywork meeting"


def of(user: User) -> AppointmentQuerySet:
    """The settled meetings of one person: with them at school, or theirs at home."""
    rows = Appointment.objects.standing().filter(settled_at__isnull=False, starts_at__isnull=False)
    at_home = Appointment.objects.visible_to(user, Can.VIEW_FAMILY_HOME).filter(member__user=user)
    own = Appointment.objects.visible_to(user, Can.VIEW_MY_PAGE).filter(member__isnull=True)
    at_school = Appointment.objects.visible_to(user, Can.ANSWER_HOME).filter(user=user)
    theirs = Q(pk__in=at_home.values("pk")) | Q(pk__in=own.values("pk")) | Q(pk__in=at_school.values("pk"))
    return rows.filter(theirs).select_related("user", "student")


def address(user: User) -> str:
    """The whole address of somebody's feed. Another password makes it another address."""
    token = signing.Signer(salt=SALT).sign(str(user.pk))
    return settings.BASE_URL + reverse("home:feed", args=[f"{token}.{_mark(user)}"])


def of_address(token: str) -> User | None:
    """Whose feed it is, as long as their account is open."""
    signed, _, mark = token.rpartition(".")
    try:
        pk = number_in(signing.Signer(salt=SALT).unsign(signed), digits=18)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first() if pk is not None else None
    return user if user is not None and mark == _mark(user) else None


def _mark(user: User) -> str:
    return user.get_session_auth_hash()[:16]


def answer(meetings: Iterable[Appointment], user: User, filename: str) -> HttpResponse:
    return ics.answer("Keywork meetings", [_event(one, user) for one in meetings], filename)


def _event(meeting: Appointment, user: User) -> dict[str, Any]:
    """School reads the student's first name, home whom they meet."""
    with_whom = meeting.student.known_as if meeting.user_id == user.pk else meeting.user.get_short_name()
    return {
        "uid": f"meeting-{meeting.pk}",
        "sequence": meeting.version,
        "dtstart": meeting.starts_at,
        "dtend": meeting.ends_at,
        "summary": f"{NAME} ({with_whom})",
        "location": ", ".join(filter(None, (meeting.get_how_display(), meeting.where))),
    }
