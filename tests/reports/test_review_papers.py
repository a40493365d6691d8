"""The papers for the annual review as a duty: two weeks before the review, done when the report is approved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from care.models import EhcPlan
from keywork import clock, school
from keywork.duties import Status
from reports.duties import KIND, PapersDuty, PapersFacts, evaluate
from reports.models import WrittenReport
from reports.writing import actions
from tests.world import TODAY, make_student

TERM = "2026-27-autumn"
REVIEW = date(2026, 12, 17)  # papers by Thursday 3 December, to be begun from 5 November
DUE = date(2026, 12, 3)
SINCE = date(2025, 12, 11)


@pytest.mark.parametrize(
    ("as_of", "done_on", "status"),
    [
        (date(2026, 11, 4), None, Status.OK),
        (date(2026, 11, 5), None, Status.OPEN),
        (date(2026, 11, 25), None, Status.OPEN),
        (date(2026, 11, 26), None, Status.DUE_SOON),
        (DUE, None, Status.DUE_SOON),
        (DUE + timedelta(days=1), None, Status.OVERDUE),
        (REVIEW + timedelta(days=30), None, Status.OVERDUE),
        (DUE, DUE, Status.MET),
        (date(2026, 12, 9), date(2026, 12, 8), Status.MET_LATE),
        (date(2026, 12, 7), date(2026, 12, 8), Status.OVERDUE),  # approved the day after
        (DUE, SINCE, Status.DUE_SOON),  # the report of the review before
    ],
)
def test_when_the_papers_are_owed(world, as_of, done_on, status):
    facts = PapersFacts(date(2024, 9, 3), None, None, SINCE, REVIEW, done_on)
    found = evaluate(facts, as_of, school.load())
    assert (found.status, found.due_on) == (status, DUE)


def test_the_last_school_day_to_do_it_on_is_named(world):
    facts = PapersFacts(
        date(2024, 9, 3), None, None, SINCE, date(2027, 1, 11)
    )  # two weeks before: 28 December
    found = evaluate(facts, TODAY, school.load())
    assert found.due_on == date(2026, 12, 28)
    assert found.do_by == school.load().calendar.last_pupil_day_on_or_before(found.due_on)


def plan(student, by, **dates) -> EhcPlan:
    return EhcPlan.objects.create(
        student=student,
        number=1,
        created_by=by,
        created_at=clock.now(),
        **{"issued_on": SINCE, "next_review_on": REVIEW, **dates},
    )


def state(student, as_of=TODAY, known_on=None):
    return PapersDuty().states([student], as_of, known_on)[0]


def test_without_a_plan_or_a_date_nothing_is_owed(world):
    assert state(world.mina).status is Status.NOT_REQUIRED
    assert "No annual review of Min has a date" in state(world.mina).reason
    plan(world.mina, world.u_senco, next_review_on=None)
    assert state(world.mina).status is Status.NOT_REQUIRED


def test_a_report_is_begun_checked_and_done(world):
    plan(world.mina, world.u_senco)
    found = state(world.mina)
    assert (found.label, found.page_label) == ("Not begun", "Begin the report")
    assert found.action_url.endswith(f"/students/{world.mina.pk}/write/") or "begin" in found.action_url
    report = actions.begin(student=world.mina, kind="annual-review", term=TERM, by=world.u_keyworker)
    found = state(world.mina)
    assert (found.label, found.page_label) == ("Begun", "Go on with the report")
    WrittenReport.objects.filter(pk=report.pk).update(state="sent", sent_at=clock.now())
    assert state(world.mina).label == "To check"
    report.refresh_from_db()
    actions.approve(reports=[report], by=world.u_coordinator)
    found = state(world.mina)
    assert (found.status, found.action_url) == (Status.MET, "")
    assert "two weeks before it, by Thursday 3 December" in found.reason
    EhcPlan.objects.update(reviewed_on=TODAY, next_review_on=date(2027, 11, 20))
    assert state(world.mina).status is Status.OK  # of the next review


@pytest.mark.parametrize(("who", "leads"), [("keyworker", True), ("deputy", True), ("mentor", False)])
def test_today_leads_there_whom_it_lets_in(world, as_user, who, leads):
    plan(world.mina, world.u_senco)
    client, begin = as_user(world.users[who]), reverse("reports:written_begin", args=[world.mina.pk])
    for page in (reverse("portal:today"), world.mina.get_absolute_url()):
        assert (f'href="{begin}"' in client.get(page).content.decode()) == leads, page
    assert (client.get(begin).status_code == 200) == leads


def test_many_at_once_in_two_queries(world, django_assert_num_queries):
    students = [make_student(f"S{number}", "Many") for number in range(30)]
    for one in students[:20]:
        plan(one, world.u_senco)
    facts = school.load()
    for some in (students[:1], students):
        with django_assert_num_queries(2):
            assert len(PapersDuty().states(some, TODAY, school=facts)) == len(some)


def test_as_it_was_known(world):
    plan(world.mina, world.u_senco)
    with clock.frozen(TODAY + timedelta(days=3)):
        assert state(world.mina, TODAY, TODAY).status is Status.OPEN
        assert state(world.mina, TODAY, TODAY - timedelta(days=1)).status is Status.NOT_REQUIRED


def test_it_stands_on_today_and_the_record(client, world):
    plan(world.mina, world.u_senco)
    client.force_login(world.u_keyworker)
    from django.urls import reverse

    for url in (reverse("portal:today"), world.mina.get_absolute_url()):
        assert "Annual-review report" in client.get(url).content.decode(), (url, KIND)


def test_the_record_leads_to_the_report_only_whoever_writes_reports(world, as_user):
    plan(world.mina, world.u_senco)
    write = state(world.mina).action_url

    def links(user) -> bool:
        page = as_user(user).get(f"/students/{world.mina.pk}/").content.decode()
        assert "Annual-review report" in page
        return f'href="{write}"' in page

    assert links(world.u_keyworker)
    assert not links(world.u_senco) and not links(world.u_dsl)
