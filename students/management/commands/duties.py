from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from keywork import clock, duties, school
from keywork.duties import DutyState
from keywork.known import students_at
from students.models import Student
from students.stays import Stay


class Command(BaseCommand):
    help = "Every duty state of every student on roll, with its reason, as of any day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DATE", help="A day like 2026-11-23; default today."
        )
        parser.add_argument(
            "--known-on", type=date.fromisoformat, metavar="DATE", help="Only what was known on this day."
        )
        parser.add_argument("--student", type=int, metavar="ID", help="Only this student, on roll or not.")
        parser.add_argument("--json", action="store_true", help="Print a list of objects as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or clock.today()
        students = self._students(as_of, options["student"], options["known_on"])
        try:
            found = duties.states_for(students, as_of, options["known_on"], school=school.load())
        except school.SchoolNotSetUp as error:
            raise CommandError(str(error)) from error
        rows = [(student, state) for student in students for state in found[student.pk]]
        rows.sort(key=lambda row: row[1].urgency)
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(student, state) for student, state in rows], indent=1))
            return
        for student, state in rows:
            due = state.by.isoformat() if state.by and state.by < date.max else "-"
            label = f"{state.label} ({state.note})" if state.note else state.label
            self.stdout.write(
                f"{student.name:30.30}  {state.kind:13}  {state.status:12}  {due:10}  {label:22}  "
                f"{state.reason}"
            )
        self.stdout.write(f"{len(students)} students, as of {as_of}.")

    def _students(self, as_of: date, student_id: int | None, known_on: date | None) -> list[Any]:
        if student_id is None and known_on is None:
            return list(Student.objects.on_roll(as_of))
        rows = Student.objects.all() if student_id is None else Student.objects.filter(pk=student_id)
        if student_id is not None and not rows:
            raise CommandError(f"There is no student with the number {student_id}.")
        found: Sequence[Any] = list(rows if known_on is None else rows.filter(created_at__date__lte=known_on))
        if known_on is not None:
            found = students_at(found, as_of, known_on)
        if student_id is not None:
            return list(found)
        return [one for one in found if Stay(one.joined_on, one.left_on).includes(as_of)]


def _as_json(student: Any, state: DutyState) -> dict[str, Any]:
    def iso(day: date | None) -> str | None:
        return day.isoformat() if day else None

    return {
        "student": student.pk,
        "name": student.name,
        "duty": state.kind,
        "state": state.status,
        "label": state.label,
        "note": state.note,
        "headline": state.headline,
        "as_of": iso(state.as_of),
        "due_on": iso(state.due_on),
        "do_by": iso(state.do_by),
        "by": iso(state.by),
        "since": iso(state.since),
        "first": state.first,
        "reason": state.reason,
    }
