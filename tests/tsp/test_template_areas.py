"""Areas of the draft added, moved, retired and brought back in the browser; the scale reworded."""

from __future__ import annotations

from functools import partial

import pytest
from django.urls import reverse

from questionnaires import diff, edit, schema
from questionnaires.checks import in_use
from questionnaires.diff import in_short
from tsp.models import TemplateVersion
from tsp.questions.questionnaire import AREAS, TSP
from tsp.questions.templates import FORM, current, version
from tsp.rating import rules

from .factories import make_point, rate_all

parse = partial(schema.parse, TSP)
in_bytes = partial(schema.in_bytes, TSP)
problems = partial(schema.problems, TSP)
unlike_before = partial(schema.unlike_before, TSP)
differences = partial(diff.differences, TSP)
shipped, whole = TSP.shipped, TSP.whole

AREA = {
    "title": "Money and belongings",
    "pupil_title": "My money and my things",
    "purpose": "Looking after money and belongings.",
    **{f"anchor_{value}": f"Anchor {value} of money" for value in range(5)},
}
ITEM = {
    "statement": "Keeps small amounts of money safe through a day.",
    "pupil_wording": "I can look after my money for a day.",
    "parent_wording": "Looks after small amounts of money.",
    "ehcp_area_of_need": "cognition_learning",
    "pfa_outcome": "independent_living",
}


@pytest.fixture
def editor(world, as_user):
    return as_user(world.u_coordinator)


@pytest.fixture
def draft(world):
    return FORM.start(by=world.u_coordinator)


def now() -> TemplateVersion:
    return TemplateVersion.objects.drafts().get()


def seen(client, url: str) -> str:
    form = client.get(url).context["form"]
    return str(form["seen"].value()) if "seen" in form.fields else ""


def add(editor, **words):
    url = reverse("tsp:area_add")
    return editor.post(url, {**AREA, **ITEM, **words, "seen": seen(editor, url)})


def press(editor, area: str, do: str):
    return editor.post(reverse("tsp:area_move", args=[area]), {"do": do}, follow=True)


def in_order(content) -> list[str]:
    return [area["slug"] for area in in_use(content["areas"])]


def test_an_area_with_its_first_statement(draft, editor):
    assert add(editor).status_code == 302
    area = AREAS.section(now().content, "money-belongings")
    assert in_order(now().content)[-1] == "money-belongings" and area["order"] == 10
    assert [anchor["descriptor"] for anchor in area["anchors"]] == [
        f"Anchor {value} of money" for value in range(5)
    ]
    [item] = area["items"]
    assert item["statement"] == ITEM["statement"] and item["since_version"] == "2.0.0"
    assert area["ehcp_area_of_need"] == "cognition_learning"
    assert problems(now().content) == []
    page = editor.get(reverse("tsp:template", args=[2])).content.decode()
    assert "10. Money and belongings" in page
    shown = editor.get(reverse("tsp:diff", args=[2])).content.decode()
    assert "Money and belongings" in shown and ITEM["statement"] in shown


def test_two_areas_of_one_title_have_two_slugs(draft, editor):
    add(editor)
    add(editor)
    assert in_order(now().content)[-2:] == ["money-belongings", "money-belongings-2"]
    slugs = [item["slug"] for area in now().content["areas"] for item in area["items"]]
    assert len(slugs) == len(set(slugs)) == 56


def test_what_is_missing_stands_beside_what_was_typed(draft, editor):
    answer = add(editor, statement=" ", title="x" * 121)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the wording for staff" in html and "there is room for 120" in html
    assert "Anchor 3 of money" in html
    assert now().lock == draft.lock


def test_no_more_areas_than_the_form_holds(draft, editor):
    for number in range(AREAS.most - 9):
        assert add(editor, title=f"Area {number}").status_code == 302
    answer = add(editor, title="One too many")
    assert answer.status_code == 422 and "at most 12 areas" in answer.content.decode()


def test_moving_areas(draft, editor):
    press(editor, "relationships", "up")
    press(editor, "communicating", "up")  # second now: up again
    press(editor, "repair-community", "down")  # the last: nothing changes
    press(editor, "flexibility", "down")
    assert in_order(now().content)[:2] == ["communicating", "relationships"]
    assert in_order(now().content)[4:6] == ["sensory-wellbeing", "flexibility"]
    assert [area["order"] for area in now().content["areas"]] == list(range(1, 10))
    shown = differences(shipped(), now().content)
    assert in_short(shown) == "1 moved"


