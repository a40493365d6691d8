"""Telling home that a decision was shared with them, withdrawn, or answered: who and what stand in no mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from keywork import school
from keywork.models import User
from keywork.reader import writing_to
from keywork.words import filled, marked, worded
from outbox import kinds
from outbox.kinds import Letter

from ..models import DecisionReader
from ..models.decision import DecisionReaderQuerySet
from .actions import note_notified
from .known import who_may_know

TO_READ = marked("Open Keywork to read it: {link}\n\nOr ring the school and ask.\n")
DECISIONS = "Mails about a decision"


@kinds.mail("care.decision", DECISIONS, waits=False)
def decided(decision: int) -> Iterator[Letter]:
    """To each parent and carer it was shared with who may know today, has an account and has not read it."""
    rows = DecisionReader.objects.standing().filter(notified_at__isnull=True, read_at__isnull=True)
    said = marked("{school} has decided something about your child.")
    yield from _letters(rows, decision, marked("A decision about your child"), said)


@kinds.mail("care.decision_withdrawn", DECISIONS, waits=False)
def withdrawn(decision: int) -> Iterator[Letter]:
    """To those of them who know of it."""
    known = Q(notified_at__isnull=False) | Q(read_at__isnull=False) | Q(answered_at__isnull=False)
    title = marked("A decision about your child has changed")
    said = marked("{school} has taken back a decision about your child.")
    yield from _letters(DecisionReader.objects.filter(known), decision, title, said)


@kinds.mail("care.decision_reply", DECISIONS, waits=False)
def replied(reader: int) -> Iterator[Letter]:
    row = DecisionReader.objects.get(pk=reader)
    rows = DecisionReader.objects.standing().filter(pk=reader).exclude(reply="")
    said = marked("{school} has answered what you said about a decision.")
    yield from _letters(rows, row.decision_id, marked("An answer from school"), said)


def _letters(rows: DecisionReaderQuerySet, decision: int, subject: str, said: str) -> Iterator[Letter]:
    found = rows.filter(
        decision=decision, member__user__is_active=True, member__user__roles__contains=["family"]
    )
    for row in found.select_related("decision__student", "member__user").order_by("pk"):
        student = row.decision.student
        if who_may_know(student).filter(member=row.member_id).exists():
            sent = partial(note_notified, readers=[row.pk])
            yield letter_home(row.member.user, student.pk, subject, said, sent)


def letter_home(
    user: User, student_id: int, subject: str, said: str, sent: Callable[[], Any] | None = None
) -> Letter:
    """What kind of thing, and a link: nothing of what stands behind it."""
    link = settings.BASE_URL + reverse("portal:family")
    with writing_to(user):
        title = worded(subject)
        body = f"{filled(said, school=school.load().name)}\n\n{filled(TO_READ, link=link)}"
    return Letter(user, title, body, sent=sent, home=(student_id,))
