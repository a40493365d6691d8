"""The report of a term: the figures of the pages, nobody's name, no small group."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.models import Miss
from keywork import clock
from keywork.school import load
from portal import oversight_report
from reports import rendering
from students.models import Student
from tests import world as cast
from tests.portal.test_oversight import school  # noqa: F401  the same school

TERM = "2026-27-autumn"


def facts(user):
    found = load()
    return oversight_report.facts(user, found.calendar.term(TERM), found, cast.TODAY)


@pytest.fixture
def missed(school):  # noqa: F811
    for klass, day in (("missed", 5), ("missed", 6), ("attempted", 7)):
        Miss.objects.create(
            student=school.mina,
            duty="home_contact",
            due_on=cast.TODAY.replace(day=day),
            klass=klass,
            as_of=cast.TODAY,
            detected_at=clock.now(),
        )
    return school


def test_its_figures_are_those_of_oversight_and_missed(missed, as_user):
    client, said = as_user(missed.u_head), facts(missed.u_head)
    page = client.get(reverse("portal:oversight")).context
    counters = {one["key"]: one["count"] for one in page["counters"]}
    assert counters.pop("over_cap") == said["over_cap"]
    assert counters == {key: said["counts"][key] for key in counters}
    assert page["total"] == said["on_roll"]
    asked = {"term": TERM, "duty": "home_contact"}
    shown = client.get(reverse("contacts:misses"), asked).context["filter"]
    assert said["missed"]["home_contact"] == {"missed": 2, "attempted": 1} == dict(shown.counts)
    shown = client.get(reverse("tsp:class"), {"term": TERM, "kind": "baseline"}).context
    baseline = said["tsp"]["windows"][0]
    assert (baseline["of"], baseline["complete"]) == (shown["total"], shown["complete"])
    assert (
        dict(said["overdue"])["Home contact"]
        == client.get("/oversight/?show=overdue").context["table"].rows.__len__()
    )


def test_who_joins_later_is_not_asked_yet_of_those_on_roll_today(school):  # noqa: F811
    before = facts(school.u_head)
    Student.objects.filter(pk=school.otto.pk).update(joined_on=cast.TODAY + timedelta(days=3))
    said = facts(school.u_head)
    assert said["on_roll"] == before["on_roll"] - 1
    assert all(one["of"] <= said["on_roll"] for one in said["tsp"]["windows"])


def test_it_names_nobody(missed):
    found = load()
    said = facts(missed.u_head)
    html = rendering.page(oversight_report.TEMPLATE, {"school": found, "reader": missed.u_head, **said})
    for name in (missed.mina.known_as, missed.otto.surname, missed.u_keyworker.name, "Keyworker Other"):
        assert name not in html.replace("Keyworkers", "").replace("keyworker", "")


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([7, 8], [7, 8]),
        ([7, 3, 9], [None, None, 9]),
        ([2, 2, 9], [None, None, None]),
        ([4, 4, 9], [None, None, 9]),
        ([0, 9], [0, 9]),
        ([1], [None]),
    ],
)
def test_no_small_count_is_told_nor_what_gives_it_away(counts, told):
    assert oversight_report.told(counts) == told
