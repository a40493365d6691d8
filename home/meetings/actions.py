"""Offering times, asking for a meeting, and what either side makes of it; the other side is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from keywork import clock, contact_hold, school
from keywork.access import Can, allows
from keywork.dates import LONDON, day_in_full, time_of_day
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.words import filled
from students.models import FamilyLink, FamilyMember, Student

from ..mails import notify_home, notify_school, to_ask
from ..models import Appointment, OfferedTime
from . import rules

TAKEN = "Somebody else has just taken this time. Choose another"
MOST_AT_ONCE = 8


# ------------------------------------------------------------------------------------ offered times


@transaction.atomic
def offer_times(
    *,
    by: User,
    student: Student | None,
    on: date,
    at: time,
    minutes: int,
    how: str,
    where: str = "",
    count: int = 1,
) -> list[OfferedTime]:
    """`count` times, one after the other. Raises Refused for what is past, too far ahead, or in the way of another."""
    if student is not None and not allows(by, Can.ANSWER_HOME, student):
        raise Refused("Choose a student of yours", "student")
    if not 1 <= count <= MOST_AT_ONCE:
        raise Refused(f"Offer at most {MOST_AT_ONCE} times at once", "count")
    User.objects.select_for_update().only("pk").get(pk=by.pk)  # two windows of theirs wait for each other
    begins, made = _moment(on, at), []
    for number in range(count):
        starts_at = begins + timedelta(minutes=number * minutes)
        _check_moment(starts_at)
        _refuse_overlap(by, starts_at, minutes)
        made.append(
            OfferedTime.objects.create(
                user=by,
                student=student,
                starts_at=starts_at,
                minutes=minutes,
                how=how,
                where=where.strip(),
                offered_at=clock.now(),
            )
        )
    return made


@transaction.atomic
def take_time_back(*, by: User, offered: OfferedTime) -> None:
    """Nobody can choose it any more. Raises Refused where somebody has."""
    row = OfferedTime.objects.select_for_update(of=("self",)).get(pk=offered.pk)
    if row.user_id != by.pk:
        raise Refused("Only whoever offered a time takes it back")
    if row.taken_back_at is not None:
        return
    if row.meetings.filter(called_off_at__isnull=True).exists():
        raise Refused("Somebody has chosen this time. Move the meeting or call it off")
    row.taken_back_at = clock.now()
    row.save(update_fields=["taken_back_at"])


def _moment(on: date, at: time) -> datetime:
    return datetime.combine(on, at, LONDON)


def _check_moment(starts_at: datetime) -> None:
    now = clock.now()
    if starts_at <= now:
        raise Refused("Choose a time that is still to come", "on")
    if starts_at > now + rules.FARTHEST:
        raise Refused("Choose a day within the next half year", "on")


def _refuse_overlap(user: User, starts_at: datetime, minutes: int, but: Appointment | None = None) -> None:
    """Their other offered times and settled meetings of that day."""
    day = (starts_at - timedelta(hours=5), starts_at + timedelta(hours=5))
    offered = OfferedTime.objects.filter(user=user, taken_back_at__isnull=True, starts_at__range=day)
    settled = Appointment.objects.settled().filter(user=user, starts_at__range=day, time__isnull=True)
    if but is not None:
        settled = settled.exclude(pk=but.pk)
        if but.time_id is not None:
            offered = offered.exclude(pk=but.time_id)
    for other in (*offered, *settled):
        assert other.starts_at is not None and other.minutes is not None
        if rules.overlap(starts_at, minutes, other.starts_at, other.minutes):
            when = time_of_day(other.starts_at.astimezone(LONDON).time())
            raise Refused(
                filled("Another time of yours begins at {when} that day and is not over by then", when=when),
                "at",
            )


# ------------------------------------------------------------------------------------------ home asks


@transaction.atomic
def ask(
    *, by: User, student: Student, member: FamilyMember | None, offered: OfferedTime | None, words: str = ""
) -> Appointment:
    """Of somebody at home, or (no `member`) of the student themselves. Raises Refused.

    A time that is offered is settled by choosing it; without one, school offers some.
    """
    _check_asks(by, student, member)
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    if any(one.state in ("asked", "offered") for one in _open_of(student, member)):
        raise Refused("You have asked already. It stands on this page")
    user = offered.user if offered else to_ask(student)
    if user is None:
        raise Refused("There is nobody to ask just now. Ring the school office")
    row = Appointment(
        student=student,
        member=member,
        user=user,
        asked_by=by,
        asked_at=clock.now(),
        asked_on=clock.today(),
        words=words.replace("\x00", "").strip(),
    )
    if offered is not None:
        _take(row, offered)
    _save(row)
    notify_school("meeting_chosen" if offered else "meeting_asked", meeting=row)
    return row


def _open_of(student: Student, member: FamilyMember | None) -> Any:
    return Appointment.objects.standing().filter(
        student=student, member=member, contact__isnull=True, session__isnull=True
    )


def _check_asks(by: User, student: Student, member: FamilyMember | None) -> None:
    today = clock.today()
    if not student.is_on_roll(today):
        raise Refused("This is for days at this school")
    if member is None:
        if not allows(by, Can.VIEW_MY_PAGE, student):
            raise Refused("Only the student asks for a chat")
    elif not may_be_met(student, member) or member.user_id != by.pk:
        raise Refused("Ring the school office, please")


def may_be_met(student: Student, member: FamilyMember) -> bool:
    """May the keyworker be in touch with them today?"""
    links = FamilyLink.objects.for_keywork(clock.today())
    return links.filter(student=student, member=member).exists()


def _take(row: Appointment, offered: OfferedTime) -> None:
    """The time is theirs, if it is still anybody's to have."""
    now = clock.now()
    one = (
        OfferedTime.objects.select_for_update(of=("self",))
        .filter(pk=offered.pk, taken_back_at__isnull=True, starts_at__gt=now)
        .first()
    )
    if one is None or one.student_id not in (None, row.student_id):
        raise Refused("This time is not offered any more. Choose another", "time")
    if one.meetings.filter(called_off_at__isnull=True).exclude(pk=row.pk).exists():
        raise Refused(TAKEN, "time")
    row.time, row.user = one, one.user
    row.starts_at, row.minutes, row.how, row.where = one.starts_at, one.minutes, one.how, one.where
    row.settled_at, row.reminded_at = now, None


