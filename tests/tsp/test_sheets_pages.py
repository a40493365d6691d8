"""Soft tools on their pages: begun, saved by two at once, finished, declined, crossed out, and put right."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock, saving
from questionnaires.fields import canonical
from students.models import FamilyLink
from tests.tsp.factories import make_ask, make_restorative, make_sheet
from tests.world import OTHER_SURNAME, assign
from tsp.models import Answer, Sheet, Tool


def url(name, *args):
    return reverse(f"tsp:{name}", args=args)


def base(version=0, value=""):
    return saving.base(version, canonical(value))


def form_of(html: str) -> dict[str, list[str]]:
    """Every input of the sheet's form as a browser would post it untouched."""
    form = html[html.index('id="sheet"') : html.index("</form>", html.index('id="sheet"'))]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]+>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if "name" in told and told["name"] not in ("csrfmiddlewaretoken", "form_key"):
            found.setdefault(told["name"], []).append(told.get("value", ""))
    for tag in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        found.setdefault(tag[0], []).append(tag[1])
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    return found


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


def begin(world, client, tool) -> Sheet:
    answer = client.post(url("sheet_start", world.mina.pk, tool))
    sheet = Sheet.objects.get(student=world.mina, tool=tool, done_at=None, declined_at=None)
    assert answer["Location"] == url("sheet_fill", sheet.pk)
    return sheet


# ---------------------------------------------------------------------------------- begin and fill


def test_a_voice_sheet_from_the_first_word_to_home(world, keyworker):
    sheet = begin(world, keyworker, Tool.VOICE)
    assert (sheet.author, sheet.wording, sheet.term) == (world.u_keyworker, "staff", "2026-27-autumn")
    page = keyworker.get(url("sheet_fill", sheet.pk)).content.decode()
    data = form_of(page)
    data |= {"going-well": ["Art.\r\nThe garden."], "feel-safe": ["3"], "statement:emo-recover": ["yes"]}
    answer = keyworker.post(url("sheet_fill", sheet.pk), {**data, "finish": "1"})
    assert answer.status_code == 422
    assert "Say who at home may see this, or nobody" in answer.content.decode()
    answer = keyworker.post(url("sheet_fill", sheet.pk), {**data, "finish": "1", "share": "nobody"})
    assert answer["Location"] == url("sheet", sheet.pk)
    sheet.refresh_from_db()
    assert sheet.done_by == world.u_keyworker and sheet.share_with_home is False
    assert dict(sheet.answers.values_list("field", "value")) == {
        "going-well": "Art.\nThe garden.",
        "feel-safe": 3,
        "statement:emo-recover": "yes",
    }
    read = keyworker.get(url("sheet", sheet.pk)).content.decode()
    assert "Art.<br>The garden." in read and "Mostly" in read and "One statement ticked" in read
    assert "said no" in read and "Think about whether" not in read


def test_there_is_one_open_sheet_at_a_time(world, keyworker):
    first = begin(world, keyworker, Tool.REGULATION)
    again = keyworker.post(url("sheet_start", world.mina.pk, Tool.REGULATION))
    assert again["Location"] == url("sheet_fill", first.pk)
    assert Sheet.objects.filter(tool=Tool.REGULATION).count() == 1


def test_what_a_student_begins_alone_is_not_opened(world, keyworker):
    alone = make_sheet(
        world.mina, world.u_student, Tool.VOICE, done=False, answers={"going-well": "Only mine so far"}
    )
    answer = keyworker.post(url("sheet_start", world.mina.pk, Tool.VOICE), follow=True)
    assert answer.redirect_chain[-1][0] == url("sheet", alone.pk)
    assert "This is begun" in answer.content.decode()
    assert "Only mine so far" not in answer.content.decode()
    assert keyworker.get(url("sheet_fill", alone.pk)).status_code == 409
    shut = keyworker.post(
        url("sheet_fill", alone.pk), {"base:going-well": base(), "going-well": "Mine now", "autosave": "1"}
    )
    assert shut.status_code == 409 and Answer.objects.get().value == "Only mine so far"


