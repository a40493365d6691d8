"""Changing a document of the assessment: each function takes one and gives back a changed copy; it saves nothing. Pure.

`kept` are the slugs of the published version: answers stand on them, so what has one is retired and never taken
away. Raises Refused with words for the person who tried. The domains stay: their own words can be changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import Any

from keywork.errors import Refused
from questionnaires import parts
from questionnaires.checks import Doc

from .template_doc import MOST_ITEMS
from .template_schema import LEAST_ITEMS

LABELS = ("label", "pupil_label", "parent_label", "descriptor")
DOMAIN_WORDS = ("title", "pupil_title", "purpose")


def domain_of(doc: Doc, slug: str) -> Doc:
    return parts.named(doc["domains"], slug)


def item_of(doc: Doc, slug: str) -> tuple[Doc, Doc]:
    """The domain and the question."""
    return parts.item_in(doc["domains"], slug)


def items_of(doc: Doc) -> frozenset[str]:
    """Slugs of every question, retired ones among them."""
    return frozenset(item["slug"] for domain in doc["domains"] for item in domain["items"])


def domain_words(domain: Doc) -> Doc:
    """What the domain's own form changes."""
    return {name: domain[name] for name in DOMAIN_WORDS}


def reword_domain(doc: Doc, slug: str, words: Mapping[str, str]) -> Doc:
    doc = deepcopy(doc)
    domain_of(doc, slug).update({name: words[name] for name in DOMAIN_WORDS})
    return doc


def answer_words(doc: Doc) -> list[Doc]:
    """What the form of the answers changes: the five points, then the two answers that are no score."""
    return [{name: one[name] for name in LABELS} for one in (*doc["scale"], *doc["non_scores"])]


def reword_answers(doc: Doc, answers: Sequence[Mapping[str, str]]) -> Doc:
    """Labels and meanings, in the order of `answer_words`. Values and codes stay: rules use them."""
    doc = deepcopy(doc)
    for one, words in zip((*doc["scale"], *doc["non_scores"]), answers, strict=True):
        one.update({name: words[name] for name in LABELS})
    return doc


def add_item(doc: Doc, domain_slug: str, values: Mapping[str, Any], version: str) -> tuple[Doc, str]:
    """A new question at the end of its domain; its slug is made of its words."""
    doc = deepcopy(doc)
    domain = domain_of(doc, domain_slug)
    _room(domain)
    slug = parts.item_slug(doc["domains"], domain, values["pupil_wording"])
    domain["items"].append({"slug": slug, **values, "since_version": version, "active": True})
    return _counted(doc), slug


def reword_item(
    doc: Doc,
    slug: str,
    values: Mapping[str, Any],
    *,
    new_meaning: bool,
    equivalent: bool,
    version: str,
    kept: Collection[str],
) -> tuple[Doc, str]:
    """New wordings under the same slug; or, when the meaning changed, a new question in place of a retired one.

    `equivalent` declares old and new interchangeable, so that years are compared across them. A question no
    published version has is only reworded.
    """
    doc = deepcopy(doc)
    domain, item = item_of(doc, slug)
    if not new_meaning or slug not in kept:
        item.update(values)
        return doc, slug
    if not item["active"]:
        raise Refused("This question is retired. Bring it back before changing it")
    _room(domain)
    made = parts.item_slug(doc["domains"], domain, values["pupil_wording"])
    parts.new_meaning(domain["items"], item, values, made, equivalent=equivalent, version=version)
    return _counted(doc), made


def retire_item(doc: Doc, slug: str, kept: Collection[str]) -> Doc:
    """Out of use; one that was never published is taken away."""
    doc = deepcopy(doc)
    domain, item = item_of(doc, slug)
    if item["active"] and len(parts.in_use(domain["items"])) <= LEAST_ITEMS:
        raise Refused(
            f"A domain needs {LEAST_ITEMS} questions at least to have a percentage. "
            "Add another before retiring this one"
        )
    parts.out_of_use(domain["items"], item, kept)
    return _counted(doc)


def restore_item(doc: Doc, slug: str) -> Doc:
    doc = deepcopy(doc)
    domain, item = item_of(doc, slug)
    heir = parts.heir_of(domain["items"], slug)
    if heir is not None:
        raise Refused(f"“{heir['statement']}” stands in its place. Retire that one first")
    item["active"] = True
    return doc


def move_item(doc: Doc, slug: str, step: int) -> Doc:
    """One place up (-1) or down (+1) among those in use; at the end nothing changes."""
    doc = deepcopy(doc)
    domain, item = item_of(doc, slug)
    parts.move(domain["items"], item, step)
    return _counted(doc)


def _room(domain: Doc) -> None:
    if len(domain["items"]) >= MOST_ITEMS:
        raise Refused(f"A domain holds at most {MOST_ITEMS} questions, retired ones among them")


def _counted(doc: Doc) -> Doc:
    parts.counted(doc["domains"])
    return doc