def _save(row: Appointment) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(TAKEN, "time") from error


# --------------------------------------------------------------------------------- what becomes of it


@transaction.atomic
def say_yes(*, by: User, meeting: Appointment, version: int) -> Appointment:
    """Home agrees to the time that school offers. Raises Refused, ChangedMeanwhile."""
    row = _locked(meeting, version)
    if not is_home(by, row):
        raise Refused("Home says whether the time is right")
    if row.state != "offered":
        raise Refused("There is no time to agree to just now")
    row.settled_at, row.reminded_at = clock.now(), None
    _written(row)
    notify_school("meeting_settled", meeting=row)
    return row


@transaction.atomic
def choose_another(
    *, by: User, meeting: Appointment, version: int, offered: OfferedTime | None, words: str = ""
) -> Appointment:
    """Home moves it: to another offered time, or back to school, which offers others. Raises Refused, ChangedMeanwhile."""
    row = _locked(meeting, version)
    if not is_home(by, row):
        raise Refused("Home chooses among the times")
    if row.state not in ("asked", "offered", "settled"):
        raise Refused("It cannot be moved any more. Ask for a new one")
    said = words.replace("\x00", "").strip()
    row.words = said or row.words
    if offered is not None:
        _take(row, offered)
    else:
        _without_time(row)
    _written(row)
    notify_school("meeting_moved", meeting=row)
    return row


def _without_time(row: Appointment) -> None:
    row.time = row.starts_at = row.minutes = row.settled_at = row.reminded_at = None
    row.how = row.where = ""


@transaction.atomic
def set_time(
    *,
    by: User,
    meeting: Appointment,
    version: int,
    on: date,
    at: time,
    minutes: int,
    how: str,
    where: str = "",
    words: str = "",
    agreed: bool = False,
) -> Appointment:
    """School offers a time of its own, or moves the meeting to it. Raises Refused, ChangedMeanwhile.

    It waits for home to say yes, unless they have `agreed` already. A chat is settled so: the student may say no.
    """
    row = _of_school(by, meeting, version)
    starts_at = _moment(on, at)
    _check_moment(starts_at)
    User.objects.select_for_update().only("pk").get(pk=by.pk)
    _refuse_overlap(by, starts_at, minutes, but=row)
    moved = row.settled_at is not None
    now = clock.now()
    row.time, row.user = None, by
    row.starts_at, row.minutes, row.how, row.where = starts_at, minutes, how, where.strip()
    row.settled_at = now if agreed or row.is_chat else None
    row.reminded_at = None
    row.answer, row.answered_by, row.answered_at = words.strip(), by, now
    _written(row)
    notify_home("meeting_moved" if moved else "meeting_offered", meeting=row)
    return row