def test_tables_tags_and_minutes_of_the_regulation_map(world, keyworker):
    sheet = begin(world, keyworker, Tool.REGULATION)
    data = form_of(keyworker.get(url("sheet_fill", sheet.pk)).content.decode())
    assert len(data["stages"]) == 25
    data["stages"] = ["", "", "", "", "", "Taps the desk", "Fizzy", "", "Offer a walk", "Asking why"]
    data |= {"triggers": ["the bell\n\nqueues\nthe bell"], "recovery-time": ["twenty"]}
    answer = keyworker.post(url("sheet_fill", sheet.pk), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Write whole minutes, like 20" in html and 'value="twenty"' in html and "Taps the desk" in html
    data = form_of(html)
    data["recovery-time"] = ["20"]
    assert keyworker.post(url("sheet_fill", sheet.pk), data).status_code == 302
    values = dict(sheet.answers.values_list("field", "value"))
    assert values["triggers"] == ["the bell", "queues"] and values["recovery-time"] == 20
    assert [row["stage"] for row in values["stages"]] == [
        "calm", "early_signs", "struggling", "crisis", "recovery",
    ]  # fmt: skip
    assert values["stages"][1]["what-others-should-do"] == "Offer a walk"
    assert values["stages"][0]["what-i-feel"] == ""


def test_saved_as_typed(world, keyworker):
    sheet = begin(world, keyworker, Tool.VOICE)
    answer = keyworker.post(
        url("sheet_fill", sheet.pk),
        {"autosave": "1", "base:feel-safe": base(), "feel-safe": "1"},
    )
    told = json.loads(answer.content)
    assert answer.status_code == 200 and told["saved"] == {"feel-safe": 1}
    # The prompt names the safeguarding lead, on the keyworker's screen; nobody is written to.
    assert "Dsl (safeguarding lead) is told at once" in told["parts"]["low-answer"]
    bad = keyworker.post(
        url("sheet_fill", sheet.pk),
        {"autosave": "1", "base:feel-safe": told["bases"]["feel-safe"], "feel-safe": "7"},
    )
    assert bad.status_code == 422 and json.loads(bad.content)["errors"] == {
        "feel-safe": "Choose one of the answers"
    }
    assert Answer.objects.get().value == 1


def test_two_editors_and_nothing_is_lost(world, keyworker, as_user):
    sheet = begin(world, keyworker, Tool.STRENGTHS)
    deputy = as_user(world.u_deputy)
    place = url("sheet_fill", sheet.pk)
    keyworkers = form_of(keyworker.get(place).content.decode())
    deputys = form_of(deputy.get(place).content.decode())
    keyworkers |= {"best-way-to-work": ["Tell me first."], "strengths": ["drawing"]}
    deputys |= {"best-way-to-work": ["Give me time."], "interests": ["trains"]}
    assert keyworker.post(place, keyworkers).status_code == 302
    answer = deputy.post(place, deputys)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Keyworker changed this while you were writing" in html
    assert "Tell me first." in html and "Give me time." in html
    values = dict(sheet.answers.values_list("field", "value"))
    assert values == {  # what only one of them wrote is there already
        "best-way-to-work": "Tell me first.",
        "strengths": ["drawing"],
        "interests": ["trains"],
    }
    again = form_of(html)
    assert again["best-way-to-work"] == ["Give me time."]
    theirs = deputy.post(place, {**again, "keep-theirs": "best-way-to-work"})
    assert theirs.status_code == 302
    assert sheet.answers.get(field="best-way-to-work").value == "Tell me first."
    assert deputy.post(place, again).status_code == 409, "a plain second save chooses nothing"
    assert deputy.post(place, {**again, "use-mine": "best-way-to-work"}).status_code == 302
    row = sheet.answers.get(field="best-way-to-work")
    assert (row.value, row.by, row.version) == ("Give me time.", world.u_deputy, 2)
    # By script the same: an older version is told, not overwritten.
    late = keyworker.post(
        place, {"autosave": "1", "base:best-way-to-work": base(1, "Tell me first."), "best-way-to-work": "X"}
    )
    conflict = json.loads(late.content)["conflicts"]["best-way-to-work"]
    assert late.status_code == 409
    assert (
        conflict["version"] == 2 and conflict["values"] == ["Give me time."] and "Deputy" in conflict["html"]
    )


def test_a_cell_moved_to_another_column_is_a_change(world, keyworker):
    sheet = begin(world, keyworker, Tool.REGULATION)
    place = url("sheet_fill", sheet.pk)
    data = form_of(keyworker.get(place).content.decode())
    keyworker.post(place, data | {"stages": ["Humming"]})
    data = form_of(keyworker.get(place).content.decode())
    assert data["stages"][0] == "Humming"
    data["stages"][0], data["stages"][1] = "", "Humming"
    assert keyworker.post(place, data).status_code == 302
    assert sheet.answers.get().value[0]["what-i-feel"] == "Humming"


def test_a_done_sheet_may_be_put_right_and_says_so(world, keyworker):
    with clock.frozen(clock.today().replace(day=16)):
        sheet = make_sheet(world.mina, world.u_keyworker, Tool.STRENGTHS)
    done_at = sheet.done_at
    data = form_of(keyworker.get(url("sheet_fill", sheet.pk)).content.decode())
    answer = keyworker.post(
        url("sheet_fill", sheet.pk), data | {"best-way-to-work": ["Show me."], "finish": "1"}
    )
    assert answer["Location"] == url("sheet", sheet.pk)
    sheet.refresh_from_db()
    assert sheet.done_at == done_at
    html = keyworker.get(url("sheet", sheet.pk)).content.decode()
    assert "Changed on Monday 23 November 2026 by Keyworker" in html and "Show me." in html
    before = Answer.pgh_event_model.objects.filter(pgh_obj__field="best-way-to-work").order_by("pgh_id")
    assert [event.value for event in before] == ["Tell me first.", "Show me."]


def test_hostile_words_are_words(world, keyworker):
    sheet = begin(world, keyworker, Tool.VOICE)
    data = {"base:going-well": base(), "going-well": "<script>alert(1)</script>", "base:feel-safe": base()}
    assert keyworker.post(url("sheet_fill", sheet.pk), data).status_code == 302
    for name in ("sheet", "sheet_fill"):
        html = keyworker.get(url(name, sheet.pk)).content.decode()
        assert "&lt;script&gt;" in html and "<script>alert" not in html
    for value in ("a\x00b", "x" * 5001):
        answer = keyworker.post(
            url("sheet_fill", sheet.pk), {"base:find-hard": base(), "find-hard": value, "autosave": "1"}
        )
        assert answer.status_code == 422
    unknown = keyworker.post(
        url("sheet_fill", sheet.pk), {"base:no-such": base(), "no-such": "x", "autosave": "1"}
    )
    assert unknown.status_code == 422 and sheet.answers.count() == 1


# ------------------------------------------------------------------------------------ parents


def test_a_conversation_is_with_one_who_may_be_rung(world, keyworker):
    place = url("sheet_start", world.mina.pk, Tool.PARENT)
    page = keyworker.get(place).content.decode()
    assert "Folake Harcastle" in page and "Ada Quell" in page
    assert "Rufus" not in page and "Idris" not in page and "Wanda" not in page
    for link in FamilyLink.objects.exclude(pk=world.mina_mum.pk).exclude(relationship="aunt"):
        forged = keyworker.post(place, {"member": link.member_id, "happened_on": "2026-11-20"})
        assert forged.status_code == 422
    tomorrow = keyworker.post(place, {"member": world.mina_mum.member_id, "happened_on": "2026-11-24"})
    assert tomorrow.status_code == 422 and "today or earlier" in tomorrow.content.decode()
    assert not Sheet.objects.exists()
    answer = keyworker.post(place, {"member": world.mina_mum.member_id, "happened_on": "2026-11-20"})
    sheet = Sheet.objects.get()
    assert answer["Location"] == url("sheet_fill", sheet.pk) and sheet.member == world.mina_mum.member


# ------------------------------------------------------------------------------- declining, crossing out


def test_declining_is_written_down_without_fault(world, keyworker):
    answer = keyworker.post(
        url("sheet_declined", world.mina.pk, Tool.CIRCLE), {"words": "I would rather do this later"}
    )
    assert answer["Location"] == url("sheets", world.mina.pk)
    sheet = Sheet.objects.get()
    assert sheet.declined_noted_by == world.u_keyworker and sheet.done_at is None
    html = keyworker.get(url("sheet", sheet.pk)).content.decode()
    assert "Min would rather not" in html and "I would rather do this later" in html
    assert keyworker.get(url("sheet_fill", sheet.pk)).status_code == 409
    assert begin(world, keyworker, Tool.CIRCLE).pk != sheet.pk  # it can be asked again


def test_a_parent_declines_by_name(world, keyworker):
    place = url("sheet_declined", world.mina.pk, Tool.PARENT)
    assert keyworker.post(place, {"words": "No time"}).status_code == 422
    assert keyworker.post(place, {"words": "No time", "member": world.mina_mum.member_id}).status_code == 302
    assert Sheet.objects.get().member == world.mina_mum.member


def test_a_begun_sheet_is_set_aside(world, keyworker):
    alone = make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={"hopes": "Secret hope"})
    assert keyworker.post(url("sheet_decline", alone.pk), {"words": "Enough for now"}).status_code == 302
    html = keyworker.get(url("sheet", alone.pk)).content.decode()
    assert "Enough for now" in html and "Secret hope" not in html
    assert keyworker.post(url("sheet_decline", alone.pk), {"words": "Again"}).status_code == 409


