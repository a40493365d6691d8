"""What changed from one version of a form to another, in the reader's order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

from .checks import Doc, in_use
from .description import Property, Questionnaire, Sections

Kind = Literal["added", "replaced", "reworded", "retired", "brought back", "moved"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Side:
    """One text before and after; empty where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed. `where` is the title of what holds it.

    "replaced" is a new meaning declared interchangeable with the retired slug in `replaces`.
    """

    kind: Kind
    where: str
    what: str
    slug: str
    sides: tuple[Side, ...] = ()
    replaces: str = ""


def in_short(found: Sequence[Difference]) -> str:
    """ "2 added, 1 reworded": what a list of versions says; empty when nothing changed."""
    counts = [(sum(one.kind == kind for one in found), kind) for kind in KINDS]
    return ", ".join(f"{count} {kind}" for count, kind in counts if count)


Vocabularies = Mapping[str, Mapping[str, str]]
_TITLES = (Property("title", compared="Title"), Property("pupil_title", compared="Student title"))


def differences(form: Questionnaire, before: Doc, after: Doc) -> list[Difference]:
    """The whole form first, then the answers, then the sections, each with its own words before its questions."""
    return list(_all(form, before, after))


def _all(form: Questionnaire, before: Doc, after: Doc) -> Iterator[Difference]:
    vocabularies = form.ours().get("vocabularies", {})
    changed = _sides(_TITLES, before, after, vocabularies)
    if changed:
        yield Difference("reworded", "The whole form", after["title"], "", changed)
    answers = _answers(form, before, after)
    if answers:
        yield Difference("reworded", form.answers.title, form.answers.what, "scale", answers)
    for kind in form.sections:
        yield from _sections(kind, before, after, vocabularies)


def _answers(form: Questionnaire, before: Doc, after: Doc) -> tuple[Side, ...]:
    """An answer is called by its value, or by what it was called when it came with Keywork."""
    names = [
        str(one["value"]) if "value" in one else f"“{one['label']}”" for one in form.answers.of(form.ours())
    ]
    answers = zip(names, form.answers.of(before), form.answers.of(after), strict=True)
    return tuple(
        Side(side.label.format(name), side.before, side.after)
        for name, old, new in answers
        for side in _sides(form.answers.properties, old, new, {})
    )


def _sections(kind: Sections, before: Doc, after: Doc, vocabularies: Vocabularies) -> Iterator[Difference]:
    old_sections = {section["slug"]: section for section in kind.of(before)}
    shifted = _moved(kind.of(before), kind.of(after)) if not kind.stay else set()
    whole, own = f"The {kind.called} as a whole", f"The {kind.called}’s own words"
    for section in kind.of(after):
        slug, title = section["slug"], section["title"]
        old = old_sections.get(slug)
        was, active = old is not None and old.get("active", True), section.get("active", True)
        if not active:
            if was:
                yield Difference("retired", title, whole, slug)
            continue
        if old is None:
            changed = _sides(kind.properties, {}, section, vocabularies)
            yield Difference("added", title, title, slug, changed)
        else:
            if not was:
                yield Difference("brought back", title, whole, slug)
            if slug in shifted:
                yield Difference("moved", title, whole, slug)
            changed = _sides(kind.properties, old, section, vocabularies)
            if changed:
                yield Difference("reworded", title, own, slug, changed)
        yield from _questions(kind, old[kind.questions] if old else [], section, vocabularies)


def _questions(
    kind: Sections, before: Sequence[Doc], section: Doc, vocabularies: Vocabularies
) -> Iterator[Difference]:
    where, after = section["title"], section[kind.questions]

    def sides(old: Doc, new: Doc) -> tuple[Side, ...]:
        return _sides(kind.question_properties, old, new, vocabularies)

    old_ones = {one["slug"]: one for one in before}
    shifted = _moved(before, after)
    were_in_use = {one["slug"] for one in in_use(before)}
    heirs = {one["equivalent_to"]: one for one in in_use(after) if one.get("equivalent_to")}
    replaced = {slug for slug, heir in heirs.items() if slug in were_in_use and heir["slug"] not in old_ones}
    for question in after:
        slug, active, words = question["slug"], question.get("active", True), kind.words(question)
        old = old_ones.get(slug)
        if old is None:
            before_it = question.get("equivalent_to", "")
            if active and before_it in replaced:
                yield Difference(
                    "replaced", where, words, slug, sides(old_ones[before_it], question), before_it
                )
            elif active:
                yield Difference("added", where, words, slug, sides({}, question))
            continue
        was = old.get("active", True)
        if was and not active:
            if slug not in replaced:
                yield Difference("retired", where, kind.words(old), slug, sides(old, {}))
            continue
        if active and not was:
            yield Difference("brought back", where, words, slug, sides({}, question))
            continue
        changed = sides(old, question)
        if changed:
            yield Difference("reworded", where, words, slug, changed)
        if slug in shifted:
            yield Difference("moved", where, words, slug)


def _moved(before: Sequence[Doc], after: Sequence[Doc]) -> set[str]:
    """Those in use that stand in another order: the fewest that explain it."""
    now, was = ([part["slug"] for part in in_use(parts)] for parts in (after, before))
    shared = set(was) & set(now)
    old, new = ([slug for slug in slugs if slug in shared] for slugs in (was, now))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {slug for block in blocks for slug in old[block.a : block.a + block.size]}
    return shared - stayed


def _sides(
    properties: Sequence[Property], before: Doc, after: Doc, vocabularies: Vocabularies
) -> tuple[Side, ...]:
    """The values that differ, each in the words of its vocabulary where it has one."""
    found = (
        (one.compared, *(_said(one, part, vocabularies) for part in (before, after)))
        for one in properties
        if one.compared
    )
    return tuple(Side(label, was, now) for label, was, now in found if was != now)


def _said(one: Property, part: Doc, vocabularies: Vocabularies) -> str:
    value: Any = one.of(part) if part else None
    if value is None or value is False:
        return ""
    if value is True:
        return "Yes"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(vocabularies.get(one.name, {}).get(value, value))
