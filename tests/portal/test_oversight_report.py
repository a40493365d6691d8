"""The report of a term: the figures of the pages, nobody's name, no small group."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from care.models import EhcPlan
from contacts.models import Miss
from keywork import clock
from keywork.school import load
from outbox.models import Job
from portal import oversight_report
from reports import keeping_in_touch, printing, rendering
from reports.models import WrittenReport
from reports.tasks import print_ordered
from students.models import Student
from tests import world as cast
from tests.access.records import review
from tests.portal.test_oversight import school  # noqa: F401  the same school
from tests.tsp.factories import area_of, make_point, rate_all
from tsp.questions import templates

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
    baseline = said["tsp"]["points"][0]
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
    assert all(one["of"] <= said["on_roll"] for one in said["tsp"]["points"])


def test_each_point_of_the_term_has_its_row(school):  # noqa: F811
    said = facts(school.u_head)
    html = rendering.page(oversight_report.TEMPLATE, {"school": load(), "reader": school.u_head, **said})
    assert said["tsp"]["points"]
    assert all(f'<th scope="row">{one["label"]}</th>' in html for one in said["tsp"]["points"])


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
    assert oversight_report.suppressed(counts) == told


def test_days_in_time_are_those_of_keeping_in_touch(school):  # noqa: F811
    """The same days as on the papers of the families, put together."""
    found = load()
    term = found.calendar.term(TERM)
    students = list(Student.objects.all())
    papers = [one[0] for one in keeping_in_touch.build(students, term, cast.TODAY, found).values()]
    counted = sum(one["figures"].counted_days for one in papers)
    late = sum(one["figures"].overdue_days for one in papers)
    said = facts(school.u_head)["contact"]
    assert (said["days"], said["in_time"]) == (counted, 100 * (counted - late) // counted)
    many = {
        "school": load(),
        "reader": school.u_head,
        **facts(school.u_head),
        "contact": {**said, "days": 4918},
    }
    assert "of the 4,918 days that count" in " ".join(rendering.page(oversight_report.TEMPLATE, many).split())
    assert 0 < said["in_time"] < 100
    silences = sorted((one["figures"].longest_gap_days for one in papers), reverse=True)
    assert said["silences"] == silences[:5] and said["silences"][0] > 0
    html = rendering.page(
        oversight_report.TEMPLATE, {"school": found, "reader": school.u_head, **facts(school.u_head)}
    )
    assert f"<strong>{said['in_time']}%</strong> of days in time" in html


def test_a_term_before_any_contact_counts_no_day(world):
    Student.objects.update(left_on=cast.TODAY - timedelta(days=300))
    said = facts(world.u_head)["contact"]
    assert (said["in_time"], said["silences"]) == (None, [])
    html = rendering.page(
        oversight_report.TEMPLATE, {"school": load(), "reader": world.u_head, **facts(world.u_head)}
    )
    assert "No day of this term counts yet." in html


def test_where_the_profile_stands_lowest_most_often_and_nothing_of_a_small_group(school):  # noqa: F811
    low = rate_all(3) | area_of("flexibility", 0, 0, 0, 0, 0, 0)
    other = rate_all(3) | area_of("communicating", 0, 0, 0, 0, 0, 0)
    for student in school.many[:4]:
        make_point(student, school.u_keyworker_other, ratings=low, finished=True)
    make_point(school.mina, school.u_keyworker, ratings=other, finished=True)
    assert facts(school.u_head)["tsp"]["lowest"] == []
    make_point(school.many[4], school.u_keyworker_other, ratings=low, finished=True)
    said = facts(school.u_head)["tsp"]
    title = templates.current().area("flexibility").title_for("staff")
    # The one student of the other area is not told: but five and one make six, so both would be.
    assert (said["lowest"], said["compared"]) == ([], 6)
    for student in (school.otto, school.alone, school.fresh):
        make_point(student, school.u_keyworker_other, ratings=rate_all(2), finished=True)
    Student.objects.filter(pk=school.mina.pk).update(left_on=cast.TODAY - timedelta(days=1))
    said = facts(school.u_head)["tsp"]
    assert said["compared"] == 8 and dict(said["lowest"])[title] == 8


def test_papers_stand_as_the_duty_says(school):  # noqa: F811
    for student, days in ((school.mina, 5), (school.otto, 40), (school.alone, 400)):
        EhcPlan.objects.create(
            student=student,
            number=1,
            issued_on=cast.TODAY - timedelta(days=200),
            next_review_on=cast.TODAY + timedelta(days=days),
            created_by=school.u_senco,
            created_at=clock.now(),
        )
    said = dict(facts(school.u_head)["papers"])
    assert said == {"on time": 0, "approved late": 0, "overdue": 1, "still in time": 2}
    WrittenReport.objects.create(
        student=school.mina,
        kind="annual-review",
        term=TERM,
        starts_on=cast.TODAY - timedelta(days=200),
        ends_on=cast.TODAY,
        filled_on=cast.TODAY,
        started_at=clock.now(),
        sent_at=clock.now(),
        decided_at=clock.now(),
        state="approved",
    )
    told = facts(school.u_head)
    said = dict(told["papers"])
    assert said == {"on time": 0, "approved late": 1, "overdue": 0, "still in time": 2}
    assert dict(told["reviews"])["Reviews of EHC plans held"] == 0
    held = {"held_on": cast.TODAY - timedelta(days=3), "report_on": cast.TODAY}
    review(EhcPlan.objects.get(student=school.mina), school.u_senco, **held)
    review(EhcPlan.objects.get(student=school.otto), school.u_senco, held_on=cast.TODAY - timedelta(days=300))
    counted = dict(facts(school.u_head)["reviews"])
    assert counted["Reviews of EHC plans held"] == counted["Reviews whose report went within two weeks"] == 1


def test_it_asks_the_same_for_one_and_many(school):  # noqa: F811
    counts = []
    make_point(school.otto, school.u_keyworker, ratings=rate_all(2), finished=True)
    facts(school.u_head)  # what is kept from then on is read
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            facts(school.u_head)
        counts.append(len(queries))
        for place in range(6):
            student = cast.make_student(f"More{number}{place}", "Dale")
            make_point(student, school.u_keyworker, ratings=rate_all(2), finished=True)
    assert counts[0] == counts[1]


def test_it_is_worked_out_by_the_worker_and_kept_for_a_minute(school, as_user, monkeypatch):  # noqa: F811
    client, url = as_user(school.u_head), reverse("portal:oversight_report", args=[TERM])
    page = client.get(reverse("portal:oversight_terms")).content.decode()
    assert all(f'href="{url}{form}"' in page for form in ("", "?large=1", "?word=1"))
    worked_out: list[int] = []
    monkeypatch.setattr(
        oversight_report,
        "facts",
        lambda user, *rest: worked_out.append(user.pk) or {"known_on": cast.TODAY, "term": rest[0]},
    )
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF", 1))
    monkeypatch.setattr(rendering, "large_pdf", lambda html: rendering.Pdf(b"%PDF-l", 1))
    monkeypatch.setattr(rendering, "page", lambda template, context: context["term"].name)
    for form, content in (("", b"%PDF"), ("?large=1", b"%PDF-l")):
        assert "It is being made" in client.get(url + form).content.decode()
        assert worked_out == []
        job = Job.objects.filter(kind=printing.PRINT).latest("pk")
        print_ordered(**job.arguments)
        assert worked_out == [school.u_head.pk]
        assert client.get(url + form).content == content
        assert worked_out == [school.u_head.pk]
        worked_out.clear()
    # Another reader's is another paper: it counts whom they oversee.
    assert "It is being made" in as_user(school.u_dsl).get(url).content.decode()
    cache.clear()
    assert "It is being made" in as_user(school.u_head).get(url).content.decode()
