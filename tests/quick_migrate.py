"""What `manage.py migrate` does, in a fifth of the time: `python -m tests.quick_migrate`.

Django makes the model that a step changes anew, and with it all that are related, which here is nearly all there
are. Tables, indexes and triggers need the one model alone; where code of a migration runs, Django itself makes all
of them anew after such steps. tests/local/test_first_day.py compares with the command itself.
"""

from __future__ import annotations

import os

import django
from django.core.management import call_command
from django.db.migrations.state import ProjectState


def reload_model(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    """In place of ProjectState.reload_model."""
    if "apps" not in state.__dict__:
        return  # made when first asked for
    made = state.apps.all_models[app_label].get(model_name)
    has = {field.name for field in (*made._meta.local_fields, *made._meta.local_many_to_many)} if made else ()
    more = not made or state.models[app_label, model_name].fields.keys() - has
    if delay or more:  # nothing else refers to what is new
        state.is_delayed = True
        state._reload({(app_label, model_name)})
    else:
        del state.__dict__["apps"]


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "keywork.settings"
    django.setup()
    ProjectState.reload_model = reload_model
    call_command("migrate", verbosity=0)
