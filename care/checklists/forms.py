"""How a point of a list stands, and the points of a list as the school wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link, text_box
from keywork.models import User
from keywork.words import worded

from ..meetings.forms import StandsForm
from ..models import Point
from .kinds import OWNERS, ListKind
from .ticks import known

DONE, SKIP, ARRANGE = "done", "skip", "arrange"
MOST_DAYS = 400  # from the day that a list is for
MORE = 3  # empty rows at the end of a list that is being changed


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


class ListForm(EditForm):
    """The points of a list, a row each; a row without words is left out."""

    seen_number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: ListKind, **kwargs: Any) -> None:
        self.rows_shown = range(len(kind.points) + MORE)
        super().__init__(*args, initial={"seen_number": kind.number}, **kwargs)
        ticks = [("", "A person"), *((slug, worded(tick.name)) for slug, tick in known().items())]
        for row in self.rows_shown:
            point = kind.points[row] if row < len(kind.points) else None
            fields = {
                "what": forms.CharField(label=f"Point {row + 1}", max_length=200, required=False),
                "owner": forms.ChoiceField(label="Who", choices=list(OWNERS.items()), initial="keyworker"),
                "days": forms.IntegerField(
                    label="Days after",
                    required=False,
                    min_value=-MOST_DAYS,
                    max_value=MOST_DAYS,
                    error_messages=dict.fromkeys(
                        ("min_value", "max_value"), f"Point {row + 1}: write {MOST_DAYS} days at most"
                    ),
                ),
                "ticks": forms.ChoiceField(label="What ticks it", choices=ticks, required=False),
            }
            for name, field in fields.items():
                self.fields[f"{name}-{row}"] = field
                if point is not None:
                    self.initial[f"{name}-{row}"] = getattr(point, name)
        self.word_plainly()
        self.edits()

    @property
    def helper(self) -> Any:
        helper = super().helper
        helper.render_hidden_fields = True
        helper.show_optional = False
        return helper

    def layout(self) -> Layout:
        points = []
        for row in self.rows_shown:
            beside = Div(f"owner-{row}", f"days-{row}", f"ticks-{row}", css_class="kw-row")
            look = {"css_class": "kw-stack is-tight kw-point", "role": "group"}
            points.append(Div(f"what-{row}", beside, **look, aria_label=f"Point {row + 1}"))
        buttons = primary("Publish this version"), quiet_link("Not now", "back_url")
        return Layout(*points, Actions(*buttons))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for row in self.rows_shown:
            days = f"days-{row}"
            if given.get(f"what-{row}") and given.get(days) is None and days not in self.errors:
                self.add_error(days, f"Point {row + 1}: write how many days; 0 is the day itself")
        return given

    def points(self) -> list[dict[str, Any]]:
        given = self.cleaned_data
        return [
            {name: given[f"{name}-{row}"] for name in ("what", "owner", "days", "ticks")}
            for row in self.rows_shown
            if given[f"what-{row}"]
        ]