def test_crossing_out_wants_a_reason_and_shuts_the_sheet(world, keyworker, as_user):
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.STRENGTHS)
    assert keyworker.post(url("sheet_void", sheet.pk), {"reason": " "}).status_code == 422
    assert keyworker.post(url("sheet_void", sheet.pk), {"reason": "About somebody else"}).status_code == 302
    html = keyworker.get(url("sheet", sheet.pk)).content.decode()
    assert "About somebody else" in html and "<s>" in html
    assert keyworker.post(url("sheet_void", sheet.pk), {"reason": "Twice"}).status_code == 409
    assert keyworker.get(url("sheet_fill", sheet.pk)).status_code == 409
    assert as_user(world.u_teacher).get(url("sheet", sheet.pk)).status_code == 404
    assert "drawing" not in keyworker.get(url("what_helps", world.mina.pk)).content.decode()


@pytest.mark.parametrize("wording", ["staff", "student"])
def test_a_begun_sheet_that_is_crossed_out_is_not_said_to_be_read_later(world, keyworker, wording):
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording=wording, done=False)
    keyworker.post(url("sheet_void", sheet.pk), {"reason": "About somebody else"})
    html = " ".join(keyworker.get(url("sheet", sheet.pk)).content.decode().split())
    assert "can read it here" not in html and "can be read once it is done" not in html
    assert "This was begun and never done." in html


