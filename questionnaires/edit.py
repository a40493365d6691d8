"""Changing a document: each function takes one and gives back a changed copy; it saves nothing. Pure.

`kept` are the slugs of the published version: records stand on them, so what has one is retired and never taken away.
Raises Refused with words for the person who tried, NotThere for a part that is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import Any

from keywork.errors import Refused

from .checks import Doc, in_use, short, unused
from .description import Property, Questionnaire, Sections, edited

# ------------------------------------------------------------------------------------- values


def values_of(properties: tuple[Property, ...], part: Doc) -> dict[str, Any]:
    """What the editor shows and changes of a part, by the names of its fields."""
    return {one.name: one.of(part) for one in edited(properties)}


def put(properties: tuple[Property, ...], part: Doc, values: Mapping[str, Any]) -> None:
    for one in edited(properties):
        if one.name in values:
            one.put(part, values[one.name])


# ------------------------------------------------------------------------------------- sections


def reword_section(kind: Sections, doc: Doc, slug: str, values: Mapping[str, Any]) -> Doc:
    doc = deepcopy(doc)
    put(kind.properties, kind.section(doc, slug), values)
    return doc


def add_section(
    kind: Sections, doc: Doc, values: Mapping[str, Any], question: Mapping[str, Any], version: str
) -> tuple[Doc, str]:
    """A new section, last, with its first question: one without could not be answered.

    What else it must say (the area of need, the outcome) it takes from that question. Its slug is made of its title,
    once and for all.
    """
    doc = deepcopy(doc)
    if len(kind.of(doc)) >= kind.most:
        raise Refused(f"The form holds at most {kind.most} {kind.called}s, retired ones among them")
    slug = unused(short(values["title"]), kind.slugs(doc))
    shared = {one.name: question[one.name] for one in kind.properties if one.name in question}
    section = {"slug": slug, **kind.blank(), **shared, kind.questions: []}
    put(kind.properties, section, values)
    kind.of(doc).append(section)
    return add_question(kind, doc, slug, question, version)[0], slug


def retire_section(kind: Sections, doc: Doc, slug: str, kept: Collection[str]) -> Doc:
    """Out of use with all its questions; one that was never published is taken away."""
    doc = deepcopy(doc)
    section = kind.section(doc, slug)
    if in_use(kind.of(doc)) == [section]:
        raise Refused(f"The form needs one {kind.called} at least. Add another before retiring this one")
    _out_of_use(kind.of(doc), section, kept)
    return kind.count(doc)


def restore_section(kind: Sections, doc: Doc, slug: str) -> Doc:
    doc = deepcopy(doc)
    kind.section(doc, slug).pop("active", None)
    return doc


def move_section(kind: Sections, doc: Doc, slug: str, step: int) -> Doc:
    """One place up (-1) or down (+1) among those in use; at the end nothing changes."""
    doc = deepcopy(doc)
    _move(kind.of(doc), kind.section(doc, slug), step)
    return kind.count(doc)


# ------------------------------------------------------------------------------------- questions


def add_question(
    kind: Sections, doc: Doc, section: str, values: Mapping[str, Any], version: str
) -> tuple[Doc, str]:
    """A new question at the end of its section; its slug is made of its words."""
    doc = deepcopy(doc)
    holder = kind.section(doc, section)
    question = _new(kind, doc, holder, values, version)
    holder[kind.questions].append(question)
    return kind.count(doc), question["slug"]


def reword_question(
    kind: Sections,
    doc: Doc,
    slug: str,
    values: Mapping[str, Any],
    *,
    section: str = "",
    new_meaning: bool = False,
    equivalent: bool = False,
    version: str,
    kept: Collection[str],
) -> tuple[Doc, str]:
    """New wordings under the same slug; or, when the meaning changed, a new question in place of a retired one.

    `equivalent` declares old and new interchangeable, so that answers are compared across them. A question that no
    published version has is only reworded.
    """
    doc = deepcopy(doc)
    holder, question = kind.question_of(doc, slug, section)
    if not new_meaning or slug not in kept:
        put(kind.question_properties, question, values)
        return doc, slug
    if kind.built_in(holder, question):
        words = f"Keywork works with this {kind.question}, so its meaning stays. Reword it only"
        raise Refused(words, "new_meaning")
    if not question.get("active", True):
        raise Refused(f"This {kind.question} is retired. Bring it back before changing it")
    stays = {one.name: question[one.name] for one in kind.question_properties if one.once}
    new = _new(kind, doc, holder, stays | dict(values), version)
    question["active"] = False
    if equivalent:
        new["equivalent_to"] = slug
    holder[kind.questions].insert(holder[kind.questions].index(question), new)
    return kind.count(doc), new["slug"]


def _new(kind: Sections, doc: Doc, holder: Doc, values: Mapping[str, Any], version: str) -> Doc:
    """A question that is not in the document yet: "comm-ask-help" among those whose slugs begin with "comm"."""
    if len(holder[kind.questions]) >= kind.most_questions:
        raise Refused(
            f"{kind.a} holds at most {kind.most_questions} {kind.question}s, retired ones among them"
        )
    words = short(values[kind.slug_of])
    if kind.alone:
        slug = unused(words, {one["slug"] for one in holder[kind.questions]})
    else:
        others = holder[kind.questions]
        start = others[0]["slug"].partition("-")[0] if others else holder["slug"]
        slug = unused(f"{start}-{words}", kind.question_slugs(doc))
    question: Doc = {"slug": slug, "since_version": version}
    if not kind.alone:
        question["active"] = True
    put(kind.question_properties, question, values)
    return question


def retire_question(kind: Sections, doc: Doc, slug: str, kept: Collection[str], section: str = "") -> Doc:
    """Out of use; one that was never published is taken away."""
    doc = deepcopy(doc)
    holder, question = kind.question_of(doc, slug, section)
    if kind.built_in(holder, question) and slug in kept:
        raise Refused(f"Keywork works with this {kind.question}: it can be reworded and moved, not retired")
    used = in_use(holder[kind.questions])
    if question in used and len(used) <= kind.least_questions:
        least = "one" if kind.least_questions == 1 else kind.least_questions
        plural = "" if kind.least_questions == 1 else "s"
        why = f" to have {kind.why_least.removeprefix('for ')}" if kind.why_least else ""
        raise Refused(
            f"{kind.a} needs {least} {kind.question}{plural} at least{why}. Add another before retiring this one"
        )
    _out_of_use(holder[kind.questions], question, kept)
    return kind.count(doc)


def restore_question(kind: Sections, doc: Doc, slug: str, section: str = "") -> Doc:
    doc = deepcopy(doc)
    holder, question = kind.question_of(doc, slug, section)
    for other in in_use(holder[kind.questions]):
        if other.get("equivalent_to") == slug:
            raise Refused(f"“{kind.words(other)}” stands in its place. Retire that one first")
    if kind.alone:
        question.pop("active", None)
    else:
        question["active"] = True
    return doc


def move_question(kind: Sections, doc: Doc, slug: str, step: int, section: str = "") -> Doc:
    doc = deepcopy(doc)
    holder, question = kind.question_of(doc, slug, section)
    _move(holder[kind.questions], question, step)
    return kind.count(doc)


# ------------------------------------------------------------------------------------- answers


def answer_words(form: Questionnaire, doc: Doc) -> list[dict[str, Any]]:
    """What may be changed of each answer, in the order of the document."""
    return [values_of(form.answers.properties, one) for one in form.answers.of(doc)]


def reword_answers(form: Questionnaire, doc: Doc, words: Sequence[Mapping[str, Any]]) -> Doc:
    """In the order of `answer_words`. Values and codes stay: rules use them."""
    doc = deepcopy(doc)
    for answer, values in zip(form.answers.of(doc), words, strict=True):
        put(form.answers.properties, answer, values)
    return doc


# ------------------------------------------------------------------------------------- places


def _out_of_use(among: list[Doc], part: Doc, kept: Collection[str]) -> None:
    """Retired; or taken away when nothing stands on it."""
    if part["slug"] in kept:
        part["active"] = False
    else:
        among.remove(part)


def _move(among: list[Doc], part: Doc, step: int) -> None:
    beside = in_use(among)
    if part not in beside:
        return
    place = beside.index(part) + step
    if 0 <= place < len(beside):
        here, there = among.index(part), among.index(beside[place])
        among[here], among[there] = among[there], among[here]
