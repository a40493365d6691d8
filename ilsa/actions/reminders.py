"""Inviting and reminding raters: who asks, by when, and a link; never a student's name or answer."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock, school
from keywork.dates import LONDON
from keywork.models import Assignment, User
from keywork.posts import reachable
from keywork.tasks import send_message
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
        _write(user, mine, by, round, again)
    told = [form.pk for _, mine in letters.values() for form in mine]
    RaterForm.objects.filter(pk__in=told).update(reminded_at=clock.now())
    return len(letters)


def _write(user: User, forms: list[RaterForm], by: User, round: Round, again: bool) -> None:
    counted: dict[str, int] = defaultdict(int)
    for form in forms:
        counted[form.role] += 1
    is_family = Role.PARENT in counted
    body = render_to_string(
        "ilsa/email/invitation.txt",
        {
            "name": user.get_short_name(),
            "by": by.name,
            "school": school.load().name,
            "round": round,
            "again": again,
            "family": is_family,
            "count": counted[Role.KEYWORKER],
            "url": settings.BASE_URL + reverse("portal:family" if is_family else "portal:today"),
        },
    )
    subject = "Your view is still missing" if again else "Your view is asked for"
    transaction.on_commit(lambda: send_message.delay(subject, body, [user.email]))
