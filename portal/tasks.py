"""Telling people about a change of keyworker, outside the request. One message a person, each sent alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse

from contacts.digests import who_rather_not
from contacts.escalation import NotificationKind
from keywork import school
from keywork.models import User
from keywork.reader import writing_to
from keywork.words import worded_lazy
from outbox import kinds
from outbox.kinds import Letter
from reports.tasks import PAPERS
from students.models import Student

from . import oversight_report
from .decided import known_already, notified_at_home
from .made_known import letter, to_notify, write_down
from .notifications import NOTIFIED_AT_HOME, Notification, family_accounts, line_to_staff, to_family, to_staff

PAPERS["oversight"] = oversight_report.paper


CHANGE = worded_lazy("Mails about a change of keyworker")


@kinds.mail("portal.change_at_home", CHANGE, waits=False)
def notify_families(what: str, post: str, on: str, students: list[int]) -> Iterator[Letter]:
    """To the families of one change (portal.notifications.Notification, in plain values), as they are today.

    None to whoever knows of it already, or of what was taken back before they heard of it.
    """
    notification = Notification.of(what, post, on, students)
    name, link = school.load().name, settings.BASE_URL + reverse("portal:family")
    accounts = family_accounts(notification.student_ids)
    known = known_already(notification)
    for user, students_of in accounts.items():
        if theirs := tuple(pk for pk in students_of if (user.pk, pk) not in known):
            with writing_to(user):
                subject, body = to_family(notification, name, link)
            sent = partial(notified_at_home, notification, user)
            yield Letter(user, subject, body, part="home", sent=sent, home=theirs)


@kinds.mail("portal.change", CHANGE, waits=True)
def notify_staff(
    what: str,
    post: str,
    on: str,
    students: list[int],
    incoming: int | None,
    outgoing: list[int],
    at_home: bool = False,
    more: Sequence[dict[str, Any]] = (),
) -> Iterator[Letter]:
    """To whoever takes or leaves posts in one act, in one mail each: of this change, and of `more` of it.

    `at_home` is of what was asked for by an earlier version.
    """
    act = [
        Notification.of(what, post, on, students, incoming, outgoing),
        *(Notification.of(**one) for one in more),
    ]
    if at_home and post in NOTIFIED_AT_HOME:
        yield from notify_families(what, post, on, students)
    known = Student.objects.in_bulk({pk for notification in act for pk in notification.student_ids})
    lines: dict[int, list[str]] = defaultdict(list)
    for notification in act:
        initials = [known[pk].initials for pk in sorted(notification.student_ids) if pk in known]
        for pk in dict.fromkeys([notification.incoming, *notification.outgoing]):
            if pk is not None:
                lines[pk].append(line_to_staff(notification, initials, incoming=pk == notification.incoming))
    link = settings.BASE_URL + reverse("portal:today")
    for user in User.objects.filter(pk__in=lines, is_active=True).order_by("pk"):
        if user.is_written_to:
            yield Letter(user, *to_staff(lines[user.pk], link), part="staff")


@kinds.mail("portal.known", CHANGE, waits=True)
def make_known(on: str, students: list[int], keyworker: int, outgoing: list[int]) -> Iterator[Letter]:
    """To the staff around the students and their house leaders, in one mail each; who was told is written down."""
    user, day = User.objects.get(pk=keyworker), date.fromisoformat(on)
    for colleague, theirs in to_notify(students, user, day, outgoing).items():
        subject, body = letter(theirs, user, day)
        ids = [one.pk for one in theirs]
        yield Letter(colleague, subject, body, sent=partial(write_down, ids, keyworker, day, colleague))


@kinds.mail("portal.calendar", "Mails about a change of the school's calendar", waits=True)
def notify_of_calendar(users: list[int]) -> Iterator[Letter]:
    """To the keyworkers whose dates moved. No e-mail says whose."""
    link = settings.BASE_URL + reverse("portal:today")
    body = (
        "The school's calendar has changed, and dates by which you have something to do have moved with it.\n\n"
        f"Open Keywork to see the new dates: {link}\n"
    )
    notified = User.objects.filter(pk__in=users, is_active=True).exclude(
        pk__in=who_rather_not(NotificationKind.MOVED)
    )
    for user in notified.order_by("pk"):
        yield Letter(user, "Some of your dates have moved", body)
