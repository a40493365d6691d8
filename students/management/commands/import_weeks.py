"""`manage.py import_weeks FILE… [--week DATE] [--source MIS] [--dry-run]`: attendance and points from CSV or XLSX."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from keywork.errors import Refused
from students.actions import weekly as actions
from students.importing.planned import Outcome
from students.importing.source import Table
from students.importing.weekly import BY_NAME, WeekRow

WORDS = {
    Outcome.CREATE: "new",
    Outcome.UPDATE: "put right",
    Outcome.SAME: "no change",
    Outcome.REJECT: "left out",
}


class Command(BaseCommand):
    help = "Import attendance and points, week by week, from a CSV or Excel (.xlsx) file. The same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--week",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the first day of the week, for a file whose rows do not say",
        )
        parser.add_argument("--source", help="where the figures come from; else where the last came from")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        for path in options["files"]:
            self.stdout.write(self.style.MIGRATE_HEADING(str(path)))
            try:
                rows = actions.import_file(
                    path=path,
                    source=options["source"] or actions.last_source(),
                    week=options["week"],
                    by=None,
                    by_name=f"{getpass.getuser()} (command line)",
                    dry_run=options["dry_run"],
                    told=self._tell_columns,
                )
            except FileNotFoundError:
                self.stderr.write(f"There is no file {path}.")
                refused += 1
            except Refused as error:
                self.stderr.write(f"{error} Nothing was imported from this file.")
                refused += 1
            else:
                self._tell(rows, dry_run=options["dry_run"], verbose=options["verbosity"] > 1)
        if refused:
            raise CommandError(f"{refused} of {len(options['files'])} files could not be used.")

    def _tell_columns(self, table: Table, chosen: Sequence[str]) -> None:
        pairs = list(zip(table.headings, chosen, strict=True))
        used = [f"{heading} as {BY_NAME[name].label}" for heading, name in pairs if name]
        self.stdout.write(f"  Columns: {', '.join(used) or 'none is known'}.")

    def _tell(self, rows: Sequence[WeekRow], *, dry_run: bool, verbose: bool) -> None:
        for row in rows:
            if row.outcome != Outcome.SAME or verbose:
                notes = " · ".join(row.reasons or row.changes)
                self.stdout.write(f"  row {row.number}: {WORDS[Outcome(row.outcome)]}: {row.label}. {notes}")
        counts = actions.counts_of(rows)
        self.stdout.write(
            f"{'Would be: ' if dry_run else ''}{counts['attendance']} weeks of attendance and {counts['points']} of "
            f"points new, {counts['replaced']} put right; {counts['rows_reject']} of {counts['rows']} rows left out."
        )
        if dry_run:
            self.stdout.write("Dry run: nothing was changed.")
