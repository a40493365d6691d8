"""A parent or carer answers by link and code: their own sheet, in their words, as if they had signed in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import ContactHold
from enquiries import actions as enquiries
from enquiries.models import Enquiry
from keywork import clock
from keywork.dates import LONDON
from keywork.errors import Refused
from keywork.outside import digest
from students.models import FamilyLink
from tests.access.records import contact
from tests.world import OTHER_SURNAME, TODAY, make_family
from tsp.enquiries.actions import ask_home, reachable_at_home
from tsp.models import Answer, Sheet, Tool
from tsp.sheets.lines import sheet_lines

from . import factories as make

A_DAY = timedelta(days=1)
DEAD = "Copy what you typed"


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/enquiries/link/[\w-]+/)", message.body)[1]


def typed(name: str, words: str, base: str = "0", **more) -> dict[str, str]:
    return {f"base:{name}": base, name: words, **more}


def seen(page, name: str) -> str:
    return re.search(rf'name="base:{re.escape(name)}" value="([^"]+)"', page.content.decode()).group(1)


@pytest.fixture
def asked(world, mails):
    """Mina's mother was sent a link: `ask`, `code`, `url` of the link, the `mail`."""

    def made(link=None, by=None) -> SimpleNamespace:
        with mails() as box:
            ask, code = ask_home(
                by=by or world.u_keyworker,
                student=world.mina,
                term=make.TERM,
                member=(link or world.mina_mum).member,
                days=14,
            )
        return SimpleNamespace(ask=ask, code=code, url=link_in(box[0]), mail=box[0])

    return made


@pytest.fixture
def mum(asked):
    """In, with the code."""
    made = asked()
    made.client = Client()
    assert made.client.post(made.url, {"code": made.code}).status_code == 302
    return made


def restrict(link: FamilyLink, **fields) -> None:
    FamilyLink.objects.filter(pk=link.pk).update(
        **{"court_restriction": "Order", "restricted_from": TODAY, **fields}
    )


# ------------------------------------------------------------------------------------- asking


def test_whom_one_may_ask_at_home(world):
    """Nobody restricted, nobody who left, nobody who is not to be contacted, nobody without an address."""
    aunt = FamilyLink.objects.get(member__user=world.u_staff_parent)
    assert [one.member for one in reachable_at_home(world.mina)] == [world.mina_mum.member, aunt.member]
    make_family(world.mina, "Noel", "Quiet", may_receive_keywork_contact=False)
    silent = make_family(world.mina, "Nan", "Noaddress")
    silent.member.email = ""
    silent.member.save()
    assert len(reachable_at_home(world.mina)) == 2
    restrict(aunt)
    assert [one.member for one in reachable_at_home(world.mina)] == [world.mina_mum.member]


def test_from_the_page_with_the_code_shown_once(world, as_user, mails):
    page = as_user(world.u_keyworker)
    url = reverse("tsp:ask_home", args=[world.mina.pk])
    html = page.get(url).content.decode()
    assert "Folake Harcastle (mum), folake.harcastle@home.example" in html and "Rufus" not in html
    with mails() as box:
        answer = page.post(url, {"member": world.mina_mum.member_id, "days": "7"})
    code = re.search(r'class="kw-code"[^>]*>(\d{3} \d{3})<', answer.content.decode())[1]
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    ask = Enquiry.objects.get()
    assert (ask.member, ask.name, ask.role) == (world.mina_mum.member, "Folake Harcastle", "mum")
    assert enquiries.try_code(enquiry=ask, code=code) and len(box) == 1
    listed = page.get(reverse("tsp:asks", args=[world.mina.pk])).content.decode()
    assert "Folake Harcastle, mum" in listed and "for the talk with home" in listed and code not in listed


def test_the_mail_says_nothing_of_the_student(asked):
    made = asked()
    told = f"{made.mail.subject}\n{made.mail.body}"
    assert made.mail.to == ["folake.harcastle@home.example"]
    assert "Keyworker of Aldermere School" in told and "Monday 7 December" in told
    for secret in (made.code, "Min", "MH", "Harcastle,\n\n\n", "Mina", "child", "sheet"):
        assert secret not in told.replace("Folake Harcastle", ""), secret


