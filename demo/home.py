"""What families and students of the demo's keyworker ask for: meetings, messages, other details, and their own choice."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from contacts.models import HomeContact
from home.models import Appointment, DetailsProposal, HomeMessage, OfferedTime
from keywork import clock
from keywork.dates import LONDON
from keywork.languages import ENGLISH
from keywork.models import Assignment, User
from students.actions.own_choice import links_asked_about, record_own_choice
from students.models import FamilyLink, Student
from students.rules import is_young_person

from .texts import texts

_DAY = timedelta(days=1)
_WORDS = texts("home")


def write_home() -> None:
    """None in a school without that sign-in."""
    keyworker = User.objects.filter(email__startswith="keyworker@").first()
    if keyworker is None:
        return
    # Their family's language is recorded as Polish; whoever looks around reads English until they choose another.
    User.objects.filter(email__regex="^(parent|student)@").update(language=ENGLISH)
    today = clock.today()
    posts = Assignment.objects.keyworkers(today).filter(user=keyworker).select_related("student")
    theirs = [post.student for post in posts.order_by("student")]
    _offer(keyworker)
    for place, student in enumerate(theirs[:4]):
        links = FamilyLink.objects.for_keywork(today).filter(student=student, member__user__isnull=False)
        link = links.select_related("member__user").order_by("priority", "pk").first()
        if link is not None:
            _ask(link, keyworker, place)
    old = next((one for one in theirs if is_young_person(one.born_on, today)), None)
    if old is not None:
        _decide(old, keyworker)


def _offer(keyworker: User) -> None:
    begins = datetime.combine(clock.today() + 8 * _DAY, time(15, 30), LONDON)
    for number in range(3):
        OfferedTime.objects.create(
            user=keyworker, starts_at=begins + number * _DAY, minutes=30, how="school", where="Room 4",
            offered_at=clock.now(),
        )  # fmt: skip


def _ask(link: FamilyLink, keyworker: User, place: int) -> None:
    """The first waits for a time, the second has one; the third wrote and was answered, the fourth has other details."""
    now, user = clock.now(), link.member.user
    assert user is not None
    if place < 2:
        at = datetime.combine(clock.today() + 6 * _DAY, time(16), LONDON)
        settled = {"starts_at": at, "minutes": 30, "how": "phone", "settled_at": now} if place else {}
        Appointment.objects.create(
            student=link.student, member=link.member, user=keyworker, asked_by=user, asked_at=now - _DAY,
            asked_on=clock.today() - _DAY, words=_WORDS["ask"], **settled,
        )  # fmt: skip
    elif place == 2:
        _write(link, user, keyworker, from_home=True)
        _write(link, keyworker, keyworker, from_home=False)
    else:
        DetailsProposal.objects.create(
            link=link, fields={"best_time": _WORDS["best_time"]}, proposed_by=user, proposed_at=now
        )


def _write(link: FamilyLink, by: User, keyworker: User, *, from_home: bool) -> None:
    at = clock.now() - (2 if from_home else 1) * timedelta(hours=1)
    words = _WORDS["message" if from_home else "reply"]
    logged = HomeContact.objects.create(
        student=link.student, member=link.member, with_name=link.member.name, happened_on=clock.today(),
        channel="message", reached="message", outcome="delivered", direction="in" if from_home else "out",
        person_marked=True, notes=words, made_by=keyworker, logged_by=by, logged_at=at, logged_on=clock.today(),
    )  # fmt: skip
    HomeMessage.objects.create(
        student=link.student, member=link.member, from_home=from_home, words=words, written_by=by, written_at=at,
        contact=logged, read_at=at if from_home else None, read_by=keyworker if from_home else None,
    )  # fmt: skip


def _decide(student: Student, keyworker: User) -> None:
    record_own_choice(
        student=student, decided_on=clock.today() - 20 * _DAY, speaks_for_self=True, words=_WORDS["own_words"],
        sees={link.pk: "all" for link in links_asked_about(student)}, by=keyworker,
    )  # fmt: skip
