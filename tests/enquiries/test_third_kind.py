"""A further kind costs one description: a check-up of the week, asked of teachers, and of anybody else as well."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from enquiries import actions, kinds
from enquiries.kinds import EnquiryKind
from enquiries.lines import lines_of
from enquiries.models import SELF, Enquiry
from keywork import clock
from keywork.access import Can
from keywork.errors import Refused
from keywork.forms import KeyworkForm
from students.models import FamilyLink
from tests.world import TODAY

WEEK = "2026-W48"
FRIDAY = date(2026, 11, 27)
A_DAY = timedelta(days=1)


class CheckUpForm(KeyworkForm):
    how = forms.ChoiceField(
        label="How was the week?",
        widget=forms.RadioSelect,
        choices=[("fine", "All is well"), ("issue", "There is something")],
    )
    words = forms.CharField(label="In a few words", required=False, max_length=300)
    missing = {"how": "Say how the week was"}


class CheckUp(EnquiryKind):
    slug, name = "test.checkup", "how the week went"
    form = CheckUpForm
    read_by = Can.VIEW_LOG

    def title(self, enquiry: Enquiry) -> str:
        return f"{enquiry.student.known_as} this week"


@pytest.fixture(autouse=True)
def checkup(monkeypatch):
    monkeypatch.setitem(kinds._kinds, CheckUp.slug, CheckUp())


@pytest.fixture
def ask(world):
    """The teachers of Mina."""

    def made(*people) -> list[Enquiry]:
        return actions.ask_colleagues(
            by=world.u_keyworker,
            student=world.mina,
            people=people or [world.u_teacher],
            answer_by=FRIDAY,
            kind=CheckUp.slug,
            period=WEEK,
        )

    return made


def url_of(enquiry: Enquiry) -> str:
    return reverse("enquiries:answer", args=[enquiry.pk])


def asked_of(world, **whom) -> Enquiry:
    row = Enquiry(
        kind=CheckUp.slug,
        student=world.mina,
        period=WEEK,
        asked_at=clock.now(),
        asked_by=world.u_keyworker,
        answer_by=FRIDAY,
        **whom,
    )
    actions.ask_many([row])
    return row


def test_asked_by_mail_and_answered_with_one_press(world, ask, as_user, mails):
    with mails() as box:
        [row] = ask()
    [mail] = box
    assert mail.to == [world.u_teacher.email] and "MH" in mail.body
    assert not any(name in f"{mail.subject}{mail.body}" for name in ("Min ", "Mina", "Harcastle"))
    page, url = as_user(world.u_teacher), re.search(r"https?://[^/\s]+(/\S+)", mail.body)[1]
    assert url == url_of(row)
    shown = page.get(f"{url}?how=issue").content.decode()
    assert "Min this week" in shown and re.search(r'value="issue"[^>]*checked', shown)
    row.refresh_from_db()
    assert row.answered_at is None, "whoever follows a link has said nothing"
    refused = page.post(url, {"do": "hand-in", "how": "", "words": "Torn"})
    assert refused.status_code == 422
    assert "Say how the week was" in refused.content.decode() and "Torn" in refused.content.decode()
    page.post(url, {"do": "hand-in", "how": "issue", "words": "She sat alone."})
    row.refresh_from_db()
    assert row.answers == {"how": "issue", "words": "She sat alone."} and row.answered_at
    page.post(url, {"do": "hand-in", "how": "fine"})
    row.refresh_from_db()
    assert row.answers["how"] == "issue", "it is answered once"


def test_it_stands_among_what_is_asked_of_them(world, ask, as_user):
    ask(world.u_teacher, world.u_mentor)
    page = as_user(world.u_teacher).get(reverse("enquiries:mine")).content.decode()
    assert "How the week went" in page and page.count("Min Harcastle") >= 1
    assert "is asked for" in as_user(world.u_teacher).get(reverse("portal:today")).content.decode()
    assert as_user(world.u_mentor).get(url_of(Enquiry.objects.get(user=world.u_teacher))).status_code == 404


def test_who_may_see_the_answer(world, ask):
    [row] = ask()
    Enquiry.objects.filter(pk=row.pk).update(
        answers={"how": "issue", "words": "She sat alone."}, answered_at=clock.now()
    )
    rows = Enquiry.objects.filter(pk=row.pk)
    [line] = lines_of(rows, world.u_deputy)
    assert line.answers == [
        ("How was the week?", "There is something"),
        ("In a few words", "She sat alone."),
    ]
    [line] = lines_of(rows, world.u_teacher)
    assert line.state == "answered" and not line.answers, "a teacher does not read the log"


@pytest.mark.parametrize("who", ["parent", "student", "keyworker"])
def test_a_parent_a_student_or_who_is_in_post_answers_on_the_same_page(world, as_user, who):
    whom = {
        "parent": {"member": world.mina_mum.member},
        "student": {"relation": SELF},
        "keyworker": {"relation": "keyworker"},
    }[who]
    row = asked_of(world, **whom)
    for other in ("parent_other", "student_other", "keyworker_other", "deputy", "head", "parent_restricted"):
        assert as_user(world.users[other]).get(url_of(row)).status_code == 404, other
    page = as_user(world.users[who])
    shown = page.get(url_of(row))
    assert shown.status_code == 200 and "How was the week?" in shown.content.decode()
    page.post(url_of(row), {"do": "hand-in", "how": "fine"})
    row.refresh_from_db()
    assert row.answered_at and row.answers["how"] == "fine"


def test_a_restriction_shuts_a_parent_out_at_once(world, as_user, mails):
    row = asked_of(world, member=world.mina_mum.member)
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(court_restriction="Order", restricted_from=TODAY)
    assert as_user(world.u_parent).get(url_of(row)).status_code == 404
    with mails() as box:
        assert actions.remind_all(rows=Enquiry.objects.all()) == 0
    assert not box


def test_by_link_and_code_it_is_the_same_page(world, mails):
    with mails() as box:
        row, code = actions.ask_by_link(
            by=world.u_keyworker,
            student=world.mina,
            days=7,
            kind=CheckUp.slug,
            period=WEEK,
            name="Hollis Quarmby",
            role="Therapist",
            email="hollis@outside.example",
        )
    url = re.search(r"https?://[^/\s]+(/enquiries/link/\S+)", box[0].body)[1]
    client = Client()
    assert "How was the week?" not in client.get(url).content.decode()
    client.post(url, {"code": code})
    assert "How was the week?" in client.get(url).content.decode()
    done = client.post(url, {"do": "hand-in", "how": "fine"})
    assert "Your view is with the school" in done.content.decode()
    row.refresh_from_db()
    assert row.answers["how"] == "fine" and row.opened_at
    assert client.get(url).status_code == 404


def test_who_has_not_answered_is_reminded_in_one_sweep_once_a_day(world, ask, mails):
    made = ask(world.u_teacher, world.u_mentor, world.u_member)
    actions.decline(enquiry=made[1], words="I was away.")
    rows = Enquiry.objects.filter(kind=CheckUp.slug, period=WEEK)
    with clock.frozen(TODAY + A_DAY), mails() as box:
        assert actions.remind_all(rows=rows) == 2
        assert actions.remind_all(rows=rows) == 0
    assert {one.to[0] for one in box} == {world.u_teacher.email, world.u_member.email}
    assert all(one.subject.startswith("A reminder") for one in box)
    actions.withdraw(by=world.u_keyworker, enquiry=made[0])
    with clock.frozen(TODAY + 2 * A_DAY), mails() as box:
        assert actions.remind_all(rows=rows) == 1
    with pytest.raises(Refused, match="taken back"):
        actions.decline(enquiry=made[0], words="Late")


def test_asked_again_each_week_and_once_in_each(world, ask):
    ask()
    with pytest.raises(Refused, match="has been asked already"):
        ask()
    Enquiry.objects.update(period="2026-W47")
    ask()
    assert Enquiry.objects.count() == 2
