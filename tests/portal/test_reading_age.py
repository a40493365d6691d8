"""Pages of students read at nine, pages of families at eleven: one measure, of what the page says.

The Flesch-Kincaid grade, and five years, over the sentences of a page of four words and more, joined.
"""

from __future__ import annotations

import html
import importlib
import re
from collections.abc import Iterable, Iterator

import pytest
import textstat

import ilsa.templates
import tsp.questions.templates
from tests.tsp.factories import make_sheet
from tsp.models import Tool
from tsp.sheets.audiences import asked
from tsp.sheets.soft_tools import STUDENT_TOOLS

STUDENTS, FAMILIES = 9.0, 11.0


def reading_age(page: str) -> float:
    """In years. Each heading, line and label is a sentence of its own."""
    main = page.split("<main", 1)[1].split("</main", 1)[0].partition(">")[2]
    main = re.sub(r"<(svg|script|style|select|template)\b.*?</\1>", " ", main, flags=re.S)
    main = re.sub(r"</(p|h\d|li|label|legend|strong|dt|dd|th|td|button|a|summary|small|div)>", ". ", main)
    words = html.unescape(re.sub(r"<[^>]+>", " ", main))
    sentences = [re.sub(r"\s+", " ", one).strip(" .") for one in re.split(r"(?<=[.!?:])\s", words)]
    return age_of(one for one in sentences if len(one.split()) >= 4)


def age_of(sentences: Iterable[str]) -> float:
    return textstat.flesch_kincaid_grade(". ".join(one.strip(" .") for one in sentences) + ".") + 5


def questions(audience: str) -> Iterator[str]:
    """Every question of both forms as it is put to students or to families: of four words and more, as on a page."""
    assessment, form = ilsa.templates.current(), tsp.questions.templates.current()
    sheets = STUDENT_TOOLS if audience == "student" else (Tool.PARENT, Tool.REGULATION)
    words = [
        *(one.wording(audience) for one in (*assessment.in_use, *form.in_use)),
        *(one.title_for(audience) for one in (*assessment.domains, *form.areas) if audience == "student"),
        *(one.wording(audience) for sheet in sheets for one in asked(form.tool(sheet), audience)),
    ]
    assert len(words) > 120
    return (one for one in words if len(one.split()) >= 4)


@pytest.fixture(autouse=True)
def _no_word_list(monkeypatch):
    """Syllables by the hyphenation that comes with textstat: its list of words would be fetched from the network."""
    counting = importlib.import_module("textstat.backend.counts._count_syllables")
    monkeypatch.setattr(counting, "get_cmudict", lambda lang: None)


def test_the_measure_tells_plain_words_from_long_ones():
    plain, long = (
        "<main><p>I can ask my team to help me.</p></main>",
        (
            "<main><p>Confidentiality considerations necessarily determine organisational accountability.</p></main>"
        ),
    )
    assert reading_age(plain) < STUDENTS < FAMILIES < reading_age(long)


@pytest.mark.parametrize(
    "path",
    [
        "/privacy/",
        "/help/",
        "/my-page/not-safe/",
        "/my-page/not-safe/told/",
        "/tsp/mine/feeling/",
        "/my-page/",
    ],
)
def test_a_page_of_a_student_is_read_at_nine(world, as_user, path):
    assert reading_age(as_user(world.u_student).get(path).content.decode()) <= STUDENTS


@pytest.mark.parametrize("path", ["/privacy/", "/home/", "/tsp/child/{}/", "/tsp/child/{}/talk/"])
def test_a_page_of_a_family_is_read_at_eleven(world, as_user, path):
    page = as_user(world.u_parent).get(path.format(world.mina.pk)).content.decode()
    assert reading_age(page) <= FAMILIES


@pytest.mark.parametrize(("audience", "most"), [("student", STUDENTS), ("parent", FAMILIES)])
def test_each_question_of_both_forms_is_read_at_nine_or_eleven(world, audience, most):
    ages = {one: round(age_of([one]), 1) for one in questions(audience) if age_of([one]) > most}
    assert not ages


def test_no_word_of_staff_on_privacy_pages_of_others(world, as_user):
    for who in ("student", "parent"):
        page = as_user(world.users[who]).get("/privacy/").content.decode()
        assert "SENCo" not in page and "coordinator" not in page.lower(), who


def test_the_regulation_map_is_read_in_the_students_words(world, as_user):
    rows = [
        {"stage": "crisis", "what-you-might-see": "I run"},
        {"stage": "recovery", "what-you-might-see": "I sit"},
    ]
    sheet = make_sheet(world.mina, world.u_keyworker, Tool.REGULATION, answers={"stages": rows})
    mine = as_user(world.u_student).get(f"/tsp/mine/{sheet.pk}/").content.decode()
    home = as_user(world.u_parent).get(f"/tsp/child/{world.mina.pk}/sheets/{sheet.pk}/").content.decode()
    for page, words in ((mine, "When it is too much"), (home, "When they are getting better")):
        assert words in page and "Crisis" not in page and "Recovery" not in page
    assert "What people can see" in mine


@pytest.mark.parametrize(("placement", "asked"), [("day", False), ("weekly", True)])
def test_who_goes_home_each_day_is_not_asked_about_residence(world, as_user, placement, asked):
    type(world.mina).objects.filter(pk=world.mina.pk).update(placement=placement)
    sheet = make_sheet(world.mina, world.u_student, Tool.VOICE, done=False, answers={})
    for path in ("question/feel-safe/", "end/"):
        page = as_user(world.u_student).get(f"/tsp/mine/{sheet.pk}/{path}").content.decode()
        assert ("residence" in page) is asked, path
