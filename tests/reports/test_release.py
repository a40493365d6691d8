"""The list before a release: who gets what and how, tick-out, holds and restrictions, and the numbers after."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pikepdf
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import ContactHold
from keywork import clock
from keywork.models import RecordOpening
from reports import actions, tasks
from reports.models import Recipient, Report
from reports.release import counted_by_state, going_in_words, never_in_words, waiting_in_words
from students.models import FamilyLink
from tests.reports.test_views import files, one_household, release_all  # noqa: F401  # fixtures
from tests.world import OTHER_SURNAME, TODAY, make_family, make_student, make_user

pytestmark = pytest.mark.usefixtures("drawn_once")


def hold(student, by, days: int = 10) -> ContactHold:
    return ContactHold.objects.create(
        student=student,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=days),
        reason="Police asked",
        placed_by=by,
        placed_at=clock.now(),
    )


@pytest.fixture
def whole(world):
    """One order with a made report of each student."""
    batch = actions.order_batch(
        kind="keeping-in-touch",
        term="2026-27-autumn",
        students=[world.mina, world.otto],
        by=world.u_head,
        whole_school=True,
    )
    actions.make_reports(batch=batch, student_ids=[world.mina.pk, world.otto.pk])
    return batch


def listed(client, batch) -> str:
    return client.get(f"/reports/batches/{batch.pk}/release/").content.decode()


def sent_to() -> set[str]:
    return {one.member.forename for one in Recipient.objects.select_related("member")}


def test_a_hold_stops_a_release(world, as_user, whole):
    hold(world.mina, world.u_dsl)
    head, url = as_user(world.u_head), f"/reports/batches/{whole.pk}/release/"
    page = listed(head, whole)
    assert "On hold" in page and "Thursday 3 December 2026" in page and "Police asked" not in page
    assert "Folake" not in page
    mina = whole.reports.get(student=world.mina)
    # Whoever sends the tick all the same is shown the list again.
    forced = head.post(url, {"to": [f"{mina.pk}-{world.mina_mum.member_id}"], "going": 1})
    assert forced.status_code == 422 and "This list has changed" in forced.content.decode()
    release_all(head, url)
    assert sent_to() == {"Wanda"}
    mina.refresh_from_db()
    assert mina.released_at is None
    # The one-click way from the student's page is stopped too, and the action itself.
    assert actions.release(reports=[mina], by=world.u_head) == actions.Released(0, 0, 0)
    assert "nobody to release to today" in head.get(f"/reports/{mina.pk}/release/").content.decode()


def test_looking_releases_nothing_and_the_button_carries_the_number(world, as_user, whole):
    page = listed(as_user(world.u_head), whole)
    assert "Release 3 copies" in page
    assert not Recipient.objects.exists() and not Report.objects.filter(released_at__isnull=False).exists()


def test_the_restricted_are_counted_and_not_named(world, as_user, whole):
    page = listed(as_user(world.u_coordinator), whole)
    assert "not named on this list" in page and "Rufus" not in page
    assert "Idris" not in page  # no longer family


def test_who_is_ticked_out_waits_and_can_be_sent_theirs_later(
    world,
    as_user,
    whole,
    eager,
    django_capture_on_commit_callbacks,
):
    head, url = as_user(world.u_head), f"/reports/batches/{whole.pk}/release/"
    mina = whole.reports.get(student=world.mina)
    mum = f"{mina.pk}-{world.mina_mum.member_id}"
    others = sorted(head.get(url).context["ticked"] - {mum})
    # The button still says three: nothing goes out, the list is counted anew.
    again = head.post(url, {"to": others, "going": 3})
    assert again.status_code == 200 and not Recipient.objects.exists()
    assert "Release 2 copies" in again.content.decode() and "1 ticked out by you" in again.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        head.post(url, {"to": others, "going": 2})
    assert sent_to() == {"Ada", "Wanda"}
    assert as_user(world.u_parent).get(f"/reports/{mina.pk}/home/").status_code == 404
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        head.post(url, {"to": [mum], "going": 1})
    assert sent_to() == {"Ada", "Wanda", "Folake"}
    # Nobody is told twice.
    assert [message.to for message in mail.outbox] == [["parent@school.example"]]
    twice = head.post(url, {"to": [mum], "going": 1}, follow=True).content.decode()
    assert "nobody left to send to" in twice and Recipient.objects.count() == 3


def test_truthful_count_after(world, as_user, whole):
    make_family(world.mina, "Piotr", "Harcastle", relationship="dad", household="Home")
    make_family(world.otto, "Zyta", OTHER_SURNAME, preferred_channel="letter", household="Home")
    head = as_user(world.u_head)
    page = listed(head, whole)
    assert page.count("Needs paper") == 2
    done = release_all(head, f"/reports/batches/{whole.pk}/release/")
    said = head.get(done.url).content.decode()
    assert "2 reports released. 3 people told by e-mail, 2 copies need paper: print them." in said
    assert "Print 2 with cover letters" in said
    assert set(Recipient.objects.filter(channel="paper").values_list("member__forename", flat=True)) == {
        "Piotr",
        "Zyta",
    }


def test_an_invited_parent_who_is_not_in_yet_needs_paper(world, as_user, whole):
    world.u_parent.set_unusable_password()
    world.u_parent.save()
    rows = as_user(world.u_head).get(f"/reports/batches/{whole.pk}/release/").context["rows"]
    assert {row.link.member.forename: row.state.value for row in rows if row.goes} == {
        "Folake": "paper",
        "Ada": "account",
        "Wanda": "account",
    }


def test_two_homes_and_abroad_are_said(world, as_user, whole):
    link = make_family(
        world.mina, "Simon", "Hartley", relationship="dad", lives_with=False, household="Dad’s flat"
    )
    whole.reports.update(household="")  # written for everyone
    link.member.abroad = True
    link.member.save()
    page = listed(as_user(world.u_head), whole)
    assert "dad, Dad’s flat" in page and "by post abroad" in page and "They live abroad" in page


@pytest.fixture
def two_homes(world):
    """Min's mother in one household, her father in another; each has a report of their own."""
    FamilyLink.objects.filter(student=world.mina, ended_on__isnull=True).update(household="Mill Lane")
    dad = make_family(
        world.mina, "Theo", "Quay", relationship="dad", household="Quay Street", lives_with=False,
        user=make_user("dad", "family"),
    )  # fmt: skip
    batch = actions.order_batch(
        kind="keeping-in-touch", term="2026-27-autumn", students=[world.mina], by=world.u_head
    )
    assert actions.make_reports(batch=batch, student_ids=[world.mina.pk]) == 2
    return SimpleNamespace(batch=batch, dad=dad, url=f"/reports/batches/{batch.pk}/release/")


