"""The home of parents and carers: their child, whom to ask, what was shared with them and nothing else (DP-13)."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import clock
from keywork.actions.assignments import end_all
from keywork.levels import Level
from keywork.models import Assignment, RecordOpening, StaffAbsence, User
from reports.models import Batch, Recipient, Report
from students.models import FamilyLink
from tests.access.records import contact
from tests.world import OTHER_SURNAME, TODAY, assign, make_family, make_student, make_user

HOME = "/home/"
A_DAY = timedelta(days=1)


@pytest.fixture
def mum(world, as_user):
    return as_user(world.u_parent)


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def shared(world, member, summary, **fields):
    by = fields.pop("by", world.u_keyworker)
    student = fields.pop("student", world.mina)
    return contact(student, by, member=member, shared=True, shared_summary=summary, **fields)


def report(student, *members, title="How this term went", released=True, **fields) -> Report:
    batch = Batch.objects.create(
        kind="keeping-in-touch", term="2026-27-autumn", known_on=TODAY, total=1, created_by=User.objects.first(),
        created_at=clock.now(),
    )  # fmt: skip
    made = Report.objects.create(
        batch=batch, student=student, kind=batch.kind, term=batch.term, title=title, known_on=TODAY, pages=2,
        rendered_at=clock.now(), sha256=sha256(b"%PDF").hexdigest(), **fields,
    )  # fmt: skip
    made.pdf.save("a.pdf", ContentFile(b"%PDF"), save=True)
    if released:
        Report.objects.filter(pk=made.pk).update(released_at=clock.now())
    for member in members:
        Recipient.objects.create(report=made, member=member, sent_at=clock.now())
    return made


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


# ------------------------------------------------------------------ whom to ask


def test_the_keyworker_and_how_to_reach_them(world, mum):
    User.objects.filter(pk=world.u_keyworker.pk).update(
        name="Ros Whitcombe", phone="01632 960 184", reach_note="Weekdays after 2 pm"
    )
    page = words(mum.get(HOME))
    assert "<h1>Min</h1>" in page and "Hello Folake. It is Monday 23 November 2026." in page
    assert '<h2 id="kw">Ros Whitcombe</h2>' in page
    assert 'href="tel:01632960184"' in page and "Weekdays after 2 pm" in page
    assert (
        f'href="/child/{world.mina.pk}/meet/"' in page and f'href="/child/{world.mina.pk}/messages/"' in page
    )
    assert "Academic mentor: helps Min with lessons." in page
    assert "Helps when Ros is not here." in page
    assert "kw-gentle" in page
    assert "overdue" not in page.lower()
    assert "Min" not in re.search(r"<title>(.*?)</title>", page).group(1)


def test_while_the_keyworker_is_away_the_deputy_is_named(world, mum):
    StaffAbsence.objects.create(user=world.u_keyworker, starts_on=TODAY - A_DAY, ends_on=TODAY + A_DAY)
    page = words(mum.get(HOME))
    assert "Keyworker is away until Tuesday 24 November." in page and "Until then, ask Deputy." in page
    assert "Write to Deputy" in page and "mailto:keyworker@school.example" not in page
    StaffAbsence.objects.create(user=world.u_deputy, starts_on=TODAY, ends_on=TODAY)
    page = words(mum.get(HOME))
    assert "Until then, ask Head." in page and "Write to Head" in page and "Deputy." not in page
    with clock.frozen(TODAY + 2 * A_DAY):
        assert "is away until" not in words(mum.get(HOME))


@pytest.mark.parametrize("why", ["ended", "closed"])
def test_without_a_keyworker_there_is_somebody_to_ask(world, mum, why):
    if why == "ended":
        Assignment.objects.filter(user=world.u_keyworker).update(ends_on=TODAY - A_DAY)
    else:
        User.objects.filter(pk=world.u_keyworker.pk).update(is_active=False, deactivated_at=clock.now())
    Assignment.objects.filter(user=world.u_deputy).delete()
    page = words(mum.get(HOME))
    assert "Min has no keyworker just now. We are choosing the right person." in page
    assert "you can ask Head." in page and "mailto:head@school.example" in page
    assert "mailto:keyworker@school.example" not in page
    assert f'href="/child/{world.mina.pk}/meet/"' in page
    assert "Head answers by the end of" in words(mum.get(f"/child/{world.mina.pk}/meet/"))


def test_a_change_to_come_is_announced(world, mum):
    assign(world.mina, world.u_future, "teacher", start=TODAY + A_DAY)
    Assignment.objects.filter(student=world.mina, user=world.u_keyworker).update(ends_on=TODAY + 6 * A_DAY)
    assign(world.mina, world.u_keyworker_other, start=TODAY + 7 * A_DAY)
    page = words(mum.get(HOME))
    assert "From Monday 30 November, Keyworker Other is Min’s keyworker." in page
    assert "Future is Min’s" not in page  # teachers and the core team are the school's own affair


def test_when_home_hears_next(world, mum):
    contact(world.mina, world.u_keyworker, member=world.mina_mum.member)
    assert "You will hear from Keyworker by Monday 7 December, or before." in words(mum.get(HOME))
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(lives_with=False)
    assert "You will hear from" not in words(mum.get(HOME))


def test_on_the_last_day_home_hears_today(world, mum):
    contact(world.mina, world.u_keyworker, member=world.mina_mum.member, happened_on=TODAY - 14 * A_DAY)
    assert "You will hear from Keyworker today." in words(mum.get(HOME))


def test_nothing_is_promised_while_it_is_late(world, mum):
    assert "You will hear from" not in words(mum.get(HOME))


# ------------------------------------------------------------------ what was shared


def test_only_what_was_shared_with_this_parent_stands_there(world, mum):
    folake = world.mina_mum.member
    dad = FamilyLink.objects.get(student=world.mina, member__forename="Rufus").member
    shared(world, folake, "Min read to the younger ones.")
    shared(world, dad, "Said to dad alone.")
    shared(world, folake, "Restricted words.", level=Level.RESTRICTED)
    shared(world, folake, "Safeguarding words.", level=Level.SAFEGUARDING)
    shared(world, folake, "Voided words.", voided_on=TODAY, voided_by=world.u_head, void_reason="Wrong child")
    shared(world, None, "To nobody on file.")
    contact(
        world.mina, world.u_keyworker, member=folake, notes="Staff notes only.", shared_summary="Not shared."
    )
    shared(world, world.otto_mum.member, "Of Otto.", student=world.otto, by=world.u_keyworker_other)
    page = words(mum.get(HOME))
    assert "Min read to the younger ones." in page
    assert page.count("Keyworker spoke with you") == 2  # the one shared and the one whose words are not
    for secret in (
        "Said to dad", "Restricted words", "Safeguarding words", "Voided words", "To nobody", "Staff notes", "Not shared",
        "Of Otto", OTHER_SURNAME,
    ):  # fmt: skip
        assert secret not in page


def test_every_contact_stands_there_and_tries_are_told_kindly(world, mum):
    """Seven weeks of calls and nothing shared: the page was empty, and read as if nobody had rung."""
    folake = world.mina_mum.member
    for days, fields in (
        (1, {}),
        (2, {"reached": "no_answer", "outcome": "no_answer"}),
        (3, {"channel": "email", "reached": "replied"}),
        (4, {"channel": "meeting", "direction": "out"}),
        (5, {"direction": "in"}),
    ):
        contact(world.mina, world.u_keyworker, member=folake, happened_on=TODAY - days * A_DAY, **fields)
    page = words(mum.get(HOME))
    for line, by in (
        ("Keyworker spoke with you", "Sunday 22 November, phone call"),
        ("Keyworker tried to ring you", "Saturday 21 November, phone call"),
        ("You and Keyworker wrote", "Friday 20 November, e-mail"),
        ("Keyworker met you", "Thursday 19 November, meeting"),
        ("You rang Keyworker", "Wednesday 18 November, phone call"),
    ):
        assert f'<h3>{line}</h3><p class="kw-by">{by}</p>' in page
    assert "About Harcastle" not in page  # the note of staff


def test_what_is_withheld_with_a_reason_is_not_at_home(world, mum):
    contact(world.mina, world.u_keyworker, member=world.mina_mum.member, withheld_reason="She asked us to.")
    page = words(mum.get(HOME))
    assert "spoke with you" not in page and "She asked us to" not in page


def test_a_household_reads_together_and_separated_parents_apart(world, as_user):
    dad_user = make_user("dad", "family")
    partner_user = make_user("partner", "family")
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(household="Mill Lane")
    partner = make_family(world.mina, "Sam", "Harcastle", user=partner_user, household="Mill Lane")
    dad = make_family(
        world.mina, "Theo", "Harcastle", user=dad_user, household="Quay Street", lives_with=False
    )
    shared(world, world.mina_mum.member, "Said at Mill Lane.")
    shared(world, dad.member, "Said at Quay Street.")
    at_home = words(as_user(partner_user).get(HOME))
    assert (
        "Said at Mill Lane." in at_home
        and "Keyworker spoke with Folake" in at_home
        and "Quay Street" not in at_home
    )
    apart = words(as_user(dad_user).get(HOME))
    assert "Said at Quay Street." in apart and "Mill Lane" not in apart and "Folake" not in apart
    # A household nobody has written down is a household of one.
    FamilyLink.objects.filter(pk__in=[world.mina_mum.pk, partner.pk, dad.pk]).update(household="")
    alone = words(as_user(partner_user).get(HOME))
    assert "Said at" not in alone and "spoke with" not in alone


def test_whoever_moved_out_is_of_the_household_no_more(world, mum):
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(household="Mill Lane")
    idris = FamilyLink.objects.get(student=world.mina, member__forename="Idris")
    FamilyLink.objects.filter(pk=idris.pk).update(household="Mill Lane")
    shared(world, idris.member, "Said to Idris.")
    assert "Said to Idris." not in words(mum.get(HOME))
    FamilyLink.objects.filter(pk=idris.pk).update(ended_on=None)
    assert "Said to Idris." in words(mum.get(HOME))


def test_released_reports_to_this_person_and_no_others(world, mum):
    folake = world.mina_mum.member
    mine = report(world.mina, folake)
    report(world.mina, folake, title="Still a draft", released=False)
    report(
        world.mina,
        folake,
        title="Taken back",
        withdrawn_at=clock.now(),
        withdrawn_by=world.u_head,
        withdrawal_reason="Wrong",
    )
    report(world.mina, FamilyLink.objects.get(member__forename="Rufus").member, title="For dad")
    report(world.otto, world.otto_mum.member, title=f"Of {OTHER_SURNAME}")
    page = words(mum.get(HOME))
    assert "How this term went" in page and "PDF, 2 pages" in page
    for secret in ("Still a draft", "Taken back", "For dad", OTHER_SURNAME):
        assert secret not in page
    link = re.search(r'href="(/reports/\d+/home/)"', page).group(1)
    assert link == f"/reports/{mine.pk}/home/"
    assert "A report to read" in page, "the mail leads to the top of this page"
    assert b"".join(mum.get(link).streaming_content) == b"%PDF"
    assert "A report to read" not in words(mum.get(HOME)), "once it was opened"


def test_empty_says_what_will_come(world, mum):
    page = words(mum.get(HOME))
    assert "When Keyworker has talked with you, it stands here." in page
    assert "No reports yet." in page


def test_as_many_queries_for_fifty_summaries_as_for_one(world, mum):
    folake = world.mina_mum.member
    shared(world, folake, "One.")
    report(world.mina, folake)
    mum.get(HOME)  # builds the school's calendar, once a process
    with CaptureQueriesContext(connection) as one:
        mum.get(HOME)
    for n in range(49):
        shared(world, folake, f"Words {n}.")
    for n in range(5):
        report(world.mina, folake, title=f"Term {n}")
    with CaptureQueriesContext(connection) as fifty:
        page = words(mum.get(HOME))
    assert len(fifty) == len(one) <= 30
    assert "1 to 5 of 50" in page
    assert "Words 3." in words(mum.get(HOME + "?page=10"))


# ------------------------------------------------------------------ whose home it is


def test_several_children_one_sign_in(world, mum):
    zofia = make_student("Zofia", "Harcastle")
    FamilyLink.objects.create(student=zofia, member=world.mina_mum.member, relationship="mum")
    first = words(mum.get(HOME))
    assert "<h1>Min</h1>" in first and f'href="/home/{zofia.pk}/"' in first
    second = words(mum.get(f"/home/{zofia.pk}/"))
    assert "<h1>Zofia</h1>" in second and f'href="/home/{world.mina.pk}/"' in second
    assert "Zofia has no keyworker just now." in second


def test_a_household_word_is_of_one_child_only(world, as_user):
    """Two children, one mother, two fathers: what one is told of his child never reaches the other."""
    zofia = make_student("Zofia", "Harcastle")
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(household="Home")
    FamilyLink.objects.create(
        student=zofia, member=world.mina_mum.member, relationship="mum", household="Home"
    )
    dad = make_user("dad", "family")
    make_family(zofia, "Theo", "Quay", user=dad, household="Home")
    shared(world, world.mina_mum.member, "About Min.")
    shared(world, world.mina_mum.member, "About Zofia.", student=zofia)
    page = words(as_user(dad).get(HOME))
    assert "About Zofia." in page and "About Min." not in page
    assert as_user(dad).get(f"/home/{world.mina.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["parent_restricted", "parent_former"])
def test_restricted_and_former_see_nothing_of_the_child(world, as_user, who):
    member = world.users[who].family_member
    shared(world, member, "Said in better days.")
    report(world.mina, member)
    client = as_user(world.users[who])
    page = client.get(HOME)
    assert page.status_code == 200 and "There is nothing here for you to see just now." in words(page)
    for secret in ("Min", "Harcastle's", "better days", "Keyworker@"):
        assert secret not in words(page).replace("Admin", "")
    assert client.get(f"/home/{world.mina.pk}/").status_code == 404


def test_a_restriction_that_is_over_opens_the_home_again(world, as_user):
    FamilyLink.objects.filter(member__forename="Rufus").update(restricted_until=TODAY - A_DAY)
    assert "<h1>Min</h1>" in words(as_user(world.u_parent_restricted).get(HOME))


def test_a_parent_of_another_child_finds_nothing(world, as_user):
    client = as_user(world.u_parent_other)
    assert "<h1>Otto</h1>" in words(client.get(HOME))
    assert client.get(f"/home/{world.mina.pk}/").status_code == 404
    assert not RecordOpening.objects.filter(student_id=world.mina.pk).exists()


def test_staff_see_the_home_of_their_own_child_as_any_parent(world, as_user):
    client = as_user(world.u_staff_parent)
    page = client.get(HOME)
    assert "<h1>Min</h1>" in words(page) and "kw-gentle" in words(page)
    assert client.get(f"/students/{world.mina.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["keyworker", "head", "dsl", "student"])
def test_nobody_else_has_a_family_home(world, as_user, who):
    client = as_user(world.users[who])
    assert client.get(HOME).status_code == 403
    assert client.get(f"/home/{world.mina.pk}/").status_code == 403


def test_opening_is_kept_for_the_child_shown(world, mum):
    zofia = make_student("Zofia", "Harcastle")
    FamilyLink.objects.create(student=zofia, member=world.mina_mum.member, relationship="mum")
    mum.get(f"/home/{zofia.pk}/")
    row = RecordOpening.objects.get()
    assert (row.student_id, row.user_id, row.what) == (zofia.pk, world.u_parent.pk, "home")


def test_a_child_who_left_stays_with_what_was_shared(world, mum):
    shared(world, world.mina_mum.member, "A good last term.")
    world.mina.left_on = TODAY - A_DAY
    world.mina.save(update_fields=["left_on"])
    end_all(student=world.mina, ends_on=TODAY - A_DAY, by=world.u_head)
    page = words(mum.get(HOME))
    assert "Min left on Sunday 22 November 2026." in page and "A good last term." in page