def test_the_student_checks_what_was_written(world, keyworker):
    written = make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff")
    assert keyworker.post(url("sheet_checked", written.pk)).status_code == 302
    written.refresh_from_db()
    assert written.checked_at == clock.now()
    own = make_sheet(world.mina, world.u_student, Tool.VOICE)
    assert keyworker.post(url("sheet_checked", own.pk)).status_code == 409


# ---------------------------------------------------------------------------------- colleagues


def test_a_quick_observation_is_one_screen(world, as_user):
    mentor = as_user(world.u_mentor)
    place = url("observe", world.mina.pk)
    page = mentor.get(place, {"statement": "flex-try-new"}).content.decode()
    assert 'value="2026-11-23"' in page and 'value="flex-try-new" checked' in page
    data = {
        "when": "2026-11-24",
        "setting": "lesson",
        "statements": ["flex-try-new", "comm-ask-help"],
        "what-happened": "Tried the clay.",
        "support-given": "reminder",
    }
    late = mentor.post(place, data)
    assert late.status_code == 422 and "today or earlier" in late.content.decode()
    assert "Tried the clay." in late.content.decode()
    short = mentor.post(place, data | {"when": "2026-11-20", "setting": "", "what-happened": ""})
    html = short.content.decode()
    assert short.status_code == 422 and html.count("Fill in “") == 4  # two, each in the summary and beside it
    assert 'value="reminder" checked' in html and not Sheet.objects.exists()
    assert mentor.post(place, data | {"when": "2026-11-20"}).status_code == 302
    sheet = Sheet.objects.get()
    assert sheet.done_by == world.u_mentor and str(sheet.happened_on) == "2026-11-20"
    assert sheet.answers.get(field="statements").value == ["comm-ask-help", "flex-try-new"]


def test_a_half_written_observation_waits_as_a_draft(world, as_user):
    mentor = as_user(world.u_mentor)
    place = url("observe", world.mina.pk)
    data = {"when": "2026-11-20", "what-happened": "Half a sentence", "statements": ["comm-ask-help"]}
    assert mentor.post(reverse("keywork:draft", args=[world.mina.pk, "observation"]), data).status_code == 204
    page = mentor.get(place).content.decode()
    assert "Half a sentence" in page and 'value="comm-ask-help" checked' in page and "Draft saved at" in page
    assert "Half a sentence" not in as_user(world.u_keyworker).get(place).content.decode()
    whole = data | {"setting": "lesson", "support-given": "none"}
    assert mentor.post(place, whole).status_code == 302
    assert "No support given" in mentor.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    assert "Half a sentence" not in mentor.get(place).content.decode()
    assert mentor.post(place, data).status_code == 422  # refused: what was typed is kept as well
    assert "Half a sentence" in mentor.get(place).content.decode()
    mentor.post(place, {"discard": "1"})
    assert "Half a sentence" not in mentor.get(place).content.decode()


