"""What a parent says about a report: looked at before it goes, sent once, read by the keyworker and who makes reports."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.models import RecordOpening
from reports import actions
from reports.models import Report, ReportComment
from students.models import FamilyLink
from tests.access.records import contact
from tests.forms import form_of
from tests.reports.test_views import files, make, one_household  # noqa: F401  # fixtures
from tests.world import TODAY, make_user
from tsp.rating.actions import open_point

pytestmark = pytest.mark.usefixtures("drawn_once", "one_household")
NOON = datetime.combine(TODAY, time(12), tzinfo=clock.LONDON)
WORDS = "The swimming is right.\r\nThe lunch is not: he eats with Sam."


@pytest.fixture
def report(world) -> Report:
    made = make(world.mina, world.u_coordinator)
    actions.release(reports=[made], by=world.u_coordinator)
    made.refresh_from_db()
    return made


@pytest.fixture
def address(report) -> str:
    return reverse("reports:comment", args=[report.pk])


def send(client, address, words=WORDS):
    """As a person takes it: the words, the look at them, the button."""
    checked = client.post(address, form_of(client.get(address).content.decode(), "words") | {"words": words})
    assert checked.status_code == 200
    return client.post(address, form_of(checked.content.decode(), "words") | {"sure": "1"})


def test_it_is_looked_at_before_it_goes(world, as_user, address):
    mum = as_user(world.u_parent)
    assert address in mum.get(reverse("portal:family")).content.decode()
    checked = mum.post(address, form_of(mum.get(address).content.decode(), "words") | {"words": WORDS})
    told = checked.content.decode()
    assert "This is what you say" in told and "Nothing has gone yet" in told and "he eats with Sam" in told
    assert "Send to Keyworker" in told
    assert not ReportComment.objects.exists()
    again = mum.post(address, form_of(told, "words") | {"change": "1"}).content.decode()
    assert "he eats with Sam" in again and "<textarea" in again and not ReportComment.objects.exists()


def test_keyworker_and_coordinator_read_it_beside_the_report_and_are_told_without_its_words(
    world, as_user, address, mails
):
    mum = as_user(world.u_parent)
    with mails() as box:
        sent = send(mum, address)
    assert sent.url == address
    shown = mum.get(address).content.decode()
    assert (
        "School reads it" in shown
        and "You wrote on Monday 23 November" in shown
        and "he eats with Sam" in shown
    )
    assert {one.to[0] for one in box} == {"keyworker@school.example", "coordinator@school.example"}
    for one in box:
        assert (
            "lunch" not in one.body
            and "Min" not in one.body
            and f"/reports/students/{world.mina.pk}/" in one.body
        )
    listed = reverse("reports:student", args=[world.mina.pk])
    for who in (world.u_keyworker, world.u_coordinator):
        told = as_user(who).get(listed).content.decode()
        assert (
            "Folake Harcastle</strong> wrote on Monday 23 November 2026" in told
            and "he eats with Sam" in told
        )
    # Others who may read reports are not whom the family was told of.
    for who in (world.u_mentor, world.u_slt):
        assert "he eats with Sam" not in as_user(who).get(listed).content.decode()
    assert RecordOpening.objects.filter(user_id=world.u_parent.pk, detail="What home says of it").exists()


def test_it_waits_on_the_keyworkers_today_until_it_is_read(world, as_user, address):
    keyworker, today = as_user(world.u_keyworker), reverse("portal:today")
    listed = reverse("reports:student", args=[world.mina.pk])
    keyworker.get(listed)
    assert "written about a report" not in keyworker.get(today).content.decode()
    with clock.frozen(NOON + timedelta(hours=0)):
        send(as_user(world.u_parent), address)
        told = keyworker.get(today).content.decode()
        assert "One family has written about a report." in told and f'<a href="{listed}">Min</a>' in told
        assert "lunch" not in told  # their words are read on that page, which says who read them
        for who in (world.u_mentor, world.u_keyworker_other, world.u_coordinator):
            assert "written about a report" not in as_user(who).get(today).content.decode()
        as_user(world.u_coordinator).get(listed)  # another's reading is not theirs
        assert "One family has written" in keyworker.get(today).content.decode()
    with clock.frozen(NOON + timedelta(hours=1)):
        keyworker.get(listed)
        assert "written about a report" not in keyworker.get(today).content.decode()
        send(as_user(world.u_parent), address, "One more thing.")
    with clock.frozen(NOON + timedelta(hours=2)):
        assert "One family has written" in keyworker.get(today).content.decode()
    with clock.frozen(TODAY + timedelta(days=29)):
        assert "written about a report" not in keyworker.get(today).content.decode()


def test_it_stands_on_the_timeline_for_those_who_read_it_beside_the_report(world, as_user, address):
    send(as_user(world.u_parent), address)
    record = reverse("students:record", args=[world.mina.pk])
    for who in (world.u_keyworker, world.u_coordinator, world.u_head):
        for asked in ({}, {"kind": "comment"}, {"q": "swimming"}, {"q": "folake"}):
            told = as_user(who).get(record, asked).content.decode()
            assert "Folake Harcastle wrote about a report" in told and "he eats with Sam" in told, asked
        page, pk = as_user(who), ReportComment.objects.get().pk
        assert "he eats with Sam" not in page.get(record, {"q": "ballet"}).content.decode()
        # Entries of one day stand in the order of their kinds, the last letter first.
        for before, is_older in (
            ("contact.1", True),
            (f"comment.{pk + 1}", True),
            (f"comment.{pk}", False),
            ("call.1", False),
        ):
            told = page.get(record, {"before": f"{TODAY}.{before}"}).content.decode()
            assert ("he eats with Sam" in told) is is_older, before
    for who in (world.u_mentor, world.u_member, world.u_slt, world.u_dsl):
        assert "eats with Sam" not in as_user(who).get(record, {"kind": "comment"}).content.decode()


def test_it_is_no_example_of_progress_which_the_whole_team_reads(world, as_user, address):
    send(as_user(world.u_parent), address)
    talk = contact(world.mina, world.u_keyworker, notes="Spoke of the swimming.")
    open_point(by=world.u_keyworker, student=world.mina, term="2026-27-autumn", kind="baseline")
    there = reverse("tsp:ws_examples", args=[world.mina.pk, "2026-27-autumn", "baseline", "comm-ask-help"])
    keyworker = as_user(world.u_keyworker)
    panel = keyworker.get(there).content.decode()
    assert talk.notes in panel and "he eats with Sam" not in panel
    source = f"comment.{ReportComment.objects.get().pk}"
    assert keyworker.post(there, {"source": source, "setting": "home"}).status_code == 422


def test_pressed_twice_it_is_sent_once(world, as_user, address):
    mum = as_user(world.u_parent)
    checked = mum.post(address, form_of(mum.get(address).content.decode(), "words") | {"words": WORDS})
    form = form_of(checked.content.decode(), "words") | {"sure": "1"}
    assert [mum.post(address, form).url for _ in range(2)] == [address] * 2
    assert send(mum, address).url == address, "the same words in another point are the same comment"
    assert ReportComment.objects.count() == 1
    send(mum, address, "And thank you.")
    assert ReportComment.objects.count() == 2


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
def test_nothing_or_too_much_is_refused(world, as_user, address, words):
    mum = as_user(world.u_parent)
    answer = mum.post(address, {"words": words, "sure": "1"})
    assert answer.status_code == 422 and not ReportComment.objects.exists()


def test_only_on_what_was_sent_to_them_while_it_stands(world, as_user, address, report):
    for who in (world.u_parent_other, world.u_parent_restricted, world.u_parent_former):
        assert as_user(who).get(address).status_code == 404
    assert as_user(world.u_keyworker).get(address).status_code == 403
    mum = as_user(world.u_parent)
    checked = mum.post(address, form_of(mum.get(address).content.decode(), "words") | {"words": WORDS})
    actions.withdraw(report=report, reason="A wrong date.", by=world.u_head)
    late = mum.post(address, form_of(checked.content.decode(), "words") | {"sure": "1"})
    assert late.status_code == 404 and not ReportComment.objects.exists()


def test_a_restriction_shuts_it_also_once_they_have_written(world, as_user, address):
    mum = as_user(world.u_parent)
    send(mum, address)
    FamilyLink.objects.filter(member__user=world.u_parent).update(
        court_restriction="No contact.", restricted_from=TODAY
    )
    assert as_user(world.u_parent).get(address).status_code == 404


def test_what_was_said_stays_and_another_of_the_family_reads_none_of_it(world, as_user, address):
    send(as_user(world.u_parent), address)
    ReportComment.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportComment.objects.update(words="Nothing.")
    aunt = FamilyLink.objects.get(student=world.mina, relationship="aunt")
    aunt.member.user = make_user("aunt", "family")
    aunt.member.save()
    told = as_user(aunt.member.user).get(address).content.decode()
    assert "What you think of it" in told and "he eats with Sam" not in told


def test_the_record_asks_the_same_for_one_and_many(world, as_user, report):
    page, listed = as_user(world.u_coordinator), reverse("reports:student", args=[world.mina.pk])
    counts = []
    for number in (1, 9):
        for place in range(number):
            ReportComment.objects.create(
                report=report, member=world.mina_mum.member, words=f"{number} {place}", said_at=clock.now()
            )
        with CaptureQueriesContext(connection) as queries:
            page.get(listed)
        counts.append(len(queries))
    assert counts[0] == counts[1]
