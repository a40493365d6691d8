"""A parent's or carer's own pages: their words are theirs alone, and home reads what it may (domain 2.4)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import clock
from students.models import FamilyLink
from tests.access.stage import without_tokens
from tests.tsp.factories import make_goal, make_sheet
from tests.world import OTHER_SURNAME, TODAY, make_family, make_user
from tsp.models import Answer, Sheet, Tool


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def seen(page, name: str) -> str:
    return re.search(rf'name="base:{re.escape(name)}" value="([^"]+)"', page.content.decode()).group(1)


@pytest.fixture
def mum(world, as_user):
    return as_user(world.u_parent)


@pytest.fixture
def child(world):
    return f"/tsp/child/{world.mina.pk}/"


@pytest.fixture
def dad(world, as_user):
    """Another parent, in another household, who may follow the child as well."""
    user = make_user("dad", "family")
    link = make_family(world.mina, "Theo", "Harcastle", user=user, household="Quay Street", lives_with=False)
    client = as_user(user)
    client.link = link
    return client


def say(client, path: str, **typed):
    """Fill in and save, as a browser without script does."""
    page = client.get(path)
    names = {name for name in typed if name not in ("go", "sure")}
    return client.post(path, {**{f"base:{name}": seen(page, name) for name in names}, **typed})


# ------------------------------------------------------------------ your turn


def test_what_is_asked_stands_on_their_home(world, mum, child):
    page = words(mum.get("/home/"))
    assert "Tell us about Min at home" in page and "About 10 minutes." in page
    assert "What helps Min at home" not in page  # school has no map yet
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    page = words(mum.get("/home/"))
    assert "What helps Min at home" in page
    assert page.count("Start<span") <= 3
    assert f'href="{child}talk/"' in page and f'href="{child}home-view/"' in page


def test_what_was_begun_goes_on_and_what_was_said_is_not_asked_again(world, mum, child):
    say(mum, child + "talk/", **{"home-going-well": "Mornings."})
    assert "You have begun this." in words(mum.get("/home/"))
    say(mum, child + "talk/", aspirations="A job he likes.", go="send", sure="1")
    assert "Tell us about Min at home" not in words(mum.get("/home/"))


def test_in_a_holiday_nothing_new_is_asked(world, mum, child):
    with clock.frozen(TODAY.replace(month=12, day=28)):
        assert "Your turn" not in words(mum.get("/home/"))


# ------------------------------------------------------------------ the conversation sheet


def test_looking_begins_nothing_and_an_empty_form_neither(world, mum, child):
    assert "What is going well at home?" in words(mum.get(child + "talk/"))
    page = mum.get(child + "talk/")
    answer = mum.post(
        child + "talk/", {"base:home-going-well": seen(page, "home-going-well"), "go": "send", "sure": "1"}
    )
    assert answer.status_code == 422 and "Write something first." in words(answer)
    assert not Sheet.objects.exists()


def test_it_is_saved_as_they_type_and_found_again_on_another_phone(world, mum, as_user, child):
    page = mum.get(child + "talk/")
    told = mum.post(
        child + "talk/",
        {
            "autosave": "1",
            "base:home-worries": seen(page, "home-worries"),
            "home-worries": "Grandad is ill.",
        },
    ).json()
    assert told["saved"] == {"home-worries": 1}
    sheet = Sheet.objects.get()
    assert (sheet.tool, sheet.wording, sheet.member, sheet.author) == (
        Tool.PARENT,
        "parent",
        world.mina_mum.member,
        world.u_parent,
    )
    assert "Grandad is ill." in words(as_user(world.u_parent).get(child + "talk/"))


def test_before_it_goes_they_read_what_they_say(world, mum, child):
    page = words(say(mum, child + "talk/", **{"home-going-well": "Mornings.", "go": "send"}))
    assert "This is what you say" in page and "Mornings." in page and "Send to Keyworker" in page
    assert Sheet.objects.get().done_at is None
    assert (
        re.search(r'id="home-form".*?<button ([^>]*)>', words(mum.get(child + "talk/")))[1].count("name=")
        == 0
    )
    mum.post(child + "talk/", {"go": "send", "sure": "1"})
    assert Sheet.objects.get().done_at == clock.now()


def test_sent_it_is_done_and_can_be_put_right(world, mum, as_user, child):
    answer = say(mum, child + "talk/", **{"home-going-well": "Mornings.", "go": "send", "sure": "1"})
    assert answer.url == child
    sheet = Sheet.objects.get()
    assert sheet.done_at == clock.now()
    page = words(mum.get(f"{child}sheets/{sheet.pk}/"))
    assert "Mornings." in page and f'href="{child}talk/"' in page
    say(mum, child + "talk/", **{"home-going-well": "Mornings and evenings.", "go": "stop"})
    assert Answer.objects.get().value == "Mornings and evenings."
    assert Sheet.objects.count() == 1
    assert "Mornings and evenings." in words(as_user(world.u_keyworker).get(f"/tsp/sheets/{sheet.pk}/"))


def test_the_other_parent_never_sees_it_and_has_one_of_their_own(world, mum, dad, child):
    say(mum, child + "talk/", **{"home-worries": "Said by mum.", "go": "send", "sure": "1"})
    sheet = Sheet.objects.get()
    for path in ("", "talk/", "talk/ticks/"):
        assert "Said by mum." not in words(dad.get(child + path))
        assert f"sheets/{sheet.pk}/" not in words(dad.get(child + path))
    assert dad.get(f"{child}sheets/{sheet.pk}/").status_code == 404
    assert "Tell us about Min at home" in words(dad.get(f"/home/{world.mina.pk}/"))
    say(dad, child + "talk/", **{"home-worries": "Said by dad."})
    assert {one.member for one in Sheet.objects.all()} == {world.mina_mum.member, dad.link.member}
    assert "Said by dad." not in words(mum.get(child + "talk/"))


def test_someone_of_the_same_household_does_not_see_it_either(world, mum, as_user, child):
    partner = make_user("partner", "family")
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(household="Mill Lane")
    make_family(world.mina, "Sam", "Harcastle", user=partner, household="Mill Lane")
    say(mum, child + "talk/", **{"home-worries": "Said by mum.", "go": "send", "sure": "1"})
    sheet = Sheet.objects.get()
    assert "Said by mum." not in words(as_user(partner).get(child + "talk/"))
    assert as_user(partner).get(f"{child}sheets/{sheet.pk}/").status_code == 404


def test_what_the_keyworker_wrote_down_is_read_when_it_is_done(world, mum, dad, child):
    sheet = make_sheet(
        world.mina,
        world.u_keyworker,
        Tool.PARENT,
        member=world.mina_mum.member,
        done=False,
        answers={"agreed-actions": [{"what": "Ring on Friday", "who": "Keyworker", "by": ""}]},
    )
    assert "is writing down what you said" in words(mum.get(child + "talk/"))
    assert mum.get(f"{child}sheets/{sheet.pk}/").status_code == 404
    say_nothing = mum.post(child + "talk/", {"base:home-worries": "0.", "home-worries": "Mine"})
    assert say_nothing.status_code == 200 and Answer.objects.count() == 1
    Sheet.objects.filter(pk=sheet.pk).update(done_at=clock.now(), done_by=world.u_keyworker)
    assert "Ring on Friday" in words(mum.get(f"{child}sheets/{sheet.pk}/"))
    assert dad.get(f"{child}sheets/{sheet.pk}/").status_code == 404


def test_they_may_rather_not_and_change_their_mind(world, mum, child):
    assert "We will not ask again this term" in words(mum.get(child + "talk/rather-not/"))
    mum.post(child + "talk/rather-not/", {"words": "We talk enough."})
    sheet = Sheet.objects.get()
    assert (sheet.declined_words, sheet.member) == ("We talk enough.", world.mina_mum.member)
    assert "Tell us about Min at home" not in words(mum.get("/home/"))
    say(mum, child + "talk/", **{"home-going-well": "After all.", "go": "send", "sure": "1"})
    assert Sheet.objects.filter(done_at__isnull=False).count() == 1


def test_statements_are_ticked_in_a_parents_words(world, mum, as_user, child):
    path = child + "talk/ticks/"
    page = mum.get(path)
    names = re.findall(r'name="base:(statement:[^"]+)"', page.content.decode())
    assert len(names) == 54
    say(mum, path, **{names[0]: "yes", names[1]: "not-sure", "go": "back"})
    assert dict(Answer.objects.values_list("field", "value")) == {names[0]: "yes", names[1]: "not-sure"}
    assert "2 answers" in words(mum.get(path)) or "Two answers" in words(mum.get(path))


# ------------------------------------------------------------------ the home view


def test_the_home_view_stands_beside_the_schools_map(world, mum, dad, as_user, child):
    school = make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    page = words(mum.get(child + "home-view/"))
    assert "When they are calm" in page and "What you see" in page
    assert f"sheets/{school.pk}/" in page
    say(mum, child + "home-view/", triggers="Shopping", go="send", sure="1")
    view = Sheet.objects.get(wording="parent")
    assert (view.tool, view.author, view.member) == (Tool.REGULATION, world.u_parent, None)
    assert "Shopping" in words(mum.get(f"{child}sheets/{view.pk}/"))
    assert dad.get(f"{child}sheets/{view.pk}/").status_code == 404
    assert dad.get(f"{child}sheets/{school.pk}/").status_code == 200
    assert "Shopping" not in words(dad.get(child + "home-view/"))
    assert "Shopping" in words(as_user(world.u_keyworker).get(f"/tsp/sheets/{view.pk}/"))
    assert "Shopping" not in words(as_user(world.u_student).get("/tsp/mine/"))


# ------------------------------------------------------------------ what home reads


def test_home_reads_goals_what_helps_and_what_was_shown(world, mum, child):
    make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    make_goal(world.mina, world.u_keyworker, student_words="Not agreed yet.")
    strengths = make_sheet(world.mina, world.u_keyworker, Tool.STRENGTHS)
    shown = make_sheet(world.mina, world.u_student, Tool.VOICE, share_with_home=True)
    kept = make_sheet(world.mina, world.u_student, Tool.CIRCLE, share_with_home=False)
    unasked = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff")
    staff = make_sheet(world.mina, world.u_keyworker, Tool.OBSERVATION)
    page = words(mum.get(child))
    assert "“I show my card before I go.”" in page and "Not agreed yet." not in page
    for sheet in (strengths, shown):
        assert f"{child}sheets/{sheet.pk}/" in page
    for sheet in (kept, unasked, staff):
        assert f"{child}sheets/{sheet.pk}/" not in page
        assert mum.get(f"{child}sheets/{sheet.pk}/").status_code == 404
    assert "drawing" in words(mum.get(f"{child}sheets/{strengths.pk}/"))
    assert "chose to show you this" in words(mum.get(f"{child}sheets/{shown.pk}/"))


def test_what_is_shown_can_be_taken_back(world, mum, child):
    sheet = make_sheet(world.mina, world.u_student, Tool.VOICE, share_with_home=True)
    assert mum.get(f"{child}sheets/{sheet.pk}/").status_code == 200
    Sheet.objects.filter(pk=sheet.pk).update(share_with_home=False, shared_with=[])
    assert mum.get(f"{child}sheets/{sheet.pk}/").status_code == 404


def test_a_shared_circle_map_is_drawn_with_a_table_behind(world, mum, child):
    people = [{"who": "Ana", "circle": "friends", "where": "club", "how-it-feels": "good"}]
    sheet = make_sheet(
        world.mina, world.u_student, Tool.CIRCLE, share_with_home=True, answers={"people": people}
    )
    page = words(mum.get(f"{child}sheets/{sheet.pk}/"))
    assert (
        "<title>Ana, friends, club, good</title>" in page
        and "<table" in page
        and "<input" not in page.split("<main")[1].split("</main")[0]
    )


def test_no_jargon_no_scores_and_no_red(world, mum, child):
    make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    for path in ("", "talk/", "home-view/", "talk/ticks/"):
        page = without_tokens(mum.get(child + path).content).decode().split("<main", 1)[1]
        for word in ("TSP", "EHC", "baseline", "GAS", "overdue", "T-score", "soft tool", "is-overdue"):
            assert word not in page, (path, word)


# ------------------------------------------------------------------ whose child it is


PATHS = ("", "talk/", "talk/rather-not/", "talk/ticks/", "home-view/")


@pytest.mark.parametrize("who", ["parent_other", "parent_restricted", "parent_former"])
def test_another_child_a_restriction_and_a_link_that_ended_are_404(world, as_user, child, who):
    member = world.users[who].family_member
    theirs = make_sheet(world.mina, world.users[who], Tool.PARENT, member=member, wording="parent")
    client = as_user(world.users[who])
    for path in (*PATHS, f"sheets/{theirs.pk}/"):
        assert client.get(child + path).status_code == 404
    assert client.post(child + "talk/", {"base:home-worries": "0.", "home-worries": "In"}).status_code == 404
    assert client.post(child + "home-view/", {"base:triggers": "0.", "triggers": "In"}).status_code == 404
    assert Sheet.objects.count() == 1 and not Answer.objects.filter(value="In").exists()


@pytest.mark.parametrize("who", ["keyworker", "head", "dsl", "student"])
def test_nobody_else_has_these_pages(world, as_user, child, who):
    for path in PATHS:
        assert as_user(world.users[who]).get(child + path).status_code == 403


def test_a_member_of_staff_reads_of_their_own_child_as_any_parent_does(world, as_user, child):
    talk = make_sheet(world.mina, world.u_keyworker, Tool.PARENT, member=world.mina_mum.member)
    circle = make_sheet(world.mina, world.u_student, Tool.CIRCLE)
    aunt = as_user(world.u_staff_parent)
    assert aunt.get(child).status_code == 200
    for sheet in (talk, circle):
        assert aunt.get(f"{child}sheets/{sheet.pk}/").status_code == 404


def test_nothing_of_another_child_is_reached_through_ones_own(world, mum, child):
    theirs = make_sheet(world.otto, world.u_student_other, Tool.VOICE, share_with_home=True)
    assert mum.get(f"{child}sheets/{theirs.pk}/").status_code == 404
    assert OTHER_SURNAME not in words(mum.get(child))


def test_as_many_queries_for_ten_sheets_as_for_one(world, mum, child):
    def one_more(term: str) -> None:
        make_sheet(world.mina, world.u_student, Tool.VOICE, share_with_home=True, term=term)
        make_sheet(world.mina, world.u_keyworker, Tool.REGULATION, term=term)
        make_sheet(world.mina, world.u_keyworker, Tool.PARENT, member=world.mina_mum.member, term=term)
        make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)

    paths = (child, "/home/")
    one_more("2025-26-autumn")
    mum.get(child)
    counts = []
    for path in paths:
        with CaptureQueriesContext(connection) as few:
            mum.get(path)
        counts.append(len(few))
    for n in range(9):
        one_more(f"20{10 + n}-{11 + n}-autumn")
    for path, few in zip(paths, counts, strict=True):
        with CaptureQueriesContext(connection) as many:
            mum.get(path)
        assert len(many) == few <= 32
