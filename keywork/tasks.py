"""Work outside the request: mail, so that no page waits for a mail server; and sweeping up.

A row of the outbox holds ids and no more: no link, code, address or word of a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from outbox import kinds
from outbox.kinds import Letter

from . import clock, quiet
from .access import HEAR_OF_RIGHTS, heads, relations
from .backup import nightly
from .calendar import SchoolCalendar
from .contact_hold import letters_go
from .errors import Refused, SchoolNotSetUp
from .form_keys import GOOD_FOR_SECONDS
from .models import Assignment, Cached, SentForm, User
from .printed_codes import emailed_code
from .reader import writing_to
from .roles import GUARDED_ROLES, ROLES
from .signin_words import NOTIFICATIONS
from .words import worded


@kinds.staff_hours
def opens(at: datetime) -> datetime:
    """The next hour of a school day; before there is a school, of a weekday."""
    from .school import load

    try:
        calendar = load().calendar
    except SchoolNotSetUp:
        calendar = SchoolCalendar([])
    return quiet.next_open(at, calendar)


kinds.homes(letters_go)


@kinds.mail("keywork.sign_in", "Mails about signing in", waits=False)
def sign_in_mail(about: str, user: int, at: str) -> Iterator[Letter]:
    """A message about somebody's own sign-in: `at` is when it happened (ISO 8601).

    `about` is one of NOTIFICATIONS, or "account.password_reset_key".

    The link to a new password is made here, so that it is nowhere but in the mail.
    """
    from .signin import invitation_url  # it asks for messages by the names in this module

    who = User.objects.filter(pk=user, is_active=True).first()
    if who is None:
        return
    context = {
        "user": who,
        "timestamp": datetime.fromisoformat(at),
        "new_password_url": settings.BASE_URL.rstrip("/") + reverse("account_reset_password"),
    }
    with writing_to(who):
        if about == "account.password_reset_key":
            context["password_reset_url"] = invitation_url(who)
            template, subject = "password_reset_key", worded("Choose a new password for Keywork")
        else:
            subject, context["happened"] = map(worded, NOTIFICATIONS[about])
            template = "notification"
        body = render_to_string(f"account/email/{template}.txt", context).strip() + "\n"
    yield Letter(who, subject, body)


CODE_WORKS_FOR = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)


@kinds.mail("keywork.sign_in_code", "Codes for signing in", waits=False)
def sign_in_code(user: int, nonce: str, at: str, after_password: bool) -> Iterator[Letter]:
    """The code that was asked for at `at` (ISO 8601), made here of its nonce; none that works no more."""
    who = User.objects.filter(pk=user, is_active=True).first()
    if who is None or clock.now() - datetime.fromisoformat(at) > CODE_WORKS_FOR:
        return
    context = {"user": who, "code": emailed_code(nonce), "after_password": after_password}
    with writing_to(who):
        subject = worded("Your code for Keywork")
        body = render_to_string("account/email/login_code_message.txt", context)
    yield Letter(who, subject, body.strip() + "\n", may_be_refused=True)


@kinds.mail("keywork.invitation", "Invitations", waits=False)
def invitation(user: int) -> Iterator[Letter]:
    """A one-time link to choose a password. Someone closed meanwhile, or in already, gets none.

    The school sends it: to a parent or carer it waits until their home may be written to.
    """
    from .school import load
    from .signin import invitation_url  # it asks for messages by the names in this module

    who = User.objects.filter(pk=user, is_active=True).first()
    if who is None or who.has_usable_password():
        return
    context = {"user": who, "url": invitation_url(who), "school_name": load().name}
    with writing_to(who):
        subject, body = (
            worded("Your invitation to Keywork"),
            render_to_string("email/invitation.txt", context),
        )
    yield Letter(who, subject, body, home=() if who.is_school_staff else tuple(relations(who).own_children))


@kinds.mail("keywork.address_changed", "Mails to an address that was changed", waits=False)
def address_changed(before: int) -> Iterator[Letter]:
    """Where the account was reached until now hears that it is reached elsewhere.

    `before` is of the row history: the account as it was.
    """
    was = apps.get_model("keywork", "UserEvent").objects.get(pk=before)
    user = User.objects.get(pk=was.pgh_obj_id)
    with writing_to(user):
        subject = worded("Your Keywork e-mail address was changed")
        body = render_to_string("email/address_changed.txt", {"user": user})
    yield Letter(was, subject, body, may_be_refused=True)


@kinds.mail("keywork.rights_changed", kinds.STAFF_MAIL, waits=False)
def rights_changed(became: int) -> Iterator[Letter]:
    """Head and DSL hear who now leads or administers, or no longer does, and whose address was changed.

    `became` is of the row history: the account as it became; the row before it says what it was. Whoever lost the
    right to hear of it is told too; nobody is told of what they were given themselves.
    """
    events = apps.get_model("keywork", "UserEvent").objects.select_related("pgh_context")
    now = events.get(pk=became)
    was = events.filter(pgh_obj_id=now.pgh_obj_id, pk__lt=became).order_by("-pk").first()
    had = set(was.roles) if was else set()
    by = User.objects.filter(pk=now.pgh_context.metadata.get("by")).first()
    context = {
        "name": now.name,
        "by": by,
        "given": [ROLES[slug].name for slug in ROLES if slug in GUARDED_ROLES & (set(now.roles) - had)],
        "taken": [ROLES[slug].name for slug in ROLES if slug in GUARDED_ROLES & (had - set(now.roles))],
        "address": was is not None and was.email != now.email,
        "url": settings.BASE_URL.rstrip("/") + reverse("portal:accounts"),
        "at": now.pgh_created_at,
    }
    body = render_to_string("email/rights_changed.txt", context)
    notified = User.objects.filter(is_active=True, roles__overlap=list(HEAR_OF_RIGHTS)).exclude(
        pk=now.pgh_obj_id
    )
    to = [user for user in notified.order_by("email") if user.is_written_to]
    if was and had & HEAR_OF_RIGHTS and was.email not in {user.email for user in to}:
        to.append(was)
    for one in to:
        yield Letter(one, "Keywork: who may do what was changed", body, may_be_refused=one is was)


@kinds.mail("keywork.account_closed", kinds.STAFF_MAIL, waits=False)
def account_closed(user: int) -> Iterator[Letter]:
    """The heads hear on the day that students are left without a keyworker, as an account was closed."""
    who = User.objects.get(pk=user)
    assignments = Assignment.objects.dated(clock.today()).filter(user=who, kind=Assignment.Kind.KEYWORKER)
    students = assignments.exclude(ends_on=clock.today()).count()  # that was its last day all the same
    if who.is_active or not students:
        return
    subject = (
        f"{students} {worded('student' if students == 1 else 'students')} without {worded('a keyworker')}"
    )
    body = render_to_string(
        "email/account_closed.txt", {"user": who, "students": students, "base_url": settings.BASE_URL}
    )
    for head in heads():
        yield Letter(head, subject, body)


@shared_task
def clear_sessions() -> int:
    """Sweep up sessions that ended two days ago: until then they tell whose unsent words are (keywork.pending).

    With them go the forms whose keys are good no more (keywork.open_forms).
    """
    too_old = clock.now() - timedelta(seconds=GOOD_FOR_SECONDS)
    SentForm.objects.filter(sent_at__lt=too_old).delete()
    Cached.objects.filter(ends_at__lt=timezone.now()).delete()
    return Session.objects.filter(expire_date__lt=clock.now() - timedelta(days=2)).delete()[0]


@shared_task(autoretry_for=(Refused,), retry_backoff=900, max_retries=3)
def back_up() -> None:
    """The backup of the night, where one is set up."""
    nightly.back_up()
