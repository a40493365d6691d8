"""The facts of an EHC plan, its outcomes, and how an outcome ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link, text_box
from students.models import Student
from students.uploads import pdf_from

from ..models import EhcPlan, Outcome
from ..plan_types import EHCP, PLAN_TYPES

FACTS = ("plan_type", "la_reference", "issued_on", "reviewed_on", "next_review_on")
LATEST = "Choose a date that is today or earlier"
MOST_OUTCOMES = 99


class PlanForm(EditForm):
    """The facts of one version. `plan` is the one being put right; without it, a new one is written down."""

    plan_type = forms.ChoiceField(label="Kind of plan", initial=EHCP)
    la_reference = forms.CharField(
        label="Local authority’s reference",
        max_length=60,
        required=False,
        help_text="As it stands on the plan.",
    )
    issued_on = forms.DateField(
        label="Date issued", widget=DateBox, help_text="The date on the final plan, not on a draft."
    )
    reviewed_on = forms.DateField(
        label="Last reviewed on",
        required=False,
        widget=DateBox,
        help_text="The last annual review since this version was issued. Progress is counted from that day.",
    )
    next_review_on = forms.DateField(
        label="Next review due by",
        required=False,
        widget=DateBox,
        help_text="The review is complete when the local authority sends its decision.",
    )
    pdf = forms.FileField(
        label="The plan as PDF",
        required=False,
        help_text="Up to 20 MB. Only those who see this page can open it.",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    remove_pdf = forms.BooleanField(label="Remove the PDF", required=False)
    missing = {"issued_on": "Write the date on the plan"}

    def __init__(self, *args: Any, plan: EhcPlan | None = None, **kwargs: Any) -> None:
        self.plan = plan
        if plan is not None:
            kwargs["initial"] = {name: getattr(plan, name) for name in FACTS}
        super().__init__(*args, **kwargs)
        known = {slug: kind.name for slug, kind in PLAN_TYPES.items()}
        if plan is not None:
            known.setdefault(plan.plan_type, plan.kind.name)
        self.offer("plan_type", list(known.items()))
        if len(known) == 1:
            self.fields["plan_type"].widget = forms.HiddenInput()
        if plan is None or not plan.pdf:
            del self.fields["remove_pdf"]
        if plan is not None:
            self.edits(plan)

    def clean_issued_on(self) -> Any:
        if self.cleaned_data["issued_on"] > clock.today():
            raise forms.ValidationError(LATEST)
        return self.cleaned_data["issued_on"]

    def clean_reviewed_on(self) -> Any:
        day = self.cleaned_data["reviewed_on"]
        if day and day > clock.today():
            raise forms.ValidationError(LATEST)
        return day

    def clean_pdf(self) -> Any:
        pdf = self.cleaned_data["pdf"]
        return pdf_from(pdf, "the plan") if pdf else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        issued_on, reviewed_on = given.get("issued_on"), given.get("reviewed_on")
        next_review_on = given.get("next_review_on")
        if issued_on and reviewed_on and reviewed_on < issued_on:
            self.add_error("reviewed_on", "Choose the date issued, or a later day")
        if issued_on and next_review_on and next_review_on <= issued_on:
            self.add_error("next_review_on", "Choose a day after the date issued")
        elif reviewed_on and next_review_on and next_review_on <= reviewed_on:
            self.add_error("next_review_on", "Choose a day after the last review")
        return given

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FACTS}

    def layout(self) -> Layout:
        pdf = ["pdf", "remove_pdf"] if "remove_pdf" in self.fields else ["pdf"]
        return self.laid_out(*pdf, button="Save")

    def laid_out(self, *more: Any, button: str) -> Layout:
        return Layout(
            "plan_type",
            "issued_on",
            Div("reviewed_on", "next_review_on", css_class="kw-grid is-2"),
            Field("la_reference", wrapper_class="kw-input-mid"),
            *more,
            Actions(primary(button), quiet_link("Back", "back_url")),
        )


class NewPlanForm(PlanForm):
    """The next version: the facts, and which outcomes of the version before go into it."""

    carry = forms.MultipleChoiceField(
        label="Outcomes that carry over",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ticked ones are copied with wording, tags and dates, to be changed afterwards. "
        "The others stay in the version before, which is kept as it is.",
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, before: EhcPlan | None, outcomes: Sequence[Outcome], seen: str, **kwargs: Any
    ) -> None:
        initial: dict[str, Any] = {"seen": seen}
        if before is not None:
            initial |= {"plan_type": before.plan_type, "la_reference": before.la_reference}
            initial["carry"] = [str(o.pk) for o in outcomes if o.status == Outcome.Status.OPEN]
        super().__init__(*args, initial=initial, **kwargs)
        self.offer("carry", [(str(outcome.pk), _line(outcome)) for outcome in outcomes])
        if not outcomes:
            del self.fields["carry"]

    def carried(self) -> frozenset[int]:
        return frozenset(int(pk) for pk in self.cleaned_data.get("carry", ()))

    def layout(self) -> Layout:
        carry = [Field("carry", wrapper_class="is-rows")] if "carry" in self.fields else []
        return self.laid_out("pdf", *carry, "seen", button="Save this version")


def _line(outcome: Outcome) -> str:
    ended = "" if outcome.status == Outcome.Status.OPEN else f" ({outcome.get_status_display().lower()})"
    return f"{outcome.number}. {outcome.text}{ended}"


class OutcomeForm(EditForm):
    """One outcome, in the words of the plan."""

    number = forms.IntegerField(
        label="Number in the plan",
        min_value=1,
        max_value=MOST_OUTCOMES,
        error_messages=dict.fromkeys(("min_value", "max_value"), f"Numbers go from 1 to {MOST_OUTCOMES}"),
        widget=forms.NumberInput(attrs={"class": "kw-input-short"}),
    )
    text = text_box("Outcome", 2000, rows=4, help_text="Word for word as in section E.")
    area_of_need = forms.ChoiceField(
        label="Area of need", choices=Student.Need.choices, widget=forms.RadioSelect
    )
    pfa = forms.MultipleChoiceField(
        label="Preparing for adulthood",
        choices=Outcome.Pfa.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What it leads towards, at any age.",
    )
    target_on = forms.DateField(
        label="To be reached by",
        required=False,
        widget=DateBox,
        help_text="For “by the end of Key Stage 3”, the last day of that school year.",
    )
    missing = {
        "number": "Write the number it has in the plan",
        "text": "Write the outcome as the plan words it",
        "area_of_need": "Choose the area of need",
    }
    button = "Save"
    back = ("Back", "back_url")
    shapes = {"area_of_need": "is-rows", "pfa": "is-chips"}

    def __init__(self, *args: Any, outcome: Outcome | None = None, **kwargs: Any) -> None:
        if outcome is not None:
            kwargs["initial"] = {name: getattr(outcome, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if outcome is not None:
            self.edits(outcome)

    def columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.base_fields}


class OutcomeStatusForm(EditForm):
    """Whether an outcome is still worked towards; if not, since when and how that is known."""

    status = forms.ChoiceField(
        label="Where does it stand?", choices=Outcome.Status.choices, widget=forms.RadioSelect
    )
    closed_on = forms.DateField(
        label="Since when",
        required=False,
        widget=DateBox,
        help_text="The day it was found achieved, or agreed that it is no longer sought.",
    )
    closed_note = text_box(
        "How it is known, or why",
        1000,
        required=False,
        help_text="What shows that it was achieved; or why it is no longer sought.",
    )
    missing = {"status": "Choose where it stands"}
    button = "Save"
    back = ("Back", "back_url")
    shapes = {"status": "is-even"}

    def __init__(self, *args: Any, outcome: Outcome, **kwargs: Any) -> None:
        initial = {name: getattr(outcome, name) for name in self.base_fields}
        super().__init__(*args, initial=initial, **kwargs)
        self.edits(outcome)
        self.helper.show_optional = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        status, closed_on = given.get("status"), given.get("closed_on")
        if status in (Outcome.Status.ACHIEVED, Outcome.Status.CEASED):
            if not closed_on and "closed_on" not in self.errors:
                self.add_error("closed_on", "Write the day")
            elif closed_on and closed_on > clock.today():
                self.add_error("closed_on", "Choose a date that is today or earlier")
            if status == Outcome.Status.CEASED and not given.get("closed_note"):
                self.add_error("closed_note", "Say why it is no longer sought")
        return given
