"""Meetings: planned, written down, what was agreed on its owner's Today; who reads them, and what home sees."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from care.decisions import actions as decisions
from care.meetings import actions
from care.meetings.known import summaries_for
from care.models import Action, Decision, Meeting, PartAsked
from care.restorative import actions as restorative
from care.to_do import to_do
from keywork import clock
from keywork.actions import accounts
from keywork.errors import Refused
from keywork.models import Assignment, Draft
from students.models import FamilyLink, OwnChoice, OwnChoiceAtHome
from tests.care.test_decisions import announced
from tests.forms import form_of
from tests.tsp.factories import make_sheet
from tests.world import TODAY
from tsp.models import Sheet, Tool
from tsp.sheets import actions as sheet_actions

DAY = timedelta(days=1)
TOGETHER = UUID(int=7)


def at(name, world, *more):
    return reverse(f"care:{name}", args=[world.mina.pk, *more])


def planned(world, **facts) -> Meeting:
    return actions.plan(
        by=world.u_keyworker,
        student=world.mina,
        facts={
            "kind": "core-group", "on": TODAY, "at": None, "minutes": 45, "place": "Room 4",
            "led_by": world.u_keyworker, "level": "general", **facts,
        },
        agenda=["How it goes", "The bus"],
        staff=[world.u_mentor.pk, world.u_teacher.pk, world.u_keyworker_other.pk],
        family=[world.mina_mum.member_id, world.otto_mum.member_id],
        outside=["Rafe, educational psychologist"],
        with_student=True,
    )  # fmt: skip


def test_a_long_line_is_refused_and_not_cut(world, as_user):
    keyworker, url = as_user(world.u_keyworker), at("meeting_add", world)

    def sent(**typed):
        form = form_of(keyworker.get(url).content.decode(), "kw-form")
        return keyworker.post(url, form | {"on": TODAY.isoformat(), "agenda": "", "outside": "", **typed})

    for field, room in (("agenda", 200), ("outside", 120)):
        refused = sent(**{field: f"A point\n{'x' * (room + 1)}"})
        text = refused.content.decode()
        assert refused.status_code == 422 and f"there is room for {room}" in text and "x" * (room + 1) in text
        assert not Meeting.objects.exists()
    assert sent(agenda="x" * 200, outside="y" * 120).status_code == 302


def test_from_the_plan_to_what_is_done(world, as_user, mails):
    keyworker = as_user(world.u_keyworker)
    page = keyworker.get(at("meeting_add", world), {"kind": "agency"})
    form = form_of(page.content.decode(), "kw-form")
    assert "What each of us sees" in form["agenda"][0]
    form |= {"on": TODAY.isoformat(), "staff": [world.u_mentor.pk], "outside": "Rafe, psychologist\n"}
    assert keyworker.post(at("meeting_add", world), form).status_code == 302
    row = Meeting.objects.get()
    assert [one.name for one in row.attendees.all()] == ["Rafe, psychologist", "Mentor"]
    url = at("meeting_minutes", world, row.pk)
    form = form_of(keyworker.get(url).content.decode(), "kw-form")
    first = row.agenda.first()
    there = [one.pk for one in row.attendees.all()]
    with mails() as box:
        said = {**form, f"said-{first.pk}": "The bus is late.", "came": there}
        assert keyworker.post(url, said).status_code == 302
    [mail] = box  # to the mentor, who was there: once, and not a word of it
    assert mail.to == [world.u_mentor.email] and at("meeting", world, row.pk) in mail.body
    assert not any(words in mail.subject + mail.body for words in ("bus", "Harcastle", "Rafe"))
    form = form_of(keyworker.get(url).content.decode(), "kw-form")
    with mails() as box:
        said = {**form, f"said-{first.pk}": "The bus was late twice."}
        assert keyworker.post(url, said).status_code == 302
    assert box == []
    url = at("meeting_agree", world, row.pk)
    form = form_of(keyworker.get(url).content.decode(), "kw-form")
    due = (TODAY + DAY).isoformat()
    given = {"what": "Ring the bus company", "owner": world.u_mentor.pk, "due_on": due}
    assert keyworker.post(url, {**form, **given, "due_on": "2026-11-01"}).status_code == 422
    assert keyworker.post(url, {**form, **given}).status_code == 302
    page = keyworker.get(at("meeting", world, row.pk)).content.decode()
    for words in ("The bus was late twice.", "The bus is late.", "Ring the bus company", "Mentor"):
        assert words in page
    mentor = as_user(world.u_mentor)
    today = mentor.get(reverse("portal:today")).content.decode()
    made = Action.objects.get()
    assert "Ring the bus company" in today and at("action", world, made.pk) in today
    assert "Ring the bus company" not in keyworker.get(reverse("portal:today")).content.decode()
    url = at("action", world, made.pk)
    form = form_of(mentor.get(url).content.decode(), "kw-form")
    later = (TODAY + 7 * DAY).isoformat()
    assert mentor.post(url, {**form, "how": "drop", "note": ""}).status_code == 422
    assert mentor.post(url, {**form, "how": "move", "due_on": later}).status_code == 302
    page = mentor.get(url).content.decode()
    assert "first by Tuesday 24 November" in page
    form = form_of(page, "kw-form")
    assert mentor.post(url, {**form, "how": "done", "note": "They answered."}).status_code == 302
    assert "Ring the bus company" not in mentor.get(reverse("portal:today")).content.decode()
    record = keyworker.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    assert "Meeting with an outside agency" in record
    assert (
        "outside agency"
        in keyworker.get(
            reverse("students:record", args=[world.mina.pk]), {"q": "late twice"}
        ).content.decode()
    )
    found = keyworker.get(reverse("portal:search"), {"q": "late twice"}).content.decode()
    assert at("meeting", world, row.pk) in found
    found = as_user(world.u_keyworker_other).get(reverse("portal:search"), {"q": "late twice"})
    assert at("meeting", world, row.pk) not in found.content.decode()
    # A decision from it reaches home; the minutes do not.
    url = f"{at('decision_add', world)}?meeting={row.pk}"
    form = form_of(keyworker.get(url).content.decode(), "kw-form")
    assert form["decided_by"] == ["Meeting with an outside agency, Monday 23 November"]
    assert keyworker.post(url, {**form, "what": "A taxi from Monday."}).status_code == 302
    assert Decision.objects.get().origin_id == row.pk
    assert "A taxi from Monday." in keyworker.get(at("meeting", world, row.pk)).content.decode()
    assert actions.undo(by=world.u_mentor, action=made).done_on is None


def test_the_kind_of_a_new_meeting_is_chosen_once_and_keeps_what_was_typed(world, as_user):
    keyworker, url = as_user(world.u_keyworker), at("meeting_add", world)
    page = keyworker.get(url).content.decode()
    assert "?kind=" not in page and '<select name="kind"' not in page  # one way, with and without script
    form = form_of(page, "kw-form")
    answer = keyworker.post(url, {**form, "begin": "agency"})
    begun = form_of(answer.content.decode(), "kw-form")
    assert answer.status_code == 200 and begun["kind"] == ["agency"] and not Draft.objects.exists()
    assert begun["agenda"] != form["agenda"] and "What each of us sees" in begun["agenda"][0]
    typed = {**begun, "place": "Room 4", "staff": [world.u_mentor.pk], "outside": "Rafe, psychologist"}
    answer = keyworker.post(url, {**typed, "begin": "house"})
    page = answer.content.decode()
    again = form_of(page, "kw-form")
    assert answer.status_code == 200 and not Meeting.objects.exists() and "is-invalid" not in page
    assert '<button class="btn btn-secondary" type="submit" name="begin" value="house"' in page
    assert (again["kind"], again["place"], again["outside"]) == (
        ["house"],
        ["Room 4"],
        ["Rafe, psychologist"],
    )
    assert again["staff"] == [str(world.u_mentor.pk)] and again["agenda"] != begun["agenda"]
    mine = {**again, "agenda": "Of my own\r\nThe bus", "on": ""}
    again = form_of(keyworker.post(url, {**mine, "begin": "agency"}).content.decode(), "kw-form")
    assert again["agenda"] == ["Of my own\r\nThe bus"] and again["on"] == [""]
    left = form_of(keyworker.get(url).content.decode(), "kw-form")  # gone away and come back
    assert (left["kind"], left["place"], left["agenda"]) == (["agency"], ["Room 4"], ["Of my own\r\nThe bus"])
    assert keyworker.post(url, {**left, "on": TODAY.isoformat()}).status_code == 302
    assert Meeting.objects.get().kind == "agency" and not Draft.objects.exists()


def test_who_reads_it_and_what_home_sees(world, as_user, mails):
    row = planned(world)
    assert {one.user for one in row.attendees.all() if one.user} == {world.u_mentor, world.u_teacher}
    assert [one.member for one in row.attendees.all() if one.member] == [world.mina_mum.member]
    reads = {name for name, user in world.users.items() if Meeting.objects.readable_by(user).exists()}
    around = {"keyworker", "deputy", "mentor", "member", "teacher"}
    assert reads == around | {"head", "coordinator", "dsl", "senco", "slt"}
    actions.change(
        by=world.u_keyworker, meeting=row, version=row.version, agenda=["How it goes"], staff=[world.u_mentor.pk],
        facts={name: getattr(row, name) for name in actions.FACTS} | {"level": "restricted"},
    )  # fmt: skip
    reads = {name for name, user in world.users.items() if Meeting.objects.readable_by(user).exists()}
    assert reads == {"keyworker", "deputy", "mentor", "dsl"}  # the mentor was asked to come
    row.refresh_from_db()
    made = actions.agree(
        by=world.u_keyworker, student=world.mina, meeting=row, what="Ask the nurse", owner=world.u_teacher, due_on=TODAY
    )  # fmt: skip
    assert made.level == "restricted"
    sees = {name for name, user in world.users.items() if Action.objects.readable_by(user).exists()}
    assert sees == {"keyworker", "deputy", "dsl", "teacher"}
    with pytest.raises(Refused):
        planned(world, level="safeguarding")
    with pytest.raises(Refused, match="Only its owner"):
        actions.do(by=world.u_member, action=made)
    with pytest.raises(Refused, match="works with the student"):
        actions.agree(
            by=world.u_keyworker, student=world.mina, meeting=row, what="X", owner=world.u_staff_parent, due_on=TODAY
        )  # fmt: skip
    parent = as_user(world.u_parent)
    assert not summaries_for(world.u_parent, world.mina)
    with mails() as box:
        actions.share_summary(
            by=world.u_keyworker, meeting=row, version=row.version, words="We spoke of the bus.",
            members=[world.mina_mum.member_id, world.otto_mum.member_id],
        )  # fmt: skip
    assert [mail.to for mail in box] == [[world.u_parent.email]] and "bus" not in box[0].body
    url = reverse("home:decisions", args=[world.mina.pk])
    assert "We spoke of the bus." in parent.get(url).content.decode()
    assert not summaries_for(world.u_staff_parent, world.mina)  # not chosen by name
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(ended_on=TODAY)
    del world.u_parent._keywork_relations
    assert not summaries_for(world.u_parent, world.mina)
    row.refresh_from_db()
    actions.call_off(by=world.u_keyworker, meeting=row, reason="The nurse was ill.")
    assert not to_do(world.u_teacher, [], TODAY).now()  # asked of nobody any more
    lists = as_user(world.u_keyworker).get(reverse("care:meetings", args=[world.mina.pk])).context
    assert row in lists["called_off"] and row not in lists["held"]


def test_a_meeting_of_today_is_held_once_its_minutes_are_written_and_owes_nothing_once_called_off(
    world, as_user
):
    keyworker, row = as_user(world.u_keyworker), planned(world)
    later = planned(world, on=TODAY + DAY)
    record = keyworker.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    assert record.count("No minutes yet") == 1  # of today's
    actions.call_off(by=world.u_keyworker, meeting=later, reason="Not needed")
    due = {"what": "Ring the bus company", "owner": world.u_mentor, "due_on": TODAY}
    action = actions.agree(by=world.u_keyworker, student=world.mina, meeting=row, **due)
    listed = keyworker.get(at("meetings", world)).content.decode()
    assert "<h3>To come</h3>" in listed and "<h3>Held</h3>" not in listed
    for name in ("meeting_minutes", "meeting_summary", "meeting_agree", "meeting_call_off"):
        assert (
            "Core group, Monday 23 November</p>" in keyworker.get(at(name, world, row.pk)).content.decode()
        ), name
    said = {one.pk: "It goes well." for one in row.agenda.all()}
    row = actions.write_minutes(by=world.u_keyworker, meeting=row, version=row.version, said=said, came=[])
    listed = keyworker.get(at("meetings", world)).content.decode()
    assert "<h3>To come</h3>" not in listed and "<h3>Held</h3>" in listed
    actions.call_off(by=world.u_keyworker, meeting=row, reason="Of somebody else")
    Action.objects.update(due_on=TODAY - DAY)
    for url in (at("meeting", world, row.pk), at("action", world, action.pk)):
        page = keyworker.get(url).content.decode()
        assert "Meeting called off" in page and "is-overdue" not in page and "kw-form" not in page
    with pytest.raises(Refused, match="called off"):
        actions.do(by=world.u_mentor, action=action)


def test_no_letter_goes_home_against_the_students_choice(world, mails):
    made = announced(world)
    said = {"decided_on": TODAY, "recorded_by": world.u_dsl, "recorded_at": clock.now()}
    choice = OwnChoice.objects.create(student=world.mina, **said)
    OwnChoiceAtHome.objects.create(choice=choice, link=world.mina_mum, sees=OwnChoiceAtHome.Sees.NOTHING)
    with mails() as box:
        decisions.withdraw(by=world.u_head, decision=made, reason="The room has changed.")
    assert [mail for mail in box if mail.to == [world.u_parent.email]] == []


def test_home_that_waits_stands_on_the_keyworkers_today(world):
    made = announced(world, answer_by=TODAY)
    assert not to_do(world.u_keyworker, [world.mina.pk], TODAY).now()
    [line] = to_do(world.u_keyworker, [world.mina.pk], TODAY + DAY).now()[:1]
    assert line.kind == "late" and line.url == at("decision", world, made.pk)
    assert not to_do(world.u_keyworker, [], TODAY + DAY).now()


def test_after_a_conflict_each_students_part_stays_apart(world, as_user):
    """Process 8: keyworker and mentor are the first contacts; who calls it and what was agreed has a person and a day."""
    mine, other = (
        make_sheet(student, by, Tool.RESTORATIVE, together=TOGETHER)
        for student, by in ((world.mina, world.u_keyworker), (world.otto, world.u_keyworker_other))
    )
    keyworker, url = as_user(world.u_keyworker), reverse("tsp:repair_agree", args=[mine.pk])
    page = keyworker.get(url).content.decode()
    form = form_of(page, "kw-form")
    assert "First contacts: Keyworker, Mentor" in page or "First contacts: Mentor, Keyworker" in page
    given = {"what": "Sit apart at lunch", "owner": world.u_mentor.pk, "due_on": TODAY.isoformat()}
    assert keyworker.post(url, {**form, **given}).status_code == 302
    made = Action.objects.get()
    assert (made.repair_id, made.student, made.first_due_on) == (mine.pk, world.mina, TODAY)
    assert "Sit apart at lunch" in keyworker.get(reverse("tsp:sheet", args=[mine.pk])).content.decode()
    assert "Sit apart at lunch" in as_user(world.u_mentor).get(reverse("portal:today")).content.decode()
    theirs = as_user(world.u_keyworker_other)
    assert "Sit apart" not in theirs.get(reverse("tsp:sheet", args=[other.pk])).content.decode()
    for name, args in (("tsp:repair_agree", [mine.pk]), ("care:action", [world.mina.pk, made.pk])):
        assert theirs.get(reverse(name, args=args)).status_code == 404
    sees = {name for name, user in world.users.items() if Action.objects.readable_by(user).exists()}
    assert sees == {"keyworker", "deputy", "mentor", "member", "head", "coordinator", "dsl", "senco"}
    assert actions.do(by=world.u_mentor, action=made).done_on == TODAY


def test_what_the_record_says_was_agreed_is_taken_once_and_not_typed_again(world, as_user):
    told = [
        {"what": "Sit apart at lunch", "who": world.u_mentor.name, "by": TODAY.isoformat()},
        {"what": "Say sorry", "who": "Tom", "by": ""},
        {"what": "Say sorry", "who": "Mrs Vale", "by": (TODAY - DAY).isoformat()},
        {"what": "Knock first", "who": world.mina.known_as, "by": ""},
    ]
    record = make_sheet(world.mina, world.u_keyworker, Tool.RESTORATIVE, answers={"agreed": told})
    keyworker = as_user(world.u_keyworker)
    url, sheet = reverse("tsp:repair_take", args=[record.pk]), reverse("tsp:sheet", args=[record.pk])
    assert url in keyworker.get(sheet).content.decode()
    assert url not in as_user(world.u_head).get(sheet).content.decode(), "who only reads it adds nothing"
    page = keyworker.get(url).content.decode()
    assert "Say sorry (Tom)" in page and "In the record: Mrs Vale, by " in page
    assert "Knock first" not in page, "what the student does stands on nobody’s Today"
    sent = form_of(page, "kw-form")
    assert [name for name in sent if name.startswith("take-")] == [
        name.replace("owner-", "take-") for name, owner in sent.items() if owner == [str(world.u_mentor.pk)]
    ], "who is none of the staff is not ticked"
    sent |= {name.replace("owner-", "take-"): "on" for name in list(sent) if name.startswith("owner-")}
    [lunch] = [
        name for name, owner in sent.items() if name[:6] == "owner-" and owner == [str(world.u_mentor.pk)]
    ]
    key = lunch.removeprefix("owner-")
    assert sent[f"due-{key}"] == [TODAY.isoformat()], "who and when are there as they were written"
    refused = keyworker.post(url, sent)
    assert refused.status_code == 422 and "Choose one person" in refused.content.decode()
    assert not Action.objects.exists(), "all of it or nothing"
    one = {name: value for name, value in sent.items() if not name.startswith("take-") or key in name}
    for _ in range(2):
        assert keyworker.post(url, one).status_code in (302, 422)
    made = Action.objects.get()
    assert (made.what, made.owner, made.repair_id) == ("Sit apart at lunch", world.u_mentor, record.pk)
    assert "Sit apart at lunch" in as_user(world.u_mentor).get(reverse("portal:today")).content.decode()
    assert "Sit apart at lunch" not in keyworker.get(url).content.decode(), "the others are left"
    rest = form_of(keyworker.get(url).content.decode(), "kw-form")
    keys = [name[6:] for name in rest if name.startswith("owner-")]
    filled = {f"owner-{key}": world.u_keyworker.pk for key in keys} | {f"take-{key}": "on" for key in keys}
    filled |= {f"due-{key}": TODAY.isoformat() for key in keys}
    for _ in range(2):
        assert keyworker.post(url, {**rest, **filled}).status_code == 302
    assert sorted(Action.objects.values_list("what", flat=True)) == [
        "Say sorry (Mrs Vale)", "Say sorry (Tom)", "Sit apart at lunch",
    ]  # fmt: skip
    assert url not in keyworker.get(sheet).content.decode()
    assert "is added" in keyworker.get(url, follow=True).content.decode()


def test_what_was_agreed_in_a_record_crossed_out_is_asked_of_nobody(world, as_user):
    record = make_sheet(world.mina, world.u_keyworker, Tool.RESTORATIVE, together=TOGETHER)
    keyworker, sheet = as_user(world.u_keyworker), reverse("tsp:sheet", args=[record.pk])
    open_one, done_one = (
        actions.agree(
            by=world.u_keyworker,
            student=world.mina,
            repair_id=record.pk,
            level="general",
            what=what,
            owner=world.u_mentor,
            due_on=TODAY,
        )
        for what in ("Sit apart at lunch", "Ring home")
    )
    actions.do(by=world.u_mentor, action=done_one)
    assert "not done is asked of nobody any more" in keyworker.get(sheet).content.decode()
    url = reverse("tsp:sheet_void", args=[record.pk])
    assert "not done is asked of nobody any more" in keyworker.get(url).content.decode(), (
        "without script as well"
    )
    form = form_of(keyworker.get(url).content.decode(), "kw-form")
    assert keyworker.post(url, {**form, "reason": "Of another student"}).status_code == 302
    assert "Sit apart" not in as_user(world.u_mentor).get(reverse("portal:today")).content.decode()
    page = keyworker.get(sheet).content.decode()
    assert "will not be done: The record that it was agreed in was crossed out." in page
    done_one.refresh_from_db()
    assert done_one.done_on == TODAY and not done_one.drop_reason, "what was done stays done"
    with pytest.raises(Refused):
        actions.do(by=world.u_mentor, action=open_one)


@pytest.mark.parametrize("page", ["repair_agree", "repair_ask", "repair_take"])
def test_nothing_is_added_to_a_record_that_is_crossed_out(world, as_user, page):
    told = {"agreed": [{"what": "Sit apart", "who": "", "by": ""}]}
    record = make_sheet(world.mina, world.u_keyworker, Tool.RESTORATIVE, answers=told)
    url, keyworker = reverse(f"tsp:{page}", args=[record.pk]), as_user(world.u_keyworker)
    open_before = form_of(keyworker.get(url).content.decode(), "kw-form")
    sheet_actions.void(by=world.u_keyworker, sheet=record, reason="Of another student")
    now = keyworker.get(url)
    assert now.status_code == 409 and "This record was crossed out." in now.content.decode()
    assert reverse("tsp:sheet", args=[record.pk]) in now.content.decode()
    typed = {"what": "Half a page of words", "whom": "Half a page of words", "due_on": TODAY.isoformat()}
    someone = world.u_mentor.pk if page == "repair_agree" else world.u_keyworker_other.pk
    sent = keyworker.post(url, {**open_before, **typed, "owner": someone, "asked": someone})
    if page == "repair_take":
        assert sent.status_code == 302, "nothing was typed"
        assert "This record was crossed out." in keyworker.get(sent["Location"]).content.decode()
    else:
        html = sent.content.decode()
        assert sent.status_code == 422 and "This record was crossed out" in html and "Half a page" in html
    assert not Action.objects.exists() and not PartAsked.objects.exists()
    assert as_user(world.u_keyworker_other).get(url).status_code == 404


def test_nothing_is_taken_from_a_record_that_is_still_written(world, as_user):
    told = {"agreed": [{"what": "Sit apart", "who": "", "by": ""}]}
    record = make_sheet(world.mina, world.u_keyworker, Tool.RESTORATIVE, answers=told, done=False)
    url, keyworker = reverse("tsp:repair_take", args=[record.pk]), as_user(world.u_keyworker)
    assert keyworker.get(url).status_code in (302, 404)
    assert url not in keyworker.get(reverse("tsp:sheet", args=[record.pk])).content.decode()


def test_minutes_are_told_of_to_those_who_still_read_them(world, mails):
    row = planned(world)
    Assignment.objects.filter(user=world.u_teacher).update(ends_on=TODAY - DAY)
    with mails() as box:
        came = [one.pk for one in row.attendees.all()]
        actions.write_minutes(by=world.u_keyworker, meeting=row, version=row.version, said={}, came=came)
    assert [mail.to for mail in box] == [[world.u_mentor.email]]


def test_what_was_agreed_by_somebody_whose_account_is_closed_is_marked(world, as_user):
    row, keyworker = planned(world), as_user(world.u_keyworker)
    actions.agree(
        by=world.u_keyworker,
        student=world.mina,
        meeting=row,
        what="Order the chair",
        owner=world.u_teacher,
        due_on=TODAY,
    )
    told = "Account closed"
    pages = (at("meetings", world), at("meeting", world, row.pk))
    assert not any(told in keyworker.get(page).content.decode() for page in pages)
    today = reverse("portal:today")
    assert "Order the chair" not in keyworker.get(today).content.decode()
    accounts.close_account(user=world.u_teacher, reason="Left", by=world.u_admin, at_once=True)
    assert all(told in keyworker.get(page).content.decode() for page in pages)
    assert "Order the chair" in keyworker.get(today).content.decode(), "or nobody would see to it"
    for other in (world.u_mentor, world.u_keyworker_other):
        assert "Order the chair" not in as_user(other).get(today).content.decode()
    Action.objects.update(level="safeguarding")
    assert "Order the chair" not in keyworker.get(today).content.decode(), "who cannot read it is not told"


def test_nobody_is_asked_to_take_part_for_a_record_crossed_out(world, as_user):
    mine = make_sheet(world.mina, world.u_keyworker, Tool.RESTORATIVE)
    part = restorative.ask(
        by=world.u_keyworker,
        student=world.mina,
        repair_id=mine.pk,
        happened_on=TODAY,
        asked=world.u_keyworker_other,
        whom="Oz",
        due_on=TODAY,
    )
    keyworker, theirs = as_user(world.u_keyworker), as_user(world.u_keyworker_other)
    url, sheet = reverse("tsp:repair_part", args=[part.pk]), reverse("tsp:sheet", args=[mine.pk])
    told = "Colleagues who have not answered are asked to take part no more"
    assert all(
        told in keyworker.get(at).content.decode()
        for at in (sheet, reverse("tsp:sheet_void", args=[mine.pk]))
    )
    page = theirs.get(url).content.decode()
    sheet_actions.void(by=world.u_keyworker, sheet=mine, reason="Of another student")
    assert url not in theirs.get(reverse("portal:today")).content.decode()
    late = theirs.post(url, {**form_of(page, "kw-form"), "student": world.otto.pk}).content.decode()
    for words in (late, theirs.get(url).content.decode()):
        assert "You are asked for this no more" in words and "was crossed out." in words
    assert not Sheet.objects.filter(student=world.otto, tool=Tool.RESTORATIVE).exists()
    assert "Not asked any more" in keyworker.get(sheet).content.decode()


def test_another_students_keyworker_is_asked_to_take_part(world, as_user, mails):
    """By colleague, not by student: neither learns whose record the other's is, nor reads it."""
    mine = make_sheet(world.mina, world.u_keyworker, Tool.RESTORATIVE)
    keyworker, theirs = as_user(world.u_keyworker), as_user(world.u_keyworker_other)
    url, sheet = reverse("tsp:repair_ask", args=[mine.pk]), reverse("tsp:sheet", args=[mine.pk])
    page = keyworker.get(url).content.decode()
    assert "Otto" not in page and world.u_keyworker_other.name in page and world.u_teacher.name not in page
    form = form_of(page, "kw-form")
    assert keyworker.post(url, {**form, "asked": "", "whom": "", "due_on": TODAY}).status_code == 422
    asked = {"asked": world.u_keyworker_other.pk, "whom": "Oz", "due_on": TODAY.isoformat()}
    with mails() as box:
        assert keyworker.post(url, {**form, **asked}).status_code == 302
    made = PartAsked.objects.get()
    url = reverse("tsp:repair_part", args=[made.pk])
    assert [mail.to for mail in box] == [[world.u_keyworker_other.email]] and url in box[0].body
    told = [box[0].subject + box[0].body, theirs.get(url).content.decode()]
    today = theirs.get(reverse("portal:today")).content.decode()
    assert "Asked to take part in a restorative conversation" in today and url in today
    for words in (*told, today):
        assert not any(name in words for name in ("Min Harcastle", "Mina", "Harcastle"))
    assert as_user(world.u_mentor).get(url).status_code == 404 == keyworker.get(url).status_code
    assert "Asked on" in keyworker.get(sheet).content.decode()
    own = world.u_keyworker_other.assignments.get(student=world.otto)
    with clock.frozen(TODAY + DAY):  # who keyworks nobody any more answers for nobody
        own.ends_on = TODAY
        own.save()
        assert theirs.get(url).status_code == 404
        assert url not in theirs.get(reverse("portal:today")).content.decode()
        own.ends_on = None
        own.save()
    form = form_of(told[1], "kw-form")
    assert theirs.post(url, {**form, "student": "nobody", "words": ""}).status_code == 422
    assert theirs.post(url, {**form, "student": world.mina.pk}).status_code == 422, "not theirs"
    assert theirs.post(url, {**form, "student": world.otto.pk}).status_code == 302
    other = Sheet.objects.get(student=world.otto, tool=Tool.RESTORATIVE)
    mine.refresh_from_db()
    assert other.together == mine.together is not None and other.happened_on == mine.happened_on
    assert "Takes part since" in keyworker.get(sheet).content.decode()
    assert keyworker.get(reverse("tsp:sheet", args=[other.pk])).status_code == 404
    assert theirs.get(sheet).status_code == 404
    assert url not in theirs.get(reverse("portal:today")).content.decode()
    with pytest.raises(Refused, match="asked of somebody else"):
        restorative.answer(by=world.u_mentor, part=made, words="No")
    with pytest.raises(Refused, match="answered this already"):
        restorative.answer(by=world.u_keyworker_other, part=made, words="No")
