"""A soft tool that Keywork has since: it reaches a school that has published its form without it."""

from __future__ import annotations

import json
import shutil

import pytest
from django.urls import reverse

from home import turns
from home.views import steps, student
from questionnaires import edit
from questionnaires.supplied import Supplied
from tests.tsp.test_sheets_pages import form_of, url
from tsp.models import Sheet, TemplateVersion
from tsp.questions.questionnaire import AREAS, TOOLS, TSP
from tsp.questions.templates import FORM, current
from tsp.sheets import lines, soft_tools
from tsp.sheets.soft_tools import SoftTool
from tsp.sheets.views import start

SLUG = "light-check"
SHEET = {
    "slug": SLUG,
    "title": "Light check",
    "pupil_title": None,
    "completed_by": "keyworker",
    "when": ["on_joining"],
    "visibility": {"default": "core team", "share_with_parents": "no"},
    "fields": [
        {"slug": "too-much", "label": "Too much of", "type": "tag_list"},
        {"slug": "what-calms", "label": "What calms", "type": "long_text"},
    ],
}
CALMS = {"what-calms": {"label": "What calms them"}}  # plainer since it came
WORDS = {
    "statement": "Asks for a break when it is loud",
    "pupil_wording": "I ask for a break when it is loud.",
    "parent_wording": "Asks for a break when it is loud.",
    "ehcp_area_of_need": "sensory_physical",
    "pfa_outcome": "health",
}


@pytest.fixture
def bring(monkeypatch, tmp_path):
    """The next release: a row in the table, and its sheet beside the form as schools have it."""

    def release(*, migrated=True, **more):
        folder, came_before = tmp_path / "fixtures", TSP.supplied._later.get("soft_tools", [])
        shutil.copytree(TSP.folder, folder)
        (folder / "later.json").write_text(json.dumps({"soft_tools": [*came_before, SHEET]}))
        words = json.loads((folder / "rewordings.json").read_text())
        words |= {f"{SLUG}/{slug}": changes for slug, changes in CALMS.items()}
        (folder / "rewordings.json").write_text(json.dumps(words))
        monkeypatch.setitem(TSP.__dict__, "supplied", Supplied(folder, TSP.supplied.lists))
        row = SoftTool(icon="eye", title="Light check", readers="The core team", **more)
        monkeypatch.setitem(soft_tools.TOOLS, SLUG, row)
        monkeypatch.setattr(start, "WITH_PEOPLE", [*start.WITH_PEOPLE, SLUG])
        monkeypatch.setattr(lines, "IN_COLUMN", (*lines.IN_COLUMN, SLUG))
        for module in (steps, student, turns) if more.get("student_turn") else ():
            monkeypatch.setattr(module, "STUDENT_TOOLS", (SLUG, *module.STUDENT_TOOLS))
        if migrated:
            FORM.after_migrate()
            FORM.after_migrate()

    return release


def test_it_is_published_once_and_what_was_published_stays_to_the_byte(world, bring):
    before = TemplateVersion.objects.values().get()
    assert SLUG not in TOOLS.slugs(before["content"])
    bring()
    old, new = TemplateVersion.objects.order_by("number")
    assert TemplateVersion.objects.values().get(number=1) == before
    assert FORM.digest_of(old.content) == old.digest == before["digest"]
    assert (new.number, new.content["version"], new.published_by) == (2, "2.0.0", None)
    assert new.digest == FORM.digest_of(new.content) and "Light check" in new.note
    *same, sheet = new.content["soft_tools"]
    assert same == old.content["soft_tools"] and new.content["areas"] == old.content["areas"]
    assert sheet["slug"] == SLUG and sheet["fields"][1]["label"] == "What calms them"
    assert FORM.problems(new.content) == [] == FORM.unlike_before(old.content, new.content)
    assert FORM.plainer_left(new.content) == 0


def test_a_new_school_begins_with_it(world, bring):
    bring()
    assert FORM.problems(TSP.shipped()) == [] and SLUG in TOOLS.slugs(TSP.shipped())


