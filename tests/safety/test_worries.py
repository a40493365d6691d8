"""I do not feel safe: it reaches somebody from every page it can be said on, and stays until they say what was done."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.celery import app
from keywork.errors import Refused
from keywork.models import Assignment, RecordOpening, StaffAbsence, User
from outbox.tasks import sweep
from safety import worry_audience
from safety.actions.worries import close, open_worry
from safety.models import Worry, WorryReader
from students.models import FamilyLink, FamilyMember
from tests.policies import set_policy
from tests.tsp.factories import make_feeling, make_sheet
from tests.world import TODAY, assign, make_user
from tsp.models import Feeling, Tool

SAY, TOLD, LIST, FEELING = (
    "/my-page/not-safe/",
    "/my-page/not-safe/told/",
    "/safeguarding/",
    "/tsp/mine/feeling/",
)
SATURDAY = datetime(2026, 11, 28, 21, 30, tzinfo=ZoneInfo("Europe/London"))


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def main(response) -> str:
    return words(response).split("<main", 1)[1].split("</main", 1)[0]


def page_of(worry: Worry) -> str:
    return reverse("safety:worry", args=[worry.pk])


@pytest.fixture(autouse=True)
def eager():
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def mine(world, as_user):
    return as_user(world.u_student)


@pytest.fixture
def deputy_dsl(world):
    return make_user("marguerite", "staff dsl")


@pytest.fixture
def headteacher(world):
    return make_user("joan", "staff headteacher")


@pytest.fixture
def voice(world):
    return make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={})


def by_page(mine, world, voice) -> None:
    mine.post(SAY, {"words": "The bus."})


def by_feeling(mine, world, voice) -> None:
    mine.post(FEELING, {"word": "okay", "words": "The bus.", "not_safe": "on"})


def by_voice(mine, world, voice) -> None:
    mine.post(
        reverse("home:step", args=[voice.pk, "feel-safe"]),
        {"base:feel-safe": "0", "feel-safe": "0", "go": "stop"},
    )


def by_voice_as_typed(mine, world, voice) -> None:
    mine.post(
        reverse("home:step", args=[voice.pk, "feel-safe"]),
        {"base:feel-safe": "0", "feel-safe": "0", "autosave": "1"},
    )


DOORS = [by_page, by_feeling, by_voice, by_voice_as_typed]


# ----------------------------------------------------------------------------- it reaches somebody


@pytest.mark.parametrize("door", DOORS)
def test_from_every_page_it_is_at_once_on_the_home_of_whoever_leads(
    world, as_user, mine, voice, deputy_dsl, mailoutbox, django_capture_on_commit_callbacks, door
):
    with django_capture_on_commit_callbacks(execute=True):
        door(mine, world, voice)
    for user in (world.u_dsl, deputy_dsl, world.u_keyworker):
        page = words(as_user(user).get("/today/"))
        assert "One worry about safety waits" in page and "Nobody has it yet" in page, user
        assert "The bus." not in page
    assert sorted(mail.to[0] for mail in mailoutbox) == [
        "dsl@school.example", "keyworker@school.example", "marguerite@school.example",
    ]  # fmt: skip
    for mail in mailoutbox:
        told = mail.subject + mail.body
        assert LIST in told and not re.search(r"Min|Harcastle|bus|safe\b", told.replace("safeguarding", ""))


@pytest.mark.parametrize("door", DOORS)
def test_with_no_keyworker_on_a_saturday_night_it_reaches_somebody(
    world, as_user, mine, voice, mailoutbox, django_capture_on_commit_callbacks, door
):
    Assignment.objects.filter(student=world.mina, kind__in=["keyworker", "deputy"]).delete()
    with clock.frozen(SATURDAY), django_capture_on_commit_callbacks(execute=True):
        door(mine, world, voice)
        assert "does not feel safe" in words(as_user(world.u_dsl).get("/today/"))
    assert [mail.to for mail in mailoutbox] == [["dsl@school.example"]]


def test_where_nobody_leads_the_headteacher_stands_in_and_then_the_head(world, mine, as_user):
    User.objects.filter(pk=world.u_dsl.pk).update(is_active=False, deactivated_at=clock.now())
    mine.post(SAY, {"words": "One"})
    assert "does not feel safe" in words(as_user(world.u_head).get("/oversight/"))
    worry = Worry.objects.get()
    assert as_user(world.u_head).post(page_of(worry), {"done": "spoke"}).url == LIST
    joan = make_user("joan", "staff headteacher")
    mine.post(SAY, {"words": "Two"})
    assert "does not feel safe" in words(as_user(joan).get("/today/"))
    assert "does not feel safe" not in words(as_user(world.u_head).get("/oversight/"))


def test_with_nobody_at_all_the_page_says_so_and_who_comes_later_reads_it(world, mine, as_user):
    Assignment.objects.filter(student=world.mina).delete()
    User.objects.filter(roles__overlap=["dsl", "head"]).update(roles=["staff"])
    assert "Nobody at school can get it here yet." in main(mine.get(SAY))
    page = main(mine.post(SAY, {}, follow=True))
    assert "nobody has it yet" in page and "Childline 0800 1111" in page
    later = make_user("later", "staff dsl")
    assert "does not feel safe" in words(as_user(later).get("/today/"))


def test_handing_in_a_voice_sheet_with_a_low_answer_says_who_has_it(world, mine, voice):
    by_voice_as_typed(mine, world, voice)
    answer = mine.post(reverse("home:end", args=[voice.pk]), {"share-asked": "1"}, follow=True)
    assert "Dsl and Keyworker can see it now." in main(answer)
    assert answer.redirect_chain == [(TOLD, 302)]


def test_who_has_it_is_shown_once_and_the_sheet_goes_on(world, mine, voice):
    url = reverse("home:step", args=[voice.pk, "feel-safe"])
    typed = {"base:feel-safe": "0", "feel-safe": "0", "go": "next"}
    assert mine.post(url, typed).url == f"{TOLD}?sheet={voice.pk}"
    assert "Go on with my sheet" in main(mine.get(f"{TOLD}?sheet={voice.pk}"))
    assert "/question/" in mine.post(url, {**typed, "base:feel-safe": "1"}).url
    assert Worry.objects.count() == 1


@pytest.mark.parametrize("value", ["2", "3", "4", "no"])
def test_any_other_answer_tells_nobody(world, mine, voice, value):
    url = reverse("home:step", args=[voice.pk, "feel-safe"])
    mine.post(url, {"base:feel-safe": "0", "feel-safe": value, "go": "next"})
    assert voice.answers.get().field == "feel-safe" and not Worry.objects.exists()


def test_what_an_adult_writes_down_for_the_student_reaches_the_same(world, as_user):
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, done=False, answers={}, wording="staff")
    url = reverse("tsp:sheet_fill", args=[sheet.pk])
    as_user(world.u_keyworker).post(url, {"base:feel-safe": "0", "feel-safe": "1"})
    worry = Worry.objects.get()
    page = words(as_user(world.u_dsl).get(page_of(worry)))
    assert "on the student voice sheet, written down by Keyworker" in page
    told = words(as_user(world.u_keyworker).get(url))
    assert "Keywork has told nobody" not in told and "Dsl (safeguarding lead) is told at once" in told


def test_every_page_of_a_student_leads_to_it_and_to_childline(world, mine):
    for path in ("/my-page/", FEELING, "/tsp/mine/", SAY, TOLD, "/me/", "/help/", "/privacy/"):
        page = words(mine.get(path))
        assert f'href="{SAY}"' in page and 'href="tel:08001111">' in page, path


# ----------------------------------------------------------------------------- before it is sent


@pytest.mark.parametrize("path", [SAY, FEELING])
def test_before_sending_the_student_reads_who_sees_it_and_where_help_is(world, mine, headteacher, path):
    page = main(mine.get(path))
    assert "<strong>Who will see it:</strong> Dsl and Keyworker." in page
    assert "only Dsl and Joan can see it" in page
    assert "0800 1111" in page and "999" in page and "any adult" in page.lower()
    assert not Worry.objects.exists()


def test_on_the_voice_sheet_too(world, mine, voice):
    page = main(mine.get(reverse("home:step", args=[voice.pk, "feel-safe"])))
    assert "If I pick “Not at all” or “A little”, they are told at once" in page
    assert "<strong>Who will see it:</strong> Dsl and Keyworker." in page and SAY in page
    other = main(mine.get(reverse("home:step", args=[voice.pk, "going-well"])))
    assert "Who will see it" not in other
    mine.post("/accounts/language/", {"language": "pl", "back": SAY})
    assert "Dsl i Keyworker." in main(mine.get(reverse("home:step", args=[voice.pk, "feel-safe"])))


def test_the_deputy_stands_in_for_a_keyworker_who_is_away(world, mine):
    StaffAbsence.objects.create(user=world.u_keyworker, starts_on=TODAY, ends_on=TODAY)
    assert "Dsl, Keyworker and Deputy." in main(mine.get(SAY))
    Assignment.objects.filter(student=world.mina, kind="keyworker").delete()
    assert "Dsl and Deputy." in main(mine.get(SAY))


def test_afterwards_the_student_reads_who_has_it_and_that_it_was_read(world, mine, as_user):
    page = main(mine.post(SAY, {"words": "<b>The bus</b>"}, follow=True))
    assert "Dsl and Keyworker can see it now." in page and "Nobody has read it yet." in page
    assert "&lt;b&gt;The bus&lt;/b&gt;" in page
    dsl = as_user(world.u_dsl)
    dsl.get(page_of(Worry.objects.get()))
    assert "Dsl read it." in main(mine.get(TOLD))
    dsl.post(page_of(Worry.objects.get()), {"mine": "1"})
    assert "Dsl is looking after it." in main(mine.get(TOLD))
    dsl.post(page_of(Worry.objects.get()), {"done": ["spoke"]})
    assert "Dsl has helped with this." in main(mine.get(TOLD))


def test_too_long_is_said_beside_it_and_the_words_stay(mine):
    answer = mine.post(SAY, {"words": "x" * 2001, "about_staff": "on"})
    assert answer.status_code == 422 and "x" * 2001 in words(answer)
    assert re.search(r'id="id_about_staff"[^>]* checked', words(answer)) and not Worry.objects.exists()


def test_pressed_twice_it_is_one_and_other_words_are_another(mine):
    for said in ("The bus.", "The bus.", "", "And the stairs."):
        mine.post(SAY, {"words": said})
    assert sorted(Worry.objects.values_list("words", flat=True)) == ["And the stairs.", "The bus."]


# ----------------------------------------------------------------------------- who sees it


@pytest.mark.parametrize("door", [by_page, by_feeling])
def test_an_adult_who_is_left_out_learns_nothing_of_it(
    world, as_user, mine, mailoutbox, django_capture_on_commit_callbacks, door
):
    data = {"words": "Sorrowword", "left_out": str(world.u_keyworker.pk)}
    with django_capture_on_commit_callbacks(execute=True):
        if door is by_page:
            mine.post(SAY, data)
        else:
            mine.post(FEELING, {**data, "word": "okay", "not_safe": "on"})
    keyworker, record = as_user(world.u_keyworker), reverse("students:record", args=[world.mina.pk])
    worry = Worry.objects.get()
    assert keyworker.get(page_of(worry)).status_code == 404
    for path in ("/today/", LIST, record, f"{record}?q=sorrowword"):
        page = words(keyworker.get(path))
        assert "not feel safe</a>" not in page and "Sorrowword" not in page and "not safe" not in page, path
    assert [mail.to for mail in mailoutbox] == [["dsl@school.example"]]
    assert "Sorrowword" in words(as_user(world.u_dsl).get(page_of(worry)))


@pytest.mark.parametrize("door", ["page", "feeling"])
def test_about_an_adult_at_school_it_goes_to_who_leads_and_the_headteacher_alone(
    world, as_user, mine, headteacher, mailoutbox, django_capture_on_commit_callbacks, door
):
    data = {"words": "Sorrowword", "about_staff": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        if door == "page":
            mine.post(SAY, data)
        else:
            mine.post(FEELING, {**data, "word": "worried", "not_safe": "on"})
    worry = Worry.objects.get()
    for who, reads in [("dsl", True), *((name, False) for name in world.users if name != "dsl")]:
        if who == "inactive":
            continue
        answer = as_user(world.users[who]).get(page_of(worry))
        assert (answer.status_code == 200) is reads, who
        for path in ("/today/", "/oversight/", reverse("students:record", args=[world.mina.pk])):
            if not reads and who != "student":
                assert "Sorrowword" not in words(as_user(world.users[who]).get(path)), (who, path)
    assert "Sorrowword" in words(as_user(headteacher).get(page_of(worry)))
    assert sorted(mail.to[0] for mail in mailoutbox) == ["dsl@school.example", "joan@school.example"]


@pytest.mark.parametrize("about_staff", [{}, {"about_staff": "on"}])
def test_kept_from_the_one_who_leads_it_goes_to_the_headteacher(world, mine, headteacher, about_staff):
    mine.post(SAY, {"words": "It is them", "left_out": str(world.u_dsl.pk), **about_staff})
    worry = Worry.objects.get()
    assert (
        list(worry_audience.seen_by(headteacher)) == [worry]
        and not worry_audience.seen_by(world.u_dsl).exists()
    )
    assert close(by=headteacher, worry=worry, done=["recorded"]).done_by == headteacher


def test_without_a_headteacher_a_worry_about_the_one_lead_goes_to_the_head(world, mine, mailoutbox):
    assert "If I keep it from Dsl, then Head can see it." in words(mine.get(SAY))
    mine.post(SAY, {"words": "It is them", "about_staff": "on", "left_out": str(world.u_dsl.pk)})
    worry = Worry.objects.get()
    assert not worry_audience.seen_by(world.u_dsl).exists() and list(
        worry_audience.seen_by(world.u_head)
    ) == [worry]
    assert "Head can see it now" in words(mine.get(TOLD)) and "Dsl" not in main(mine.get(TOLD))
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        sweep()
    assert {to for mail in mailoutbox for to in mail.to} == {world.u_head.email}
    assert worry_audience.answers(world.u_head, worry)


def test_how_long_a_worry_may_wait_is_the_school_s_policy(world, mine, headteacher, mailoutbox):
    set_policy(
        effective_on=TODAY, preset="breckenbrough", overrides={"worry_answer_minutes": 5}, by=world.u_admin
    )
    mine.post(SAY, {"words": "It is them"})
    for minutes, told in ((4, 0), (6, 1)):
        with clock.frozen(clock.now() + timedelta(minutes=minutes)):
            sweep()
        again = [mail for mail in mailoutbox if mail.to == [headteacher.email]]
        assert len(again) == told, minutes


def test_somebody_has_to_remain_and_who_can_is_said(world, mine):
    out = [str(world.u_dsl.pk), str(world.u_head.pk)]
    answer = mine.post(SAY, {"words": "It is them", "left_out": out})
    assert answer.status_code == 422 and "Somebody who keeps you safe has to see it" in words(answer)
    assert "It is them" in words(answer) and not Worry.objects.exists()
    User.objects.filter(pk=world.u_head.pk).update(roles=["staff"])
    assert "Here only Dsl can get it." in words(mine.get(SAY))
    answer = mine.post(SAY, {"words": "It is them", "left_out": out[:1]})
    assert answer.status_code == 422 and "ring Childline on 0800 1111" in words(answer)
    assert not Worry.objects.exists()


def no_longer(user: User, how: str) -> None:
    if how == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False, deactivated_at=clock.now())
    else:
        User.objects.filter(pk=user.pk).update(roles=["staff"])


@pytest.mark.parametrize("how", ["closed", "role"])
def test_what_is_open_when_the_only_lead_leaves_is_for_whoever_stands_in_now(
    world, as_user, mine, mailoutbox, how
):
    mine.post(SAY, {"words": "Sorrowword"})
    worry = Worry.objects.get()
    assert as_user(world.u_head).get(page_of(worry)).status_code == 404
    no_longer(world.u_dsl, how)
    joan = make_user("joan", "staff headteacher")  # a new one would be hers
    assert list(worry_audience.seen_by(joan)) == [worry] and not worry_audience.seen_by(world.u_head).exists()
    no_longer(joan, how)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        sweep()
    again = [mail for mail in mailoutbox if mail.to == [world.u_head.email]]
    assert len(again) == 1 and LIST in again[0].body
    head = as_user(world.u_head)
    assert "does not feel safe" in words(head.get("/oversight/"))
    assert "Head and Keyworker can see it now" in main(mine.get(TOLD))
    assert "Sorrowword" in words(head.get(page_of(worry)))
    for who in ("slt", "coordinator", "mentor", "admin", "keyworker_other"):
        assert as_user(world.users[who]).get(page_of(worry)).status_code in (403, 404), who
    later = make_user("later", "staff headteacher")
    assert not worry_audience.seen_by(later).exists()  # who has opened it stands in, and is still in post
    assert head.post(page_of(worry), {"done": "spoke"}).url == LIST


@pytest.mark.parametrize("how", ["closed", "role"])
def test_an_open_one_about_an_adult_never_reaches_whom_it_is_kept_from(world, mine, mailoutbox, how):
    joan, ros = make_user("joan", "staff headteacher"), make_user("ros", "staff headteacher")
    kept = {"words": "It is them", "about_staff": "on", "left_out": [str(joan.pk), str(world.u_dsl.pk)]}
    mine.post(SAY, kept)
    worry = Worry.objects.get()
    assert {row.user for row in worry.readers.filter(left_out=False)} == {ros}
    no_longer(ros, how)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        sweep()
    assert [mail.to for mail in mailoutbox if "still waits" in mail.subject] == [[world.u_head.email]]
    assert list(worry_audience.seen_by(world.u_head)) == [worry] and worry_audience.answers(
        world.u_head, worry
    )
    for user in (joan, world.u_dsl, world.u_keyworker):
        assert not worry_audience.seen_by(user).exists(), user
    no_longer(world.u_dsl, how)
    assert not worry_audience.seen_by(joan).exists()


def test_what_was_answered_stays_with_those_who_had_it(world, mine):
    mine.post(SAY, {"words": "The bus."})
    close(by=world.u_dsl, worry=Worry.objects.get(), done=["spoke"])
    no_longer(world.u_dsl, "closed")
    assert not worry_audience.seen_by(world.u_head).exists()


def test_a_school_with_one_lead_alone_is_told_what_to_do(world, as_user):
    def told(who: str, path: str) -> str:
        return main(as_user(world.users[who]).get(path))

    homes = (
        ("admin", "/school/"),
        ("admin", "/school/health/"),
        ("dsl", "/safeguarding-home/"),
        ("head", "/oversight/"),
    )
    for who, path in homes:
        assert "Only Dsl hears of it when a student feels unsafe." in told(who, path), who
        assert "keeps from them, goes to Head." in told(who, path)
        assert "See that two colleagues have the role of safeguarding lead" in told(who, path)
    for who in ("slt", "coordinator"):
        assert "Only Dsl hears of it" not in told(who, "/oversight/"), who
    make_user("joan", "staff dsl")
    for who, path in homes:
        assert "hears of it when" not in told(who, path)


def test_a_former_keyworker_a_later_one_and_their_own_family_see_nothing(world, mine, as_user):
    link = FamilyLink.objects.get(student=world.mina, member__user=world.u_staff_parent)
    User.objects.filter(pk=world.u_staff_parent.pk).update(roles=["staff", "dsl", "family"])
    mine.post(SAY, {"words": "Sorrowword"})
    worry = Worry.objects.get()
    assert not WorryReader.objects.filter(user=world.u_staff_parent).exists() and link.ended_on is None
    assert as_user(world.users["staff_parent"]).get(page_of(worry)).status_code == 404
    Assignment.objects.filter(student=world.mina, kind="keyworker").delete()
    assign(world.mina, world.u_future, start=TODAY)
    for who in ("keyworker", "future", "former"):
        assert as_user(world.users[who]).get(page_of(worry)).status_code == 404, who


def test_the_feeling_itself_tells_the_team_the_face_and_nothing_more(world, mine, as_user):
    mine.post(
        FEELING, {"word": "okay", "words": "Sorrowword", "not_safe": "on", "share": world.mina_mum.member_id}
    )
    one = Feeling.objects.get()
    assert (one.words, one.share_with_home, one.not_safe) == ("", False, True)
    for who in ("mentor", "member", "head", "senco", "coordinator"):
        page = words(as_user(world.users[who]).get(reverse("students:record", args=[world.mina.pk])))
        assert "Min felt okay" in page and "Sorrowword" not in page and "not safe" not in page, who
    mine.post(FEELING, {"word": "good"})
    mine.post("/tsp/mine/feeling/take-back/")
    assert Worry.objects.open().get().words == "Sorrowword"


@pytest.mark.parametrize("who", ["head", "mentor", "parent", "student_other", "teacher"])
def test_nobody_else_says_it_for_them(world, who):
    with pytest.raises(Refused):
        open_worry(by=world.users[who], student=world.mina, source="page")


# ----------------------------------------------------------------------------- until it is done


def test_it_stays_until_somebody_who_leads_says_what_was_done(world, as_user, mine):
    make_feeling(world.mina, "good", on=TODAY - timedelta(days=1))
    mine.post(SAY, {"words": "The bus."})
    worry, dsl, keyworker = Worry.objects.get(), as_user(world.u_dsl), as_user(world.u_keyworker)
    with clock.frozen(TODAY + timedelta(days=90)):
        assert "does not feel safe" in words(dsl.get("/today/"))
    assert "they say here what was done" in words(keyworker.get(page_of(worry)))
    assert keyworker.post(page_of(worry), {"done": "spoke"}).status_code == 422
    empty = dsl.post(page_of(worry), {})
    assert empty.status_code == 422 and "Choose what was done" in words(empty)
    assert Worry.objects.open().exists()
    dsl.post(page_of(worry), {"mine": "1"})
    assert "Dsl has it, not done yet." in words(keyworker.get("/today/"))
    assert dsl.post(page_of(worry), {"done": ["spoke", "recorded"]}).url == LIST
    for client in (dsl, keyworker):
        assert "does not feel safe" not in words(client.get("/today/"))
    page = words(dsl.get(page_of(worry)))
    assert "Somebody spoke with them" in page and "It is in our safeguarding system" in page
    assert "Answered" in words(dsl.get(LIST))
    again = dsl.post(page_of(worry), {"done": ["nothing"]})
    assert again.status_code == 422 and "Dsl has already said what was done" in words(again)


def test_reading_it_leaves_a_row(world, as_user, mine):
    mine.post(SAY, {})
    as_user(world.u_dsl).get(page_of(Worry.objects.get()))
    assert RecordOpening.objects.filter(user_id=world.u_dsl.pk, what="safeguarding page").count() == 1
    assert WorryReader.objects.get(user=world.u_dsl).opened_at == clock.now()


def test_what_nobody_takes_is_said_again_once(
    world, mine, headteacher, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(SAY, {"words": "The bus."})
    mailoutbox.clear()
    sweep()
    assert mailoutbox == []
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        sweep()
        sweep()
    assert sorted(mail.to[0] for mail in mailoutbox) == ["dsl@school.example", "joan@school.example"]
    to_head = next(mail for mail in mailoutbox if mail.to == ["joan@school.example"])
    assert "ring the safeguarding lead" in to_head.body and "http" not in to_head.body
    assert Worry.objects.get().reminded_at is not None
    with clock.frozen(clock.now() + timedelta(hours=2)):
        sweep()
    assert len(mailoutbox) == 2


def test_a_mail_that_did_not_go_is_sent_by_the_next_round(world, mine, mailoutbox):
    mine.post(SAY, {})  # the worker heard nothing of it
    assert mailoutbox == []
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        sweep()
    assert len(mailoutbox) == 2


def test_as_many_queries_for_many_as_for_one(world, mine, as_user):
    clients = [
        (as_user(world.u_dsl), "/today/"),
        (as_user(world.u_dsl), LIST),
        (as_user(world.u_keyworker), "/today/"),
    ]
    clients.append((mine, TOLD))

    def count() -> list[int]:
        found = []
        for client, path in clients:
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            found.append(len(asked))
        return found

    mine.post(SAY, {"words": "One"})
    few = count()
    for number in range(9):
        mine.post(SAY, {"words": f"More {number}"})
    assert count() == few


def test_a_parent_sees_nothing_of_it(world, mine, as_user):
    mine.post(SAY, {"words": "Sorrowword"})
    home = as_user(world.u_parent)
    for path in ("/home/", f"/tsp/child/{world.mina.pk}/"):
        assert "Sorrowword" not in words(home.get(path))
    for path in (SAY, TOLD, LIST, page_of(Worry.objects.get())):
        assert home.get(path).status_code == 403
    assert FamilyMember.objects.exists()


def test_the_list_of_openings_tells_nobody_that_there_is_a_worry(world, mine, as_user):
    """It may be about whoever looks at that list."""
    mine.post(SAY, {"words": "It is about the Head.", "about_staff": "on"})
    [worry] = Worry.objects.all()
    lead = as_user(world.u_dsl)
    for address in (page_of(worry), reverse("safety:worries"), "/today/", "/safeguarding-home/"):
        lead.get(address)
    assert RecordOpening.objects.filter(user_id=world.u_dsl.pk, student_id=world.mina.pk).exists()
    listed = as_user(world.u_head).get(reverse("students:openings", args=[world.mina.pk])).content.decode()
    rows = listed.split("<tbody", 1)[1].split("</tbody", 1)[0].lower()
    assert "safe" not in rows and world.u_dsl.name.lower() not in rows


def test_a_student_whose_page_is_not_ready_finds_help_all_the_same(world, as_user):
    page = as_user(make_user("nobody_yet", "student")).get("/my-page/not-safe/")
    assert page.status_code == 200
    assert "Go to any adult." in page.content.decode() and "tel:08001111" in page.content.decode()
