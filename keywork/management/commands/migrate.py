"""Django's `migrate`, in a fifth of the time.

Before each step Django makes the model that changes anew, and with it all that are related to it, which here is nearly
all there are: a first start, or an update, took minutes on a small machine. Tables, indexes and triggers need the one
model alone; where code of a migration runs, Django itself makes all of them anew. That the tables are those of the
models, and that what landed comes to them with all its rows, is shown by tests/landed.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState


def reload_model(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
    """In place of ProjectState.reload_model: the model alone, all of them once what relates to it has changed."""
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


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with patch.object(ProjectState, "reload_model", reload_model):
            super().handle(*args, **options)
