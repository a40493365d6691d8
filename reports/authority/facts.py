"""What is known of a student for an authority's form, as known today: the record's word, and where it has none what was
typed. About fifteen queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from typing import Any, cast

from care.models import EhcPlan, Outcome
from goals.outcomes import outcomes_view
from keywork.keyworker_history import keyworker_name
from keywork.models import User
from keywork.names import same_name
from keywork.school import SchoolFacts
from students.models import Attendance, FamilyLink, Student
from students.rules import academic_year, chronological_year, years_apart

from .fields import FIELDS, NUMBERED, ROWS, Field, Value, in_words

MOST_ROWS = 60  # of one list in a form: more outcomes, parents or people no review has
# The student's and family's: where a court restricts somebody, none of it stands in a form, typed or not.
REACH = frozenset(
    [
        *(f"student.{name}" for name in ("address", "phone", "email")),
        *(f"parents.{name}" for name in ("address", "phone", "email", "lives_with")),
    ]
)


@dataclass(frozen=True, slots=True)
class Attended:
    """Sums over the weeks of this school year, of the one source that has the newest of them; None: no weeks."""

    possible: int | None = None
    attended: int | None = None
    authorised: int | None = None
    unauthorised: int | None = None
    suspended_days: str | None = None

    @property
    def percent(self) -> str | None:
        if not self.possible or self.attended is None:
            return None
        return _short(Decimal(100 * self.attended) / self.possible)


def _short(number: Decimal) -> str:
    """0.5, 12, 92.3: at most one place."""
    return f"{number:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Place:
    """What can be typed: a field the record has not, or a column it has not in one of its rows.

    `says` is the record's word; where that is none, what is typed stands in the form.
    """

    box: str  # the name of its input
    field: Field
    rows: str = ""
    key: str = ""  # of the row
    row: str = ""  # in words: "Outcome 2"
    text: str = ""  # what the plan says there
    says: str = ""


class Facts:
    """Of one student; `reader` is whoever the TSP is read as, `answers` what was typed."""

    def __init__(
        self, student: Student, school: SchoolFacts, today: date, reader: User, answers: Mapping[str, Any]
    ) -> None:
        self.student, self.school, self.today = student, school, today
        self.reader, self.answers = reader, answers

    def context(self) -> dict[str, Any]:
        """Everything a form may ask for, by the first part of its name."""
        return _by_group(lambda one: self._rows(one) if one.kind == "rows" else self._given(one))

    def _given(self, one: Field) -> Any:
        given = self._record[one.name]
        if one.name in self._hidden or not is_empty(one, given):
            return given
        return _typed(one, self.answers.get(one.name))

    def _rows(self, one: Field) -> list[Mapping[str, Any]]:
        if one.typed:
            return list(self.answers.get(one.name) or ())[:MOST_ROWS]
        typed = self.answers.get(one.name) or {}
        return [
            {**row, **self._typed_columns(one, row, typed.get(row["key"], {}))}
            for row in self._record[one.name]
        ]

    def _typed_columns(self, rows: Field, row: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
        return {
            column.name: _typed(column, typed[column.name])
            for column in rows.columns
            if column.name in typed
            and f"{rows.name}.{column.name}" not in self._hidden
            and is_empty(column, row.get(column.name))
        }

    @cached_property
    def _record(self) -> dict[str, Any]:
        """What the record says, by name of the field: rows as a list, each with its `key`."""
        found = {one.name: self._from(one.source) for one in FIELDS if not one.typed}
        return {
            one.name: list(found[one.name])[:MOST_ROWS]
            if one.name in ROWS and not one.typed
            else found.get(one.name)
            for one in FIELDS
        }

    def _from(self, source: str) -> Any:
        """`plan.issued_on` of these facts; None where there is no plan."""
        return reduce(lambda found, name: found and getattr(found, name), source.split("."), cast(Any, self))

    @property
    def _hidden(self) -> Collection[str]:
        return REACH if self.is_restricted else ()

    def places(self, used: Collection[str]) -> list[Place]:
        """Everything of a form that may be typed, in the order of the list of fields; the people have their own rows."""
        found = []
        for one in FIELDS:
            if one.name in used and one.kind == "rows" and not one.typed:
                found += self._places_of(one, used)
            elif one.name in used and one.kind != "rows" and one.name not in self._hidden:
                found.append(Place(one.box, one, says=str(one.value(self._record[one.name]))))
        return found

    def _places_of(self, rows: Field, used: Collection[str]) -> list[Place]:
        any_column = not any(f"{rows.name}.{column.name}" in used for column in rows.columns)
        columns = [
            (f"{rows.name}.{one.name}", one)
            for one in rows.columns
            if any_column or f"{rows.name}.{one.name}" in used
        ]
        return [
            Place(
                f"{rows.name}_{row['key']}_{column.name}",
                column,
                rows.name,
                row["key"],
                _row_in_words(rows, row),
                str(row.get("text", "")),
                str(column.value(row.get(column.name))),
            )
            for row in self._record[rows.name]
            for name, column in columns
            if name not in self._hidden
        ]

    @property
    def legal_name(self) -> str:
        return f"{self.student.legal_forename} {self.student.legal_surname}".strip()

    @property
    def age(self) -> int:
        born, today = self.student.born_on, self.today
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    @property
    def sex(self) -> str:
        return {"M": "male", "F": "female"}.get(self.student.sex, "")

    @property
    def out_of_year(self) -> bool | None:
        by_age = chronological_year(self.student.born_on, academic_year(self.today))
        apart = years_apart(self.student.nc_year, by_age)
        return None if apart is None else apart != 0

    @cached_property
    def links(self) -> list[FamilyLink]:
        rows = FamilyLink.objects.filter(student=self.student, ended_on__isnull=True).select_related("member")
        return list(rows.order_by("priority", "pk"))

    @cached_property
    def is_restricted(self) -> bool:
        """A court restriction is in force: the form goes round, so no address or number of the family stands in it."""
        return any(link.is_restricted(self.today) for link in self.links)

    @cached_property
    def left_out(self) -> frozenset[str]:
        """Names, as they compare, of whom a court restriction in force keeps from being put down in the form."""
        rows = [link.member for link in self.links if link.is_restricted(self.today)]
        return frozenset(same_name(name) for one in rows for name in (one.name, f"{one.title} {one.name}"))

    @property
    def own(self) -> Student | None:
        """Of whom the student's own address and numbers may be read."""
        return None if self.is_restricted else self.student

    @property
    def parents(self) -> Iterator[dict[str, Any]]:
        for link in self.links:
            if link.is_restricted(self.today):
                continue
            reach = {
                "address": link.member.address,
                "phone": ", ".join(filter(None, (link.member.mobile, link.member.phone))),
                "email": link.member.email,
            }
            known = link.has_pr in (FamilyLink.Responsibility.YES, FamilyLink.Responsibility.NO)
            yield {
                "key": str(link.pk),
                "name": f"{link.member.title} {link.member.name}".strip(),
                "relationship": link.relationship,
                "responsibility": link.get_has_pr_display(),
                "has_responsibility": link.has_pr == FamilyLink.Responsibility.YES if known else None,
                "language": link.language,
                **({} if self.is_restricted else {**reach, "lives_with": link.lives_with}),
            }

    @property
    def school_reach(self) -> str:
        from ..models import Letterhead

        return Letterhead.now().address

    @property
    def keyworker(self) -> str:
        return keyworker_name(self.today, self.student.pk)

    @cached_property
    def _outcomes(self) -> Any:
        return outcomes_view(self.student, self.reader, school=self.school)

    @property
    def plan(self) -> EhcPlan | None:
        return self._outcomes.plan

    @property
    def first_issued(self) -> date | None:
        first = EhcPlan.objects.filter(student=self.student).order_by("number").first()
        return first.issued_on if first is not None else None

    @property
    def outcomes(self) -> Iterator[dict[str, Any]]:
        for state in self._outcomes.states:
            outcome, judged = state.outcome, state.judgement
            reached = outcome.status == Outcome.Status.ACHIEVED
            yield {
                "key": str(outcome.pk),
                "number": outcome.number,
                "text": outcome.text,
                "area": outcome.area_of_need,
                "pfa": outcome.pfa,
                "target": outcome.target_on,
                "progress": judged.get_word_display() if judged else "",
                "why": (judged.words if judged else "") or outcome.closed_note,
                "judged": judged.made_on if judged else None,
                "achieved": reached or judged.word == judged.Word.ACHIEVED if judged or reached else None,
                "goals": "\n".join(
                    f"{line.words.rstrip('.')}: {line.level_words.lower()}"
                    if line.level_words
                    else line.words
                    for line in state.goals
                ),
            }

    @cached_property
    def attendance(self) -> Attended:
        first = date(academic_year(self.today), 9, 1)
        weeks = list(Attendance.objects.filter(student=self.student).between(first, self.today))
        if not weeks:
            return Attended()
        mine = [week for week in weeks if week.source == weeks[0].source]  # the newest come first
        return Attended(
            possible=sum(week.possible for week in mine),
            attended=sum(week.attended for week in mine),
            authorised=sum(week.authorised for week in mine),
            unauthorised=sum(week.unauthorised for week in mine),
            suspended_days=_short(sum((week.suspended_days for week in mine), Decimal(0))),
        )


