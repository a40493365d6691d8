"""Whom at school home turns to, and telling the other side. No mail says whose it is, or what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from keywork import clock, school
from keywork.absences import keyworker_of
from keywork.access import Can, allows, heads
from keywork.dates import LONDON, day_in_full, london_date, time_of_day
from keywork.models import User
from keywork.reader import writing_to
from keywork.words import filled, marked, worded
from outbox import actions as outbox
from outbox import kinds
from outbox.kinds import Letter
from students.models import FamilyLink, Student

from .models import Appointment, DetailsProposal, HomeMessage

TO_HOME: Final = "home.told"
TO_SCHOOL: Final = "home.school_told"

# To whoever asked: subject, and what follows it.
HOME_WORDS: Final = {
    "meeting_offered": ("A time to meet at school", "School offers you a time to meet. Is it right for you?"),
    "meeting_moved": ("Your meeting with school is moved", "School has moved your meeting."),
    "meeting_answered": (
        "An answer about your meeting",
        "School has answered what you asked about a meeting.",
    ),
    "meeting_off": ("Your meeting with school is called off", "School cannot keep your meeting."),
    "meeting_tomorrow": ("Your meeting with school", marked("You have a meeting with school {when}.")),
    "message": ("A message from school for you", "Your child’s keyworker has written to you."),
    "details": ("About the details you sent us", "School has looked at the details you sent."),
}
SCHOOL_WORDS: Final = {
    "meeting_asked": (
        "You are asked for a time to meet",
        "{A student} or their family would like to meet you.",
    ),
    "meeting_chosen": ("A time you offered is taken", "Somebody has chosen one of the times you offered."),
    "meeting_settled": ("A meeting is agreed", "The time you offered is right for them."),
    "meeting_moved": ("A meeting is to be moved", "Somebody would like another time for a meeting with you."),
    "meeting_off": ("A meeting is called off", "Somebody has called off a meeting with you."),
    "meeting_tomorrow": ("A meeting with a family", "You have a meeting {when}."),
    "message": ("A family has written to you", "A message waits for you."),
    "details": ("A family has sent new details", "Somebody at home asks for their details to be changed."),
}


def to_ask(student: Student) -> User | None:
    """The keyworker, or the deputy in their place; where there is neither, the Head of Social Education."""
    return keyworker_of(student) or heads().order_by("in_order", "pk").first()


def notify_home(what: str, **about: Any) -> None:
    """In the transaction of what it is about: one `meeting`, `message` or `details`. A student has no mail: their own
    page says it."""
    [(name, row)] = about.items()
    if name == "details" or row.member_id is not None:
        outbox.do(TO_HOME, what=what, **{name: row.pk})


def notify_school(what: str, **about: Any) -> None:
    [(name, row)] = about.items()
    outbox.do(TO_SCHOOL, what=what, **{name: row.pk})


def _row(what: str, pk: int) -> Any:
    """None for what is no news any more: a meeting that was called off since, a message that was read."""
    if what == "details":
        return DetailsProposal.objects.select_related("link__student", "link__member__user").get(pk=pk)
    if what == "message":
        rows = HomeMessage.objects.select_related("student", "member__user")
        return rows.filter(pk=pk, read_at__isnull=True).first()
    found = Appointment.objects.select_related("student", "member__user", "user").get(pk=pk)
    is_off = found.called_off_at is not None
    return found if is_off == (what == "meeting_off") else None


@kinds.mail(TO_HOME, "Mails to families about meetings and messages", waits=False)
def letters_home(what: str, **keys: int) -> Iterator[Letter]:
    """To whoever it is about at home, as long as they may be written to, and have an account.

    Of a day that is past by then nothing is told, and nobody is reminded of what has begun.
    """
    row = _row(what, *keys.values())
    if row is None:
        return
    about = row.link if what == "details" else row
    today, member = clock.today(), about.member
    link = FamilyLink.objects.for_keywork(today).filter(student=about.student_id, member=member)
    user = member.user
    if user is None or not user.is_written_to or not link.exists() or _is_past(what, row):
        return
    if not allows(user, Can.VIEW_FAMILY_HOME, about.student_id):  # nothing they could open
        return
    page = {"message": "home:messages", "details": "home:details"}.get(what, "home:meet")
    letter = _letter(user, HOME_WORDS[what], row, reverse(page, args=[about.student_id]))
    yield replace(letter, home=(about.student_id,))


def _is_past(what: str, row: Any) -> bool:
    starts_at = getattr(row, "starts_at", None)
    if starts_at is None or what == "meeting_answered":
        return False
    if what == "meeting_tomorrow":
        return bool(starts_at <= clock.now())
    return london_date(starts_at) < clock.today()


@kinds.mail(TO_SCHOOL, kinds.STAFF_MAIL, waits=True)
def letters_to_school(what: str, **keys: int) -> Iterator[Letter]:
    """To whom it is with, and to whoever answers today, if that is another: each once."""
    row = _row(what, *keys.values())
    if row is None:
        return
    student: Student = row.link.student if what == "details" else row.student
    if what == "message":
        page = reverse("home:thread", args=[student.pk, row.member_id])
    else:
        page = reverse("home:proposal" if what == "details" else "home:meeting", args=[row.pk])
    for user in dict.fromkeys((getattr(row, "user", None), to_ask(student))):
        if user is not None and user.is_written_to and allows(user, Can.ANSWER_HOME, student.pk):
            yield _letter(user, SCHOOL_WORDS[what], row, page)


def _letter(user: User, words: tuple[str, str], row: Any, page: str) -> Letter:
    subject, said = words
    with writing_to(user):
        when = ""
        if getattr(row, "starts_at", None) is not None:
            at = row.starts_at.astimezone(LONDON)
            day, time = day_in_full(at.date(), clock.today()), time_of_day(at.time())
            when = filled("on {day} at {time}", day=day, time=time)
        body = filled(
            "Hello {name},\n\n{said}\n\nOpen Keywork to see it: {link}\n\n{school}\n",
            name=user.get_short_name(),
            said=worded(said).replace("{A student}", worded("A student")).replace("{when}", when),
            link=settings.BASE_URL.rstrip("/") + page,
            school=school.load().name,
        )
        return Letter(user, worded(subject), body)
