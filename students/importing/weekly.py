"""Attendance and points of a week, row by row: what each row of a file would change, and why one is left out.

A row is one student and one week. Which days it is of stands in the row, or the whole file is of the week that was
chosen with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from keywork.dates import day_in_full, number_of_days
from keywork.words import worded

from . import columns, values
from .columns import FILE_WORDS, Column, meanings, plain
from .planned import FileRow, Outcome
from .source import SourceRow, Table
from .values import BadValue

# The headings are those that Arbor, SIMS and Bromcom are known to give, and others that say the same; a school matches
# what is missing once, and it is remembered.
COLUMNS = tuple(Column(**row) for row in FILE_WORDS["week_columns"])
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
_SEEN_AS = meanings(COLUMNS)
NUMBERS = ("mis_id", "upn")
ATTENDANCE = ("possible", "attended", "authorised", "unauthorised", "suspended_days")
POINTS = ("achievement", "behaviour")
LONGEST = 7  # days: what is longer is no week, and its figures would be counted again with those of the weeks
MOST = 1_000
EARLIEST_YEAR = 2000
_NOTHING = frozenset({"", "-", "–", "n/a", "none"})


def known_headings(cells: Sequence[str]) -> int:
    return columns.known_headings(cells, _SEEN_AS)


def suggest(headings: Sequence[str]) -> list[str]:
    """A column for each heading, '' where none fits; none twice."""
    found: list[str] = []
    for heading in headings:
        name = _SEEN_AS.get(plain(heading), "")
        found.append("" if name in found else name)
    return found


def problems(chosen: Sequence[str], week: date | None = date.min) -> list[str]:
    """What is wrong with a choice of columns, in words; empty when it can be used. `week` was chosen with the file."""
    names = {name for name in chosen if name}
    wrong = []
    if not names & set(NUMBERS):
        wrong.append("No column is matched to the UPN or the MIS number, so nobody would be found.")
    if not names & {*ATTENDANCE, *POINTS}:
        wrong.append("No column is matched to sessions or points.")
    elif names & set(ATTENDANCE) and not {"possible", "attended"} <= names:
        wrong.append("Attendance needs both columns: the sessions possible and the sessions attended.")
    if week is None and "starts_on" not in names:
        wrong.append(
            "No column is matched to the first day of the week, and no week was chosen with the file."
        )
    elif "ends_on" in names and "starts_on" not in names:
        wrong.append("A column is matched to the last day of the week, but none to the first.")
    wrong += [
        f"More than one column is matched to {BY_NAME[name].label.lower()}. Choose one."
        for name in sorted(names)
        if list(chosen).count(name) > 1
    ]
    return wrong


@dataclass(frozen=True, slots=True)
class Kept:
    pk: int
    starts_on: date
    ends_on: date
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Known:
    """Everything a row is judged by. `kept` has a dictionary a table, by student, of the source that is imported."""

    by_mis_id: Mapping[str, Any]
    by_upn: Mapping[str, Any]
    shut_out: Collection[int]
    kept: Mapping[str, Mapping[int, Sequence[Kept]]]
    today: date


@dataclass(slots=True)
class WeekRow(FileRow):
    """`facts` has what is to be kept, by table: "attendance", "points"."""

    label: str = ""
    student_id: int = 0
    starts_on: date | None = None
    ends_on: date | None = None
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    replaces: dict[str, int] = field(default_factory=dict)  # table to the row that is put right


def plan(table: Table, chosen: Sequence[str], week: date | None, known: Known) -> list[WeekRow]:
    """What each row would do. `week` is the first day of the week of rows that name none."""
    seen: dict[tuple[int, date], int] = {}
    return [_row(source, chosen, week, known, seen) for source in table.rows]


def _row(
    source: SourceRow,
    chosen: Sequence[str],
    week: date | None,
    known: Known,
    seen: dict[tuple[int, date], int],
) -> WeekRow:
    row = WeekRow(source.number, source.filled(chosen))
    student = _student(row, known)
    _days(row, week, known.today)
    _facts(row, chosen)
    if student is not None and row.starts_on and not row.reasons:
        assert row.ends_on is not None
        row.student_id = student.pk
        before = seen.setdefault((student.pk, row.starts_on), row.number)
        if before != row.number:
            row.reasons.append(worded(f"Row {before} is of the same student and week."))
        else:
            _against_kept(row, known)
    if row.reasons:
        row.outcome = Outcome.REJECT
    return row


def _student(row: WeekRow, known: Known) -> Any:
    number, upn = row.values.get("mis_id", ""), "".join(row.values.get("upn", "").upper().split())
    row.label = number or upn
    by_number, by_upn = known.by_mis_id.get(number), known.by_upn.get(upn)
    student = by_number or by_upn
    if by_number is not None and by_upn is not None and by_number.pk != by_upn.pk:
        row.reasons.append(worded("The MIS number and the UPN are those of two different students."))
        return None
    if student is None:
        given = f"the MIS number {number}" if number else f"the UPN {upn}"
        row.reasons.append(
            f"Nobody here has {given}." if number or upn else "The row has neither a UPN nor a MIS number."
        )
        return None
    row.label = student.name
    if student.pk in known.shut_out:
        row.reasons.append(
            worded("You are family of this student. Ask another administrator to import this row.")
        )
        return None
    return student


def _days(row: WeekRow, week: date | None, today: date) -> None:
    """The days of the row, to the Friday of the week where it names none."""
    found: dict[str, date] = {}
    for name in ("starts_on", "ends_on"):
        if text := row.values.get(name):
            try:
                found[name] = values.parse_date(text)
            except BadValue as error:
                row.reasons.append(f"{BY_NAME[name].label}: {error}.")
                return
    first = found.get("starts_on", week)
    if first is None:
        row.reasons.append("The row does not say which week it is of.")
        return
    last = found.get("ends_on", first + timedelta(days=max(4 - first.weekday(), 0)))
    if first.year < EARLIEST_YEAR:
        row.reasons.append(f"The year {first.year} cannot be right.")
    elif last < first:
        row.reasons.append("The last day is before the first.")
    elif (last - first).days >= LONGEST:
        days = number_of_days((last - first).days + 1)
        row.reasons.append(f"It is of {days}. Export the figures week by week.")
    elif first > today:
        row.reasons.append(f"The week from {day_in_full(first, today)} is still to come.")
    row.starts_on, row.ends_on = first, last


def _facts(row: WeekRow, chosen: Sequence[str]) -> None:
    attendance = _numbers(row, ATTENDANCE, chosen)
    points = _numbers(row, POINTS, chosen)
    if row.reasons:
        return
    if "possible" in attendance or "attended" in attendance:
        for name in ("possible", "attended"):
            if name not in attendance:
                row.reasons.append(f"{BY_NAME[name].label}: there is no number.")
                return
        told = {**dict.fromkeys(ATTENDANCE, 0), **attendance}
        if told["attended"] > told["possible"]:
            row.reasons.append(
                f"{told['attended']} sessions attended are more than the {told['possible']} possible."
            )
        elif told["attended"] + told["authorised"] + told["unauthorised"] > told["possible"]:
            row.reasons.append(
                f"Sessions attended and missed are more than the {told['possible']} possible together."
            )
        row.facts["attendance"] = told
    if points:
        row.facts["points"] = {**dict.fromkeys(POINTS, 0), **points}
    if not row.facts and not row.reasons:
        row.reasons.append("The row has no figures.")


def _numbers(row: WeekRow, names: Sequence[str], chosen: Sequence[str]) -> dict[str, Any]:
    """The columns of the row that have a number. Behaviour points may be given as less than nothing."""
    found: dict[str, Any] = {}
    for name in names:
        text = row.values.get(name, "")
        if name not in chosen or text.lower() in _NOTHING:
            continue
        try:
            number = Decimal(text.replace(",", "."))
            number = abs(number) if name in POINTS else number
        except ArithmeticError:
            number = Decimal("NaN")
        is_half = name == "suspended_days"
        if not number.is_finite() or not 0 <= number < MOST or (number * (10 if is_half else 1)) % 1:
            row.reasons.append(f"{BY_NAME[name].label}: “{text}” is not a number that can be kept.")
            continue
        found[name] = number if is_half else int(number)
    return found


def _against_kept(row: WeekRow, known: Known) -> None:
    """What it changes of what is kept: days that are kept in another cut would be counted twice."""
    assert row.starts_on is not None and row.ends_on is not None
    outcomes = []
    for name, facts in row.facts.items():
        same = None
        for one in known.kept[name].get(row.student_id, ()):
            if one.starts_on == row.starts_on:
                same = one
            elif one.starts_on <= row.ends_on and row.starts_on <= one.ends_on:
                days = f"{day_in_full(one.starts_on, known.today)} to {day_in_full(one.ends_on, known.today)}"
                row.reasons.append(f"The days from {days} are here already, and would be counted twice.")
                return
        said = _in_words(name, facts)
        if same is None:
            outcomes.append(Outcome.CREATE)
            row.changes.append(said)
        elif dict(same.facts) != facts or same.ends_on != row.ends_on:
            outcomes.append(Outcome.UPDATE)
            row.replaces[name] = same.pk
            row.changes.append(f"{said}; it was: {_in_words(name, same.facts)}")
        else:
            outcomes.append(Outcome.SAME)
    row.facts = {
        name: facts
        for (name, facts), done in zip(row.facts.items(), outcomes, strict=True)
        if done != Outcome.SAME
    }
    row.outcome = next((one for one in (Outcome.UPDATE, Outcome.CREATE) if one in outcomes), Outcome.SAME)
    if row.changes:
        row.changes.insert(0, f"Week from {day_in_full(row.starts_on, known.today)}")


def _in_words(table: str, facts: Mapping[str, Any]) -> str:
    if table == "points":
        return f"{facts['achievement']} for achievement, {facts['behaviour']} for behaviour"
    said = f"{facts['attended']} of {facts['possible']} sessions"
    if facts["authorised"] or facts["unauthorised"]:
        said += f", missed {facts['authorised']} authorised and {facts['unauthorised']} unauthorised"
    if facts["suspended_days"]:
        said += f", suspended for {float(facts['suspended_days']):g} days"
    return said