def test_a_teacher_adds_input_and_sees_it_alone(world, as_user):
    teacher = as_user(world.u_teacher)
    make_sheet(
        world.mina, world.u_mentor, Tool.TEAM, answers={"role": "Mentor", "what-works": "Secret of others"}
    )
    asked = make_ask(world.mina, world.u_keyworker, world.u_teacher)
    answer = teacher.post(url("input_add", world.mina.pk))
    mine = Sheet.objects.get(author=world.u_teacher)
    assert answer["Location"] == url("sheet_fill", mine.pk)
    place = url("sheet_fill", mine.pk)
    data = form_of(teacher.get(place).content.decode())
    assert teacher.post(place, data | {"finish": "1"}).status_code == 422  # the role is wanted
    data |= {
        "role": ["Art teacher"],
        "areas-seen": ["flexibility", "engagement"],
        "example": ["2026-11-18", "Shared the wheel"],
    }
    assert teacher.post(place, data | {"finish": "1"}).status_code == 302
    assert mine.answers.get(field="example").value == {"on": "2026-11-18", "words": "Shared the wheel"}
    asked.refresh_from_db()
    assert asked.target_id == mine.pk and asked.answered_at is not None
    page = teacher.get(url("sheets", world.mina.pk)).content.decode()
    assert url("sheet", mine.pk) in page
    for other in Sheet.objects.exclude(pk=mine.pk):
        assert url("sheet", other.pk) not in page
        assert teacher.get(url("sheet", other.pk)).status_code == 404
    assert as_user(world.u_mentor).get(place).status_code == 404


def test_an_answer_begun_from_an_ask_counts_when_finished_here(world, as_user):
    begun = make_sheet(world.mina, world.u_teacher, Tool.TEAM, done=False)
    asked = make_ask(world.mina, world.u_keyworker, world.u_teacher, target_id=begun.pk)
    teacher = as_user(world.u_teacher)
    assert teacher.post(url("input_add", world.mina.pk))["Location"] == url("sheet_fill", begun.pk)
    assert teacher.post(url("sheet_fill", begun.pk), {"finish": "1"}).status_code == 302
    asked.refresh_from_db()
    assert asked.answered_at is not None


# ---------------------------------------------------------------------------------- restorative records


def test_one_record_for_each_student_and_neither_tells_of_the_other(world, keyworker, as_user):
    place = url("restorative_add", world.mina.pk)
    assert OTHER_SURNAME not in keyworker.get(place).content.decode()
    forged = keyworker.post(place, {"students": [world.mina.pk, world.otto.pk], "happened_on": "2026-11-20"})
    assert forged.status_code == 422 and not Sheet.objects.exists()
    assign(world.otto, world.u_mentor, "mentor")
    mentor = as_user(world.u_mentor)
    answer = mentor.post(place, {"students": [world.mina.pk, world.otto.pk], "happened_on": "2026-11-20"})
    minas, ottos = Sheet.objects.get(student=world.mina), Sheet.objects.get(student=world.otto)
    assert answer["Location"] == url("sheet_fill", minas.pk), "the record of whom it was begun from"
    place = url("restorative_add", world.otto.pk)
    answer = mentor.post(place, {"students": [world.mina.pk, world.otto.pk], "happened_on": "2026-11-19"})
    begun = Sheet.objects.get(student=world.otto, happened_on="2026-11-19")
    assert answer["Location"] == url("sheet_fill", begun.pk)
    Sheet.objects.filter(together=begun.together).delete()
    assert minas.together == ottos.together is not None
    fill = mentor.get(url("sheet_fill", minas.pk)).content.decode()
    assert "Do not name the other student" in fill and url("sheet_fill", ottos.pk) in fill
    for sheet, words in ((minas, "Mina shouted"), (ottos, "Otto threw it")):
        data = {"base:what-happened": base(), "what-happened": words, "finish": "1"}
        assert mentor.post(url("sheet_fill", sheet.pk), data).status_code == 302
    both = mentor.get(url("sheet", minas.pk)).content.decode()
    assert "stands on somebody’s Today only once it is added here" in both, (
        "the record may say what was agreed"
    )
    assert OTHER_SURNAME in both and url("sheet", ottos.pk) in both
    mine = keyworker.get(url("sheet", minas.pk)).content.decode()
    assert "Mina shouted" in mine and "same conversation" not in mine
    assert OTHER_SURNAME not in mine and "Otto" not in mine
    assert keyworker.get(url("sheet", ottos.pk)).status_code == 404
    assert "Otto" not in keyworker.get(url("sheets", world.mina.pk)).content.decode()


