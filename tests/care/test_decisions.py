"""A decision reaches each who may know, is answered, replied to and taken back; nobody else at home ever sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from care.actions.ehc_plan import add_plan, seen_as
from care.decisions import actions
from care.decisions.known import known_to, to_answer, who_may_know
from care.models import Decision, DecisionReader
from care.plans.actions import end_plan, write_version
from care.plans.kinds import KINDS
from care.reviews.actions import decide
from keywork import clock
from keywork.errors import Refused
from students.models import FamilyLink, FamilyMember
from tests.access.records import kept, plan, review
from tests.contacts.rows import hold
from tests.forms import form_of
from tests.portal.test_assignments import fill, look_and_do
from tests.world import TODAY

DAY = timedelta(days=1)
WHAT = "Maths in a group of four until Easter."


def announced(world, **given) -> Decision:
    links = who_may_know(world.mina)
    return actions.announce(
        **{
            "by": world.u_keyworker,
            "student": world.mina,
            "what": WHAT,
            "why": "The room is too loud.",
            "decided_by": "The core group",
            "from_on": TODAY,
            "asks": "answer",
            "answer_by": TODAY + 7 * DAY,
            "members": [link.member_id for link in links],
            **given,
        }
    )


def page_of(client, world, made):
    return reverse("home:decision", args=[world.mina.pk, made.pk])


def test_a_decision_is_told_read_answered_and_answered_back(world, as_user, mails):
    with mails() as box:
        made = announced(world)
    assert [mail.subject for mail in box if mail.to == [world.u_parent.email]] == [
        "A decision about your child"
    ]
    assert all("Min" not in mail.body and "aths" not in mail.body for mail in box)
    assert not any(mail.to == [world.u_parent_restricted.email] for mail in box)
    mine = made.readers.get(member__user=world.u_parent)
    assert mine.notified_at is not None and mine.read_at is None
    parent = as_user(world.u_parent)
    url = page_of(parent, world, made)
    assert WHAT in parent.get(reverse("home:decisions", args=[world.mina.pk])).content.decode()
    page = parent.get(url).content.decode()
    assert WHAT in page and "I do not agree" in page and "Monday 30 November" in page
    refused = parent.post(url, {"answer": "question", "words": ""})
    assert refused.status_code == 422 and "Write what you would like" in refused.content.decode()
    assert parent.post(url, {"answer": "question", "words": "For how long?"}).status_code == 302
    mine.refresh_from_db()
    assert (mine.answer, mine.words, mine.answered_by) == ("question", "For how long?", world.u_parent)
    assert list(DecisionReader.objects.asking()) == [mine]
    with mails() as box:
        actions.reply(by=world.u_keyworker, reader=mine, words="Until Easter.")
    assert [mail.to for mail in box] == [[world.u_parent.email]] and "Easter" not in box[0].body
    assert "Until Easter." in parent.get(url).content.decode()
    assert parent.post(url, {"answer": "agree"}).status_code == 302  # they may say something else later
    mine.refresh_from_db()
    assert mine.answer == "agree" and mine.reply == "" and not DecisionReader.objects.asking()
    with mails() as box:
        actions.withdraw(by=world.u_head, decision=made, reason="The room has changed.")
    assert "has changed" in box[0].subject and "room" not in box[0].body
    page = parent.get(url).content.decode()
    assert "The room has changed." in page and "Say something else" not in page
    for given in (
        {"answer": "agree", "words": "But the hall is louder."},
        {"words": "But the hall is louder."},
    ):
        told = parent.post(url, given)  # from a page that was open before
        assert told.status_code == 422 and "But the hall is louder." in told.content.decode()
    assert "taken back meanwhile" in parent.post(url, {"answer": "agree"}).content.decode()


def test_the_letter_is_on_its_way_before_it_is_missing(world):
    row = announced(world).readers.get(member=world.mina_mum.member)
    assert row.stands == "not told yet: the e-mail is on its way"
    with clock.frozen(clock.now() + DAY):
        assert row.stands == "not told by e-mail: tell them at the next contact"


def test_who_has_no_account_is_named_before_and_after(world, as_user):
    client, url = as_user(world.u_keyworker), reverse("care:decision_add", args=[world.mina.pk])
    name, words = world.mina_mum.member.name, "no account, so tell them yourself"
    form = form_of(client.get(url).content.decode(), "kw-form")
    form |= {"what": WHAT, "people": [world.mina_mum.member_id]}
    label = f"{world.mina_mum.label}: {words}"
    assert label not in client.get(url).content.decode()
    FamilyMember.objects.filter(user=world.u_parent).update(user=None)
    assert label in client.get(url).content.decode()
    page = client.post(url, form, follow=True).content.decode()
    assert f"The decision is kept. {name} has no account: tell them at the next contact." in page
    assert "is announced to" not in page and "is on its way" not in page


def test_an_answer_is_due_two_weeks_after_a_hold_on_contact(world, as_user):
    """Home is told the morning after: no answer is late, nor asked for, before that."""
    hold(world.mina, TODAY, TODAY + 20 * DAY, world.u_head).save()
    page = as_user(world.u_keyworker).get(reverse("care:decision_add", args=[world.mina.pk])).content.decode()
    assert f'value="{TODAY + 35 * DAY:%Y-%m-%d}"' in page
    made = actions.announce_change(
        by=world.u_keyworker, student=world.mina, what=WHAT, from_on=TODAY, origin="", asked=True
    )
    assert made.answer_by == TODAY + 35 * DAY


def test_who_knows_of_it(world):
    made = announced(world, with_student=False, members=[world.mina_mum.member_id, world.otto_mum.member_id])
    assert {row.member_id for row in made.readers.all()} == {world.mina_mum.member_id}  # Otto's is left out
    assert [row.decision for row in known_to(world.u_parent, world.mina)] == [made]
    assert to_answer(known_to(world.u_parent, world.mina))
    for other in (world.u_student, world.u_parent_other, world.u_parent_restricted, world.u_teacher):
        assert not known_to(other, world.mina), other
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(
        restricted_from=TODAY, court_restriction="An order"
    )
    del world.u_parent._keywork_relations
    assert not known_to(world.u_parent, world.mina)
    assert known_to(world.u_student, world.mina).count() == 0
    both = announced(world, members=[], with_student=True)
    assert [row.decision for row in known_to(world.u_student, world.mina)] == [both]
    with pytest.raises(Refused):
        announced(world, by=world.u_teacher)
    with pytest.raises(Refused, match="Choose today"):
        announced(world, with_student=True, answer_by=TODAY - DAY)


def test_late_and_never_changed(world):
    made = announced(world, answer_by=TODAY)
    assert not DecisionReader.objects.late(TODAY) and DecisionReader.objects.late(TODAY + DAY)
    row = made.readers.first()
    actions.note_answer(by=world.u_keyworker, reader=row, given="agree")  # on the phone
    row.refresh_from_db()
    assert row.answered_by == world.u_keyworker and row not in DecisionReader.objects.late(TODAY + DAY)
    for change in (
        lambda: Decision.objects.filter(pk=made.pk).update(what="Something else"),
        lambda: DecisionReader.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_change_of_keyworker_is_one_decision_and_one_letter(world, as_user, mails):
    url = reverse("portal:assign", args=[world.mina.pk])
    head = as_user(world.u_head)
    with mails() as box:
        assert (
            look_and_do(
                head, url, fill(world.u_member, starts_on=TODAY.isoformat(), reason="student_request")
            ).status_code
            == 302
        )
    made = Decision.objects.get(student=world.mina, origin="keyworker")
    assert made.what == "Member becomes Min’s keyworker." and made.answer_by == TODAY + 14 * DAY
    to_home = [mail for mail in box if mail.to == [world.u_parent.email]]
    assert len(to_home) == 1 and made.readers.get(member__user=world.u_parent).notified_at is not None
    assert {row.member.user for row in made.readers.all()} >= {world.u_parent}
    assert (
        "Member becomes"
        in as_user(world.u_parent).get(reverse("home:decisions", args=[world.mina.pk])).content.decode()
    )


def test_an_amended_plan_is_a_decision_and_the_first_is_none(world, mails):
    facts = {"plan_type": "ehcp", "la_reference": "", "reviewed_on": None, "next_review_on": None}
    for number in (1, 2):
        before = world.mina.plans.order_by("-number").first()
        with mails() as box:
            add_plan(
                student=world.mina,
                fields={**facts, "issued_on": TODAY - (3 - number) * DAY},
                seen=seen_as(before, []),
                by=world.u_senco,
            )
        assert Decision.objects.filter(origin="ehc-plan").count() == number - 1
        assert bool(box) == (number == 2)
    assert Decision.objects.get().what == "Min has a new version of the EHC plan."


def test_a_plan_that_home_reads_is_a_decision_for_home_and_no_other_plan(world, as_user, mails):
    def write(slug: str, seen: int = 0):
        kind, words = KINDS[slug], {KINDS[slug].sections[0].key: f"Words {seen}"}
        return write_version(
            student=world.mina, kind=kind, words=words, why="Said by the doctor", review_by=TODAY + 30 * DAY,
            seen=seen, by=world.u_keyworker,
        )  # fmt: skip

    for slug in ("risk", "safeguarding"):
        write(slug)
    assert not Decision.objects.exists()
    with mails() as box:
        write("health")
        made = write("health", 1)
    to_home = [mail for mail in box if mail.to == [world.u_parent.email]]
    assert [mail.subject for mail in to_home] == ["A decision about your child"] * 2, "one each"
    assert all("ealth" not in mail.body and "Min" not in mail.body for mail in to_home)
    end_plan(plan=made.plan, why="She is well.", by=world.u_keyworker)
    assert list(Decision.objects.filter(origin="plan").order_by("pk").values_list("what", flat=True)) == [
        "Min has a plan now: the Individual Health Plan.",
        "Min has a new version of the Individual Health Plan.",
        "Min needs the Individual Health Plan no longer.",
    ]
    page = as_user(world.u_parent).get(reverse("home:decisions", args=[world.mina.pk])).content.decode()
    assert "no longer" in page and "doctor" not in page and "She is well" not in page, "why is for school"
    one = reverse("home:decision", args=[world.mina.pk, Decision.objects.latest("pk").pk])
    page = as_user(world.u_parent).get(one).content.decode()
    assert "Write it here if you have a question." in page and "agree" not in page, "nobody is asked whether"


def test_what_the_authority_decides_is_told_once_and_put_right(world, mails):
    made = review(plan(world.mina, world.u_senco), world.u_senco, held_on=TODAY - 20 * DAY)
    fields = {"decision": "amend", "decided_on": TODAY - DAY, "decision_words": "F changes."}
    with mails() as box:
        made = decide(by=world.u_senco, review=made, fields=fields, version=made.version)
        made = decide(by=world.u_senco, review=made, fields={**fields, "decision_words": "F and B."},
                      version=made.version)  # fmt: skip
    assert [mail.to for mail in box].count([world.u_parent.email]) == 1
    told = Decision.objects.get(origin="review", origin_id=made.pk)
    assert (told.what, told.decided_by, told.from_on) == (
        "Min’s EHC plan will be changed.", "the local authority", TODAY - DAY
    )  # fmt: skip
    decide(by=world.u_senco, review=made, fields={**fields, "decision": "keep"}, version=made.version)
    told.refresh_from_db()
    assert told.withdrawn_reason == "It was written down wrongly."
    [right] = Decision.objects.filter(origin="review", withdrawn_at=None)
    assert right.what == "Min’s EHC plan stays as it is."


def test_a_decision_leads_to_what_it_comes_from(world, as_user):
    """For whoever reads that: of a safeguarding plan the Head learns neither name nor address."""
    mina, by = world.mina, world.u_keyworker
    ehc = plan(mina, by)
    came = {
        "plan": (
            kept(mina, by, "safeguarding").pk,
            reverse("care:kept_version", args=[mina.pk, "safeguarding", 1]),
        ),
        "ehc-plan": (ehc.pk, reverse("care:plan_version", args=[mina.pk, 1])),
        "review": (made := review(ehc, by).pk, reverse("care:review", args=[mina.pk, made])),
    }
    for origin, (pk, url) in came.items():
        one = actions.announce_change(
            by=by, student=mina, what="So.", from_on=TODAY, origin=origin, origin_id=pk
        )
        page = reverse("care:decision", args=[mina.pk, one.pk])
        assert url in as_user(by).get(page).content.decode()
        assert (url in as_user(world.u_head).get(page).content.decode()) is (origin != "plan")
    made = actions.announce_change(
        by=by, student=mina, what="So.", from_on=TODAY, **_of(kept(mina, by, "health"))
    )
    home, plan_url = (
        reverse("home:decision", args=[mina.pk, made.pk]),
        reverse("care:kept_home", args=[mina.pk, "health"]),
    )
    assert plan_url in as_user(world.u_parent).get(home).content.decode()
    made = actions.announce_change(
        by=by, student=mina, what="So.", from_on=TODAY, **_of(kept(mina, by, "risk"))
    )
    home = reverse("home:decision", args=[mina.pk, made.pk])
    assert "/plans/risk/" not in as_user(world.u_parent).get(home).content.decode()


def _of(version) -> dict:
    return {"origin": "plan", "origin_id": version.pk}
