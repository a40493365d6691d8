"""What a member of staff chooses for themselves: what they are told of by e-mail, and filters under a name."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.escalation import MAY_BE_OFF, NotificationKind
from contacts.models import DigestChoice
from keywork.forms import KeyworkForm
from keywork.words import worded_lazy

OFTEN = [("daily", "On each school day with news"), ("weekly", "Once a week, on its first school day")]
ALSO = [
    (NotificationKind.ANSWERED, "What became of what I asked a colleague to do"),
    (NotificationKind.KNOWN, worded_lazy("A student I work with gets another keyworker")),
    (NotificationKind.MOVED, "Dates of mine that move when the calendar is changed"),
]


class DigestForm(KeyworkForm):
    """What is one's own to do is no part of it: that comes on the next school morning, whatever is chosen."""

    often = forms.ChoiceField(label="How often", choices=OFTEN, widget=forms.RadioSelect)
    also = forms.MultipleChoiceField(
        label="Tell me also of", choices=ALSO, required=False, widget=forms.CheckboxSelectMultiple
    )
    button, is_secondary, action = "Save", True, "portal:digest"
    shapes = {"often": "is-rows", "also": "is-rows"}

    def __init__(self, *args: Any, choice: DigestChoice | None, **kwargs: Any) -> None:
        off = choice.without if choice else []
        initial = {
            "often": "weekly" if choice and choice.weekly else "daily",
            "also": [kind for kind, _ in ALSO if kind not in off],
        }
        super().__init__(*args, initial=initial, prefix="digest", **kwargs)

    def chosen(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "weekly": cleaned["often"] == "weekly",
            "without": sorted(kind for kind in MAY_BE_OFF if kind not in cleaned["also"]),
        }


class SaveFilterForm(KeyworkForm):
    """Keeping a choice of Oversight's filters."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="For example: weekly residential, overdue. Only you see it.",
        widget=forms.TextInput({"class": "kw-input-mid"}),
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=500, required=False)
    missing = {"name": "Write a name for it"}
    button, is_secondary, action = "Keep it", True, "portal:save_filter"
