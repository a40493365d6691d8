"""All that is printed of a pack, as plain values: kept with the order, so that it is printed as it was read."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pikepdf
from django.core.files.storage import default_storage

from keywork.dates import day_in_full, london_date
from keywork.errors import Refused
from keywork.grouped import grouped
from keywork.keyworker_history import keyworker_name
from keywork.school import SchoolFacts
from keywork.words import worded_lazy
from tsp.rating import rules

from ..masking import Masked
from . import offers
from .words import ASKED, FIELDS, NEEDS, NOT_ENOUGH, SHORT, TESTS

if TYPE_CHECKING:
    from .actions import PackRow
    from .models import EvidencePack

BY_ITSELF = worded_lazy("A student or family that this is not about")


def frozen(pack: EvidencePack, rows: Sequence[PackRow], there: int, school: SchoolFacts) -> dict[str, Any]:
    """`rows` are those that go in, in their order; `there` how many there were to choose from."""
    student, by = pack.student, pack.ordered_by
    on = london_date(pack.ordered_at) if pack.ordered_at else pack.ends_on
    of = grouped(rows, lambda row: row.item.part)
    words = {row.item.key.removeprefix("words-"): _pieces(row) for row in of.get("words", [])}
    cycles = [_cycle(row, place, len(of["cycles"])) for place, row in enumerate(of.get("cycles", []), 1)]
    documents = [_document(row, place) for place, row in enumerate(of.get("documents", []))]
    found: dict[str, Any] = {
        "school": school.name,
        "student": _student(student),
        "known_as": student.known_as,
        "authority": pack.authority,
        "by": by.name if by else "",
        "keyworker": keyworker_name(on, student.pk),
        "first": pack.starts_on.isoformat(),
        "last": pack.ends_on.isoformat(),
        "known_on": on.isoformat(),
        "at": pack.ordered_at.isoformat() if pack.ordered_at else "",
        "short": words.get(SHORT, []),
        "views": [_said(row) for row in of.get("views", [])],
        "home": [_said(row) for row in of.get("home", [])],
        "needs": [
            {
                "slug": need,
                "title": title,
                "lines": words.get(need, []),
                "cycles": [one["number"] for one in cycles if one["need"] == need],
                "outcomes": [
                    int(number)
                    for row in of.get("plans", [])
                    for number, area in row.item.facts.get("needs", {}).items()
                    if area == need
                ],
            }
            for need, title in NEEDS.items()
        ],
        "cycles": cycles,
        "log": [_said(row) for row in of.get("log", [])],
        "attendance": [one for row in of.get("attendance", []) for one in row.item.facts["rows"]],
        "areas": next((row.item.facts for row in of.get("measures", []) if "now" in row.item.facts), None),
        "independence": [
            {"title": row.item.title, **row.item.facts}
            for row in of.get("measures", [])
            if "raters" in row.item.facts
        ],
        "tests": words.get(TESTS, []),
        "plans": [
            {"title": row.item.title, **row.item.facts, "lines": _lines(row)} for row in of.get("plans", [])
        ],
        "asked": [
            {"title": FIELDS[slug][0], "lines": words[slug]}
            for slug in (ASKED, NOT_ENOUGH)
            if words.get(slug)
        ],
        "documents": documents,
        "coverings": _coverings(rows),
        "chosen": sum(not row.item.key.startswith(("words-", "document-")) for row in rows),
        "offered": there - sum(row.item.key.startswith(("words-", "document-")) for row in rows),
    }
    found["index"] = _index(found, pack, on)
    return found


def _student(student: Any) -> dict[str, str]:
    return {
        "name": student.name,
        "legal_name": f"{student.legal_forename} {student.legal_surname}".strip(),
        "born_on": student.born_on.isoformat(),
        "year": student.year_label,
        "upn": student.upn,
        "placement": student.placement_label,
        "joined_on": student.joined_on.isoformat(),
        "maintained_by": student.maintained_by,
    }


def _masked(masked: Masked) -> list[list[Any]]:
    """(words, whether they stand for what is covered)."""
    return [[piece.text, piece.is_covered] for piece in masked.pieces]


def _lines(row: PackRow) -> list[Any]:
    return [[label, _masked(masked)] for label, masked in row.lines]


def _pieces(row: PackRow) -> list[Any]:
    return [_masked(masked) for _, masked in row.lines]


def _said(row: PackRow) -> dict[str, Any]:
    item = row.item
    on = item.on.isoformat() if item.on else ""
    return {
        "title": item.title,
        "on": on,
        "by": item.by,
        "lines": _lines(row),
        "kind": item.kind,
        "ref": item.ref,
    }


def _cycle(row: PackRow, number: int, of: int) -> dict[str, Any]:
    said, facts = {label: _masked(masked) for label, masked in row.lines}, row.item.facts
    steps = [
        {
            "level": rules.level_label(level),
            "words": said.get(rules.level_in_words(level), []),
            "then": level == facts["baseline"],
            "now": level == facts["level"],
            "hoped": level == 0,
        }
        for level in reversed(rules.LEVELS)
    ]
    return {
        **facts,
        "number": number,
        "of": of,
        "ref": row.item.ref,
        "goal": said.get(offers.GOAL, []),
        "why": said.get(offers.WHY, []),
        "support": said.get(offers.SUPPORT, []),
        "measure": said.get(offers.MEASURE, []),
        "changed": said.get(offers.CHANGED, []),
        "steps": steps,
        "was": next((one["words"] for one in steps if one["then"]), []),
        "hoped": next((one["words"] for one in steps if one["hoped"]), []),
        "reached": next((one["words"] for one in steps if one["now"]), []),
        "scores": [
            {"on": on, "level": level, "evidence": said.get(offers.score_name(place), [])}
            for place, (on, level) in enumerate(facts["scores"], 1)
        ],
    }


def _document(row: PackRow, place: int) -> dict[str, Any]:
    """With the number of its pages, counted now: the sheets for them are laid out before they are drawn on."""
    item, name = row.item, row.item.facts["file"]
    try:
        with default_storage.open(name, "rb") as file:
            data = file.read()
        with pikepdf.open(io.BytesIO(data)) as book:
            pages = len(book.pages)
    except (OSError, pikepdf.PdfError) as error:
        no = f"The file of “{item.title}” is lost or damaged: leave it out, or add it again."
        raise Refused(no) from error
    return {
        **_said(row),
        "letter": chr(ord("A") + place) if place < 26 else f"A{place - 25}",
        "file": name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "pages": pages,
    }


def _coverings(rows: Sequence[PackRow]) -> list[dict[str, Any]]:
    """Each covered person with how often, and why: a name that Keywork knows, or what the reader wrote."""
    times: Counter[tuple[str, str]] = Counter()
    for row in rows:
        cover = {words.lower() for words in row.reading.cover} if row.reading else set()
        for piece in row.covered:
            reason = row.reading.reason if row.reading and piece.said.lower() in cover else BY_ITSELF
            times[piece.covers, reason] += 1
    return [{"who": who, "why": why, "times": count} for (who, why), count in sorted(times.items())]


def _index(found: dict[str, Any], pack: EvidencePack, on: date) -> list[dict[str, str]]:
    """The parts that say something, numbered, then the appendices by letter."""
    name, last = found["known_as"], day_in_full(pack.ends_on, on)
    measured = found["areas"] or found["independence"] or found["tests"] or found["cycles"]
    log = _times(len(found["log"]), "entry", "entries")
    parts = [
        ("views", f"{name}’s views", _times(len(found["views"]), "sheet") + ", dated", found["views"]),
        ("home", "Views of home", _times(len(found["home"]), "conversation") + ", dated", found["home"]),
        (
            "needs",
            "Strengths and needs in four areas",
            "each points to its evidence",
            any(one["lines"] for one in found["needs"]),
        ),
        (
            "cycles",
            "What was tried: assess, plan, do, review",
            f"{_times(len(found['cycles']), 'cycle')}, a page each",
            found["cycles"],
        ),
        ("log", f"Chronology to {last}", f"{log}, oldest first", found["log"]),
        ("attendance", "Attendance and suspensions", "by term and source", found["attendance"]),
        ("measures", "Measures", "social progress, goals, independence, tests", measured),
        ("plans", "Plans in force", "", found["plans"]),
        ("asked", "What is asked for, and why", "", found["asked"]),
    ]
    rows = [(anchor, title, about) for anchor, title, about, there in parts if there]
    index = [(str(number), *row) for number, row in enumerate(rows, 1)]
    for one in found["documents"]:
        dated = f"of {day_in_full(date.fromisoformat(one['on']), on)}, " if one["on"] else ""
        title = f"{one['title']}, {one['by']}" if one["by"] else one["title"]
        about = f"{dated}{_times(one['pages'], 'page')}"
        index.append((one["letter"], f"document-{one['letter']}", title, about))
    if found["coverings"]:
        total = sum(one["times"] for one in found["coverings"])
        index.append(("", "coverings", "What was covered, and why", _times(total, "covering")))
    return [dict(zip(("part", "anchor", "title", "about"), row, strict=True)) for row in index]


def _times(count: int, word: str, many: str = "") -> str:
    return f"{count} {word if count == 1 else many or f'{word}s'}"
