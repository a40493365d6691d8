"""Checking a document of the assessment: `problems` names everything wrong with one by its path, such as
`domains[3].items[0].statement`, and `unlike_before` where it breaks with the version before. Pure.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from questionnaires.checks import (
    TAGS,
    TITLE,
    WORDING,
    Doc,
    Found,
    Problem,
    equals,
    exactly,
    first,
    flag,
    in_order,
    items_unlike_before,
    list_of,
    number,
    object_of,
    provenance,
    same_as,
    slug,
    text,
    twins,
)
from questionnaires.parts import in_use

from . import rules
from .template_doc import FIRST_YEAR, FIXED_PARTS, LAST_YEAR, MOST_ITEMS, SCHEMA, ours

# A domain of fewer questions could never have a percentage.
LEAST_ITEMS = rules.LEAST_RATED


def problems(doc: Any) -> list[Problem]:
    """Everything wrong with a document, first things first; empty for one that can be used."""
    return first(_document(doc))


def unlike_before(before: Doc, doc: Doc) -> list[Problem]:
    """Where a document breaks with the version before: slugs never change meaning and never vanish.

    Every question that was there must still be, in use or retired, in the same domain: years are compared by slugs.
    """
    return first(items_unlike_before(before["domains"], doc["domains"], "domains"))


def _year(value: Any, path: str) -> Found:
    """The school year from which a question usually applies, or null for always."""
    if value is not None:
        yield from number(value, path, least=FIRST_YEAR, most=LAST_YEAR)


_version = partial(text, most=20)
_ANSWER = {
    "code": partial(text, most=20),
    "label": partial(text, most=TITLE),
    "pupil_label": partial(text, most=TITLE),
    "parent_label": partial(text, most=TITLE),
    "descriptor": partial(text, most=WORDING),
}
_point = partial(object_of, needs={"value": partial(number, least=0, most=4), **_ANSWER}, may={})
_non_score = partial(object_of, needs={"in_scope": flag, **_ANSWER}, may={})
_item = partial(
    object_of,
    needs={
        "slug": slug,
        "statement": partial(text, most=WORDING),
        "pupil_wording": partial(text, most=WORDING),
        "parent_wording": partial(text, most=WORDING),
        "suggested_from_nc_year": _year,
        "since_version": _version,
        **TAGS,
    },
    may={"order": partial(number, least=1, most=999), "active": flag, "equivalent_to": slug},
)
_domain = partial(
    object_of,
    needs={
        "slug": slug,
        "title": partial(text, most=TITLE),
        "pupil_title": partial(text, most=TITLE),
        "purpose": partial(text, most=WORDING),
        "items": partial(list_of, of=_item, least=1, most=MOST_ITEMS),
        **TAGS,
    },
    may={
        "order": partial(number, least=1, most=999),
        "related_tsp_areas": partial(list_of, of=slug, most=5),
    },
)
_whole = partial(
    object_of,
    needs={
        "schema": partial(exactly, wanted=SCHEMA),
        "version": _version,
        "title": partial(text, most=TITLE),
        "pupil_title": partial(text, most=TITLE),
        "scale": partial(list_of, of=_point, least=5, most=5),
        "non_scores": partial(list_of, of=_non_score, least=2, most=2),
        "domains": partial(list_of, of=_domain, least=1, most=20),
    },
    may={
        **dict.fromkeys(FIXED_PARTS, partial(same_as, ours=ours)),
        "status": partial(text, most=WORDING),
        "provenance": provenance,
    },
)


def _document(doc: Any) -> Found:
    shape = list(_whole(doc, ""))
    yield from shape
    if shape:
        return  # what holds between parts can only be asked of parts that are there
    yield from _in_order(doc)
    domains = doc["domains"]
    yield from twins((domain["slug"], f"domains[{d}].slug") for d, domain in enumerate(domains))
    yield from twins(
        (item["slug"], f"domains[{d}].items[{i}].slug")
        for d, domain in enumerate(domains)
        for i, item in enumerate(domain["items"])
    )
    for d, domain in enumerate(domains):
        path = f"domains[{d}].items"
        if len(in_use(domain["items"])) < LEAST_ITEMS:
            yield Problem(path, f"has fewer than {LEAST_ITEMS} questions in use: too few for a percentage")
        yield from equals(domain["items"], path)


def _in_order(doc: Doc) -> Found:
    """Values, codes and domains are those that Keywork's own rules and pictures work with, in the same order."""
    supplied = ours()
    yield from in_order(doc["scale"], "scale")
    for name, keys in (("scale", ("code",)), ("non_scores", ("code", "in_scope"))):
        if [[one[key] for key in keys] for one in doc[name]] != [
            [one[key] for key in keys] for one in supplied[name]
        ]:
            yield Problem(
                name, f"its {' and '.join(keys)} cannot be changed: Keywork’s own rules work with them"
            )
    slugs = [domain["slug"] for domain in supplied["domains"]]
    if [domain["slug"] for domain in doc["domains"]] != slugs:
        yield Problem("domains", f"must be {', '.join(slugs)}, in this order")
