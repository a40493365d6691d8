"""The document of the assessment: hostile files refused by path, edits that keep slugs' meaning, differences."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilsa.questionnaire import DOMAINS, ILSA
from keywork.errors import Refused
from questionnaires import diff, edit, schema
from questionnaires.checks import NotATemplate
from questionnaires.diff import in_short
from questionnaires.schema import MOST_BYTES

parse = partial(schema.parse, ILSA)
in_bytes = partial(schema.in_bytes, ILSA)
problems = partial(schema.problems, ILSA)
unlike_before = partial(schema.unlike_before, ILSA)
differences = partial(diff.differences, ILSA)
shipped, whole = ILSA.shipped, ILSA.whole

WORDS = {
    "statement": "Compares prices before buying.",
    "pupil_wording": "I look at prices before I buy.",
    "parent_wording": "Compares prices before buying something.",
    "ehcp_area_of_need": "cognition_learning",
    "pfa_outcome": "independent_living",
    "suggested_from_nc_year": 8,
}
KEPT = DOMAINS.question_slugs(shipped())


def slugs(doc, domain="money", *, active=True):
    return [item["slug"] for item in DOMAINS.section(doc, domain)["items"] if item["active"] is active]


def reworded(doc, slug, **how):
    how = {"new_meaning": False, "equivalent": False, "version": "2.0.0", "kept": KEPT} | how
    return edit.reword_question(DOMAINS, doc, slug, WORDS, **how)


def test_the_form_supplied_is_whole():
    assert problems(shipped()) == []
    assert [len(domain["items"]) for domain in shipped()["domains"]] == [7, 7, 7, 7, 7, 8, 7, 7, 7, 8]
    assert in_bytes(whole(shipped())) == in_bytes(shipped())


def test_what_a_file_leaves_out_is_filled_in():
    doc = shipped()
    for name in ("scoring", "raters", "vocabularies"):
        del doc[name]
    for item in doc["domains"][0]["items"]:
        del item["order"], item["active"]
    assert in_bytes(parse(in_bytes(doc))) == in_bytes(shipped())


# ------------------------------------------------------------------------------------- hostile files


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"title": "x", "title": "y"}', "“title” stands twice"),
        (b'{"version": Infinity}', "Infinity is not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b" " * (MOST_BYTES + 1), "larger than 512 KB"),
        (b"null", "must be an object"),
        (b'{"schema": "keywork.tsp-template/1"}', "schema: must be keywork.ilsa-template/1"),
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


ITEM = ("domains", 3, "items", 0)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ((*ITEM, "statement"), "", "domains[3].items[0].statement: is empty"),
        ((*ITEM, "parent_wording"), ..., "domains[3].items[0].parent_wording: is missing"),
        ((*ITEM, "pupil_wording"), "x" * 301, "longer than 300"),
        ((*ITEM, "pupil_wording"), "a\u202e\x00b", "holds a character"),
        ((*ITEM, "slug"), "pc-wash", "domains[3].items[0].slug: “pc-wash” is used already"),
        ((*ITEM, "slug"), "../../etc", "must be a slug"),
        ((*ITEM, "score"), 5, "domains[3].items[0].score: is not known here"),
        ((*ITEM, "suggested_from_nc_year"), 0, "suggested_from_nc_year: must be a whole number from 1 to 14"),
        ((*ITEM, "suggested_from_nc_year"), "7", "must be a whole number from 1 to 14"),
        ((*ITEM, "suggested_from_nc_year"), True, "must be a whole number from 1 to 14"),
        ((*ITEM, "suggested_from_nc_year"), ..., "suggested_from_nc_year: is missing"),
        ((*ITEM, "equivalent_to"), "pc-wash", "another slug of the same list"),
        (("domains", 3, "slug"), "cash", "domains: must be personal-care, food-cooking"),
        (("domains", 3, "items"), [], "domains[3].items: must have from 1 to 30"),
        (("domains",), {}, "domains: must be a list"),
        (("scale", 0, "code"), "zero", "scale: its code cannot be changed"),
        (("scale", 0, "value"), 1, "scale: must have the values 0, 1, 2, 3, 4"),
        (("non_scores", 1, "in_scope"), False, "non_scores: its code and in_scope cannot be changed"),
        (("non_scores",), [], "non_scores: must have 2 entries"),
        (("scoring", "kappa_min_common_items"), 2, "scoring: cannot be changed"),
        (("raters",), ["keyworker"], "raters: cannot be changed"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(path, value, named):
    with pytest.raises(NotATemplate) as refused:
        parse(json.dumps(spoil(path, value)).encode())
    assert named in str(refused.value)


def test_a_domain_keeps_enough_questions_for_a_percentage():
    doc = shipped()
    for item in doc["domains"][3]["items"][3:]:
        item["active"] = False
    assert [str(one) for one in problems(doc)] == [
        "domains[3].items: has fewer than 4 questions in use: too few for a percentage"
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["domains", "scale", "non_scores", "title", "provenance", "scoring"]), json_values)
def test_no_value_anywhere_breaks_the_check(name, value):
    """Whatever stands in a part, the answer is a list of problems, never a fault."""
    assert isinstance(problems({**shipped(), name: value}), list)


def test_slugs_never_vanish_or_change_places():
    doc = shipped()
    money, safety = DOMAINS.section(doc, "money"), DOMAINS.section(doc, "safety")
    safety["items"].append(money["items"].pop())
    gone = money["items"].pop(0)["slug"]
    assert problems(doc) == []
    said = [str(one) for one in unlike_before(shipped(), doc)]
    assert said == [
        f"domains[3].items: {gone} is missing: retire it rather than leave it out",
        f"domains: {safety['items'][-1]['slug']} belongs to money, and means something else elsewhere",
    ]


# ------------------------------------------------------------------------------------- editing


def test_a_new_question_gets_a_slug_of_its_words():
    doc, slug = edit.add_question(DOMAINS, shipped(), "money", WORDS, "2.0.0")
    assert slug == "mo-look-prices-before"
    made = DOMAINS.question_of(doc, slug)[1]
    assert (made["order"], made["since_version"], made["suggested_from_nc_year"]) == (8, "2.0.0", 8)
    assert problems(doc) == [] and unlike_before(shipped(), doc) == []


def test_a_rewording_keeps_the_slug():
    first = slugs(shipped())[0]
    doc, slug = reworded(shipped(), first)
    assert slug == first and slugs(doc) == slugs(shipped())
    assert DOMAINS.question_of(doc, first)[1]["statement"] == WORDS["statement"]


@pytest.mark.parametrize("equivalent", [True, False])
def test_a_new_meaning_is_a_new_slug(equivalent):
    before = shipped()
    first = slugs(before)[0]
    doc, slug = reworded(before, first, new_meaning=True, equivalent=equivalent)
    assert slugs(doc)[0] == slug != first and slugs(doc, active=False) == [first]
    assert (
        DOMAINS.question_of(doc, first)[1]["statement"] == DOMAINS.question_of(before, first)[1]["statement"]
    )
    assert DOMAINS.question_of(doc, slug)[1].get("equivalent_to") == (first if equivalent else None)
    assert problems(doc) == [] and unlike_before(before, doc) == []
    if equivalent:
        with pytest.raises(Refused, match="stands in its place"):
            edit.restore_question(DOMAINS, doc, first)


def test_what_was_never_published_is_reworded_or_taken_away():
    doc, slug = edit.add_question(DOMAINS, shipped(), "money", WORDS, "2.0.0")
    again, same = reworded(doc, slug, new_meaning=True)
    assert same == slug and in_bytes(again) == in_bytes(doc)
    assert in_bytes(edit.retire_question(DOMAINS, doc, slug, KEPT)) == in_bytes(shipped())


def test_a_domain_is_never_retired_below_four_questions():
    doc = shipped()
    for slug in slugs(doc)[:3]:
        doc = edit.retire_question(DOMAINS, doc, slug, KEPT)
    assert len(slugs(doc)) == 4
    with pytest.raises(Refused, match="needs 4 questions"):
        edit.retire_question(DOMAINS, doc, slugs(doc)[0], KEPT)
    back = slugs(doc, active=False)[0]
    assert back in slugs(edit.restore_question(DOMAINS, doc, back))


def test_questions_move_among_those_in_use():
    doc = edit.retire_question(DOMAINS, shipped(), slugs(shipped())[1], KEPT)
    first, second = slugs(doc)[:2]
    assert slugs(edit.move_question(DOMAINS, doc, second, -1))[:2] == [second, first]
    assert edit.move_question(DOMAINS, doc, first, -1) == doc


# ------------------------------------------------------------------------------------- differences


def test_every_kind_of_difference_is_told():
    doc = edit.add_question(DOMAINS, shipped(), "safety", WORDS, "2.0.0")[0]
    one, two, three, four = slugs(doc)[:4]
    doc = reworded(doc, one)[0]
    doc = reworded(doc, two, new_meaning=True, equivalent=True)[0]
    doc = edit.retire_question(DOMAINS, doc, three, KEPT)
    doc = edit.move_question(DOMAINS, doc, four, 1)
    answers = edit.answer_words(ILSA, doc)
    answers[5]["parent_label"] = "Not for them"
    doc = edit.reword_answers(ILSA, doc, answers)
    doc = edit.reword_section(
        DOMAINS, doc, "money", {"title": "Money", "pupil_title": "My cash", "purpose": "Paying."}
    )
    found = differences(shipped(), doc)
    assert in_short(found) == "1 added, 1 replaced, 3 reworded, 1 retired, 1 moved"
    assert [(one.where, one.kind) for one in found][:2] == [
        ("The answers", "reworded"),
        ("Money", "reworded"),
    ]
    assert (found[0].sides[0].label, found[0].sides[0].after) == (
        "“Not applicable” for parents and carers",
        "Not for them",
    )
    year = next(side for side in found[2].sides if side.label == "Usually from Year")
    assert (year.before, year.after) == ("", "8")
    assert differences(shipped(), shipped()) == []