def test_nobody_to_ask_is_said(world, as_user):
    FamilyLink.objects.filter(student=world.mina).update(may_receive_keywork_contact=False)
    page = as_user(world.u_keyworker).get(reverse("tsp:ask_home", args=[world.mina.pk]))
    assert "There is nobody at home you can send a link" in page.content.decode()


@pytest.mark.parametrize("data", [{}, {"member": "999999", "days": "7"}, {"days": "7"}])
def test_a_refused_form_asks_nobody(world, as_user, data, mails):
    with mails() as box:
        answer = as_user(world.u_keyworker).post(reverse("tsp:ask_home", args=[world.mina.pk]), data)
    assert answer.status_code == 422 and "Choose" in answer.content.decode()
    assert not Enquiry.objects.exists() and not box


def test_the_same_parent_is_not_asked_twice(asked, world):
    asked()
    with pytest.raises(Refused, match="has been asked already"):
        asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        make.make_ask(world.mina, world.u_keyworker, member=world.mina_mum.member, link_digest="another")


def test_while_contact_is_on_hold_nothing_is_sent(world, asked, mum, as_user, mails):
    """A link that is out stays hers to use: she may always tell us."""
    ContactHold.objects.create(
        student=world.mina,
        starts_on=TODAY,
        ends_on=TODAY + A_DAY,
        reason="The family asked for quiet.",
        placed_by=world.u_head,
        placed_at=clock.now(),
    )
    aunt = FamilyLink.objects.get(member__user=world.u_staff_parent)
    with mails() as box:
        answer = as_user(world.u_keyworker).post(
            reverse("tsp:ask_home", args=[world.mina.pk]), {"member": aunt.member_id, "days": "7"}
        )
        assert answer.status_code == 422 and "Home contact is on hold" in answer.content.decode()
        with clock.frozen(TODAY + A_DAY), pytest.raises(Refused, match="on hold"):
            enquiries.remind(by=world.u_keyworker, enquiry=mum.ask)
        with pytest.raises(Refused, match="on hold"):
            enquiries.new_link(by=world.u_keyworker, enquiry=mum.ask, days=7)
    assert not box
    assert (
        mum.client.post(mum.url, typed("home-worries", "Still mine", do="hand-in", sure="1")).status_code
        == 200
    )
    with clock.frozen(TODAY + 2 * A_DAY):
        assert asked(aunt).ask.pk


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        ({"wording": "parent"}, "has told us this term"),
        ({"wording": "staff", "done": False}, "being written down"),
        ({"wording": "parent", "done": False, "declined_at": "now"}, "would rather not"),
    ],
)
def test_who_has_answered_is_not_asked(world, asked, sheet, why):
    fields = {**sheet, "declined_at": clock.now()} if "declined_at" in sheet else sheet
    make.make_sheet(world.mina, world.u_keyworker, Tool.PARENT, member=world.mina_mum.member, **fields)
    with pytest.raises(Refused, match=why):
        asked()


def test_home_is_no_part_of_the_team_input(world, asked, as_user):
    """Neither the round-up nor how complete a TSP is counts a parent among colleagues."""
    asked()
    lines = {line.tool: line for line in sheet_lines(world.mina, make.TERM, world.u_keyworker)}
    assert "Folake" not in lines[Tool.TEAM].words
    assert lines[Tool.PARENT].state == "Waiting"
    assert lines[Tool.PARENT].words.startswith("Asked by link: Folake Harcastle")
    page = as_user(world.u_coordinator).get(reverse("tsp:class"), {"kind": "review"})
    assert page.status_code == 200
    restrict(world.mina_mum)
    assert "Folake" not in str(sheet_lines(world.mina, make.TERM, world.u_keyworker))


