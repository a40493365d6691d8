"""The TSP form in the browser: a draft edited, compared and published; two editors; proposals answered."""

from __future__ import annotations

import json
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from questionnaires import edit, schema
from questionnaires.checks import in_use
from tsp.models import Proposal, TemplateVersion
from tsp.questions.questionnaire import AREAS, TOOLS, TSP
from tsp.questions.templates import FORM, current, version

in_bytes = partial(schema.in_bytes, TSP)
shipped = TSP.shipped

WORDS = {
    "statement": "Finds another way when the usual one is shut.",
    "pupil_wording": "When my way is blocked I can find another.",
    "parent_wording": "Finds another way when plans fail.",
    "ehcp_area_of_need": "communication_interaction",
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
    """What the page's form carries as having been seen."""
    form = client.get(url).context["form"]
    return str(form["seen"].value()) if "seen" in form.fields else ""


def area_slugs(content, area="flexibility"):
    return [item["slug"] for item in in_use(AREAS.section(content, area)["items"])]


def published(by, change) -> TemplateVersion:
    FORM.start(by=by)
    draft = FORM.change(by=by, change=change)
    return FORM.publish(by=by, note="For the test", seen_lock=draft.lock)


def reworded(doc):
    return edit.reword_section(
        TOOLS, doc, "student-voice", {"title": "Student voice", "pupil_title": "My say"}
    )


# --------------------------------------------------------------------------------- the first version


def test_there_is_always_a_first_version(world):
    form = current()
    assert (form.number, len(form.areas), len(form.in_use)) == (1, 9, 54)
    assert not FORM.ensure_first_version()
    call_command("load_templates", verbosity=0)
    assert TemplateVersion.objects.count() == 1


def test_the_typed_form(world):
    form = current()
    one = form.statements["comm-ask-help"]
    assert [one.wording(audience) for audience in ("staff", "student", "parent")] == [
        "Asks for help, a break or more time, using words, signs, symbols or an agreed signal, before the "
        "situation becomes unmanageable.",
        "I can ask for help or a break before things get too much.",
        "Lets someone know when they need help, a break or more time.",
    ]
    assert form.area("flexibility").anchors[0] and len(form.area("flexibility").anchors) == 5
    assert [point.short_label for point in form.scale][:2] == ["Not yet seen", "Beginning"]
    assert form.tool("student-voice").title_for("student") == "My views"


def test_reading_the_form_costs_one_query(world, django_assert_num_queries):
    first = current()
    with django_assert_num_queries(1):
        assert current() is first


# --------------------------------------------------------------------------------- published for good


def test_a_published_version_cannot_be_changed_or_deleted(world):
    row = TemplateVersion.objects.get(number=1)
    for spoil in (
        lambda: TemplateVersion.objects.filter(pk=row.pk).update(note="Other words"),
        lambda: TemplateVersion.objects.filter(pk=row.pk).update(
            status="draft", published_at=None, digest=""
        ),
        row.delete,
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            spoil()


def test_old_versions_stay_unchanged_to_the_byte(world, editor):
    """Version 2 is published mid-year; what a record of version 1 stands on reads as it did."""
    before = editor.get(reverse("tsp:export", args=[1])).content
    old = version(TemplateVersion.objects.get(number=1).pk)
    made = published(world.u_coordinator, reworded)
    assert editor.get(reverse("tsp:export", args=[1])).content == before
    assert version(old.version_id) is old
    assert old.tool("student-voice").title == "Student voice sheet"
    assert (current().version_id, current().tool("student-voice").title) == (made.pk, "Student voice")
    assert made.content["version"] == "2.0.0"


def test_only_one_draft(draft, world):
    assert FORM.start(by=world.u_head) == draft
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.create(
            number=9, content={}, started_at=draft.started_at, changed_at=draft.started_at
        )


# --------------------------------------------------------------------------------- editing in the browser


def test_from_draft_to_published(world, editor, as_user):
    editor.post(reverse("tsp:start_draft"))
    url = reverse("tsp:statement_add", args=["flexibility"])
    assert editor.post(url, {**WORDS, "seen": seen(editor, url)}).status_code == 302
    added = area_slugs(now().content)[-1]

    url = reverse("tsp:statement_edit", args=["comm-repair"])
    words = {**WORDS, "statement": "Tries again when not understood."}
    assert editor.post(url, {**words, "seen": seen(editor, url)}).status_code == 302

    url = reverse("tsp:statement_edit", args=["emo-recover"])
    editor.post(url, {**WORDS, "new_meaning": "on", "equivalent": "on", "seen": seen(editor, url)})
    editor.post(reverse("tsp:move", args=["rel-peer-time"]), {"do": "up"})
    editor.post(reverse("tsp:move", args=["flex-try-new"]), {"do": "retire"})
    assert current().number == 1, "a draft changes nothing yet"

    page = editor.get(reverse("tsp:diff", args=[2])).content.decode()
    for said in ("1 added, 1 replaced, 1 reworded, 1 retired, 1 moved", "Tries again when not understood."):
        assert said in page

    url = reverse("tsp:publish")
    answer = editor.post(url, {"note": "Words from the autumn review", "seen": seen(editor, url)})
    assert answer["Location"] == reverse("tsp:template", args=[2])
    form = current()
    assert form.number == 2
    assert [one.slug for one in form.area("relationships").statements][:2] == [
        "rel-peer-time",
        "rel-trusted-adult",
    ]
    assert form.statements[added].student == WORDS["pupil_wording"]
    assert form.statements["comm-repair"].staff == "Tries again when not understood."
    assert not form.statements["flex-try-new"].active
    heir = next(one for one in form.in_use if one.equivalent_to == "emo-recover")
    assert heir.since == "2.0.0" and not form.statements["emo-recover"].active
    teacher = as_user(world.u_teacher)
    assert "Words from the autumn review" in teacher.get(reverse("tsp:templates")).content.decode()


def test_areas_anchors_and_sheets_are_reworded(draft, editor):
    url = reverse("tsp:area_edit", args=["flexibility"])
    given = editor.get(url).context["form"].initial
    editor.post(url, {**given, "title": "Change", "anchor_4": "Takes change  as it\ncomes."})
    area = AREAS.section(now().content, "flexibility")
    assert (area["title"], area["anchors"][4]["descriptor"]) == ("Change", "Takes change as it comes.")

    url = reverse("tsp:tool_edit", args=["student-voice"])
    editor.post(url, {"title": "Voice", "pupil_title": "My say", "seen": seen(editor, url)})
    url = reverse("tsp:field_edit", args=["student-voice", "hopes"])
    editor.post(url, {"label": "My hopes", "pupil_label": "What I hope", "seen": seen(editor, url)})
    url = reverse("tsp:field_add", args=["student-voice"])
    editor.post(
        url,
        {
            "label": "Where I like to be",
            "type": "choice",
            "options": "Library\nField\n",
            "seen": seen(editor, url),
        },
    )
    editor.post(reverse("tsp:field_move", args=["student-voice", "proud-of"]), {"do": "up"})
    editor.post(reverse("tsp:field_move", args=["student-voice", "find-hard"]), {"do": "retire"})
    tool = TOOLS.section(now().content, "student-voice")
    assert (tool["title"], tool["pupil_title"]) == ("Voice", "My say")
    assert TOOLS.question_of(now().content, "hopes", "student-voice")[1]["feeds"] == ["ehcp_section_A"], (
        "the rest stays"
    )
    assert [field["slug"] for field in in_use(tool["fields"])] == [
        "going-well",
        "people-who-help",
        "proud-of",
        "want-to-change",
        "hopes",
        "feel-safe",
        "how-i-gave-views",
        "where-like",
    ]
    student = editor.get(reverse("tsp:preview", args=[2, "student"])).content.decode()
    assert "What I hope" in student and "My hopes" not in student


@pytest.mark.parametrize(
    ("name", "args", "data", "says"),
    [
        ("statement_add", ["flexibility"], {**WORDS, "pupil_wording": " "}, "Write the wording for students"),
        ("statement_edit", ["comm-repair"], {**WORDS, "statement": "x" * 301}, "there is room for 300"),
        (
            "statement_edit",
            ["comm-repair"],
            {**WORDS, "equivalent": "on"},
            "only goes with a changed meaning",
        ),
        (
            "field_add",
            ["student-voice"],
            {"label": "Where", "type": "choice", "options": "One"},
            "two answers",
        ),
        ("field_add", ["student-voice"], {"label": "Where", "type": "table"}, "Choose one of the answers"),
        ("publish", [], {"note": " "}, "Say what changed and why"),
        ("publish", [], {"note": "Nothing"}, "Nothing has changed"),
    ],
)
def test_what_is_wrong_stands_beside_what_was_typed(draft, editor, name, args, data, says):
    url = reverse(f"tsp:{name}", args=args)
    answer = editor.post(url, {**data, "seen": seen(editor, url)})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert now().lock == draft.lock


def test_without_a_draft_one_is_sent_to_the_versions(editor):
    for name, args in (("publish", []), ("area_edit", ["flexibility"]), ("statement_edit", ["comm-repair"])):
        assert editor.get(reverse(f"tsp:{name}", args=args))["Location"] == reverse("tsp:templates")


def test_a_draft_is_for_those_who_edit_it(draft, world, as_user, editor):
    for name, extra in (("template", []), ("diff", []), ("export", []), ("preview", ["staff"])):
        url = reverse(f"tsp:{name}", args=[draft.number, *extra])
        assert as_user(world.u_head).get(url).status_code == 404
        assert editor.get(url).status_code == 200


# --------------------------------------------------------------------------------- two editors


def test_two_editors_of_one_statement(draft, world, editor):
    """The second sees the first's words beside their own; nothing is overwritten unseen."""
    url = reverse("tsp:statement_edit", args=["comm-repair"])
    old = seen(editor, url)
    words = {name: editor.get(url).context["form"][name].value() for name in WORDS}
    editor.post(
        url,
        {**words, "statement": "The first editor’s words", "parent_wording": "Theirs, for home", "seen": old},
    )
    answer = editor.post(url, {**words, "statement": "The second editor’s words", "seen": old})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The first editor’s words" in page and "The second editor’s words" in page
    assert AREAS.question_of(now().content, "comm-repair")[1]["statement"] == "The first editor’s words"
    form = answer.context["form"]
    again = {name: form[name].value() for name in (*WORDS, "seen")}
    assert editor.post(url, again).status_code == 409, "a plain second save chooses nothing"
    again |= {"choice:statement": f"mine.{form.disputed['statement'].digest}"}
    assert editor.post(url, again).status_code == 302
    item = AREAS.question_of(now().content, "comm-repair")[1]
    assert item["statement"] == "The second editor’s words"
    assert item["parent_wording"] == "Theirs, for home", "what the second did not touch stays the first's"


def test_two_editors_of_different_parts_both_save(draft, editor):
    urls = [reverse("tsp:statement_edit", args=[slug]) for slug in ("comm-repair", "comm-ask-help")]
    olds = [seen(editor, url) for url in urls]
    for url, old in zip(urls, olds, strict=True):
        assert editor.post(url, {**WORDS, "seen": old}).status_code == 302
    assert now().lock == draft.lock + 2


def test_nobody_publishes_or_discards_what_they_have_not_seen(draft, world, editor):
    url = reverse("tsp:publish")
    old = seen(editor, url)
    FORM.change(by=world.u_coordinator, change=reworded)
    answer = editor.post(url, {"note": "As I saw it", "seen": old})
    assert answer.status_code == 409 and "changed the draft while you were looking" in answer.content.decode()
    assert answer.context["form"]["note"].value() == "As I saw it"
    with pytest.raises(ChangedMeanwhile):
        FORM.discard(by=world.u_coordinator, seen_lock=draft.lock)
    editor.post(reverse("tsp:discard_draft"), {"seen": draft.lock})
    assert now().lock == draft.lock + 1
    editor.post(reverse("tsp:discard_draft"), {"seen": draft.lock + 1})
    assert not TemplateVersion.objects.drafts().exists()


def test_a_change_to_a_draft_that_is_gone(draft, world):
    FORM.discard(by=world.u_coordinator, seen_lock=draft.lock)
    with pytest.raises(Refused, match="no draft any more"):
        FORM.change(by=world.u_coordinator, change=reworded)


# --------------------------------------------------------------------------------- files


def upload(client, raw: bytes, seen: object = ""):
    file = SimpleUploadedFile("form.json", raw, "application/json")
    return client.post(reverse("tsp:import"), {"file": file, "seen": seen})


def test_an_exported_form_comes_back(world, editor):
    doc = json.loads(editor.get(reverse("tsp:export", args=[1])).content)
    AREAS.section(doc, "flexibility")["items"][0]["statement"] = "Written in another program."
    answer = upload(editor, json.dumps(doc).encode())
    assert answer["Location"] == reverse("tsp:diff", args=[2])
    assert (
        AREAS.section(now().content, "flexibility")["items"][0]["statement"] == "Written in another program."
    )


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


def test_a_file_that_drops_a_statement_is_refused_by_name(editor):
    doc = shipped()
    del AREAS.section(doc, "flexibility")["items"][0]
    page = upload(editor, in_bytes(doc)).content.decode()
    assert "areas[4].items" in page and "flex-planned-change is missing" in page


def test_a_file_never_takes_the_place_of_an_unseen_draft(draft, world, editor):
    url = reverse("tsp:import")
    old = seen(editor, url)
    FORM.change(by=world.u_coordinator, change=reworded)
    answer = upload(editor, in_bytes(shipped()), old)
    assert answer.status_code == 409
    assert TOOLS.section(now().content, "student-voice")["title"] == "Student voice"
    assert upload(editor, in_bytes(shipped()), answer.context["form"]["seen"].value()).status_code == 302


# --------------------------------------------------------------------------------- previews and lists


def test_each_audience_reads_its_own_words(world, as_user):
    client = as_user(world.u_teacher)
    words = {
        "staff": "Takes turns in conversation, leaving room",
        "student": "I take turns when I talk with someone",
        "parent": "Takes turns when talking with family",
    }
    for audience in words:
        page = client.get(reverse("tsp:preview", args=[1, audience])).content.decode()
        assert [other for other in words if words[other] in page] == [audience]
        assert ("Goal-setting sheet (GAS)" in page) is (audience == "staff")
    assert client.get(reverse("tsp:preview", args=[1, "public"])).status_code == 404


def test_queries_are_constant(world, editor):
    def count(url):
        with CaptureQueriesContext(connection) as caught:
            assert editor.get(url).status_code == 200
        return len(caught)

    urls = [
        reverse("tsp:templates"),
        reverse("tsp:template", args=[1]),
        reverse("tsp:proposals"),
        reverse("tsp:diff", args=[1]),
    ]
    propose_all = [
        Proposal(text="More", reason="Why", made_by=world.u_teacher, made_at=clock.now()) for _ in range(20)
    ]
    for url in urls:
        editor.get(url)
    one = [count(url) for url in urls]
    Proposal.objects.bulk_create(propose_all)
    for number in range(4):
        published(
            world.u_coordinator,
            lambda doc, number=number: edit.reword_section(
                TOOLS, doc, "student-voice", {"title": f"Voice {number}", "pupil_title": "Mine"}
            ),
        )
    assert [count(url) for url in urls] == one


# --------------------------------------------------------------------------------- proposals


def test_a_proposal_and_its_answer(world, as_user, editor):
    teacher = as_user(world.u_teacher)
    url = reverse("tsp:propose")
    asked = teacher.get(url, {"about": "comm-repair"})
    assert asked.context["form"]["about"].value() == "comm-repair"
    teacher.post(url, {"about": "comm-repair", "text": "Say <b>again</b>", "reason": "It is clearer"})
    made = Proposal.objects.get()
    assert made.about_words.startswith("Notices when they have not been understood")
    page = teacher.get(reverse("tsp:proposals")).content.decode()
    assert "Say &lt;b&gt;again&lt;/b&gt;" in page
    assert reverse("tsp:proposal_answer", args=[made.pk]) not in page, "only the coordinator answers"

    url = reverse("tsp:proposal_answer", args=[made.pk])
    assert editor.post(url, {"decision": "accepted"}).status_code == 422
    editor.post(url, {"decision": "accepted", "answer": "Good: in the next version."})
    page = teacher.get(reverse("tsp:proposals")).content.decode()
    assert "Good: in the next version." in page and "Accepted" in page
    second = editor.post(url, {"decision": "declined", "answer": "No"})
    assert second.status_code == 409
    made.refresh_from_db()
    assert (made.status, made.answer) == ("accepted", "Good: in the next version.")


def test_a_proposal_about_what_is_not_in_the_form_is_refused(world, as_user):
    answer = as_user(world.u_teacher).post(
        reverse("tsp:propose"), {"about": "no-such", "text": "More", "reason": "Why"}
    )
    assert answer.status_code == 422
    assert not Proposal.objects.exists()
