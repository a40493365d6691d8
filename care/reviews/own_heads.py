"""What care itself has for the talk before a review: plans in force, and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.dates import day_in_full, london_date

from ..decisions.known import DecisionReader
from ..models import Decision
from ..plans.models import PlanVersion
from ..plans.reading import unread
from .heads import HeadLine

# Under which head a kind of plan stands.
PLANS: Final = {"safeguarding": "safeguarding_plans", "health": "ihp_updates"}
# What people decided about the student; that a plan, a review or a keyworker changed is no strategy.
ANNOUNCED: Final = ("", "meeting")


class CareHeads:
    """A safeguarding plan that this reader may not read says nothing, as none would."""

    def heads(self, student: Any, reader: Any, since: date, school: Any) -> Mapping[str, Sequence[HeadLine]]:
        found: dict[str, list[HeadLine]] = {}
        rows = PlanVersion.objects.readable_by(reader).newest().filter(plan__student=student)
        versions = list(rows.filter(plan__kind__in=list(PLANS)).select_related("plan"))
        waiting = unread(versions)
        for one in versions:
            found.setdefault(PLANS[one.plan.kind], []).append(_plan(one, waiting.get(one.pk, 0)))
        if allows(reader, Can.VIEW_MEETINGS, student):
            found["agreed_strategies"] = _decisions(student, since)
        return found


def _plan(one: PlanVersion, waiting: int) -> HeadLine:
    today = clock.today()
    missing = "one has" if waiting == 1 else f"{waiting} have"
    read = f"{missing} still to read it" if waiting else "read by everybody who must"
    return HeadLine(
        f"{one.plan.of_kind.name}, version {one.number}: {one.why.rstrip('.')}; to be looked at again by "
        f"{day_in_full(one.review_by, today)}",
        read,
        reverse("care:kept", args=[one.plan.student_id, one.plan.kind]),
        "Read it",
        first=one.review_by < today,
        on=one.written_on,
    )


def _decisions(student: Any, since: date) -> list[HeadLine]:
    """What was decided since the last review and is in force, newest first."""
    rows = Decision.objects.filter(
        student=student, withdrawn_at__isnull=True, from_on__gte=since, origin__in=ANNOUNCED
    ).prefetch_related("readers__member")
    return [
        HeadLine(
            one.what.rstrip("."),
            _silent(list(one.readers.all())),
            reverse("care:decision", args=[student.pk, one.pk]),
            "The decision",
            on=london_date(one.announced_at),
        )
        for one in rows
    ]


def _silent(readers: Sequence[DecisionReader]) -> str:
    names = [one.name for one in readers if one.answered_at is None and one.member is not None]
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} not answered" if names else ""
