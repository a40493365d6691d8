"""A compiled query answers as its queryset does, whatever the values."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from keywork.compiled import Compiled
from keywork.models import Assignment
from tests.world import TODAY


def posts(student_id, on):
    return (
        Assignment.objects.current(on)
        .filter(student_id=student_id)
        .order_by("pk")
        .values_list("kind", "starts_on")
    )


@pytest.mark.django_db
def test_the_same_rows_for_every_student_and_day(world):
    compiled = Compiled(posts, -1, date.min)
    found = 0
    for student in (world.mina, world.otto):
        for on in (TODAY - timedelta(days=400), TODAY):
            rows = compiled.rows(student.pk, on)
            assert rows == list(posts(student.pk, on))
            found += len(rows)
    assert found


@pytest.mark.django_db
def test_a_stand_in_that_is_lost_is_noticed(world):
    with pytest.raises(ValueError, match="stand-in"):
        Compiled(lambda student_id, on: posts(student_id, TODAY), -1, date.min).rows(world.mina.pk, TODAY)
