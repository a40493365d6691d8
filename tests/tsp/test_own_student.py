"""A student's own sheets: asked at most three things, one question a screen, and nobody else's pages."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from keywork import clock
from keywork.saving import base
from safety.models import Worry
from tests.tsp.factories import make_goal, make_sheet
from tests.world import TODAY, make_family, make_user
from tsp.models import Answer, Attachment, Feeling, Sheet, Tool

MINE = "/tsp/mine/"
VOICE = MINE + "start/student-voice/"


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def seen(page, name: str) -> str:
    return re.search(rf'name="base:{re.escape(name)}" value="([^"]+)"', page.content.decode()).group(1)


@pytest.fixture
def me(world, as_user):
    return as_user(world.u_student)


@pytest.fixture
def voice(world):
    """Begun by Min, with nothing in it."""
    return make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={})


def question(sheet, slug: str) -> str:
    return f"{MINE}{sheet.pk}/question/{slug}/"


# ------------------------------------------------------------------ my turn


def test_at_most_three_things_are_asked(world, me):
    page = words(me.get("/my-page/"))
    assert "What goes well for me, and what is hard" in page and "People around me" in page
    assert page.count('class="btn btn-secondary" href="/tsp/mine/start/') == 3


def test_what_an_adult_wrote_comes_first_and_what_was_begun_next(world, me, voice):
    written = make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    page = words(me.get("/my-page/"))
    turns = re.findall(r'<strong>([^<]+)</strong>\s*<span class="kw-when">([^<]+)</span>', page)
    assert turns[0] == ("Is this right? My regulation map", "Keyworker wrote it down for you.")
    assert turns[1] == ("What goes well for me, and what is hard", "You have begun this.")
    assert len(turns) == 3 and f'href="{MINE}{written.pk}/"' in page


@pytest.mark.parametrize("is_begun", [True, False])
def test_unchecked_sheets_do_not_crowd_out_my_own_voice(world, me, is_begun):
    for tool in (Tool.STRENGTHS, Tool.REGULATION, Tool.CIRCLE):
        make_sheet(world.mina, world.u_keyworker, tool, wording="staff")
    if is_begun:
        make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={})
    page = words(me.get("/my-page/"))
    turns = re.findall(r'<strong>([^<]+)</strong>\s*<span class="kw-when">', page)
    assert len(turns) == 3 and turns[1] == "What goes well for me, and what is hard"
    assert [turn.startswith("Is this right?") for turn in turns] == [True, False, True]


def test_what_was_said_this_term_is_not_asked_again(world, me):
    make_sheet(world.mina, world.u_student, Tool.VOICE)
    make_sheet(world.mina, world.u_student, Tool.STRENGTHS, term="2025-26-summer", wording="student")
    page = words(me.get("/my-page/"))
    assert "What goes well for me" not in page
    assert "What I am good at and what I like" in page  # last year's is a year old


def test_a_refusal_is_not_asked_again_this_term(world, me):
    me.post(VOICE + "rather-not/", {"words": "Not today"})
    sheet = Sheet.objects.get()
    assert (sheet.declined_words, sheet.wording, sheet.declined_noted_by) == (
        "Not today",
        "student",
        world.u_student,
    )
    page = words(me.get("/my-page/"))
    assert "That is OK. You can change your mind any time." in page
    assert "What goes well for me" not in page
    assert "I would rather not" in words(me.get(MINE))


def test_in_a_holiday_nothing_new_is_asked(world, me, voice):
    with clock.frozen(TODAY.replace(month=12, day=28)):
        page = words(me.get("/my-page/"))
    assert "You have begun this." in page and "People around me" not in page


def test_my_goals_stand_there_in_my_words(world, me):
    make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    make_goal(world.mina, world.u_keyworker, student_words="Not agreed yet.")
    make_goal(world.otto, world.u_keyworker_other, checker=world.u_senco, student_words="Otto’s own goal.")
    for path in ("/my-page/", MINE):
        page = words(me.get(path))
        assert "“I show my card before I go.”" in page and "I am here: " in page
        assert "Not agreed yet." not in page and "Otto’s own goal." not in page
        assert not re.search(r"[+−]\d", page)  # never a score without words


# ------------------------------------------------------------------ one question at a time


def test_starting_leads_to_the_first_question_and_coming_back_to_the_first_open_one(world, me):
    assert "You can skip any question." in words(me.get(VOICE))
    assert not Sheet.objects.exists()  # looking begins nothing
    first = me.post(VOICE)
    sheet = Sheet.objects.get()
    assert first.url == question(sheet, "going-well") and sheet.wording == "student"
    Answer.objects.create(sheet=sheet, field="going-well", value="Art", by=world.u_student, at=clock.now())
    assert "Go on" in words(me.get(VOICE))
    assert me.post(VOICE).url == question(sheet, "find-hard")
    assert Sheet.objects.count() == 1


def test_every_question_of_every_sheet_opens(world, me):
    for tool in ("student-voice", "strengths-interests", "social-circle-map", "regulation-map"):
        path = me.post(f"{MINE}start/{tool}/").url
        screens = 0
        while "/question/" in path:
            page = me.get(path)
            assert page.status_code == 200
            heading = re.search(r'<h1 id="question">([^<]+)</h1>', page.content.decode()).group(1)
            assert heading and 'data-read="step"' in page.content.decode()
            slug = re.search(r'name="base:([^"]+)"', page.content.decode()).group(1)
            path = me.post(path, {f"base:{slug}": seen(page, slug), "go": "next"}).url
            screens += 1
        assert screens >= 3 and path.endswith("/end/")
    assert not Answer.objects.exists()  # every one was skipped


def test_what_is_the_schools_to_answer_is_not_asked(world, me):
    sheet = make_sheet(world.mina, world.u_student, Tool.STRENGTHS, wording="student", done=False, answers={})
    assert me.get(question(sheet, "use-in-plan")).status_code == 404
    voice = make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={})
    assert "keyworker observed" not in words(me.get(question(voice, "how-i-gave-views"))).lower()


def test_without_script_it_is_saved_with_next_and_stop(world, me, voice):
    page = me.get(question(voice, "going-well"))
    typed = {"base:going-well": seen(page, "going-well"), "going-well": "Art, and the garden."}
    assert me.post(question(voice, "going-well"), typed | {"go": "next"}).url == question(voice, "find-hard")
    assert Answer.objects.get().value == "Art, and the garden."
    page = me.get(question(voice, "find-hard"))
    typed = {"base:find-hard": seen(page, "find-hard"), "find-hard": "Maths"}
    assert me.post(question(voice, "find-hard"), typed | {"go": "stop"}).url == "/my-page/"
    assert Answer.objects.count() == 2
    assert "Saved. It waits for you here." in words(me.get("/my-page/"))


def test_with_script_it_is_saved_as_they_go(world, me, voice):
    page = me.get(question(voice, "feel-safe"))
    told = me.post(
        question(voice, "feel-safe"),
        {"autosave": "1", "base:feel-safe": seen(page, "feel-safe"), "feel-safe": "1"},
    ).json()
    assert told["saved"] == {"feel-safe": 1}
    assert Answer.objects.get().value == 1
    page = words(me.get(question(voice, "feel-safe")))
    assert page.count('type="radio"') == 6 and "A little" in page and page.count("<svg") >= 6
    assert 'value="1" checked' in page


def test_what_somebody_else_wrote_meanwhile_is_shown_beside(world, me):
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff", done=False, answers={})
    page = me.get(question(sheet, "going-well"))
    Answer.objects.create(
        sheet=sheet, field="going-well", value="Ros wrote this", by=world.u_keyworker, at=clock.now()
    )
    typed = {"base:going-well": seen(page, "going-well"), "going-well": "Min wrote this", "go": "next"}
    answer = me.post(question(sheet, "going-well"), typed)
    assert answer.status_code == 409
    assert "Ros wrote this" in words(answer) and "Min wrote this" in words(answer)
    assert Answer.objects.get().value == "Ros wrote this"


def test_a_stage_of_the_map_keeps_the_other_stages(world, me):
    sheet = make_sheet(
        world.mina, world.u_student, Tool.REGULATION, wording="student", done=False, answers={}
    )
    path = question(sheet, "stages-calm")
    page = me.get(path)
    text = page.content.decode()
    assert "When I am calm" in text and "What I feel" in text
    assert len(re.findall(r'<textarea name="stages" hidden>', text)) == 20
    cells = ["Humming", "Fine", "Draw", "Sit near", "Questions", *[""] * 20]
    me.post(path, {"base:stages": seen(page, "stages"), "stages": cells, "go": "next"})
    path = question(sheet, "stages-early-signs")
    page = me.get(path)
    cells[5] = "Hood up"
    me.post(path, {"base:stages": seen(page, "stages"), "stages": cells, "go": "next"})
    stages = Answer.objects.get().value
    assert (stages[0]["what-i-can-do"], stages[1]["what-you-might-see"]) == ("Draw", "Hood up")
    assert "I said something" in words(me.get(f"{MINE}{sheet.pk}/end/"))


def test_people_are_put_on_the_circles_without_script(world, me):
    sheet = make_sheet(world.mina, world.u_student, Tool.CIRCLE, done=False, answers={})
    page = me.get(question(sheet, "people"))
    typed = {"base:people": seen(page, "people"), "people": ["Ana", "friends", "", "good", "", "Bo"]}
    assert me.post(question(sheet, "people"), typed | {"more": "people"}).url == question(sheet, "people")
    page = words(me.get(question(sheet, "people")))
    assert "<title>Ana, friends, good</title>" in page and page.count('data-circle-part="who"') == 4


# ------------------------------------------------------------------ the end


def test_home_is_asked_about_each_time_and_no_answer_is_taken_for_one(world, me, voice):
    Answer.objects.create(sheet=voice, field="going-well", value="Art", by=world.u_student, at=clock.now())
    end = f"{MINE}{voice.pk}/end/"
    refused = me.post(end)
    assert refused.status_code == 422 and "Choose who may see it, or nobody" in words(refused)
    voice.refresh_from_db()
    assert voice.done_at is None and voice.share_with_home is None
    assert me.post(end, {"share-asked": "1"}).url == "/my-page/"
    voice.refresh_from_db()
    assert voice.done_at == clock.now() and voice.share_with_home is False


def test_an_empty_sheet_is_not_done(world, me, voice):
    answer = me.post(f"{MINE}{voice.pk}/end/", {"share-asked": "1"})
    assert answer.status_code == 422 and "Nothing is here yet." in words(answer)
    voice.refresh_from_db()
    assert voice.done_at is None and voice.share_with_home is None


def test_what_is_no_ones_to_share_is_not_asked_about(world, me):
    sheet = make_sheet(world.mina, world.u_student, Tool.STRENGTHS, wording="student", done=False)
    assert "Who at home may see this?" not in words(me.get(f"{MINE}{sheet.pk}/end/"))
    assert me.post(f"{MINE}{sheet.pk}/end/").status_code == 302


def test_sharing_by_name_can_be_changed_later(world, me, as_user):
    sheet = make_sheet(world.mina, world.u_student, Tool.VOICE, share_with_home=False)
    assert "Who at home can see this?" in words(me.get(f"{MINE}{sheet.pk}/"))
    dad = make_user("dad", "family")
    make_family(world.mina, "Theo", "Harcastle", user=dad, relationship="dad", household="Quay Street")
    read = f"/tsp/child/{world.mina.pk}/sheets/{sheet.pk}/"
    for chosen, codes in (([world.mina_mum.member_id], (200, 404)), ([], (404, 404))):
        saved = me.post(f"{MINE}{sheet.pk}/share/", {"share-asked": "1", "share": chosen})
        assert saved.status_code == 302
        assert tuple(as_user(one).get(read).status_code for one in (world.u_parent, dad)) == codes, chosen
    sheet.refresh_from_db()
    assert sheet.share_with_home is False and sheet.shared_with == []
    assert me.post(f"{MINE}{sheet.pk}/share/", {"share": "perhaps"}).status_code == 422


def test_statements_are_ticked_in_my_words_area_by_area(world, me, voice):
    assert "Friends and people I trust" in words(me.get(f"{MINE}{voice.pk}/tick/"))
    path = f"{MINE}{voice.pk}/tick/relationships/"
    page = me.get(path)
    name = re.search(r'name="base:(statement:[^"]+)"', page.content.decode()).group(1)
    assert page.content.decode().count("<fieldset") == 6
    answer = me.post(path, {f"base:{name}": seen(page, name), name: "sometimes", "go": "next"})
    assert answer.url.endswith("/tick/social-understanding/")
    assert Answer.objects.get(field=name).value == "sometimes"
    assert me.get(f"{MINE}{voice.pk}/tick/no-such-area/").status_code == 404
    circle = make_sheet(world.mina, world.u_student, Tool.CIRCLE, done=False)
    assert me.get(f"{MINE}{circle.pk}/tick/").status_code == 404


# ------------------------------------------------------------------ is this right?


def test_what_the_keyworker_wrote_is_right(world, me):
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff")
    page = words(me.get(f"{MINE}{sheet.pk}/"))
    assert "Is this right?" in page and "Keyworker wrote it down." in page
    me.post(f"{MINE}{sheet.pk}/check/", {"right": "yes"})
    sheet.refresh_from_db()
    assert sheet.checked_at == clock.now()
    page = words(me.get(f"{MINE}{sheet.pk}/"))
    assert "I said it is right" in page and "Is this right?" not in page


def test_or_it_is_not_in_their_words_until_it_was_changed(world, me, as_user):
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff")
    check = f"{MINE}{sheet.pk}/check/"
    assert me.post(check, {"right": "no", "words": "  "}).status_code == 422
    me.post(check, {"right": "no", "words": "I do not like the garden."})
    sheet.refresh_from_db()
    assert sheet.checked_at is None
    assert "I do not like the garden." in words(me.get(f"{MINE}{sheet.pk}/"))
    assert "Is this right?" not in words(me.get("/my-page/"))
    with clock.frozen(clock.now() + timedelta(hours=1)):
        Answer.objects.filter(field="going-well").update(value="Art", at=clock.now())
        assert "Is this right?" in words(me.get("/my-page/"))


def test_nobody_checks_their_own_words(world, me):
    sheet = make_sheet(world.mina, world.u_student, Tool.VOICE)
    assert "Is this right?" not in words(me.get(f"{MINE}{sheet.pk}/"))
    assert me.post(f"{MINE}{sheet.pk}/check/", {"right": "yes"}).status_code == 404


# ------------------------------------------------------------------ a drawing in place of words


@pytest.fixture
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(name: str = "drawing.png"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "PNG")
    out.seek(0)
    out.name = name
    return out


@pytest.mark.usefixtures("_files")
def test_a_drawing_stands_with_its_question_and_can_be_taken_off(world, me, voice):
    path = question(voice, "going-well")
    assert me.post(path + "attach/", {"picture": picture()}).url == path
    drawing = Attachment.objects.get()
    assert (drawing.field, drawing.kind, drawing.added_by) == ("going-well", "picture", world.u_student)
    assert f'src="{MINE}attachments/{drawing.pk}/"' in words(me.get(path))
    assert f"attachments/{drawing.pk}/" not in words(me.get(question(voice, "find-hard")))
    assert me.get(f"{MINE}attachments/{drawing.pk}/").status_code == 200
    assert me.post(f"{MINE}files/{drawing.pk}/take-off/", {"step": "going-well"}).url == path
    assert me.get(f"{MINE}attachments/{drawing.pk}/").status_code == 404


@pytest.mark.usefixtures("_files")
def test_a_drawing_alone_is_an_answer(world, me, voice):
    me.post(question(voice, "going-well") + "attach/", {"picture": picture()})
    assert me.post(f"{MINE}{voice.pk}/end/", {"share-asked": "1"}).status_code == 302


def test_nothing_chosen_and_nothing_real_are_refused_in_words(world, me, voice):
    path = question(voice, "going-well") + "attach/"
    assert "Choose a picture or a recording first" in words(me.post(path))
    fake = io.BytesIO(b"<svg onload=alert(1)>")
    fake.name = "drawing.png"
    refused = me.post(path, {"picture": fake})
    assert refused.status_code == 422 and "neither a picture" in words(refused)
    assert not Attachment.objects.exists()


# ------------------------------------------------------------------ whose pages they are


def test_other_students_staff_and_parents_stay_out(world, as_user, voice):
    done = make_sheet(world.mina, world.u_student, Tool.CIRCLE, share_with_home=True)
    paths = (question(voice, "going-well"), f"{MINE}{voice.pk}/end/", f"{MINE}{done.pk}/")
    for path in paths:
        assert as_user(world.u_student_other).get(path).status_code == 404
        for who in ("keyworker", "head", "dsl", "parent", "staff_parent"):
            assert as_user(world.users[who]).get(path).status_code == 403
    assert (
        as_user(world.u_student_other).post(question(voice, "going-well"), {"go": "next"}).status_code == 404
    )


def test_the_sheets_of_home_and_of_staff_are_not_the_students(world, me):
    talk = make_sheet(world.mina, world.u_keyworker, Tool.PARENT, member=world.mina_mum.member)
    note = make_sheet(world.mina, world.u_keyworker, Tool.OBSERVATION)
    view = make_sheet(world.mina, world.u_parent, Tool.REGULATION, wording="parent")
    for sheet in (talk, note, view):
        assert me.get(f"{MINE}{sheet.pk}/").status_code == 404
        assert me.get(f"{MINE}{sheet.pk}/end/").status_code == 404
    assert f"{MINE}{view.pk}/" not in words(me.get(MINE))


def test_a_tool_that_is_not_theirs_is_no_page(world, me):
    for tool in ("parent-conversation", "team-input", "nothing"):
        assert me.get(f"{MINE}start/{tool}/").status_code == 404
        assert me.post(f"{MINE}start/{tool}/").status_code == 404
        assert me.post(f"{MINE}start/{tool}/rather-not/").status_code == 404
    assert not Sheet.objects.exists()


def test_as_many_queries_for_ten_sheets_as_for_one(world, me):
    def one_more(n: int) -> None:
        make_sheet(
            world.mina, world.u_keyworker, Tool.VOICE, wording="staff", term=f"20{n:02}-{n + 1:02}-autumn"
        )
        make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)

    one_more(10)
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    me.get(MINE)
    counts = []
    for path in (MINE, "/my-page/"):
        with CaptureQueriesContext(connection) as few:
            me.get(path)
        counts.append(len(few))
    for n in range(11, 20):
        one_more(n)
    for path, few in zip((MINE, "/my-page/"), counts, strict=True):
        with CaptureQueriesContext(connection) as many:
            me.get(path)
        assert len(many) == few <= 28


def test_an_account_of_no_student_finds_no_sheets(world, as_user):
    from tests.world import make_user

    assert as_user(make_user("unlinked", "student")).get(MINE).status_code == 404


def test_the_base_of_an_unwritten_answer_is_version_nought(world, me, voice):
    assert seen(me.get(question(voice, "going-well")), "going-well") == base(0, ())


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("go", ["next", "stop", "back"])
def test_a_drawing_chosen_is_kept_whichever_button_is_pressed(world, me, voice, go):
    answer = me.post(
        question(voice, "find-hard"),
        {"base:find-hard": "0", "find-hard": "Noise", "go": go, "picture": picture()},
    )
    assert answer.status_code == 302
    assert [one.field for one in voice.attachments.all()] == ["find-hard"]
    assert voice.answers.get(field="find-hard").value == "Noise"


@pytest.mark.usefixtures("_files")
def test_a_file_that_is_none_is_told_and_the_words_stay(world, me, voice):
    fake = io.BytesIO(b"<svg onload=alert(1)>")
    fake.name = "drawing.png"
    answer = me.post(
        question(voice, "going-well"),
        {"base:going-well": "0", "going-well": "Art", "go": "next", "picture": fake},
    )
    assert answer.status_code == 422 and 'id="file-error"' in words(answer) and "Art" in words(answer)
    assert voice.answers.get().value == "Art"


def test_the_end_shows_what_i_say_and_enter_hands_nothing_in(world, me, voice):
    Answer.objects.create(
        sheet=voice, field="going-well", value="Art & ducks", by=world.u_student, at=clock.now()
    )
    end = f"{MINE}{voice.pk}/end/"
    page = words(me.get(end))
    assert "This is what I say" in page and "Art &amp; ducks" in page
    first = re.search(rf'action="{end}".*?<button [^>]*name="(\w+)"', page)
    assert first[1] == "check"  # the button that Enter presses
    me.post(end, {"check": "1", "share-asked": "1"})
    voice.refresh_from_db()
    assert voice.done_at is None
    me.post(end, {"share-asked": "1"})
    voice.refresh_from_db()
    assert voice.done_at == clock.now()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/tsp/mine/feeling/", {"word": "good", "words": "Ducks", "not_safe": "on"}),
        ("/my-page/not-safe/", {"words": "Ducks"}),
    ],
)
def test_enter_says_nothing_and_what_was_typed_stays(world, me, path, data):
    answer = me.post(path, {**data, "check": "1"})
    assert answer.status_code == 200 and "Ducks" in words(answer)
    assert re.search(rf'action="{path}".*?<button [^>]*name="(\w+)"', words(answer))[1] == "check"
    assert not Feeling.objects.exists() and not Worry.objects.exists()
