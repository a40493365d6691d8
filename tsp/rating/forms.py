"""An example in one's own words."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms

from keywork import clock
from keywork.forms import Actions, DateBox, KeyworkForm, primary

from ..models import Setting


class ExampleForm(KeyworkForm):
    """What was seen, when and where. `side`: what of the workspace around it the answer takes the place of."""

    missing = {"words": "Write what you saw", "on": "Say when it was", "setting": "Choose where it was seen"}

    words = forms.CharField(
        label="What you saw", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    on = forms.DateField(label="When", widget=DateBox())
    setting = forms.ChoiceField(label="Where", choices=[("", "Choose"), *Setting.choices])

    def __init__(self, *args: Any, statement: str, post_to: str, side: str = "", **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"ex-{statement}", **kwargs)
        self.post_to, self.side = post_to, side
        self.fields["on"].initial = clock.today()

    def layout(self) -> Layout:
        self.helper.form_action = self.post_to
        if self.side:
            self.helper.attrs |= {
                "hx-post": self.post_to,
                "hx-target": f"#{self.side}",
                "hx-swap": "outerHTML",
            }
        return Layout("words", Field("on"), Field("setting"), Actions(primary("Add this example")))

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > clock.today():
            raise forms.ValidationError("Choose today or a day before")
        return on