def test_it_is_offered_begun_filled_in_and_finished(world, as_user, bring):
    keyworker = as_user(world.u_keyworker)
    assert keyworker.get(url("sheet_start", world.mina.pk, SLUG)).status_code == 404
    bring()
    place = url("sheet_start", world.mina.pk, SLUG)
    assert place in keyworker.get(url("student", world.mina.pk)).content.decode()
    assert "Light check" in keyworker.get(place).content.decode()
    answer = keyworker.post(place)
    sheet = Sheet.objects.get(student=world.mina, tool=SLUG)
    assert answer["Location"] == url("sheet_fill", sheet.pk) and sheet.template_id == current().version_id
    data = form_of(keyworker.get(url("sheet_fill", sheet.pk)).content.decode())
    data |= {"what-calms": ["The swing."], "finish": "1"}
    assert keyworker.post(url("sheet_fill", sheet.pk), data)["Location"] == url("sheet", sheet.pk)
    sheet.refresh_from_db()
    assert sheet.done_by == world.u_keyworker
    assert dict(sheet.answers.values_list("field", "value")) == {"what-calms": "The swing."}
    assert "The swing." in keyworker.get(url("sheet", sheet.pk)).content.decode()


def test_until_migrate_has_brought_its_sheet_it_is_off(world, as_user, bring):
    asked = {"student_turn": 1, "student_title": "My light", "student_readers": "My team.", "counted": True}
    bring(migrated=False, **asked)
    keyworker, me = as_user(world.u_keyworker), as_user(world.u_student)
    gone = [
        (keyworker, url("sheet_start", world.mina.pk, SLUG)),
        (keyworker, url("sheet_declined", world.mina.pk, SLUG)),
        (me, reverse("home:start", args=[SLUG])),
        (me, reverse("home:rather_not", args=[SLUG])),
    ]
    for client, address in gone:
        assert client.get(address).status_code == 404 == client.post(address).status_code
    for client, address in (
        (keyworker, url("student", world.mina.pk)),
        (keyworker, url("sheets", world.mina.pk)),
        (as_user(world.u_coordinator), url("class")),
        (me, "/my-page/"),
        (me, reverse("home:sheets")),
    ):
        page = client.get(address)
        html = page.content.decode()
        assert page.status_code == 200 and "Light check" not in html and "My light" not in html
        assert SLUG not in html
    assert not Sheet.objects.filter(tool=SLUG).exists()


def test_a_draft_gets_it_too_and_is_changed_and_published_as_before(world, as_user, bring):
    by = world.u_coordinator
    FORM.start(by=by)
    made = []

    def add(doc):
        doc, slug = edit.add_question(AREAS, doc, "flexibility", WORDS, "2.0.0")
        made.append(slug)
        return doc

    seen = FORM.change(by=by, change=add).lock
    bring()
    draft = FORM.the_draft()
    assert (draft.number, draft.content["version"]) == (3, "3.0.0") and draft.lock == seen + 1
    assert SLUG in TOOLS.slugs(draft.content)
    assert AREAS.question_of(draft.content, made[0])[1]["since_version"] == "3.0.0"
    editor = as_user(by)
    assert editor.get(reverse("tsp:templates")).status_code == 200
    words = {"title": "Light check-in", "pupil_title": ""}
    page = editor.get(reverse("tsp:tool_edit", args=[SLUG]))
    data = {field.html_name: field.value() or "" for field in page.context["form"]}
    answer = editor.post(reverse("tsp:tool_edit", args=[SLUG]), data | words)
    assert answer.status_code == 302, answer.content.decode()
    draft = FORM.the_draft()
    assert TOOLS.section(draft.content, SLUG)["title"] == "Light check-in" and draft.changed_by == by
    FORM.publish(by=by, note="Ours", seen_lock=draft.lock)
    assert current().number == 3 and current().tool(SLUG).title == "Light check-in"
    assert made[0] in current().statements
