"""How a point of a list stands, and the points of a list as the school wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link
from keywork.models import User
from keywork.words import worded

from ..meetings.forms import StandsForm
from ..models import Point
from .kinds import OWNERS, ListKind
from .ticks import known

DONE, SKIP, ARRANGE = "done", "skip", "arrange"
MORE = 3  # empty rows at the end of a list that is being changed


class PointForm(StandsForm):
    how = forms.ChoiceField(
        label="How does it stand?",
        choices=[(DONE, "Done"), (SKIP, "Not needed"), (ARRANGE, "Another day or person")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="What came of it, or why it is not needed",
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )
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
        initial: dict[str, Any] = {"seen_number": kind.number}
        super().__init__(*args, initial=initial, **kwargs)
        ticks = [("", "A person"), *((slug, worded(tick.name)) for slug, tick in known().items())]
        for row in self.rows_shown:
            point = kind.points[row] if row < len(kind.points) else None
            self.fields[f"what-{row}"] = forms.CharField(
                label=f"Point {row + 1}", max_length=200, required=False
            )
            self.fields[f"owner-{row}"] = forms.ChoiceField(label="Who", choices=list(OWNERS.items()))
            self.fields[f"days-{row}"] = forms.IntegerField(
                label="Days after", required=False, min_value=-400, max_value=400
            )
            self.fields[f"ticks-{row}"] = forms.ChoiceField(
                label="What ticks it", choices=ticks, required=False
            )
            self.initial.update(
                {
                    f"what-{row}": point.what if point else "",
                    f"owner-{row}": point.owner if point else "keyworker",
                    f"days-{row}": point.days if point else None,
                    f"ticks-{row}": point.ticks if point else "",
                }
            )
        self.word_plainly()

    @property
    def helper(self) -> Any:
        helper = super().helper
        helper.render_hidden_fields = True
        helper.show_optional = False
        return helper

    def layout(self) -> Layout:
        return Layout(
            *(
                Div(
                    f"what-{row}",
                    Div(f"owner-{row}", f"days-{row}", f"ticks-{row}", css_class="kw-row"),
                    css_class="kw-stack is-tight kw-point",
                    role="group",
                    aria_label=f"Point {row + 1}",
                )
                for row in self.rows_shown
            ),
            Actions(primary("Publish this version"), quiet_link("Not now", "back_url")),
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for row in self.rows_shown:
            if (
                given.get(f"what-{row}")
                and given.get(f"days-{row}") is None
                and f"days-{row}" not in self.errors
            ):
                self.add_error(f"days-{row}", "Write how many days; 0 is the day itself")
        return given

    def points(self) -> list[dict[str, Any]]:
        given = self.cleaned_data
        return [
            {name: given[f"{name}-{row}"] for name in ("what", "owner", "days", "ticks")}
            for row in self.rows_shown
            if given[f"what-{row}"]
        ]