def test_retired_an_area_keeps_its_place_for_old_records(draft, world, editor):
    """Old records keep it to the byte; new ones have none of its statements; its slugs can never be used again."""
    old_id = current().version_id
    point = make_point(world.mina, world.u_keyworker, ratings=rate_all(2))
    before = in_bytes(TemplateVersion.objects.get(number=1).content)
    page = press(editor, "flexibility", "retire").content.decode()
    assert "The area is retired in the draft, with its statements." in page
    assert "Retired: one area" in page
    content = now().content
    assert in_order(content) == [slug for slug in in_order(shipped()) if slug != "flexibility"]
    assert problems(content) == [] and unlike_before(shipped(), content) == []
    assert "retired" in editor.get(reverse("tsp:area_edit", args=["flexibility"])).content.decode()
    assert in_short(differences(shipped(), content)) == "1 retired"
    FORM.publish(by=world.u_coordinator, note="Eight areas", seen_lock=now().lock)

    form = current()
    assert (len(form.areas), len(form.in_use)) == (8, 48)
    assert [area.number for area in form.areas] == list(range(1, 9))
    assert not form.statements["flex-try-new"].active
    assert form.area("flexibility").title and form.area("flexibility").statements == ()
    old = version(old_id)
    assert len(old.area("flexibility").statements) == 6
    assert in_bytes(TemplateVersion.objects.get(number=1).content) == before
    assert rules.completion([one.rating for one in point.ratings.all()]).of == 54

    FORM.start(by=world.u_coordinator)
    add(editor, title="Flexibility")
    assert in_order(now().content)[-1] == "flexibility-2"
    press(editor, "flexibility", "restore")
    assert len(in_order(now().content)) == 10
    shown = editor.get(reverse("tsp:diff", args=[3])).content.decode()
    assert "Brought back" in shown


def test_one_never_published_is_taken_away(draft, editor):
    add(editor)
    page = press(editor, "money-belongings", "retire").content.decode()
    assert "never published, so it is taken away" in page
    assert whole(now().content)["areas"] == whole(shipped())["areas"]


def test_the_last_area_stays(draft, editor):
    for slug in in_order(shipped())[1:]:
        press(editor, slug, "retire")
    page = press(editor, "communicating", "retire").content.decode()
    assert "The form needs one area at least" in page
    assert in_order(now().content) == ["communicating"]


def test_a_retired_area_cannot_be_left_out_of_a_file():
    doc = shipped()
    doc["areas"] = [area for area in doc["areas"] if area["slug"] != "flexibility"]
    assert any("retire it rather than leave it out" in str(one) for one in unlike_before(shipped(), doc))
    doc = edit.retire_section(AREAS, shipped(), "flexibility", {"flexibility"})
    assert in_bytes(parse(in_bytes(doc))) == in_bytes(doc)
    for area in doc["areas"]:
        area["active"] = False
    assert any("no area in use" in str(one) for one in problems(doc))


def test_the_scale_is_reworded_and_its_values_stay(draft, editor):
    url = reverse("tsp:scale_edit")
    given = dict(editor.get(url).context["form"].initial)
    assert (given["label_0"], given["pupil_label_4"]) == ("Not yet seen", "Yes, nearly always")
    answer = editor.post(
        url,
        {**given, "label_1": "Starting", "pupil_label_1": "Just starting", "descriptor_1": "Now and then."},
    )
    assert answer.status_code == 302
    points = now().content["scale"]
    assert (points[1]["label"], points[1]["pupil_label"], points[1]["descriptor"]) == (
        "Starting",
        "Just starting",
        "Now and then.",
    )
    assert [(point["value"], point["code"]) for point in points] == [
        (point["value"], point["code"]) for point in shipped()["scale"]
    ]
    shown = editor.get(reverse("tsp:diff", args=[2])).content.decode()
    assert "The five points" in shown and "Starting" in shown and "Beginning (with a lot of help)" in shown
    assert current().scale[1].label == "Beginning (with a lot of help)", "a draft changes nothing yet"


def test_an_empty_point_is_named(draft, editor):
    url = reverse("tsp:scale_edit")
    given = dict(editor.get(url).context["form"].initial)
    answer = editor.post(url, {**given, "descriptor_3": " "})
    assert answer.status_code == 422 and "Fill in “What point 3 means”" in answer.content.decode()


def test_two_editors_of_the_scale(draft, world, editor, as_user):
    url = reverse("tsp:scale_edit")
    form = editor.get(url).context["form"]
    given = {name: form[name].value() for name in form.fields}
    editor.post(url, {**given, "label_2": "First"})
    late = editor.post(url, {**given, "label_2": "Second"})
    html = late.content.decode()
    assert late.status_code == 409 and "First" in html and 'value="Second"' in html
    assert now().content["scale"][2]["label"] == "First"


def test_without_a_draft_one_is_sent_to_the_versions(editor):
    for name in ("area_add", "scale_edit"):
        assert editor.get(reverse(f"tsp:{name}"))["Location"] == reverse("tsp:templates")
    assert editor.post(reverse("tsp:area_move", args=["flexibility"]), {"do": "up"})["Location"] == reverse(
        "tsp:templates"
    )
