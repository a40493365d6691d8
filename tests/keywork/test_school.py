"""What is kept of the school is what stands in the database, whoever wrote it there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from keywork import school
from keywork.models import Closure, HalfTerm, InsetDay, PolicyVersion, School
from tests.world import TODAY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        lambda: HalfTerm.objects.filter(starts_on__lte=TODAY, ends_on__gte=TODAY).update(name="Autumn two"),
        lambda: InsetDay.objects.create(day=TODAY + timedelta(days=1)),
        lambda: Closure.objects.create(starts_on=TODAY, ends_on=TODAY, reason="Snow"),
        lambda: PolicyVersion.objects.all().delete(),
        lambda: connection.cursor().execute("DELETE FROM keywork_halfterm"),
    ],
)
def test_every_change_is_noticed(world, change):
    before = school.load()
    assert school.load().calendar is before.calendar
    change()
    after = school.load()
    assert after.calendar is not before.calendar and after.policies is not before.policies


def test_a_new_name_alone_builds_nothing_anew(world):
    before = school.load()
    School.objects.update(name="Elsewhere School")
    assert school.load().name == "Elsewhere School"
    assert school.load().calendar is before.calendar
