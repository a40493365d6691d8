"""A home for every role: where each lands, what stands there, and that no link of the bar leads to an empty page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from care.models import EhcPlan, Outcome
from contacts.models import ContactHold
from keywork import clock
from keywork.models import Assignment
from keywork.nav import first_page, links_for
from reports import actions
from reports.models import Batch
from students.models import FamilyLink, Student
from tests.reports.test_views import files  # noqa: F401  # a fixture
from tests.tsp.factories import make_goal
from tests.world import OTHER_SURNAME, TODAY, make_family, make_student, make_user

HOMES = {
    "head": "/oversight/",
    "slt": "/oversight/",
    "coordinator": "/tsp/",
    "dsl": "/safeguarding-home/",
    "senco": "/reviews/",
    "admin": "/school/",
    "teacher": "/today/",
    "keyworker": "/today/",
    "parent": "/home/",
    "student": "/my-page/",
}


def make(student, by) -> Batch:
    """This term's reports of one student, a report for each household."""
    batch = actions.order_batch(kind="keeping-in-touch", term="2026-27-autumn", students=[student], by=by)
    actions.make_reports(batch=batch, student_ids=[student.pk])
    return batch


def bar(user, path="/") -> list[str]:
    return [link.label for link in links_for(user, path)]


@pytest.mark.parametrize("who", HOMES)
def test_everybody_lands_on_a_page_of_their_own_that_stands_in_their_bar(world, as_user, who):
    user = world.users[who]
    client = as_user(user)
    assert client.get("/")["Location"] == HOMES[who]
    page = client.get(HOMES[who])
    assert page.status_code == 200 and "nobody’s keyworker" not in page.content.decode()
    assert HOMES[who] in [link.url for link in links_for(user, "/")]


@pytest.mark.parametrize("role", ["transition", "post16"])
def test_named_for_students_they_land_on_them(world, as_user, role):
    user = make_user(role, f"staff {role}")
    world.mina.assignments.create(user=user, kind="core", starts_on=TODAY)
    page = as_user(user).get("/", follow=True).content.decode()
    assert "Min Harcastle" in page and "What helps" in page and OTHER_SURNAME not in page


def test_a_teacher_sees_their_students_and_what_helps(world, as_user):
    page = as_user(world.u_teacher).get("/today/").content.decode()
    assert "Min Harcastle" in page and f"/tsp/students/{world.mina.pk}/what-helps/" in page
    assert OTHER_SURNAME not in page


def test_no_link_of_the_bar_leads_to_an_empty_page(world, as_user):
    fresh = make_user("fresh", "staff")
    assert bar(fresh) == ["Today"]
    page = as_user(fresh).get("/today/").content.decode()
    assert "No student is named for you yet" in page and "How Keywork works" in page
    assert "Today" not in bar(world.u_admin) and "Reports" not in bar(world.u_admin)
    assert "Reports" not in bar(world.u_teacher)  # who may read none
    assert bar(world.u_slt) == ["Oversight", "Students", "Reports", "Search"]
    assert bar(world.u_keyworker) == ["Today", "My students", "Reviews", "Reports", "Search"]
    assert first_page(world.u_nobody) is None


def test_reports_say_what_can_be_read_where_none_can_be_made(world, as_user):
    page = as_user(world.u_slt).get("/reports/").content.decode()
    assert "above" not in page and "No report has been made yet" in page
    make(world.mina, world.u_keyworker)
    make(world.otto, world.u_keyworker_other)
    assert "Otto" in as_user(world.u_slt).get("/reports/").content.decode()
    mentor = as_user(world.u_mentor).get("/reports/").content.decode()
    assert "keeping in touch" in mentor and "Otto" not in mentor


def test_coordinator_sees_what_is_missing_to_check_and_to_release(world, as_user):
    make_goal(world.mina, world.u_keyworker, asked=True, student_words="I want to ask for a break.")
    make_goal(world.otto, world.u_coordinator, asked=True, student_words="One of the coordinator’s own.")
    batch = make(world.mina, world.u_coordinator)
    page = as_user(world.u_coordinator).get("/tsp/").content.decode()
    assert "I want to ask for a break." in page
    assert "coordinator’s own" not in page  # nobody checks their own
    assert "Student voice sheet:" in page and "student-voice" not in page  # a part by its title
    assert "was due Monday 21 September" in page
    assert f"/reports/batches/{batch.pk}/" in page and f"{batch.reports.count()} not released" in page
    assert "Min Harcastle" in page and "not complete" in page


def test_safeguarding_lead_sees_holds_and_restrictions_without_their_text(world, as_user):
    ContactHold.objects.create(
        student=world.otto, starts_on=TODAY, ends_on=TODAY + timedelta(days=3), reason="Police asked",
        placed_by=world.u_dsl, placed_at=clock.now(),
    )  # fmt: skip
    page = as_user(world.u_dsl).get("/safeguarding-home/").content.decode()
    assert OTHER_SURNAME in page and "Thursday 26 November 2026" in page
    assert "Rufus Harcastle" in page and "Idris" not in page
    assert "Police asked" not in page and "Non-molestation" not in page
    for who in ("head", "keyworker", "parent"):
        assert as_user(world.users[who]).get("/safeguarding-home/").status_code == 403