def test_nobody_is_paired_with_the_other_households_copy(world, as_user, two_homes):
    head = as_user(world.u_head)
    context = head.get(two_homes.url).context
    going = [(row.report.household, row.link.household.casefold()) for row in context["rows"] if row.goes]
    assert sorted(going) == [("mill lane",) * 2] * 2 + [("quay street",) * 2]
    # Mother, aunt and father get one copy each, and the restricted one is counted once: four, for one student.
    assert context["counts"]["all"] == sum(row.people for row in context["rows"]) == 4
    assert (context["students"], context["counts"]["restricted"]) == (1, 1)
    assert context["counts"]["copies"] == 3  # who is restricted never gets one
    page = head.get(two_homes.url).content.decode()
    assert page.count("Theo Quay<span") == 1 and "Release 3 copies" in page
    assert (
        "<strong>3</strong> <span>copies in all" in page
        and "1 person under a court restriction, not counted among the copies" in page
    )
    # A tick that would give father the copy of mother's household is refused, on the page and in the action.
    hers = two_homes.batch.reports.get(household="mill lane")
    crossed = f"{hers.pk}-{two_homes.dad.member_id}"
    assert head.post(two_homes.url, {"to": [crossed], "going": 1}).status_code == 422
    assert actions.release(reports=[hers], by=world.u_head, to=[crossed]).reports == 0
    release_all(head, two_homes.url)
    sent = Recipient.objects.select_related("report")
    assert {one.report.household for one in sent if one.member == two_homes.dad.member} == {"quay street"}
    assert sent.count() == 3
    said = head.get(f"/reports/batches/{two_homes.batch.pk}/").content.decode()
    assert said.count("for Theo Quay") == 2  # in sight, and in the name of the link to its PDF


