"""A prepared query answers as its queryset does, whatever the values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywork import prepared
from keywork.models import Assignment
from keywork.sql import any_of
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
