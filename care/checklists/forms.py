"""How a point of a list stands, and the points of a list as the school wants them."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.crypto import get_random_string

from keywork.editing import SEEN, EditForm, as_posted, digests_in
from keywork.forms import Actions, DateBox, primary, quiet_link, text_box
from keywork.models import Draft, User
from keywork.saving import digest
from keywork.words import worded

from ..meetings.forms import StandsForm
from ..models import Point
from .kinds import KEY, OWNERS, ListKind
from .ticks import known

DONE, SKIP, ARRANGE = "done", "skip", "arrange"
MOST_DAYS = 400  # from the day that a list is for
MORE = 3  # empty rows at the end of a list that is being changed
MOST_NEW = 40
NEW = string.ascii_lowercase + string.digits
EMPTY = digest(())


class PointForm(StandsForm):
    how = forms.ChoiceField(
        label="How does it stand?",
        choices=[(DONE, "Done"), (SKIP, "Not needed"), (ARRANGE, "Another day or person")],
        widget=forms.RadioSelect,
    )
    note = text_box("What came of it, or why it is not needed", 300, rows=2, required=False)
    owner = forms.TypedChoiceField(label="Who", coerce=int, required=False, empty_value=None)
    due_on = forms.DateField(label="By", widget=DateBox)
    missing = {"how": "Say how it stands", "due_on": "Choose a day"}
    why = {SKIP: "Say why it is not needed"}

    def __init__(self, *args: Any, point: Point, staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, initial={"owner": point.owner_id, "due_on": point.due_on}, **kwargs)
        self.staff = {user.pk: user for user in staff}
        post = str(OWNERS.get(point.role, point.role))
        self.offer("owner", [("", post), *((user.pk, user.name) for user in staff)])


PARTS = ("what", "owner", "days", "ticks")
TAKEN_OUT = (
    "Somebody took this point out while you changed it. Empty it too, or save once more to have it again"
)
CHANGED = "Somebody changed this point while you took it out. Save once more to take it out all the same"


class ListForm(EditForm):
    """The points of a list, a row each under the key of its point; a row without words is left out.

    So each row stays itself, whoever adds or takes out another. What one takes out while somebody else changes it is
    asked about before it is saved.
    """

    seen_number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: ListKind, **kwargs: Any) -> None:
        super().__init__(*args, initial={"seen_number": kind.number}, **kwargs)
        self.points_now = {point.key: point for point in kind.points}
        self.keys: list[str] = []
        self.asked_about: dict[str, str] = {}  # keys of points, and what is asked
        for key in self.points_now:
            self._add(key)
        new = self._posted(self.data) if self.is_bound else [get_random_string(8, NEW) for _ in range(MORE)]
        for key in new:
            self._add(key)
        self.word_plainly()
        self.edits(besides=[f"{name}-{key}" for key in new for name in PARTS])
        if self.is_bound:
            self._ask()

    def fill(self, draft: Draft) -> None:
        """With the rows that were added in it."""
        for key in self._posted(draft.data):
            self._add(key)
        self.word_plainly()
        super().fill(draft)

    def _posted(self, data: Any) -> list[str]:
        """Keys of rows that came and are none of the list as it stands."""
        names = (name.removeprefix("what-") for name in data if name.startswith("what-"))
        return [key for key in names if KEY.fullmatch(key) and key not in self.points_now][:MOST_NEW]

    def _add(self, key: str) -> None:
        point, number = self.points_now.get(key), len(self.keys) + 1
        self.keys.append(key)
        ticks = [("", "A person"), *((slug, worded(tick.name)) for slug, tick in known().items())]
        fields = {
            "what": forms.CharField(label=f"Point {number}", max_length=200, required=False),
            "owner": forms.ChoiceField(label="Who", choices=list(OWNERS.items()), initial="keyworker"),
            "days": forms.IntegerField(
                label="Days after",
                required=False,
                min_value=-MOST_DAYS,
                max_value=MOST_DAYS,
                error_messages=dict.fromkeys(
                    ("min_value", "max_value"), f"Point {number}: write {MOST_DAYS} days at most"
                ),
            ),
            "ticks": forms.ChoiceField(label="What ticks it", choices=ticks, required=False),
        }
        for name, field in fields.items():
            self.fields[f"{name}-{key}"] = field
            if point is not None:
                self.initial[f"{name}-{key}"] = getattr(point, name)

    def _ask(self) -> None:
        """About a point that one of two took out and the other changed; one that nobody touched is out."""
        seen, now = digests_in(self.data.get(SEEN, "")), self._digests()
        for key in list(self.keys):
            names = [f"{name}-{key}" for name in PARTS]
            if seen.get(names[0], EMPTY) == EMPTY:
                continue  # it is new here
            typed = {name: digest(self._typed(name)) for name in names}
            touched = any(typed[name] != seen.get(name) for name in names)
            if key not in self.points_now:
                if not touched or typed[names[0]] == EMPTY:
                    self._drop(key)
                    continue
                self.asked_about[key] = TAKEN_OUT
                seen[names[0]] = EMPTY
            elif typed[names[0]] == EMPTY and any(now[name] != seen.get(name) for name in names[1:]):
                self.asked_about[key] = CHANGED
        if seen:
            self.retype(SEEN, json.dumps(seen))

    def _typed(self, name: str) -> Any:
        field = self.fields[name]
        return as_posted(field, field.widget.value_from_datadict(self.data, self.files, name))

    def _drop(self, key: str) -> None:
        self.keys.remove(key)
        for name in PARTS:
            del self.fields[f"{name}-{key}"]

    @property
    def helper(self) -> Any:
        helper = super().helper
        helper.render_hidden_fields = True
        helper.show_optional = False
        return helper

    def layout(self) -> Layout:
        points = []
        for number, key in enumerate(self.keys, 1):
            beside = Div(f"owner-{key}", f"days-{key}", f"ticks-{key}", css_class="kw-row")
            look = {"css_class": "kw-stack is-tight kw-point", "role": "group"}
            points.append(Div(f"what-{key}", beside, **look, aria_label=f"Point {number}"))
        buttons = primary("Publish this version"), quiet_link("Not now", "back_url")
        return Layout(*points, Actions(*buttons))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for number, key in enumerate(self.keys, 1):
            days = f"days-{key}"
            if given.get(f"what-{key}") and given.get(days) is None and days not in self.errors:
                self.add_error(days, f"Point {number}: write how many days; 0 is the day itself")
        for key, words in self.asked_about.items():
            self.add_error(f"what-{key}", words)
            self.is_overtaken = True
        return given

    def points(self) -> list[dict[str, Any]]:
        given = self.cleaned_data
        return [
            {"key": key, **{name: given[f"{name}-{key}"] for name in PARTS}}
            for key in self.keys
            if given[f"what-{key}"]
        ]