def plan(student, by, **fields) -> EhcPlan:
    return EhcPlan.objects.create(
        student=student, number=1, issued_on=TODAY - timedelta(days=300), created_by=by,
        created_at=clock.now(), **fields,
    )  # fmt: skip


def test_senco_sees_reviews_and_outcomes_without_evidence(world, as_user):
    mine = plan(world.mina, world.u_senco, next_review_on=TODAY - timedelta(days=2))
    Outcome.objects.create(plan=mine, number=1, text="To ask for help", area_of_need="semh")
    page = as_user(world.u_senco).get("/reviews/").content.decode()
    assert "Overdue" in page and "Saturday 21 November 2026" in page
    assert "No plan written down" in page and OTHER_SURNAME in page
    assert "Outcome 1" in page
    # A keyworker sees their own student there, and nobody else's.
    own = as_user(world.u_keyworker).get("/reviews/").content.decode()
    assert "Min Harcastle" in own and OTHER_SURNAME not in own
    assert "Min Harcastle" not in as_user(world.u_former).get("/reviews/").content.decode()


# Who may write a report, and who fill the authority's form: where they stand, and nobody else.
ENTRIES = {
    "coordinator": {"write", "authority"},
    "keyworker": {"write", "authority"},
    "senco": {"authority"},
    "mentor": set(),
    "slt": set(),
}


@pytest.mark.parametrize("who", ENTRIES)
def test_a_report_and_the_authoritys_form_begin_where_one_stands(world, as_user, who):
    mine = plan(world.mina, world.u_senco, next_review_on=TODAY + timedelta(days=2))
    client = as_user(world.users[who])
    record = reverse("students:record", args=[mine.student_id])
    pages = [record, reverse("reports:student", args=[mine.student_id])]
    if ENTRIES[who]:
        pages += ["/reviews/"]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        found = re.findall(
            rf'href="(/reports/students/{mine.student_id}/(write|authority)/)"', answer.content.decode()
        )
        assert {what for _, what in found} == ENTRIES[who], page
        assert {client.get(url).status_code for url, _ in found} <= {200}
    there = (
        reverse("reports:authority_student", args=[mine.student_id])
        in client.get(reverse("care:plan", args=[mine.student_id])).content.decode()
    )
    assert there is ("authority" in ENTRIES[who])


def test_the_forms_of_authorities_are_reached_from_the_homes_of_who_keeps_them(world, as_user):
    forms = f'href="{reverse("reports:authority_forms")}"'
    coordinator = as_user(world.u_coordinator)
    assert forms in coordinator.get("/tsp/").content.decode()
    assert 'href="/reviews/"' in coordinator.get("/tsp/").content.decode()
    assert forms in coordinator.get("/reviews/").content.decode()
    assert forms not in as_user(world.u_senco).get("/reviews/").content.decode()


def test_administrator_sees_accounts_and_no_record(world, as_user):
    page = as_user(world.u_admin).get("/school/").content.decode()
    assert "Two students on roll" in page
    assert "accounts not in yet</span>" in page, "invited or not"
    assert "Harcastle" not in page


@pytest.mark.parametrize(
    ("who", "url"),
    [("coordinator", "/tsp/"), ("dsl", "/safeguarding-home/"), ("senco", "/reviews/"), ("admin", "/school/")],
)
def test_same_queries_for_one_and_many(world, as_user, who, url):
    client = as_user(world.users[who])
    counts = []
    for more in (1, 12):
        for n in range(more):
            student = make_student(f"S{n}", f"Row{more}")
            make_family(student, "Barred", "Row", restricted_from=TODAY, court_restriction="No")
            ContactHold.objects.create(
                student=student, starts_on=TODAY, ends_on=TODAY, reason="x", placed_by=world.u_dsl,
                placed_at=clock.now(),
            )  # fmt: skip
            theirs = plan(student, world.u_senco, next_review_on=TODAY)
            Outcome.objects.create(plan=theirs, number=1, text="x", area_of_need="semh")
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_complete_is_counted_of_those_on_roll(world, as_user):
    """Someone who was here when the baseline opened and has left since counts on no page."""
    make_student("Greta", "Gone", left_on=TODAY - timedelta(days=1))
    coordinator = as_user(world.u_coordinator)
    home = " ".join(coordinator.get("/tsp/").content.decode().split())
    assert "0 of 2 students are complete." in home and "of 3 students" not in home
    assert "Gone" not in home
    everyone = " ".join(coordinator.get("/tsp/class/").content.decode().split())
    assert "0 of 2 complete" in everyone


def test_a_school_without_students_says_so_instead_of_all_is_well(world, as_user):
    for model in (Assignment, FamilyLink):
        model.objects.all().delete()
    Student.objects.update(joined_on=TODAY - timedelta(days=90), left_on=TODAY - timedelta(days=60))
    board = as_user(world.u_head).get("/assignments/").content.decode()
    assert "No student is on roll yet." in board and "Everyone has a keyworker" not in board
    coordinator = as_user(world.u_coordinator)
    tsp = coordinator.get("/tsp/").content.decode()
    assert "No student is on roll yet." in tsp and "Nothing is missing" not in tsp and "0 of 0" not in tsp
    Student.objects.update(joined_on=TODAY - timedelta(days=900), left_on=TODAY - timedelta(days=800))
    assert "you order reports here" in coordinator.get("/reports/").content.decode()
