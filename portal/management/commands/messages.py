"""`manage.py messages`: brings the catalogues of translations up to date, and compiles them (docs/translating.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from keywork import languages
from portal import catalogue


class Command(BaseCommand):
    help = (
        "Write every text of Keywork's own that families read into locale/, and compile what is translated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; say what is missing.")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = False
        for code in languages.LANGUAGES:
            if code != languages.ENGLISH:
                missing |= self._one(code, check=options["check"])
        if options["check"] and missing:
            raise SystemExit(1)

    def _one(self, code: str, *, check: bool) -> bool:
        path = Path(settings.LOCALE_PATHS[0]) / code / "LC_MESSAGES" / "django.po"
        catalog = polib.pofile(str(path), wrapwidth=110)
        known = {entry.msgid: entry for entry in catalog}
        entries = []
        for message in catalogue.collected().values():
            entry = known.get(message.text) or polib.POEntry(msgid=message.text)
            entry.occurrences = [(where, "") for where in message.where]
            if message.plural and entry.msgid_plural != message.plural:
                entry.msgid_plural, entry.msgstr = message.plural, ""
                entry.msgstr_plural = dict.fromkeys(range(_forms(catalog)), "")
            entries.append(entry)
        blank = [entry.msgid for entry in entries if not entry.translated()]
        for text in blank:
            self.stdout.write(f"{code}: not translated: {text}")
        if not check:
            catalog[:] = entries
            catalog.save(str(path))
            catalog.save_as_mofile(str(path.with_suffix(".mo")))
        self.stdout.write(f"{code}: {len(entries) - len(blank)} of {len(entries)} translated")
        return bool(blank)


def _forms(catalog: polib.POFile) -> int:
    """How many forms a counted thing has in the language."""
    return int(catalog.metadata["Plural-Forms"].partition("nplurals=")[2].partition(";")[0])
