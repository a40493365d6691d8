"""The form of the assessment in the browser: a draft edited, compared, published; two editors; files."""

from __future__ import annotations

import json
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ilsa.models import TemplateVersion
from ilsa.questionnaire import DOMAINS, ILSA
from ilsa.templates import FORM, current, version
from keywork.errors import ChangedMeanwhile, Refused
from questionnaires import edit, schema
from questionnaires.checks import in_use

from .factories import assessment_of, opened

in_bytes = partial(schema.in_bytes, ILSA)
shipped = ILSA.shipped

WORDS = {
    "statement": "Compares prices before buying.",
    "pupil_wording": "I look at prices before I buy.",
    "parent_wording": "Compares prices before buying something.",
    "ehcp_area_of_need": "cognition_learning",
    "pfa_outcome": "independent_living",
    "suggested_from_nc_year": "8",
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
    """What the page's form carries as having been seen."""
    form = client.get(url).context["form"]
    return str(form["seen"].value()) if "seen" in form.fields else ""


def statement(slug: str) -> str:
    return DOMAINS.question_of(now().content, slug)[1]["statement"]


def slugs(domain: str = "money") -> list[str]:
    return [item["slug"] for item in in_use(DOMAINS.section(now().content, domain)["items"])]


def retitled(doc, title="Cash"):
    return edit.reword_section(
        DOMAINS, doc, "money", {"title": title, "pupil_title": "My money", "purpose": "Paying for things."}
    )


def published(by, title="Cash") -> TemplateVersion:
    FORM.start(by=by)
    draft = FORM.change(by=by, change=lambda doc: retitled(doc, title))
    return FORM.publish(by=by, note="For the test", seen_lock=draft.lock)


# --------------------------------------------------------------------------------- published for good


def test_a_published_version_cannot_be_changed_or_deleted(world):
    row = TemplateVersion.objects.get(number=1)
    rows = TemplateVersion.objects.filter(pk=row.pk)
    for spoil in (
        lambda: rows.update(note="Other words"),
        lambda: rows.update(status="draft", published_at=None, digest=""),
        row.delete,
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            spoil()


def test_only_one_draft(draft, world):
    assert FORM.start(by=world.u_head) == draft
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.create(
            number=9, content={}, started_at=draft.started_at, changed_at=draft.started_at
        )


def test_a_round_keeps_the_version_it_was_opened_with(world, editor):
    """Version 2 is published mid-year; the round that is open reads to the byte as it did."""
    opened(world.u_head)
    before = editor.get(reverse("ilsa:export", args=[1])).content
    made = published(world.u_coordinator)
    assert editor.get(reverse("ilsa:export", args=[1])).content == before
    held = version(assessment_of(world.mina).template_id)
    assert (held.number, held.domain("money").title) == (1, "Money and budgeting")
    assert (current().version_id, current().domain("money").title) == (made.pk, "Cash")
    assert made.content["version"] == "2.0.0"


# --------------------------------------------------------------------------------- editing in the browser


def test_from_draft_to_published(world, editor, as_user):
    editor.post(reverse("ilsa:start_draft"))
    url = reverse("ilsa:question_add", args=["money"])
    assert editor.post(url, {**WORDS, "seen": seen(editor, url)}).status_code == 302
    added = slugs()[-1]

    one, two, three = slugs("safety")[:3]
    url = reverse("ilsa:question_edit", args=[one])
    words = {**WORDS, "statement": "Crosses a road at a crossing.", "suggested_from_nc_year": ""}
    assert editor.post(url, {**words, "seen": seen(editor, url)}).status_code == 302
    url = reverse("ilsa:question_edit", args=[two])
    editor.post(url, {**WORDS, "new_meaning": "on", "equivalent": "on", "seen": seen(editor, url)})
    editor.post(reverse("ilsa:move", args=[three]), {"do": "retire"})
    editor.post(reverse("ilsa:move", args=["pc-teeth"]), {"do": "up"})
    assert current().number == 1, "a draft changes nothing yet"

    page = editor.get(reverse("ilsa:diff", args=[2])).content.decode()
    for said in ("1 added, 1 replaced, 1 reworded, 1 retired, 1 moved", "Crosses a road at a crossing."):
        assert said in page

    url = reverse("ilsa:publish")
    answer = editor.post(url, {"note": "Words from the summer review", "seen": seen(editor, url)})
    assert answer["Location"] == reverse("ilsa:template", args=[2])
    form = current()
    assert form.number == 2
    assert [item.slug for item in form.domain("personal-care").items][:2] == ["pc-teeth", "pc-wash"]
    assert (form.items[added].student, form.items[added].from_year) == (WORDS["pupil_wording"], 8)
    assert form.items[one].staff == "Crosses a road at a crossing."
    assert not form.items[three].active and not form.items[two].active
    heir = next(slug for slug, old in form.equivalents.items() if old == two)
    assert form.items[heir].since == "2.0.0" and form.items[heir].active
    teacher = as_user(world.u_teacher)
    assert "Words from the summer review" in teacher.get(reverse("ilsa:templates")).content.decode()


def test_a_retired_question_comes_back(draft, editor):
    slug = slugs()[0]
    editor.post(reverse("ilsa:move", args=[slug]), {"do": "retire"})
    assert slug not in slugs()
    editor.post(reverse("ilsa:move", args=[slug]), {"do": "restore"})
    assert slug in slugs()


def test_a_domain_keeps_the_questions_it_needs(draft, editor):
    for slug in slugs()[:3]:
        editor.post(reverse("ilsa:move", args=[slug]), {"do": "retire"})
    answer = editor.post(reverse("ilsa:move", args=[slugs()[0]]), {"do": "retire"}, follow=True)
    assert "needs 4 questions at least" in answer.content.decode()
    assert len(slugs()) == 4


def test_domains_and_answers_are_reworded(draft, editor):
    url = reverse("ilsa:domain_edit", args=["money"])
    given = {"title": "Cash", "pupil_title": "My  cash", "purpose": "Paying\nfor things."}
    editor.post(url, {**given, "seen": seen(editor, url)})
    domain = DOMAINS.section(now().content, "money")
    assert [domain[name] for name in given] == ["Cash", "My cash", "Paying for things."]

    url = reverse("ilsa:answers_edit")
    given = editor.get(url).context["form"].initial
    editor.post(url, {**given, "parent_label_0": "Someone does it", "pupil_label_6": "Never tried it"})
    content = now().content
    assert content["scale"][0]["parent_label"] == "Someone does it"
    assert content["non_scores"][1]["pupil_label"] == "Never tried it"
    student = editor.get(reverse("ilsa:preview", args=[2, "student"])).content.decode()
    assert "Never tried it" in student and "My cash" in student and "Someone does it" not in student


def test_words_of_the_form_are_never_a_template(draft, world, editor):
    """Crispy draws some of its pieces as templates: nothing of the document may be one of them."""
    words = edit.answer_words(ILSA, shipped())
    words[5]["label"] = "{{ request.user.email }}{% now 'Y' %}"
    FORM.change(by=world.u_coordinator, change=lambda doc: edit.reword_answers(ILSA, doc, words))
    page = editor.get(reverse("ilsa:answers_edit")).content.decode()
    assert "{{ request.user.email }}{% now" in page and world.u_coordinator.email not in page


@pytest.mark.parametrize(
    ("name", "args", "data", "says"),
    [
        ("question_add", ["money"], {**WORDS, "pupil_wording": " "}, "Write the wording for students"),
        ("question_add", ["money"], {**WORDS, "suggested_from_nc_year": "15"}, "Choose one of the answers"),
        ("question_edit", ["pc-wash"], {**WORDS, "statement": "x" * 301}, "there is room for 300"),
        ("question_edit", ["pc-wash"], {**WORDS, "equivalent": "on"}, "only goes with a changed meaning"),
        ("domain_edit", ["money"], {"title": "", "pupil_title": "a", "purpose": "b"}, "Write a title"),
        ("answers_edit", [], {}, "Point 0: fill in “For staff”"),
        ("publish", [], {"note": " "}, "Say what changed and why"),
        ("publish", [], {"note": "Nothing"}, "Nothing has changed"),
    ],
)
def test_what_is_wrong_stands_beside_what_was_typed(draft, editor, name, args, data, says):
    url = reverse(f"ilsa:{name}", args=args)
    answer = editor.post(url, {**data, "seen": seen(editor, url)})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert now().lock == draft.lock


def test_without_a_draft_one_is_sent_to_the_versions(editor):
    for name, args in (("publish", []), ("domain_edit", ["money"]), ("question_edit", ["pc-wash"])):
        assert editor.get(reverse(f"ilsa:{name}", args=args))["Location"] == reverse("ilsa:templates")


def test_a_draft_is_for_those_who_edit_it(draft, world, as_user, editor):
    for name, extra in (("template", []), ("diff", []), ("export", []), ("preview", ["staff"])):
        url = reverse(f"ilsa:{name}", args=[draft.number, *extra])
        assert as_user(world.u_head).get(url).status_code == 404
        assert editor.get(url).status_code == 200
    page = as_user(world.u_head).get(reverse("ilsa:templates")).content.decode()
    assert "Draft of version 2" not in page and reverse("ilsa:import") not in page


def test_the_rounds_lead_to_the_form(world, as_user):
    assert reverse("ilsa:templates") in as_user(world.u_head).get(reverse("ilsa:rounds")).content.decode()


# --------------------------------------------------------------------------------- two editors


def test_two_editors_of_one_question(draft, editor):
    """The second sees the first's words beside their own; nothing is overwritten unseen."""
    url = reverse("ilsa:question_edit", args=["pc-wash"])
    old = seen(editor, url)
    words = {name: editor.get(url).context["form"][name].value() or "" for name in WORDS}
    first = {"statement": "The first editor’s words", "parent_wording": "Theirs, for home"}
    editor.post(url, {**words, **first, "seen": old})
    answer = editor.post(url, {**words, "statement": "The second editor’s words", "seen": old})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The first editor’s words" in page and "The second editor’s words" in page
    assert statement("pc-wash") == "The first editor’s words"
    form = answer.context["form"]
    again = {name: form[name].value() or "" for name in (*WORDS, "seen")}
    assert editor.post(url, again).status_code == 409, "a plain second save chooses nothing"
    again |= {"choice:statement": f"mine.{form.disputed['statement'].digest}"}
    assert editor.post(url, again).status_code == 302
    item = DOMAINS.question_of(now().content, "pc-wash")[1]
    assert item["statement"] == "The second editor’s words"
    assert item["parent_wording"] == "Theirs, for home", "what the second did not touch stays the first's"


def test_nobody_publishes_or_discards_what_they_have_not_seen(draft, world, editor):
    url = reverse("ilsa:publish")
    old = seen(editor, url)
    FORM.change(by=world.u_coordinator, change=retitled)
    answer = editor.post(url, {"note": "As I saw it", "seen": old})
    assert answer.status_code == 409 and "changed the draft while you were looking" in answer.content.decode()
    assert answer.context["form"]["note"].value() == "As I saw it"
    with pytest.raises(ChangedMeanwhile):
        FORM.discard(by=world.u_coordinator, seen_lock=draft.lock)
    editor.post(reverse("ilsa:discard_draft"), {"seen": draft.lock})
    assert now().lock == draft.lock + 1
    editor.post(reverse("ilsa:discard_draft"), {"seen": draft.lock + 1})
    assert not TemplateVersion.objects.drafts().exists()
    with pytest.raises(Refused, match="no draft any more"):
        FORM.change(by=world.u_coordinator, change=retitled)


# --------------------------------------------------------------------------------- files


def upload(client, raw: bytes, seen: object = ""):
    file = SimpleUploadedFile("form.json", raw, "application/json")
    return client.post(reverse("ilsa:import"), {"file": file, "seen": seen})


def test_an_exported_form_comes_back(world, editor):
    doc = json.loads(editor.get(reverse("ilsa:export", args=[1])).content)
    DOMAINS.question_of(doc, "pc-wash")[1]["statement"] = "Written in another program."
    answer = upload(editor, json.dumps(doc).encode())
    assert answer["Location"] == reverse("ilsa:diff", args=[2])
    assert statement("pc-wash") == "Written in another program."


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"<html>", "This is not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b" " * 600_000, "larger than 512 KB"),
        (b'{"schema": "<script>alert(1)</script>"}', "schema"),
    ],
)
def test_a_hostile_file_changes_nothing(editor, raw, says):
    answer = upload(editor, raw)
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    assert "<script>alert" not in page
    assert not TemplateVersion.objects.drafts().exists()


