"""The template document: hostile files refused by path, edits that keep slugs' meaning, differences in words."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork.errors import Refused
from questionnaires import diff, edit, schema
from questionnaires.checks import NotATemplate
from questionnaires.diff import in_short
from questionnaires.schema import MOST_BYTES
from tsp.questions.questionnaire import AREAS, TOOLS, TSP

parse = partial(schema.parse, TSP)
in_bytes = partial(schema.in_bytes, TSP)
problems = partial(schema.problems, TSP)
unlike_before = partial(schema.unlike_before, TSP)
differences = partial(diff.differences, TSP)
shipped, whole = TSP.shipped, TSP.whole

WORDS = {
    "statement": "Finds another way when the usual one is shut.",
    "pupil_wording": "When my way is blocked I can find another.",
    "parent_wording": "Finds another way when plans fail.",
    "ehcp_area_of_need": "communication_interaction",
    "pfa_outcome": "independent_living",
}
KEPT = frozenset(item["slug"] for area in shipped()["areas"] for item in area["items"])


def slugs(doc, area="flexibility", *, active=True):
    return [item["slug"] for item in AREAS.section(doc, area)["items"] if item["active"] is active]


# ------------------------------------------------------------------------------------- the form supplied


def test_the_form_supplied_is_whole_and_says_nothing_of_seeds():
    doc = shipped()
    assert problems(doc) == []
    assert [len(area["items"]) for area in doc["areas"]] == [6] * 9
    assert len(KEPT) == 54
    assert b"seed" not in in_bytes(doc["provenance"])


def test_export_and_import_give_the_same_bytes():
    doc = whole(shipped())
    shuffled = json.loads(json.dumps(doc, sort_keys=True))
    assert in_bytes(parse(in_bytes(shuffled))) == in_bytes(doc)


# ------------------------------------------------------------------------------------- hostile files


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (b"{", "line 1, column 2"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": ' * 20_000, "nested too deep"),
        (b'{"title": "x", "title": "y"}', "“title” stands twice"),
        (b'{"version": NaN}', "NaN is not JSON"),
        (b'{"version": ' + b"9" * 5000 + b"}", "number that cannot be read"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b" " * (MOST_BYTES + 1), "larger than 512 KB"),
        (b"[]", "must be an object"),
        (b"null", "must be an object"),
        (b'"form"', "must be an object"),
    ],
)
def test_a_hostile_file_is_refused_in_words(raw, says):
    with pytest.raises(NotATemplate) as refused:
        parse(raw)
    assert says in str(refused.value)


def spoil(path, value):
    """The form supplied, with one value changed; `...` takes it away."""
    doc = shipped()
    at = doc
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return doc


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("areas", 3, "items", 0, "statement"), "", "areas[3].items[0].statement: is empty"),
        (("areas", 3, "items", 0, "statement"), ..., "areas[3].items[0].statement: is missing"),
        (("areas", 3, "items", 0, "statement"), 7, "areas[3].items[0].statement: must be text"),
        (("areas", 0, "items", 1, "pupil_wording"), "x" * 301, "longer than 300"),
        (
            ("areas", 0, "items", 1, "pupil_wording"),
            "a\x00b",
            "areas[0].items[1].pupil_wording: holds a character",
        ),
        (("areas", 0, "items", 1, "pupil_wording"), "a\ud800b", "holds a character"),
        (("areas", 0, "items", 1, "pupil_wording"), "a\nb", "perhaps a line break"),
        (
            ("areas", 0, "items", 1, "slug"),
            "comm-ask-help",
            "areas[0].items[1].slug: “comm-ask-help” is used already",
        ),
        (("areas", 0, "items", 1, "slug"), "Comm Help", "areas[0].items[1].slug: must be a slug"),
        (("areas", 0, "items", 1, "slug"), "../../etc", "must be a slug"),
        (("areas", 0, "items", 1, "score"), 5, "areas[0].items[1].score: is not known here"),
        (("areas", 0, "items", 1, "active"), 1, "areas[0].items[1].active: must be true or false"),
        (("areas", 0, "items", 1, "pfa_outcome"), "wealth", "areas[0].items[1].pfa_outcome: must be one of"),
        (("areas", 0, "items", 1, "equivalent_to"), "comm-repair", "must be retired"),
        (("areas", 0, "items", 1, "equivalent_to"), "emo-recover", "another slug of the same list"),
        (("areas", 0, "items"), [], "areas[0].items: must have from 1 to 40 entries"),
        (("areas", 0, "anchors", 0, "value"), 1, "areas[0].anchors: must have the values 0, 1, 2, 3, 4"),
        (
            ("areas", 0, "anchors", 4),
            {"value": True, "descriptor": "x"},
            "areas[0].anchors[4].value: must be a whole",
        ),
        (("areas",), {}, "areas: must be a list"),
        (("scale", 0, "code"), "zero", "scale: its code cannot be changed"),
        (("gas", "rho"), 0.9, "gas: cannot be changed"),
        (("scoring", "area_min_rated_items"), 0, "scoring: cannot be changed"),
        (("schema",), "keywork.tsp-template/2", "schema: must be keywork.tsp-template/1"),
        (("soft_tools", 0, "slug"), "my-own", "soft_tools[0].slug: is no soft tool"),
        (
            ("soft_tools", 0, "fields", 7, "options"),
            ["one"],
            "soft_tools[0].fields[7].options: must have from 2",
        ),
        (("soft_tools", 0, "fields", 7, "options"), ["a", "a"], "the same answer twice"),
        (("soft_tools", 0, "fields", 7, "options"), ..., "soft_tools[0].fields[7].options: is missing"),
        (("soft_tools", 0, "fields", 0, "type"), "script", "soft_tools[0].fields[0].type: must be one of"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(path, value, named):
    with pytest.raises(NotATemplate) as refused:
        parse(json.dumps(spoil(path, value)).encode())
    assert named in str(refused.value)


def test_at_most_fifty_problems_are_listed():
    doc = shipped()
    for area in doc["areas"]:
        for item in area["items"]:
            item["statement"] = item["pupil_wording"] = ""
    assert len(problems(doc)) == 50


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["areas", "soft_tools", "scale", "title", "provenance", "gas", "vocabularies"]),
    json_values,
)
def test_no_value_anywhere_breaks_the_check(name, value):
    """Whatever stands in a part, the answer is a list of problems, never a fault."""
    assert isinstance(problems({**shipped(), name: value}), list)


# ------------------------------------------------------------------------------------- editing


def test_a_new_statement_gets_a_slug_of_its_words():
    doc, slug = edit.add_question(AREAS, shipped(), "flexibility", WORDS, "2.0.0")
    assert slug == "flex-way-blocked-find"
    assert slugs(doc)[-1] == slug
    again, second = edit.add_question(AREAS, doc, "flexibility", WORDS, "2.0.0")
    assert second == "flex-way-blocked-find-2"
    assert problems(again) == []


def test_a_rewording_keeps_the_slug():
    doc, slug = edit.reword_question(
        AREAS,
        shipped(),
        "flex-try-new",
        WORDS,
        new_meaning=False,
        equivalent=False,
        version="2.0.0",
        kept=KEPT,
    )
    assert slug == "flex-try-new"
    assert AREAS.question_of(doc, slug)[1]["statement"] == WORDS["statement"]
    assert slugs(doc) == slugs(shipped())


@pytest.mark.parametrize("equivalent", [True, False])
def test_a_new_meaning_is_a_new_slug(equivalent):
    before = shipped()
    doc, slug = edit.reword_question(
        AREAS,
        before,
        "flex-try-new",
        WORDS,
        new_meaning=True,
        equivalent=equivalent,
        version="2.0.0",
        kept=KEPT,
    )
    place = slugs(before).index("flex-try-new")
    assert slugs(doc)[place] == slug != "flex-try-new"
    assert slugs(doc, active=False) == ["flex-try-new"]
    retired = AREAS.question_of(doc, "flex-try-new")[1]
    assert retired["statement"] == AREAS.question_of(before, "flex-try-new")[1]["statement"]
    assert AREAS.question_of(doc, slug)[1].get("equivalent_to") == ("flex-try-new" if equivalent else None)
    assert problems(doc) == [] and unlike_before(before, doc) == []
    if equivalent:
        with pytest.raises(Refused, match="stands in its place"):
            edit.restore_question(AREAS, doc, "flex-try-new")


def test_what_was_never_published_is_reworded_and_taken_away():
    doc, slug = edit.add_question(AREAS, shipped(), "flexibility", WORDS, "2.0.0")
    same, kept_slug = edit.reword_question(
        AREAS, doc, slug, WORDS, new_meaning=True, equivalent=False, version="2.0.0", kept=KEPT
    )
    assert kept_slug == slug
    assert slugs(edit.retire_question(AREAS, same, slug, KEPT)) == slugs(shipped())


def test_retiring_and_bringing_back_is_no_change():
    before = whole(shipped())
    doc = edit.retire_question(AREAS, before, "emo-recover", KEPT)
    assert "emo-recover" not in slugs(doc, "emotional-regulation")
    assert edit.restore_question(AREAS, doc, "emo-recover") == before


def test_the_last_statement_in_use_stays():
    doc = shipped()
    first, *others = slugs(doc)
    for slug in others:
        doc = edit.retire_question(AREAS, doc, slug, KEPT)
    with pytest.raises(Refused):
        edit.retire_question(AREAS, doc, first, KEPT)


def test_moving_passes_over_what_is_retired():
    doc = edit.retire_question(AREAS, shipped(), slugs(shipped())[1], KEPT)
    first, second = slugs(doc)[:2]
    moved = edit.move_question(AREAS, doc, second, -1)
    assert slugs(moved)[:2] == [second, first]
    assert slugs(edit.move_question(AREAS, moved, second, -1)) == slugs(moved), "at the top it stays"


@given(st.lists(st.tuples(st.sampled_from(slugs(shipped())), st.sampled_from([-1, 1])), max_size=12))
def test_no_order_of_moves_loses_a_statement(moves):
    doc = whole(shipped())
    for slug, step in moves:
        doc = edit.move_question(AREAS, doc, slug, step)
    assert sorted(slugs(doc)) == sorted(slugs(shipped()))
    assert problems(doc) == []
    assert [item["order"] for item in AREAS.section(doc, "flexibility")["items"]] == [1, 2, 3, 4, 5, 6]


def test_fields_that_keywork_works_with_stay():
    kept = frozenset(field["slug"] for field in TOOLS.section(shipped(), "student-voice")["fields"])
    with pytest.raises(Refused, match="Keywork works with this field"):
        edit.retire_question(TOOLS, shipped(), "feel-safe", kept, section="student-voice")
    doc = edit.retire_question(TOOLS, shipped(), "hopes", kept, section="student-voice")
    assert problems(doc) == [] and unlike_before(shipped(), doc) == []
    assert edit.restore_question(TOOLS, doc, "hopes", section="student-voice") == shipped()


def test_a_new_field_with_its_answers():
    values = {
        "label": "Where I like to be",
        "type": "choice",
        "options": ["Library", "Field"],
        "sensitive": False,
    }
    doc, slug = edit.add_question(TOOLS, shipped(), "student-voice", values, "2.0.0")
    assert slug == "where-like"
    assert problems(doc) == []
    assert "sensitive" not in TOOLS.question_of(doc, slug, "student-voice")[1]


# ------------------------------------------------------------------------------ one version after another


def test_nothing_vanishes_or_changes_its_kind():
    doc = shipped()
    AREAS.section(doc, "flexibility")["items"].pop(0)
    AREAS.section(doc, "relationships")["items"].append(AREAS.section(doc, "engagement")["items"].pop())
    TOOLS.section(doc, "student-voice")["fields"].pop(0)
    TOOLS.question_of(doc, "hopes", "student-voice")[1]["type"] = "text"
    TOOLS.question_of(doc, "feel-safe", "student-voice")[1]["active"] = False
    said = " ".join(map(str, unlike_before(shipped(), doc)))
    for slug in (
        "flex-planned-change",
        "eng-own-goal belongs to engagement",
        "going-well",
        "hopes",
        "feel-safe",
    ):
        assert slug in said
    assert len(unlike_before(shipped(), doc)) == 5


# ------------------------------------------------------------------------------------- differences


def test_differences_in_words():
    before = whole(shipped())
    doc, added = edit.add_question(AREAS, before, "flexibility", WORDS, "2.0.0")
    doc = edit.retire_question(AREAS, doc, "comm-repair", KEPT)
    doc = edit.move_question(AREAS, doc, "rel-peer-time", -1)
    new = {**WORDS, "statement": AREAS.question_of(doc, "sens-be-active")[1]["statement"]}
    doc, _ = edit.reword_question(
        AREAS, doc, "sens-be-active", new, new_meaning=False, equivalent=False, version="2.0.0", kept=KEPT
    )
    doc, heir = edit.reword_question(
        AREAS, doc, "emo-recover", WORDS, new_meaning=True, equivalent=True, version="2.0.0", kept=KEPT
    )
    doc = edit.reword_section(
        TOOLS, doc, "student-voice", {"title": "Student voice", "pupil_title": "What I think"}
    )
    found = {(one.kind, one.slug) for one in differences(before, doc)}
    assert found == {
        ("added", added),
        ("retired", "comm-repair"),
        ("reworded", "sens-be-active"),
        ("replaced", heir),
        ("reworded", "student-voice"),
    } | {("moved", slug) for kind, slug in found if kind == "moved"}
    assert [slug for kind, slug in found if kind == "moved"] in (["rel-peer-time"], ["rel-trusted-adult"])
    assert next(one.replaces for one in differences(before, doc) if one.slug == heir) == "emo-recover"
    sides = next(one.sides for one in differences(before, doc) if one.slug == "sens-be-active")
    assert [side.label for side in sides] == [
        "Student",
        "Parent or carer",
        "Area of need",
        "Preparing for adulthood",
    ], "only what differs stands side by side"
    assert sides[2].after == "Communication and interaction"
    assert in_short(differences(before, doc)) == "1 added, 1 replaced, 2 reworded, 1 retired, 1 moved"


def test_the_same_document_has_no_differences():
    assert differences(whole(shipped()), whole(shipped())) == []
    assert in_short([]) == ""
