"""An approved report as the template's context, one for each household: from what was approved, nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keywork.calendar import Term
from keywork.school import SchoolFacts

from .. import keeping_in_touch
from ..reading import theirs
from .models import WrittenLine, WrittenReport

if TYPE_CHECKING:
    from ..kinds import ReportKind


class NotApproved(Exception):
    """No approved report of the student is there to be made."""


def approved(
    kind: ReportKind, students: Sequence[Any], term: Term, school: SchoolFacts
) -> Mapping[int, list[dict[str, Any]]]:
    """What a written kind is made of: for each student their approved report of the term. Four queries."""
    rows = WrittenReport.objects.filter(
        kind=kind.slug, term=term.id, student__in=students, state=WrittenReport.State.APPROVED
    ).select_related("sent_by", "decided_by")
    found = {row.student_id: row for row in rows}
    if missing := [one for one in students if one.pk not in found]:
        raise NotApproved(f"{len(missing)} reports are not approved yet.")
    for one in students:
        found[one.pk].student = one
    return contexts(kind, list(found.values()), term, school)


def contexts(
    kind: ReportKind, rows: Sequence[WrittenReport], term: Term, school: SchoolFacts, reader: Any = None
) -> dict[int, list[dict[str, Any]]]:
    """Of written reports of one kind in any state, each with its `student`, by student. Two queries.

    `reader` is who looks at the sheets before they are made: they see the sections that are theirs. What is made for
    those it is written for has them all.
    """

    def shown(row: WrittenReport) -> set[str]:
        sections = kind.sections
        return {one.key for one in (theirs(sections, reader, row.student) if reader else sections)}

    lines: dict[int, Any] = defaultdict(lambda: defaultdict(list))
    for line in WrittenLine.objects.filter(report__in=rows).standing().order_by("place", "pk"):
        lines[line.report_id][line.section].append(line)
    keys = {row.pk: shown(row) for row in rows}
    for row in rows:
        lines[row.pk] = {key: found for key, found in lines[row.pk].items() if key in keys[row.pk]}
    people = keeping_in_touch.people_of([row.student_id for row in rows], max(row.ends_on for row in rows))
    made = {
        row.student_id: [
            {
                "school": school,
                "student": row.student,
                "term": term,
                "heading": f"{row.student.known_as}’s {term.name.lower()}",
                "report": row,
                "known_on": row.filled_on,
                "keyworker": people.get((row.student_id, "keyworker")),
                "mentor": people.get((row.student_id, "mentor")),
                "facts": {key: said for key, said in row.facts.items() if key in keys[row.pk]},
                "home": home,
                "household": home["household"],
                "written_for": home["written_for"],
                "lines": _read_by(lines[row.pk], home["readers"]),
                "only_for": list(home["readers"]) or None,
            }
            for home in homes_of(row)
        ]
        for row in rows
    }
    for row in rows:
        for one in made[row.student_id]:
            one |= kind.drawn(one)
    return made


# One that goes to everyone alike.
EVERYONE: Mapping[str, Any] = {"household": "", "written_for": "", "for_somebody": True, "readers": []}


def homes_of(row: WrittenReport) -> list[Mapping[str, Any]]:
    """The households it is written for, as a section says them; one for all where none says anything of one alone."""
    return next((said["homes"] for said in row.facts.values() if said and said.get("homes")), [EVERYONE])


def _read_by(
    lines: Mapping[str, Sequence[WrittenLine]], readers: Sequence[int]
) -> dict[str, list[WrittenLine]]:
    """Those every reader of this copy may read: what a student shared goes no further than to whom they said."""
    return {
        section.replace("-", "_"): [
            one for one in found if one.shared_with is None or set(readers) <= set(one.shared_with)
        ]
        for section, found in lines.items()
    }