def test_actions_agreed_with_a_day(world, keyworker):
    [sheet] = make_restorative(world.u_keyworker, world.mina, done=False, answers={})
    place = url("sheet_fill", sheet.pk)
    data = form_of(keyworker.get(place).content.decode())
    assert len(data["agreed"]) == 6
    data |= {"what-happened": ["An argument"], "agreed": ["A rematch", "Both", "2026-12-01", "", "Ada", ""]}
    short = keyworker.post(place, data)
    assert short.status_code == 422 and "Say what was agreed in each line" in short.content.decode()
    data["agreed"][3] = "Say sorry"
    more = keyworker.post(place, {**data, "more": "agreed"})
    assert more["Location"].endswith("#q-agreed")
    assert sheet.answers.get(field="agreed").value == [
        {"what": "A rematch", "who": "Both", "by": "2026-12-01"},
        {"what": "Say sorry", "who": "Ada", "by": ""},
    ]


# ---------------------------------------------------------------------------------- what helps


def test_what_helps_is_for_every_member_of_staff_by_first_name(world, as_user):
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION, answers={"triggers": ["old bell"]})
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION, answers={"triggers": ["new bell"]})
    make_sheet(world.mina, world.u_keyworker, Tool.STRENGTHS, done=False, answers={"strengths": ["unsaid"]})
    make_sheet(
        world.mina, world.u_parent, Tool.REGULATION, wording="parent", answers={"triggers": ["the hoover"]}
    )
    make_sheet(world.mina, world.u_keyworker, Tool.CIRCLE, wording="staff", answers={"missing": "Gran"})
    stranger = as_user(world.u_former).get(url("what_helps", world.mina.pk))
    html = stranger.content.decode()
    assert "What helps Min" in html and "new bell" in html and "the hoover" in html
    for absent in ("old bell", "unsaid", "Gran", "Harcastle"):
        assert absent not in html
    assert "Harcastle" in as_user(world.u_teacher).get(url("what_helps", world.mina.pk)).content.decode()
    assert as_user(world.u_staff_parent).get(url("what_helps", world.mina.pk)).status_code == 404
    assert as_user(world.u_parent).get(url("what_helps", world.mina.pk)).status_code == 403


# ---------------------------------------------------------------------------------- query counts


@pytest.mark.parametrize("name", ["sheets", "what_helps"])
def test_queries_do_not_grow_with_sheets(world, keyworker, django_assert_num_queries, name):
    def more():
        for tool in (Tool.STRENGTHS, Tool.REGULATION, Tool.VOICE, Tool.TEAM, Tool.OBSERVATION):
            make_sheet(world.mina, world.u_mentor, tool, wording="staff")
        make_sheet(world.mina, world.u_parent, Tool.REGULATION, wording="parent")

    more()
    keyworker.get(url(name, world.mina.pk))
    with CaptureQueriesContext(connection) as once:
        keyworker.get(url(name, world.mina.pk))
    for _ in range(5):
        more()
    with django_assert_num_queries(len(once)):
        keyworker.get(url(name, world.mina.pk))


def test_saving_takes_as_many_queries_for_one_answer_as_for_none(
    world, keyworker, django_assert_max_num_queries
):
    sheet = begin(world, keyworker, Tool.VOICE)
    keyworker.post(url("sheet_fill", sheet.pk), {"autosave": "1", "base:hopes": base(), "hopes": "One"})
    with django_assert_max_num_queries(20):
        keyworker.post(
            url("sheet_fill", sheet.pk), {"autosave": "1", "base:hopes": base(1, "One"), "hopes": "Two"}
        )
    assert sheet.answers.get().value == "Two"