def test_a_file_that_drops_a_question_is_refused_by_name(editor):
    doc = shipped()
    gone = DOMAINS.section(doc, "money")["items"].pop(0)["slug"]
    page = upload(editor, in_bytes(doc)).content.decode()
    assert "domains[3].items" in page and f"{gone} is missing" in page


def test_a_file_never_takes_the_place_of_an_unseen_draft(draft, world, editor):
    url = reverse("ilsa:import")
    old = seen(editor, url)
    FORM.change(by=world.u_coordinator, change=retitled)
    answer = upload(editor, in_bytes(shipped()), old)
    assert answer.status_code == 409
    assert DOMAINS.section(now().content, "money")["title"] == "Cash"
    assert upload(editor, in_bytes(shipped()), answer.context["form"]["seen"].value()).status_code == 302


# --------------------------------------------------------------------------------- previews and lists


def test_each_audience_reads_its_own_words(world, as_user):
    client = as_user(world.u_teacher)
    words = {
        "staff": "Washes, showers or bathes often and thoroughly enough.",
        "student": "I wash or shower often enough.",
        "parent": "Washes, showers or bathes often and well enough.",
    }
    for audience in words:
        page = client.get(reverse("ilsa:preview", args=[1, audience])).content.decode()
        assert [other for other in words if words[other] in page] == [audience]
    assert client.get(reverse("ilsa:preview", args=[1, "public"])).status_code == 404


def test_queries_are_constant(world, editor):
    urls = [
        reverse("ilsa:templates"),
        reverse("ilsa:template", args=[1]),
        reverse("ilsa:diff", args=[1]),
        reverse("ilsa:preview", args=[1, "staff"]),
    ]

    def count(url):
        with CaptureQueriesContext(connection) as caught:
            assert editor.get(url).status_code == 200
        return len(caught)

    for url in urls:
        editor.get(url)
    one = [count(url) for url in urls]
    for number in range(4):
        published(world.u_coordinator, f"Cash {number}")
    assert [count(url) for url in urls] == one
