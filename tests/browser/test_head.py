"""The head's first day: import a file, assign a keyworker, see what is owed to the new student."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from students.models import Student
from tests import world as cast
from tests.world import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

JOINED = cast.TODAY - timedelta(days=2)
CSV = (
    "Admission Number,Surname,Forename,Date of Birth,Year Group,Date of Entry,"
    "Parent ID,Forename,Surname,Relationship,Parental Responsibility,Lives with Pupil,Mobile Number\n"
    f"77001,Marchbanks,Rowan,17/05/2013,Year 9,{JOINED:%d/%m/%Y},9771,Delphine,Marchbanks,Mother,T,T,07700 900771\n"
)


def test_head_imports_assigns_and_sees_the_first_duty(site, open_browser, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text(CSV)
    keyworker = make_user("rowans_keyworker", "staff")
    page = open_browser(site.w.u_head)

    page.goto("/students/")
    page.get_by_role("link", name="Import people").click()
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form button[type=submit]").first.click()
    if "columns" in page.url:  # the second Forename and Surname are asked about, once
        page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Look through the import")).to_be_visible()
    expect(page.get_by_text("Marchbanks").first).to_be_visible()
    assert not Student.objects.filter(mis_id="77001").exists()  # nothing before the head says so
    page.get_by_role("button", name=re.compile("^Import")).click()
    expect(page.get_by_role("heading", name="What was imported")).to_be_visible()
    rowan = Student.objects.get(mis_id="77001")
    assert rowan.family_links.get().member.name == "Delphine Marchbanks"

    page.get_by_role("link", name="Assignments").click()
    page.get_by_role("link", name="Assign a keyworker for Rowan Marchbanks").click()
    page.get_by_label("Who").select_option(str(keyworker.pk))
    page.get_by_role("button", name="See what happens").click()
    page.get_by_role("button", name=re.compile("^Assign")).click()
    expect(page.get_by_text(re.compile("Rowans Keyworker")).first).to_be_visible()
    assert rowan.assignments.get(kind="keyworker").user == keyworker

    page.goto("/oversight/?show=everyone")
    row = page.get_by_role("row").filter(has_text="Rowan Marchbanks")
    expect(row).to_contain_text("Rowans Keyworker")
    expect(row).to_contain_text("In time")

    theirs = open_browser(keyworker)
    theirs.goto("/today/")
    expect(theirs.locator(f"#s-{rowan.pk}")).to_contain_text("first home contact", ignore_case=True)


def test_a_leaver_is_shared_out_and_a_request_is_asked_answered_and_read(site, open_browser):
    """Two students of one keyworker who goes; one of them asks for somebody else first."""
    goes, comes = make_user("goes", "staff"), make_user("comes", "staff")
    wren = cast.make_student("Wren", "Tallowby", user=make_user("wren_tallowby", "student"))
    lark = cast.make_student("Lark", "Tallowby")
    for student in (wren, lark):
        cast.assign(student, goes)
    cast.assign(lark, comes, "deputy")

    asks = open_browser(wren.user)
    asks.goto("/my-page/")
    asks.get_by_role("link", name=re.compile("different|another", re.I)).first.click()
    asks.get_by_label("What I want to say").fill("i want somone who likes trains")
    asks.get_by_role("button", name="Send it").click()

    head = open_browser(site.w.u_head)
    head.goto("/assignments/")
    head.get_by_role("link", name="Wren Tallowby").first.click()
    expect(head.get_by_text("i want somone who likes trains")).to_be_visible()
    head.get_by_label("We talk about it first").check()
    head.get_by_label("What the student reads").fill("I will come and see you on Monday.")
    head.get_by_role("button", name="Answer").click()
    expect(head.get_by_text("Answered.")).to_be_visible()
    asks.goto("/my-page/another-keyworker/")
    expect(asks.get_by_text("I will come and see you on Monday.")).to_be_visible()
    assert wren.change_requests.get().read_at is not None

    head.goto("/assignments/?q=Goes")  # others stand on its pages too
    head.get_by_role("link", name="the caseload of Goes").click()
    row = head.get_by_role("row").filter(has_text="Lark Tallowby")
    expect(row).to_contain_text("Suggested: deputy keyworker since")
    head.get_by_label("From").fill((cast.TODAY + timedelta(days=7)).isoformat())
    head.get_by_label("Reason").select_option("staff_left")
    head.get_by_label("New keyworker of Wren Tallowby").select_option(str(comes.pk))
    head.get_by_role("button", name="See what happens").click()
    expect(head.get_by_text("Two students get a new keyworker")).to_be_visible()
    expect(head.get_by_text("Goes is asked on Today to write the hand-over note.")).to_be_visible()
    assert not comes.assignments.filter(kind="keyworker").exists()  # nothing before the head says so
    head.get_by_role("button", name="Move 2 posts").click()
    expect(head.get_by_role("heading", name="Assignments")).to_be_visible()
    assert comes.assignments.filter(kind="keyworker").count() == 2

    theirs = open_browser(goes)
    theirs.goto("/today/")
    theirs.get_by_role("link", name="Write the hand-over note").first.click()
    theirs.get_by_label("What the next keyworker should know").fill("Trains are how to start.")
    theirs.get_by_role("button", name="Save the note").click()
    expect(theirs.get_by_text("The note is saved.")).to_be_visible()
