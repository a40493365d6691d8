"""The check-up with teachers, from the mail to the keyworker's page."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts import tasks
from contacts.check_ups import KIND
from enquiries.models import Enquiry
from keywork import clock
from keywork.models import PolicyVersion, StaffAbsence, User
from outbox import actions as outbox
from tests import world as cast
from tests.world import TODAY

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
MONDAY = TODAY
WEDNESDAY = MONDAY + 2 * A_DAY
LINK = re.compile(r"https?://[^/\s]+(/enquiries/round/\S+)")


@pytest.fixture
def weekly(world):
    """The school asks every week."""
    PolicyVersion.objects.update(overrides={"staff_check_up_interval_days": 7})
    return world


@pytest.fixture
def run(mails):
    """The morning of a day: its mails."""

    def morning(day: date):
        with clock.frozen(day), mails() as box:
            tasks.check_ups()
        return box

    return morning


def links(mail) -> list[str]:
    return LINK.findall(mail.body)


def rows(**which):
    return Enquiry.objects.filter(kind=KIND, **which)


def test_one_mail_with_both_answers_and_no_more_than_initials(weekly, run):
    cast.assign(weekly.otto, weekly.u_teacher, "teacher")
    box = run(MONDAY)
    assert not run(MONDAY), "asked once"
    told = {one.to[0]: one for one in box}
    assert set(told) == {getattr(weekly, f"u_{who}").email for who in ("teacher", "mentor", "member")}
    mail = told[weekly.u_teacher.email]
    assert len(links(mail)) == 4 and "MH" in mail.body and "OZ" in mail.body
    assert not any(word in f"{mail.subject}{mail.body}" for word in ("Min", "Harcastle", "Otto", "Zzyzx"))
    assert set(rows(student=weekly.mina).values_list("asked_by", flat=True)) == {weekly.u_keyworker.pk}


def test_mail_and_page_speak_in_the_words_of_the_school(weekly, run):
    PolicyVersion.objects.update(preset="ies-breckland")
    mail = next(one for one in run(MONDAY) if one.to == [weekly.u_teacher.email])
    assert "A Key Worker asks" in mail.body or "Key Workers ask" in mail.body
    page = Client().get(links(mail)[0]).content.decode()
    assert "The Key Worker and the core team read it." in page and "keyworker" not in mail.body


def test_opening_the_link_says_nothing_and_one_press_sends_it(weekly, run, mails, as_user):
    mail = next(one for one in run(MONDAY) if one.to == [weekly.u_teacher.email])
    well, issue = links(mail)
    client, url = Client(), issue.partition("?")[0]
    for _ in range(3):  # as a scanner of mail does
        page = client.get(issue)
        client.head(well)
    assert re.search(r'value="issue"[^>]*checked', page.content.decode())
    assert not rows(answered_at__isnull=False).exists()
    shown = page.content.decode()
    assert "Min" in shown and not any(
        word in shown for word in ("Harcastle", weekly.u_teacher.name, "EHC", "Year 9")
    )
    assert page["Referrer-Policy"] == "no-referrer" and "noindex" in page["X-Robots-Tag"]
    refused = client.post(url, {"do": "hand-in", "how": "issue", "words": ""})
    assert refused.status_code == 422 and not rows(answered_at__isnull=False).exists()
    assert refused.content.decode().count("to put right") == 1, "said once"
    said = {"do": "hand-in", "how": "issue", "words": "She sat alone."}
    with mails() as box:
        done = client.post(url, said)
        client.post(url, said)  # pressed twice
    assert "on their way to" in done.content.decode()
    [row] = rows(answered_at__isnull=False)
    assert row.user == weekly.u_teacher and row.answers == {"how": "issue", "words": "She sat alone."}
    [told] = box
    assert told.to == [weekly.u_keyworker.email] and "MH" in told.body
    assert not any(word in told.body for word in ("alone", "Min", "Harcastle"))
    assert (
        "Teachers have something to tell you" in as_user(weekly.u_keyworker).get("/today/").content.decode()
    )
    page = as_user(weekly.u_keyworker).get(f"/students/{weekly.mina.pk}/check-ups/").content.decode()
    assert "She sat alone." in page and "1 of 1" in page
    timeline = (
        as_user(weekly.u_keyworker).get(f"/students/{weekly.mina.pk}/?kind=check_up&q=alone").content.decode()
    )
    assert "1 of 3 answered, one told something" in timeline and "She sat alone." in timeline
    as_user(weekly.u_keyworker).post(f"/check-ups/{row.pk}/read/")
    assert "Teachers have something" not in as_user(weekly.u_keyworker).get("/today/").content.decode()


def test_that_all_is_well_wakes_nobody_and_may_be_changed_until_the_round_is_over(
    weekly, run, mails, as_user
):
    mail = next(one for one in run(MONDAY) if one.to == [weekly.u_teacher.email])
    url, client = links(mail)[0].partition("?")[0], Client()
    with mails() as box:
        client.post(url, {"do": "hand-in", "how": "well"})
    assert not box and "Teachers have" not in as_user(weekly.u_keyworker).get("/today/").content.decode()
    assert re.search(r'value="well"[^>]*checked', client.get(url).content.decode())
    with clock.frozen(MONDAY + 6 * A_DAY), mails() as box:
        client.post(url, {"do": "hand-in", "how": "issue", "words": "Late to class."})
        client.post(url, {"do": "hand-in", "how": "well"})  # before the letter would be written again
    assert rows(user=weekly.u_teacher).get().answers == {"how": "well", "words": ""}
    with clock.frozen(MONDAY + 7 * A_DAY):
        assert client.get(url).status_code == 404
        assert client.post(url, {"do": "hand-in", "how": "issue", "words": "Too late"}).status_code == 404
    assert rows(user=weekly.u_teacher).get().answers["how"] == "well"


@pytest.mark.parametrize(
    "spoil",
    ["forged", "another", "closed", "withdrawn", "no_post", "other_kind"],
)
def test_no_other_link_opens_anything(weekly, run, spoil):
    mail = next(one for one in run(MONDAY) if one.to == [weekly.u_teacher.email])
    url = links(mail)[0].partition("?")[0]
    row = rows(user=weekly.u_teacher).get()
    if spoil == "forged":
        url = url[:-3] + ("aa/" if url[-3:-1] != "aa" else "bb/")
    elif spoil == "another":
        url = url.replace(f"/{row.pk}.", f"/{rows(user=weekly.u_mentor).get().pk}.")
    elif spoil == "closed":
        User.objects.filter(pk=weekly.u_teacher.pk).update(is_active=False, deactivated_at=clock.now())
    elif spoil == "withdrawn":
        rows().update(withdrawn_at=clock.now(), withdrawn_by=weekly.u_keyworker)
    elif spoil == "no_post":
        weekly.u_teacher.assignments.update(ends_on=TODAY - A_DAY)
    else:
        rows().update(kind="tsp.input")
    nobody = Client().get("/enquiries/round/1.nobody/")
    for answer in (Client().get(url), Client().post(url, {"do": "hand-in", "how": "well"})):
        assert answer.status_code == 404 and answer.content == nobody.content
    assert not Enquiry.objects.filter(kind__in=[KIND, "tsp.input"], answered_at__isnull=False).exists()


def test_addresses_are_not_tried_for_ever(weekly):
    client = Client()
    codes = [client.get(f"/enquiries/round/{number}.guess/").status_code for number in range(31)]
    assert codes == [404] * 30 + [429]


def test_who_is_silent_hears_once_more_and_whoever_came_later_is_not_asked(weekly, run):
    first = run(MONDAY)
    cast.assign(weekly.mina, weekly.u_senco, "teacher", start=MONDAY)
    Client().post(
        links(next(one for one in first if one.to == [weekly.u_teacher.email]))[0],
        {"do": "hand-in", "how": "well"},
    )
    assert not run(MONDAY + A_DAY)
    again = run(WEDNESDAY)
    assert {one.to[0] for one in again} == {weekly.u_mentor.email, weekly.u_member.email}
    assert all(one.subject.startswith("A reminder") for one in again)
    assert not run(WEDNESDAY) and not run(WEDNESDAY + A_DAY)
    assert len(run(MONDAY + 7 * A_DAY)) == 5, "the next round asks whoever is there then"


def test_nobody_is_asked_in_a_closure_or_about_who_is_not_there(weekly, run):
    assert not run(date(2026, 12, 28)) and not rows().exists()
    weekly.mina.absences.create(starts_on=MONDAY, ends_on=MONDAY, recorded_by=weekly.u_keyworker)
    run(MONDAY)
    assert not rows(student=weekly.mina).exists()


def test_the_deputy_hears_while_the_keyworker_is_away(weekly, run, mails):
    mail = next(one for one in run(MONDAY) if one.to == [weekly.u_teacher.email])
    StaffAbsence.objects.create(user=weekly.u_keyworker, starts_on=MONDAY, ends_on=WEDNESDAY)
    with mails() as box:
        Client().post(links(mail)[0], {"do": "hand-in", "how": "issue", "words": "Something."})
    assert {one.to[0] for one in box} == {weekly.u_keyworker.email, weekly.u_deputy.email}


def test_the_keyworker_begins_one_where_the_school_does_not(world, as_user, mails):
    client, there = as_user(world.u_keyworker), f"/students/{world.mina.pk}/check-ups/"
    assert "your school asks nobody by itself" in client.get(there).content.decode()
    with mails() as box:
        assert client.post(f"{there}begin/").status_code == 302
    assert len(box) == 3
    assert "Ask them now" not in client.get(there).content.decode()
    client.post(f"{there}begin/")
    assert rows().count() == 3


def test_a_teacher_who_is_signed_in_answers_on_the_same_page(weekly, run, as_user):
    run(MONDAY)
    client, row = as_user(weekly.u_teacher), rows(user=weekly.u_teacher).get()
    assert f"/enquiries/{row.pk}/" in client.get("/enquiries/").content.decode()
    typed = {"do": "hand-in", "how": "issue", "words": "Alone at break."}
    said = client.post(f"/enquiries/{row.pk}/", typed, follow=True).content.decode()
    assert f"Your words about {row.student.known_as} are on their way to" in said
    row.refresh_from_db()
    assert row.answered_at
    with clock.frozen(MONDAY + 7 * A_DAY):
        assert f"/enquiries/{row.pk}/" not in client.get("/enquiries/").content.decode()


def test_a_round_that_is_over_is_not_asked_any_more(weekly, run, as_user):
    run(MONDAY)
    client, row = as_user(weekly.u_teacher), rows(user=weekly.u_teacher).get()
    with clock.frozen(MONDAY + 7 * A_DAY):
        shown = client.get("/enquiries/").content.decode()
        assert f"/enquiries/{row.pk}/" not in shown and "Nobody waits for you" in shown


def test_as_many_queries_for_many_students_as_for_one(weekly, run, as_user):
    counts = []
    client = as_user(weekly.u_keyworker)
    for number in (2, 2, 8):
        for more in range(number):
            student = cast.make_student("Student", f"Number{more}")
            cast.assign(student, weekly.u_keyworker)
            for teacher in (weekly.u_teacher, weekly.u_mentor, weekly.u_member):
                cast.assign(student, teacher, "teacher")
        rows().delete()
        with clock.frozen(MONDAY), CaptureQueriesContext(connection) as asked:
            tasks.ask_teachers(MONDAY.isoformat())
        begun = len(asked)
        client.get(f"/students/{weekly.mina.pk}/check-ups/")
        with CaptureQueriesContext(connection) as page:
            client.get(f"/students/{weekly.mina.pk}/check-ups/")
        counts.append((begun, len(page)))
    assert rows().count() == 3 * 13
    assert counts[1] == counts[2]  # the first also reads what is kept for a process


def test_the_job_is_safe_after_a_kill(weekly, mails):
    with mails() as box:
        for _ in range(2):
            outbox.do("contacts.check_ups", day=MONDAY.isoformat())
    assert len(box) == rows().count() == 3
