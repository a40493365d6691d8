"""Restore a backup into an empty installation, or try whether one can be restored."""

from __future__ import annotations

import getpass
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from keywork.backup.archive import needs_passphrase
from keywork.backup.restore import Restored, drill, restore, secrets_of
from keywork.dates import day_in_full, london_date
from keywork.errors import Refused


class Command(BaseCommand):
    help = "Restore a backup into an empty installation. Stop web, worker and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument(
            "--drill",
            action="store_true",
            help="only try it, beside the running Keywork: into a database that is dropped again",
        )
        parser.add_argument("--secrets", action="store_true", help="only show the secret key that it holds")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="the file with the secret key of a nightly backup"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            unlock = self._unlock(file, options["key"])
            if options["secrets"]:
                self.stdout.write(json.dumps(secrets_of(file, **unlock), indent=1))
                return
            if options["drill"]:
                self._say(
                    "could be restored: this was a drill, and nothing has changed", drill(file, **unlock)
                )
                return
            done = restore(file, **unlock)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self._say("is restored", done)
        if done.migrated:
            self.stdout.write("It was made by an older Keywork and has been brought up to date.")
        if done.own_secret_key:
            self.stdout.write(
                "This installation has a KEYWORK_SECRET_KEY of its own: links that were sent before no longer work. To "
                f"keep them, put in the key that `manage.py restore --secrets {file}` shows."
            )

    def _say(self, what: str, done: Restored) -> None:
        day: date = london_date(datetime.fromisoformat(done.made_at))
        self.stdout.write(
            f"The backup of {day_in_full(day)}, made by Keywork {done.version}, {what}. "
            f"All {done.rows:,} rows and {done.files:,} files are as they were."
        )
        if done.missing:
            self.stdout.write(f"{done.missing} files that the database names were missing when it was made.")

    def _unlock(self, file: Path, key: Path | None) -> dict[str, str]:
        if needs_passphrase(file):
            given = os.environ.get("KEYWORK_BACKUP_PASSPHRASE", "")
            return {
                "passphrase": given or self._ask("Passphrase of the backup: ", "KEYWORK_BACKUP_PASSPHRASE")
            }
        if key is not None:
            try:
                return {"secret_key": key.read_text()}
            except (OSError, UnicodeDecodeError) as problem:
                raise CommandError(f"The secret key could not be read from {key}.") from problem
        return {"secret_key": self._ask("Secret key (AGE-SECRET-KEY-1…): ", "--key")}

    def _ask(self, question: str, instead: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"Use {instead}, or run this in a terminal, where it is asked for.")
        return getpass.getpass(question)