def test_a_hold_stops_the_copies_of_both_households(world, as_user, two_homes):
    hold(world.mina, world.u_dsl)
    head = as_user(world.u_head)
    context = head.get(two_homes.url).context
    assert [row.people for row in context["rows"] if row.state == "held"] == [2, 1]
    assert (context["held_students"], context["counts"]["held"], context["ticked"]) == (1, 3, set())
    page = head.get(two_homes.url).content.decode()
    assert page.count("All of one household of Min’s") == 2 and "Theo" not in page and "Folake" not in page
    reports = two_homes.batch.reports.all()
    assert actions.release(reports=reports, by=world.u_head) == actions.Released(0, 0, 0)
    assert not Recipient.objects.exists()


def test_somebody_restricted_is_counted_where_no_report_is_for_their_household(world, as_user, two_homes):
    FamilyLink.objects.filter(student=world.mina, member__forename="Rufus").update(household="Elsewhere")
    context = as_user(world.u_head).get(two_homes.url).context
    assert (context["counts"]["restricted"], context["counts"]["all"]) == (1, 4)


def test_who_moved_out_gets_no_paper_of_the_household_they_left(world, as_user, two_homes):
    two_homes.dad.member.user = None
    two_homes.dad.member.save()
    actions.release(reports=two_homes.batch.reports.all(), by=world.u_head)
    head, url = as_user(world.u_head), f"/reports/batches/{two_homes.batch.pk}/paper/"
    assert head.get(url).status_code == 200
    FamilyLink.objects.filter(pk=two_homes.dad.pk).update(household="New Road")
    assert head.get(url).status_code == 302


@pytest.mark.parametrize(
    ("by_link", "on_paper", "outside", "words"),
    [
        (0, 0, 0, "Nothing is ticked"),
        (1, 0, 0, "1 copy, by link"),
        (0, 4, 0, "4 copies, on paper"),
        (1, 1, 0, "2 copies: 1 by link and 1 on paper"),
        (2, 1, 3, "6 copies: 2 by link, 1 on paper and 3 by link and code to people outside"),
    ],
)
def test_what_goes_out_is_said_as_one_would(by_link, on_paper, outside, words):
    counts = counted_by_state([])
    assert going_in_words(counts | {"account": by_link, "paper": on_paper, "outside": outside}) == words


@pytest.mark.parametrize(
    ("out", "held", "restricted", "waits", "never"),
    [
        (0, 0, 0, "Nobody", "Nobody"),
        (1, 0, 1, "1 ticked out by you", "1 person under a court restriction, not counted among the copies"),
        (0, 2, 0, "2 on hold", "Nobody"),
        (
            1,
            3,
            2,
            "1 ticked out by you and 3 on hold",
            "2 people under court restrictions, not counted among the copies",
        ),
    ],
)
def test_who_waits_and_who_gets_none_is_said_as_one_would(out, held, restricted, waits, never):
    counts = counted_by_state([]) | {"account": 1 + out, "held": held, "restricted": restricted}
    assert waiting_in_words(counts, counted_by_state([]) | {"account": 1}) == waits
    assert never_in_words(counts) == never


