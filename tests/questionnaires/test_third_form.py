"""A third form needs one description and no new editor: a small check of wellbeing, asked of staff and of students."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.urls import include, path, reverse

from keywork import urls
from questionnaires import common
from questionnaires.description import Answers, Audience, Property, Questionnaire, Sections
from questionnaires.models import Version
from questionnaires.urls import pages
from questionnaires.versions import Versions

WELLBEING = Questionnaire(
    app="wellbeing",
    schema="keywork.wellbeing-check/1",
    folder=Path(__file__).parent / "wellbeing",
    name="wellbeing check",
    a_name="a wellbeing check",
    audiences=(
        Audience("staff", "Staff", answer="label"),
        Audience("student", "Students", "Student", title="pupil_title", answer="pupil_label"),
    ),
    answers=Answers(
        properties=(
            Property("label", label="For staff", compared="{} for staff", kind="line"),
            Property("pupil_label", label="For students", compared="{} for students", kind="line"),
        )
    ),
    sections=(
        Sections(
            key="themes",
            name="theme",
            questions="questions",
            properties=(common.TITLE, common.PUPIL_TITLE),
            question_properties=(common.STAFF, common.STUDENT),
            wording={"staff": "statement", "student": "pupil_wording"},
            slug_of="pupil_wording",
        ),
    ),
    fixed=("slug",),
    file_name="wellbeing-check",
)


@pytest.fixture
def form(world, settings):
    """Its table and its addresses, as an app of its own would have them."""

    class WellbeingVersion(Version):
        content = models.JSONField()

        class Meta(Version.Meta):
            app_label = "questionnaires"
            triggers = ()

    connection.check_constraints()  # what waits to be checked stands in the way of a new table
    with connection.schema_editor() as editor:
        editor.create_model(WellbeingVersion)
    versions = Versions(WELLBEING, WellbeingVersion)
    versions.ensure_first_version()
    site = ModuleType("site")
    site.urlpatterns = [path("wellbeing/", include((pages(versions), "wellbeing"))), *urls.urlpatterns]
    settings.ROOT_URLCONF = site
    yield versions
    del apps.all_models["questionnaires"]["wellbeingversion"]
    apps.clear_cache()


@pytest.fixture
def editor(world, as_user):
    return as_user(world.u_coordinator)


def at(name: str, *args: object) -> str:
    return reverse(f"wellbeing:{name}", args=args)


def seen(client, url: str) -> str:
    return str(client.get(url).context["form"]["seen"].value())


def slugs(versions, theme: str) -> list[str]:
    section = versions.form.sections[0].section(versions.the_draft().content, theme)
    return [one["slug"] for one in section["questions"] if one["active"]]


def test_it_is_edited_compared_published_exported_and_imported(form, editor, world, as_user):
    editor.post(at("start_draft"))
    url = at("question_edit", "body-sleep")
    words = {"statement": "Seems rested.", "pupil_wording": "I sleep well."}
    assert editor.post(url, {**words, "seen": seen(editor, url)}).status_code == 302
    url = at("question_edit", "mood-enjoy")
    other = {"statement": "Laughs.", "pupil_wording": "I laugh each day.", "new_meaning": "on"}
    assert editor.post(url, {**other, "seen": seen(editor, url)}).status_code == 302
    answer = editor.post(
        at("question_add", "body"), {"statement": "Drinks.", "pupil_wording": "I drink enough."}
    )
    assert answer["Location"] == at("theme_edit", "body")
    editor.post(at("move", "body-drink-enough"), {"do": "up"})
    editor.post(at("move", "body-eat"), {"do": "retire"})
    assert slugs(form, "body") == ["body-sleep", "body-drink-enough", "body-move"]
    assert slugs(form, "mood") == ["mood-calm", "mood-laugh-each-day", "mood-talk"]
    theme = {"title": "Friends", "pupil_title": "My friends", "statement": "Has a friend."}
    assert editor.post(at("theme_add"), {**theme, "pupil_wording": "I have a friend."}).status_code == 302
    editor.post(at("theme_move", "mood"), {"do": "up"})
    url = at("answers_edit")
    given = editor.get(url).context["form"].initial
    assert editor.post(url, {**given, "pupil_label_2": "Very often"}).status_code == 302

    page = editor.get(at("diff", 2)).content.decode()
    for said in ("4 added, 2 reworded, 2 retired, 1 moved", "Seems rested.", "Very often", "My friends"):
        assert said in page
    url = at("publish")
    answer = editor.post(url, {"note": "The first round", "seen": seen(editor, url)})
    assert answer["Location"] == at("template", 2)
    teacher = as_user(world.u_teacher)
    assert "The first round" in teacher.get(at("templates")).content.decode()
    assert "Laughs." in teacher.get(at("template", 2)).content.decode()

    file = editor.get(at("export", 2))
    assert 'filename="wellbeing-check-v2.json"' in file["Content-Disposition"]
    doc = json.loads(file.content)
    doc["themes"][0]["questions"][0]["statement"] = "Written in another program."
    upload = SimpleUploadedFile("form.json", json.dumps(doc).encode(), "application/json")
    assert editor.post(at("import"), {"file": upload, "seen": ""})["Location"] == at("diff", 3)
    assert "Written in another program." in editor.get(at("diff", 3)).content.decode()
    assert "1 reworded" in editor.get(at("templates")).content.decode()


def test_each_audience_reads_its_own_words_and_answers(form, as_user, world):
    teacher = as_user(world.u_teacher)
    staff, student = (teacher.get(at("preview", 1, who)).content.decode() for who in ("staff", "student"))
    assert "Seems rested in the morning." in staff and "Often" in staff and "I sleep well." not in staff
    assert "I sleep well." in student and "A lot" in student and "My body" in student
    assert teacher.get(at("preview", 1, "parent")).status_code == 404, "nobody asks them"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("themes", 0, "questions", 0, "statement"), "", "themes[0].questions[0].statement"),
        (("themes", 0, "questions", 0, "slug"), "mood-calm", "is used already"),
        (("themes", 0, "questions", 0, "parent_wording"), "At home", "is not known here"),
        (("scale", 0, "code"), "never", "its code cannot be changed"),
        (("schema",), "keywork.tsp-template/1", "must be keywork.wellbeing-check/1"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_path(form, editor, path, value, says):
    doc = form.form.shipped()
    at_part = doc
    for step in path[:-1]:
        at_part = at_part[step]
    at_part[path[-1]] = value
    upload = SimpleUploadedFile("form.json", json.dumps(doc).encode(), "application/json")
    answer = editor.post(at("import"), {"file": upload, "seen": ""})
    assert answer.status_code == 422 and says in answer.content.decode()


def test_only_those_who_edit_forms_open_its_editor(form, as_user, world):
    teacher = as_user(world.u_teacher)
    assert teacher.get(at("theme_edit", "body")).status_code == 403
    assert teacher.post(at("start_draft")).status_code == 403
    assert form.the_draft() is None
