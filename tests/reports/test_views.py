"""Ordering, making, proofing, releasing and reading reports through the pages."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from keywork import clock
from reports import actions
from reports.models import Batch, Recipient, Report
from students.models import FamilyLink
from tests.access.records import contact
from tests.world import OTHER_SURNAME, TODAY, assign, make_family, make_student

pytestmark = pytest.mark.usefixtures("drawn_once")

TERM = "2026-27-autumn"


@pytest.fixture(autouse=True)
def one_household(world):
    """Each household gets its own report: here there is one, and so one report a student."""
    FamilyLink.objects.filter(ended_on__isnull=True).update(household="Home")


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make(student, by) -> Report:
    batch = actions.order_batch(kind="keeping-in-touch", term=TERM, students=[student], by=by)
    actions.make_reports(batch=batch, student_ids=[student.pk])
    return batch.reports.get()


def release_all(client, url):
    """Press the button of the release list as it is drawn."""
    listed = client.get(url).context
    return client.post(url, {"to": sorted(listed["ticked"]), "going": len(listed["ticked"])})


def order(client, **data):
    return client.post("/reports/", {"kind": "keeping-in-touch", "term": TERM, "who": "all", **data})


def test_head_orders_the_whole_school_and_releases(world, as_user, eager, django_capture_on_commit_callbacks):
    contact(world.mina, world.u_keyworker)
    head = as_user(world.u_head)
    with django_capture_on_commit_callbacks(execute=True):
        response = order(head)
    batch = Batch.objects.get()
    assert (response.status_code, response.url) == (302, f"/reports/batches/{batch.pk}/")
    assert (batch.total, batch.reports.count(), batch.whole_school) == (2, 2, True)
    assert batch.finished_at is not None
    page = head.get(response.url).content.decode()
    assert "All 2 reports are made." in page and "Min Harcastle" in page

    with django_capture_on_commit_callbacks(execute=True):
        release_all(head, f"/reports/batches/{batch.pk}/release/")
    envelopes = {(r.report.student_id, r.member.forename) for r in Recipient.objects.all()}
    # The restricted father and the carer whose link ended get none; the staff aunt is family.
    assert envelopes == {(world.mina.pk, "Folake"), (world.mina.pk, "Ada"), (world.otto.pk, "Wanda")}
    assert sorted(message.to[0] for message in mail.outbox) == [
        "parent@school.example",
        "parent_other@school.example",
        "staff_parent@school.example",
    ]
    for message in mail.outbox:
        assert message.subject == "A report is ready for you"
        for secret in ("Mina", "Min ", "Harcastle", OTHER_SURNAME, "Otto"):
            assert secret not in message.body + message.subject


def test_keyworker_orders_for_own_students_only(world, as_user, eager, django_capture_on_commit_callbacks):
    client = as_user(world.u_keyworker)
    page = client.get("/reports/").content.decode()
    assert "Min Harcastle" in page and OTHER_SURNAME not in page
    refused = order(client, who=str(world.otto.pk))
    assert refused.status_code == 422
    assert "Choose one of the answers" in refused.content.decode()
    assert not Batch.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        order(client)
    assert [r.student for r in Report.objects.all()] == [world.mina]


def test_access_is_asked_again_when_the_work_is_done(world):
    batch = actions.order_batch(
        kind="keeping-in-touch", term=TERM, students=[world.mina], by=world.u_keyworker
    )
    world.mina.assignments.filter(user=world.u_keyworker).update(ends_on=TODAY - timedelta(days=1))
    from keywork.access import forget_relations

    forget_relations(world.u_keyworker)
    assert actions.make_reports(batch=batch, student_ids=[world.mina.pk]) == 0
    assert not Report.objects.exists()
    batch.refresh_from_db()
    assert batch.total == 0 and batch.finished_at is not None


def test_made_twice_is_made_once(world):
    batch = actions.order_batch(kind="keeping-in-touch", term=TERM, students=[world.mina], by=world.u_head)
    assert actions.make_reports(batch=batch, student_ids=[world.mina.pk]) == 1
    assert actions.make_reports(batch=batch, student_ids=[world.mina.pk]) == 0
    assert batch.reports.count() == 1


def test_parent_reads_what_was_released_to_them_and_it_is_noted(world, as_user):
    report = make(world.mina, world.u_keyworker)
    url = f"/reports/{report.pk}/home/"
    parent = as_user(world.u_parent)
    assert parent.get(url).status_code == 404  # not released yet
    actions.release(reports=[report], by=world.u_head)
    response = parent.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert Recipient.objects.get(member__user=world.u_parent).opened_at is None  # not a byte has been sent
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    assert Recipient.objects.get(member__user=world.u_parent).opened_at == clock.now()
    for other in ("parent_other", "parent_restricted", "parent_former"):
        assert as_user(world.users[other]).get(url).status_code == 404, other
    actions.withdraw(report=report, reason="Wrong term", by=world.u_head)
    assert parent.get(url).status_code == 404


def test_restriction_after_release_closes_the_door(world, as_user):
    report = make(world.mina, world.u_keyworker)
    actions.release(reports=[report], by=world.u_head)
    FamilyLink.objects.filter(member__user=world.u_parent).update(
        restricted_from=TODAY, court_restriction="Order"
    )
    assert as_user(world.u_parent).get(f"/reports/{report.pk}/home/").status_code == 404


def test_withdrawing_needs_a_reason_and_shows_it(world, as_user):
    report = make(world.mina, world.u_keyworker)
    head = as_user(world.u_head)
    refused = head.post(f"/reports/{report.pk}/withdraw/", {"reason": ""})
    assert refused.status_code == 422
    assert "Say why, for those who read the record later" in refused.content.decode()
    head.post(f"/reports/{report.pk}/withdraw/", {"reason": "Wrong term"})
    assert "Wrong term" in head.get(f"/reports/students/{world.mina.pk}/").content.decode()
    again = head.post(f"/reports/{report.pk}/withdraw/", {"reason": "Twice"})
    assert "withdrawn already" in again.content.decode()


def test_restricted_parent_is_never_a_recipient_even_when_marked(world):
    make_family(
        world.otto,
        "Barred",
        OTHER_SURNAME,
        may_receive_reports=True,
        restricted_from=TODAY,
        court_restriction="No",
    )
    report = make(world.otto, world.u_head)
    actions.release(reports=[report], by=world.u_head)
    assert [r.member.forename for r in report.recipients.all()] == ["Wanda"]


def test_same_queries_for_one_and_fifty(world, as_user):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    head = as_user(world.u_head)
    head.get("/reports/")
    counts = []
    for more in (1, 49):
        for n in range(more):
            batch = Batch.objects.create(
                kind="keeping-in-touch",
                term=TERM,
                known_on=TODAY,
                total=1,
                whole_school=True,
                created_by=world.u_head,
                created_at=clock.now(),
            )
            student = make_student(f"S{n}", f"Row{more}")
            assign(student, world.u_keyworker)
            Report.objects.create(
                batch=batch,
                student=student,
                kind=batch.kind,
                term=TERM,
                title="T",
                known_on=TODAY,
                rendered_at=clock.now(),
            )
            Report.objects.create(
                batch=Batch.objects.create(
                    kind=batch.kind,
                    term=TERM,
                    known_on=TODAY,
                    total=1,
                    created_by=world.u_head,
                    created_at=clock.now(),
                ),
                student=world.mina,
                kind=batch.kind,
                term=TERM,
                title="T",
                known_on=TODAY,
                rendered_at=clock.now(),
            )
        found = []
        for url in ("/reports/", f"/reports/students/{world.mina.pk}/", f"/reports/batches/{batch.pk}/"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert head.get(url).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 20


def test_those_on_roll_at_some_time_of_the_term_by_page_and_by_command(
    world, as_user, eager, django_capture_on_commit_callbacks, tmp_path
):
    """A leaver gets the report of their last term, nobody one of a term before they came; one rule for both doors."""
    make_student("Corin", "Left", left_on=date(2026, 10, 23), joined_on=date(2024, 9, 3))
    make_student("Aesa", "Came", joined_on=date(2026, 9, 8))
    make_student("Later", "Today", joined_on=TODAY + timedelta(days=1))
    make_student("Gone", "Long", left_on=date(2026, 3, 27), joined_on=date(2024, 9, 3))
    head = as_user(world.u_head)
    for term, some, none in (
        ("2026-27-autumn", {"Corin", "Aesa"}, {"Later", "Gone"}),
        ("2025-26-summer", {"Corin"}, {"Aesa", "Later", "Gone"}),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            answer = order(head, term=term)
        assert answer.status_code == 302, answer.content.decode()
        by_page = {report.student for report in Batch.objects.latest("pk").reports.all()}
        out = tmp_path / term
        call_command("render_reports", kind="keeping-in-touch", term=term, out=out, stdout=StringIO())
        names = {student.known_as for student in by_page}
        assert some <= names and not none & names
        assert {int(path.name.split("-keeping")[0].rsplit("-", 1)[1]) for path in out.iterdir()} == {
            student.pk for student in by_page
        }


def test_a_student_of_another_term_is_refused_beside_the_field(world, as_user):
    aesa = make_student("Aesa", "Came", joined_on=date(2026, 9, 8))
    answer = order(as_user(world.u_head), term="2025-26-summer", who=str(aesa.pk))
    assert answer.status_code == 422
    assert "Aesa Came was not on roll in Summer term 2025/26. Choose another term" in answer.content.decode()
    assert not Batch.objects.exists()


def test_signs_that_no_font_shows_are_named_at_proofing(world, as_user, sign_without_font, tmp_path):
    report = make(world.mina, world.u_keyworker)
    said = "No font here can print \U0010fdef (U+10FDEF): an empty box stands in its place."
    head = as_user(world.u_head)
    assert said in as_user(world.u_keyworker).get(f"/reports/batches/{report.batch_id}/").content.decode()
    assert said in head.get(f"/reports/students/{world.mina.pk}/").content.decode()
    err = StringIO()
    call_command(
        "render_reports",
        kind="keeping-in-touch",
        term=TERM,
        out=tmp_path / "out",
        student=world.mina.pk,
        stdout=StringIO(),
        stderr=err,
    )
    assert said in err.getvalue()
