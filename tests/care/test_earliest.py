"""A day before that of which it is told is refused beside its field, in every form of care that asks for one."""

from __future__ import annotations

from datetime import date

import pytest
from django.forms import DateField

from care.models import Resource, SupportCycle
from tests.access.records import outcome, plan, review_person
from tests.access.records import review as make_review
from tests.care.test_meetings import planned
from tests.care.test_reviews import senco, to  # noqa: F401
from tests.forms import form_of
from tests.world import TODAY

pytestmark = pytest.mark.django_db
LONG_AGO = "1999-01-04"
BORN = "That is before Min was born. Choose a later day"
ISSUED = "The plan was issued on Wednesday 21 January 2026. Choose that day or a later one"


@pytest.fixture
def pages(world):
    """Every page with a date on it, and what is said of a day long ago."""
    issued = plan(world.mina, world.u_senco, issued_on=date(2026, 1, 21), next_review_on=date(2027, 1, 21))
    aim, review, by = outcome(issued), make_review(issued, world.u_senco), world.u_senco
    person = review_person(review, by)
    given = Resource.objects.create(
        student=world.mina, what="Overlay", given_on=TODAY, by=by, at=review.created_at
    )
    cycle = SupportCycle.objects.create(
        student=world.mina, number=1, starts_on=TODAY, review_on=date(2027, 1, 11), assess="Reads", aim="Reads more",
        created_by=by, created_at=review.created_at,
    )  # fmt: skip
    of_student = [
        ("resource_add",), ("resource_edit", given.pk), ("tried_add",), ("document_add",), ("decision_add",),
        ("meeting_add",), ("meeting_edit", planned(world).pk), ("plan_add",), ("plan_edit", issued.number),
        ("outcome_add",), ("outcome_edit", aim.pk), ("outcome_status", aim.pk), ("cycle_add",),
        ("cycle", cycle.pk), ("assessment_add",),
    ]  # fmt: skip
    steps = [
        ("review_step", review.pk, one) for one in ("taking-part", "papers", "meeting", "report", "talk")
    ]
    of_review = [
        *steps, ("review_move", review.pk), ("review_change_add", review.pk), ("review_person", review.pk, person.pk),
    ]  # fmt: skip
    return [(one, BORN) for one in of_student] + [(one, ISSUED) for one in of_review]


def test_no_form_takes_a_day_before_what_it_is_told_of(world, as_user, senco, pages):  # noqa: F811
    keyworker, seen = as_user(world.u_keyworker), set()
    for (name, *more), words in pages:
        url = to(name, world, *more)
        client = next(one for one in (senco, keyworker) if one.get(url).status_code == 200)
        page = client.get(url)
        form = page.context["form"]
        days = [one for one, field in form.fields.items() if isinstance(field, DateField)]
        assert days, name
        given = form_of(page.content.decode(), "kw-form")
        answer = client.post(url, given | dict.fromkeys(days, LONG_AGO))
        assert answer.status_code == 422, name
        for day in days:
            assert words in answer.context["form"].errors.get(day, []), (name, more, day)
            seen.add(day)
    assert {"advice_on", "given_on", "on", "dated_on", "papers_on", "requested_on", "asked_on"} <= seen
