"""The demo school as most people meet it, on a school day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Q

from care.models import (
    Action,
    Checklist,
    Decision,
    DecisionReader,
    FiledDocument,
    PartAsked,
    Resource,
    ReviewPerson,
    SharedItem,
    Tried,
)
from contacts.models import ContactHold, HomeContact, KeyworkSession, Miss
from demo.rows import is_working_day
from keywork import access, duties
from keywork.access import Can
from keywork.jobs import late_job
from keywork.models import Assignment, User
from outbox.models import Job
from students.models import FamilyLink, Student

from .conftest import MONDAY, state_counts

pytestmark = pytest.mark.django_db


def test_sixty_students_have_every_state_of_a_school_day(sixty):
    counts = state_counts(MONDAY)
    assert (sixty.on_roll, sixty.staff) == (60, 24)
    assert Student.objects.on_roll(MONDAY).count() == 60
    contact, session = counts["home_contact"], counts["session"]
    # met_late and missed are states of a half-term that has ended: see the test at Christmas.
    assert {"ok", "due_soon", "overdue", "first due_soon", "first overdue", "not_owed", "none"} <= set(
        contact
    )
    assert {"met", "open", "due_soon", "declined", "not_required", "none"} <= set(session)
    assert ContactHold.objects.filter(starts_on__lte=MONDAY, ends_on__gte=MONDAY).exists()
    assert HomeContact.objects.filter(needs_approval=True, approved_on__isnull=True).exists()
    assert {"missed", "attempted", "unassigned", "handover"} <= set(
        Miss.objects.values_list("klass", flat=True)
    )
    assert not Miss.objects.filter(Q(keyworker_notified_at=None) | Q(head_notified_at=None)).exists()
    assert late_job() is None
    connection.check_constraints()


def test_caseloads_and_gaps(sixty):
    held = Counter(
        Assignment.objects.current(MONDAY)
        .filter(kind="keyworker", student__in=Student.objects.on_roll(MONDAY))
        .values_list("user__name", flat=True)
    )
    above = {name: number for name, number in held.items() if number > 5}
    assert above == {"Kit Sorrensen-Bello": 6}
    assert (
        Assignment.objects.current(MONDAY)
        .filter(user__name="Kit Sorrensen-Bello", kind="keyworker")
        .exclude(over_cap_reason="")
        .exists()
    )
    assert Student.objects.on_roll(MONDAY).count() - sum(held.values()) == 2
    assert Assignment.objects.filter(kind="keyworker", starts_on__gt=MONDAY).count() == 1
    assert FamilyLink.objects.exclude(court_restriction="").exists()
    precious = User.objects.get(name="Precious Adeyinka-Rowe")
    temi = Student.objects.get(known_as="Temi")
    assert not access.allows(precious, Can.VIEW_STUDENT, temi)
    assert access.allows(precious, Can.VIEW_FAMILY_HOME, temi)


def test_what_was_known_on_a_day_gone_by_is_there(sixty):
    """What the demo invents has no history of its own; it was known from the day it says of itself."""
    then = MONDAY - timedelta(days=300)
    on_roll = [one for one in Student.objects.all() if one.is_on_roll(then)]
    known = duties.states_for(on_roll, then, then)
    now = duties.states_for(on_roll, then)
    same = [
        one.status == other.status
        for pk, owed in now.items()
        for one, other in zip(owed, known[pk], strict=True)
    ]
    # All but what was logged late, and what rests on a plan that another has followed since.
    assert sum(same) > 0.85 * len(same)
    assert not any("Nobody is in post" in one.reason for owed in known.values() for one in owed)


def test_the_story_has_one_of_everything_that_care_keeps(sixty):
    ros = User.objects.get(email="keyworker@demo.keywork.example")
    mine = Student.objects.filter(assignments__user=ros, assignments__kind="keyworker").distinct()
    assert set(Decision.objects.filter(student__in=mine).values_list("origin", flat=True)) >= {
        "meeting",
        "plan",
        "review",
    }
    assert DecisionReader.objects.filter(decision__student__in=mine, member__user__isnull=False).exists()
    assert FiledDocument.objects.filter(meeting__isnull=False).count() == 2
    assert ReviewPerson.objects.filter(advice_on=None, advice_by__isnull=False).exists()
    shown = SharedItem.objects.open_to(User.objects.get(email="teacher@demo.keywork.example"), MONDAY)
    assert [one.what for one in shown if one.read_at] == ["document"]
    assert {"document", "contact"} == set(SharedItem.objects.values_list("what", flat=True))
    open_ones = Action.objects.open().filter(owner=ros)
    assert open_ones.filter(meeting__isnull=False).count() == 5 and open_ones.filter(repair_id__isnull=False)
    assert PartAsked.objects.exclude(answer_id=None).filter(asked_by=ros).exists()
    bj = Student.objects.get(legal_forename="Bartholomew-James")
    lists = Checklist.objects.filter(student=bj, slug="induction")
    assert {point.done_on is None for one in lists for point in one.points.all()} == {True, False}
    for model, least in ((Tried, 4), (Resource, 5)):
        assert model.objects.filter(student__in=mine).count() >= least
    assert not Job.objects.exists()


def test_nobody_rings_home_when_a_school_is_closed(sixty):
    """In the holidays they do, but on no weekend, bank holiday, or day between Christmas Eve and New Year."""
    days = set(HomeContact.objects.values_list("happened_on", flat=True))
    days |= set(KeyworkSession.objects.values_list("happened_on", flat=True))
    assert [day for day in sorted(days) if not is_working_day(day)] == []
    assert not is_working_day(date(2025, 12, 25)) and not is_working_day(date(2026, 4, 6))
    assert is_working_day(date(2026, 8, 4)), "in the summer holidays"
