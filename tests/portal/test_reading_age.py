"""Questions to students read at nine, those to families at eleven; of their pages tests/access/test_languages.py says it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import ilsa.templates
import tsp.questions.templates
from care.reviews.kinds import CannotTakePartForm, PartForm
from enquiries.forms import RatherNotForm
from tests.reading_age import FAMILIES, STUDENTS, age_of, reading_age
from tests.tsp.factories import make_sheet
from tsp.models import Tool
from tsp.sheets.audiences import asked
from tsp.sheets.soft_tools import STUDENT_TOOLS


def questions(audience: str) -> Iterator[str]:
    """Every question of both forms, and of a review, as it is put to students or families: of four words and more."""
    assessment, form = ilsa.templates.current(), tsp.questions.templates.current()
    sheets = STUDENT_TOOLS if audience == "student" else (Tool.PARENT, Tool.REGULATION)
    words = [
        *(one.wording(audience) for one in (*assessment.in_use, *form.in_use)),
        *(one.title_for(audience) for one in (*assessment.domains, *form.areas) if audience == "student"),
        *(one.wording(audience) for sheet in sheets for one in asked(form.tool(sheet), audience)),
        *(
            str(words)
            for kind in (PartForm, CannotTakePartForm, *([RatherNotForm] if audience == "parent" else []))
            for field in kind.base_fields.values()
            for words in (field.label, field.help_text)
        ),
    ]
    assert len(words) > 120
    return (one for one in words if len(one.split()) >= 4)


def test_the_measure_tells_plain_words_from_long_ones():
    plain, long = (
        "<main><p>I can ask my team to help me.</p></main>",
        (
            "<main><p>Confidentiality considerations necessarily determine organisational accountability.</p></main>"
        ),
    )
    assert reading_age(plain) < STUDENTS < FAMILIES < reading_age(long)


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
