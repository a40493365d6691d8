"""What is typed in the editors of the two forms is kept until it is saved, as in any other form."""

from __future__ import annotations

import re

import pytest

from ilsa.templates import FORM as ILSA_FORM
from keywork.models import Draft, PendingSubmission
from tests.forms import form_of
from tsp.questions.templates import FORM as TSP_FORM

TSP, ILSA = "/tsp/form/draft", "/independence/form/draft"
EDITORS = {
    f"{TSP}/scale/": "label_0",
    f"{TSP}/new-area/": "title",
    f"{TSP}/areas/flexibility/": "title",
    f"{TSP}/areas/flexibility/new/": "statement",
    f"{TSP}/statements/emo-recover/": "statement",
    f"{TSP}/tools/student-voice/": "title",
    f"{TSP}/tools/student-voice/new/": "label",
    f"{TSP}/tools/student-voice/hopes/": "label",
    f"{ILSA}/answers/": "label_0",
    f"{ILSA}/domains/money/": "title",
    f"{ILSA}/domains/money/new/": "statement",
    f"{ILSA}/questions/pc-wash/": "statement",
}
WORDS = "Words of mine, typed"


@pytest.fixture
def editor(world, as_user):
    TSP_FORM.start(by=world.u_coordinator)
    ILSA_FORM.start(by=world.u_coordinator)
    return as_user(world.u_coordinator)


def page_of(client, url: str, field: str) -> tuple[dict, str, str]:
    """The form that stands there, where its drafts go, and the page."""
    page = client.get(url).content.decode()
    return form_of(page, f'name="{field}"'), re.search(r'data-draft-url="([^"]+)"', page)[1], page


@pytest.mark.parametrize(
    ("url", "field"), EDITORS.items(), ids=[url.split("/draft/")[1] + url[1] for url in EDITORS]
)
def test_what_is_typed_is_there_again_until_it_is_saved(editor, url, field):
    form, draft_url, page = page_of(editor, url, field)
    assert "Discard draft" not in page
    assert editor.post(draft_url, form | {field: WORDS}).status_code == 204
    again, _, page = page_of(editor, url, field)
    assert again[field] == [WORDS] and "Draft saved at" in page and "Discard draft" in page
    given = {name: values for name, values in again.items() if name != "new_meaning"}
    for box in ("purpose", "pupil_title", "statement", "pupil_wording", "parent_wording", "label"):
        if box in given and not given[box][0]:
            given[box] = "I can do it"
    if "anchor_0" in given:
        given |= {f"anchor_{value}": given[f"anchor_{value}"][0] or "Is seen" for value in range(5)}
    answer = editor.post(url, given)
    assert answer.status_code == 302, re.findall(r"invalid-feedback[^>]*>(.*?)<", answer.content.decode())
    assert not Draft.objects.exists()


def test_a_refused_one_is_kept_and_may_be_thrown_away(editor):
    url = f"{TSP}/statements/emo-recover/"
    form, _, _ = page_of(editor, url, "statement")
    refused = editor.post(url, form | {"statement": "", "pupil_wording": WORDS})
    assert refused.status_code == 422 and Draft.objects.count() == 1
    form, _, _ = page_of(editor, url, "statement")
    assert form["pupil_wording"] == [WORDS]
    assert editor.post(url, form | {"discard": "this"})["Location"] == url
    assert not Draft.objects.exists()


def test_a_draft_after_the_session_ended_is_kept(editor, world, as_user):
    form, draft_url, _ = page_of(editor, f"{TSP}/scale/", "label_0")
    editor.post("/accounts/logout/")
    editor.post(draft_url, form | {"label_0": WORDS})
    assert Draft.objects.get().data["label_0"] == [WORDS] and not PendingSubmission.objects.exists()
