"""The plan of an import: nothing is written here, so the preview and the dry run are this and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .columns import BY_NAME
from .match_contacts import ContactMatcher
from .match_students import StudentMatcher
from .people import People
from .planned import Outcome, Plan, RowPlan
from .rows import parse
from .source import Table


def make(
    table: Table,
    columns: Sequence[str],
    people: People,
    *,
    today: date,
    match_names: bool = False,
    choices: Mapping[str, str] | None = None,
    relationships: Mapping[str, str] | None = None,
) -> Plan:
    """What the import of `table` would do, its columns matched to `columns` ('' is left out).

    `match_names` takes the same name and date of birth for the same person; `choices` answers for single
    rows: row number to 'new' or a student's id, "back" and row number to a first day back on roll, "contact" and row number to 'new', an adult's id or "row" and
    the number of the row that makes them. `people` is used up: load it anew for another plan.
    """
    plan = Plan(rows=[])
    students = StudentMatcher(people, today, match_names, choices or {})
    words = (
        {code.upper(): word for code, word in relationships.items()} if relationships is not None else None
    )
    for line in table.rows:
        row = RowPlan(line.number, line.filled(columns))
        parse(row, today, words)
        plan.rows.append(row)
        if row.reasons:
            row.outcome = Outcome.REJECT
        else:
            students.add(row)
    plan.students = students.settle()
    contacts = ContactMatcher(people, today, choices or {})
    for row in plan.rows:
        if row.goes_in:
            contacts.add(row)
    contacts.warn(plan.students, any(name and BY_NAME[name].of_contact for name in columns))
    plan.members = list(contacts.members.values())
    plan.links = list(contacts.links.values())
    if table.kind != "ctf":  # a CTF holds those who move, not the school
        seen = {row.student.existing.pk for row in plan.rows if row.student and row.student.existing}
        seen |= {one.value for row in plan.rows for one in row.options if isinstance(one.value, int)}
        for row in plan.rows:  # a row left out for another reason still shows that the student is here
            for index, name in ((people.by_mis_id, "mis_id"), (people.by_upn, "upn")):
                if found := index.get(row.values.get(name, "")):
                    seen.add(found.pk)
        plan.leavers = people.not_in(seen)
    return plan
