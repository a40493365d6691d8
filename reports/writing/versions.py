"""The versions of a written report, from the row history the database keeps, and what changed from one to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keywork.dates import day_in_full
from keywork.models import User

from ..sections import Section
from .models import WrittenLine, WrittenReport

State = WrittenReport.State
DECIDED = (State.RETURNED, State.APPROVED)
WHAT = {State.DRAFT: "Taken back", State.SENT: "Sent to be checked", State.RETURNED: "Sent back"}


@dataclass(frozen=True, slots=True)
class Version:
    """One save. `is_step`: it went on to its state here, with `comment` where it was sent back."""

    number: int
    what: str
    at: datetime
    who: str
    is_step: bool
    state: str
    comment: str
    facts: Mapping[str, Any]
    days: str


def versions(report: WrittenReport) -> list[Version]:
    """Oldest first; two queries."""
    model = report.pgh_event_model
    saved = model.objects.filter(pgh_obj_id=report.pk, version__gte=1)
    events = list(saved.select_related("pgh_context").order_by("pgh_id"))
    writers = {_writer(event) for event in events}
    names = dict(User.objects.filter(pk__in=writers).values_list("pk", "name"))
    last_of = {event.version: event for event in events}  # sent, it is filled first: one version all the same
    found: list[Version] = []
    for number, event in sorted(last_of.items()):
        before = found[-1] if found else None
        is_step = before is None or before.state != event.state
        what = WHAT.get(event.state, State(event.state).label) if before else "Filled from the record"
        found.append(
            Version(
                number,
                what if is_step else "Saved",
                event.pgh_created_at,
                names.get(_writer(event), "Keywork"),
                is_step,
                event.state,
                event.comment if event.state == State.RETURNED else "",
                event.facts,
                f"From {day_in_full(event.starts_on)} to {day_in_full(event.ends_on)}",
            )
        )
    return found


def _writer(event: Any) -> int:
    """The key of whoever wrote it; 0 where Keywork did, by itself."""
    return (event.pgh_context.metadata.get("user") if event.pgh_context else None) or 0


def usual(found: Sequence[Version], after: Version) -> Version:
    """With which version one compares `after`: what was read and decided last before it, or else the first."""
    decided = [one for one in found if one.is_step and one.state in DECIDED and one.number < after.number]
    return decided[-1] if decided else found[0]


@dataclass(frozen=True, slots=True)
class TextChange:
    """One text of a section before and after; empty where it did not stand in the report."""

    what: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    """What changed in a section, and how many of its lines stayed."""

    title: str
    changes: Sequence[TextChange]
    kept: int


def between(
    report: WrittenReport, sections: Sequence[Section], before: Version, after: Version
) -> list[Part]:
    """Those of the sections that changed, in the order of the report. Two queries."""
    days = _changed("", "", before.days, after.days)
    was, now = _lines(report, before.number), _lines(report, after.number)
    found = [Part("Days of the record", [days], 0)] if days else []
    for section in sections:
        old, new = was.get(section.key, {}), now.get(section.key, {})
        said = _facts(section.summary, before.facts.get(section.key, {}))
        says = _facts(section.summary, after.facts.get(section.key, {}))
        in_order = list(new) + [key for key in old if key not in new]
        lines = [_line(old.get(key), new.get(key)) for key in in_order]
        facts = [
            _changed("From the record", label, said.get(label, ""), says.get(label, ""))
            for label in {**says, **said}
        ]
        if changes := [one for one in facts + lines if one]:
            kept = sum(_text(new.get(key)) != "" for key in in_order) - sum(
                one is not None and one.after != "" for one in lines
            )
            found.append(Part(section.title, changes, kept))
    return found


def _lines(report: WrittenReport, number: int) -> dict[str, dict[str, Any]]:
    """The lines as they were in a version, left out ones too: by section and key, in their order."""
    model = WrittenLine.pgh_event_model
    events = model.objects.filter(report_id=report.pk, in_version__lte=number).order_by("pgh_id")
    last_of = {event.pgh_obj_id: event for event in events}
    found: dict[str, dict[str, Any]] = {}
    for event in sorted(last_of.values(), key=lambda one: (one.place, one.pgh_obj_id)):
        found.setdefault(event.section, {})[event.key] = event
    return found


def _text(line: Any) -> str:
    return "" if line is None or line.left_out_at else line.words or line.recorded


def _line(old: Any, new: Any) -> TextChange | None:
    line = new or old
    label = line.prompt or (day_in_full(line.on) if line.on else "")
    before, after = _text(old), _text(new)
    if not before:
        what = "Put back" if old is not None and old.left_out_at else "New"
    else:
        what = "Changed" if after else "Left out"
    return _changed(what, label, before, after)


def _changed(what: str, label: str, before: str, after: str) -> TextChange | None:
    return None if before == after else TextChange(what, label, before, after)


def _facts(summary: Any, facts: Mapping[str, Any]) -> dict[str, str]:
    """What a section says by itself, in words, each under its title."""
    return {"": summary(facts)} | dict(_rows(facts))


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row in facts.get("rows", ()):
        yield row["title"], row["told"]
    for goal in facts.get("goals", ()):
        level = f" ({goal['level'].lower()})" if goal["level"] else ""
        yield f"“{goal['words']}”", f"{goal['where']}{level}" if goal["where"] else "Not scored yet"
    if isinstance(facts.get("outcomes"), list):  # in short, it is their number
        for one in facts["outcomes"]:
            yield f"Outcome {one['number']}", f"{one['text']} {one['judgement']}"