@transaction.atomic
def answer(*, by: User, meeting: Appointment, version: int, words: str) -> Appointment:
    """School says something and sets no time. Raises Refused, ChangedMeanwhile."""
    row = _of_school(by, meeting, version)
    if not words.strip():
        raise Refused("Write an answer, or offer a time", "words")
    row.answer, row.answered_by, row.answered_at = words.strip(), by, clock.now()
    _written(row)
    notify_home("meeting_answered", meeting=row)
    return row


def _of_school(by: User, meeting: Appointment, version: int) -> Appointment:
    row = _locked(meeting, version)
    if not allows(by, Can.ANSWER_HOME, row.student):
        raise Refused("You do not answer for this student")
    if row.state not in ("asked", "offered", "settled"):
        raise Refused("This meeting is over")
    _refuse_on_hold(row)
    return row


def _refuse_on_hold(row: Appointment) -> None:
    if row.is_chat:
        return
    if contact_hold.on_hold(row.student_id, clock.today()):
        raise Refused(contact_hold.NOTHING_SENT)
    assert row.member is not None
    if not may_be_met(row.student, row.member):
        raise Refused("They may not be contacted now. Call the meeting off: nothing is sent")


@transaction.atomic
def call_off(*, by: User, meeting: Appointment, version: int, words: str = "") -> Appointment:
    """Either side; the offered time is free again. Raises Refused, ChangedMeanwhile."""
    row = _locked(meeting, version)
    home = is_home(by, row)
    if not home and not allows(by, Can.ANSWER_HOME, row.student):
        raise Refused("It is not yours to call off")
    if row.state in ("had", "off"):
        raise Refused("It is over already")
    row.called_off_at, row.called_off_by, row.called_off_words = clock.now(), by, words.strip()
    _written(row)
    (notify_school if home else notify_home)("meeting_off", meeting=row)
    return row


def log_had(*, by: User, meeting: Appointment, make: Callable[[], Any]) -> Any:
    """It was had: `make` writes the entry of the log. Raises Refused where somebody was quicker."""
    with transaction.atomic():
        row = _row(meeting)
        if not allows(by, Can.ANSWER_HOME, row.student):
            raise Refused("You do not answer for this student")
        if row.state != "over" and not (
            row.state == "settled" and row.starts_at and row.starts_at <= clock.now()
        ):
            raise Refused("Somebody has dealt with this meeting already")
        made = make()
        name = "session" if row.is_chat else "contact"
        setattr(row, name, made[0] if isinstance(made, list) else made)
        _written(row)
    return made


def is_home(user: User, row: Appointment) -> bool:
    """Is this whoever asked: the parent or carer, or the student?"""
    theirs = row.student.user_id if row.member is None else row.member.user_id
    return theirs is not None and theirs == user.pk


def _row(meeting: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("student", "member", "user")
    return rows.get(pk=meeting.pk)


def _locked(meeting: Appointment, version: int) -> Appointment:
    row = _row(meeting)
    if row.version != version:
        raise ChangedMeanwhile(row)
    return row


def _written(row: Appointment) -> None:
    row.version += 1
    _save(row)


# ------------------------------------------------------------------------------------------ reminders


@transaction.atomic
def remind(*, today: date) -> int:
    """Both sides, of each meeting up to the next school day; once each. How many meetings."""
    days = rules.reminded_on(today, school.load().calendar)
    if days is None:
        return 0
    first, last = _moment(days[0], time(0)), _moment(days[1] + timedelta(days=1), time(0))
    rows = Appointment.objects.settled().filter(
        starts_at__gte=first, starts_at__lt=last, reminded_at__isnull=True
    )
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for row in found:
        notify_home("meeting_tomorrow", meeting=row)
        notify_school("meeting_tomorrow", meeting=row)
    Appointment.objects.filter(pk__in=[row.pk for row in found]).update(reminded_at=clock.now())
    return len(found)


def when_in_words(starts_at: datetime, today: date) -> str:
    """ "Tuesday 8 December at 3.15 pm"."""
    at = starts_at.astimezone(LONDON)
    return filled("{day} at {time}", day=day_in_full(at.date(), today), time=time_of_day(at.time()))