def test_the_database_keeps_home_and_colleagues_apart(world):
    for wrong in ({"user": world.u_mentor}, {"relation": "keyworker"}, {"email": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make.make_ask(world.mina, world.u_keyworker, member=world.mina_mum.member, **wrong)


def test_as_many_queries_for_five_parents_asked_as_for_one(world, as_user):
    page, url = as_user(world.u_keyworker), reverse("tsp:asks", args=[world.mina.pk])
    make.make_ask(world.mina, world.u_keyworker, member=world.mina_mum.member)
    page.get(url)
    with CaptureQueriesContext(connection) as few:
        page.get(url)
    for number in range(4):
        link = make_family(world.mina, f"Carer{number}", "Harcastle")
        make.make_ask(world.mina, world.u_keyworker, member=link.member)
    with CaptureQueriesContext(connection) as many:
        assert page.get(url).content.decode().count("for the talk with home") == 5
    assert len(many) == len(few)


# --------------------------------------------------------------------------------- what it shows


def test_before_the_code_nothing_is_shown(asked):
    made = asked()
    page = Client().get(made.url).content.decode()
    for secret in ("Min", "home", "Folake", "Keyworker", "Harcastle"):
        assert secret not in page.split("<main")[1].split("</main")[0], secret


def test_it_shows_the_questions_in_a_parents_words_and_nothing_else(world, mum):
    by = world.u_keyworker
    contact(world.mina, by, notes="Sentinel contact")
    make.make_sheet(world.mina, by, answers={"going-well": "Sentinel voice"})
    dad = make_family(world.mina, "Theo", "Harcastle")
    make.make_sheet(world.mina, by, Tool.PARENT, member=dad.member, answers={"home-worries": "Sentinel dad"})
    make.make_sheet(
        world.mina,
        by,
        Tool.PARENT,
        member=world.mina_mum.member,
        term="2025-26-summer",
        answers={"home-worries": "Sentinel of last term"},
    )
    page = mum.client.get(mum.url).content.decode()
    assert "Min at home" in page and "What is going well at home?" in page
    for secret in (
        "Sentinel", "Harcastle", "Mina", OTHER_SURNAME, "Year 9", "2013", "Mentor", "Theo", "agreed-actions",
        "/students/", "/today/", "/accounts/", "/home/", "kw-nav", world.u_keyworker.email, "TSP", "overdue",
    ):  # fmt: skip
        assert secret not in page, secret


def test_headers_keep_it_private(mum):
    for answer in (mum.client.get(mum.url), mum.client.get(mum.url, {"ticks": ""})):
        assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store, private")


# ------------------------------------------------------------------------------------- answering


def test_what_they_type_is_kept_and_found_again_on_another_phone(world, mum):
    saved = mum.client.post(mum.url, typed("home-worries", "Grandad is ill.", autosave="1"))
    assert saved.json()["saved"] == {"home-worries": 1}
    elsewhere = Client()
    elsewhere.post(mum.url, {"code": mum.code})
    assert "Grandad is ill." in elsewhere.get(mum.url).content.decode()
    sheet = Sheet.objects.get()
    assert (sheet.tool, sheet.wording, sheet.member) == (Tool.PARENT, "parent", world.mina_mum.member)
    assert sheet.is_open and sheet.author is None and sheet.author_words == "Folake Harcastle (mum)"


def test_sent_it_is_read_by_whom_it_would_be_had_she_signed_in(world, mum, as_user):
    done = mum.client.post(mum.url, typed("home-worries", "Said by mum.", do="hand-in", sure="1"))
    assert done.status_code == 200 and "is with the school" in done.content.decode()
    sheet = Sheet.objects.get()
    mum.ask.refresh_from_db()
    assert sheet.done_at and sheet.done_by is None and mum.ask.answered_at and make.sheet_of(mum.ask) == sheet
    for who, status in (
        ("keyworker", 200), ("mentor", 200), ("member", 200), ("coordinator", 200), ("teacher", 404),
        ("slt", 404), ("keyworker_other", 404), ("staff_parent", 404),
    ):  # fmt: skip
        page = as_user(world.users[who]).get(reverse("tsp:sheet", args=[sheet.pk]))
        assert page.status_code == status, who
        assert ("Said by mum." in page.content.decode()) == (status == 200)
    child = f"/tsp/child/{world.mina.pk}/"
    assert "Said by mum." in as_user(world.u_parent).get(f"{child}sheets/{sheet.pk}/").content.decode()
    assert as_user(world.u_staff_parent).get(f"{child}sheets/{sheet.pk}/").status_code == 404
    assert "Said by mum." not in as_user(world.u_student).get("/tsp/mine/").content.decode()
    record = as_user(world.u_keyworker).get(reverse("students:record", args=[world.mina.pk]))
    assert "Conversation sheet with Folake Harcastle" in record.content.decode()
    # Signed in she may put it right, as always.
    assert "Said by mum." in as_user(world.u_parent).get(child + "talk/").content.decode()
    assert "Tell us about Min at home" not in as_user(world.u_parent).get("/home/").content.decode()


def test_she_sees_what_she_says_before_it_goes(mum):
    mum.client.post(f"{mum.url}?ticks", typed("statement:eng-attend", "yes", do="back"))
    said = mum.client.post(mum.url, typed("home-worries", "Said by mum.", do="hand-in")).content.decode()
    assert "This is what you say" in said and "Said by mum." in said and "statement that you ticked" in said
    assert Sheet.objects.get().is_open
    done = mum.client.post(mum.url, {"do": "hand-in", "sure": "1"})
    assert "is with the school" in done.content.decode() and Sheet.objects.get().done_at


def test_what_was_changed_after_it_was_shown_is_shown_again(mum):
    first = mum.client.post(mum.url, typed("home-worries", "Said by mum.", do="hand-in")).content.decode()
    confirmed = {"do": "hand-in", "sure": "1"} | {
        "preview_token": re.search(r'name="preview_token" value="(\w+)"', first)[1]
    }
    mum.client.post(mum.url, {"autosave": "1", **typed("home-worries", "In another window.", "1")})
    page = mum.client.post(mum.url, confirmed).content.decode()
    assert "changed after this page was shown" in page and "In another window." in page
    assert Sheet.objects.get().is_open
    confirmed["preview_token"] = re.search(r'name="preview_token" value="(\w+)"', page)[1]
    done = mum.client.post(mum.url, confirmed).content.decode()
    assert "is with the school" in done and Sheet.objects.get().done_at


@pytest.mark.parametrize("blank", ["", "\u202e\u200b", "\u200d"])
def test_nothing_written_is_not_sent_and_begins_nothing(mum, blank):
    answer = mum.client.post(mum.url, typed("home-worries", blank, do="hand-in"))
    assert answer.status_code == 422 and "Write something first." in answer.content.decode()
    assert not Sheet.objects.exists()


def test_the_link_goes_on_with_what_she_began_signed_in(world, mum, as_user):
    page = as_user(world.u_parent)
    talk = f"/tsp/child/{world.mina.pk}/talk/"
    first = page.get(talk)
    page.post(talk, typed("home-worries", "Begun at home.", seen(first, "home-worries")))
    by_link = mum.client.get(mum.url)
    assert "Begun at home." in by_link.content.decode()
    mum.client.post(mum.url, typed("home-worries", "And gone on.", seen(by_link, "home-worries")))
    assert "And gone on." in page.get(talk).content.decode()
    assert Sheet.objects.count() == 1 and Answer.objects.get().value == "And gone on."


def test_statements_are_ticked_on_a_page_of_their_own(mum):
    page = mum.client.get(mum.url, {"ticks": ""})
    names = re.findall(r'name="base:(statement:[^"]+)"', page.content.decode())
    assert len(names) == 54
    answer = mum.client.post(f"{mum.url}?ticks", typed(names[0], "yes", do="back"))
    assert answer.url == f"{mum.url}?kept"
    assert dict(Answer.objects.values_list("field", "value")) == {names[0]: "yes"}


def test_a_field_that_is_none_of_theirs_is_not_written(mum):
    for name in ("going-well", "agreed-actions", "what-works", "not-right"):
        mum.client.post(mum.url, typed(name, "x", autosave="1"))
    assert not Answer.objects.exists()


def test_while_staff_write_it_down_the_link_says_so(world, mum):
    make.make_sheet(
        world.mina,
        world.u_keyworker,
        Tool.PARENT,
        member=world.mina_mum.member,
        done=False,
        answers={"home-worries": "As the keyworker heard it"},
    )
    page = mum.client.get(mum.url).content.decode()
    assert "is writing down what you said" in page and "As the keyworker heard it" not in page
    told = mum.client.post(mum.url, typed("home-worries", "Mine", autosave="1"))
    assert told.status_code == 409 and DEAD in told.json()["refused"]
    assert Answer.objects.get().value == "As the keyworker heard it"


def test_once_it_is_told_another_way_the_link_ends(world, mum, as_user):
    page, talk = as_user(world.u_parent), f"/tsp/child/{world.mina.pk}/talk/"
    page.post(
        talk,
        typed("home-worries", "Said signed in.", seen(page.get(talk), "home-worries"), go="send", sure="1"),
    )
    assert mum.client.get(mum.url).status_code == 404
    mum.ask.refresh_from_db()
    assert mum.ask.answered_at == Sheet.objects.get().done_at


@pytest.mark.parametrize("words", ["", "We talk enough."])
def test_they_would_rather_not(world, mum, words):
    done = mum.client.post(mum.url, {"cannot": "1", "words": words})
    assert "That is fine" in done.content.decode()
    sheet = Sheet.objects.get()
    assert (bool(sheet.declined_at), sheet.declined_words) == (True, words)
    assert mum.client.get(mum.url).status_code == 404
    mum.ask.refresh_from_db()
    assert mum.ask.declined_at and make.sheet_of(mum.ask) == sheet


def test_declined_signed_in_the_link_asks_no_more(world, mum, as_user):
    as_user(world.u_parent).post(f"/tsp/child/{world.mina.pk}/talk/rather-not/", {"words": "Not now"})
    assert mum.client.get(mum.url).status_code == 404


# ---------------------------------------------------------------------------------------- its end


@pytest.mark.parametrize("end", ["restricted", "left", "no contact"])
def test_a_restriction_beats_a_link_that_was_sent(world, mum, as_user, end):
    """Whatever the office writes down counts with the next click; lifted, the link works again until its day."""
    mum.client.post(mum.url, typed("home-worries", "In time", autosave="1"))
    never = Client().get("/enquiries/link/never-was-one/")
    change = {
        "restricted": {"court_restriction": "Order", "restricted_from": TODAY},
        "left": {"ended_on": TODAY},
        "no contact": {"may_receive_keywork_contact": False},
    }[end]
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(**change)
    shut = mum.client.get(mum.url)
    assert (shut.status_code, shut.content) == (404, never.content)
    told = mum.client.post(mum.url, typed("home-worries", "Too late", "1", autosave="1"))
    assert told.status_code == 409 and DEAD in told.json()["refused"]
    for data in ({"do": "hand-in"}, {"cannot": "1", "words": "x"}, {"code": mum.code}):
        assert mum.client.post(mum.url, data).status_code == 404
    assert Client().post(mum.url, {"code": mum.code}).status_code == 404
    assert Answer.objects.get().value == "In time" and Sheet.objects.get().is_open
    listed = as_user(world.u_keyworker).get(reverse("tsp:asks", args=[world.mina.pk])).content.decode()
    assert "may not be written to about Min now" in listed and "Send a new link" not in listed
    for again in (enquiries.new_code, enquiries.remind):
        with clock.frozen(TODAY + A_DAY), pytest.raises(Refused, match="may not be written to"):
            again(by=world.u_keyworker, enquiry=mum.ask)
    with pytest.raises(Refused, match="may not be written to"):
        enquiries.new_link(by=world.u_keyworker, enquiry=mum.ask, days=7)
    enquiries.withdraw(by=world.u_keyworker, enquiry=mum.ask)
    assert Sheet.objects.get().voided_at


def test_a_restriction_that_begins_later_ends_the_link_that_day(world, mum):
    restrict(world.mina_mum, restricted_from=TODAY + A_DAY)
    assert mum.client.get(mum.url).status_code == 200
    with clock.frozen(TODAY + A_DAY):
        assert mum.client.get(mum.url).status_code == 404


def test_ended_and_taken_back(world, mum):
    last = datetime(2026, 12, 7, 23, 59, 59, tzinfo=LONDON)
    with clock.frozen(last):
        assert mum.client.get(mum.url).status_code == 200
    with clock.frozen(last + timedelta(seconds=1)):
        assert mum.client.get(mum.url).status_code == 404
    enquiries.withdraw(by=world.u_keyworker, enquiry=mum.ask)
    told = mum.client.post(mum.url, typed("home-worries", "More", autosave="1"))
    assert told.status_code == 409 and DEAD in told.json()["refused"]


def test_taken_back_what_she_began_signed_in_stays_hers(world, mum, as_user):
    page, talk = as_user(world.u_parent), f"/tsp/child/{world.mina.pk}/talk/"
    page.post(talk, typed("home-worries", "Hers.", seen(page.get(talk), "home-worries")))
    enquiries.withdraw(by=world.u_keyworker, enquiry=mum.ask)
    assert Sheet.objects.get().is_open and "Hers." in page.get(talk).content.decode()


def test_a_new_link_goes_to_the_address_of_now_and_on_with_the_words(world, mum, mails):
    mum.client.post(mum.url, typed("home-worries", "Half", autosave="1"))
    world.mina_mum.member.email = "new@home.example"
    world.mina_mum.member.save()
    with clock.frozen(datetime(2026, 12, 9, 10, tzinfo=LONDON)):
        with mails() as box:
            code = enquiries.new_link(by=world.u_keyworker, enquiry=mum.ask, days=7)
        assert box[0].to == ["new@home.example"] and "takes the place" in box[0].body
        assert mum.client.get(mum.url).status_code == 404
        client = Client()
        assert client.post(link_in(box[0]), {"code": code}).status_code == 302
        assert "Half" in client.get(link_in(box[0])).content.decode()
    world.mina_mum.member.email = ""
    world.mina_mum.member.save()
    with pytest.raises(Refused, match="no e-mail address"):
        enquiries.new_link(by=world.u_keyworker, enquiry=mum.ask, days=7)


def test_five_wrong_codes_close_it_and_many_tries_wait(asked):
    made, client = asked(), Client()
    wrong = "000000" if made.code != "000000" else "111111"
    for _ in range(5):
        client.post(made.url, {"code": wrong})
    assert client.post(made.url, {"code": made.code}).status_code == 404
    for _ in range(30):
        client.post("/enquiries/link/nobodys-link/", {"code": "1"})
    assert client.post(made.url, {"code": made.code}).status_code == 429


def test_two_children_of_one_mother_are_two_links(world, mum):
    """The code and the way in of one open nothing of the other."""
    FamilyLink.objects.create(student=world.otto, member=world.mina_mum.member, relationship="mum")
    ask, _code = ask_home(
        by=world.u_keyworker_other, student=world.otto, term=make.TERM, member=world.mina_mum.member, days=7
    )
    Enquiry.objects.filter(pk=ask.pk).update(link_digest=digest("the-other"))
    moved = Client()
    moved.cookies["keywork_asked"] = mum.client.cookies["keywork_asked"].value
    page = moved.get("/enquiries/link/the-other/").content.decode()
    assert "Code of six digits" in page and "Otto" not in page
    mum.client.post(mum.url, typed("home-worries", "Of Min", do="hand-in", sure="1"))
    assert Sheet.objects.get().student == world.mina
