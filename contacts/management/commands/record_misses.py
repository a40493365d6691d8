from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.actions.misses import record_misses
from contacts.digests import NotAllNotified, notify_of_misses
from keywork.dates import day_in_full
from keywork.school import SchoolNotSetUp


class Command(BaseCommand):
    help = "Write down what was missed, then e-mail those who should know: what the nightly job does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DATE", help="A day like 2026-11-23; default today."
        )
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")
        parser.add_argument("--no-mail", action="store_true", help="Only write down; the next run tells.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = record_misses(as_of=options["as_of"])
            result["mails"] = 0 if options["no_mail"] else notify_of_misses()["sent"]
        except (ValueError, SchoolNotSetUp, NotAllNotified) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        day = day_in_full(date.fromisoformat(result["as_of"]))
        self.stdout.write(
            f"As of {day}: {result['recorded']} recorded, {result['withdrawn']} withdrawn, "
            f"{result['mails']} e-mails sent."
        )
        for klass, count in sorted(result["classes"].items()):
            self.stdout.write(f"  {klass}: {count}")
