"""What Oversight counts of reviews and plans, and that nobody learns by it of what they may not read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from care import figures
from care.models import PlanVersion
from care.plans.actions import ask_team
from enquiries.models import Enquiry
from keywork import clock
from keywork.school import load
from tests.access.records import kept, plan, review
from tests.world import TODAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=clock.LONDON)


def test_talks_papers_and_reports_in_time(world, as_user):
    """The table of domain 5.5, a year on: the three that are met, and no other."""
    ehc = plan(world.mina, world.u_keyworker)
    meets = at("2026-11-12 14:00")
    rows = [
        ("2026-11-05 10:00", 30, True),
        ("2026-11-05 10:00", 20, False),
        ("2026-11-12 13:30", 30, True),
        ("2026-11-12 13:45", 30, False),
        ("2026-10-29 10:00", 30, True),
        ("2026-10-28 10:00", 45, False),
    ]
    made = [
        review(
            ehc, world.u_keyworker, meets_at=meets, held_on=meets.date(), talk_at=at(begins), talk_minutes=minutes,
            papers_on=meets.date() - (14 + place % 2 * -1) * DAY, report_on=meets.date() + (14 + place % 3) * DAY,
        )
        for place, (begins, minutes, _) in enumerate(rows)
    ]  # fmt: skip
    policy = load().policy(TODAY)
    met = {row.pk for row, (_, _, is_met) in zip(made, rows, strict=True) if is_met}
    assert set(figures.talks_in_time(world.u_head, policy).values_list("pk", flat=True)) == met
    assert {row.pk for row in made if row.talk_result(policy) == "met"} == met, "as the rule says"
    page = as_user(world.u_head).get(reverse("portal:figures"), {"period": "term"})
    counted = {line.figure.key: line.now for line in page.context["lines"]}
    assert [counted[key] for key in ("reviews", "talks", "papers", "review_reports")] == [6, 3, 3, 2]
    behind = as_user(world.u_head).get(reverse("portal:figure", args=["talks"]), {"period": "term"})
    assert "Min Harcastle" in behind.content.decode()


def test_plans_overdue_and_not_read(world, as_user):
    """Counted of plans that the viewer reads: a safeguarding plan is not among those of the Head."""
    with clock.frozen(TODAY - 61 * DAY):
        for kind in ("risk", "safeguarding"):
            ask_team(version=kept(world.mina, world.u_keyworker, kind), by=world.u_keyworker)
    asked = Enquiry.objects.filter(kind="care.plan")
    risk = asked.filter(period=str(PlanVersion.objects.get(plan__kind="risk").pk)).count()
    assert 0 < risk < asked.count()
    asked.update(answer_by=TODAY - DAY)
    counted = {}
    for who in (world.u_head, world.u_dsl):
        lines = as_user(who).get(reverse("portal:figures"), {"period": "term"}).context["lines"]
        counted[who] = [line.now for line in lines if line.figure.key in ("plans_overdue", "not_read")]
    assert counted == {world.u_head: [1, risk], world.u_dsl: [2, asked.count()]}
    for name in ("plans_overdue", "not_read"):
        behind = as_user(world.u_head).get(reverse("portal:figure", args=[name]), {"period": "term"})
        assert "Min Harcastle" in behind.content.decode()
