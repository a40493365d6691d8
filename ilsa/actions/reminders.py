"""Inviting and reminding raters: who asks, by when, and a link; never a student's name or answer."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from keywork import clock
from keywork.dates import LONDON
from keywork.keyworker_history import reachable
from keywork.models import Assignment, User
from outbox import actions as outbox
from students.models import FamilyLink

from ..models import RaterForm, Round
from ..models.assessment import Role


@transaction.atomic
def tell(*, by: User, round: Round, again: bool = False) -> int:
    """Write once to everyone with an open form and an account; how many letters. Once a day at most when `again`.

    A keyworker gets one letter for all their students, a parent one for all their children. Students have no
    letter: their own page says that it is their turn.
    """
    today = clock.today()
    waiting = RaterForm.objects.select_for_update(of=("self",)).filter(
        assessment__round=round, submitted_at__isnull=True, missing=""
    )
    if again:
        midnight = datetime.combine(today, time(0), LONDON)
        waiting = waiting.exclude(reminded_at__gte=midnight)
    forms = list(waiting.select_related("assessment", "member__user").order_by("pk"))
    keyworkers = reachable(Assignment.Kind.KEYWORKER, today, [form.assessment.student_id for form in forms])
    free = set(
        FamilyLink.objects.for_reports(today)
        .filter(student__in=[form.assessment.student_id for form in forms])
        .values_list("student", "member")
    )
    letters: dict[int, tuple[User, list[RaterForm]]] = {}
    for form in forms:
        user = None
        if form.role == Role.KEYWORKER:
            user = keyworkers.get(form.assessment.student_id)
        elif form.role == Role.PARENT and (form.assessment.student_id, form.member_id) in free:
            user = form.member.user if form.member else None
        if user is not None and user.is_active:
            letters.setdefault(user.pk, (user, []))[1].append(form)
    for user, mine in letters.values():
        ids = [form.pk for form in mine]
        outbox.do("ilsa.to_rater", round=round.pk, user=user.pk, forms=ids, by=by.pk, again=again)
    told = [form.pk for _, mine in letters.values() for form in mine]
    RaterForm.objects.filter(pk__in=told).update(reminded_at=clock.now())
    return len(letters)
