"""`manage.py import_people FILE… [--dry-run]`: students and families from CSV, XLSX or CTF, row by row."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from keywork.models import User
from keywork.names import ended
from students.actions.imports import import_file
from students.importing.columns import BY_NAME, NO_NUMBER, lacks_number
from students.importing.planned import Outcome, Plan
from students.importing.source import Table
from students.management.files import FilesCommand

WORDS = {
    Outcome.CREATE: "new",
    Outcome.UPDATE: "change",
    Outcome.SAME: "no change",
    Outcome.ASK: "left out",
    Outcome.REJECT: "left out",
}


class Command(FilesCommand):
    columns = BY_NAME
    help = "Import students and their families from a CSV, Excel (.xlsx) or CTF (.xml) file. Nobody is deleted by not being in it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--match-names",
            action="store_true",
            help="take the same name and date of birth for the same person",
        )
        parser.add_argument("--by", metavar="EMAIL", help="the account in whose name this is done")

    def read(self, path: Path, options: dict[str, Any]) -> Plan:
        by = self._user(options["by"])
        made, _ = import_file(
            path=path,
            by=by,
            by_name=by.name if by else f"{getpass.getuser()} (command line)",
            match_names=options["match_names"],
            dry_run=options["dry_run"],
            told=self.tell_columns,
        )
        return made

    def _user(self, email: str | None) -> User | None:
        if not email:
            return None
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active account with the e-mail {email}.")
        return user

    def tell_columns(self, table: Table, chosen: Sequence[str]) -> None:
        """What the page shows before the rows: notes on the file, and what each column was taken for."""
        for note in table.notes:
            self.stdout.write(f"  {note}")
        if table.canonical:
            return
        super().tell_columns(table, chosen)
        pairs = zip(table.headings, chosen, strict=True)
        if out := [heading or "one without a heading" for heading, name in pairs if not name]:
            self.stdout.write(f"  Columns left out: {', '.join(out)}.")
        if lacks_number(table.kind, chosen):
            self.stdout.write(f"  {NO_NUMBER}")

    def tell(self, made: Plan, *, dry_run: bool, verbose: bool) -> None:
        for row in made.rows:
            notes = [*row.reasons, *(row.changes if row.goes_in else ()), *row.warnings]
            if notes or verbose:
                self.stdout.write(
                    f"  row {row.number}: {WORDS[Outcome(row.outcome)]}: {ended(row.label)} {' · '.join(notes)}".rstrip()
                )
        counts = made.counts()
        left_out = counts["rows_reject"] + counts["rows_ask"]
        self.stdout.write(
            f"{'Would be: ' if dry_run else ''}{counts['students_created']} students new, {counts['students_updated']} changed; "
            f"{counts['contacts_created']} contacts new, {counts['contacts_updated']} changed; "
            f"{left_out} of {counts['rows']} rows left out, {counts['rows_warned']} with a warning."
        )
        if made.leavers:
            names = ", ".join(f"{student.name}, {student.year_label}" for student in made.leavers)
            self.stdout.write(
                f"{len(made.leavers)} students on roll are not in the file. Nobody was taken off roll: "
                f"record their last day on their page, or import in the browser and tick them. They are: {ended(names)}"
            )
