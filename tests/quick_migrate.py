"""`manage.py migrate` as it is on a new database, for one that only needs the newest: `python -m tests.quick_migrate`."""

from __future__ import annotations

import os

import django
from django.core.management import call_command
from django.db.migrations.state import ProjectState

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "keywork.settings"
    django.setup()
    from keywork.management.commands.migrate import reload_model

    ProjectState.reload_model = reload_model
    call_command("migrate", verbosity=0)