def test_the_list_of_one_copy_counts_one(world, as_user, whole):
    FamilyLink.objects.filter(student=world.mina).exclude(member__user=world.u_parent).delete()
    report = Report.objects.filter(student=world.mina).first()
    head = as_user(world.u_head)
    told = " ".join(head.get(f"/reports/{report.pk}/release/").content.decode().split())
    assert "Look at who gets it, then release." in told and "copy in all, for 1 student</span>" in told
    assert "<dd>1 copy, by link</dd>" in told and "<dd>Nobody</dd>" in told and ", for 0 students" not in told
    assert "> Release 1 copy <" in told
    client = head.post(
        f"/reports/{report.pk}/release/",
        {"to": [f"{report.pk}-{world.mina_mum.member_id}"], "going": 1},
        follow=True,
    )
    assert "1 report released. 1 person told by e-mail, nobody needs paper." in client.content.decode()
    again = " ".join(head.get(f"/reports/{report.pk}/release/").content.decode().split())
    assert "1 copy has gone out. There is nobody to release to today." in again
    assert "A tick stands" in told and "A tick stands" not in again


def test_nothing_ticked_sends_nothing(world, as_user, whole):
    answer = as_user(world.u_head).post(f"/reports/batches/{whole.pk}/release/", {"going": 3})
    assert answer.status_code == 422 and "Tick at least one person" in answer.content.decode()
    assert not Recipient.objects.exists()


def test_a_student_nobody_gets_the_report_of_stays_unreleased(world, as_user, whole):
    world.otto.family_links.update(may_receive_reports=False)
    head = as_user(world.u_head)
    assert "Nobody to send to" in listed(head, whole)
    release_all(head, f"/reports/batches/{whole.pk}/release/")
    assert whole.reports.get(student=world.otto).released_at is None


def test_paper_is_printed_with_a_letter_each_and_leaves_a_row(
    world, as_user, whole, ordered, django_capture_on_commit_callbacks
):
    make_family(world.mina, "Piotr", "Harcastle", relationship="dad", household="Home")
    held = make_family(world.otto, "Zyta", OTHER_SURNAME, household="Home")
    actions.release(reports=whole.reports.all(), by=world.u_head)
    head = as_user(world.u_head)
    hold(world.otto, world.u_dsl)  # since then: their copy is not printed
    with django_capture_on_commit_callbacks(execute=True):
        waiting = head.get(f"/reports/batches/{whole.pk}/paper/").content.decode()
    assert "It is being made" in waiting and len(ordered) == 1
    tasks.print_ordered(*ordered[0])
    assert not RecordOpening.objects.filter(what="export").exists()
    answer = head.get(f"/reports/batches/{whole.pk}/paper/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        report = whole.reports.get(student=world.mina)
        assert len(pdf.pages) in (1 + report.pages, 2 + report.pages)
        assert [str(one.S) for one in pdf.Root.StructTreeRoot.K[0].K] == [
            "/Part",
            "/Part",
        ]  # both are read by ear
        with pdf.open_outline() as outline:
            assert [one.title for one in outline.root] == ["To Piotr Harcastle", report.title]
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Reports on paper – Aldermere School"
    kept = RecordOpening.objects.filter(what="export", user_id=world.u_head.pk)
    assert [row.student_id for row in kept] == [world.mina.pk]
    assert held.member.forename == "Zyta"
    one = whole.reports.get(student=world.otto)
    assert head.get(f"/reports/{one.pk}/paper/").status_code == 302


def test_same_queries_for_one_and_many(world, as_user, whole):
    head, url = as_user(world.u_head), f"/reports/batches/{whole.pk}/release/"
    counts = []
    for more in (0, 15):
        for n in range(more):
            student = make_student(f"S{n}", "Row")
            make_family(student, "Mum", f"Row{n}")
            Report.objects.create(
                batch=whole, student=student, kind=whole.kind, term=whole.term, title="T", known_on=TODAY,
                rendered_at=clock.now(),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert head.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
