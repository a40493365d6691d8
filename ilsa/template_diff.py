"""What changed from one version of the assessment to another, in the reader's order: pure, for page and note."""

from __future__ import annotations

from collections.abc import Iterator

from questionnaires.changes import Difference, Side, Texts, of_parts, sides_of
from questionnaires.checks import Doc

from .template_doc import ours

_TITLES = (("title", "Title"), ("pupil_title", "Student title"))
_TAGS = (("ehcp_area_of_need", "Area of need"), ("pfa_outcome", "Preparing for adulthood"))
ITEM_TEXTS = (
    ("statement", "Staff"),
    ("pupil_wording", "Student"),
    ("parent_wording", "Parent or carer"),
    ("suggested_from_nc_year", "Usually from Year"),
    *_TAGS,
)
DOMAIN_TEXTS = (*_TITLES, ("purpose", "Purpose"), *_TAGS)


def differences(before: Doc, after: Doc) -> list[Difference]:
    """The whole form first, then the answers, then the domains, each with its own words before its questions."""
    return list(_all(before, after))


def _all(before: Doc, after: Doc) -> Iterator[Difference]:
    changed = _sides(before, after, _TITLES)
    if changed:
        yield Difference("reworded", "The whole form", after["title"], "", changed)
    answers = _answers(before, after)
    if answers:
        yield Difference("reworded", "The answers", "What people can answer", "scale", answers)
    old_domains = {domain["slug"]: domain for domain in before["domains"]}
    for domain in after["domains"]:
        old = old_domains[domain["slug"]]
        changed = _sides(old, domain, DOMAIN_TEXTS)
        if changed:
            yield Difference("reworded", domain["title"], "The domain’s own words", domain["slug"], changed)
        yield from of_parts(old["items"], domain["items"], domain["title"], "statement", ITEM_TEXTS, _sides)


def _answers(before: Doc, after: Doc) -> tuple[Side, ...]:
    pairs = zip(
        (*before["scale"], *before["non_scores"]), (*after["scale"], *after["non_scores"]), strict=True
    )
    found: list[Side] = []
    for old, new in pairs:
        name = str(new["value"]) if "value" in new else f"“{_label(new['code'])}”"
        found += _sides(
            old,
            new,
            (
                ("label", f"{name} for staff"),
                ("pupil_label", f"{name} for students"),
                ("parent_label", f"{name} for parents and carers"),
                ("descriptor", f"{name} means"),
            ),
        )
    return tuple(found)


def _label(code: str) -> str:
    """What an answer that is no score was called when it came with Keywork."""
    return next(one["label"] for one in ours()["non_scores"] if one["code"] == code)


def _sides(before: Doc, after: Doc, texts: Texts) -> tuple[Side, ...]:
    return sides_of(before, after, texts, ours()["vocabularies"])
