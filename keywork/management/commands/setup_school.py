"""Make the school and its first administrator: what a new installation needs before anybody can sign in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from keywork import clock
from keywork.actions.accounts import has_administrator, invite_first_administrator
from keywork.actions.school import set_up_school
from keywork.dates import day_in_full
from keywork.errors import Refused
from keywork.policy import presets
from keywork.signin import invitation_url


class Command(BaseCommand):
    help = (
        "Set up the school with the shipped calendar and a preset policy, and invite its first administrator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the school's name")
        parser.add_argument("--administrator", metavar="NAME", help="who invites everybody else")
        parser.add_argument("--email", help="the address that administrator signs in with")
        parser.add_argument("--live-on", type=date.fromisoformat, help="no duty is counted before this day")
        parser.add_argument("--preset", default="breckenbrough", choices=sorted(presets()))

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        who, email = (options["administrator"] or "").strip(), (options["email"] or "").strip()
        name = options["name"].strip()
        if not 0 < len(name) <= 150:
            raise CommandError("Write the school's name, in 150 characters or fewer.")
        if bool(who) != bool(email):
            raise CommandError("An administrator needs both: --administrator NAME and --email ADDRESS.")
        if email:
            try:
                validate_email(email)
            except ValidationError as error:
                raise CommandError(f"{email} is not an e-mail address.") from error
        school = set_up_school(
            name=name,
            went_live_on=options["live_on"] or clock.today(),
            preset=options["preset"],
            is_open=False,
        )
        self.stdout.write(
            f"{school.name} is set up. Contacts are owed from {day_in_full(school.went_live_on)}."
        )
        if not email:
            if not has_administrator():
                self.stdout.write(
                    "Nobody can sign in yet. Run this again with --administrator NAME --email ADDRESS."
                )
            return
        try:
            user = invite_first_administrator(name=who, email=email)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{user.name} is its administrator and signs in with {user.email}.\n"
            "Open this link to choose a password. It works once, for seven days:\n"
            f"{invitation_url(user)}"
        )
