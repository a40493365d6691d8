"""manage.py load_templates: publish the TSP form supplied with Keywork, if there is none."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tsp.actions.templates import ensure_first_version


class Command(BaseCommand):
    help = "Publishes the TSP form supplied with Keywork as version 1, unless a form is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        made = ensure_first_version()
        self.stdout.write(
            "Version 1 is published." if made else "There is a form already; nothing was changed."
        )
