"""A form of what is called off, taken back, withdrawn or ended says so before anybody types, and leads on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from care.assessments import actions as support
from care.assessments.models import NeedsAssessment, SupportCycle
from care.checklists import actions as lists
from care.decisions import actions as decisions
from care.documents.actions import void_document
from care.meetings import actions as meetings
from care.models import Review
from care.plans.actions import end_plan
from keywork import clock
from keywork.levels import Level
from tests.access import records
from tests.care.test_decisions import announced
from tests.care.test_kept_plans import write
from tests.care.test_meetings import planned
from tests.forms import form_of
from tests.world import TODAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def opens(world, as_user):
    """Whether each of these forms (name of its address, numbers) opens for this person; else what it says."""

    def ask(user, forms, words="", back=()):
        client = as_user(user)
        for name, *more in forms:
            page = client.get(reverse(f"care:{name}", args=[world.mina.pk, *more]))
            said = page.content.decode()
            if not words:
                assert page.status_code == 200 and 'class="kw-form' in said, name
                continue
            assert page.status_code == 409 and f"{words}." in said, name
            assert 'class="kw-form' not in said, name
            assert reverse(f"care:{back[0]}", args=[world.mina.pk, *back[1:]]) in said, name
            assert client.get(reverse(f"care:{name}", args=[world.otto.pk, *more])).status_code == 404, name

    return ask


def test_a_meeting_that_is_called_off(world, opens, as_user):
    row = planned(world)
    names = "meeting_edit", "meeting_minutes", "meeting_summary", "meeting_call_off", "meeting_agree"
    forms = [(name, row.pk) for name in names]
    opens(world.u_keyworker, forms)
    url = reverse("care:meeting_agree", args=[world.mina.pk, row.pk])
    typed = form_of(as_user(world.u_keyworker).get(url).content.decode(), "kw-form")
    meetings.call_off(by=world.u_keyworker, meeting=row, reason="Snow")
    opens(world.u_keyworker, forms, meetings.CALLED_OFF, ("meeting", row.pk))
    # What was being typed all the same is refused where it is saved, and stands there still.
    given = {**typed, "what": "Ring the bus firm", "owner": world.u_mentor.pk, "due_on": TODAY.isoformat()}
    sent = as_user(world.u_keyworker).post(url, given)
    said = sent.content.decode()
    assert sent.status_code == 422 and meetings.CALLED_OFF in said and "Ring the bus firm" in said


def test_minutes_of_a_meeting_that_is_still_to_come(world, opens):
    row = planned(world, on=TODAY + DAY)
    opens(world.u_keyworker, [("meeting_minutes", row.pk)], meetings.NOT_HELD, ("meeting", row.pk))


def test_a_cycle_and_a_request_that_are_taken_back(world, opens):
    made = {"student": world.mina, "created_by": world.u_senco, "created_at": clock.now()}
    cycle = SupportCycle.objects.create(
        number=1, starts_on=TODAY, review_on=TODAY + DAY, assess="Reads", aim="Reads more", **made
    )
    asked = NeedsAssessment.objects.create(requested_on=TODAY, requested_by="school", needs="Words", **made)
    forms = [("cycle", cycle.pk), ("cycle_void", cycle.pk)]
    forms += [("assessment_edit", asked.pk), ("assessment_void", asked.pk)]
    opens(world.u_senco, forms)
    for row in (cycle, asked):
        support.take_back(by=world.u_senco, row=row, reason="Another child")
    opens(world.u_senco, forms, support.TAKEN_BACK, ("assessment",))


def test_a_decision_that_is_withdrawn_and_one_that_nobody_asks_about(world, opens):
    made = announced(world)
    reader = made.readers.get(member__user=world.u_parent)
    said, reply = ("decision_said", made.pk, reader.pk), ("decision_reply", made.pk, reader.pk)
    opens(world.u_keyworker, [said, ("decision_withdraw", made.pk)])
    opens(world.u_keyworker, [reply], decisions.NOTHING_ASKED, ("decision", made.pk))
    decisions.answer(by=world.u_parent, reader=reader, given="question", words="How long?")
    opens(world.u_keyworker, [reply])
    decisions.withdraw(by=world.u_keyworker, decision=made, reason="The room is quiet now.")
    forms = [said, ("decision_withdraw", made.pk)]
    opens(world.u_keyworker, forms, decisions.WITHDRAWN, ("decision", made.pk))
    opens(world.u_keyworker, [reply], decisions.NOTHING_ASKED, ("decision", made.pk))


def test_a_list_that_is_ended_and_a_point_that_is_done(world, opens):
    made = lists.start(by=world.u_keyworker, student=world.mina, slug="induction")
    one, other = made.points.filter(ticks="")[:2]
    opens(world.u_keyworker, [("point", one.pk), ("checklist_end", made.pk)])
    lists.tick(by=world.u_keyworker, point=one)
    opens(world.u_keyworker, [("point", one.pk)], lists.SAID, ("checklist", made.pk))
    lists.end(by=world.u_keyworker, checklist=made, reason="He moved")
    forms = [("point", other.pk), ("checklist_end", made.pk)]
    opens(world.u_keyworker, forms, lists.ENDED, ("checklist", made.pk))


def test_a_plan_that_is_ended_and_a_document_that_is_crossed_out(world, opens):
    version = write(world)
    opens(world.u_keyworker, [("kept_end", "risk")])
    end_plan(plan=version.plan, why="No longer", by=world.u_keyworker)
    opens(world.u_keyworker, [("kept_end", "risk")], "This plan has been ended already", ("kept", "risk"))
    row = records.document(world.mina, world.u_keyworker, Level.GENERAL)
    opens(world.u_keyworker, [("document_void", row.pk)])
    void_document(document=row, reason="Another child", by=world.u_keyworker)
    words = "This document has been crossed out already"
    opens(world.u_keyworker, [("document_void", row.pk)], words, ("document", row.pk))


def test_a_review_that_was_held_and_decided(world, opens):
    row = records.review(records.plan(world.mina, world.u_senco), world.u_senco)
    forms = [("review_move", row.pk), ("review_person_add", row.pk), ("review_void", row.pk)]
    opens(world.u_senco, forms)
    rows = Review.objects.filter(pk=row.pk)
    rows.update(meets_at=clock.now() - 2 * DAY, held_on=TODAY - 2 * DAY)
    words = "The meeting has been held, so its date stays"
    opens(world.u_senco, [("review_move", row.pk)], words, ("review", row.pk))
    words = "The meeting has been held. Nobody is invited any more"
    opens(world.u_senco, [("review_person_add", row.pk)], words, ("review", row.pk))
    rows.update(decided_on=TODAY, decision="keep")
    words = "The authority has decided on this review, so it stays"
    opens(world.u_senco, [("review_void", row.pk)], words, ("review", row.pk))
