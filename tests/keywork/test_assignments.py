"""Assigning keyworkers: never two on one day, the cap, history and future changes (domain 5.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from keywork.actions.assignments import (
    assign,
    cancel_planned,
    caseloads,
    end_all,
    end_assignment,
)
from keywork.errors import Refused
from keywork.models import Assignment
from tests.world import TODAY, make_student
from tests.world import assign as row

A_DAY = timedelta(days=1)


def five_students(user, start=date(2026, 9, 8)):
    students = [make_student(f"Child{n}", "Fiveways") for n in range(5)]
    for student in students:
        row(student, user, start=start)
    return students


def test_database_refuses_two_keyworkers_on_one_day(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        row(world.mina, world.u_head, start=TODAY, end=TODAY)
    # The day after the last day is free.
    old = Assignment.objects.get(student=world.otto, kind="keyworker")
    Assignment.objects.filter(pk=old.pk).update(ends_on=TODAY)
    row(world.otto, world.u_head, start=TODAY + A_DAY)
    assert Assignment.objects.filter(student=world.otto, kind="keyworker").count() == 2


@pytest.mark.parametrize("kind", ["deputy", "mentor"])
def test_one_deputy_and_one_mentor_at_a_time(world, kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        row(world.mina, world.u_head, kind, start=TODAY)


def test_new_keyworker_closes_the_old_on_the_day_before(world):
    made = assign(
        student=world.otto,
        user=world.u_keyworker,
        kind="keyworker",
        starts_on=TODAY,
        reason="student_request",
        by=world.u_head,
    )
    old = Assignment.objects.get(student=world.otto, user=world.u_keyworker_other)
    assert (old.ends_on, old.end_reason, old.ended_by) == (TODAY - A_DAY, "student_request", world.u_head)
    assert made.ends_on is None


def test_sixth_student_needs_a_reason_and_a_leaver_makes_room(world):
    kit = world.u_nobody
    kit.roles = ["staff"]
    kit.save()
    students = five_students(kit)
    newcomer = make_student("Sixth", "Fiveways")
    wanted = dict(student=newcomer, user=kit, kind="keyworker", starts_on=date(2026, 11, 3), by=world.u_head)
    with pytest.raises(Refused, match="already has five students") as refused:
        assign(**wanted)
    assert refused.value.field == "over_cap_reason"
    assert not Assignment.objects.filter(student=newcomer).exists()

    students[0].left_on = date(2026, 10, 31)
    students[0].save(update_fields=["left_on"])
    assert assign(**wanted).over_cap_reason == ""


def test_cap_is_passed_with_a_recorded_reason(world):
    five_students(world.u_head)
    newcomer = make_student("Sixth", "Fiveways")
    made = assign(
        student=newcomer,
        user=world.u_head,
        kind="keyworker",
        starts_on=TODAY,
        over_cap_reason="Knows the family well",
        by=world.u_head,
    )
    assert made.over_cap_reason == "Knows the family well"
    assert caseloads(TODAY)[world.u_head.pk] == 6


def test_cap_does_not_count_deputies(world):
    five_students(world.u_head)
    newcomer = make_student("Sixth", "Fiveways")
    assert assign(student=newcomer, user=world.u_head, kind="deputy", starts_on=TODAY, by=world.u_head).pk


def test_future_change_and_taking_it_back(world):
    planned = assign(
        student=world.otto,
        user=world.u_keyworker,
        kind="keyworker",
        starts_on=TODAY + 7 * A_DAY,
        by=world.u_head,
    )
    old = Assignment.objects.get(student=world.otto, user=world.u_keyworker_other, kind="keyworker")
    assert old.ends_on == TODAY + 6 * A_DAY
    assert caseloads(TODAY).get(world.u_keyworker_other.pk) == 1
    with pytest.raises(Refused, match="already planned"):
        assign(
            student=world.otto, user=world.u_head, kind="keyworker", starts_on=TODAY + A_DAY, by=world.u_head
        )
    cancel_planned(assignment=planned, by=world.u_head)
    old.refresh_from_db()
    assert old.ends_on is None
    assert not Assignment.objects.filter(pk=planned.pk).exists()


@pytest.mark.parametrize("who", ["parent", "inactive", "nobody", "student"])
def test_only_active_staff_are_assigned(world, who):
    with pytest.raises(Refused, match="no active staff account"):
        assign(student=world.otto, user=world.users[who], kind="core", starts_on=TODAY, by=world.u_head)


def test_family_of_the_student_is_refused(world):
    with pytest.raises(Refused, match="is family of this student"):
        assign(student=world.mina, user=world.u_staff_parent, kind="deputy", starts_on=TODAY, by=world.u_head)


def test_ending_keeps_history(world):
    current = Assignment.objects.get(student=world.mina, user=world.u_keyworker, kind="keyworker")
    with pytest.raises(Refused, match="that day or later"):
        end_assignment(assignment=current, ends_on=current.starts_on - A_DAY, reason="other", by=world.u_head)
    end_assignment(assignment=current, ends_on=TODAY, reason="staff_left", by=world.u_head)
    assert list(
        Assignment.objects.filter(student=world.mina, kind="keyworker").values_list("user__name", "ends_on")
    ) == [("Former", TODAY - 61 * A_DAY), ("Keyworker", TODAY)]


def test_leaving_ends_everything(world):
    planned = row(world.otto, world.u_mentor, "mentor", start=TODAY + 30 * A_DAY)
    end_all(student=world.otto, ends_on=TODAY, by=world.u_head)
    assert not Assignment.objects.filter(pk=planned.pk).exists()
    assert not Assignment.objects.filter(student=world.otto, ends_on__isnull=True).exists()