def is_empty(one: Field, given: Any) -> bool:
    return not str(one.value(given))


def _typed(one: Field, given: Any) -> Any:
    """What was typed, as the record would give it: days are kept as 2026-12-01."""
    return date.fromisoformat(given) if one.kind == "day" and given else given


def _row_in_words(rows: Field, row: Mapping[str, Any]) -> str:
    return f"Outcome {row['number']}" if rows.name == "outcomes" else str(row["name"])


def empty_in(used: Collection[str], places: Collection[Place], context: Mapping[str, Any]) -> list[str]:
    """What stays empty in a form, in words and in the order of the list of fields; of rows, which columns of which."""
    found = []
    for one in FIELDS:
        if one.name not in used:
            continue
        group, _, rest = one.name.partition(".")
        value = getattr(context[group], rest) if rest else context[group]
        words = one.words[:1].lower() + one.words[1:]
        if one.kind != "rows":
            found += [] if str(value) else [words]
        elif not value:
            found.append(words.partition(",")[0])
        else:
            found += _empty_columns(one.name, places, value)
    return found


def _empty_columns(rows: str, places: Collection[Place], value: Any) -> Iterator[str]:
    mine = [one for one in places if one.rows == rows]
    at = {key: number for number, key in enumerate(dict.fromkeys(one.key for one in mine))}
    columns: dict[str, list[str]] = {}
    for one in mine:
        if not str(getattr(value[at[one.key]], one.field.name)):
            columns.setdefault(one.field.words, []).append(one.row)
    for words, of in columns.items():
        some = f"{len(of)} {rows}" if len(of) > 2 else " and ".join(_in_a_sentence(one, rows) for one in of)
        yield f"{words[:1].lower()}{words[1:]} of {some}"


def _in_a_sentence(row: str, rows: str) -> str:
    return row[:1].lower() + row[1:] if rows == "outcomes" else row


def sample() -> dict[str, Any]:
    """Invented facts of every field, to try a form with: two rows of each list."""
    return _by_group(_example)


def _by_group(given: Callable[[Field], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in FIELDS:
        group, _, name = one.name.partition(".")
        if name:
            found.setdefault(group, {})[name] = one.value(given(one))
        else:
            found[group] = one.value(given(one))
    made: dict[str, Any] = {
        name: Value(parts=one) if isinstance(one, dict) else one for name, one in found.items()
    }
    return made | {name: made[rows][place] for name, (rows, place) in NUMBERED.items()}


def _example(one: Field) -> Any:
    if one.kind == "rows":
        return [{column.name: _example(column) for column in one.columns}] * 2
    if one.kind == "yes_no":
        return one.example.lower()
    if one.options:
        keys = [key for key, label in one.options.items() if label in one.example.split(", ")]
        return keys[0] if one.kind == "one_of" else keys
    return in_words(one.example)
