"""Print the code that the first administrator types in the browser."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from keywork.actions.accounts import has_administrator
from keywork.printed_codes import setup_code


class Command(BaseCommand):
    help = "Print the one-time code and the address with which the first administrator sets the school up."

    def handle(self, *args: Any, **options: Any) -> None:
        if has_administrator():
            raise CommandError("There is an administrator already, who can invite others in Keywork.")
        self.stdout.write(
            f"Open {settings.BASE_URL}{reverse('portal:first')} and type this code: {setup_code()}"
        )
