"""Sheets on the timeline and in its search, and the column of what people told us: for exactly whom they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock, school
from keywork.access import forget_relations
from questionnaires.fields import columns_of, in_words
from students import chronicle
from tests.tsp.factories import TERM, make_ask, make_sheet
from tsp.models import Sheet, Tool
from tsp.questions.templates import current
from tsp.sheets.lines import sheet_lines, ticks_for

TEAM = ("keyworker", "deputy", "mentor", "member", "head", "coordinator", "dsl", "senco")
SENTINELS = {
    Tool.VOICE: ("hopes", "voicewords"),
    Tool.PARENT: ("home-worries", "homewords"),
    Tool.STRENGTHS: ("best-way-to-work", "strengthwords"),
    Tool.REGULATION: ("triggers", ["mapwords"]),
    Tool.CIRCLE: ("people", [{"who": "circlewords", "circle": "closest", "where": "", "how-it-feels": ""}]),
    Tool.TEAM: ("what-works", "inputwords"),
    Tool.OBSERVATION: ("what-happened", "seenwords"),
    Tool.RESTORATIVE: ("agreed", [{"what": "repairwords", "who": "", "by": ""}]),
}


def words_of(tool) -> str:
    value = SENTINELS[tool][1]
    while not isinstance(value, str):
        value = value[0] if isinstance(value, list) else value.get("who") or value["what"]
    return value


@pytest.fixture
def told(world):
    """One done sheet of each tool, by the keyworker, with a word of its own."""
    for tool, (field, value) in SENTINELS.items():
        given = {"member": world.mina_mum.member} if tool == Tool.PARENT else {}
        make_sheet(world.mina, world.u_keyworker, tool, wording="staff", answers={field: value}, **given)
    return world


def timeline(world, who, **asked):
    user = world.users[who]
    forget_relations(user)
    page = chronicle.page(world.mina, user, school=school.load(), **asked)
    return [entry for entry in page.entries if entry.kind in ("sheet", "observation", "repair")]


@pytest.mark.parametrize("who", [*TEAM, "slt", "teacher", "admin", "former"])
def test_each_entry_stands_for_those_who_may_know_and_is_found_by_those_who_read(told, who):
    for tool in Tool:
        if tool == Tool.CIRCLE:
            sees = who in ("keyworker", "deputy", "dsl")
        elif tool in (Tool.STRENGTHS, Tool.REGULATION):
            sees = True
        else:
            sees = who in TEAM
        entries = timeline(told, who)
        sheet = Sheet.objects.get(tool=tool)
        shown = [one for one in entries if one.pk == sheet.pk]
        assert bool(shown) == sees, tool
        told_words = any(words_of(tool) in one.text + one.agreed for one in shown)
        assert told_words == (sees and tool != Tool.CIRCLE)
        found = timeline(told, who, search=words_of(tool).upper())
        assert [one.pk for one in found] == ([sheet.pk] if sees else []), tool


def test_the_page_of_the_record_shows_no_more(told, as_user):
    record = reverse("students:record", args=[told.mina.pk])
    for who, sees in (("mentor", False), ("keyworker", True), ("slt", False)):
        client = as_user(told.users[who])
        for asked in (
            {},
            {"q": "circlewords"},
            {"kind": "sheet"},
            {"kind": "sheet", "q": "nowhere"},
        ):
            html = client.get(record, asked).content.decode()
            assert ("Social circle map" in html) == (sees and asked.get("q") != "nowhere"), (who, asked)
            assert "circlewords<" not in html
    slts = as_user(told.u_slt).get(record).content.decode()
    assert "mapwords" in slts and "voicewords" not in slts and "repairwords" not in slts


def test_keys_and_patterns_are_not_what_anybody_said(told):
    for typed in ("how-it-feels", "what", "%", "_", "\\", "'"):
        assert timeline(told, "keyworker", search=typed) == [], typed
    make_sheet(told.mina, told.u_mentor, Tool.OBSERVATION, answers={"what-happened": "100% there_now"})
    assert len(timeline(told, "keyworker", search="0% t")) == 1
    assert len(timeline(told, "keyworker", search="e_n")) == 1


def test_letters_fold_in_what_was_said_too(told):
    make_sheet(
        told.mina, told.u_mentor, Tool.OBSERVATION, answers={"what-happened": "In the Café, by O’Shea."}
    )
    assert len(timeline(told, "keyworker", search="cafe OSHEA")) == 1
    assert timeline(told, "keyworker", search="cafe nobody") == []


def test_what_is_begun_is_not_on_it_and_what_was_declined_is(told):
    begun = make_sheet(told.mina, told.u_student, Tool.VOICE, done=False, answers={"hopes": "begunwords"})
    assert begun.pk not in [one.pk for one in timeline(told, "keyworker")]
    assert timeline(told, "keyworker", search="begunwords") == []
    declined = make_sheet(told.mina, told.u_student, Tool.CIRCLE, declined="later maybe")
    [entry] = [one for one in timeline(told, "dsl") if one.pk == declined.pk]
    assert entry.title == "Social circle map: would rather not" and entry.text == "“later maybe”"
    assert [one.pk for one in timeline(told, "dsl", search="later maybe")] == [declined.pk]
    assert timeline(told, "mentor", search="later maybe") == []


def test_a_sheet_crossed_out_says_why_to_the_team_alone(told):
    voided = make_sheet(
        told.mina, told.u_keyworker, Tool.STRENGTHS,
        answers={"best-way-to-work": "wrongwords"}, voided_at=clock.now(), void_reason="Wrong student",
    )  # fmt: skip
    [entry] = [one for one in timeline(told, "mentor") if one.pk == voided.pk]
    assert entry.voided == "Wrong student"
    assert voided.pk not in [one.pk for one in timeline(told, "slt")]
    assert timeline(told, "slt", search="wrongwords") == []


def test_pages_meet_without_gap_or_double(told):
    for number in range(20):
        make_sheet(told.mina, told.u_mentor, Tool.OBSERVATION, answers={"what-happened": f"Seen {number}"})
    seen, before = [], None
    for _ in range(5):
        page = chronicle.page(told.mina, told.u_keyworker, school=school.load(), before=before)
        seen += [(one.kind, one.pk) for one in page.entries]
        if not page.older:
            break
        before = chronicle.place_of(page.older)
    assert len(seen) == len(set(seen)) == 28


def test_queries_are_constant(told):
    def count() -> int:
        forget_relations(told.u_keyworker)
        with CaptureQueriesContext(connection) as counted:
            timeline(told, "keyworker", search="words")
            sheet_lines(told.mina, TERM, told.u_keyworker)
            ticks_for(told.mina, TERM, told.u_keyworker)
        return len(counted)

    count()
    before = count()
    for _ in range(6):
        for tool in (Tool.VOICE, Tool.TEAM, Tool.OBSERVATION, Tool.RESTORATIVE, Tool.STRENGTHS):
            make_sheet(told.mina, told.u_mentor, tool, wording="staff", answers={"hopes": "words"})
    assert count() == before


# ------------------------------------------------------------------------------- the column


def column(world, who="keyworker"):
    forget_relations(world.users[who])
    return {line.tool: line for line in sheet_lines(world.mina, TERM, world.users[who])}


def test_the_column_says_how_far_each_tool_is(world):
    make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff", answers={"feel-safe": 1})
    make_sheet(world.mina, world.u_keyworker, Tool.PARENT, member=world.mina_mum.member, done=False)
    make_sheet(world.mina, world.u_student, Tool.CIRCLE, declined="This later, please")
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    make_sheet(world.mina, world.u_keyworker, Tool.STRENGTHS, term="2025-26-autumn")
    make_ask(world.mina, world.u_keyworker, world.u_teacher)
    lines = column(world)
    assert (lines[Tool.VOICE].state, lines[Tool.VOICE].words) == ("In", "Min, with Keyworker, 23 November")
    assert lines[Tool.VOICE].alert.startswith("How safe I feel")
    assert (lines[Tool.PARENT].state, lines[Tool.CIRCLE].state) == ("Part done", "Declined")
    assert lines[Tool.PARENT].words == "Folake Harcastle, with Keyworker, 23 November"
    assert lines[Tool.CIRCLE].words == "“This later, please”"
    assert lines[Tool.REGULATION].words.endswith("Home view still to add")
    assert lines[Tool.STRENGTHS].state == "In"  # it stands until a newer one
    assert (lines[Tool.TEAM].state, lines[Tool.TEAM].words) == ("Waiting", "Asked: Teacher")
    old = {line.tool: line.state for line in sheet_lines(world.mina, "2026-27-spring", world.u_keyworker)}
    assert old[Tool.VOICE] == "Not started"  # a sheet of its own each term


def test_what_stands_on_their_own_pages_is_waiting(world):
    lines = column(world)
    assert (lines[Tool.VOICE].state, lines[Tool.STRENGTHS].words) == ("Waiting", "On Min’s page")
    assert lines[Tool.VOICE].words.startswith("On Min’s page since ")
    assert lines[Tool.VOICE].url.endswith("/student-voice/")  # the keyworker may still begin it with them
    assert lines[Tool.PARENT].state == "Waiting" and "Folake Harcastle’s" in lines[Tool.PARENT].words
    assert lines[Tool.TEAM].state == "Not started"
    assert {line.state for line in column(world, "slt").values()} == {"Not started"}
    with clock.frozen(date(2026, 12, 28)):
        assert column(world)[Tool.VOICE].words == "Nothing in this term"
    world.mina.user = None
    world.mina.save()
    world.u_parent.is_active, world.u_parent.deactivated_at = False, clock.now()
    world.u_parent.save()
    lines = column(world)
    assert lines[Tool.VOICE].state == "Not started"
    assert "Folake" not in lines[Tool.PARENT].words


def test_a_term_that_is_over_shows_what_stood_then(world):
    by, june = world.u_keyworker, date(2026, 6, 1)
    make_sheet(world.mina, by, Tool.REGULATION, term="2025-26-summer", happened_on=june)
    make_sheet(world.mina, by, Tool.REGULATION, answers={})
    make_sheet(world.mina, by, Tool.STRENGTHS)
    then = {line.tool: line for line in sheet_lines(world.mina, "2025-26-summer", by)}
    older = Sheet.objects.get(happened_on=june)
    assert (then[Tool.REGULATION].state, then[Tool.REGULATION].url) == ("In", f"/tsp/sheets/{older.pk}/")
    assert "still to add" not in then[Tool.REGULATION].words
    strengths = then[Tool.STRENGTHS]
    assert (strengths.state, strengths.words, strengths.url) == ("Not started", "Nothing in this term", "")


def test_the_column_is_silent_about_what_one_may_not_know(told):
    assert Tool.CIRCLE not in column(told, "mentor") and Tool.CIRCLE in column(told, "dsl")
    assert set(column(told, "slt")) == {Tool.STRENGTHS, Tool.REGULATION}
    assert column(told, "staff_parent") == {}
    make_sheet(told.mina, told.u_student, Tool.VOICE, answers={"feel-safe": 0})
    assert not any(line.alert for line in column(told, "slt").values())


def test_ticks_stand_beside_and_only_for_readers(world):
    make_sheet(world.mina, world.u_student, Tool.VOICE, answers={"statement:emo-recover": "sometimes"})
    mum = {"statement:emo-recover": "yes", "statement:flex-try-new": "not-sure"}
    make_sheet(world.mina, world.u_parent, Tool.PARENT, member=world.mina_mum.member, answers=mum)
    make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={"statement:emo-recover": "yes"})
    ticks = ticks_for(world.mina, TERM, world.u_keyworker)
    assert ticks["emo-recover"].student_words == "sometimes" and ticks["emo-recover"].home_words == "yes"
    assert ticks["flex-try-new"].student == ""
    assert ticks_for(world.mina, "2025-26-summer", world.u_keyworker) == {}
    for who in ("slt", "teacher", "keyworker_other", "staff_parent"):
        assert ticks_for(world.mina, TERM, world.users[who]) == {}


def test_a_map_keeps_the_capital_of_what_somebody_says_of_themselves(told):
    form = current()
    field = next(one for one in form.tool(Tool.REGULATION).fields if one.type == "table")
    first, *others = columns_of(field)
    said = in_words(field, [{first.key: field.rows[0], **{one.key: "x" for one in others}}], form)
    assert len(said) == 1 and "; what I feel: x; what I can do: x" in said[0]
