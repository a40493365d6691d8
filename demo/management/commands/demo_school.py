"""Make the invented school."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo import cast, papers, plans
from demo.build import CannotBuild, build


class Command(BaseCommand):
    help = "Fill an empty database with an invented school, the same for the same seed and day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--students", type=int, default=60, help="students on roll today (default 60)")
        parser.add_argument(
            "--years", type=int, default=2, help="how long the school has used Keywork (default 2)"
        )
        parser.add_argument("--seed", type=int, default=1, help="another number, another school (default 1)")
        parser.add_argument(
            "--staff", type=int, help="staff in all (default: as many as the students need; 24 for 60)"
        )
        parser.add_argument(
            "--replace", action="store_true", help="delete what is there first; only where KEYWORK_DEMO=1"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            built = build(
                **{name: options[name] for name in ("students", "years", "seed", "staff", "replace")}
            )
        except CannotBuild as reason:
            raise CommandError(str(reason)) from reason
        papers.release_last_term()
        plans.attach_documents()
        self.stdout.write(built.words)
        if options["verbosity"]:
            self.stdout.write(_sign_ins())


def _sign_ins() -> str:
    if not settings.DEMO:
        return "Nobody can sign in, because KEYWORK_DEMO=1 is not set: the accounts have no password."
    rows = "\n".join(f"  {name + '@' + cast.DOMAIN:<36} {who}" for name, who in cast.SIGN_INS)
    return f"Sign in with the password {cast.PASSWORD} as:\n{rows}"
