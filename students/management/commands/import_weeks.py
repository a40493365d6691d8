"""`manage.py import_weeks FILE… [--week DATE] [--source MIS] [--dry-run]`: attendance and points from CSV or XLSX."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from students.actions import weekly as actions
from students.importing.planned import Outcome
from students.importing.weekly import BY_NAME, WeekRow
from students.management.files import FilesCommand

WORDS = {
    Outcome.CREATE: "new",
    Outcome.UPDATE: "put right",
    Outcome.SAME: "no change",
    Outcome.REJECT: "left out",
}


class Command(FilesCommand):
    columns = BY_NAME
    help = "Import attendance and points, week by week, from a CSV or Excel (.xlsx) file. The same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--week",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the first day of the week, for a file whose rows do not say",
        )
        parser.add_argument("--source", help="where the figures come from; else where the last came from")

    def read(self, path: Path, options: dict[str, Any]) -> Sequence[WeekRow]:
        return actions.import_file(
            path=path,
            source=options["source"] or actions.last_source(),
            week=options["week"],
            by=None,
            by_name=f"{getpass.getuser()} (command line)",
            dry_run=options["dry_run"],
            told=self.tell_columns,
        )

    def tell(self, rows: Sequence[WeekRow], *, dry_run: bool, verbose: bool) -> None:
        for row in rows:
            if row.outcome != Outcome.SAME or verbose:
                notes = " · ".join(row.reasons or row.changes)
                self.stdout.write(f"  row {row.number}: {WORDS[Outcome(row.outcome)]}: {row.label}. {notes}")
        counts = actions.counts_of(rows)
        self.stdout.write(
            f"{'Would be: ' if dry_run else ''}{counts['attendance']} weeks of attendance and {counts['points']} of "
            f"points new, {counts['replaced']} put right; {counts['rows_reject']} of {counts['rows']} rows left out."
        )
