"""What is known of a student for an authority's form, as known today. About fifteen queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from keywork.models import Assignment, User
from keywork.names import same_name
from keywork.school import SchoolFacts
from students.models import Attendance, EhcPlan, FamilyLink, Outcome, Student
from students.rules import academic_year, chronological_year, years_apart
from tsp.outcomes import outcomes_view

from .fields import BY_NAME, FIELDS, NUMBERED, in_words
from .values import Value

MOST_ROWS = 60  # of one list in a form: more outcomes, parents or people no review has


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
        """92.5, to one place after the point."""
        if not self.possible or self.attended is None:
            return None
        return _short(Decimal(100 * self.attended) / self.possible)


def _short(number: Decimal) -> str:
    """0.5, 12, 92.3: at most one place."""
    return f"{number:.1f}".removesuffix(".0")


class Facts:
    """Of one student; `reader` is whoever the TSP is read as, `answers` what was typed."""

    def __init__(
        self, student: Student, school: SchoolFacts, today: date, reader: User, answers: Mapping[str, Any]
    ) -> None:
        self.student, self.school, self.today, self.reader, self.answers = (
            student,
            school,
            today,
            reader,
            answers,
        )

    def context(self) -> dict[str, Any]:
        """Everything a form may ask for, by the first part of its name."""
        found: dict[str, Any] = {}
        for one in FIELDS:
            given = self.answers.get(one.name) if one.function is None else one.function(self)
            if one.kind == "day" and isinstance(given, str):
                given = date.fromisoformat(given) if given else None
            group, _, name = one.name.partition(".")
            if name:
                found.setdefault(group, {})[name] = one.value(given)
            else:
                found[group] = one.value(list(given or ())[:MOST_ROWS])
        made: dict[str, Any] = {
            name: Value(parts=one) if isinstance(one, dict) else one for name, one in found.items()
        }
        return made | {name: made[rows][place] for name, (rows, place) in NUMBERED.items()}

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

    def own(self, name: str) -> str:
        return "" if self.is_restricted else getattr(self.student, name)

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
        rows = Assignment.objects.current(self.today).filter(
            student=self.student, kind=Assignment.Kind.KEYWORKER
        )
        return rows.values_list("user__name", flat=True).first() or ""

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


def empty_in(uses: list[str], context: Mapping[str, Any]) -> list[str]:
    """The fields of a form that stay empty, in words and in the order of the list of fields."""
    found = []
    for name in uses:
        group, _, rest = name.partition(".")
        value = context[group]
        value = getattr(value, rest) if rest else value
        one = BY_NAME[name]
        if one.kind in ("yes_no", "one_of", "some_of", "text", "long", "day", "number") and not str(value):
            found.append(one.words)
        elif one.kind == "rows" and not value:
            found.append(one.words.partition(",")[0])
    return found


def sample() -> dict[str, Any]:
    """Invented facts of every field, to try a form with: two rows of each list."""
    found: dict[str, Any] = {}
    for one in FIELDS:
        group, _, name = one.name.partition(".")
        if one.kind == "rows":
            row = {column.name: _example(column) for column in one.columns}
            found[group] = one.value([row, row])
        else:
            found.setdefault(group, {})[name] = one.value(_example(one))
    made: dict[str, Any] = {
        name: Value(parts=one) if isinstance(one, dict) else one for name, one in found.items()
    }
    return made | {name: made[rows][place] for name, (rows, place) in NUMBERED.items()}


def _example(one: Any) -> Any:
    if one.kind == "yes_no":
        return one.example.lower()
    if one.options:
        keys = [key for key, label in one.options.items() if label in one.example.split(", ")]
        return keys[0] if one.kind == "one_of" else keys
    return in_words(one.example)
