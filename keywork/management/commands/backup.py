"""Write a backup of the whole installation, encrypted, while Keywork is in use."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Any

import pyrage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from keywork.backup.archive import SHORTEST_PASSPHRASE, recipients
from keywork.backup.make import backup
from keywork.errors import Refused


class Command(BaseCommand):
    help = (
        "Write database, uploads, reports and the secret key into one encrypted file. Keywork may be in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the file to make")
        parser.add_argument(
            "--recipient",
            metavar="KEY",
            help="encrypt to this public key (age1…) in place of a passphrase; several with commas",
        )
        parser.add_argument("--new-key", action="store_true", help="make a pair of keys for nightly backups")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"]:
            own = pyrage.x25519.Identity.generate()
            self.stdout.write(
                "Print this secret key and keep it away from the server, in two places; without it no nightly backup "
                f"can be read:\n{own}\n\nThis is for the server's settings:\n"
                f"KEYWORK_BACKUP_RECIPIENT={own.to_public()}"
            )
            return
        if options["file"] is None:
            raise CommandError("Say which file to make, for example: manage.py backup keywork-2026-11-29.age")
        try:
            if options["recipient"]:
                made = backup(options["file"], recipients=recipients(options["recipient"]))
            else:
                made = backup(options["file"], passphrase=self._passphrase())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{options['file']} holds {made.rows:,} rows and {made.files:,} files in {made.bytes:,} bytes."
        )
        if made.missing:
            self.stderr.write(
                f"{len(made.missing)} files that the database names were missing before the backup, for example "
                f"{made.missing[0]}."
            )

    def _passphrase(self) -> str:
        given = os.environ.get("KEYWORK_BACKUP_PASSPHRASE", "")
        if not given:
            if not sys.stdin.isatty():
                raise CommandError(
                    "Set KEYWORK_BACKUP_PASSPHRASE, or run this in a terminal, where it is asked for."
                )
            given = getpass.getpass("Passphrase for the backup: ")
            if given != getpass.getpass("The same again: "):
                raise CommandError("The two are not the same. Nothing was written.")
        if len(given) < SHORTEST_PASSPHRASE:
            raise CommandError(
                f"The passphrase needs {SHORTEST_PASSPHRASE} characters or more: whoever guesses it reads everything."
            )
        return given
