"""Meetings, decisions and lists of the demo school: a core group with what it agreed, one to come, and what home said."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from care.checklists.actions import start_due
from care.decisions.known import who_may_know
from care.models import Action, AgendaItem, Attendee, Decision, DecisionReader, Meeting, Point
from keywork import clock, school
from keywork.dates import LONDON
from keywork.models import Assignment, User
from students.models import Student

from .texts import texts

_DAY = timedelta(days=1)
_WORDS = texts("meetings")


def write_meetings() -> None:
    """Of the students of the keyworker who signs in to the demo; lists of everybody whose time it is."""
    today = clock.today()
    start_due(today=today)
    keyworker = User.objects.filter(email__startswith="keyworker@").first()
    _tick_old_points(today)
    if keyworker is None:
        return
    calendar = school.load().calendar
    posts = Assignment.objects.keyworkers(today).filter(user=keyworker).select_related("student")
    for place, post in enumerate(posts.order_by("student")[:5]):
        on = today - (9 + place) * _DAY
        _write(post.student, keyworker, calendar.last_pupil_day_on_or_before(on) or on, place)


def _tick_old_points(today: date) -> None:
    """What is long due was done by the keyworker, or by the Head where there is none."""
    head = User.objects.filter(roles__contains=["head"], is_active=True).first()
    names = dict(Assignment.objects.keyworkers(today).values_list("student", "user"))
    rows = Point.objects.open().filter(due_on__lt=today - 5 * _DAY).select_related("checklist")
    for point in rows:
        by = names.get(point.checklist.student_id) or (head.pk if head else None)
        if by is not None:
            Point.objects.filter(pk=point.pk).update(done_on=point.due_on, done_by=by)


def _write(student: Student, keyworker: User, on: date, place: int) -> None:
    at = datetime.combine(on, time(16), LONDON)
    made = {"student": student, "made_by": keyworker, "made_at": at}
    mentor = Assignment.objects.filter(student=student, kind="mentor", ends_on=None).first()
    members = list(who_may_know(student).values_list("member", flat=True))
    meeting = Meeting.objects.create(
        kind="core-group", on=on, at=time(15, 45), minutes=35, place="Room 4", led_by=keyworker, minutes_at=at,
        minutes_by=keyworker, summary=_WORDS["summary"] if members else "", summary_for=members,
        summary_at=at if members else None, **made,
    )  # fmt: skip
    for number, (title, said) in enumerate(_WORDS["points"], 1):
        AgendaItem.objects.create(meeting=meeting, place=number, title=title, said=said)
    staff = [keyworker] if mentor is None else [keyworker, mentor.user]
    for user in staff:
        Attendee.objects.create(meeting=meeting, user=user, came=True)
    Attendee.objects.create(meeting=meeting, is_student=True, came=place != 0)
    due = on + (7 + 3 * place) * _DAY
    for user, what in zip(staff[::-1], _WORDS["actions"], strict=False):
        done = user != keyworker
        Action.objects.create(
            meeting=meeting, what=what, owner=user, due_on=due, first_due_on=due, done_on=due if done else None,
            done_by=user if done else None, note=_WORDS["came_of_it"] if done else "", **made,
        )  # fmt: skip
    Meeting.objects.create(
        kind="core-group", on=on + 42 * _DAY, at=time(15, 45), minutes=45, led_by=keyworker, **made
    )
    decision = Decision.objects.create(
        student=student, what=_WORDS["decision"], why=_WORDS["why"], decided_by=meeting.in_words, from_on=on + 5 * _DAY,
        asks=Decision.Asks.ANSWER, answer_by=on + 14 * _DAY, origin="meeting", origin_id=meeting.pk,
        announced_by=keyworker, announced_at=at,
    )  # fmt: skip
    for number, link in enumerate(who_may_know(student)):
        reader = DecisionReader(decision=decision, member=link.member, told_at=at)
        if number == 0 and place < 2:
            reader.read_at = reader.answered_at = at + _DAY
            reader.answered_by = link.member.user or keyworker
            reader.answer = DecisionReader.Given.AGREE if place else DecisionReader.Given.QUESTION
            reader.words = "" if place else _WORDS["question"]
        reader.save()
