"""manage.py load_templates: publish the TSP form supplied with Keywork, if there is none or only its first words."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tsp.questions.templates import FORM


class Command(BaseCommand):
    help = (
        "Publishes the TSP form supplied with Keywork, unless a form is there already. "
        "One that is still as it was first supplied gets a new version in plainer words."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if FORM.ensure_first_version():
            self.stdout.write("Version 1 is published.")
        elif FORM.ensure_plainer_words():
            self.stdout.write("A version in plainer words is published.")
        else:
            self.stdout.write("There is a form already; nothing was changed.")
