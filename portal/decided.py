"""A change of who works with a student is a decision that home reads and answers (care.decisions); one letter tells it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from care.decisions.actions import announce_change, note_notified, withdraw_change
from care.models import Decision, DecisionReader
from keywork.models import Assignment, User
from keywork.words import filled
from students.models import Student

from .made_known import write_down_at_home
from .notifications import NOTIFIED_AT_HOME, Notification, What

NOT_AFTER_ALL = "It is not changing after all."


def decide(notification: Notification, by: User) -> None:
    """Within the change: a decision for each student, or the one that was announced taken back."""
    if notification.kind not in NOTIFIED_AT_HOME or not notification.at_home:
        return
    if notification.what is What.TAKEN_BACK:
        for one in _decisions(notification).filter(withdrawn_at__isnull=True):
            withdraw_change(by=by, decision=one, reason=NOT_AFTER_ALL)
        return
    begins = notification.what is What.BEGINS
    who = User.objects.in_bulk([pk for pk in (notification.incoming, *notification.outgoing) if pk])
    incoming = who.get(notification.incoming or 0)
    gone = next((who[pk] for pk in notification.outgoing if pk in who), None)
    for student in Student.objects.filter(pk__in=notification.student_ids).order_by("pk"):
        if begins and incoming is not None:
            what = filled("{} becomes {}’s {}.", incoming.name, student.known_as, notification.word)
            why = filled("{} was it until then.", gone.name) if gone is not None else ""
        else:
            name = gone.name if gone is not None else "Nobody"
            what, why = filled("{} stops being {}’s {}.", name, student.known_as, notification.word), ""
        announce_change(
            by=by,
            student=student,
            what=what,
            why=why,
            from_on=notification.on if begins else notification.on + timedelta(days=1),
            origin=str(notification.kind),
            asked=begins and notification.kind == Assignment.Kind.KEYWORKER,
            tells=False,
        )


def notified_at_home(notification: Notification, user: User) -> None:
    """Once its letter was sent to a parent or carer: they were told of it."""
    if notification.what is What.BEGINS:
        write_down_at_home(notification.student_ids, notification.on, user)
    readers = DecisionReader.objects.filter(decision__in=_decisions(notification), member__user=user)
    note_notified(readers=readers.values_list("pk", flat=True))


def known_already(notification: Notification) -> set[tuple[int, int]]:
    """Whom it need not be told: (user id, student id). The newest decision of this change says so, where there is one."""
    rows = DecisionReader.objects.filter(decision__in=_decisions(notification), member__user__isnull=False)
    newest = {  # the last of each pair stays
        (row.member.user_id, row.decision.student_id): row
        for row in rows.select_related("decision", "member").order_by("decision_id")
        if row.member is not None and row.member.user_id is not None
    }
    taken_back = notification.what is What.TAKEN_BACK
    return {
        who
        for who, row in newest.items()
        if (not row.is_known if taken_back else row.is_known or row.decision.withdrawn_at is not None)
    }


def _decisions(notification: Notification) -> QuerySet[Decision]:
    on = notification.on + timedelta(days=1) if notification.what is What.ENDS else notification.on
    return Decision.objects.filter(
        origin=str(notification.kind), from_on=on, student__in=notification.student_ids
    )
