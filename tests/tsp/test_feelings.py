"""How a student feels today: said, changed and taken back by them alone; read by their team, and home if they say so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.actions import say_feeling, take_back
from keywork import clock
from keywork.errors import Refused
from students.people_at_home import people_at_home, usual
from tests.world import TODAY, make_family, make_user
from tsp.models import Feeling
from tsp.rating import rules

from .factories import make_feeling

A_DAY = timedelta(days=1)
PAGE, BACK, MY_PAGE = "/tsp/mine/feeling/", "/tsp/mine/feeling/take-back/", "/my-page/"


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def said(response) -> str:
    """What a page says, without its frame."""
    return words(response).split("<main", 1)[1].split("</main", 1)[0]


@pytest.fixture
def mine(world, as_user):
    return as_user(world.u_student)


@pytest.fixture
def home(world) -> list[int]:
    """Whom Min lives with: Folake, her mum."""
    return [world.mina_mum.member_id]


@pytest.fixture
def record(world):
    return reverse("students:record", args=[world.mina.pk])


@pytest.mark.parametrize(
    ("word", "asks"),
    [("good", False), ("okay", False), ("tired", False), ("angry", False), ("worried", True)],
)
def test_what_asks_for_a_talk(word, asks):
    assert rules.asks_for_a_talk(word) is asks


# ------------------------------------------------------------------------------------------ saying


def test_my_page_asks_in_seven_faces_and_nothing_is_said_by_looking(world, mine):
    page = said(mine.get(MY_PAGE))
    assert "How I feel today" in page and "Only if I want to." in page
    assert re.findall(r'\?word=(\w+)"', page) == [
        "good",
        "okay",
        "tired",
        "sad",
        "worried",
        "angry",
        "unsure",
    ]
    chosen = said(mine.get(PAGE, {"word": "tired"}))
    assert re.search(r'value="tired" checked', chosen) and chosen.count(" checked") == 2  # and the household
    assert "The adults in my team can read it. At home, only the people I tick." in chosen
    assert said(mine.get(PAGE, {"word": "<script>"})).count(" checked") == 1
    assert not Feeling.objects.exists()


def test_said_it_stands_on_my_page_and_is_high_in_privacy(world, mine):
    assert mine.post(PAGE, {"word": "tired", "words": "Bad  night."}).url == MY_PAGE
    one = Feeling.objects.get()
    assert (one.student, one.on, one.word, one.words) == (world.mina, TODAY, "tired", "Bad night.")
    assert (one.not_safe, one.share_with_home, one.said_at) == (False, False, clock.now())
    assert "Today I feel tired. “Bad night.”" in said(mine.get(MY_PAGE))


def test_changed_the_same_day_it_is_one_row_and_history_keeps_both(home, mine):
    mine.post(PAGE, {"word": "tired", "share": str(home[0])})
    assert re.search(rf'name="share" value="{home[0]}" checked', said(mine.get(PAGE)))
    mine.post(PAGE, {"word": "good"})
    one = Feeling.objects.get()
    assert (one.word, one.share_with_home) == ("good", False)
    assert [event.word for event in one.events.order_by("pgh_id")] == ["tired", "good"]


def test_taken_back_nobody_reads_it(home, world, mine, as_user, record):
    mine.post(PAGE, {"word": "angry", "words": "At maths.", "share": str(home[0])})
    assert mine.post(BACK).url == PAGE
    assert "Only if I want to." in said(mine.get(MY_PAGE))
    for who, path in (
        ("student", PAGE), ("keyworker", record), ("keyworker", "/today/"), ("parent", "/home/"),
    ):  # fmt: skip
        assert "At maths." not in words(as_user(world.users[who]).get(path)), who
    assert mine.post(BACK).status_code == 302
    mine.post(PAGE, {"word": "okay"})
    assert Feeling.objects.get().taken_back_at is None


def test_yesterday_is_read_and_no_longer_changed(world, mine):
    make_feeling(world.mina, "tired", on=TODAY - A_DAY)
    with pytest.raises(Refused, match="nothing of today"):
        take_back(by=world.u_student, student=world.mina)
    mine.post(PAGE, {"word": "good"})
    assert Feeling.objects.get(on=TODAY - A_DAY).word == "tired" and Feeling.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [({}, "Choose a face"), ({"word": "furious"}, "Choose one of the answers"),
     ({"word": "good", "words": "x" * 201}, "there is room for 200")],
)  # fmt: skip
def test_what_cannot_be_said_is_told_beside_it_and_stays(home, mine, data, says):
    answer = mine.post(PAGE, {"share": str(home[0]), **data})
    assert answer.status_code == 422 and says in words(answer)
    assert re.search(rf'name="share" value="{home[0]}" checked', words(answer))
    assert not Feeling.objects.exists()


def test_who_is_not_at_school_is_not_asked(world, mine):
    type(world.mina).objects.filter(pk=world.mina.pk).update(left_on=TODAY - A_DAY)
    assert "How I feel today" not in said(mine.get(MY_PAGE))
    assert 'id="feeling"' not in said(mine.get(PAGE))
    assert mine.post(PAGE, {"word": "good"}).status_code == 422 and not Feeling.objects.exists()


@pytest.mark.parametrize("who", ["keyworker", "head", "parent", "student_other", "nobody"])
def test_only_the_student_says_it(world, who):
    facts = {"word": "good", "words": "", "not_safe": False}
    with pytest.raises(Refused):
        say_feeling(by=world.users[who], student=world.mina, **facts)
    make_feeling(world.mina, "good")
    with pytest.raises(Refused):
        take_back(by=world.users[who], student=world.mina)


def test_two_weeks_in_words_never_a_score_or_a_countdown(world, mine):
    for days, word in ((0, "good"), (1, "worried"), (13, "tired"), (14, "angry")):
        make_feeling(world.mina, word, on=TODAY - days * A_DAY)
    page = said(mine.get(PAGE))
    listed = re.findall(r"<strong>([^<]*: I felt \w+\.)", page)
    assert listed == [
        "Monday 23 November: I felt good.",
        "Sunday 22 November: I felt worried.",
        "Tuesday 10 November: I felt tired.",
    ]
    assert not re.search(r"\d+ of \d+|average|score|\bin \d+ days|days ago|streak", page.lower())


# ------------------------------------------------------------------------------------------ the team


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("keyworker", True), ("deputy", True), ("mentor", True), ("member", True), ("head", True),
        ("dsl", True), ("coordinator", True), ("senco", True), ("slt", False), ("teacher", False),
    ],
)  # fmt: skip
def test_on_the_timeline_of_whoever_reads_the_students_sheets(world, as_user, record, who, reads):
    make_feeling(world.mina, "tired", words="Sentinel night")
    page = as_user(world.users[who])
    for asked in ({}, {"kind": "feeling"}, {"q": "sentinel"}, {"q": "tired"}):
        told = words(page.get(record, asked))
        assert ("Min felt tired" in told, "“Sentinel night”" in told) == (reads, reads), asked
    assert "Min felt tired" not in words(page.get(record, {"q": "cheerful"}))


def test_entries_follow_each_other_over_pages(world, as_user, record):
    for days in range(20):
        make_feeling(world.mina, "okay", on=TODAY - days * A_DAY, words=f"Word{days:02}")
    page, seen, asked = as_user(world.u_keyworker), [], {"kind": "feeling"}
    while True:
        html = words(page.get(record, asked))
        seen += re.findall(r"Word(\d\d)", html)
        older = re.search(r"before=([\w.-]+)", html)
        if older is None:
            break
        asked = {**asked, "before": older[1]}
    assert seen == [f"{days:02}" for days in range(20)]


def test_a_worry_is_on_the_keyworkers_today_and_nobody_elses(world, as_user, mine):
    mine.post(PAGE, {"word": "worried", "words": "About the bus."})
    page = words(as_user(world.u_keyworker).get("/today/"))
    assert "Min</a>, Monday 23 November: <strong>“I feel worried”</strong>, “About the bus.”" in page
    assert "speak to Dsl (safeguarding lead) if it may be." in page and "told nobody" not in page
    assert "I feel worried" in words(as_user(world.u_deputy).get("/today/"))
    for who in ("mentor", "member", "teacher", "keyworker_other", "head", "former", "staff_parent"):
        assert "I feel worried" not in words(as_user(world.users[who]).get("/today/")), who
    with clock.frozen(TODAY + 3 * A_DAY):
        assert "I feel worried" in words(as_user(world.u_keyworker).get("/today/"))
    with clock.frozen(TODAY + 4 * A_DAY):
        assert "I feel worried" not in words(as_user(world.u_keyworker).get("/today/"))
    mine.post(BACK)
    assert "I feel worried" not in words(as_user(world.u_keyworker).get("/today/"))


def test_not_safe_is_never_shown_at_home_and_outlives_a_change(home, world, as_user, mine):
    answer = mine.post(
        PAGE, {"word": "okay", "words": "Hm.", "not_safe": "on", "share": str(home[0])}, follow=True
    )
    assert "Dsl and Keyworker can see it now." in said(answer) and "Home does not see it." in said(answer)
    assert not Feeling.objects.get().share_with_home
    assert "wanted you to see" not in words(as_user(world.u_parent).get("/home/"))
    keyworker = as_user(world.u_keyworker)
    mine.post(PAGE, {"word": "good"})
    assert "does not feel safe" in words(keyworker.get("/today/"))
    mine.post(BACK)
    assert "does not feel safe" in words(keyworker.get("/today/"))


def test_of_a_worried_face_nobody_is_told_by_mail(
    world, mine, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        mine.post(PAGE, {"word": "worried"})
    assert mailoutbox == []


# ------------------------------------------------------------------------------------------ home


def test_home_sees_a_single_line_of_what_the_student_shares(home, world, as_user, mine):
    parent, paths = (
        as_user(world.u_parent),
        ("/home/", f"/home/{world.mina.pk}/", f"/tsp/child/{world.mina.pk}/"),
    )
    make_feeling(world.mina, "angry", on=TODAY - 2 * A_DAY, words="Kept")
    make_feeling(world.mina, "tired", on=TODAY - A_DAY, words="Older", share_with_home=True)
    for path in paths:
        assert "on Sunday 22 November, Min felt tired. “Older”" in said(parent.get(path))
    mine.post(PAGE, {"word": "good", "words": "Ducks.", "share": str(home[0])})
    for path in paths:
        page = said(parent.get(path))
        assert page.count("wanted you to see") == 1 and "Min felt good. “Ducks.”" in page
        assert "Older" not in page and "Kept" not in page and "worried" not in page
    mine.post(PAGE, {"word": "good", "words": "Ducks."})
    assert "Ducks." not in said(parent.get("/home/"))
    Feeling.objects.filter(share_with_home=True).update(on=TODAY - 14 * A_DAY)
    assert "wanted you to see" not in said(parent.get("/home/"))


def test_those_chosen_by_name_and_nobody_else_at_home(world, as_user, mine, home):
    dad = make_user("dad", "family")
    link = make_family(world.mina, "Theo", "Harcastle", user=dad, household="Quay Street", lives_with=False)
    mum = as_user(world.u_parent)
    page = said(mine.get(PAGE))
    assert re.search(rf'value="{home[0]}" checked>\s*<label[^>]*>Mum, Folake. I live with them<', page)
    assert re.search(rf'value="{link.member_id}">\s*<label[^>]*>Mum, Theo<', page)
    assert "Rufus" not in page and "Idris" not in page  # shut out by a court, or gone
    for chosen, reads in (
        ([home[0]], (True, False)),
        ([link.member_id], (False, True)),
        ([], (False, False)),
    ):
        mine.post(PAGE, {"word": "good", "share": chosen})
        seen = tuple("Min felt good" in words(one.get("/home/")) for one in (mum, as_user(dad)))
        assert seen == reads, chosen
    mine.post(PAGE, {"word": "good", "share": [home[0], link.member_id]})
    for who in ("parent_other", "parent_restricted", "parent_former", "staff_parent"):
        assert "Min felt good" not in words(as_user(world.users[who]).get("/home/")), who


def test_a_looked_after_childs_birth_mother_sees_what_the_child_chose_and_no_more(world, as_user, mine):
    birth = make_user("birth", "family")
    make_family(world.mina, "Della", "Harcastle", user=birth, relationship="birth mother", lives_with=False)
    mine.post(PAGE, {"word": "good", "share": usual(people_at_home(world.mina, TODAY))})
    assert "Min felt good" in words(as_user(world.u_parent).get("/home/"))
    assert "Min felt good" not in words(as_user(birth).get("/home/"))


def test_who_comes_later_was_not_chosen(world, as_user):
    make_feeling(world.mina, "good", share_with_home=True)
    later = make_user("later", "family")
    make_family(world.mina, "Nan", "Harcastle", user=later)
    assert "Min felt good" not in words(as_user(later).get("/home/"))


# ------------------------------------------------------------------------------------------ the database


@pytest.mark.parametrize(
    "wrong",
    [
        {"word": "furious"},
        {"not_safe": True},
        {"not_safe": True, "not_safe_at": "now", "share_with_home": True},
        {"taken_back_at": "now", "share_with_home": True},
    ],
)
def test_the_database_keeps_to_it(world, wrong):
    fields = {name: clock.now() if value == "now" else value for name, value in wrong.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        make_feeling(world.mina, fields.pop("word", "good"), **fields)
    make_feeling(world.mina, "good")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_feeling(world.mina, "tired")


def test_as_many_queries_for_two_weeks_as_for_a_day(world, as_user, mine, record):
    pages = ((mine, PAGE), (as_user(world.u_keyworker), record), (as_user(world.u_keyworker), "/today/"))
    pages += ((as_user(world.u_parent), "/home/"), (mine, MY_PAGE))
    make_feeling(world.mina, "worried", share_with_home=True)
    counts = []
    for client, path in pages:
        client.get(path)
        with CaptureQueriesContext(connection) as few:
            client.get(path)
        counts.append(len(few))
    for days in range(1, 14):
        make_feeling(world.mina, "worried", on=TODAY - days * A_DAY, share_with_home=True)
    for (client, path), few in zip(pages, counts, strict=True):
        with CaptureQueriesContext(connection) as many:
            client.get(path)
        assert len(many) == few, path
