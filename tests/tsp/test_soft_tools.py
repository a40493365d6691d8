"""The table of soft tools: what it says is what the form and the pages go by."""

from __future__ import annotations

import pytest

from home.turns import serves
from keywork.policy import Policy, Vocabulary
from keywork.words import of
from tests.rules.helpers import RuleSchool
from tsp.models import Sheet, Tool
from tsp.questions.questionnaire import TOOLS as FORM_TOOLS
from tsp.questions.questionnaire import TSP
from tsp.sheets import soft_tools
from tsp.sheets.soft_tools import TOOLS, readers


def test_every_tool_has_its_row_with_readers():
    assert set(TOOLS) == set(Tool)
    for tool in Tool:
        assert readers(tool, student="Mina", member="Noor Ellerby")[0].isupper() and "{" not in readers(tool)


def test_every_tool_has_its_sheet_in_the_form_supplied():
    assert {sheet["slug"] for sheet in TSP.ours()["soft_tools"]} == {*TOOLS, "goal-setting"}


def test_home_meets_the_sheets_that_it_fills_in():
    slugs = {sheet["slug"] for sheet in TSP.ours()["soft_tools"] if FORM_TOOLS.meets("parent", sheet)}
    assert slugs == set(soft_tools.FILLED_AT_HOME) == {Tool.PARENT, Tool.REGULATION}
    assert all(TOOLS[tool].home != "never" for tool in slugs)


def test_readers_are_told_in_the_schools_words():
    with of(RuleSchool(Policy(vocabulary=Vocabulary("pupil", "key adult")))):
        assert readers(Tool.VOICE) == "The pupil and the core team"
        assert readers(Tool.CIRCLE, student="Mina").startswith("Mina, the key adult, the deputy")


def test_students_are_asked_in_an_order_and_told_what_to_expect():
    assert len({TOOLS[tool].student_turn for tool in soft_tools.STUDENT_TOOLS}) == len(
        soft_tools.STUDENT_TOOLS
    )
    for tool in soft_tools.STUDENT_TOOLS:
        assert TOOLS[tool].student_title and TOOLS[tool].student_hint and TOOLS[tool].student_readers


@pytest.mark.parametrize("tool", Tool)
def test_a_sheet_of_a_term_answers_in_that_term_alone_and_others_all_year(tool):
    sheet = Sheet(tool=tool, term="2026-27-autumn", done_at="2026-10-01")
    assert serves(sheet, "2026-27-autumn")
    assert serves(sheet, "2026-27-spring") is not TOOLS[tool].of_a_term
    assert not serves(sheet, "2027-28-autumn")
