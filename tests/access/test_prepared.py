"""A prepared query answers as its queryset does, whatever the values: plain rows, named ones and instances."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from keywork import prepared
from keywork.models import Assignment, PolicyVersion, School, User
from keywork.sql import any_of
from students.models import FamilyLink
from tests.world import TODAY


def posts(students, on, kind, *, limit):
    return (
        Assignment.objects.current(on)
        .filter(any_of("student", students), **({} if kind is None else {"kind": kind}))
        .order_by("pk")
        .values_list("kind", "starts_on", named=True)[:limit]
    )


@pytest.mark.django_db
def test_the_same_rows_for_every_student_and_day(world):
    found = 0
    for students in ([world.mina.pk], [world.otto.pk], [world.mina.pk, world.otto.pk], []):
        for on in (TODAY - timedelta(days=400), TODAY):
            for kind in (None, "keyworker", "mentor"):
                rows = prepared.rows(posts, students, on, kind, limit=5)
                assert rows == list(posts(students, on, kind, limit=5))
                assert all(row.starts_on <= on for row in rows)
                found += len(rows)
    assert found


@pytest.mark.django_db
def test_a_value_that_is_lost_is_noticed(world):
    with pytest.raises(ValueError, match="stand-in"):
        prepared.rows(lambda on: posts([world.mina.pk], TODAY, None, limit=1), TODAY)


def links(students):
    found = FamilyLink.objects.filter(any_of("student", students)).select_related("member")
    return found.defer("court_restriction").annotate(turn=F("priority")).order_by("pk")


@pytest.mark.django_db
def test_instances_with_what_belongs_to_them(world, django_assert_num_queries):
    found = prepared.rows(links, [world.mina.pk])
    plain = list(links([world.mina.pk]))
    assert found == plain and found
    assert found[0].get_deferred_fields() == {"court_restriction"}
    with django_assert_num_queries(0):
        assert [(one.member.name, one.label, one.turn) for one in found] == [
            (one.member.name, one.label, one.priority) for one in plain
        ]
    assert not found[0]._state.adding and found[0]._state.db == "default"


@pytest.mark.django_db
def test_a_field_that_django_converts_is_refused(world):
    with pytest.raises(ValueError, match="converts"):
        prepared.rows(PolicyVersion.objects.all)


@pytest.mark.django_db
def test_together_finds_what_each_finds_by_itself(world, django_assert_num_queries):
    asked = (
        prepared.Read(posts, [world.mina.pk], TODAY, None, limit=5),
        prepared.Read(links, [world.mina.pk]),
        prepared.Read(posts, [], TODAY, "mentor", limit=5, then=len),
        prepared.Read(logins, world.u_head.pk),
    )
    alone = [one.now() for one in asked]
    with django_assert_num_queries(1):
        found = prepared.together(*asked, "as it is")
    assert found == [*alone, "as it is"]
    once, _, again = prepared.together(
        asked[0], asked[1], prepared.Read(posts, [world.mina.pk], TODAY, None, limit=5)
    )
    assert once is again
    assert found[0] and found[2] == 0
    assert [one.member.name for one in found[1]] == [one.member.name for one in alone[1]]
    with pytest.raises(ValueError, match="UUIDField"):
        prepared.together(asked[0], prepared.Read(stamps))


def logins(pk):
    return User.objects.filter(pk=pk).values_list("created_at", "roles", "is_active", "name")


def stamps():
    return School.objects.values_list("pk", "stamp")
