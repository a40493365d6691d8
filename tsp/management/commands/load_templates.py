"""manage.py load_templates: publish the TSP form supplied with Keywork, or what has come to it since."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tsp.questions.templates import FORM


class Command(BaseCommand):
    help = (
        "Publishes the TSP form supplied with Keywork, unless a form is there already. "
        "One that is still as it was first supplied gets a new version in plainer words, and one without a sheet that "
        "Keywork works with a new version with it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if FORM.ensure_first_version():
            self.stdout.write("Version 1 is published.")
            return
        plainer, later = FORM.ensure_plainer_words(), FORM.ensure_later_sections()
        if plainer:
            self.stdout.write("A version in plainer words is published.")
        if later:
            self.stdout.write("A version with the sheets that came since is published.")
        if not plainer and not later:
            self.stdout.write("There is a form already; nothing was changed.")
