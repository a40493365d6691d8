"""A command that imports files, one by one: a file that cannot be used stops none of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from keywork.errors import Refused
from students.importing.columns import Column
from students.importing.source import Table


class FilesCommand(BaseCommand):
    columns: Mapping[str, Column]  # by name, those that a file may have

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        for path in options["files"]:
            self.stdout.write(self.style.MIGRATE_HEADING(str(path)))
            try:
                made = self.read(path, options)
            except FileNotFoundError:
                self.stderr.write(f"There is no file {path}.")
                refused += 1
            except Refused as error:
                self.stderr.write(f"{error} Nothing was imported from this file.")
                refused += 1
            else:
                self.tell(made, dry_run=options["dry_run"], verbose=options["verbosity"] > 1)
                if options["dry_run"]:
                    self.stdout.write("Dry run: nothing was changed.")
        if refused:
            raise CommandError(f"{refused} of {len(options['files'])} files could not be used.")

    def read(self, path: Path, options: dict[str, Any]) -> Any:
        """What came of a file. Raises FileNotFoundError, Refused."""
        raise NotImplementedError

    def tell_columns(self, table: Table, chosen: Sequence[str]) -> None:
        """What each column was taken for."""
        used = [
            f"{heading} as {self.columns[name].label}"
            for heading, name in zip(table.headings, chosen, strict=True)
            if name
        ]
        self.stdout.write(f"  Columns: {', '.join(used) or 'none is known'}.")

    def tell(self, made: Any, *, dry_run: bool, verbose: bool) -> None:
        raise NotImplementedError
