"""Keyworker and mentor share a long holiday out, and tell staff what home said in it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from contacts.digests import DigestRun
from contacts.holidays import first_day_back, long_closures
from contacts.models import Briefing, BriefingReader, HolidayWeek, Miss
from contacts.views import holidays
from keywork import clock, school
from keywork.models import Assignment, RecordOpening
from tests.access import records
from tests.world import TODAY

HOLIDAYS = reverse("contacts:holidays")


@pytest.fixture
def christmas(world):
    """The first long holiday after today, and the first day back."""
    facts = school.load()
    closure = next(one for one in long_closures(facts.policy(TODAY), facts.calendar) if one[0] > TODAY)
    return closure, first_day_back(closure, facts.calendar)


@pytest.fixture
def at():
    """Move to another day, for the rest of the test."""
    with ExitStack() as days:
        yield lambda day: days.enter_context(clock.frozen(day))


def share(client, student, **weeks):
    return client.post(reverse("contacts:pair", args=[student.pk]), weeks, follow=True)


def test_the_pair_shares_the_weeks_out_and_the_head_sees_it(world, as_user, christmas, at, monkeypatch):
    (first, last), _ = christmas
    at(first - timedelta(days=20))
    keyworker = as_user(world.u_keyworker)
    assert "Say who keeps in touch with home" in keyworker.get(reverse("portal:today")).content.decode()
    records.session(world.mina, world.u_keyworker, notes="How lessons go\nTired, but stayed.")
    page = keyworker.get(reverse("contacts:pair", args=[world.mina.pk])).content.decode()
    assert world.u_mentor.name in page and "Nobody yet" in page
    assert "How lessons go<br>Tired, but stayed." in page
    page = share(
        keyworker, world.mina, week_0=world.u_keyworker.pk, week_1=world.u_mentor.pk
    ).content.decode()
    assert "Both of you and the Head of Social Education see it." in page
    rows = HolidayWeek.objects.order_by("starts_on").values_list("covered_by", flat=True)
    assert list(rows)[:2] == [world.u_keyworker.pk, world.u_mentor.pk]

    head = as_user(world.u_head).get(HOLIDAYS).content.decode()
    assert world.mina.name in head and world.otto.name in head and world.u_mentor.name in head
    monkeypatch.setattr(holidays, "ON_A_PAGE", 1)
    paged = as_user(world.u_head).get(HOLIDAYS, {"page": 2}).content.decode()
    assert "2 to 2 of 2" in paged and world.mina.name in paged and world.otto.name not in paged
    mentor = as_user(world.u_mentor).get(HOLIDAYS).content.decode()
    assert world.mina.name in mentor and world.otto.name not in mentor

    # In the mentor's week the student stands among the mentor's own, and among the covered of the keyworker.
    at(last)
    mine = as_user(world.u_mentor).get(reverse("portal:today"))
    assert [card.student.pk for card in mine.context["mine"]] == [world.mina.pk]
    assert "You cover the holiday until" in mine.content.decode()
    keyworker = as_user(world.u_keyworker)
    theirs = keyworker.get(reverse("portal:today"))
    assert world.mina.pk not in [card.student.pk for card in theirs.context["mine"]]
    assert f"{world.u_mentor.name} covers the holiday for Min" in theirs.content.decode()
    # What changes again keeps what it was.
    share(keyworker, world.mina, week_0="", week_1=world.u_keyworker.pk)
    assert HolidayWeek.pgh_event_model.objects.filter(pgh_label="delete").count() == 1


def test_what_was_due_in_the_week_is_told_to_whoever_covered_it(world, christmas, at):
    (first, last), back = christmas
    HolidayWeek.objects.create(
        student=world.mina, starts_on=first, ends_on=last, covered_by=world.u_mentor, entered_by=world.u_mentor,
        entered_at=clock.now(),
    )  # fmt: skip
    at(back)
    for due_on in (last, first - timedelta(days=2)):
        Miss.objects.create(
            student=world.mina, duty="home_contact", due_on=due_on, klass="missed", keyworker=world.u_keyworker,
            as_of=back, detected_at=clock.now(),
        )  # fmt: skip
    run = DigestRun(back)
    assert {miss.due_on: run.line(miss).first[0] for miss in run.waiting} == {
        last: world.u_mentor.pk,
        first - timedelta(days=2): world.u_keyworker.pk,
    }


def test_what_home_told_is_drafted_edited_sent_and_read(
    world, as_user, christmas, at, eager, django_capture_on_commit_callbacks
):
    (first, _), back = christmas
    day = first + timedelta(days=3)
    at(day)
    told = {"happened_on": day, "logged_on": day}
    records.contact(world.mina, world.u_keyworker, notes="Grandad died on Sunday.", **told)
    records.contact(world.mina, world.u_keyworker, notes="Do not tell.", withheld_reason="Asked for", **told)
    records.contact(world.mina, world.u_keyworker, notes="For few.", level="restricted", **told)
    records.contact(
        world.mina, world.u_keyworker, notes="Rang twice.", reached="no_answer", outcome="no_answer", **told
    )
    at(back)
    keyworker = as_user(world.u_keyworker)
    url = reverse("contacts:brief", args=[world.mina.pk])
    assert url in keyworker.get(reverse("portal:today")).content.decode()
    page = keyworker.get(url).content.decode()
    assert "Grandad died on Sunday." in page
    assert not [words for words in ("Do not tell.", "For few.", "Rang twice.") if words in page]
    assert not Briefing.objects.exists() and not mail.outbox

    empty = keyworker.post(url, {"words": " "})
    assert empty.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        keyworker.post(url, {"words": "Grandad died. Be gentle."})
    sent = Briefing.objects.get()
    around = set(Assignment.objects.current(back).filter(student=world.mina).values_list("user", flat=True))
    around -= {world.u_keyworker.pk, world.u_staff_parent.pk}  # who wrote it, and who is family
    assert set(sent.readers.values_list("user", flat=True)) == around
    assert len(mail.outbox) == len(around)
    for one in mail.outbox:
        assert "Min" in one.body and reverse("contacts:briefing", args=[sent.pk]) in one.body
        assert world.mina.surname not in one.body + one.subject and "Grandad" not in one.body + one.subject
    assert keyworker.post(url, {"words": "Again."}).url == reverse("contacts:pair", args=[world.mina.pk])
    assert Briefing.objects.count() == 1

    read = reverse("contacts:briefing", args=[sent.pk])
    teacher = as_user(world.u_teacher)
    assert read in teacher.get(reverse("portal:today")).content.decode()
    page = teacher.get(read).content.decode()
    assert "Be gentle." in page and "Who has read it" not in page
    assert BriefingReader.objects.get(user=world.u_teacher).read_at is not None
    assert RecordOpening.objects.filter(user_id=world.u_teacher.pk, what="briefing").exists()
    assert read not in teacher.get(reverse("portal:today")).content.decode()
    assert "Who has read it" in keyworker.get(read).content.decode()
    assert as_user(world.u_keyworker_other).get(read).status_code == 404
