"""Django's `migrate`, in a fraction of the time.

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
    """In place of ProjectState.reload_model: the model alone, or all of them once a field has changed that others may
    refer to."""
    if "apps" not in state.__dict__:
        return  # made when first asked for
    key, made = (app_label, model_name), state.apps.all_models[app_label].get(model_name)
    had = {field.name: field for field in made._meta.local_fields} if made else {}
    if delay or not made or _referred_to(state.models[key].fields) == _referred_to(had):
        state.is_delayed = True
        with state.apps.bulk_update():  # what models know of each other is forgotten once
            state._reload({key})
    else:
        del state.__dict__["apps"]


def _referred_to(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: field.deconstruct()[1:] for name, field in fields.items() if field.unique}


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with patch.object(ProjectState, "reload_model", reload_model):
            super().handle(*args, **options)
