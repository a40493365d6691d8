"""Documents that come and go: what is wrong with one (`problems`), where it breaks with the version before
(`unlike_before`), and one as a file: written always in the same bytes, and hostile until proved whole. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from . import checks
from .checks import Check, Doc, NotATemplate, Problem, Problems
from .description import Answers, Questionnaire, Sections, shape

_version = partial(checks.text, most=20)
_order = partial(checks.number, least=1, most=999)


def problems(form: Questionnaire, doc: Any) -> list[Problem]:
    """Everything wrong with a document, first things first; empty for one that can be used."""
    return checks.first(_document(form, doc))


def _document(form: Questionnaire, doc: Any) -> Problems:
    found = list(_whole(form, doc))
    yield from found
    if found:
        return  # what holds between parts can only be asked of parts that are there
    yield from _answers_stay(form.answers, form.ours(), doc)
    for kind in form.sections:
        yield from _sections(kind, form.ours(), doc)


def _whole(form: Questionnaire, doc: Any) -> Problems:
    needs = {
        "schema": partial(checks.exactly, wanted=form.schema),
        "version": _version,
        "title": partial(checks.text, most=checks.TITLE),
        "pupil_title": partial(checks.text, most=checks.TITLE),
    }
    for key in form.answers.lists:
        count = len(form.ours()[key])
        needs[key] = partial(checks.list_of, of=_answer(form.answers, key), least=count, most=count)
    for kind in form.sections:
        needs[kind.key] = partial(checks.list_of, of=_section(kind), least=1, most=kind.most)
    may: dict[str, Check] = {
        **dict.fromkeys(form.fixed, partial(checks.same_as, ours=form.ours)),
        "status": partial(checks.text, most=checks.WORDING),
        "provenance": checks.provenance,
    }
    return checks.object_of(doc, "", needs=needs, may=may)


def _answer(answers: Answers, key: str) -> Any:
    own = (
        {"value": partial(checks.number, least=0, most=99)}
        if key == answers.lists[0]
        else answers.fixed_beside
    )
    needs, may = shape(answers.properties, {**answers.fixed, **own}, {})
    return partial(checks.object_of, needs=needs, may=may)


def _section(kind: Sections) -> Any:
    question_needs = {"slug": checks.slug}
    question_may = {"active": checks.flag, "equivalent_to": checks.slug, **kind.more_of_question}
    if kind.alone:
        question_may["since_version"] = _version
    else:
        question_needs["since_version"] = _version
        question_may["order"] = _order
    needs, may = shape(kind.question_properties, question_needs, question_may)
    question = partial(checks.object_of, needs=needs, may=may)
    own: dict[str, Any] = {} if kind.alone else {"order": _order}
    if not kind.stay:
        own["active"] = checks.flag
    needs, may = shape(kind.properties, {"slug": checks.slug, **kind.more[0]}, {**own, **kind.more[1]})
    needs[kind.questions] = partial(checks.list_of, of=question, least=1, most=kind.most_questions)
    return partial(checks.object_of, needs=needs, may=may)


def _answers_stay(answers: Answers, supplied: Doc, doc: Doc) -> Problems:
    """Values and codes are those that the code works with, in the same order."""
    scale = answers.lists[0]
    values = [one["value"] for one in supplied[scale]]
    if [one["value"] for one in doc[scale]] != values:
        yield Problem(scale, f"must have the values {', '.join(map(str, values))} in this order")
    for key in answers.lists:
        names = [*answers.fixed, *(answers.fixed_beside if key != scale else ())]
        if any(
            one[name] != was[name] for one, was in zip(doc[key], supplied[key], strict=True) for name in names
        ):
            yield Problem(
                key, f"its {' and '.join(names)} cannot be changed: Keywork’s own rules work with them"
            )


def _sections(kind: Sections, supplied: Doc, doc: Doc) -> Problems:
    sections, path = kind.of(doc), kind.key
    yield from checks.twins((section["slug"], f"{path}[{s}].slug") for s, section in enumerate(sections))
    if kind.stay:
        yield from _same_sections(kind, kind.of(supplied), sections)
    elif not checks.in_use(sections):
        yield Problem(path, f"has no {kind.called} in use")
    if not kind.alone:
        yield from checks.twins(
            (question["slug"], f"{path}[{s}].{kind.questions}[{q}].slug")
            for s, section in enumerate(sections)
            for q, question in enumerate(section[kind.questions])
        )
    for s, section in enumerate(sections):
        here = f"{path}[{s}].{kind.questions}"
        questions = section[kind.questions]
        if kind.alone:
            yield from checks.twins((one["slug"], f"{here}[{q}].slug") for q, one in enumerate(questions))
        few = len(checks.in_use(questions))
        if not few:
            yield Problem(here, f"has no {kind.question} in use")
        elif few < kind.least_questions:
            yield Problem(
                here,
                f"has fewer than {kind.least_questions} {kind.question}s in use: too few {kind.why_least}",
            )
        yield from checks.equals(questions, here)
        yield from kind.also(section, f"{path}[{s}]")


def _same_sections(kind: Sections, supplied: list[Doc], sections: list[Doc]) -> Problems:
    wanted = [section["slug"] for section in supplied]
    found = [section["slug"] for section in sections]
    if kind.stay == "this order":
        if found != wanted:
            yield Problem(kind.key, f"must be {', '.join(wanted)}, in this order")
        return
    for name in sorted(set(wanted) - set(found)):
        yield Problem(kind.key, f"{name} is missing")
    for place, name in enumerate(found):
        if name not in wanted:
            yield Problem(f"{kind.key}[{place}].slug", f"is no {kind.many} of Keywork")


def unlike_before(form: Questionnaire, before: Doc, doc: Doc) -> list[Problem]:
    """Where a document breaks with the version before: slugs never change meaning and never vanish.

    Everything that was there must still be, in use or retired, as the same kind of thing in the same section: what was
    answered with the version before is compared by these slugs.
    """
    return checks.first(problem for kind in form.sections for problem in _unlike(kind, before, doc))


def _unlike(kind: Sections, before: Doc, doc: Doc) -> Problems:
    places = {section["slug"]: place for place, section in enumerate(kind.of(doc))}
    homes = {one["slug"]: section["slug"] for section in kind.of(doc) for one in section[kind.questions]}
    for section in kind.of(before):
        place = places.get(section["slug"])
        if place is None:
            yield Problem(kind.key, f"{section['slug']} is missing: retire it rather than leave it out")
            continue
        here = f"{kind.key}[{place}].{kind.questions}"
        now = {one["slug"]: one for one in kind.of(doc)[place][kind.questions]}
        for question in section[kind.questions]:
            name = question["slug"]
            same = now.get(name)
            if same is None and name in homes and not kind.alone:
                yield Problem(
                    kind.key, f"{name} belongs to {section['slug']}, and means something else elsewhere"
                )
            elif same is None:
                yield Problem(here, f"{name} is missing: retire it rather than leave it out")
            else:
                for one in kind.question_properties:
                    if one.once and same[one.name] != question[one.name]:
                        yield Problem(here, f"{name} must stay of the {one.name} {question[one.name]}")
                if kind.built_in(section, question) and not same.get("active", True):
                    yield Problem(here, f"{name} cannot be retired: Keywork works with it")


MOST_BYTES = 512 * 1024


def in_bytes(form: Questionnaire, doc: Mapping[str, Any]) -> bytes:
    """As it is exported and digested: a database keeps keys in an order of its own, here they have one order."""
    # What came later has its keys after those of the first, so that what was digested before keeps its bytes.
    order = _order_of_keys([form.supplied.first, form.ours()]) if form.in_order else {}
    return (json.dumps(_ordered(doc, order), ensure_ascii=False, indent=1) + "\n").encode()


def _ordered(value: Any, order: Mapping[str, int]) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (order.get(name, len(order)), name))
        return {name: _ordered(value[name], order) for name in names}
    return [_ordered(entry, order) for entry in value] if isinstance(value, list) else value


def _order_of_keys(docs: list[Doc]) -> Mapping[str, int]:
    found: dict[str, int] = {}

    def walk(value: Any) -> None:
        for name in value if isinstance(value, Mapping) else ():
            found.setdefault(name, len(found))
            walk(value[name])
        for entry in value if isinstance(value, list) else ():
            walk(entry)

    walk(docs)
    return found


def parse(form: Questionnaire, raw: bytes) -> Doc:
    """An uploaded file as a whole, checked document. Raises NotATemplate."""
    doc = _read(raw)
    found = problems(form, doc)
    if found:
        raise NotATemplate(found)
    return form.whole(doc)


def _read(raw: bytes) -> Any:
    if len(raw) > MOST_BYTES:
        raise NotATemplate(
            [Problem("", f"The file is larger than {MOST_BYTES // 1024} KB; a template is far smaller")]
        )
    try:
        return json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_without_twins, parse_constant=_no_constant
        )
    except NotATemplate:
        raise
    except UnicodeDecodeError as error:
        raise NotATemplate([Problem("", "This is not a text file in UTF-8")]) from error
    except RecursionError as error:
        raise NotATemplate([Problem("", "The file is nested too deep to be a template")]) from error
    except json.JSONDecodeError as error:
        raise NotATemplate(
            [Problem("", f"This is not JSON: line {error.lineno}, column {error.colno}")]
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise NotATemplate([Problem("", "The file holds a number that cannot be read")]) from error


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise NotATemplate([Problem("", f"“{twin[:60]}” stands twice in the same object")])
    return made


def _no_constant(name: str) -> Any:
    raise NotATemplate([Problem("", f"{name} is not JSON")])
