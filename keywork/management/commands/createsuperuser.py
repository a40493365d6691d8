"""Django's own command, which Keywork has no use for: it says so, and what to run."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError


class Command(createsuperuser.Command):
    help = "Keywork has no superuser; setup_school makes the first administrator."

    def execute(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "Keywork has no superuser: nobody may see everything. Make the school and its first administrator with\n"
            'manage.py setup_school "Name of the school" --administrator "Their name" --email their@address'
        )
