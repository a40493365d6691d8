"""Make the school: name, shipped calendar, preset policy."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from keywork import clock
from keywork.actions.school import set_up_school
from keywork.policy import presets


class Command(BaseCommand):
    help = "Set up the school with the shipped calendar and a preset policy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--live-on", type=date.fromisoformat, help="no duty is counted before this day")
        parser.add_argument("--preset", default="breckenbrough", choices=sorted(presets()))

    def handle(self, *args: Any, **options: Any) -> None:
        school = set_up_school(
            name=options["name"], went_live_on=options["live_on"] or clock.today(), preset=options["preset"]
        )
        self.stdout.write(f"{school.name} is set up. Contacts are owed from {school.went_live_on}.")
