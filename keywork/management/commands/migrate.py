"""Django's `migrate`, in a tenth of the time.

Before each step Django makes the model that changes anew, and with it all that are related to it, which here is nearly
all there are: a first start, or an update, took minutes on a small machine. Tables, indexes and triggers need the one
model alone, and a new database is filled in 20 s of a processor's time. It takes 9 s, as what is made costs less, too:
fields are copied, not taken to pieces and put together; models that were made for the code of a migration serve the
steps after it; none is made for a trigger, which is text; and nobody looks for rubbish among models that stay. Where
code of a migration runs, all models are made anew, as Django does. That the tables are those of the models, and that
what landed comes to them with all its rows, is shown by tests/landed.

So short is only the way to the newest migrations. To one that is named, and back, the way is Django's own.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from copy import deepcopy
from functools import cache, partialmethod
from typing import Any
from unittest.mock import patch

from django.core.management.commands import migrate
from django.db.migrations import RunPython
from django.db.migrations.state import AppConfigStub, ModelState, ProjectState, StateApps
from django.db.models import Field
from django.utils.functional import cached_property
from pgtrigger.migrations import AddTrigger, RemoveTrigger


def reload_model(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
    """The model alone, or all of them once a field has changed that others may refer to."""
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


def render(state: ModelState, original: Callable, apps: StateApps) -> Any:
    """With fields that are copied, as models get those of an abstract one."""
    with patch.object(Field, "clone", _copied):
        return original(state, apps)


def _copied(field: Field) -> Field:
    """As it was before it had a name and a model."""
    copied: Any = deepcopy(field)
    for part in filter(None, (copied, copied.remote_field)):
        for known in _worked_out(part.__class__) & part.__dict__.keys():
            del part.__dict__[known]
    copied.name = None
    if copied.creation_counter >= 0:  # by which fields stand in order; a key comes first
        copied.creation_counter = Field.creation_counter
        Field.creation_counter += 1
    return copied


@cache
def _worked_out(kind: Any) -> frozenset[str]:
    return frozenset(name for name in dir(kind) if isinstance(getattr(kind, name, None), cached_property))


def clone_model(state: ModelState) -> ModelState:
    """Without looking once more whether its fields are in order."""
    cloned = object.__new__(ModelState)
    cloned.__dict__ |= state.__dict__
    cloned.fields, cloned.options = dict(state.fields), dict(state.options)
    cloned.managers = list(state.managers)
    return cloned


def clone_apps(apps: Any) -> Any:
    """Models are the same in a copy, so they are not looked into."""
    cloned: Any = StateApps([], {})
    for label in apps.app_configs:
        cloned.all_models[label] = dict(apps.all_models[label])
        cloned.app_configs[label] = config = AppConfigStub(label)
        config.apps = cloned
        config.import_models()
    cloned.real_models = apps.real_models
    return cloned


def run_code(
    step: RunPython, original: Callable, app_label: str, editor: Any, before: Any, after: Any
) -> None:
    """With models that the steps after it have as well: of the state, code changes nothing."""
    after.clear_delayed_apps_cache()
    after.is_delayed = False
    original(step, app_label, editor, after, after)


def note_trigger(step: Any, original: Callable, app_label: str, state: Any) -> None:
    with patch.object(ProjectState, "reload_model", lambda *args, **kwargs: None):
        original(step, app_label, state)


INSTEAD: list[tuple[Any, str, Callable]] = [
    (ProjectState, "reload_model", reload_model),
    (ModelState, "clone", clone_model),
    (StateApps, "clone", clone_apps),
]
AROUND: list[tuple[Any, str, Callable]] = [
    (ModelState, "render", render),
    (RunPython, "database_forwards", run_code),
    (AddTrigger, "state_forwards", note_trigger),
    (RemoveTrigger, "state_forwards", note_trigger),
]


@contextmanager
def shorter() -> Iterator[None]:
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    try:
        with ExitStack() as changed:
            for owner, name, new in INSTEAD:
                changed.enter_context(patch.object(owner, name, new))
            for owner, name, around in AROUND:
                with_it = partialmethod(around, getattr(owner, name))
                changed.enter_context(patch.object(owner, name, with_it))
            yield
    finally:
        gc.set_threshold(*before)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with nullcontext() if options["migration_name"] else shorter():
            super().handle(*args, **options)
