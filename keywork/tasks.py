"""Work outside the request: mail, so that no page waits for a mail server; and sweeping up.

A task carries ids of rows and no more: what is queued is kept in Redis' file, where no link, code, address or word of a
message belongs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPException

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from . import clock
from .backup import BackupRefused, nightly
from .models import Assignment, Heartbeat, User
from .roles import GUARDED_ROLES, ROLES

TRY_AGAIN = {
    "autoretry_for": (OSError, SMTPException),
    "retry_backoff": 30,
    "retry_backoff_max": 3600,
    "max_retries": 8,
}


@shared_task(**TRY_AGAIN)
def send_account_mail(kind: str, user_id: int, at: str) -> None:
    """A message about somebody's own sign-in: `kind` names its templates, `at` is when it happened (ISO 8601).

    The link to a new password is made here, so that it is nowhere but in the mail.
    """
    from .signin import invitation_url  # it queues messages through this module

    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    context = {
        "user": user,
        "timestamp": datetime.fromisoformat(at),
        "new_password_url": settings.BASE_URL.rstrip("/") + reverse("account_reset_password"),
    }
    if kind == "account/email/password_reset_key":
        context["password_reset_url"] = invitation_url(user)
    subject = " ".join(render_to_string(f"{kind}_subject.txt", context).split())
    send_mail(subject, render_to_string(f"{kind}_message.txt", context).strip() + "\n", None, [user.email])


@shared_task(**TRY_AGAIN)
def send_invitation(user_id: int) -> None:
    """A one-time link to choose a password. Someone closed meanwhile, or in already, gets none."""
    from .school import load
    from .signin import invitation_url  # it queues messages through this module

    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or user.has_usable_password():
        return
    context = {"user": user, "url": invitation_url(user), "school_name": load().name}
    send_mail(
        "Your invitation to Keywork", render_to_string("email/invitation.txt", context), None, [user.email]
    )


@shared_task(**TRY_AGAIN)
def tell_old_address(event_id: int) -> None:
    """Where the account was reached until now hears that it is reached elsewhere.

    `event_id` is of the row history: the account as it was before.
    """
    before = apps.get_model("keywork", "UserEvent").objects.get(pk=event_id)
    user = User.objects.get(pk=before.pgh_obj_id)
    body = render_to_string("email/address_changed.txt", {"user": user})
    send_mail("Your Keywork e-mail address was changed", body, None, [before.email])


@shared_task(**TRY_AGAIN)
def tell_of_rights(event_id: int) -> None:
    """Head and DSL hear who now leads or administers, or no longer does, and whose address was changed.

    `event_id` is of the row history: the account as it became; the row before it says what it was. Whoever lost the
    right to hear of it is told too; nobody is told of what they were given themselves.
    """
    events = apps.get_model("keywork", "UserEvent").objects.select_related("pgh_context")
    now = events.get(pk=event_id)
    was = events.filter(pgh_obj_id=now.pgh_obj_id, pk__lt=event_id).order_by("-pk").first()
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
    told = User.objects.filter(is_active=True, roles__overlap=["head", "dsl"]).exclude(pk=now.pgh_obj_id)
    to = {user.email for user in told}
    if was and had & {"head", "dsl"}:
        to.add(was.email)
    for address in sorted(to):
        send_mail("Keywork: who may do what was changed", body, None, [address])


@shared_task(**TRY_AGAIN)
def tell_heads_of_closing(user_id: int) -> None:
    """The heads hear on the day that students are left without a keyworker, as an account was closed."""
    user = User.objects.get(pk=user_id)
    posts = Assignment.objects.dated(clock.today()).filter(user=user, kind=Assignment.Kind.KEYWORKER)
    students = posts.count()
    if user.is_active or not students:
        return
    subject = f"{students} student{'' if students == 1 else 's'} without a keyworker"
    body = render_to_string(
        "email/account_closed.txt", {"user": user, "students": students, "base_url": settings.BASE_URL}
    )
    for head in User.objects.filter(is_active=True, roles__contains=["head"]):
        send_mail(subject, body, None, [head.email])


@shared_task
def clear_sessions() -> int:
    """Sweep up sessions that ended two days ago: until then they tell whose unsent words are (keywork.held)."""
    return Session.objects.filter(expire_date__lt=clock.now() - timedelta(days=2)).delete()[0]


@shared_task(autoretry_for=(BackupRefused,), retry_backoff=900, max_retries=3)
def back_up() -> None:
    """The backup of the night, where one is set up."""
    nightly.back_up()


@shared_task
def worker_is_there() -> None:
    """Beat, queue, worker and database work together: what keywork.health looks at."""
    Heartbeat.note("worker")
