"""The one answering page as each respondent has it: a colleague, a student, a parent, somebody with a link."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from contacts.check_ups.actions import begin_round
from enquiries import actions, kinds
from enquiries.models import SELF, Enquiry
from keywork import clock, school
from outbox.models import Job
from tests import world as cast
from tests.enquiries.test_third_kind import FRIDAY, WEEK, CheckUp

from .axe import faults_here
from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("who", ["staff", "student", "parent", "link"])
def test_each_answers_on_the_same_page(site, open_browser, monkeypatch, who, size):
    monkeypatch.setitem(kinds._kinds, CheckUp.slug, CheckUp())
    us = site.pair("Wren")
    name = f"{who}_{us.student.pk}"
    what = {"by": us.user, "student": us.student, "kind": CheckUp.slug, "period": WEEK}
    code, user = "", None
    if who == "link":
        address = f"{name}@outside.example"
        row, code = actions.ask_by_link(
            **what, days=7, name="Hollis Quarmby", role="Therapist", email=address, question="In the group?"
        )
        [message] = [one for one in mail.outbox if one.to == [address]]
        url = re.search(r"https?://[^/\s]+(/enquiries/link/\S+)", message.body)[1]
    else:
        user = cast.make_user(name, {"staff": "staff", "student": "student", "parent": "family"}[who])
        whom = {"staff": {"user": user}, "student": {"relation": SELF}, "parent": {"member": us.link.member}}
        if who == "staff":
            cast.assign(us.student, user, "teacher")
        else:
            owner = us.student if who == "student" else us.link.member
            owner.user = user
            owner.save()
        now = clock.now()
        del what["by"]
        actions.ask_many([Enquiry(**what, **whom[who], asked_by=us.user, asked_at=now, answer_by=FRIDAY)])
        row = Enquiry.objects.get(student=us.student)
        url = reverse("enquiries:answer", args=[row.pk])
    page = open_browser(user, viewport=size, reduced_motion="reduce")
    page.goto(url)
    if code:
        page.get_by_label("Code of six digits").fill(code)
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wren this week")
    assert faults_here(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Say how the week was")
    assert faults_here(page) == []
    page.get_by_label("All is well").check()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Thank you").first).to_be_visible()
    row.refresh_from_db()
    assert row.answers["how"] == "fine"


def test_a_teacher_answers_from_the_mail_without_signing_in(site, open_browser):
    us = site.pair("Wren")
    teacher = cast.make_user(f"teacher_{us.student.pk}", "staff")
    cast.assign(us.student, teacher, "teacher")
    begin_round(by=us.user, student=us.student, facts=school.load())
    [message] = [one for one in mail.outbox if one.to == [teacher.email]]
    well, issue = re.findall(r"https?://[^/\s]+(/enquiries/round/\S+)", message.body)
    row = Enquiry.objects.get(student=us.student)
    page = open_browser(None, viewport=PHONE, reduced_motion="reduce")
    page.goto(issue)
    expect(page.get_by_label("There is something to tell")).to_be_checked()
    expect(page.locator("body")).not_to_contain_text(us.student.surname)
    assert faults_here(page) == []
    row.refresh_from_db()
    assert row.answered_at is None
    page.get_by_label("What is there to tell?").fill("She sat alone.")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert faults_here(page) == []
    row.refresh_from_db()
    assert row.answers == {"how": "issue", "words": "She sat alone."}
    assert Job.objects.filter(kind="contacts.check_up_issue", arguments__enquiry=row.pk).count() == 1
    page.goto(f"{well.partition('/?')[0]}x/")  # forged
    expect(page.get_by_role("heading", level=1)).to_have_text("This link cannot be used")
    assert faults_here(page) == []
