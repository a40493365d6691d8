"""First pass: which student each row is about, here already or new, and what would change (domain 8.1, 8.4).

By MIS number, then UPN, then name with date of birth, which a person must confirm.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from keywork.names import ended, one_line, same_name
from keywork.words import worded

from .. import rules
from ..models import EarlierStay, Student
from .people import NameKey, People
from .planned import BACK, FIELD_LABELS, Option, Outcome, RowPlan, StudentPlan, difference

NEW = "new"


class StudentMatcher:
    """Goes through the rows in order, keeping the students of the file found so far."""

    def __init__(self, people: People, today: date, match_names: bool, choices: Mapping[str, str]) -> None:
        self.people, self.today, self.match_names, self.choices = people, today, match_names, choices
        self.plans: list[StudentPlan] = []
        self.by_pk: dict[int, StudentPlan] = {}
        self.by_mis_id: dict[str, StudentPlan] = {}
        self.by_upn: dict[str, StudentPlan] = {}
        self.by_name: dict[NameKey, StudentPlan] = {}

    def add(self, row: RowPlan) -> None:
        """Give the row its student, or the reason why it is left out."""
        fields = row.fields
        plan = self._in_file(row, fields)
        if row.outcome == Outcome.REJECT:
            return
        if plan is None:
            plan = self._in_database(row, fields)
        if plan is None:
            return
        self._join(row, plan, fields)

    def _in_file(self, row: RowPlan, fields: dict[str, Any]) -> StudentPlan | None:
        mis_id, upn = fields.get("mis_id"), fields.get("upn")
        if mis_id and (plan := self.by_mis_id.get(mis_id)):
            return plan
        if upn and (plan := self.by_upn.get(upn)):
            if mis_id and plan.fields.get("mis_id"):
                row.reject(f"Row {plan.first.number} has the same UPN and another MIS number.")
            return plan
        plan = self.by_name.get(_name_key(fields))
        if plan is None:
            return None
        differ = [name for name in ("mis_id", "upn") if fields.get(name) and plan.fields.get(name)]
        if differ:  # were they equal, they would have been found above
            row.warn(
                f"Row {plan.first.number} has the same name and date of birth, with another {FIELD_LABELS[differ[0]]}."
            )
            return None
        return plan

    def _in_database(self, row: RowPlan, fields: dict[str, Any]) -> StudentPlan | None:
        by_mis_id = self.people.by_mis_id.get(fields.get("mis_id", ""))
        by_upn = self.people.by_upn.get(fields.get("upn", ""))
        if by_mis_id and by_upn and by_mis_id is not by_upn:
            row.reject(f"The MIS number is that of {by_mis_id.name}, the UPN that of {ended(by_upn.name)}")
            return None
        found = by_mis_id or by_upn
        if found and _someone_else(found, fields):
            row.reject(
                f"The {'MIS number' if by_mis_id else 'UPN'} is that of {found.name}, born {_day(found.born_on)}: "
                "name and date of birth both differ."
            )
            return None
        options: list[Student] = []
        if not found:
            options = self.people.named(fields["legal_forename"], fields["legal_surname"], fields["born_on"])
            found = self._chosen(row, fields, options)
        if (found and found.pk in self.people.shut_out) or any(s.pk in self.people.shut_out for s in options):
            row.reject(
                worded("You are family of this student. Ask another administrator to import this row.")
            )
            return None
        if found and found.pk in self.by_pk:
            return self.by_pk[found.pk]
        plan = StudentPlan(row, found, {})
        if options and not found and self.choices.get(str(row.number)) != NEW:
            plan.asks = True
            row.options = [self._option(s, fields) for s in options]
        self.plans.append(plan)
        if found:
            self.by_pk[found.pk] = plan
        return plan

    def _chosen(self, row: RowPlan, fields: dict[str, Any], options: list[Student]) -> Student | None:
        choice = self.choices.get(str(row.number), "")
        for student in options:
            if choice == str(student.pk):
                return student
        if self.match_names and not choice and len(options) == 1:
            mis_id = fields.get("mis_id")
            if not (mis_id and options[0].mis_id):
                return options[0]
        return None

    def _join(self, row: RowPlan, plan: StudentPlan, fields: dict[str, Any]) -> None:
        signature = tuple(sorted(row.values.items()))
        if signature in plan.seen:
            row.reject(f"The same as row {plan.seen[signature]}.")
            return
        for name, value in fields.items():
            if name in plan.fields and not _same(plan.fields[name], value):
                row.reject(
                    f"Row {plan.first.number} is about the same {worded('student')}, with another {FIELD_LABELS[name].lower()}."
                )
                return
        plan.seen[signature] = row.number
        plan.fields = {**fields, **plan.fields}
        plan.rows.append(row)
        row.student = plan
        if mis_id := fields.get("mis_id"):
            self.by_mis_id.setdefault(mis_id, plan)
        if upn := fields.get("upn"):
            self.by_upn.setdefault(upn, plan)
        self.by_name.setdefault(_name_key(fields), plan)

    def settle(self) -> list[StudentPlan]:
        """Once all rows are in: what each student becomes. Returns the plans that go in."""
        going_in = []
        for plan in self.plans:
            if not plan.rows:
                continue
            if plan.asks:
                self._ask(plan)
                continue
            if self._asks_whether_back(plan):
                continue
            self._leave_earlier_stays(plan)
            if reason := self._refused(plan):
                for row in plan.rows:
                    row.reject(reason)
                continue
            self._create(plan) if plan.is_new else self._update(plan)
            going_in.append(plan)
        return going_in

    def _option(self, student: Student, fields: dict[str, Any]) -> Option:
        label = f"{student.full_name}, {student.year_label}"
        if (back_on := self._back_on(student, fields)) is None:
            return Option(student.pk, label)
        assert student.left_on is not None
        return Option(student.pk, label, back_on, student.left_on.isoformat())

    def _back_on(self, here: Student, fields: dict[str, Any]) -> str | None:
        """Of somebody who has left and whom the row has on roll again: the first day back, "" where it does not say."""
        if here.left_on is None or here.left_on >= self.today:
            return None
        joined_on = fields.get("joined_on")
        if joined_on is None:
            return None if "left_on" in fields else ""
        return joined_on.isoformat() if joined_on > here.left_on else None

    def _asks_whether_back(self, plan: StudentPlan) -> bool:
        """Nobody comes back by a file alone: without an answer the rows are left out, with one a new stay begins."""
        here = plan.existing
        back_on = self._back_on(here, plan.fields) if here is not None else None
        if here is None or back_on is None:
            return False
        assert here.left_on is not None
        first, left_on = plan.first, here.left_on
        answer = self.choices.get(f"{BACK} {first.number}", "")
        if answer and date.fromisoformat(answer) > left_on:
            plan.fields = {**plan.fields, "joined_on": date.fromisoformat(answer)}
            plan.fields.setdefault("left_on", None)
            plan.ended = EarlierStay(student=here, joined_on=here.joined_on, left_on=left_on)
            return False
        first.options = [Option(BACK, here.full_name, back_on, left_on.isoformat())]
        since = f" and by the file is back since {_day(date.fromisoformat(back_on))}" if back_on else ""
        for row in plan.rows:
            row.outcome = Outcome.ASK
            row.reasons.append(
                f"{here.full_name} left on {_day(left_on)}{since}: choose whether they are back on roll."
                if row is first
                else f"Follows what is chosen for row {first.number}."
            )
        return True

    def _leave_earlier_stays(self, plan: StudentPlan) -> None:
        """Dates of a stay before the latest say nothing about the latest."""
        before = self.people.earlier_stays.get(plan.existing.pk) if plan.existing is not None else None
        if plan.existing is None or not before:
            return
        here, (first_day, last_day) = (
            plan.existing,
            (plan.fields.get(name) for name in ("joined_on", "left_on")),
        )
        old = {"joined_on"} if first_day and first_day <= before[-1].left_on else set()
        if last_day and last_day < here.joined_on and (old or not first_day):
            old.add("left_on")
        if old:
            plan.fields = {name: value for name, value in plan.fields.items() if name not in old}
            plan.first.warn(
                f"The dates are of an earlier stay. The one that began on {_day(here.joined_on)} is left as it is."
            )

    def _ask(self, plan: StudentPlan) -> None:
        names = " or ".join(one.label for one in plan.first.options)
        for row in plan.rows:
            row.outcome = Outcome.ASK
            row.reasons.append(
                f"{self._alike(row)} as {names}: choose whether it is the same person."
                if row is plan.first
                else f"Follows what is chosen for row {plan.first.number}."
            )

    def _alike(self, row: RowPlan) -> str:
        """Near names are asked about too, and said to be near: Zoe and Zoë, Smith Jones and Smith-Jones."""
        fields = row.fields
        written = {_plain(f"{fields['legal_forename']} {fields['legal_surname']}")}
        known = [self.people.students[one.value] for one in row.options if isinstance(one.value, int)]
        exact = all(
            written
            & {
                _plain(f"{forename} {surname}")
                for forename in (student.legal_forename, student.known_as)
                for surname in (student.legal_surname, student.surname)
            }
            for student in known
        )
        return "Same name and date of birth" if exact else "Nearly the same name and the same date of birth"

    def _refused(self, plan: StudentPlan) -> str:
        fields, here = plan.fields, plan.existing
        for index, name in ((self.people.by_mis_id, "mis_id"), (self.people.by_upn, "upn")):
            other = index.get(fields.get(name, ""))
            if other is not None and other is not here:
                return f"The {FIELD_LABELS[name]} is that of {ended(other.name)}"
        if here is not None:
            joined_on = fields.get("joined_on", here.joined_on)
            left_on = fields.get("left_on", here.left_on)
            if left_on and left_on < joined_on:
                return "The last day on roll would be before the first."
            if joined_on <= fields.get("born_on", here.born_on):
                return "The first day on roll would not be after the date of birth."
        return ""

    def _create(self, plan: StudentPlan) -> None:
        fields, first = dict(plan.fields), plan.first
        boarder = fields.pop("boarder", None)
        if boarder:
            fields["placement"] = boarder[0]
            if not boarder[1]:
                first.warn("Residential, but not whether weekly or termly: termly is taken.")
        if "joined_on" not in fields:
            fields["joined_on"] = min(self.today, fields.get("left_on", self.today))
            first.warn(
                "There is no first day on roll: today is taken."
                if fields["joined_on"] == self.today
                else "There is no first day on roll: the last day is taken."
            )
        if "nc_year" not in fields:
            usual = rules.chronological_year(fields["born_on"], rules.academic_year(self.today))
            fields["nc_year"] = usual or rules.NOT_APPLICABLE
            first.warn(f"There is no year group: {fields['nc_year']} is taken, by age.")
        if fields.get("left_on") and fields["left_on"] < self.today:
            first.warn(f"Has left already, on {_day(fields['left_on'])}.")
        fields.setdefault("known_from", self.today)
        plan.row = Student(**fields)
        first.outcome = Outcome.CREATE
        first.changes.append(worded("New student"))

    def _update(self, plan: StudentPlan) -> None:
        here, fields = plan.existing, dict(plan.fields)
        assert here is not None
        plan.row = here
        boarder = fields.pop("boarder", None)
        if boarder and (boarder[1] or here.placement == Student.Placement.DAY):
            fields["placement"] = boarder[0]
            if not boarder[1]:
                plan.first.warn("Residential, but not whether weekly or termly: termly is taken.")
        if here.left_on and here.left_on < self.today and "left_on" not in fields:
            plan.first.warn(
                f"Left on {_day(here.left_on)}. For someone who has come back there is “Back on roll” on their page."
            )
        stay = {name: fields[name] for name in ("joined_on", "left_on") if name in fields and plan.ended}
        changes = difference(here, {name: value for name, value in fields.items() if name not in stay})
        if plan.ended:
            back = (
                f"Back on roll since {_day(fields['joined_on'])}, after leaving on {_day(plan.ended.left_on)}"
            )
            until = f", until {_day(fields['left_on'])}" if fields["left_on"] else ""
            changes.insert(0, back + until)
        if changes:
            plan.changed = [name for name, value in fields.items() if getattr(here, name) != value]
            plan.first.changes += changes
            plan.first.outcome = Outcome.UPDATE
            plan.fields = fields


def _name_key(fields: dict[str, Any]) -> NameKey:
    return same_name(fields["legal_forename"]), same_name(fields["legal_surname"]), fields["born_on"]


def _same(one: Any, other: Any) -> bool:
    """Texts are the same whatever their capitals and apostrophes."""
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    return one == other


def _plain(text: str) -> str:
    return one_line(text).replace("’", "'").casefold()


def _someone_else(student: Student, fields: dict[str, Any]) -> bool:
    """Neither name nor date of birth agree: a number used twice, not a change."""
    names = {
        same_name(student.legal_surname),
        same_name(student.surname),
        same_name(student.legal_forename),
        same_name(student.known_as),
    } - {""}
    theirs = {same_name(fields["legal_surname"]), same_name(fields["legal_forename"])}
    return student.born_on != fields["born_on"] and names.isdisjoint(theirs)


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
